"""Spreadsheets for managers.

Every cell is text, so that none is read as a formula and phone numbers keep their zero (OWASP: CSV
injection).
"""

import io
from datetime import date

from django.utils.translation import gettext as _

from courses.models import Session
from enrollments.classes import roster
from enrollments.models import Guardianship
from home.language import table
from home.language.lists import listed_apart
from home.language.phones import phone_words


def as_sheet(title: str, head: list[str], rows: list[list[str]]) -> bytes:
    """Return one sheet of text cells, from right to left where its reader's language is."""
    from openpyxl import Workbook  # large, and only exports need it
    from openpyxl.cell import WriteOnlyCell  # see above

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:30])
    sheet.sheet_view.rightToLeft = table.active().is_rtl
    for row in [head, *rows]:
        cells = []
        for words in row:
            cell = WriteOnlyCell(sheet, value="")
            cell.value = "".join(sign for sign in str(words) if sign >= " " or sign == "\n")
            cell.data_type, cell.number_format, cell.quotePrefix = "s", "@", True
            cells.append(cell)
        sheet.append(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def session_sheet(session: Session, today: date) -> tuple[bytes, list[int]]:
    """Return the children of a session with age and guardians' phones, and whose data it is.

    Protected files are not exported.
    """
    rows = [row for row in roster.seated(session) if not row.child.is_protected]
    phones: dict[int, list[str]] = {}
    for tie in (
        Guardianship.objects.filter(child__in=[row.child_id for row in rows])
        .select_related("guardian")
        .order_by("pk")
    ):
        phones.setdefault(tie.child_id, []).append(
            f"{tie.guardian.name} {phone_words(tie.guardian.phone)}".strip()
        )
    head = [_("First name"), _("Family name"), _("Age"), _("Reference"), _("Guardians")]
    lines = [
        [
            row.child.first_name,
            row.child.last_name,
            str(row.child.age_on(today)),
            row.reference,
            listed_apart(phones.get(row.child_id, [])),
        ]
        for row in rows
    ]
    return as_sheet(f"S-{session.pk}", head, lines), [row.child_id for row in rows]
