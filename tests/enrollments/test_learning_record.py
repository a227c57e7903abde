"""A child over time, as its family and whoever teaches it read it."""

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from courses.models import Meeting
from enrollments.classes import learning_record, progress
from enrollments.models import Presence, ReadRecord, SkillObservation
from enrollments.printing.learning_sheets import learning_pdf
from tests.classes import begin, class_now, kids, put
from tests.factories import LessonFactory, SkillFactory, StaffFactory
from tests.works import made_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
MOST = 14  # queries of a child's page


@pytest.fixture
def meeting(instructor, now):
    """Return the class of one child, present, in a lesson."""
    meeting = class_now(1, at=now, instructors=[instructor])
    lesson = LessonFactory(course=meeting.session.course, number=41, title_fr="Un chat qui bouge")
    Meeting.objects.filter(pk=meeting.pk).update(lesson=lesson)
    put(meeting, kids(meeting)[0], "present", by=instructor, at=now)
    meeting.refresh_from_db()
    return meeting


def later(meeting, days, now):
    """Return the next class of the session that has not been moved, as if held that many days later."""
    following = (
        meeting.session.meetings.filter(starts_at__gt=now + timedelta(days=1)).order_by("number").last()
    )
    return begin(following, now + timedelta(days=days))


def test_first_and_last_go_by_the_day_of_the_class(meeting, instructor, now):
    (child,) = kids(meeting)
    skill, other = SkillFactory(), SkillFactory()
    second = later(meeting, 1, now)
    progress.observe(child, skill, second, level=4, by=instructor, at=now)
    progress.observe(
        child, skill, meeting, level=2, by=instructor, at=now + timedelta(days=3)
    )  # written late
    progress.observe(child, other, meeting, level=1, by=instructor, at=now)
    grown, once = learning_record.skills_seen(child)
    assert (grown.first, grown.first_on, grown.last, grown.last_on, grown.times) == (
        2,
        meeting.on,
        4,
        second.on,
        2,
    )
    assert (once.first, once.last, once.is_once) == (1, 1, True)
    assert grown.bars == [True] * 4 and once.bars == [True, False, False, False]


