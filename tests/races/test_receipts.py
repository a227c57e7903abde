"""Many tills at once: receipts are numbered without a gap within each year (trust 9)."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db.models import Sum

from enrollments.models import Receipt
from enrollments.money import receipts
from tests.races.crowd import at_once
from tests.races.scene import AT, Scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TILLS, EACH = 8, 13
NEW_YEAR = datetime(2027, 1, 2, 9, tzinfo=UTC)


def test_a_hundred_receipts_at_once_have_no_gap_in_either_year():
    scene = Scene()

    def take(amount, at):
        words = {"method": "cash", "payer": scene.parent, "by": scene.staff, "at": at, "form_key": uuid4()}
        return receipts.receive(scene.seated.reference, amount=Decimal(amount), **words)

    def till():
        for turn in range(EACH):
            with suppress(receipts.Refused):
                take(0, AT)  # refused once the book is open: no number is lost
            take(1, NEW_YEAR if turn % 3 == 2 else AT)

    assert at_once(*[till] * TILLS) == [("done", None)] * TILLS
    later = TILLS * (EACH // 3)
    for year, count in ((2026, TILLS * EACH - later), (2027, later)):
        numbers = Receipt.objects.filter(year=year).order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, count + 1))
    assert Receipt.objects.aggregate(taken=Sum("amount"))["taken"] == TILLS * EACH
