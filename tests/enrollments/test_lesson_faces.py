"""The lesson's faces on screen, on paper, in the room and in the letter to who missed it."""

import io
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from pypdf import PdfReader

from courses.faces import LessonFace
from courses.models import Lesson, LessonBlock, Meeting
from enrollments.classes import class_reports, room_codes
from enrollments.letters import delivery
from enrollments.models import Letter
from enrollments.printing.lesson_sheets import lesson_pdf
from home.language.dates import day_words
from tests.classes import class_now, kids, put
from tests.factories import StaffFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
Kind = LessonBlock.Kind
SECRET = "Demander doucement qui a peur"
STEP = "Prends le bloc avancer"
ASK = "Que fait ton chat quand on clique ?"
DRAWING = "scratch\nevent_whenflagclicked\nmotion_movesteps 10"


def write(lesson: Lesson) -> Lesson:
    rows = [
        (Kind.TIP, SECRET, 0, False, ""),
        (Kind.WARMUP, "On se lève", 10, False, ""),
        (Kind.STEP, STEP, 0, True, DRAWING),
        (Kind.WORD, "bloc : une instruction", 0, True, ""),
        (Kind.ASK, ASK, 0, False, ""),
    ]
    for position, (kind, text, minutes, shown, drawing) in enumerate(rows):
        LessonBlock.objects.create(
            lesson=lesson, kind=kind, text_fr=text, text_ar=text, text_en=text, minutes=minutes,
            for_learner=shown, drawing=drawing, position=position,
        )  # fmt: skip
    return lesson


@pytest.fixture
def meeting(instructor, now) -> Meeting:
    """A class that is on, of two children, with a written lesson."""
    meeting = class_now(2, at=now, instructors=[instructor])
    meeting.refresh_from_db()
    lesson = meeting.lesson or Lesson.objects.create(
        course=meeting.session.course, number=1, title_fr="Un chat", title_ar="قط", title_en="A cat"
    )
    Meeting.objects.filter(pk=meeting.pk).update(lesson=write(lesson))
    return Meeting.objects.select_related("lesson__course", "session__course").get(pk=meeting.pk)


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


# ---- the instructor


def test_the_instructor_reads_the_plan_and_what_the_family_gets(logged_in, instructor, meeting):
    page = logged_in(instructor).get(reverse("desk_lesson", args=[meeting.lesson_id])).content.decode()
    assert SECRET in page and ASK in page and STEP not in page
    steps = logged_in(instructor).get(reverse("desk_lesson_child", args=[meeting.lesson_id])).content.decode()
    assert STEP in steps and SECRET not in steps and "<svg" in steps and "avancer de 10 pas" in steps


@pytest.mark.parametrize(
    ("route", "inside", "outside"),
    [
        ("desk_lesson_pdf", [SECRET], [STEP, ASK]),
        ("desk_lesson_child_pdf", [STEP, "avancer de"], [SECRET, ASK]),
        ("desk_lesson_family_pdf", [ASK, "une instruction"], [SECRET, STEP]),
    ],
)
def test_each_face_has_its_sheet(logged_in, instructor, meeting, route, inside, outside):
    response = logged_in(instructor).get(reverse(route, args=[meeting.lesson_id]))
    words = words_of(response.content)
    assert response["Content-Type"] == "application/pdf"
    assert [text for text in inside if text not in words] == []
    assert [text for text in outside if text in words] == []


def test_who_does_not_teach_the_course_reads_no_face(logged_in, meeting):
    other = logged_in(StaffFactory(role="Instructors"))
    for route in ("desk_lesson", "desk_lesson_child", "desk_lesson_pdf", "desk_lesson_child_pdf"):
        assert other.get(reverse(route, args=[meeting.lesson_id])).status_code == 404


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_long_drawing_stays_on_its_sheet(meeting, now, language):
    long = "scratch\n" + "\n".join(["control_repeat 4 {"] * 12 + ["looks_show"] * 20 + ["}"] * 12)
    LessonBlock.objects.filter(kind=Kind.STEP).update(drawing=long)
    with translation.override(language):
        pdf = PdfReader(io.BytesIO(lesson_pdf(meeting.lesson, LessonFace.CHILD, made_at=now)))
    assert 1 <= len(pdf.pages) <= 3
    assert all(page.mediabox.width < page.mediabox.height for page in pdf.pages)


def test_the_desk_names_who_missed_the_last_class_and_links_their_sheet(
    logged_in, instructor, meeting, now, time_machine
):
    absent, _here = kids(meeting)
    put(meeting, absent, "absent", by=instructor, at=now)
    later = meeting.session.meetings.filter(starts_at__gt=meeting.starts_at).order_by("starts_at").first()
    time_machine.move_to(later.starts_at - timedelta(hours=1))
    page = logged_in(instructor).get(reverse("desk")).content.decode()
    assert absent.first_name in page
    assert reverse("desk_lesson_child_pdf", args=[meeting.lesson_id]) in page


