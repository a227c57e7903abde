"""The levels of a whole group after a class, on a phone: everybody first, then the exceptions."""

import time

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from courses.models import Meeting
from enrollments.models import SkillObservation
from tests.classes import class_now, kids, put
from tests.factories import LessonFactory, SkillFactory
from tests.journeys.conftest import PHONE
from tests.journeys.test_class import NAMES, Phone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_twelve_children_and_two_skills_in_fourteen_taps(
    academy_settings, instructor, new_page, log_in, language, scripts
):
    meeting, now = class_now(12, names=NAMES, instructors=[instructor]), timezone.now()
    lesson = LessonFactory(course=meeting.session.course, number=44)
    loops, choices = SkillFactory.create_batch(2)
    lesson.skills.set([loops, choices])
    Meeting.objects.filter(pk=meeting.pk).update(lesson=lesson)
    children = kids(meeting)
    for child in children:
        put(meeting, child, "present", by=instructor, at=now)
    fresh = new_page(language=language, size=PHONE, scripts=scripts)
    page = log_in(fresh, instructor.email, language=language)
    phone = Phone(page)
    page.goto(f"/{language}/desk/meetings/{meeting.pk}/")
    phone.tap("a[href$='/after/']")
    for skill in (loops, choices):
        phone.tap(f"button[name=every][value='{skill.pk}.3']")
        expect(page.locator(f"input[name^='skill-'][name$='-{skill.pk}'][value='3']:checked")).to_have_count(
            12
        )
    wanted = {(child.pk, skill.pk): 3 for child in children for skill in (loops, choices)}
    for number, level in ((1, 2), (4, 4), (6, 1), (7, 2), (9, 4), (10, 2), (11, 1), (2, 2), (3, 4)):
        child, skill = children[number], (loops, choices)[number % 2]
        phone.tap(f"label:has(input[name='skill-{child.pk}-{skill.pk}'][value='{level}'])")
        wanted[child.pk, skill.pk] = level
    if scripts:
        expect(page.locator("form [data-state][role=status]")).not_to_be_empty()
    else:
        phone.tap("form[data-touch] .button--primary")
    until = time.monotonic() + 20
    while (found := seen_levels(meeting)) != wanted and time.monotonic() < until:
        time.sleep(0.1)
    assert found == wanted and phone.taps <= 14, phone.taps


def seen_levels(meeting) -> dict[tuple[int, int], int]:
    rows = SkillObservation.objects.filter(meeting=meeting).values_list("child", "skill", "level")
    return {(child, skill): level for child, skill, level in rows}
