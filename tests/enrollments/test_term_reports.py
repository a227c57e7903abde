"""The report of a term: what it tells, on screen and on paper, and who may read it."""

import io
import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from courses.models import Lesson, Meeting
from courses.timetable import scheduling
from enrollments.classes import progress
from enrollments.learning import certificates
from enrollments.learning.term_report import beginning, report_of, terms_of
from enrollments.models import Child, Enrollment, MakeUp, ReadRecord
from enrollments.places import admission, withdrawal
from enrollments.printing.term_reports import report_pdf, sheets_of
from tests.classes import begin, class_now, kids, put
from tests.factories import (
    ChildFactory,
    CourseFactory,
    SessionFactory,
    SkillFactory,
    StaffFactory,
    TermFactory,
)
from tests.queues import DAY, join
from tests.works import made_by, photographed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def over(now, instructor):
    """A session of three classes, the last one eight days ago at the latest, with its lessons."""
    first_on = timezone.localdate(now) - timedelta(days=24)
    session = SessionFactory(first_on=first_on, course=CourseFactory(lessons=3), instructors=[instructor])
    for meeting, lesson in zip(classes(session), Lesson.objects.filter(course=session.course), strict=True):
        Meeting.objects.filter(pk=meeting.pk).update(lesson=lesson)
    return session


def classes(session) -> list[Meeting]:
    return list(session.meetings.select_related("session").order_by("number"))


@pytest.fixture
def salma(parent, over, instructor) -> Child:
    """A child that came, was absent, and came again; its skill grew; with one note."""
    child = ChildFactory(guardian=parent, first_name="Salma", last_name="El Amrani", first_name_ar="سلمى")
    join(over, child, at=over.first_at - 9 * DAY)
    first, second, third = classes(over)
    skill = SkillFactory(name_fr="Répéter", name_ar="التكرار", name_en="Repeat")
    for meeting, mark in ((first, "present"), (second, "absent"), (third, "late")):
        put(meeting, child, mark, by=instructor, at=meeting.starts_at)
    for meeting, level in ((third, 3), (first, 1)):  # written out of order
        progress.observe(child, skill, meeting, level=level, by=instructor, at=meeting.ends_at)
    progress.note(child, third, chips=["team"], text="Elle aide.", by=instructor, at=third.ends_at)
    return child


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_it_tells_attendance_skills_first_and_last_and_notes(salma, over, now):
    report = report_of(salma, over.term, now)
    [course] = report.courses
    assert (course.attended.came, course.attended.classes, course.attended.made_up) == (2, 3, 0)
    assert [row.mark for row in course.classes] == ["présence", "absence", "retard"]
    [skill] = report.skills
    assert (skill.first_words, skill.last_words) == ("Je découvre", "Je sais faire sans aide")
    assert [row.note.text for row in report.noted] == ["Elle aide."]
    assert terms_of(salma, now) == [over.term]


def test_what_was_seen_once_is_not_told_as_first_and_last(salma, over, instructor, logged_in, parent):
    once = SkillFactory(name_fr="Mesurer")
    progress.observe(salma, once, classes(over)[0], level=2, by=instructor, at=over.first_at)
    page = logged_in(parent).get(reverse("child_report", args=[salma.pk, over.term_id])).content.decode()
    row = page[page.index("Mesurer") :].split("</tr>")[0]
    assert row.count("J’y arrive avec aide") == 1 and 'data-label="Observée une fois" colspan="2"' in row
    pdf = logged_in(parent).get(reverse("child_report_pdf", args=[salma.pk, over.term_id])).content
    assert words_of(pdf).count("J’y arrive avec aide") == 1


def test_a_note_stands_apart_from_the_phrases_chosen(salma, over, now):
    with translation.override("ar"):
        sheets = sheets_of(report_of(salma, over.term, now))
    notes = next(sheet for sheet in sheets if "تعاون" in str(sheet.lines))
    assert len(notes.lines) == 2 and "Elle aide." not in notes.lines[0]


