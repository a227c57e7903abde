"""Messages in the office: status, content, and every kind in three languages."""

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from enrollments.families.quoted_numbers import message_number
from enrollments.letters import delivery, samples
from enrollments.models import Letter, ReadRecord
from enrollments.permissions import FRONT_DESK, MANAGER, role_required
from enrollments.privacy import access_log
from enrollments.views.lock_timeouts import patiently
from enrollments.views.paging import page_of
from enrollments.views.redirects import back_to
from home.forms_only import form_of

FIRST = (Letter.State.FAILED, Letter.State.QUEUED)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_letters(request):
    """Show messages by status, newest first; failed ones by default. A number (M-12) leads to its message."""
    sought = request.GET.get("number", "").strip()
    number = message_number(sought)
    if number and Letter.objects.filter(pk=number).exists():
        return redirect("office_letter", letter_id=number)
    state = request.GET.get("state", Letter.State.FAILED)
    if state not in Letter.State.values:
        raise Http404
    rows = Letter.objects.filter(state=state).select_related("recipient")
    counts = dict(Letter.objects.order_by().values_list("state").annotate(Count("pk")))
    tabs = [(value, label, counts.get(value, 0)) for value, label in Letter.State.choices]
    context = {
        "page_obj": page_of(rows, request),
        "tabs": tabs,
        "state": state,
        "query": f"state={state}",
        "sought": sought,
    }
    return render(request, "enrollments/office/letters.html", context)


@role_required(FRONT_DESK, MANAGER)
@require_safe
def office_letter(request, letter_id):
    """Show a message as sent; links that act in the recipient's name are masked. Access is recorded."""
    letter = get_object_or_404(Letter.objects.select_related("recipient", "child"), pk=letter_id)
    if letter.child_id:
        access_log.record_read(
            ReadRecord.What.FILE, children=[letter.child_id], by=request.user, at=timezone.now()
        )
    context = {"letter": letter, "parts": delivery.parts_of(delivery.masked_body(letter))}
    return render(request, "enrollments/office/letter.html", context)


@role_required(FRONT_DESK, MANAGER)
@form_of("office_letter", "letter_id")
@patiently
def office_letter_again(request, letter_id):
    """Retry a failed message with the account's current address."""
    letter = get_object_or_404(Letter, pk=letter_id)
    if delivery.send_again(letter, at=timezone.now()):
        messages.success(request, _("We will try again within a minute."))
    else:
        messages.info(request, _("It has not failed, or it is already being sent."))
    return redirect(back_to(request, reverse("office_letter", args=[letter.pk])))


@role_required(MANAGER)
@require_safe
def office_letter_kinds(request):
    """Show every kind of message with its first lines in three languages."""
    return render(request, "enrollments/office/letter_kinds.html", {"kinds": samples.shown()})


@role_required(MANAGER)
@xframe_options_sameorigin
@require_safe
def office_letter_kind(request, kind, language):
    """Show one kind in one language, as a mail client shows it, with an invented child."""
    found = samples.sample(kind, language)
    if found is None:
        raise Http404
    _text, page = delivery.composed(found)
    response = HttpResponse(page)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response