# ---- the family


def test_the_family_reads_its_face_once_the_class_has_begun(logged_in, meeting, now, time_machine):
    child = kids(meeting)[0]
    client = logged_in(child.guardians.first())
    url = reverse("child_lesson", args=[child.pk, meeting.pk])
    page = client.get(url).content.decode()
    assert ASK in page and SECRET not in page
    steps = client.get(reverse("child_lesson_steps", args=[child.pk, meeting.pk])).content.decode()
    assert STEP in steps and SECRET not in steps
    assert STEP in words_of(client.get(reverse("child_lesson_pdf", args=[child.pk, meeting.pk])).content)
    time_machine.move_to(meeting.starts_at - timedelta(seconds=1))
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("mark", ["absent", "excused", "present", "left", ""])
def test_an_absent_child_is_not_said_to_have_done_what_the_group_did(
    logged_in, instructor, meeting, now, mark, language
):
    child = kids(meeting)[0]
    Lesson.objects.filter(pk=meeting.lesson_id).update(family_words_fr="Un chat.")
    if mark:
        put(meeting, child, mark, by=instructor, at=now, **({"minutes": 5} if mark == "left" else {}))
    with translation.override(language):
        said = gettext("%(name)s was not in this class. This is the group’s lesson of %(day)s.")
        said %= {"name": child.first_name, "day": day_words(meeting.on)}
        url = reverse("child_lesson", args=[child.pk, meeting.pk])
        page = logged_in(child.guardians.first()).get(url).content.decode()
        is_missed = mark in ("absent", "excused")
        assert (said in page) == (gettext("What the group did") in page) == is_missed
        assert (gettext("What we did") in page) != is_missed


def test_another_family_reads_no_lesson_of_the_class(logged_in, meeting, parent):
    one, two = kids(meeting)
    for child, reader in ((one, two.guardians.first()), (one, UserFactory())):
        for route in ("child_lesson", "child_lesson_steps", "child_lesson_pdf"):
            assert logged_in(reader).get(reverse(route, args=[child.pk, meeting.pk])).status_code == 404


def test_who_missed_the_class_gets_the_childs_sheet_with_the_letter(instructor, meeting, now):
    absent, here = kids(meeting)
    put(meeting, absent, "absent", by=instructor, at=now)
    put(meeting, here, "present", by=instructor, at=now)
    class_reports.tell(meeting, by=instructor, at=now)
    missed, done = Letter.objects.get(kind="catch_up"), Letter.objects.get(kind="in_class")
    (sheet,) = [part for attached in delivery.ATTACHED for part in attached(missed)]
    assert sheet[0].endswith(".pdf") and STEP in words_of(sheet[1])
    assert absent.first_name not in words_of(sheet[1])
    assert [part for attached in delivery.ATTACHED for part in attached(done)] == []
    assert reverse("child_lesson", args=[absent.pk, meeting.pk]) in missed.body


# ---- the room


@pytest.fixture(autouse=True)
def no_tries():
    caches["default"].clear()


@pytest.mark.parametrize(
    ("minutes", "status"),
    [(-15 * 60 - 1, 404), (-15 * 60, 200), (0, 200), (120 * 60 - 1, 200), (120 * 60, 404)],
)
def test_a_code_works_from_a_quarter_before_to_half_an_hour_after(
    client, meeting, time_machine, minutes, status
):
    """The class lasts ninety minutes; seconds counted from its start."""
    time_machine.move_to(meeting.starts_at + timedelta(seconds=minutes), tick=False)
    assert client.get(reverse("room_lesson", args=[room_codes.code_of(meeting)])).status_code == status


def test_the_room_sees_words_of_the_lesson_only(client, meeting, instructor):
    response = client.get(reverse("room_lesson", args=[room_codes.code_of(meeting)]))
    page = response.content.decode()
    assert STEP in page and "<svg" in page
    hidden = [
        SECRET, ASK, instructor.name, instructor.email, meeting.room.name, meeting.room.venue.name,
        *[name for child in kids(meeting) for name in (child.first_name, child.last_name)],
    ]  # fmt: skip
    assert [words for words in hidden if words in page] == []
    assert "no-store" in response["Cache-Control"] and response["X-Robots-Tag"] == "noindex"
    assert not response.cookies and "csrf" not in page