@pytest.mark.parametrize(
    ("language", "words", "none"),
    [
        ("fr", "1 sur 1, présence non relevée pour 2 séances", "présence non relevée pour 3 séances"),
        ("ar", "1 من حصة واحدة، حصتان لم يُسجَّل فيهما الحضور", "3 حصص لم يُسجَّل فيها الحضور"),
        ("en", "1 of 1, attendance not taken in 2 classes", "attendance not taken in 3 classes"),
    ],
)
def test_a_forgotten_register_is_no_absence(logged_in, parent, over, instructor, now, language, words, none):
    first, second = (ChildFactory(guardian=parent, first_name=name) for name in ("Adam", "Nora"))
    for child in (first, second):
        join(over, child, at=over.first_at - 9 * DAY)
    put(classes(over)[0], first, "present", by=instructor, at=over.first_at)
    with translation.override(language):
        for child, said in ((first, words), (second, none)):
            page = logged_in(parent).get(reverse("child_report", args=[child.pk, over.term_id]))
            assert said in page.content.decode()
            assert report_of(child, over.term, now).courses[0].attended.words.endswith(said)
            assert (
                report_of(child, over.term, now).courses[0].attended.words
                == sheets_of(report_of(child, over.term, now))[0].lines[0]
            ), "on paper too"


def test_a_class_made_up_in_another_group_counts_and_is_told(salma, over, now, instructor, parent):
    host = classes(SessionFactory(course=over.course, first_on=over.first_on + timedelta(days=1)))[1]
    MakeUp.objects.create(
        child=salma, missed=classes(over)[1], host=host, booked_at=now - 20 * DAY, booked_by_ref=parent.pk
    )
    put(host, salma, "present", by=instructor, at=host.starts_at)
    progress.note(salma, host, chips=["curious"], text="", by=instructor, at=host.ends_at)
    report = report_of(salma, over.term, now)
    assert report.courses[0].attended.made_up == 1
    assert [row.meeting for row in report.noted] == [host, classes(over)[2]]


def test_a_session_cancelled_midway_keeps_what_was_done_before(
    logged_in, parent, salma, over, now, instructor, manager
):
    """Its third class is still to come; nobody was told to give that one."""
    begin(classes(over)[2], now + 5 * DAY)
    scheduling.keep_in_step(over)
    withdrawal.cancel_session(over, by=manager, at=now, reason="few")
    later = now + 9 * DAY
    [course] = report_of(salma, over.term, later).courses
    assert [row.mark for row in course.classes] == ["présence", "absence"]
    assert (course.attended.came, course.attended.classes) == (1, 2)
    assert terms_of(salma, later) == [over.term]
    url = reverse("child_report", args=[salma.pk, over.term_id])
    assert logged_in(parent).get(url).status_code == 200


def test_a_session_cancelled_before_its_first_class_is_none(salma, over, now, manager):
    withdrawal.cancel_session(over, by=manager, at=over.first_at - DAY, reason="few")
    assert report_of(salma, over.term, now) is None and terms_of(salma, now) == []


def test_a_child_that_left_and_came_back_has_one_course(logged_in, parent, over, now, instructor, manager):
    first, second, third = classes(over)
    child = ChildFactory(guardian=parent)
    row = join(over, child, at=over.first_at - 9 * DAY)
    put(first, child, "present", by=instructor, at=first.starts_at)
    withdrawal.remove(row, by=manager, at=first.ends_at + DAY, reason="conduct")
    back = join(over, child, at=over.first_at - 9 * DAY)
    Enrollment.objects.filter(pk=back.pk).update(seated_at=second.ends_at + DAY)
    put(third, child, "absent", by=instructor, at=third.starts_at)
    [course] = report_of(child, over.term, now).courses
    assert [row.mark for row in course.classes] == ["présence", "absence"], "not the one while it was away"
    assert (course.attended.came, course.attended.marked, course.attended.classes) == (1, 2, 2)
    [one] = certificates.candidates(over, now)
    assert one.has_completed and one.is_proposed and one.attended == course.attended


