"""An offered place, answered from the link in its email."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.models import Enrollment
from enrollments.places import offer_links, waiting_list
from enrollments.views.family.places import answer_form, offer_context
from enrollments.views.lock_timeouts import patiently

State = Enrollment.State


@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def offer(request, token):
    """Show the offer behind an email's link; only the button answers. No sign-in needed (trust 13)."""
    link = offer_links.find(token)
    if link is None:
        raise Http404
    row, at, fault = link.row, timezone.now(), ""
    waiting_list.settle_due(at, [row.session_id])
    row.refresh_from_db()
    is_answer = link.is_open() or (
        request.POST.get("answer") == "again" and link.is_answered(at) and row.state == State.DECLINED
    )
    if request.method == "POST" and is_answer:
        fault = answer_form(request, row, link.reader, at)
        row.refresh_from_db()
    is_open = link.is_open()
    is_back = is_answer and not fault and request.POST.get("answer") == "again"
    if not (is_open or fault or is_back or link.is_answered(at)):
        return render(request, "enrollments/links/offer_ended.html", status=410)
    context = offer_context(row, at, link.reader) | {
        "fault": fault,
        "reader": link.reader,
        "is_open": is_open,
        "is_back": is_back,
    }
    return render(request, "enrollments/links/offer.html", context, status=409 if fault else 200)
