"""An offered place, answered from the link in its email."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.places import offer_links, waiting_list
from enrollments.views.family.places import State, answer_form, offer_context
from enrollments.views.lock_timeouts import patiently


@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def offer(request, token):
    """Show the offer behind an email's link; only the button answers. No sign-in needed (trust 13)."""
    found = offer_links.find(token)
    if found is None:
        raise Http404
    (row, reader), at, fault = found, timezone.now(), ""
    waiting_list.settle_due(at, [row.session_id])
    row.refresh_from_db()
    if request.method == "POST":
        fault = answer_form(request, row, reader, at)
        row.refresh_from_db()
    context = offer_context(row, at) | {"fault": fault, "reader": reader}
    is_open = row.state == State.OFFERED and row.of_this_offer
    answered = row.state in {State.SEATED, State.DECLINED}
    status = 409 if fault else 200 if is_open or answered else 410
    return render(request, "enrollments/links/offer.html", context | {"is_open": is_open}, status=status)
