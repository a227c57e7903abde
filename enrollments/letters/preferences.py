"""Email preferences: which optional emails a person asked for, and the signed link that ends them.

The only writer of LetterWish, but for the day an email was last sent (enrollments.classes.digests).
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser as User
from django.core import signing

from enrollments.models import LetterWish

OPTIONAL = {"tomorrow": "tomorrow", "weekly": "weekly"}  # kind of letter → field of LetterWish


SALT = "enrollments.digests"


def wish_of(user: User) -> LetterWish:
    """What this person asked for; nothing until then, and nothing written."""
    return LetterWish.objects.filter(user=user).first() or LetterWish(user=user)


def ask_for(user: User, *, tomorrow: bool, weekly: bool) -> LetterWish:
    """Set both."""
    wish, _made = LetterWish.objects.update_or_create(
        user=user, defaults={"tomorrow": tomorrow, "weekly": weekly}
    )
    return wish


def token_for(user: User, kind: str) -> str:
    """What the link of a letter carries to end letters of its kind;
    it works as long as the account is there.
    """
    return signing.dumps([user.pk, kind], salt=SALT, compress=True)


def read_token(token: str) -> tuple[User, str] | None:
    """(who, kind) behind such a link; None when it was tampered with."""
    try:
        pk, kind = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    user = get_user_model().objects.filter(pk=pk).first()
    return (user, kind) if user and kind in OPTIONAL else None


def end(user: User, kind: str) -> None:
    """No more letters of this kind. Said twice, it is once."""
    LetterWish.objects.filter(user=user).update(**{OPTIONAL[kind]: False})
