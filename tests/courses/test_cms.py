"""Course data and sessions in the CMS: permissions, refusals, warnings."""

from datetime import time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from courses.admin.forms import read_hours
from courses.models import AgeBand, Course, Equipment, Session, Skill
from tests.factories import (
    AgeBandFactory,
    CourseFactory,
    LessonFactory,
    RoomFactory,
    SessionFactory,
    SkillFactory,
    TrackFactory,
    VenueFactory,
    add_course_page,
)


def said(response) -> str:
    """Return the page as text, apostrophes and quotes unescaped."""
    return response.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def course_data(course, **changes) -> dict:
    """Return the form data of a course."""
    data = {
        f"{field}_{code}": getattr(course, f"{field}_{code}") or ""
        for field in ("title", "summary", "outcome")
        for code in ("fr", "ar", "en")
    }
    data |= {"code": course.code, "track": course.track_id, "band": course.band_id, "price": course.price}
    data |= {"meetings_count": course.meetings_count, "minutes": course.minutes}
    for lines in ("prerequisites", "equipment"):
        data |= {
            f"{lines}-TOTAL_FORMS": 0,
            f"{lines}-INITIAL_FORMS": 0,
            f"{lines}-MIN_NUM_FORMS": 0,
            f"{lines}-MAX_NUM_FORMS": 1000,
        }
    return data | changes


# ---- who may do what


@pytest.mark.parametrize(
    "name",
    [
        "courses",
        "lessons",
        "tracks",
        "age-bands",
        "skills",
        "terms",
        "closures",
        "venues",
        "rooms",
        "sessions",
    ],
)
def test_editors_read_every_list_and_managers_add_to_it(name, logged_in, editor, manager):
    client = logged_in(editor)
    assert client.get(reverse(f"{name}:index")).status_code == 200
    assert client.get(reverse(f"{name}:add")).status_code == 302
    client = logged_in(manager)
    assert client.get(reverse(f"{name}:index")).status_code == 200
    assert client.get(reverse(f"{name}:add")).status_code == 200


def test_instructors_the_desk_and_parents_find_no_cms(logged_in, instructor, front_desk, parent):
    for person in (instructor, front_desk, parent):
        assert logged_in(person).get("/cms/", follow=True).status_code == 404


def test_an_editor_words_a_course_and_its_facts_stay(logged_in, editor):
    course = CourseFactory()
    response = logged_in(editor).post(
        reverse("courses:edit", args=[course.pk]),
        course_data(course, title_fr="Nouveau titre", price="1", code="X"),
    )
    assert response.status_code == 302
    course = Course.objects.get(pk=course.pk)
    assert (course.title_fr, course.price, course.code != "X") == ("Nouveau titre", Decimal("1600.00"), True)


@pytest.mark.parametrize(
    ("name", "make", "column"),
    [
        ("age-bands", AgeBandFactory, "nickname_fr"),
        ("venues", VenueFactory, "city_fr"),
        ("tracks", TrackFactory, "name_fr"),
    ],
)
def test_an_editor_reads_the_ages_tracks_and_places_and_changes_none(name, make, column, logged_in, editor):
    row = make()
    client = logged_in(editor)
    assert client.get(reverse(f"{name}:inspect", args=[row.pk])).status_code == 200
    assert client.get(reverse(f"{name}:edit", args=[row.pk])).status_code == 302
    client.post(reverse(f"{name}:edit", args=[row.pk]), {column: "Paris", "code": row.code})
    assert type(row).objects.filter(pk=row.pk, **{column: getattr(row, column)}).exists()


def test_an_editor_changes_no_quantity_of_the_equipment(logged_in, editor):
    course = CourseFactory()
    line = Equipment.objects.create(course=course, item_fr="Tablette", per="pair", quantity=1)
    data = course_data(course) | {
        "equipment-TOTAL_FORMS": 1,
        "equipment-INITIAL_FORMS": 1,
        "equipment-0-id": line.pk,
        "equipment-0-item_fr": "Tablette",
        "equipment-0-per": "child",
        "equipment-0-quantity": 9,
    }
    assert logged_in(editor).post(reverse("courses:edit", args=[course.pk]), data).status_code == 302
    line.refresh_from_db()
    assert (line.per, line.quantity) == ("pair", 1)


