"""Front-desk payments: receipts for a booking reference, and credit notes for refunds.

Sole writer of Receipt and ReceiptBook.

Numbers have no gaps within a year and a receipt never changes (Code général des impôts, article 145: a
continuous series).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from enrollments.letters import outbox
from enrollments.models import Enrollment, PlaceEvent, Receipt, ReceiptBook
from enrollments.money import refund_policy
from home.account import User
from home.refusals import CodedRefusal

NOTHING = Decimal(0)
State = Enrollment.State
GIVEN_UP = (State.WITHDRAWN, State.REMOVED)  # full refund for whatever the academy itself ends


class Reason(StrEnum):
    UNKNOWN = "unknown"  # no place has this reference
    AMOUNT = "amount"
    CORRECTED = "corrected"  # the receipt has a credit note


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


@dataclass(frozen=True)
class Account:
    """The balance of a reference in MAD: price of its seats, what the policy keeps of seats given up, amount
    received, amount left.
    """

    price: Decimal
    kept: Decimal
    paid: Decimal

    @property
    def due(self) -> Decimal:
        """Return what is still due for current seats. Seats given up unpaid are not charged."""
        return max(NOTHING, self.price - max(NOTHING, self.paid - self.kept))

    @property
    def too_much(self) -> Decimal:
        """Return what is to be refunded."""
        return max(NOTHING, self.paid - self.price - self.kept)


def account_of(reference: str) -> Account:
    """Return the balance of a reference.

    Only seats cost money: offers and waiting-list entries are free; a seat held while a family we moved is
    asked counts.
    """
    return accounts_of([reference])[reference]


def accounts_of(references: Iterable[str]) -> dict[str, Account]:
    """Return the balances of many references, in three queries."""
    references = list(references)
    rows = list(Enrollment.objects.filter(reference__in=references).select_related("session"))
    left = [row for row in rows if row.state in GIVEN_UP]
    given_up_at = _given_up_at(left) if left else {}
    paid = dict(
        Receipt.objects.filter(reference__in=references).values_list("reference").annotate(Sum("amount"))
    )
    price: dict[str, Decimal] = defaultdict(Decimal)
    kept: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.state == State.SEATED or row.offer_kind in Enrollment.KEPT_BY_US:
            price[row.reference] += row.price
    for row in left:
        if row.pk in given_up_at:
            kept[row.reference] += (
                row.price - refund_policy.band_at(row.session, row.price, given_up_at[row.pk]).amount
            )
    return {
        reference: Account(price[reference], kept[reference], paid.get(reference) or NOTHING)
        for reference in references
    }


def to_be_corrected(references: Iterable[str]) -> dict[str, Receipt]:
    """Return, by reference, the latest receipt not yet corrected by a credit note."""
    rows = Receipt.objects.filter(reference__in=list(references), amount__gt=0, credit_note=None).order_by(
        "pk"
    )
    return {row.reference: row for row in rows}


def _given_up_at(rows: list[Enrollment]) -> dict[int, datetime]:
    """Return, by enrollment, when a seat was given up: the refund is decided at that time, not after the day
    of grace.

    Enrollments that were only waiting or offered are not included.
    """
    events = PlaceEvent.objects.filter(
        enrollment_ref__in=[row.pk for row in rows], from_state=State.SEATED
    ).order_by("pk")
    said: dict[int, datetime] = {}
    ended: dict[int, datetime] = {}
    for event in events:
        if event.reason == "leaving":
            said[event.enrollment_ref] = event.at
        elif event.reason == "taken_back":
            said.pop(event.enrollment_ref, None)
        elif event.to_state in GIVEN_UP:
            ended[event.enrollment_ref] = said.get(event.enrollment_ref, event.at)
    return ended


def to_give_back() -> list[tuple[str, Account]]:
    """Return every reference that received more than its seats cost and the policy keeps, the latest receipt
    last.
    """
    references = (
        Receipt.objects.values("reference")
        .annotate(last=Max("pk"), sum=Sum("amount"))
        .filter(sum__gt=0)
        .order_by("last")
    )
    accounts = accounts_of(row["reference"] for row in references)
    return [(reference, account) for reference, account in accounts.items() if account.too_much]


@transaction.atomic
def receive(
    reference: str,
    *,
    amount: Decimal,
    method: str,
    payer: User | None,
    by: User,
    at: datetime,
    form_key: UUID,
) -> Receipt:
    """Money taken.

    The same form sent again (`form_key`) gives the receipt there is. Raises Refused: UNKNOWN, AMOUNT.
    """
    book = _open_book(at)
    if there := Receipt.objects.filter(form_key=form_key).first():
        return there
    if not Enrollment.objects.filter(reference=reference).exists():
        raise Refused(Reason.UNKNOWN)
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise Refused(Reason.AMOUNT)
    return _write(
        book, reference=reference, amount=amount, method=method, payer=payer, by=by, at=at, form_key=form_key
    )


@transaction.atomic
def give_back(
    receipt: Receipt, *, amount: Decimal, reason: str, by: User, at: datetime, form_key: UUID
) -> Receipt:
    """A credit note: all or part of one receipt, once. Raises Refused: AMOUNT, CORRECTED."""
    book = _open_book(at)
    if there := Receipt.objects.filter(form_key=form_key).first():
        return there
    if receipt.amount < 0 or Receipt.objects.filter(corrects=receipt).exists():
        raise Refused(Reason.CORRECTED)
    if not NOTHING < amount <= receipt.amount:
        raise Refused(Reason.AMOUNT)
    return _write(
        book,
        reference=receipt.reference,
        amount=-amount,
        method=receipt.method,
        payer=receipt.payer,
        by=by,
        at=at,
        form_key=form_key,
        corrects=receipt,
        reason=reason,
    )


def _open_book(at: datetime) -> ReceiptBook:
    """Return this year's receipt book (Morocco time), locked so that numbers are given in turn."""
    year = timezone.localtime(at).year
    ReceiptBook.objects.get_or_create(year=year)
    return ReceiptBook.objects.select_for_update().get(year=year)


def _write(book: ReceiptBook, *, by: User, **facts: Any) -> Receipt:
    book.last += 1
    book.save(update_fields=["last"])
    receipt = Receipt.objects.create(year=book.year, number=book.last, recorded_by_ref=by.pk, **facts)
    if receipt.payer:
        outbox.write("payment_noted", to=receipt.payer, at=receipt.at, receipt=receipt, back=-receipt.amount)
    return receipt
