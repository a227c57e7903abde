"""Family views of a place: answer an offer, withdraw, undo, move. The consequences are shown first."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.models import Session
from courses.standing import standing
from enrollments.models import Child, Enrollment
from enrollments.money import receipts, refund_policy
from enrollments.places import offers, private_sessions, session_merge, waiting_list, withdrawal
from enrollments.places.eligibility import know, obstacles
from enrollments.views.lock_timeouts import patiently
from home.forms_only import form_of

State = Enrollment.State


MOST_MOVES = 20


def _mine(request, row_id: int) -> Enrollment:
    """Return an enrollment of a child this user has full rights for."""
    rows = Enrollment.objects.filter(child__in=Child.objects.in_care_of(request.user))
    return get_object_or_404(
        rows.select_related(
            "child", "session__course__track", "session__course__band", "session__room__venue"
        ),
        pk=row_id,
    )


def answer_form(request, row: Enrollment, by, at) -> str:
    """Apply the pressed button; return "" if done, else why not: over, or the obstacles."""
    try:
        if request.POST.get("answer") == "yes":
            offers.accept(row, by=by, at=at)
        elif request.POST.get("answer") == "no":
            offers.decline(row, by=by, at=at)
        elif request.POST.get("answer") == "again":
            offers.reconsider(row, by=by, at=at)
        else:
            return _("Please answer yes or no.")
    except offers.Refused as refusal:
        if refusal.obstacles:
            return " ".join(found.words for found in refusal.obstacles)
        if refusal.code is offers.Reason.NOT_DECLINED:
            return _("It is too late to take this answer back. You can join the waiting list again.")
        return _("This offer has ended. The place went to the next child on the waiting list.")
    return ""


def offer_context(row: Enrollment, at) -> dict:
    children = [one.child for one in waiting_list.entry_of(row)] or [row.child]
    return {
        "row": row,
        "session": row.session,
        "children": children,
        "origin": session_merge.origin(row),
        "may_reconsider": offers.may_be_reconsidered(row, at),
        "due": receipts.account_of(row.reference).due if row.state == State.SEATED else None,
        "standing": standing(row.session, at),
        "gives_up": offers.overlapping_hopes([child.pk for child in children], row.session_id, at)
        if row.state == State.OFFERED
        else [],
    }


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def answer_offer(request, row_id):
    """Do the same for a signed-in user."""
    row, at, fault = _mine(request, row_id), timezone.now(), ""
    waiting_list.settle_due(at, [row.session_id])
    row.refresh_from_db()
    if request.method == "POST":
        fault = answer_form(request, row, request.user, at)
        if not fault:
            row.refresh_from_db()
            messages.success(request, _("Thank you. We have saved your answer."))
            return redirect("enrollment", reference=row.reference)
    elif row.state == State.OFFERED:
        offers.mark_opened(row, at)
    context = offer_context(row, at) | {"fault": fault, "is_open": row.state == State.OFFERED}
    return render(
        request,
        "enrollments/links/offer.html",
        context,
        status=409 if fault else 200 if row.state == State.OFFERED else 410,
    )


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def leave_place(request, row_id):
    """Show the refund and the consequences, then withdraw; another guardian's enrollment can be restored for
    a day.
    """
    row, at, fault = _mine(request, row_id), timezone.now(), False
    refund = refund_policy.band_at(row.session, row.price, at)
    if request.method == "POST" and row.state == State.SEATED and _is_less(refund.amount, request.POST):
        messages.error(request, _("The refund has changed while the page was open. Please read it again."))
        return redirect("place_leave", row_id=row.pk)
    if request.method == "POST":
        try:
            row = withdrawal.withdraw(row, by=request.user, at=at)
        except withdrawal.Refused:
            fault = True
        else:
            if row.leaves_at:
                messages.info(
                    request, _("Saved. We will hold the place for a day and tell the other guardians.")
                )
            else:
                messages.success(request, _("Done. The place has been given up."))
            return redirect("family")
    context = {
        "row": row,
        "session": row.session,
        "is_live": row.state in Enrollment.LIVE,
        "is_seated": row.state == State.SEATED,
        "bands": refund_policy.bands(row.session, row.price),
        "now": refund,
        "has_paid": receipts.account_of(row.reference).paid > 0,
        "someone_waits": row.session.waiting_count > 0,
        "kept_until": withdrawal.may_be_taken_back_until(row, request.user, at),
        "others": [one for one in waiting_list.entry_of(row) if one.pk != row.pk],
    }
    return render(request, "enrollments/family/leave_place.html", context, status=409 if fault else 200)


def _is_less(amount, posted) -> bool:
    """Return whether the refund is now less than the page said it was (`refund`, MAD)."""
    try:
        return amount < Decimal(posted.get("refund", ""))
    except InvalidOperation:
        return False


@login_required
@form_of("family")
@patiently
def take_back(request, row_id):
    """Undo the withdrawal while the place is held."""
    row = _mine(request, row_id)
    try:
        withdrawal.take_back(row, by=request.user, at=timezone.now())
    except withdrawal.Refused:
        messages.error(request, _("Too late: the place has been given up. You can enroll again if you wish."))
        return redirect("enroll", session_id=row.session_id)
    messages.success(request, _("%(child)s keeps the place.") % {"child": row.child.first_name})
    return redirect("enrollment", reference=row.reference)


@login_required
@require_http_methods(["GET", "POST"])
@patiently
def move_place(request, row_id):
    """Show other sessions of the course with a place for this child; one press moves, or nothing changes."""
    row, at, fault = _mine(request, row_id), timezone.now(), ""
    fitting = _sessions_to_move_to(row, request.user, at)
    if request.method == "POST":
        to = next((session for session in fitting if str(session.pk) == request.POST.get("session")), None)
        try:
            if to is None:
                raise withdrawal.Refused(withdrawal.Reason.FULL)
            new = withdrawal.move(row, to, by=request.user, at=at)
        except withdrawal.Refused as refusal:
            fault = " ".join(found.words for found in refusal.obstacles) or _(
                "That place is no longer available. Nothing has changed here."
            )
            row.refresh_from_db()
            fitting = _sessions_to_move_to(row, request.user, at)
        else:
            messages.success(
                request, _("%(child)s is now in the other session.") % {"child": row.child.first_name}
            )
            return redirect("enrollment", reference=new.reference)
    context = {
        "row": row,
        "session": row.session,
        "fitting": fitting,
        "fault": fault,
        "is_seated": row.state == State.SEATED,
    }
    return render(request, "enrollments/family/move_place.html", context, status=409 if fault else 200)


def _sessions_to_move_to(row: Enrollment, user, at) -> list[Session]:
    """Return sessions of the same course with a seat nobody waits for and no obstacles for this child."""
    if row.state != State.SEATED:
        return []
    today = timezone.localdate(at)
    rows = (
        private_sessions.visible_to(user)
        .current(today)
        .filter(course=row.session.course_id, cancelled_at=None, waiting_count=0)
    )
    sessions = [
        session
        for session in rows.exclude(pk=row.session_id)
        .exclude(first_on=None)
        .with_facts()
        .order_by("first_on")[:MOST_MOVES]
        if session.free
    ]
    known = know([row.child], sessions, at)
    known.leave_out(row)
    found = [
        session for session in sessions if not obstacles(child=row.child, session=session, at=at, known=known)
    ]
    for session in found:
        session.standing = standing(session, at)
        session.new_price = withdrawal.price_after_move(row, session, at)
        session.difference = session.new_price - row.price
    return found