def test_the_family_reads_skills_classes_and_notes(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    first = SkillFactory(name_fr="Répéter avec une boucle")
    unseen = SkillFactory(name_fr="Décider avec si")
    unseen.builds_on.add(first)
    progress.observe(child, first, meeting, level=2, by=instructor, at=now)
    progress.observe(child, first, later(meeting, 1, now), level=3, by=instructor, at=now)
    progress.note(child, meeting, chips=["team"], text="Bravo", by=instructor, at=now)
    client = logged_in(child.guardians.first())
    assert (
        reverse("child_progress", args=[child.pk])
        in client.get(reverse("child", args=[child.pk])).content.decode()
    )
    page = client.get(reverse("child_progress", args=[child.pk])).content.decode()
    for words in (
        "J’y arrive avec aide",
        "Je sais faire sans aide",
        "Un chat qui bouge",
        "Bravo",
        "Répéter avec une boucle",
    ):
        assert words in page
    notes = [page, client.get(reverse("child", args=[child.pk])).content.decode()]
    assert all('<span dir="auto">Bravo</span>' in page for page in notes), "apart from the phrases chosen"
    paper = client.get(reverse("child_progress_pdf", args=[child.pk]))
    assert paper["Content-Disposition"].startswith(f'inline; filename="progress-{child.pk}.pdf"')
    svg = page[page.index("<svg\n      viewBox") :]
    assert "pas encore observé" in svg, "what was not seen is said in words, not by a colour alone"


def test_a_childs_page_says_the_strongest_and_newest_first(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    client, url = logged_in(child.guardians.first()), reverse("child", args=[child.pk])
    classes = [meeting, later(meeting, 1, now)]
    for name, level, held in (("Ancien", 3, 0), ("Aidé", 2, 1), ("Nouveau", 3, 1), ("Premier", 4, 0)):
        progress.observe(child, SkillFactory(name_fr=name), classes[held], level=level, by=instructor, at=now)
    for number in (1, 2):
        skill = SkillFactory(name_fr=f"Découvert {number}")
        progress.observe(child, skill, classes[0], level=1, by=instructor, at=now)
    page = client.get(url).content.decode()
    card = page[page.index('id="can"') : page.index('id="who"')]
    named = re.findall(r"<span>(Ancien|Aidé|Nouveau|Premier|Découvert \d)</span>", card)
    assert named == ["Premier", "Nouveau", "Ancien", "Aidé", "Découvert 1"]
    assert reverse("child_progress", args=[child.pk]) in card


def test_nothing_observed_is_said_beside_what_is_there(logged_in, meeting, now):
    (child,) = kids(meeting)
    client = logged_in(child.guardians.first())
    for name in ("child", "child_progress"):  # the child was in class
        assert "Rien n’est encore observé" in client.get(reverse(name, args=[child.pk])).content.decode()


def test_a_map_says_each_level_in_shape_and_words_and_so_does_its_table(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    for level in (1, 2, 3, 4):
        progress.observe(child, SkillFactory(), meeting, level=level, by=instructor, at=now)
    SkillFactory()
    with translation.override("fr"):
        (track_map,) = learning_record.track_maps(learning_record.skills_seen(child), font=None)
    assert [sum(row.bars) for row in track_map.rows] == [1, 2, 3, 4, 0]
    assert [box.caption for _row, box in track_map.boxes] == [row.words for row in track_map.rows]
    assert len({row.words for row in track_map.rows}) == 5
    page = logged_in(child.guardians.first()).get(reverse("child_progress", args=[child.pk])).content.decode()
    table = page[page.index("<table") :]
    for row in track_map.rows:
        assert row.words in table and row.skill.name in table


def test_arabic_mirrors_the_map(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    first = SkillFactory(name_ar="التكرار")
    second = SkillFactory(name_ar="القرار")
    second.builds_on.add(first)
    progress.observe(child, first, meeting, level=2, by=instructor, at=now)
    client = logged_in(child.guardians.first())
    at = {}
    for language in ("fr", "ar"):
        page = client.get(f"/{language}/family/children/{child.pk}/progress/").content.decode()
        at[language] = [int(x) for x in re.findall(r'class="skill-map__box[^>]*?x="(\d+)"', page, re.S)]
    assert at["fr"] == at["ar"][::-1] and at["fr"][0] < at["fr"][1]


def test_projects_stand_between_skills_and_classes(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    guardian = child.guardians.first()
    project = made_by(child, guardian, title="Robot suiveur")
    page = logged_in(guardian).get(reverse("child_progress", args=[child.pk])).content.decode()
    assert reverse("project", args=[project.pk]) in page and "Robot suiveur" in page
    page = logged_in(instructor).get(reverse("desk_child_progress", args=[meeting.pk, child.pk]))
    assert "Robot suiveur" in page.content.decode()
    assert reverse("desk_projects", args=[meeting.pk, child.pk]) in page.content.decode()
    assert reverse("project", args=[project.pk]) not in page.content.decode()


def test_a_note_alone_leads_there_too(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    put(meeting, child, "present", by=instructor, at=now)
    page = logged_in(child.guardians.first()).get(reverse("child", args=[child.pk])).content.decode()
    assert reverse("child_progress", args=[child.pk]) in page


def test_nothing_yet_says_so(logged_in, parent, child):
    page = logged_in(parent).get(reverse("child_progress", args=[child.pk])).content.decode()
    assert "<svg\n      viewBox" not in page and "Rien n’est encore noté" in page


def test_a_substitute_reads_it_in_the_window_and_the_family_sees_that(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    progress.observe(child, SkillFactory(name_fr="Répéter"), meeting, level=2, by=instructor, at=now)
    substitute, stranger = StaffFactory(role="Instructors"), StaffFactory(role="Instructors")
    following = later(meeting, 2, now)
    following.instructors.set([substitute])
    url = reverse("desk_child_progress", args=[following.pk, child.pk])
    assert logged_in(stranger).get(url).status_code == 404
    page = logged_in(substitute).get(url).content.decode()
    assert "Répéter" in page and child.guardians.first().email not in page
    assert ReadRecord.objects.filter(child_ref=child.pk, by_ref=substitute.pk, what="file").exists()
    Meeting.objects.filter(pk=following.pk).update(
        starts_at=now + timedelta(days=8), ends_at=now + timedelta(days=8, hours=1)
    )
    assert logged_in(substitute).get(url).status_code == 404
    other = kids(class_now(1, at=now))[0]
    assert (
        logged_in(instructor).get(reverse("desk_child_progress", args=[meeting.pk, other.pk])).status_code
        == 404
    )


def filled(child, meeting, instructor, now, *, skills, classes):
    """Write that many skills in that many classes."""
    made = SkillFactory.create_batch(skills)
    for number in range(1, skills):
        made[number].builds_on.set(made[:number][-2:])
    first = 50 + Meeting.objects.count()
    for number in range(first, first + classes):
        begins = now - timedelta(days=number)
        held = Meeting.objects.create(
            session=meeting.session, number=number, room=meeting.room, lesson=meeting.lesson,
            on=meeting.on, starts=meeting.starts, ends=meeting.ends,
            starts_at=begins, ends_at=begins + timedelta(hours=1),
        )  # fmt: skip
        Presence.objects.create(meeting=held, child=child, mark="present")
        progress.note(child, held, chips=["team"], text="x", by=instructor, at=now)
        made_by(child, instructor, title=f"Projet {number}")
        SkillObservation.objects.bulk_create(
            SkillObservation(
                child=child, skill=skill, meeting=held, level=1 + number % 4, seen_at=now, seen_by_ref=1
            )
            for skill in made
        )


def test_a_child_page_asks_as_much_for_one_class_as_for_forty(logged_in, meeting, instructor, now):
    (child,) = kids(meeting)
    client, counts = logged_in(child.guardians.first()), []
    urls = [reverse(name, args=[child.pk]) for name in ("child_progress", "child")]
    filled(child, meeting, instructor, now, skills=1, classes=1)
    for url in urls:
        client.get(url)
    for more in (0, 40):
        if more:
            filled(child, meeting, instructor, now, skills=12, classes=more)
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:] and max(counts) <= MOST, counts


def learning_text(child, at) -> str:
    """Return what a reader of PDF finds on the paper."""
    with translation.override("fr"):
        pages = PdfReader(io.BytesIO(learning_pdf(child, made_at=at))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_paper_holds_a_sheet_for_each_map_and_one_for_the_table(meeting, instructor, now, language):
    (child,) = kids(meeting)
    filled(child, meeting, instructor, now, skills=9, classes=2)
    with translation.override(language):
        paper = learning_pdf(child, made_at=now)
    assert len(PdfReader(io.BytesIO(paper)).pages) == 2


def test_paper_of_a_protected_child_holds_initials(meeting, instructor, now):
    (child,) = kids(meeting)
    child.is_protected = True
    progress.observe(child, SkillFactory(), meeting, level=2, by=instructor, at=now)
    drawn = learning_text(child, now)
    assert child.first_name not in drawn and f"{child.first_name[0]}. {child.last_name[0]}" in drawn
    child.is_protected = False
    assert child.full_name in learning_text(child, now)
