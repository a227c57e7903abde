"""A device on which somebody has signed in before: strangers who try passwords elsewhere do not lock it out.

A signed cookie, set after a full sign-in only, kept 180 days (trust 34). It opens nothing: it only decides
which limit counts the next wrong passwords.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver

SALT = "academy.known_device"
LASTS = timedelta(days=180)


@receiver(user_logged_in, dispatch_uid="a device is known after a full sign-in")
def remember(sender, request, user, **_more):
    """Mark the request: the response will carry the cookie, unless this device is known already."""
    if request is not None and hasattr(request, "COOKIES"):
        request.signs_in = user


class KnownDevice:
    """Middleware that sets the cookie on the response of a sign-in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        user = getattr(request, "signs_in", None)
        if user is not None and device_of(request, user) is None:
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                signing.dumps([user.pk, secrets.token_urlsafe(12)], salt=SALT),
                max_age=int(LASTS.total_seconds()),
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response


def device_of(request, user) -> str | None:
    """Return the number of this device if this user has signed in on it within 180 days; otherwise None."""
    try:
        owner, number = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=LASTS
        )
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(number) if user is not None and owner == user.pk else None


def account_with(address: str):
    """Return the open account of this address, or None."""
    return get_user_model().objects.filter(email__iexact=address, is_active=True).first() if address else None
