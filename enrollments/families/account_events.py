"""What happened around an account, as bare ids. Sole writer of AccountEvent; append-only."""

from datetime import datetime

from enrollments.models import AccountEvent, Child
from home.account import User


def note(
    what: str, *, at: datetime, user: User | None = None, child: Child | None = None, by: User | None = None
) -> AccountEvent:
    """Note an event (AccountEvent.What): whose account or child, and who was signed in."""
    return AccountEvent.objects.create(
        what=AccountEvent.What(what),
        user_ref=user.pk if user else None,
        child_ref=child.pk if child else None,
        by_ref=by.pk if by else None,
        at=at,
    )
