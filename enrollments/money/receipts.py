"""Front-desk payments: receipts for a booking reference, and credit notes for refunds.

Sole writer of Receipt and ReceiptBook.

Numbers have no gaps within a year and a receipt never changes (Code général des impôts, article 145: a
continuous series).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from enrollments.letters import outbox
from enrollments.models import Enrollment, Guardianship, Receipt, ReceiptBook
from enrollments.money import papers
from home.account import User
from home.database.compiled import Compiled
from home.refusals import CodedRefusal

NOTHING = Decimal(0)
VOIDABLE, VOIDED = timedelta(minutes=10), "voided"
State = Enrollment.State
GIVEN_UP = (State.WITHDRAWN, State.REMOVED)  # full refund for whatever the academy itself ends


class Reason(StrEnum):
    UNKNOWN = "unknown"  # no place has this reference
    AMOUNT = "amount"
    CORRECTED = "corrected"  # credit notes have used the receipt up
    CHANGED = "changed"  # somebody recorded a payment since the form was opened
    EXCEEDS = "exceeds"  # more than is due
    LATE = "late"  # only a manager corrects it now


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


@dataclass(frozen=True)
class Settlement:
    """What giving up one seat means for the balance of its reference, in MAD. `price` of the seat; `agreed`:
    how much of it the policy refunds.
    """

    before: Account
    price: Decimal
    agreed: Decimal
    is_told_whole: bool = True  # whether its readers may read the balance of the whole reference

    @property
    def after(self) -> Account:
        """Return the balance once the seat is given up."""
        kept = self.price - self.agreed
        return Account(self.before.price - self.price, self.before.kept + kept, self.before.paid)

    @property
    def refund(self) -> Decimal:
        """Return what is refunded: never more than the other seats of the reference leave of what was
        paid.
        """
        return min(self.agreed, self.after.too_much)

    @property
    def dropped(self) -> Decimal:
        """Return what was left to pay and no longer is: a seat given up unpaid is not charged."""
        return max(NOTHING, self.before.due - self.after.due)

    @property
    def code(self) -> str:
        """Return what to say: refund, or why there is none (free, unpaid, begun, others, kept)."""
        if not self.price:
            return "free"
        if not self.before.paid:
            return "unpaid"
        if self.refund:
            return "refund"
        if not self.agreed:
            return "begun"
        if not self.is_told_whole:
            return "none"
        return "others" if self.after.price else "kept"


def settlement_of(row: Enrollment, agreed: Decimal, readers: Iterable[User] = ()) -> Settlement:
    """Return what giving up this seat would settle, while it is held. `agreed`: see refund_policy; `readers`:
    the guardians who will read it, none for the team.
    """
    whole = _are_told_whole(row.reference, readers)
    return Settlement(account_of(row.reference), row.price, agreed, whole)


def _are_told_whole(reference: str, readers: Iterable[User]) -> bool:
    """Return whether each reader has full rights for all children whose places cost under this reference."""
    guardians = {reader.pk for reader in readers}
    if not guardians:
        return True
    rows = Enrollment.objects.filter(reference=reference)
    children = {row.child_id for row in rows if any(_cost(row))}
    ties = Guardianship.objects.full().filter(guardian__in=guardians, child__in=children)
    return ties.count() == len(guardians) * len(children)


def account_of(reference: str) -> Account:
    """Return the balance of a reference.

    Only seats cost money: offers and waiting-list entries are free; a seat held while a family we moved is
    asked counts.
    """
    return accounts_of([reference])[reference]


def accounts_of(references: Iterable[str]) -> dict[str, Account]:
    """Return the balances of many references, in two queries."""
    references = list(references)
    paid = Receipt.objects.filter(reference__in=references).values_list("reference").annotate(Sum("amount"))
    return _balanced(references, Enrollment.objects.filter(reference__in=references), dict(paid))


@dataclass(frozen=True)
class Share:
    """What one guardian is told of a reference: what is due in MAD, and the whole balance; None where the
    reference also has places of children who are not theirs.
    """

    due: Decimal
    account: Account | None

    @property
    def paid(self) -> Decimal | None:
        return self.account.paid if self.account else None


def _places_paid_for(references: Iterable[str]) -> QuerySet[Any, Any]:
    """Return what the places of these references cost, each with all that its reference has received."""
    received = Receipt.objects.filter(reference=OuterRef("reference")).order_by().values("reference")
    paid = Subquery(received.annotate(sum=Sum("amount")).values("sum"))
    facts = ("reference", "child_id", "state", "offer_kind", "price", "refund_amount", "paid")
    rows = Enrollment.objects.filter(reference__in=references).annotate(paid=paid).order_by()
    return rows.values_list(*facts, named=True)


PLACES_PAID_FOR = Compiled(_places_paid_for)


def shares_of(references: Iterable[str], children: Iterable[int]) -> dict[str, Share]:
    """Return what the guardian of these children is told of these references, which have places. One query.

    The balance, if all that costs there is for these children. Otherwise only what their own seats cost, at
    most what is due: the others have their own guardians, to whom prices and payments are told.
    """
    references, mine = list(references), set(children)
    rows = PLACES_PAID_FOR(references=references)
    whole, others = _balanced(references, rows, {row.reference: row.paid for row in rows}), set()
    own: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        price, kept = _cost(row)
        if row.child_id in mine:
            own[row.reference] += price
        elif price or kept:
            others.add(row.reference)
    return {
        reference: Share(min(own[reference], account.due), None)
        if reference in others
        else Share(account.due, account)
        for reference, account in whole.items()
    }


def _balanced(references: list[str], rows: Iterable[Any], paid: dict[str, Decimal]) -> dict[str, Account]:
    """Return the balances of these references, of all their rows and what each has received."""
    price: dict[str, Decimal] = defaultdict(Decimal)
    kept: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        cost, fee = _cost(row)
        price[row.reference] += cost
        kept[row.reference] += fee
    return {
        reference: Account(price[reference], kept[reference], paid.get(reference) or NOTHING)
        for reference in references
    }


def _cost(row: Any) -> tuple[Decimal, Decimal]:
    """Return what this place (an Enrollment, or its facts) costs, and what the policy keeps of it."""
    if row.state == State.MOVED and row.refund_amount is not None:
        return row.price - row.refund_amount, NOTHING  # classes it had before it moved
    if row.state == State.SEATED or row.offer_kind in Enrollment.KEPT_BY_US:
        return row.price, NOTHING
    if row.state in GIVEN_UP and row.refund_amount is not None:
        return NOTHING, row.price - row.refund_amount
    return NOTHING, NOTHING


def with_rest() -> QuerySet[Receipt]:
    """Return receipts with `rest`: what credit notes have left of them (MAD), 0 if they are used up."""
    return Receipt.objects.annotate(rest=F("amount") + Coalesce(Sum("credit_notes__amount"), NOTHING))


def to_be_corrected(references: Iterable[str]) -> dict[str, Receipt]:
    """Return, by reference, the latest receipt that credit notes have not used up."""
    rows = with_rest().filter(reference__in=list(references), amount__gt=0).order_by("pk")
    return {row.reference: row for row in rows if row.rest > 0}  # type: ignore[attr-defined]  # annotated


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


def unpaid(today: date) -> list[tuple[str, Account]]:
    """Return every reference with something still due whose first class is today or past, the oldest first.

    Three queries. What is due is due by the first class.
    """
    begun = (
        Enrollment.objects.filter(
            state=State.SEATED, session__first_on__lte=today, session__cancelled_at=None, price__gt=0
        )
        .exclude(child__erased_at__isnull=False)  # the file is gone: no list of the team names it
        .values("reference")
        .annotate(since=Min("session__first_on"))
    )
    paid = Receipt.objects.filter(reference=OuterRef("reference")).order_by().values("reference")
    asked = Enrollment.objects.filter(reference=OuterRef("reference")).order_by().values("reference")
    # What all its rows cost is at least what is due and kept: this only spares settled references.
    open_ones = begun.annotate(
        paid=Coalesce(Subquery(paid.annotate(sum=Sum("amount")).values("sum")), NOTHING),
        asked=Subquery(asked.annotate(sum=Sum("price")).values("sum")),
    ).filter(paid__lt=F("asked"))
    accounts = accounts_of(row["reference"] for row in open_ones.order_by("since", "reference"))
    return [(reference, account) for reference, account in accounts.items() if account.due]


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
    seen: Decimal | None = None,
    confirmed: bool = True,
) -> Receipt:
    """Record money taken.

    The same form sent again (`form_key`) gives the receipt there is. `seen` is what the form said had been
    received (MAD): a different sum by now is always asked about, an amount above what is due unless
    `confirmed`. Raises Refused: UNKNOWN, AMOUNT, CHANGED, EXCEEDS.
    """
    book = _open_book(at)
    if there := Receipt.objects.filter(form_key=form_key).first():
        if (there.reference, there.amount, there.method) == (reference, amount, method) and rest_of(there):
            return there
        raise Refused(Reason.CHANGED)  # the form of a receipt since corrected, or with something else in it
    if not Enrollment.objects.filter(reference=reference).exists():
        raise Refused(Reason.UNKNOWN)
    if amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        raise Refused(Reason.AMOUNT)
    account = account_of(reference)
    if seen is not None and account.paid != seen:
        raise Refused(Reason.CHANGED)
    if not confirmed and amount > account.due:
        raise Refused(Reason.EXCEEDS)
    return _write(
        book, reference=reference, amount=amount, method=method, payer=payer, by=by, at=at, form_key=form_key
    )


@transaction.atomic
def give_back(
    receipt: Receipt,
    *,
    amount: Decimal,
    reason: str,
    by: User,
    at: datetime,
    form_key: UUID,
    seen: Decimal | None = None,
    confirmed: bool = True,
) -> Receipt:
    """Issue a credit note for all or part of one receipt, until the receipt is used up.

    `seen` as for `receive`. Raises Refused: AMOUNT (more than is left of it), CORRECTED,
    CHANGED.
    """
    book = _open_book(at)
    if there := Receipt.objects.filter(form_key=form_key).first():
        return there
    rest = rest_of(receipt)
    if rest <= 0:
        raise Refused(Reason.CORRECTED)
    if not NOTHING < amount <= rest or amount != amount.quantize(Decimal("0.01")):
        raise Refused(Reason.AMOUNT)
    if seen is not None and account_of(receipt.reference).paid != seen:
        raise Refused(Reason.CHANGED)
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


def rest_of(receipt: Receipt) -> Decimal:
    """Return what credit notes have left of a receipt (MAD); 0 of a credit note."""
    if receipt.amount < 0:
        return NOTHING
    rest: Decimal = with_rest().get(pk=receipt.pk).rest  # type: ignore[attr-defined]  # annotated
    return rest


def may_void(receipt: Receipt, by: User, at: datetime) -> bool:
    """Return whether this member of the team may void this receipt: its own, for ten minutes, as a whole."""
    return (
        receipt.amount > 0
        and receipt.recorded_by_ref == by.pk
        and at < receipt.at + VOIDABLE
        and rest_of(receipt) == receipt.amount
    )


@transaction.atomic
def void(receipt: Receipt, *, by: User, at: datetime) -> Receipt:
    """Void one's own receipt of the last ten minutes, by a credit note for all of it.

    Pressed twice, it gives the credit note there is. Raises Refused: LATE.
    """
    _open_book(at)
    if there := receipt.credit_notes.filter(reason=VOIDED, recorded_by_ref=by.pk).first():
        return there
    if not may_void(receipt, by, at):
        raise Refused(Reason.LATE)
    return give_back(receipt, amount=receipt.amount, reason=VOIDED, by=by, at=at, form_key=uuid4())


def _open_book(at: datetime) -> ReceiptBook:
    """Return this year's receipt book (Morocco time), locked so that numbers are given in turn."""
    year = timezone.localtime(at).year
    ReceiptBook.objects.get_or_create(year=year)
    return ReceiptBook.objects.select_for_update().get(year=year)


def _write(book: ReceiptBook, *, by: User, **facts: Any) -> Receipt:
    book.last += 1
    book.save(update_fields=["last"])
    receipt = Receipt.objects.create(year=book.year, number=book.last, recorded_by_ref=by.pk, **facts)
    papers.issue(receipt, by=by, due=account_of(receipt.reference).due)
    if receipt.payer:
        outbox.write("payment_noted", to=receipt.payer, at=receipt.at, receipt=receipt, back=-receipt.amount)
    return receipt
