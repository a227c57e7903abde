"""Sign-in cards for guardians without an email address. Sole writer of LoginCard.

Issued at the front desk after checking the person, printed as a QR code. A card opens the account once,
within thirty days, and a new card replaces the older one. Team members never get one: a card is no second
factor.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from enrollments.letters.tokens import hash_of
from enrollments.models import LoginCard
from enrollments.permissions import roles_of
from home.account import User
from home.refusals import Refusal

LASTS = timedelta(days=30)


class NoCard(Refusal):
    """Raised if the account has an email address, is closed or belongs to the team. Nothing was written."""


def may_have_card(user: User) -> bool:
    return user.is_active and not user.email and not roles_of(user)


@transaction.atomic
def issue(user: User, *, by: User, at: datetime) -> tuple[LoginCard, str]:
    """A new card and the token printed on it, shown once; the cards before it open nothing any more.

    Raises NoCard.
    """
    if not may_have_card(user):
        raise NoCard
    LoginCard.objects.filter(user=user, used_at=None, revoked_at=None).update(revoked_at=at)
    token = secrets.token_urlsafe(24)
    card = LoginCard.objects.create(
        user=user, token_hash=hash_of(token), issued_by_ref=by.pk, issued_at=at, expires_at=at + LASTS
    )
    return card, token


def find(token: str) -> LoginCard | None:
    """Return the card with this code, whatever its state."""
    return LoginCard.objects.select_related("user").filter(token_hash=hash_of(token)).first()


def is_open(card: LoginCard, at: datetime) -> bool:
    return (
        card.used_at is None and card.revoked_at is None and at < card.expires_at and may_have_card(card.user)
    )


def use(card: LoginCard, *, at: datetime) -> bool:
    """Mark the card as used; False if it was already used."""
    waiting = LoginCard.objects.filter(pk=card.pk, used_at=None, revoked_at=None, expires_at__gt=at)
    return is_open(card, at) and bool(waiting.update(used_at=at))
