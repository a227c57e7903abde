"""Signed links in offer emails: accept or decline without signing in.

Valid for one offer and one recipient, until the offer ends (trust 13). For a day after the answer the link
still shows it; then, like the link of an older offer, it shows nothing about the child.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.contrib.auth import get_user_model
from django.core import signing

from enrollments.models import Enrollment, Guardianship, PlaceEvent
from home.account import User

SALT = "enrollments.offer"
ANSWER_SHOWN = timedelta(days=1)


@dataclass(frozen=True)
class OfferLink:
    """A genuine link: the row, its recipient, and when the offer it carries was made (UTC seconds)."""

    row: Enrollment
    reader: User
    offered: int

    def is_open(self) -> bool:
        """Return whether this offer still waits for an answer."""
        row = self.row
        return (
            row.state == Enrollment.State.OFFERED
            and row.offered_at is not None
            and int(row.offered_at.timestamp()) == self.offered
        )

    def is_answered(self, at: datetime) -> bool:
        """Return whether this offer was the row's last one and was answered within the last day."""
        row = self.row
        if row.state not in {Enrollment.State.SEATED, Enrollment.State.DECLINED}:
            return False
        events = PlaceEvent.objects.filter(enrollment_ref=row.pk)
        offered = Enrollment.State.OFFERED
        made = events.filter(to_state=offered, reason="offered").order_by("pk").last()
        # A call keeps the offer; closing by a slip ended it, and reopening gave it back.
        answers = events.filter(from_state=offered).exclude(to_state=offered).exclude(reason="joining_closed")
        ended = answers.filter(pk__gt=made.pk).order_by("pk").first() if made else None
        return (
            made is not None
            and ended is not None
            and int(made.at.timestamp()) == self.offered
            and at < ended.at + ANSWER_SHOWN
        )


def token_for(row: Enrollment, reader: User) -> str:
    """Return the token of this row's current offer for this recipient."""
    return signing.dumps([row.pk, reader.pk, int(cast(datetime, row.offered_at).timestamp())], salt=SALT)


def find(token: str) -> OfferLink | None:
    """Return what a token leads to, if its recipient is still a guardian of the child; None for anything
    forged or foreign.
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
    return OfferLink(row, reader, offered)
