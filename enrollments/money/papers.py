"""What a receipt says, kept as it was issued. Sole writer of ReceiptPaper.

The receipt itself has numbers and references only; names live here, where erasure finds them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import get_language

from enrollments.models import Child, Enrollment, Receipt, ReceiptPaper
from home.account import User
from home.language import table


@dataclass(frozen=True)
class ReceiptLine:
    """One place on a receipt: the child as printed, the course in the active language."""

    child: str
    course: str


@dataclass(frozen=True)
class ReceiptText:
    """A receipt's words. `is_reconstructed`: issued before they were kept, so these are today's."""

    lines: list[ReceiptLine]
    payer: str
    by: str
    due: Decimal
    is_reconstructed: bool = False


def printed_name(child: Child) -> str:
    """Return the name on a receipt: initials for a protected child (domain §7)."""
    return f"{child.first_name[:1]}. {child.last_name[:1]}." if child.is_protected else child.full_name


def issue(receipt: Receipt, *, by: User, due: Decimal) -> ReceiptPaper:
    """Keep what a new receipt says. `due` is what is left to pay after it (MAD)."""
    return ReceiptPaper.objects.create(receipt=receipt, said=_said(receipt, by.get_short_name(), due))


def _said(receipt: Receipt, by: str, due: Decimal) -> dict[str, Any]:
    rows = Enrollment.objects.filter(reference=receipt.reference).select_related("child", "session__course")
    return {
        "lines": [
            {
                "child": printed_name(row.child),
                "child_ref": row.child_id,
                "course": {code: _title(row, code) for code in table.LANGUAGES},
            }
            for row in rows.order_by("pk")
        ],
        "payer": receipt.payer.name if receipt.payer else "",
        "by": by,
        "due": str(due),
    }


def _title(row: Enrollment, code: str) -> str:
    course = row.session.course
    return str(getattr(course, f"title_{code}") or course.title_fr)


def read(receipt: Receipt, due: Decimal) -> ReceiptText:
    """Return what the receipt says; of one without a kept text, today's words, marked so. `due` is used for
    those only (MAD).
    """
    kept = ReceiptPaper.objects.filter(receipt=receipt).first()
    if kept is None:
        person = get_user_model().objects.filter(pk=receipt.recorded_by_ref).first()
        said = _said(receipt, person.get_short_name() if person else "", due)
    else:
        said = kept.said
    language = (get_language() or "fr")[:2]
    protected = _protected_now(said["lines"])
    lines = [
        ReceiptLine(
            protected.get(line["child_ref"], line["child"]),
            line["course"].get(language) or line["course"]["fr"],
        )
        for line in said["lines"]
    ]
    return ReceiptText(lines, said["payer"], said["by"], Decimal(said["due"]), is_reconstructed=kept is None)


def _protected_now(lines: list[dict[str, Any]]) -> dict[int, str]:
    """Return the initials of children whose file has been protected since: papers lie around (domain §7)."""
    files = Child.objects.filter(pk__in=[line["child_ref"] for line in lines]).select_related("merged_into")
    found = {}
    for child in files:
        now = child.merged_into or child
        if now.is_protected:
            found[child.pk] = printed_name(now)
    return found


@transaction.atomic
def forget(*, children: Iterable[int] = (), person: int | None = None) -> None:
    """Take erased persons out of the kept texts: children become references, `person` (who paid, or recorded)
    goes. Accounting stays, without names.
    """
    gone = set(children)
    gone |= set(Child.objects.filter(merged_into__in=gone).values_list("pk", flat=True))
    rows = ReceiptPaper.objects.select_related("receipt").select_for_update(of=("self",))
    for paper in rows.filter(receipt__reference__in=_references(gone)) if gone else ():
        for line in paper.said["lines"]:
            if line["child_ref"] in gone:
                line["child"] = f"C-{line['child_ref']}"
        paper.save(update_fields=["said"])
    for paper in rows.filter(receipt__payer=person) if person is not None else ():
        paper.said["payer"] = ""
        paper.save(update_fields=["said"])
    for paper in rows.filter(receipt__recorded_by_ref=person) if person is not None else ():
        paper.said["by"] = ""
        paper.save(update_fields=["said"])


def _references(children: set[int]) -> list[str]:
    return list(Enrollment.objects.filter(child__in=children).values_list("reference", flat=True))
