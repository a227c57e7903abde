"""Kit reported missing after a class is shown where somebody acts, until it is put right."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from enrollments.classes import diary
from enrollments.models import ClassDiary
from tests.classes import class_now
from tests.factories import SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def meeting(instructor, now):
    return class_now(1, at=now, instructors=[instructor])


def report(client, meeting, words):
    return client.post(reverse("desk_after", args=[meeting.pk]), {"kit_missing": words})


@pytest.mark.parametrize("who", ["front_desk", "manager"])
def test_todays_page_says_what_is_missing_who_said_it_and_has_it_put_right(
    request, logged_in, instructor, meeting, who
):
    somebody = request.getfixturevalue(who)
    title = gettext("Missing or broken kit")
    assert title not in logged_in(somebody).get(reverse("office")).content.decode()
    report(logged_in(instructor), meeting, "deux câbles <USB>")
    client = logged_in(somebody)
    page = client.get(reverse("office")).content.decode()
    assert "deux câbles &lt;USB&gt;" in page and instructor.name in page
    row = ClassDiary.objects.get()
    url = reverse("office_kit_right", args=[row.pk])
    client.post(url, {"words": "an older report"})
    row.refresh_from_db()
    assert row.kit_righted_at is None, "the page showed other words"
    for _twice in range(2):
        client.post(url, {"words": "deux câbles <USB>"})
    row.refresh_from_db()
    assert row.kit_righted_by_ref == somebody.pk
    assert title not in client.get(reverse("office")).content.decode()


def test_other_words_are_news_again_and_other_fields_change_nothing(meeting, instructor, front_desk, now):
    later = now + timedelta(minutes=5)
    first = diary.write_diary(meeting, by=instructor, at=now, kit_missing="un câble")
    diary.write_diary(meeting, by=front_desk, at=later, handover="x", kit_missing=" un câble ")
    first.refresh_from_db()
    assert (first.kit_said_by_ref, first.kit_said_at) == (instructor.pk, now)
    assert diary.put_kit_right(first, "un câble", by=front_desk, at=later)
    diary.write_diary(meeting, by=instructor, at=later, worked="y")
    assert diary.kit_to_put_right() == []
    diary.write_diary(meeting, by=instructor, at=later, kit_missing="un câble et une souris")
    (again,) = diary.kit_to_put_right()
    assert (again.by, again.diary.kit_said_at) == (instructor.get_full_name(), later)
    diary.write_diary(meeting, by=instructor, at=later, kit_missing="")
    assert diary.kit_to_put_right() == []


def test_the_newest_comes_first_and_the_list_asks_as_often_for_three(instructor, now, queries):
    counts = []
    for minutes in range(3):
        meeting = SessionFactory(instructors=[instructor]).meetings.first()
        at = now + timedelta(minutes=minutes)
        diary.write_diary(meeting, by=instructor, at=at, kit_missing=f"{minutes}")
        with queries() as seen:
            found = diary.kit_to_put_right()
            assert [str(one.diary.meeting.session.course_id) for one in found]
        counts.append(len(seen))
    assert [one.diary.kit_missing for one in found] == ["2", "1", "0"]
    assert counts[0] == counts[2]


def test_managers_find_every_kind_of_email_from_the_messages(logged_in, front_desk, manager):
    link = reverse("office_letter_kinds")
    pages = [
        logged_in(user).get(reverse("office_letters")).content.decode() for user in (manager, front_desk)
    ]
    assert [link in page for page in pages] == [True, False]
