"""Emails to the owner of an account, each at most once a day: wrong passwords, a sign-in on a new device."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.translation import override

from enrollments.letters import outbox
from home.account import User

DAY = 24 * 3600  # seconds


def write_notice(kind: str, user: User, at: datetime, *, once: str, **words: Any) -> bool:
    """Write `account/email/<kind>_*.txt` to the owner, in their language, if that has an address.

    `once`: what is told at most once a day. Return whether it was written.
    """
    if not user.email or not cache.add(f"notice-{kind}-{user.pk}-{once}", 1, DAY):
        return False
    told = {"site": settings.SITE_URL, "language": user.language, "at": at} | words
    with override(user.language):
        told |= {name: value() for name, value in words.items() if callable(value)}
        subject, body = (
            render_to_string(f"account/email/{kind}_{part}.txt", told).strip()
            for part in ("subject", "message")
        )
    outbox.write_account(
        address=user.email, user=user, subject=subject, body=body + "\n", language=user.language, at=at
    )
    return True
