"""The numbers that we ask families to quote, as they are typed: AL-7K3Q2P (a place), M-12 (a message),
2026-000123 (a receipt or a credit note).

Capitals, spaces, hyphens and the script of the digits do not count. Without its prefix a number is found
where nothing else looks like it: a reference with a digit and a letter, a receipt with its year.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from django.db.models import Prefetch

from enrollments.models import Enrollment, Guardianship, Letter, Receipt
from enrollments.models.places import ALPHABET
from home.language.dates import key_in
from home.language.invisible import visible

MOST = 20  # places shown of one reference
_DASHES = re.compile(r"[\s\-_./‐‑‒–—−:°º#]+")
_REFERENCE = re.compile(rf"(?<![A-Z0-9])(AL)?([{ALPHABET}]{{6}})(?![A-Z0-9])")
_MESSAGE = re.compile(r"(?<![A-Z0-9])M ?(\d{1,18})(?![A-Z0-9])")
_RECEIPT = re.compile(r"(?<![A-Z0-9])(20\d\d) ?(\d{1,6})(?![A-Z0-9])")


@dataclass
class Found:
    """What the numbers in a text lead to."""

    places: list[Enrollment] = field(default_factory=list)
    letter: Letter | None = None
    receipts: list[Receipt] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.places or self.letter or self.receipts)


def _plain(text: str) -> str:
    """Return the text in capitals, with digits 0 to 9, and one space for hyphens, spaces and dots."""
    digits = "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in visible(text[:100]))
    return _DASHES.sub(" ", digits.upper()).strip()


def message_number(text: str) -> int | None:
    """Return the number of a message typed as "M-12", "m 12" or "12"; None for anything else."""
    plain = _plain(text)
    found = _MESSAGE.search(plain)
    return key_in(found.group(1) if found else plain)


def references(text: str) -> list[str]:
    """Return the references that a text may mean, spaced anywhere: "al 7k3 q2p", "7K3Q2P"."""
    plain = _plain(text)
    joined = plain.replace(" ", "")
    marked = re.search(rf"AL([{ALPHABET}]{{6}})(?![A-Z0-9])", joined)
    bare = [code for prefix, code in _REFERENCE.findall(plain) if prefix or _is_mixed(code)]
    whole = [joined] if len(joined) == 6 and _is_mixed(joined) else []
    found = [*([marked.group(1)] if marked else []), *bare, *whole]
    return [f"AL-{code}" for code in dict.fromkeys(found)]


def _is_mixed(code: str) -> bool:
    """Return whether it holds a digit and a letter, as neither a name nor a phone number does."""
    return any(sign.isdigit() for sign in code) and any(sign.isalpha() for sign in code)


def find(text: str) -> Found:
    """Return what the text's numbers lead to, each place with the open accounts of its family
    (`child.known_ties`). Up to four queries; none for a text without such a number.
    """
    found, plain = Found(), _plain(text)
    if codes := references(text):
        ties = Guardianship.objects.filter(guardian__is_active=True).select_related("guardian")
        rows = Enrollment.objects.filter(reference__in=codes).select_related("child", "session__course")
        rows = rows.prefetch_related(
            Prefetch("child__guardianships", ties.order_by("pk"), to_attr="known_ties")
        )
        found.places = list(rows.order_by("pk")[:MOST])
    if quoted := _MESSAGE.search(plain):
        found.letter = (
            Letter.objects.filter(pk=key_in(quoted.group(1)) or 0).select_related("recipient").first()
        )
    for year, number in _RECEIPT.findall(plain):
        found.receipts += Receipt.objects.filter(year=year, number=number).select_related("payer")
    return found
