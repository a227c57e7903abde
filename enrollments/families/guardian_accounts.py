"""Guardians' accounts, opened and corrected at the front desk; only the owner changes the address."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction

from enrollments.families import account_events
from enrollments.letters import outbox
from home.account import User
from home.refusals import Refusal


class AccountExists(Refusal):
    """Raised when this address already has an account (`user`); nothing was written."""

    def __init__(self, user: User):
        super().__init__(str(user))
        self.user = user


@transaction.atomic
def open_account(*, name: str, phone: str, email: str, language: str, at: datetime) -> User:
    """Open a guardian's account at the front desk.

    With an address, an email says how to choose a password; without, a card is issued.

    The owner proves the address and accepts the terms at the first sign-in. Raises AccountExists.
    """
    found = get_user_model().objects.filter(email=email.lower()).first() if email else None
    if found:
        raise AccountExists(found)
    user = get_user_model().objects.create_user(email, name=name, phone=phone, language=language)
    if email:
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
        outbox.write("account_opened", to=user, at=at)
    return user


@transaction.atomic
def change_contact(user: User, *, name: str, phone: str, language: str, by: User, at: datetime) -> User:
    """Change a guardian's name, phone and language at the front desk; only the owner can change the address.
    A changed phone enters the journal.
    """
    user = get_user_model().objects.select_for_update().get(pk=user.pk)
    if str(user.phone) != str(phone):
        account_events.note("phone", user=user, by=by, at=at)
    user.name, user.phone, user.language = name, phone, language
    user.save(update_fields=["name", "name_keys", "phone", "language"])
    return user
