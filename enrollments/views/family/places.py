"""Family views of a place: answer an offer, withdraw, undo, move. The consequences are shown first."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courses.standing import standing
from enrollments.models import Child, Enrollment
from enrollments.money import receipts
from enrollments.places import offers, session_merge, waiting_list, withdrawal
from enrollments.places.offer_deadlines import DECLINE_KEPT
from enrollments.views.lock_timeouts import patiently
from enrollments.views.place_pages import FAMILY, leave_page, move_page
from home.forms_only import form_of

State = Enrollment.State


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
    if not offers.may_answer(row, by):
        return _("These children were enrolled together: a guardian of all of them answers.")
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


def offer_context(row: Enrollment, at, reader) -> dict:
    """Return what the page of an offer shows this guardian: their own children only."""
    children = offers.children_shown_to(reader, row)
    return {
        "row": row,
        "session": row.session,
        "children": children,
        "origin": session_merge.origin(row),
        "may_reconsider": offers.may_be_reconsidered(row, at),
        "reconsider_until": row.changed_at + DECLINE_KEPT,
        "due": min(row.price, receipts.account_of(row.reference).due) if row.state == State.SEATED else None,
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
    context = offer_context(row, at, request.user) | {"fault": fault, "is_open": row.state == State.OFFERED}
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
    return leave_page(request, _mine(request, row_id), FAMILY)


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
    return move_page(request, _mine(request, row_id), FAMILY)
