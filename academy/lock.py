"""A shared computer at the desk: locked in one press or after a quarter of an hour, unlocked by who is signed
in, switched to a colleague.

Locked, nothing that belongs to anybody is shown; the page, and what was typed in other windows, wait for the
same person.
"""

import time
from functools import lru_cache

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from enrollments.permissions import FRONT_DESK, MANAGER, has_role, role_required

EACH = 60  # seconds between two notes that somebody is there
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
    """Whether this login waits for its owner to prove again who is there."""
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
    """Somebody of the office is there; after settings.OFFICE_IDLE_LOCK_SECONDS without a request, the login
    is locked.
    """
    if not has_role(request.user, FRONT_DESK, MANAGER):
        return
    now, seen_at = time.time(), request.session.get("seen_at")
    if seen_at is not None and now - seen_at > settings.OFFICE_IDLE_LOCK_SECONDS:
        lock_now(request)
    elif seen_at is None or now - seen_at > EACH:
        request.session["seen_at"] = now


def may_pass(path: str) -> bool:
    """The addresses that answer while locked: those that unlock, and those that sign out."""
    return path in _open_paths(get_language())


@lru_cache
def _open_paths(_language: str) -> frozenset[str]:
    return frozenset(reverse(name) for name in OPEN)  # in the language of the request


@role_required(FRONT_DESK, MANAGER)
@require_POST
def lock(request):
    """Lock this login and leave the page."""
    lock_now(request)
    return redirect("office_locked")


@role_required(FRONT_DESK, MANAGER)
@require_safe
def locked(request):
    """Who is signed in here, and the two ways on."""
    if "locked_at" not in request.session:
        return redirect("office")
    return render(request, "enrollments/office/locked.html")


@role_required(FRONT_DESK, MANAGER)
@require_POST
def switch(request):
    """A colleague takes over: this login ends, the next one begins."""
    logout(request)
    return redirect(f"{reverse('account_login')}?next={reverse('office')}")
