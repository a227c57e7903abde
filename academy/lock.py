"""Screen lock for shared front-desk computers: lock manually or after 15 idle minutes, unlock by
reauthenticating, or switch user.

While locked, no personal data is shown. The page, and form data in other windows, wait for the same user.
"""

import time
from functools import lru_cache

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required
from home.forms_only import form_of

EACH = 60  # seconds between two records of activity
OPEN = (
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "account_logout",
    "office_locked",
    "office_switch",
)


def lock_now(request) -> None:
    request.session["locked_at"] = time.time()


def is_locked(request) -> bool:
    """Return whether this session is locked until its user reauthenticates."""
    locked_at = request.session.get("locked_at")
    if locked_at is None:
        return False
    records = get_authentication_records(request, request.user)
    if any(record.get("reauthenticated") and record["at"] > locked_at for record in records):
        del request.session["locked_at"]
        request.session["seen_at"] = time.time()
        return False
    return True


def note_presence(request) -> None:
    """Record activity of an office user.

    After settings.OFFICE_IDLE_LOCK_SECONDS without a request, the session is locked.
    """
    if not has_role(request.user, FRONT_DESK, MANAGER):
        return
    now, seen_at = time.time(), request.session.get("seen_at")
    if seen_at is not None and now - seen_at > settings.OFFICE_IDLE_LOCK_SECONDS:
        lock_now(request)
    elif seen_at is None or now - seen_at > EACH:
        request.session["seen_at"] = now


def may_pass(path: str) -> bool:
    """Return whether this URL answers while locked: those that unlock or sign out."""
    return path in _open_paths(get_language())


@lru_cache
def _open_paths(_language: str) -> frozenset[str]:
    return frozenset(reverse(name) for name in OPEN)  # in the request's language


@role_required(FRONT_DESK, MANAGER)
@form_of("office")
def lock(request):
    """Lock this session and leave the page."""
    lock_now(request)
    return redirect("office_locked")


@role_required(FRONT_DESK, MANAGER)
@require_safe
def locked(request):
    """Show who is signed in here, with the options to unlock or switch user."""
    if "locked_at" not in request.session:
        return redirect("office")
    return render(request, "enrollments/office/locked.html")


@role_required(FRONT_DESK, MANAGER)
@form_of("office")
def switch(request):
    """Sign out this user so that a colleague can sign in."""
    logout(request)
    return redirect(f"{reverse('account_login')}?next={reverse('office')}")
