"""Enrolling: one card for each child, with the reason why not; a declared level."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from courses.models import Session
from courses.standing import Standing, standing
from courses.timetable.joining_price import JoiningPrice, joining_price
from enrollments.classes import progress
from enrollments.forms.family.enroll import EnrollForm
from enrollments.models import Child, Enrollment, Guardianship
from enrollments.money import refund_policy
from enrollments.places import admission, private_sessions, waiting_list
from enrollments.places.eligibility import know, obstacles
from enrollments.places.suggestions import next_that_fits
from enrollments.views.family.dashboard import SESSION_SHOWN, TIES
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of


def _cards(user, session, at):
    """Return for every child of this user: child, rights, obstacles, and the next suitable session if
    refused.
    """
    ties = TIES(user=user.pk)
    children = [tie.child for tie in ties]
    known = know(children, [session], at, user)
    cards = []
    for tie in ties:
        found = obstacles(child=tie.child, session=session, at=at, known=known)
        age = (
            tie.child.age_on(session.first_on)
            if session.first_on
            else tie.child.age_on(timezone.localdate(at))
        )
        cards.append(
            {
                "child": tie.child,
                "may_act": tie.rights == Guardianship.Rights.FULL,
                "obstacles": found,
                "elsewhere": _elsewhere(known.live.get(tie.child.pk, ()), session, at),
                "age": age,
            }
        )
    refused = [card for card in cards if card["obstacles"] and card["obstacles"][0].code != "already_in"]
    if refused:
        others = list(
            private_sessions.visible_to(user)
            .filter(
                _near_their_age([card["child"] for card in refused], timezone.localdate(at)),
                cancelled_at=None,
            )
            .current(timezone.localdate(at))
            .with_facts()
            .exclude(first_on=None)
        )
        wide = know([card["child"] for card in refused], [session, *others], at)
        for card in refused:
            card["next"] = next_that_fits(card["child"], session, at, others, wide)
            card["next_has_begun"] = bool(card["next"]) and card["next"].first_at <= at
    return cards


def _near_their_age(children, today):
    """Return the age bands one of these children is in now, or will be within two years."""
    near = Q()
    for age in {child.age_on(today) for child in children}:
        near |= Q(course__band__min_age__lte=age + 2, course__band__max_age__gte=age)
    return near


def session_shown(session_id: int, at, *, settle: bool = True) -> Session:
    """Return a published session after processing what is due."""
    session = SESSION_SHOWN.one(key=session_id)
    if session is None:
        raise Http404
    if settle and waiting_list.is_due(session, at):
        waiting_list.settle_due(at, [session.pk])
        session.refresh_from_db(fields=["seats_taken", "waiting_count", "due_at"])
    return session


def _elsewhere(rows, session, at) -> list[Session]:
    """Return the other sessions of this course, not over, in which the child has a place or an offer."""
    return [
        row.session
        for row in rows
        if row.session.course_id == session.course_id
        and row.session_id != session.pk
        and row.state in Enrollment.HOLDING
        and (row.session.over_at is None or row.session.over_at > at)
    ]


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def enroll(request, session_id):
    """Show the obstacles for every child, then enroll all ticked children, or none with the reasons."""
    at, is_sent = timezone.now(), request.method == "POST"
    sent = request.POST if is_sent else request.GET
    session = session_shown(
        session_id, at, settle=not is_sent
    )  # the function processes what is due under its lock
    if not private_sessions.may_see(request.user, session):
        return redirect("session_code")
    form = EnrollForm(request.POST or None)
    status, asks_together = 200, "together" in request.POST
    if is_sent:
        status = 422
        if form.is_valid():
            chosen = form.cleaned_data["children"]
            never_all = len(chosen) > session.capacity
            try:
                if never_all and form.all_or_none:
                    raise admission.SeatsForSome(session.free)
                places = admission.enroll_together(
                    children=chosen,
                    session=session,
                    by=request.user,
                    at=at,
                    facts=session,
                    in_care_of=request.user,
                    all_or_none=form.all_or_none,
                )
            except admission.SeatsForSome as refusal:
                asks_together = True
                form.add_error("together", _too_few(refusal.free, len(chosen)))
                if never_all:  # there is no place for each, even when the room is empty
                    form.fields["together"].choices = form.fields["together"].choices[:1]
            except admission.NotInCare:
                form.refuse_strangers()
            except admission.NotAdmissible as refusal:
                there = _already_there(chosen, session)
                if there:  # the same form again (double click, back button): the same answer
                    return redirect("enrollment", reference=there)
                for found in refusal.refused.values():
                    form.add_error(None, found[0].words)
            else:
                return redirect("enrollment", reference=places[0].reference)
        session = session_shown(session_id, at)
    cards = _cards(request.user, session, at)
    if not cards:
        here = reverse("enroll", args=[session.pk])
        return redirect(f"{reverse('child_add')}?next={here}")
    welcome = [card for card in cards if not card["obstacles"] and card["may_act"]]
    now = standing(session, at)
    chosen = set(sent.getlist("children")) or _only(welcome, is_sent)
    for card in cards:
        card["is_ticked"] = str(card["child"].pk) in chosen
    context = {
        "session": session,
        "standing": now,
        "cards": cards,
        "form": form,
        "welcome": welcome,
        "chosen": chosen,
        "asks_together": asks_together,
        "terms": _end_of_form(session, now, len(welcome), at),
    }
    return render(request, "enrollments/family/enroll.html", context, status=status)


class EndOfForm(NamedTuple):
    """What the end of the form shows; equal for all families it looks the same for."""

    waits: bool
    waiting: int  # children on the list, if this one would join it
    free: int | None  # places, if there are fewer than children who may join
    is_one: bool
    joining: JoiningPrice
    bands: tuple[refund_policy.Band, ...]


def _end_of_form(session: Session, now: Standing, children: int, at: datetime) -> EndOfForm:
    waits, joining = now.action == "wait", joining_price(session, at)
    return EndOfForm(
        waits=waits,
        waiting=session.waiting_count if waits else 0,
        free=session.free if now.action == "enroll" and children > session.free else None,
        is_one=children == 1,
        joining=joining,
        bands=refund_policy.bands_ahead(session, joining.total, at),
    )


def _only(welcome, is_sent: bool) -> set[str]:
    """Return the one child that can join; with several, or once the form is sent, the guardian ticks."""
    return {str(welcome[0]["child"].pk)} if len(welcome) == 1 and not is_sent else set()


def _too_few(free: int, children: int) -> str:
    if not free:
        return _("No place is free for now. Choose how your children join the waiting list.")
    words = ngettext(
        "Only %(count)s place is free for %(children)s children. Choose what we should do.",
        "Only %(count)s places are free for %(children)s children. Choose what we should do.",
        free,
    )
    return words % {"count": free, "children": children}


def _already_there(chosen, session) -> str:
    """Return the reference under which all these children are already in the session; empty if one is not."""
    rows = list(Enrollment.objects.live().filter(child__in=chosen, session=session))
    return rows[0].reference if rows and len(rows) == len(chosen) else ""


@login_required
@form_of("enroll", "session_id")
@patiently
def declare(request, session_id, child_id):
    """Record a guardian's declaration of the required level; the team confirms it. The children ticked on the
    page stay ticked.
    """
    session = get_object_or_404(private_sessions.visible_to(request.user), pk=session_id)
    child = get_object_or_404(Child.objects.in_care_of(request.user), pk=child_id)
    at = timezone.now()
    doors = {obstacle.door for obstacle in obstacles(child=child, session=session, at=at)}
    if "declare" in doors:
        progress.declare_equivalent(child=child, course=session.course, by=request.user, at=at)
        messages.success(
            request,
            _("We have saved this. The team will check %(child)s's level.") % {"child": child.first_name},
        )
    keys = [key for key in request.POST.getlist("children") if key.isdecimal()][:50]
    ticked = urlencode([("children", key) for key in keys])
    return redirect(reverse("enroll", args=[session.pk]) + (f"?{ticked}" if ticked else ""))