def test_an_age_band_is_named_by_its_ages(logged_in, manager):
    band = AgeBandFactory(code="A")
    assert 'name="name_fr"' not in said(logged_in(manager).get(reverse("age-bands:edit", args=[band.pk])))
    said_in = {}
    for language in ("fr", "ar", "en"):
        with translation.override(language):
            said_in[language] = (str(band), str(AgeBand(code="Z", min_age=10, max_age=10)))
    assert said_in == {
        "fr": ("7-8 ans", "10 ans"),
        "ar": ("من 7 إلى 8 سنوات", "10 سنوات"),
        "en": ("Ages 7-8", "Age 10"),
    }


def test_an_editor_writes_no_session(logged_in, editor):
    session = SessionFactory()
    client = logged_in(editor)
    for name in ("sessions:edit", "sessions:delete", "sessions:meetings"):
        assert client.get(reverse(name, args=[session.pk])).status_code == 302
    assert client.get(reverse("sessions:inspect", args=[session.pk])).status_code == 200
    assert (
        client.post(reverse("sessions:meetings", args=[session.pk]), {"verb": "unpublish"}).status_code == 302
    )
    assert Session.objects.get(pk=session.pk).published_at


def test_arabic_boxes_are_typed_right_to_left(logged_in, manager):
    page = said(logged_in(manager).get(reverse("courses:edit", args=[CourseFactory().pk])))
    box = page[page.index('name="title_ar"') :].split(">")[0]
    assert 'lang="ar"' in box and 'dir="rtl"' in box
    assert 'dir="ltr"' in page[page.index('name="title_fr"') :].split(">")[0]


@pytest.mark.parametrize("model", ["courses", "sessions"])
def test_a_list_asks_as_many_queries_for_one_row_as_for_three(model, logged_in, manager, queries):
    client, counts = logged_in(manager), []
    SessionFactory()
    client.get(reverse(f"{model}:index"))
    for _round in range(2):
        with queries() as seen:
            client.get(reverse(f"{model}:index"))
        counts.append(len(seen))
        SessionFactory(), SessionFactory()
    assert counts[0] == counts[1]


# ---- facts refuse in words


def test_skills_that_go_round_in_a_circle_are_refused(logged_in, manager):
    base, above = SkillFactory(), SkillFactory()
    above.builds_on.add(base)
    data = {
        "name_fr": "Base",
        "name_ar": "",
        "name_en": "",
        "code": base.code,
        "track": base.track_id,
        "builds_on": [above.pk],
    }
    response = logged_in(manager).post(reverse("skills:edit", args=[base.pk]), data)
    assert response.status_code == 200 and response.context["form"].errors["builds_on"]
    assert not Skill.objects.get(pk=base.pk).builds_on.exists()


def test_a_code_is_kept_as_typed_and_capitals_make_no_second_one(logged_in, manager):
    there, client = CourseFactory(code="ROBOT-D"), logged_in(manager)
    page = client.get(reverse("courses:edit", args=[there.pk])).content.decode()
    assert "w-slug" not in page, "Wagtail's box for slugs writes small letters"
    client.post(reverse("courses:add"), course_data(there, code="ROBOT-E"))
    assert Course.objects.filter(code="ROBOT-E").exists()
    answer = client.post(reverse("courses:add"), course_data(there, code="robot-d"))
    assert "ROBOT-D existe déjà" in said(answer) and 'value="robot-d"' in said(answer)
    assert client.post(reverse("courses:edit", args=[there.pk]), course_data(there)).status_code == 302


def test_a_course_is_not_its_own_prerequisite(logged_in, manager):
    course = CourseFactory()
    line = {
        "prerequisites-TOTAL_FORMS": 1,
        "prerequisites-0-kind": "course",
        "prerequisites-0-required_course": course.pk,
        "prerequisites-0-level": 3,
    }
    response = logged_in(manager).post(reverse("courses:edit", args=[course.pk]), course_data(course, **line))
    assert response.status_code == 200
    assert not course.prerequisites.exists()


