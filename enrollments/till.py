"""The desk's till: money received for a reference, given back by a credit note. The only writer of Receipt and ReceiptBook.

Numbers run without a gap within a year and a receipt never changes (Code général des impôts, article 145: a continuous series).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser as User
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from enrollments.models import Enrollment, Receipt, ReceiptBook

NOTHING = Decimal(0)


class Refused(Exception):
    """Nothing was written. `code`: unknown (no such reference), amount, corrected."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Account:
    """Where a reference stands, in MAD: what its seats cost, what was received, what is left."""

    price: Decimal
    paid: Decimal

    @property
    def due(self) -> Decimal:
        return max(NOTHING, self.price - self.paid)

    @property
    def too_much(self) -> Decimal:
        """What is to be given back: paid for places that are no longer held."""
        return max(NOTHING, self.paid - self.price)


def account_of(reference: str) -> Account:
    """Only seats cost something: an offer or a wait does not."""
    seats = Enrollment.objects.filter(reference=reference, state=Enrollment.State.SEATED)
    price = seats.aggregate(sum=Sum("price"))["sum"] or NOTHING
    return Account(price, Receipt.objects.filter(reference=reference).aggregate(sum=Sum("amount"))["sum"] or NOTHING)


@transaction.atomic
def receive(
    reference: str, *, amount: Decimal, method: str, payer: User | None, by: User, at: datetime, form_key: UUID
) -> Receipt:
    """Money taken. The same form sent again (`form_key`) gives the receipt there is. Raises Refused("unknown", "amount")."""
    book = _open_book(at)
    if there := Receipt.objects.filter(form_key=form_key).first():
        return there
    if not Enrollment.objects.filter(reference=reference).exists():
        raise Refused("unknown")
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise Refused("amount")
    return _write(book, reference=reference, amount=amount, method=method, payer=payer, by=by, at=at, form_key=form_key)


@transaction.atomic
def give_back(receipt: Receipt, *, amount: Decimal, reason: str, by: User, at: datetime, form_key: UUID) -> Receipt:
    """A credit note: all or part of one receipt, once. Raises Refused("amount", "corrected")."""
    book = _open_book(at)
    if there := Receipt.objects.filter(form_key=form_key).first():
        return there
    if receipt.amount < 0 or Receipt.objects.filter(corrects=receipt).exists():
        raise Refused("corrected")
    if not NOTHING < amount <= receipt.amount:
        raise Refused("amount")
    return _write(
        book, reference=receipt.reference, amount=-amount, method=receipt.method, payer=receipt.payer, by=by, at=at, form_key=form_key,
        corrects=receipt, reason=reason,
    )  # fmt: skip


def _open_book(at: datetime) -> ReceiptBook:
    """This year's book (of Morocco), locked: one number after the other."""
    year = timezone.localtime(at).year
    ReceiptBook.objects.get_or_create(year=year)
    return ReceiptBook.objects.select_for_update().get(year=year)


def _write(book: ReceiptBook, *, by: User, **facts) -> Receipt:
    book.last += 1
    book.save(update_fields=["last"])
    return Receipt.objects.create(year=book.year, number=book.last, recorded_by_ref=by.pk, **facts)
