"""Papers: the same on the page and in the PDF, both scripts shaped, protected children as initials, the reading recorded."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pypdf import PdfReader

from enrollments import admission, papers
from enrollments.models import Child, ReadRecord
from enrollments.paper import as_pdf
from tests.factories import ChildFactory, SessionFactory, StaffFactory, UserFactory
from tests.queues import soon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def words_of(body: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


@pytest.fixture
def day():
    return timezone.localdate() + timedelta(days=2)


@pytest.fixture
def full(day):
    """A class of that day with thirty children, one of whom is protected and one to be spoken for."""
    teacher = StaffFactory(role="Instructors", name="Hajar Une")
    session = SessionFactory(first_on=day, capacity=30, instructors=[teacher], minimum=0)
    at = timezone.now()
    for number in range(30):
        child = ChildFactory(
            guardian=UserFactory(phone="+212661000001"), age=10, first_name=f"Prénom{number:02}", last_name="Secret"
        )
        admission.enroll(child=child, session=session, by=None, at=at)
    Child.objects.filter(first_name="Prénom07").update(is_protected=True)
    Child.objects.filter(first_name="Prénom09").update(speak_first=True)
    return session


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_day_pack_is_the_same_on_the_page_and_on_paper(logged_in, front_desk, full, day, language):
    client = logged_in(front_desk)
    with override(language):
        page = client.get(reverse("office_day_pack"), {"day": f"{day}"}).content.decode()
        answer = client.get(reverse("office_day_pack_pdf"), {"day": f"{day}"})
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    reader = PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) >= 4, "thirty children go on to a second sheet; the list and the slips have their own"
    told = words_of(answer.content)
    for shown in (page, told):
        assert "Prénom00" in shown and "Prénom07" not in shown and "06.61.00.00.01" in shown
    assert ReadRecord.objects.filter(what="roster", by_ref=front_desk.pk).exists()


def test_protected_children_are_initials_and_their_telephone_is_not_printed(full, day):
    sheets, children = papers.day_pack(day, timezone.now())
    roster = next(sheet for sheet in sheets if sheet.title == full.course.title)
    protected = next(row for row in roster.rows if row[0] == "P. S.")
    assert "0661" not in protected[1].replace(" ", "") and len(children) == 30
    assert any("demander à l’accueil" in row[2] or "accueil" in row[2] for row in roster.rows)
    evacuation = next(sheet for sheet in sheets if sheet.title == "Liste d’évacuation")
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


def test_arabic_is_shaped_and_names_of_both_scripts_stand_side_by_side():
    from enrollments.paper import Sheet

    sheet = Sheet("ورشة البرمجة", ["سلمى Salma", "06 61 00 00 01"], ["الطفل", "الهاتف"], [["سلمى", "06 61 00 00 01"]], [1, 1])
    body = as_pdf([sheet], language="ar", title="x", made_at=timezone.now())
    reader = PdfReader(io.BytesIO(body))
    assert reader.trailer["/Root"]["/Lang"] == "ar" and len(body) < 120_000
    assert "Salma" in words_of(body)