def test_a_course_with_sessions_a_lesson_with_a_page_and_a_venue_with_rooms_are_kept(
    logged_in, manager, site_tree
):
    session = SessionFactory(course=CourseFactory(lessons=1))
    add_course_page(site_tree, session.course)
    client = logged_in(manager)
    for name, row in (
        ("courses", session.course),
        ("venues", session.room.venue),
        ("terms", session.term),
        ("lessons", session.course.lessons.get()),
    ):
        url = reverse(f"{name}:delete", args=[row.pk])
        page = client.get(url)
        assert page.status_code == 200 and page.context["refusal"], name
        assert client.post(url).status_code == 302
        assert type(row).objects.filter(pk=row.pk).exists()


def test_a_room_nobody_uses_is_deleted(logged_in, manager):
    room = RoomFactory()
    assert logged_in(manager).post(reverse("rooms:delete", args=[room.pk])).status_code == 302
    assert not type(room).objects.filter(pk=room.pk).exists()


def test_opening_hours_are_typed_as_lines_and_kept(logged_in, manager):
    venue = VenueFactory()
    data = {
        f"{field}_{code}": getattr(venue, f"{field}_{code}") or ""
        for field in ("name", "city", "address", "directions")
        for code in ("fr", "ar", "en")
    }
    data |= {"code": venue.code, "is_open": "on", "map_url": ""} | {f"hours_{day}": "" for day in range(7)}
    client, url = logged_in(manager), reverse("venues:edit", args=[venue.pk])
    assert client.post(url, data | {"hours_5": "09:00-12:30, 14h00-18:00"}).status_code == 302
    assert list(venue.hours.values_list("weekday", "opens", "closes")) == [
        (5, time(9), time(12, 30)),
        (5, time(14), time(18)),
    ]
    assert "09:00-12:30, 14:00-18:00" in said(client.get(url))
    assert client.post(url, data | {"hours_2": "18:00-09:00"}).context["form"].errors["hours_2"]
    assert venue.hours.count() == 2


@pytest.mark.parametrize(
    "text", ["9-18", "25:00-26:00", "18:00-09:00", "09:00-12:00, 11:00-13:00", "bonjour"]
)
def test_hours_that_do_not_read_are_refused(text):
    with pytest.raises(ValidationError):
        read_hours(text)


def test_a_kit_is_typed_as_lines(logged_in, manager):
    lesson = LessonFactory()
    data = {
        f"{field}_{code}": getattr(lesson, f"{field}_{code}") or ""
        for field in ("title", "objective", "family_words")
        for code in ("fr", "ar", "en")
    }
    data |= {
        "course": lesson.course_id,
        "number": 1,
        "hazards": ["heat"],
        "kit": "pair | 1 | Robot | روبوت | Robot",
    }
    data |= {
        "blocks-TOTAL_FORMS": 0,
        "blocks-INITIAL_FORMS": 0,
        "blocks-MIN_NUM_FORMS": 0,
        "blocks-MAX_NUM_FORMS": 1000,
    }
    client, url = logged_in(manager), reverse("lessons:edit", args=[lesson.pk])
    assert client.post(url, data).status_code == 302
    lesson.refresh_from_db()
    assert (lesson.kit, lesson.hazards) == (
        [{"per": "pair", "qty": 1, "fr": "Robot", "ar": "روبوت", "en": "Robot"}],
        ["heat"],
    )
    assert client.post(url, data | {"kit": "un robot"}).context["form"].errors["kit"]


def test_a_closure_says_which_meetings_already_stand_on_it(logged_in, manager):
    session = SessionFactory()
    day = f"{session.first_on:%d/%m/%Y}"
    data = {"name_fr": "Fête", "name_ar": "", "name_en": "", "starts_on": day, "ends_on": day, "venue": ""}
    response = logged_in(manager).post(reverse("closures:add"), data, follow=True)
    assert any("1" in str(message) for message in response.context["messages"] if "warning" in message.tags)
    assert (
        logged_in(manager)
        .post(reverse("closures:add"), data | {"ends_on": "01/01/2020"})
        .context["form"]
        .errors["ends_on"]
    )