def test_wrong_early_and_late_codes_are_one_page(client, meeting, time_machine):
    right = reverse("room_lesson", args=[room_codes.code_of(meeting)])
    time_machine.move_to(meeting.starts_at - timedelta(hours=1))
    early = client.get(right)
    time_machine.move_to(meeting.ends_at + timedelta(hours=1))
    late, wrong = client.get(right), client.get(reverse("room_lesson", args=["AAAAAAAA"]))
    code = room_codes.code_of(meeting)
    bodies = {answer.content.decode().replace(code, "AAAAAAAA") for answer in (early, late, wrong)}
    assert len(bodies) == 1 and {answer.status_code for answer in (early, late, wrong)} == {404}
    assert all("no-store" in answer["Cache-Control"] for answer in (early, late, wrong))
    page = bodies.pop()  # where the code is typed again
    assert f'action="{reverse("room")}"' in page and 'name="code"' in page and "Ce code n’ouvre rien" in page


def test_twenty_wrong_codes_close_the_door_but_not_a_room_in_use(client, meeting, instructor, logged_in):
    code = room_codes.code_of(meeting)
    right = reverse("room_lesson", args=[code])
    for _again in range(30):  # yesterday's page, opened anew by thirty tablets
        assert client.get(reverse("room_lesson", args=["YESTERDAY"])).status_code == 404
    for number in range(19):
        assert client.get(reverse("room_lesson", args=[f"AAAA{number:04}"])).status_code == 404
    refused = client.get(right)
    assert (
        refused.status_code == 429
        and refused["Retry-After"] == "600"
        and STEP not in refused.content.decode()
    )
    assert client.get(right, REMOTE_ADDR="192.0.2.9").status_code == 200, "another network"
    logged_in(instructor).get(reverse("desk_room", args=[meeting.pk]))  # shown on the instructor's phone here
    assert client.get(right).status_code == 200
    assert client.get(reverse("room_lesson", args=["AAAA9999"])).status_code == 429


def test_the_code_of_a_cancelled_session_opens_nothing(client, meeting, now):
    type(meeting.session).objects.filter(pk=meeting.session_id).update(cancelled_at=now)
    assert client.get(reverse("room_lesson", args=[room_codes.code_of(meeting)])).status_code == 404


def test_a_sheet_that_cannot_be_drawn_does_not_hold_the_letter_up(instructor, meeting, now, monkeypatch):
    absent, _here = kids(meeting)
    put(meeting, absent, "absent", by=instructor, at=now)
    class_reports.tell(meeting, by=instructor, at=now)
    LessonBlock.objects.filter(kind=Kind.STEP).update(text_fr="x" * 5)

    def broken(*_args, **_more):
        raise ValueError("no font")

    monkeypatch.setattr("enrollments.printing.lesson_sheets.LessonPaper", broken)
    missed = Letter.objects.get(kind="catch_up")
    assert [part for attached in delivery.ATTACHED for part in attached(missed)] == []


def test_codes_have_eight_signs_that_look_like_no_other(meeting):
    code = room_codes.code_of(meeting)
    assert len(code) == 8 and set(code) <= set(room_codes.SIGNS)
    assert not set("0O1IL2Z5S8BUV") & set(room_codes.SIGNS)
    assert room_codes.code_of(Meeting(pk=meeting.pk + 1, on=meeting.on)) != code


def test_a_code_is_read_as_people_type_it(client, meeting):
    code = room_codes.code_of(meeting)
    typed = f" {code[:4].lower()}-{code[4:]} "
    answer = client.get(reverse("room"), {"code": typed})
    assert answer["Location"] == reverse("room_lesson", args=[code])
    assert client.get(reverse("room")).status_code == 200


def test_a_cancelled_class_or_one_without_a_lesson_has_no_code(client, meeting, now):
    url = reverse("room_lesson", args=[room_codes.code_of(meeting)])
    Meeting.objects.filter(pk=meeting.pk).update(lesson=None)
    assert client.get(url).status_code == 404
    Meeting.objects.filter(pk=meeting.pk).update(lesson=meeting.lesson, cancelled_at=now)
    assert client.get(url).status_code == 404


def test_the_instructor_shows_the_code_of_the_class_that_is_on(logged_in, instructor, meeting):
    page = logged_in(instructor).get(reverse("desk_room", args=[meeting.pk])).content.decode()
    code = room_codes.code_of(meeting)
    assert room_codes.told(code) in page and reverse("room_lesson", args=[code]) in page
    assert 'src="data:image/png' in page
    assert "Il est valable de " in page, "today"
    Meeting.objects.filter(pk=meeting.pk).update(on=meeting.on + timedelta(days=1))
    page = logged_in(instructor).get(reverse("desk_room", args=[meeting.pk])).content.decode()
    with translation.override("fr"):
        assert f"Il est valable le {day_words(meeting.on + timedelta(days=1))}, de " in page
    other = logged_in(StaffFactory(role="Instructors"))
    assert other.get(reverse("desk_room", args=[meeting.pk])).status_code == 404