def test_another_term_is_another_report_and_one_without_classes_is_none(salma, over, now):
    assert report_of(salma, TermFactory(), now) is None
    assert report_of(salma, over.term, over.first_at - DAY) is None, "before the first class"
    assert terms_of(salma, over.first_at - DAY) == []
    assert report_of(ChildFactory(), over.term, now) is None


def test_what_next_holds_a_course_left_a_minute_after_enrolling_and_none_it_is_in(salma, over, parent, now):
    left, taken = SessionFactory(), SessionFactory(starts=time(9), ends=time(10))
    rows = [admission.enroll(child=salma, session=one, by=parent, at=now) for one in (left, taken)]
    withdrawal.withdraw(rows[0], by=parent, at=now + timedelta(minutes=1))
    again = SessionFactory(course=left.course, starts=time(16), ends=time(17))
    for course in (taken.course, over.course):
        SessionFactory(course=course, starts=time(18), ends=time(19))
    found = report_of(salma, over.term, now + timedelta(minutes=2)).next_sessions
    assert found == [left, again]


def test_what_next_is_what_the_child_can_join(salma, over, now):
    fits = SessionFactory()
    (
        SessionFactory(course__band="C"),
        SessionFactory(course=over.course),
        SessionFactory(access_code="AAAABBBB"),
    )
    assert report_of(salma, over.term, now).next_sessions == [fits]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_page_and_paper_say_the_same(logged_in, parent, salma, over, language):
    made = made_by(
        salma, parent, photographed(), title="Le chat", story="Il saute.", made_on=over.term.starts_on
    )
    made_by(salma, parent, title="Un autre trimestre", made_on=over.term.ends_on + timedelta(days=1))
    with translation.override(language):
        page = logged_in(parent).get(reverse("child_report", args=[salma.pk, over.term_id]))
        paper = logged_in(parent).get(reverse("child_report_pdf", args=[salma.pk, over.term_id]))
    assert page.status_code == 200 and "no-store" in paper["Cache-Control"]
    said, printed = page.content.decode(), words_of(paper.content)
    for words in ("Elle aide.", "Le chat", "Il saute."):
        assert words in said and words in printed
    assert "Un autre trimestre" not in said + printed
    assert f"/{language}/family/projects/{made.pk}/files/{made.picture.pk}/small/" in said
    assert sum(len(page.images) for page in PdfReader(io.BytesIO(paper.content)).pages) == 1
    if language == "fr":
        assert "Séances suivies" in said and "2 sur 3" in said and "2 sur 3" in printed
    assert not ReadRecord.objects.exists(), "a guardian's own look is not recorded"


def test_the_desk_and_the_instructor_in_the_window_read_it_and_it_is_recorded(
    logged_in, instructor, front_desk, salma, over
):
    last = classes(over)[2]
    desk = [
        reverse("desk_report", args=[last.pk, salma.pk]),
        reverse("desk_report_pdf", args=[last.pk, salma.pk]),
    ]
    office = [reverse(f"office_report{kind}", args=[salma.pk, over.term_id]) for kind in ("", "_pdf")]
    for person, urls in ((instructor, desk), (front_desk, office)):
        assert [logged_in(person).get(url).status_code for url in urls] == [200, 200]
        assert ReadRecord.objects.filter(what="report", by_ref=person.pk, child_ref=salma.pk).count() == 1
    assert logged_in(instructor).get(office[0]).status_code == 404


def test_nobody_else_reads_it(logged_in, other_parent, editor, instructor, salma, over, time_machine):
    last = classes(over)[2]
    urls = [reverse(name, args=[salma.pk, over.term_id]) for name in ("child_report", "child_report_pdf")]
    inside = reverse("desk_report_pdf", args=[last.pk, salma.pk])
    for person in (other_parent, editor, StaffFactory(role="Instructors")):
        assert {logged_in(person).get(url).status_code for url in (*urls, inside)} == {404}
    stranger = ChildFactory()
    assert logged_in(instructor).get(reverse("desk_report", args=[last.pk, stranger.pk])).status_code == 404
    time_machine.move_to(last.starts_at + timedelta(days=14, minutes=1))
    assert logged_in(instructor).get(inside).status_code == 404, "the window has closed"
    assert not ReadRecord.objects.exists()


