"""Printed documents: same content as page and PDF, both scripts shaped, protected children as initials,
access recorded.
"""

import io
import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection
from openpyxl import load_workbook
from pypdf import PdfReader

from enrollments.classes.schedule import desk_days
from enrollments.families import pickup, safety_notes
from enrollments.models import Child, Letter, ReadRecord
from enrollments.places import admission
from enrollments.printing import sheets
from enrollments.printing.pdf import as_pdf
from enrollments.printing.typesetting import Sheet, in_order
from home.language.dates import hours_words, money_words
from tests.factories import ChildFactory, SessionFactory, StaffFactory, UserFactory
from tests.queues import DAY, soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def words_of(body: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


@pytest.fixture
def day():
    return timezone.localdate() + timedelta(days=2)


@pytest.fixture
def full(day):
    """Return a class that day with thirty children, one protected and one with "speak with me first"."""
    teacher = StaffFactory(role="Instructors", name="Hajar Une")
    session = SessionFactory(first_on=day, capacity=30, instructors=[teacher], minimum=0)
    at = timezone.now()
    for number in range(30):
        child = ChildFactory(
            guardian=UserFactory(phone="+212661000001"),
            age=10,
            first_name=f"Prénom{number:02}",
            last_name="Secret",
        )
        admission.enroll(child=child, session=session, by=None, at=at)
    Child.objects.filter(first_name="Prénom07").update(is_protected=True)
    Child.objects.filter(first_name="Prénom09").update(speak_first=True)
    return session


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_day_pack_is_the_same_on_the_page_and_on_paper(logged_in, manager, full, day, language):
    client = logged_in(manager)
    with override(language):
        page = client.get(reverse("office_day_pack"), {"day": f"{day}"}).content.decode()
        answer = client.get(reverse("office_day_pack_pdf"), {"day": f"{day}"})
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    reader = PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) >= 4, (
        "thirty children go on to a second sheet; the list and the slips have their own"
    )
    told = words_of(answer.content)
    for shown in (page, told):
        assert "Prénom00" in shown and "Prénom07" not in shown and "06.61.00.00.01" in shown
    assert ReadRecord.objects.filter(what="roster", by_ref=manager.pk).exists()


def test_protected_children_are_initials_and_their_telephone_is_not_printed(full, day):
    printed, children = sheets.day_pack(day, timezone.now())
    roster = next(sheet for sheet in printed if sheet.title == full.course.title)
    protected = next(row for row in roster.rows if row[0] == "P. S")
    assert "0661" not in protected[1].replace(" ", "") and len(children) == 30
    assert any("demander à l’accueil" in row[2] or "accueil" in row[2] for row in roster.rows)
    evacuation = next(sheet for sheet in printed if sheet.title == "Liste d’évacuation")
    assert all("Secret" not in " ".join(row) for row in evacuation.rows) and len(evacuation.rows) == 30


def test_a_day_without_classes_still_has_slips(logged_in, front_desk):
    page = logged_in(front_desk).get(reverse("office_day_pack"), {"day": "nonsense"}).content.decode()
    assert "Bulletins" in page


def test_a_family_prints_its_confirmation(logged_in, parent):
    child = ChildFactory(guardian=parent, age=10, first_name="Salma")
    session = soon(count=3)
    row = admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    answer = logged_in(parent).get(reverse("reference_paper", args=[row.reference]))
    told = words_of(answer.content)
    assert row.reference in told and "Salma" in told and f"/family/enrollments/{row.reference}/" in told


