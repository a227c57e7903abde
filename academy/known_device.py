"""A device on which somebody has signed in before: strangers who try passwords elsewhere do not lock it out.

A signed cookie, set after a full sign-in only, kept 180 days (trust 34). It opens nothing: it decides which
limit counts the next wrong passwords, and whether the owner gets an email about a sign-in on a new device.
It holds the last accounts that signed in here: a family or a front desk shares one device.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.utils import timezone

from academy.notices import write_notice
from enrollments.families import account_events
from home.language.devices import device_words

SALT = "academy.known_device"
LASTS = timedelta(days=180)
MOST = 5  # accounts of one device


@receiver(user_logged_in, dispatch_uid="a device is known after a full sign-in")
def remember(sender, request, user, **_more):
    """Mark the request: the response will carry the cookie, unless this device is known already.

    Called before Django writes the time of the sign-in (the order of INSTALLED_APPS): `last_login` is the one
    before, or None for the very first.
    """
    if request is not None and hasattr(request, "COOKIES"):
        request.signs_in, request.signed_in_before = user, user.last_login is not None


class KnownDevice:
    """Middleware that sets the cookie on the response of a sign-in, and writes to the owner if it is new."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        user = getattr(request, "signs_in", None)
        if user is not None and device_of(request, user) is None:
            here = [[user.pk, secrets.token_urlsafe(12)], *_accounts_of(request)][:MOST]
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                signing.dumps(here, salt=SALT),
                max_age=int(LASTS.total_seconds()),
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
            if request.signed_in_before:
                tell_of_device(request, user, timezone.now())
        return response


def tell_of_device(request, user, at) -> None:
    """Write to the owner that somebody signed in on a device the account had not used; once a day and device.

    A device that keeps no cookies is told by its browser and network address.
    """
    agent = request.META.get("HTTP_USER_AGENT", "")
    mark = hashlib.sha256(f"{agent}|{request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()[:16]
    if write_notice("new_login", user, at, once=mark, device=lambda: device_words(agent)):
        account_events.note("new_device", user=user, at=at)


def device_of(request, user) -> str | None:
    """Return the number of this device if this user has signed in on it within 180 days; otherwise None."""
    found = dict(_accounts_of(request))
    return found.get(user.pk) if user is not None else None


def _accounts_of(request) -> list[list]:
    """Return the accounts of this device and their numbers, the latest first: [[account, number], …]."""
    try:
        read = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=LASTS)
        pairs = read if isinstance(read[0], list) else [read]  # one account, before there were several
        return [[int(owner), str(number)] for owner, number in pairs]
    except (signing.BadSignature, ValueError, TypeError, IndexError):
        return []


def account_with(address: str):
    """Return the open account of this address, or None."""
    return get_user_model().objects.filter(email__iexact=address, is_active=True).first() if address else None