def test_the_childs_page_leads_to_it(logged_in, parent, salma, over):
    page = logged_in(parent).get(reverse("child", args=[salma.pk])).content.decode()
    assert reverse("child_report", args=[salma.pk, over.term_id]) in page


def test_as_many_queries_for_one_course_as_for_three(salma, over, now, queries):
    with queries() as one:
        report_of(salma, over.term, now)
    for hour in (9, 11):
        more = SessionFactory(first_on=over.first_on - timedelta(days=hour), term=over.term)
        join(more, salma, at=more.first_at - 9 * DAY)
    with queries() as three:
        assert len(report_of(salma, over.term, now).courses) == 3
    assert len(one) == len(three)


def test_a_protected_child_has_initials_on_paper(salma, over, now):
    salma.is_protected = True
    printed = words_of(report_pdf(report_of(salma, over.term, now), language="fr", made_at=now))
    assert salma.full_name not in printed and salma.last_name not in printed
    assert f"{salma.first_name[0]}. {salma.last_name[0]}" in printed


def test_the_desk_leads_to_a_report_that_is_there(logged_in, instructor, salma, over, now):
    last = classes(over)[2]
    report = reverse("desk_report", args=[last.pk, salma.pk])
    client = logged_in(instructor)
    assert report in client.get(reverse("desk_child", args=[last.pk, salma.pk])).content.decode()
    coming = class_now(1, at=now, instructors=[instructor])
    (child,) = kids(coming)
    Meeting.objects.filter(pk=coming.pk).update(
        starts_at=now + timedelta(minutes=5), ends_at=now + timedelta(hours=1)
    )
    page = client.get(reverse("desk_child", args=[coming.pk, child.pk])).content.decode()
    assert reverse("desk_report", args=[coming.pk, child.pk]) not in page


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("fr", 12, ""),
        ("fr", 13, "et 1 autre projet"),
        ("ar", 14, "ومشروعان آخران"),
        ("en", 60, "and 48 more projects"),
    ],
)
def test_a_report_shows_the_twelve_latest_projects_and_how_many_more(
    logged_in, parent, salma, over, language, count, words
):
    story = "motus " * 300
    for number in range(count):
        made_on = over.term.starts_on + timedelta(days=number // 10)
        made_by(salma, parent, title=f"Projet-{number:02}-", story=story, made_on=made_on)
    with translation.override(language):
        page = logged_in(parent).get(reverse("child_report", args=[salma.pk, over.term_id])).content.decode()
        paper = logged_in(parent).get(reverse("child_report_pdf", args=[salma.pk, over.term_id]))
    printed = words_of(paper.content)
    shown = [f"Projet-{number:02}-" for number in range(count)][-12:]
    for said in (page, printed):
        assert re.findall(r"Projet-\d\d-", said) == shown
        assert said.count("motus") == 12 * 66, "four hundred letters of each story"
    assert words in " ".join(page.split())
    if language != "ar":  # a PDF's Arabic is read back letter by letter
        assert words in printed
    assert ("autre projet" in page) == (count == 13)


@pytest.mark.parametrize(
    ("story", "shown"),
    [
        ("", ""),
        ("Il saute.\n\n  Il tourne.", "Il saute.\nIl tourne."),
        ("x" * 400, "x" * 400),
        ("x" * 401, "x" * 400 + "…"),
        ("a" * 395 + " bcde fin", "a" * 395 + " bcde…"),
        ("a" * 395 + " bcdef fin", "a" * 395 + "…"),
        ("a\n" * 900, "\n".join("a" * 12) + "…"),
        ("كلمة " * 100, ("كلمة " * 80).rstrip() + "…"),
    ],
)
def test_a_story_is_cut_at_a_word(story, shown):
    assert beginning(story) == shown
