"""Managing a session: places, opening, access; and whether it runs, merges or is cancelled."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from courses.models import Session
from courses.standing import standing
from enrollments.classes import makeups
from enrollments.forms.office.reasons import reason_words
from enrollments.forms.office.running_sessions import (
    AccessForm,
    CancelForm,
    OpeningForm,
    SeatsForm,
    UniteForm,
)
from enrollments.letters import outbox
from enrollments.models import Enrollment, ReadRecord, SessionEvent
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.places import overrides, private_sessions, queue_end, session_merge, withdrawal
from enrollments.privacy import access_log
from enrollments.staff.worklist import Worklist
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import PER_PAGE, page_of
from enrollments.views.redirects import back_to
from home.confirmation import mark_of
from home.language.dates import key_in

OVERRIDE_REFUSALS = {
    overrides.Reason.ORDER: gettext_lazy("Enrollment must open before it closes."),
    overrides.Reason.ENDS_QUEUE: gettext_lazy(
        "This closes enrollment straight away and ends the waiting list. Nothing has been changed yet."
    ),
    overrides.Reason.TOO_FEW: gettext_lazy(
        "At least %(least)s places are needed, as they are taken or reserved."
    ),
    overrides.Reason.OVER: gettext_lazy("This is no longer possible."),
    overrides.Reason.FINISHED: gettext_lazy(
        "The session has ended: its places and enrollment dates can no longer be changed."
    ),
}
ENDS_QUEUE = overrides.Reason.ENDS_QUEUE.value
OF_OPENING = {overrides.Reason.ORDER, overrides.Reason.ENDS_QUEUE}
MERGE_REFUSALS = {
    session_merge.Reason.FULL: gettext_lazy(
        "There are not enough places there: %(needed)s children would come. Add places first."
    ),
    session_merge.Reason.TIME: gettext_lazy(
        "Give families at least half a day, and end before the next class there."
    ),
    session_merge.Reason.OTHER_COURSE: gettext_lazy("This is no longer possible."),
    session_merge.Reason.OVER: gettext_lazy("This is no longer possible."),
}
DATES = ("opens", "closes")  # events that store a time as minutes since 1970


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def session_places(request, session_id):
    """Edit capacity, reserved places, enrollment dates and access; each change applies immediately.

    Past decisions below.
    """
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    act = request.POST.get("act", "seats") if request.method == "POST" else ""
    forms = {
        "seats": SeatsForm(
            request.POST if act == "seats" else None,
            initial={"capacity": session.capacity, "held_back": session.held_back},
        ),
        "opening": OpeningForm(
            request.POST if act == "opening" else None,
            auto_id="opening_%s",
            initial={"opens_at": session.opens_at, "closes_at": session.closes_at},
        ),
        "access": AccessForm(request.POST if act == "access" else None),
    }
    form = forms.get(act)
    agreed = request.POST.get("agreed", "")
    if form is not None and form.is_valid() and _done(act, form, session, request.user, at, agreed):
        messages.success(request, _("Saved. We will email the families concerned."))
        return redirect("office_session_places", session_id=session.pk)
    context = {
        "session": session,
        "standing": standing(session, at),
        "decided": _decided(session),
        "offered": Enrollment.objects.filter(session=session, state=Enrollment.State.OFFERED).count(),
        "code": private_sessions.told(session.access_code),
        "link": _link(session),
        "may_go_on": not session.cancelled_at and session.published_at,
        "ends": [],
        "kept": _kept(session, at),
    }
    if form is not None and form.has_error("closes_at", ENDS_QUEUE):
        context |= {"ends": _asked_about(session, request.user, at), "agreed": queue_end.mark(session)}
    return render(
        request,
        "enrollments/office/session_places.html",
        context | forms,
        status=422 if request.method == "POST" else 200,
    )


def _asked_about(session: Session, by, at: datetime) -> list[Enrollment]:
    """Return whom closing the session would end, in the order of the queue. The access is recorded."""
    rows = list(queue_end.queued_in(session).select_related("child"))
    access_log.record_read(ReadRecord.What.ROSTER, children=[row.child_id for row in rows], by=by, at=at)
    return rows


def _kept(session: Session, at: datetime) -> dict[str, Any] | None:
    """Return how many entries closing has just ended, and until when reopening restores them."""
    rows = list(queue_end.still_kept(session, at).values_list("changed_at", flat=True))
    return {"count": len(rows), "until": rows[0] + queue_end.KEPT_FOR} if rows else None


def _done(act: str, form, session: Session, by, at, agreed: str) -> bool:
    """Return whether the action succeeded; otherwise the form has the error."""
    told = form.cleaned_data
    try:
        if act == "seats":
            overrides.set_seats(
                session, told["capacity"], told["held_back"], reason=told["reason"], by=by, at=at
            )
        elif act == "opening":
            overrides.set_opening(
                session,
                told["opens_at"],
                told["closes_at"],
                reason=told["reason"],
                by=by,
                at=at,
                agreed=agreed,
            )
        elif told["access"] == "private":
            private_sessions.close(session, by=by, at=at)
        else:
            private_sessions.open_to_all(session, by=by, at=at)
    except overrides.Refused as refusal:
        field: str | None = "closes_at" if refusal.code in OF_OPENING else "capacity"
        if refusal.code is overrides.Reason.FINISHED:
            field = None
        words = OVERRIDE_REFUSALS[refusal.code] % {"least": refusal.least}
        form.add_error(field, ValidationError(words, code=refusal.code.value))
        return False
    return True


def _link(session: Session) -> str:
    """Return the link a partner sends to families."""
    return (
        settings.SITE_URL + reverse("session_link", args=[private_sessions.told(session.access_code)])
        if session.access_code
        else ""
    )


def _decided(session: Session) -> list[SessionEvent]:
    decided = list(SessionEvent.objects.filter(session_ref=session.pk).order_by("-pk")[:PER_PAGE])
    for event in decided:
        event.reason_words = reason_words(event.reason)
        if event.what in DATES:
            event.before, event.after = _moment(event.before), _moment(event.after)
    return decided


def _moment(minutes: int | None) -> datetime | None:
    return None if minutes is None else datetime.fromtimestamp(minutes * 60, tz=UTC)


# ---- sessions below their minimum


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def decisions(request):
    """Show sessions below their minimum, the soonest decision first: run, merge or cancel."""
    at = timezone.now()
    few = Session.objects.with_facts().undecided(at)
    if request.method == "POST":
        session = get_object_or_404(few, pk=key_in(request.POST.get("session")))
        cautions = _below_minimum(session)
        if request.POST.get("seen") != mark_of(cautions):
            return _ask_to_confirm(request, session, cautions, at)
        overrides.confirm(session, by=request.user, at=at)
        messages.success(
            request, _("The session will run. Its page now says so, and we will email the families.")
        )
        return redirect(back_to(request, reverse("office_decisions")))
    page = page_of(
        few.prefetch_related("instructors").order_by(F("decision_at").asc(nulls_last=True), "first_at", "pk"),
        request,
    )
    targets = session_merge.targets_of(page.object_list, at)
    work = Worklist(request.user, at)
    due = set(work.decisions.values_list("pk", flat=True))  # the same as Today and the tab count
    for session in page.object_list:
        session.standing = standing(session, at)
        session.is_due = session.pk in due
        session.twins = targets[session.pk]
    ended = (
        Session.objects.with_facts()
        .filter(cancelled_at__isnull=False, over_at__gt=at)
        .order_by("-cancelled_at")[:PER_PAGE]
    )
    context = {
        "page_obj": page,
        "ended": ended,
        "due": len(due),
        "next_decision": work.next_decision,
        "work": work,
    }
    return render(request, "enrollments/office/decisions.html", context)


def _below_minimum(session: Session) -> list[str]:
    """Return the figures a manager reads before confirming a session below its minimum."""
    seated = ngettext(
        "%(count)s child has a place. The minimum is %(minimum)s.",
        "%(count)s children have a place. The minimum is %(minimum)s.",
        session.seats_taken,
    )
    guardians = len(overrides.told_of_confirmation(session))
    told = ngettext(
        "We will email %(count)s guardian that the session will run.",
        "We will email %(count)s guardians that the session will run.",
        guardians,
    )
    return [
        seated % {"count": session.seats_taken, "minimum": session.minimum},
        told % {"count": guardians},
    ]


def _ask_to_confirm(request, session: Session, cautions: list[str], at: datetime):
    """Show the figures and the message; the next press confirms, unless the figures have changed."""
    families = list(overrides.told_of_confirmation(session).values())
    words = {"session": session, "child": None, "is_preview": True}
    context = {
        "session": session, "cautions": cautions, "mark": mark_of(cautions),
        "next": back_to(request, reverse("office_decisions")),
        "letters": outbox.previews("session_confirmed", at=at, children=families[0], **words)
        if families
        else [],
    }  # fmt: skip
    return render(request, "enrollments/office/session_confirm.html", context)


def _finished(request, session: Session):
    messages.error(request, OVERRIDE_REFUSALS[overrides.Reason.FINISHED])
    return redirect("office_session_places", session_id=session.pk)


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def session_cancel(request, session_id):
    """Cancel the session: show whom it concerns and the messages first, then end all places and notify. One
    that has ended stays as it is.
    """
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    form = CancelForm(request.POST or None)
    if withdrawal.is_finished(session, at):
        return _finished(request, session)
    if form.is_valid():
        try:
            withdrawal.cancel_session(session, by=request.user, at=at, reason=form.cleaned_data["reason"])
        except withdrawal.Refused:  # its last class has ended, or has been cancelled, in the meantime
            return _finished(request, session)
        messages.success(request, _("The session has been cancelled. We will email every family."))
        return redirect("office_session_answers", session_id=session.pk)
    rows = list(
        Enrollment.objects.live().filter(session=session).select_related("child").order_by("state", "ticket")
    )
    context = {
        "session": session, "form": form, "rows": rows, "standing": standing(session, at),
        "letters": _letters("session_cancelled", rows, session=session),
        "guests": makeups.guests_of(session, at),
    }  # fmt: skip
    return render(
        request,
        "enrollments/office/session_cancel.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@role_required(MANAGER)
@require_http_methods(["GET", "POST"])
@patiently
def session_unite(request, session_id, into_id):
    """Merge two sessions: show who is asked, who cannot transfer and why, and the messages; then apply."""
    session, at = get_object_or_404(Session.objects.with_facts(), pk=session_id), timezone.now()
    into = next((other for other in session_merge.targets(session, at) if other.pk == into_id), None)
    if session.cancelled_at or session.is_over(at) or into is None:
        raise Http404
    latest = session_merge.latest(into, at)
    form = UniteForm(request.POST or None, initial={"answer_by": session_merge.proposed(into, at)})
    if form.is_valid():
        told = form.cleaned_data
        try:
            session_merge.unite(
                session, into, answer_by=told["answer_by"], reason=told["reason"], by=request.user, at=at
            )
        except session_merge.Refused as refusal:
            field = "answer_by" if refusal.code is session_merge.Reason.TIME else None
            form.add_error(field, MERGE_REFUSALS[refusal.code] % {"needed": refusal.needed})
        else:
            messages.success(
                request, _("Done. A place is reserved for each child, and we will ask every family by email.")
            )
            return redirect("office_session_answers", session_id=session.pk)
    plan = session_merge.plan(session, into, at)
    asked = Enrollment(session=into, offer_until=latest, offer_kind=Enrollment.OfferKind.MERGE)
    context = {
        "session": session,
        "into": into,
        "plan": plan,
        "form": form,
        "latest": latest,
        "missing": max(0, len(plan.asked) - into.free),
        "guests": makeups.guests_of(session, at),
        "letters": _letters("sessions_united", plan.asked, session=into, before=session, enrollment=asked)
        if plan.asked
        else [],
    }
    return render(
        request,
        "enrollments/office/session_unite.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


def _letters(kind: str, rows: list[Enrollment], **words) -> list[tuple[str, str, str, str]]:
    """Return the messages to the first of these families: (language name, its code, subject, text)."""
    if not rows:
        return []
    words = {"enrollment": rows[0], "child": rows[0].child, "is_preview": True} | words
    return outbox.previews(kind, at=timezone.now(), **words)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def session_answers(request, session_id):
    """Show each child's outcome in a cancelled session, those without an answer first, with whom to phone."""
    session, at = (
        get_object_or_404(Session.objects.with_facts().exclude(cancelled_at=None), pk=session_id),
        timezone.now(),
    )
    found = session_merge.answers(session)
    page = page_of(found, request)
    access_log.record_read(
        ReadRecord.What.FILE,
        children=[answer.row.child_id for answer in page.object_list],
        by=request.user,
        at=at,
    )
    context = {"session": session, "page_obj": page, "open_count": sum(answer.is_open for answer in found)}
    return render(request, "enrollments/office/session_answers.html", context)
