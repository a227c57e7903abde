"""The link of an offer's letter: yes or no without a login.

Signed, for one offer and one reader; it ends with the offer (trust 13).
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.core import signing

from enrollments.models import Enrollment, Guardianship

SALT = "enrollments.offer"


def token_for(row: Enrollment, reader: User) -> str:
    """The token of the offer this row carries now, for this reader."""
    return signing.dumps([row.pk, reader.pk, int(row.offered_at.timestamp())], salt=SALT)


def find(token: str) -> tuple[Enrollment, User] | None:
    """The row and the reader behind a token, while the reader answers for the child; None for anything forged
    or foreign.

    Whether the offer still holds is told by the row: `is_current`.
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
    row.of_this_offer = row.offered_at is not None and int(row.offered_at.timestamp()) == offered
    return row, reader
