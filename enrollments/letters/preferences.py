"""Email preferences: which optional emails a person asked for, and the signed link that ends them. Sole
writer of LetterWish, except the day an email was last sent (enrollments.classes.digests).
"""

from django.contrib.auth import get_user_model
from django.core import signing

from enrollments.models import LetterWish
from home.account import User

OPTIONAL = {"tomorrow": "tomorrow", "weekly": "weekly"}  # kind of email → field of LetterWish


SALT = "enrollments.digests"


def wish_of(user: User) -> LetterWish:
    """Return this user's preferences; everything is off until requested, and nothing is written."""
    return LetterWish.objects.filter(user=user).first() or LetterWish(user=user)


def ask_for(user: User, *, tomorrow: bool, weekly: bool) -> LetterWish:
    """Save both preferences."""
    wish, _made = LetterWish.objects.update_or_create(
        user=user, defaults={"tomorrow": tomorrow, "weekly": weekly}
    )
    return wish


def token_for(user: User, kind: str) -> str:
    """Return the unsubscribe token for one kind of email; valid as long as the account exists."""
    return signing.dumps([user.pk, kind], salt=SALT, compress=True)


def read_token(token: str) -> tuple[User, str] | None:
    """Return (user, kind) of such a token; None if it was tampered with."""
    try:
        pk, kind = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    user = get_user_model().objects.filter(pk=pk).first()
    return (user, kind) if user and kind in OPTIONAL else None


def end(user: User, kind: str) -> None:
    """Unsubscribe from this kind of email. Idempotent."""
    LetterWish.objects.filter(user=user).update(**{OPTIONAL[kind]: False})
