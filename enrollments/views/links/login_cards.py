"""Sign-in cards: the link shows a page, its button signs in."""

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollments.families import login_cards
from enrollments.views.lock_timeouts import patiently

KEPT = 90 * 24 * 3600  # seconds: users without an address have no other way to sign in


@never_cache
@require_http_methods(["GET", "POST"])
@patiently
def login_card(request, token):
    """Sign in with a card, once. The phone stays signed in for ninety days."""
    card, at = login_cards.find(token), timezone.now()
    if card is None:
        raise Http404
    if request.method == "POST" and login_cards.use(card, at=at):
        login(request, card.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        record_authentication(request, card.user, method="card")
        request.session.set_expiry(KEPT)
        return redirect("welcome")
    is_open = login_cards.is_open(card, at)
    if not is_open and request.user == card.user:
        return redirect("welcome")  # the same button again: the same answer
    return render(
        request,
        "enrollments/links/login_card.html",
        {"card": card, "is_open": is_open},
        status=200 if is_open else 410,
    )
