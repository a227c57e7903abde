"""One enrollment of a family, by its reference."""

from datetime import date
from operator import itemgetter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, F
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses.models import Meeting
from courses.standing import standing
from courses.timetable.pauses import closures_during, gaps, pauses
from enrollments.learning.finished_courses import papers_of
from enrollments.letters import outbox
from enrollments.models import Child, Enrollment, Guardianship
from enrollments.money import receipts
from enrollments.places import offers, waiting_list, withdrawal
from enrollments.places.confirmation import joined_late
from enrollments.places.positions import positions
from home.database.compiled import Compiled

FEWEST_SESSIONS = 3  # from fewer past sessions, nobody can tell how often a place becomes free


@login_required
@require_safe
def enrollment(request, reference):
    """Show the confirmation: reference, who has a place, when, where, what to bring, how to pay, and the
    actions for each place.
    """
    at = timezone.now()
    rows = _under(request.user, reference)
    if due := {row.session_id for row in rows if waiting_list.is_due(row.session, at)}:
        waiting_list.settle_due(at, due)
        rows = _under(request.user, reference)
    if not rows:
        raise Http404
    if ended := [row.child_id for row in rows if row.state == Enrollment.State.CANCELLED]:
        outbox.mark_seen(request.user, "session_cancelled", ended, at=at)
    # Ended places are shown only if nothing else is left: a moved child has its new place under the same
    # reference.
    shown = [row for row in rows if row.state in Enrollment.LIVE] or rows
    waiting = [row for row in shown if row.state == Enrollment.State.WAITING]
    queue = positions({row.session_id for row in waiting}) if waiting else {}
    groups: dict[int, dict] = {}
    for row in shown:
        row.place_in_queue = queue.get(row.pk, 0)
        row.may_reconsider = row.may_act and offers.may_be_reconsidered(row, at)
        group = groups.setdefault(
            row.session_id, {"session": row.session, "standing": standing(row.session, at), "rows": []}
        )
        group["rows"].append(row)
    for group in groups.values():
        group["is_finished"] = group["standing"].code == "finished"
        if group["is_finished"]:
            papers_of(group["rows"], at)
    with_a_seat = {row.session_id for row in shown if row.state == Enrollment.State.SEATED}
    meetings = CLASSES(sessions=list(with_a_seat))  # a child that waits is shown no classes
    for group in groups.values():
        group["is_on"] = group["standing"].code not in {"cancelled", "finished"}
        every = [meeting for meeting in meetings if meeting.session_id == group["session"].pk]
        seats = [row for row in group["rows"] if row.state == Enrollment.State.SEATED]
        group["meetings"] = [
            meeting for meeting in every if any(row.had_seat_during(meeting) for row in group["rows"])
        ]
        group["has_seat"] = bool(seats)
        # A line for each price that is not the session's, with what explains it.
        group["prices"] = {
            row.price: joined_late(row, every)
            for row in seats
            if row.may_act and row.price != row.session.price
        }
        held = len(group["meetings"])
        group["classes_left"] = held if seats and held < len(every) else None
    _add_days(list(groups.values()))
    seated = [
        row for row in shown if row.state == Enrollment.State.SEATED and groups[row.session_id]["is_on"]
    ]
    asked: dict[int, list] = {}
    done_at_desk = [row for row in rows if row.may_act and row.was_asked_at_desk]
    for one in withdrawal.desk_requests(done_at_desk) if done_at_desk else ():
        asked.setdefault(one.enrollment_id, []).append(one)
    context = {
        "asked": [(row, one) for row in rows for one in asked.get(row.pk, ())],
        "reference": reference,
        "groups": list(groups.values()),
        "rows": shown,
        "seated": seated,
        "only": next(iter(groups.values())) if len(groups) == 1 else None,
        "asks_collection": _asks_collection(seated),
        "waiting": waiting,
        "offered": [row for row in shown if row.state == Enrollment.State.OFFERED],
        # Money is for guardians with full rights (domain §6), the same figures as on the family page.
        "share": receipts.shares_of([reference], {row.child_id for row in rows if row.may_act})[reference]
        if any(row.may_act for row in shown)
        else None,
    }
    if waiting:
        freed, sessions = waiting_list.freed_before(waiting[0].session, at)
        if freed and sessions >= FEWEST_SESSIONS:
            context |= {"freed": freed, "sessions_before": sessions}
    return render(request, "enrollments/family/confirmation.html", context)


def _add_days(groups: list[dict]) -> None:
    """Add to each group whose classes are listed its `timeline` in order: (day, start, end, lesson's title,
    empty), or (day, None, None, empty, closure's name) for a day without a class.
    """
    listed = [group for group in groups if group["is_on"] and group["has_seat"]]
    held = [[meeting.on for meeting in group["meetings"]] for group in listed]
    closures = closures_during(day for days in held for day in gaps(days))
    for group, days in zip(listed, held, strict=True):
        closed = pauses(days, group["session"].room.venue_id, closures)
        rows = [
            (one.on, one.starts, one.ends, one.lesson.title if one.lesson else "", "")
            for one in group["meetings"]
        ]
        pause = [(day, None, None, "", why.name) for day, why in closed]
        group["timeline"] = tuple(sorted([*rows, *pause], key=itemgetter(0)))


FACTS = ("child", "session__course__band", "session__room__venue")  # what the page shows of each place
PLACES_UNDER = Compiled(
    lambda user, reference: (
        Enrollment.objects.of(user)
        .filter(reference=reference)
        .annotate(
            my_rights=F("child__guardianships__rights"), was_asked_at_desk=Exists(withdrawal.asked_at_desk())
        )
        .select_related(*FACTS)
        .order_by("session_id", "ticket")
    )
)
CLASSES = Compiled(
    lambda sessions: (
        Meeting.objects.filter(session__pk__in=sessions, cancelled_at=None)
        .select_related("lesson")
        .order_by("starts_at")
    )
)


def _under(user, reference: str) -> list[Enrollment]:
    """Return the places under this reference of this guardian's children, each with `may_act` and
    `was_asked_at_desk`.
    """
    rows: list[Any] = PLACES_UNDER(user=user.pk, reference=reference)
    for row in rows:
        row.may_act = row.my_rights == Guardianship.Rights.FULL
    return rows


def _asks_collection(seated) -> list[Child]:
    """Return the children with a place but no pick-up list yet whose guardian may fill it in, the eldest
    first.
    """
    silent = {
        row.child_id: row.child for row in seated if row.may_act and row.child.collection_confirmed_at is None
    }
    return sorted(silent.values(), key=lambda child: (child.birth_date or date.max, child.pk))
