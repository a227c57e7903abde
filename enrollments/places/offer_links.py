"""Signed links in offer emails: accept or decline without signing in.

Valid for one offer and one recipient, until the offer ends (trust 13).
"""

from datetime import datetime
from typing import cast

from django.contrib.auth import get_user_model
from django.core import signing

from enrollments.models import Enrollment, Guardianship
from home.account import User

SALT = "enrollments.offer"


def token_for(row: Enrollment, reader: User) -> str:
    """Return the token of this row's current offer for this recipient."""
    return signing.dumps([row.pk, reader.pk, int(cast(datetime, row.offered_at).timestamp())], salt=SALT)


def find(token: str) -> tuple[Enrollment, User] | None:
    """Return the row and the recipient of a token, if still a guardian of the child; None for anything forged
    or foreign.

    Whether the offer is still open is the row's `is_current`.
    """
    try:
        row_id, reader_id, offered = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    row = (
        Enrollment.objects.select_related("child", "session__course__track", "session__room__venue")
        .filter(pk=row_id)
        .first()
    )
    reader = get_user_model().objects.filter(pk=reader_id, is_active=True).first()
    if (
        row is None
        or reader is None
        or not Guardianship.objects.full().filter(child=row.child_id, guardian=reader).exists()
    ):
        return None
    is_this_one = row.offered_at is not None and int(row.offered_at.timestamp()) == offered
    row.of_this_offer = is_this_one  # type: ignore[attr-defined]  # for the page
    return row, reader