@pytest.mark.parametrize(
    ("today", "first_on"),
    [("2026-09-01", date(2026, 9, 12)), ("2026-09-01", date(2026, 12, 5)), ("2026-09-21", date(2026, 12, 5))],
)
def test_letter_and_paper_say_the_hour_that_was_entered_before_and_after_the_change_of_clock(
    logged_in, parent, today, first_on
):
    """Morocco left UTC+1 on 2026-09-20: what was entered as 15:00 is 14:00 UTC before and 15:00 UTC since."""
    with time_machine.travel(f"{today} 09:00", tick=False):
        session = SessionFactory(first_on=first_on, count=3, starts=time(15), ends=time(16, 30))
        child = ChildFactory(guardian=parent, age=10)
        row = admission.enroll(child=child, session=session, by=parent, at=timezone.now())
        paper = logged_in(parent).get(reverse("reference_paper", args=[row.reference])).content
        letter = Letter.objects.get(kind="enrolled", recipient=parent).body
        for told in (words_of(paper), letter):
            told = told.replace("\u2060", "")
            assert "15:00" in told and "14:00" not in told and "16:00" not in told


def test_arabic_is_shaped_and_names_of_both_scripts_stand_side_by_side():
    from enrollments.printing.pdf import Sheet

    sheet = Sheet(
        "ورشة البرمجة",
        ["سلمى Salma", "06 61 00 00 01"],
        ["الطفل", "الهاتف"],
        [["سلمى", "06 61 00 00 01"]],
        [1, 1],
    )
    body = as_pdf([sheet], language="ar", title="x", made_at=timezone.now())
    reader = PdfReader(io.BytesIO(body))
    assert reader.trailer["/Root"]["/Lang"] == "ar" and len(body) < 120_000
    assert "Salma" in words_of(body)


def test_the_safety_sheet_says_that_there_is_a_note_never_what_it_says(full, day, academy_settings):
    academy_settings.cndp_number = "D-1/2026"
    academy_settings.save()
    child = Child.objects.get(first_name="Prénom11")
    parts = {"may_happen": "Crise", "what_to_do": "Appeler", "medicine": "", "whom_to_call": ""}
    safety_notes.write_note(
        child, parts=parts, by=child.guardians.first() or UserFactory(), at=timezone.now()
    )
    pickup.settle_collection(
        child,
        persons=[{"name": "Fatima Tante", "relation": "tante", "phone": "+212612345678"}],
        may_go_alone=False,
        emergency={"name": "Oncle Ali", "relation": "oncle", "phone": "+212612345679"},
        by=UserFactory(),
        at=timezone.now(),
    )
    printed, _children = sheets.day_pack(day, timezone.now())
    sheet = next(sheet for sheet in printed if sheet.title == "Fiche de sécurité")
    row = next(row for row in sheet.rows if row[0].startswith("Prénom11"))
    assert row[1] and "Oncle Ali" in row[2] and "Fatima Tante" in row[3]
    assert "Crise" not in str(printed)
    hidden = next(row for row in sheet.rows if row[0] == "P. S")
    assert hidden[2] == hidden[3] != ""


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_timetable_of_a_week_names_no_child_and_leads_to_the_courses(
    logged_in, front_desk, full, day, language
):
    client = logged_in(front_desk)
    with override(language):
        page = client.get(reverse("office_week"), {"day": f"{day}"}).content.decode()
        told = words_of(client.get(reverse("office_week_pdf"), {"day": f"{day}"}).content)
        empty = client.get(reverse("office_week"), {"day": "2031-01-01"}).content.decode()
        assert client.get(reverse("office_week"), {"day": "0001-01-01"}).status_code == 200
    for shown in (page, told):
        assert f"/{language}/cours/" in shown and "Prénom" not in shown
    assert f"/{language}/cours/" not in empty.split("<main")[1].split("</main")[0]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_papers_of_a_class_are_the_same_on_the_page_and_on_paper(logged_in, manager, full, language):
    Child.objects.filter(first_name="Prénom03").update(first_name_ar="سلمى")
    meeting = full.meetings.order_by("number").first()
    client = logged_in(manager)
    with override(language):
        page = client.get(reverse("desk_papers", args=[meeting.pk])).content.decode()
        body = client.get(reverse("desk_papers_pdf", args=[meeting.pk])).content
    assert len(PdfReader(io.BytesIO(body)).pages) >= 3
    for shown in (page, words_of(body)):
        assert "Prénom00" in shown and "Prénom07" not in shown
    assert "سلمى" in page and ReadRecord.objects.filter(what="roster", by_ref=manager.pk).exists()


