"""Publish sessions, and copy a term's timetable. The current time is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Closure, Session, Term
from courses.models.timetable import instant
from courses.timetable import scheduling, teaching
from courses.timetable.cautions import cautions
from courses.timetable.scheduling import Plan, Slot, clash_words, weekly
from courses.timetable.teaching import Assignment
from home.account import User
from home.language.dates import day_words, hours_words


@transaction.atomic
def publish(sessions: Iterable[Session], *, at: datetime, opens_at: datetime | None = None) -> list[Session]:
    """Publish these drafts from now on; with `opens_at`, enrollment opens only then.

    Returns those that changed; published ones stay unchanged. Raises Refused, writing nothing, if one is
    cancelled or would open after it closes.
    """
    changed = []
    for session in (
        Session.objects.with_facts()
        .select_for_update(of=("self",))
        .filter(pk__in=_keys(sessions))
        .order_by("pk")
    ):
        if session.published_at:
            continue
        if session.cancelled_at:
            raise scheduling.Refused(
                scheduling.Reason.CANCELLED,
                _("%(session)s has been cancelled, so we did not publish it.") % {"session": session},
            )
        if opens_at and session.joinable_until and opens_at >= session.joinable_until:
            raise scheduling.Refused(
                scheduling.Reason.TOO_LATE,
                _("%(session)s would open after the last moment to join.") % {"session": session},
            )
        session.published_at = at
        session.opens_at = opens_at or session.opens_at
        session.save(update_fields=["published_at", "opens_at"])
        changed.append(session)
    return changed


@transaction.atomic
def unpublish(session: Session) -> Session:
    """Make a published session a draft again.

    Raises scheduling.Refused when a child holds a place or waits in it.
    """
    session = Session.objects.select_for_update(of=("self",)).with_facts().get(pk=session.pk)
    there = session.seats_taken + session.waiting_count
    if there:
        words = ngettext(
            "%(count)s child is enrolled or on the waiting list, so the session stays published.",
            "%(count)s children are enrolled or on the waiting list, so the session stays published.",
            there,
        )
        raise scheduling.Refused(scheduling.Reason.ENROLLED, words % {"count": there})
    session.published_at = None
    session.save(update_fields=["published_at"])
    return session


@dataclass
class Proposal:
    """A session of one term as it would be in another.

    problem  a sentence: why it cannot be created; empty if it can
    cautions warnings
    made     the existing session, if it was copied before
    people   who would teach it
    asked    warnings about them, to be confirmed
    left_out who is not copied, and why
    """

    source: Session
    first_on: date | None = None
    plan: Plan | None = None
    problem: str = ""
    cautions: list[str] = field(default_factory=list)
    made: Session | None = None
    people: list[User] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def can_be_made(self) -> bool:
        return not self.problem and self.made is None

    @property
    def last_on(self) -> date | None:
        return self.plan.slots[-1].on if self.plan else None


def first_day_in(target: Term, source: Session, closures: list[Closure]) -> date:
    """Return the session's first day in the target term: its weekday, after as many open weeks as in its own
    term.
    """
    first_on = cast(date, source.first_on)
    venue, weekday = source.room.venue_id, first_on.weekday()
    began = source.term.starts_on
    weeks_in = 0
    day = began + timedelta(days=(weekday - began.weekday()) % 7)
    while day < first_on:
        weeks_in += not any(closure.covers(day, venue) for closure in closures)
        day += timedelta(days=7)
    days, _skipped = weekly(target.starts_on, weeks_in + 1, closures, venue, weekday)
    return days[-1] if days else target.starts_on


def propose_term(source: Term, target: Term, *, today: date | None = None) -> list[Proposal]:
    """Return every session of the source term, except cancelled ones, as it would be in the target.

    Writes nothing.
    """
    closures = list(Closure.objects.all())
    there = {_place(session): session for session in Session.objects.filter(term=target, cancelled_at=None)}
    sessions = (
        Session.objects.with_facts()
        .filter(term=source, cancelled_at=None)
        .prefetch_related("instructors")
        .order_by("weekday", "starts", "room", "pk")
    )
    proposals: list[Proposal] = []
    promised: list[tuple[Session, Slot]] = []
    for session in sessions:
        proposal = Proposal(session)
        proposals.append(proposal)
        if session.first_on is None or session.starts is None or session.ends is None:
            proposal.problem = _("It has no dates to copy.")
            continue
        proposal.first_on = first_day_in(target, session, closures)
        draft = copied(session, target)
        proposal.made = there.get((session.course_id, session.room_id, proposal.first_on, session.starts))
        try:
            proposal.plan = scheduling.plan(
                draft,
                first_on=proposal.first_on,
                starts=session.starts,
                ends=session.ends,
                count=_count(session),
            )
        except scheduling.Refused as refusal:
            proposal.problem = str(refusal)
            continue
        if proposal.made:
            continue
        among = [
            slot
            for slot in proposal.plan.slots
            if any(_overlap(session, slot, other, taken) for other, taken in promised)
        ]
        if proposal.plan.clashes:
            proposal.problem = clash_words(proposal.plan.clashes)
        elif among:
            when = {"day": day_words(among[0].on), "hours": hours_words(among[0].starts, among[0].ends)}
            proposal.problem = _("Another session in this list uses the room on %(day)s, %(hours)s.") % when
        else:
            promised += [(session, slot) for slot in proposal.plan.slots]
        proposal.cautions = cautions(draft, proposal.plan.slots, today=today)
    _choose_instructors(
        [proposal for proposal in proposals if proposal.can_be_made], at=instant(target.starts_on, time.min)
    )
    return proposals


def _choose_instructors(proposals: list[Proposal], *, at: datetime) -> None:
    """Copy the instructors who are instructors still and can be there; say who is left out, and why."""
    here, asked = set(teaching.instructors()), {}
    for proposal in proposals:
        for person in proposal.source.instructors.all():
            if person in here:
                proposal.people.append(person)
            else:
                proposal.left_out.append(
                    _("%(name)s is no longer an instructor, and is not copied.")
                    % {"name": person.get_full_name()}
                )
        slots = cast(Plan, proposal.plan).slots
        asked[proposal.source.pk] = [
            Assignment(meeting, proposal.people, proposal.source.course.code)
            for meeting in teaching.classes_at(proposal.source.room, slots)
        ]
    found = teaching.clashes_of((one for some in asked.values() for one in some), at=at)
    for proposal in proposals:
        verdict = teaching.verdict_on(asked[proposal.source.pk], found)
        proposal.asked = verdict.cautions
        for person in [person for person in proposal.people if person.pk in verdict.cannot]:
            proposal.people.remove(person)
            proposal.left_out.append(
                _("%(name)s cannot be there, and is not copied.") % {"name": person.get_full_name()}
            )
        proposal.left_out += verdict.errors
        if not proposal.people:
            proposal.left_out.append(_("Nobody would teach this session yet."))


@transaction.atomic
def copy_term(source: Term, target: Term, *, chosen: Iterable[int], at: datetime) -> list[Session]:
    """Create the chosen sessions in the target term as scheduled drafts, all or none.

    Idempotent: existing ones are not created again. Raises Refused, writing nothing, if one cannot be
    created.
    """
    if source.pk == target.pk:
        raise scheduling.Refused(scheduling.Reason.SAME_TERM, _("You cannot copy a term onto itself."))
    Term.objects.select_for_update().get(pk=target.pk)
    chosen, made = set(chosen), []
    for proposal in propose_term(source, target):
        if proposal.source.pk not in chosen or proposal.made:
            continue
        if proposal.problem:
            raise scheduling.Refused(scheduling.Reason.NOT_COPIED, f"{proposal.source}: {proposal.problem}")
        session, before = copied(proposal.source, target), proposal.source
        first_on, starts, ends = (
            cast(date, proposal.first_on),
            cast(time, before.starts),
            cast(time, before.ends),
        )  # without a problem
        if before.decision_at and before.first_at:
            days = cast(date, before.first_on) - localtime(before.decision_at).date()
            session.decision_at = instant(first_on - days, localtime(before.decision_at).time())
        session.save()
        session.instructors.set(proposal.people)
        scheduling.lay_out(session, first_on=first_on, starts=starts, ends=ends, count=_count(before), at=at)
        made.append(session)
    return made


def copied(source: Session, target: Term) -> Session:
    """Return a draft with this session's data, without dates, places or people."""
    return Session(
        course=source.course,
        term=target,
        room=source.room,
        language=source.language,
        price=source.price,
        capacity=source.capacity,
        minimum=source.minimum,
        beginners_welcome=source.beginners_welcome,
    )


def _keys(sessions: Iterable[Session]) -> list[int]:
    return [session.pk for session in sessions]


def _place(session: Session) -> tuple[Any, ...]:
    """Return what identifies a session within a term: course, room, first day, time."""
    return session.course_id, session.room_id, session.first_on, session.starts


def _count(session: Session) -> int:
    """Return how many classes were scheduled, cancelled ones included."""
    laid_out: int = session.meetings.count()
    return laid_out or session.course.meetings_count


def _overlap(one: Session, slot: Slot, other: Session, taken: Slot) -> bool:
    return (
        one.room_id == other.room_id
        and slot.on == taken.on
        and slot.starts < taken.ends
        and taken.starts < slot.ends
    )