def test_no_cell_of_a_spreadsheet_begins_a_formula_and_managers_alone_fetch_it(
    logged_in, manager, front_desk, full
):
    wild = ["=1+1", "+212612345678", "-2", "@SUM(A1)", "\t=1", " =1", "|cmd"]
    for number, words in enumerate(wild):
        Child.objects.filter(first_name=f"Prénom{number + 10:02}").update(first_name=words)
    url = reverse("office_session_export", args=[full.pk])
    assert logged_in(front_desk).get(url).status_code == 404
    answer = logged_in(manager).get(url)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    told = {cell.value for cell in cells}
    assert {"=1+1", "+212612345678", "-2", "@SUM(A1)"} <= told and "Prénom07" not in told
    assert ReadRecord.objects.filter(what="export", by_ref=manager.pk).count() >= 29


def test_two_classes_of_one_course_on_one_day_are_told_apart_by_a_screen_reader():
    twice = [Sheet("Code A", [hours], ["Enfant"], [["Salma"]], [1]) for hours in ("10:00", "14:00")]
    page = render_to_string("components/sheets.html", {"sheets": twice})
    labels = re.findall(r'aria-labelledby="([^"]+)"', page)
    said = [
        " ".join(re.search(rf'id="{name}">([^<]+)<', page)[1] for name in label.split()) for label in labels
    ]
    assert said == ["Code A 10:00", "Code A 14:00"]


def drawn(line: str) -> list[str]:
    """Return the runs from left to right inside a line from right to left, as fpdf2 draws them."""
    paragraph = BidiParagraph(text=line, base_direction=TextDirection.RTL, preserve_bn_chars=True)
    return [text for text, direction in paragraph.get_bidi_fragments() if direction == TextDirection.LTR]


@pytest.mark.parametrize(
    "typed",
    [
        "2\u00a0100,00\u00a0DH",
        "60,00\u00a0DH",
        "14:00–15:30",
        "06 12 34 56 78",
        "+33 6 12 34 56 78",
        "2026-12-05",
    ],
)
def test_a_number_keeps_its_order_on_arabic_paper_and_carries_no_mark_on_any_other(typed):
    line = f"المبلغ أو الموعد: {typed}، في القاعة"
    assert drawn(line) != [typed], "the line alone turns it round"
    assert drawn(in_order(line, rtl=True)) == [typed]
    assert drawn(in_order(f"المبلغ: \u2066{typed}\u2069", rtl=True)) == [typed], "isolated once, not twice"
    assert in_order(f"\u2066{typed}\u2069", rtl=False) == typed


def test_the_arabic_paper_says_an_amount_as_the_screen_does():
    with override("ar"):
        amount, hours = money_words(2100), hours_words(time(14), time(15, 30))
    assert drawn(in_order(f"المبلغ {amount}، {hours}", rtl=True)) == ["2\xa0100,00\xa0DH", "14:00–15:30"]
    body = as_pdf([Sheet("ورقة", [f"المبلغ {amount}"])], language="ar", title="x", made_at=timezone.now())
    assert "100,00" in words_of(body)


def test_the_front_desk_prints_the_days_of_this_week(logged_in, front_desk, manager):
    first, last = desk_days(timezone.localdate())
    url = reverse("office_day_pack")
    for asked, status in (
        (first - DAY, 404), (first, 200), (last, 200), (last + DAY, 404),
    ):  # fmt: skip
        asked = {"day": f"{asked}"}
        assert logged_in(front_desk).get(url, asked).status_code == status
        assert logged_in(manager).get(url, asked).status_code == 200


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (
            date(2026, 11, 30),
            date(2026, 11, 28),
            date(2026, 12, 6),
        ),  # a Monday
        (date(2026, 12, 1), date(2026, 11, 29), date(2026, 12, 6)),
        (date(2026, 12, 6), date(2026, 11, 30), date(2026, 12, 6)),
    ],
)
def test_the_days_of_the_front_desk_are_this_week_and_the_two_before_today(today, first, last):
    assert desk_days(today) == (first, last)
