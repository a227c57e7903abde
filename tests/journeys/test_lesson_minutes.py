"""Writing a lesson: its minutes are summed beside the length of a class, while they are typed."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from courses.models import LessonBlock
from tests.factories import CourseFactory, StaffFactory
from tests.journeys.conftest import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_sum_of_minutes_follows_what_is_typed(academy_settings, new_page, log_in):
    lesson = CourseFactory(lessons=1, minutes=75).lessons.get()
    for kind, minutes, shown in (("warmup", 10, False), ("activity", 60, True), ("step", 0, True)):
        LessonBlock.objects.create(
            lesson=lesson,
            kind=kind,
            minutes=minutes,
            for_learner=shown,
            text_fr="x",
            text_ar="x",
            text_en="x",
        )
    manager = StaffFactory(role="Programme managers")
    page = log_in(new_page(size=DESKTOP), manager.email)
    page.goto(reverse("lessons:edit", args=[lesson.pk]))
    said = page.locator("[data-minutes-planned]")
    expect(said).to_have_text("70 minutes sur les 75 d’une séance")
    expect(page.locator("[data-too-long]")).to_have_count(0)
    page.locator('input[name="blocks-1-minutes"]').fill("66")
    expect(said).to_have_text("76 minutes sur les 75 d’une séance")
    expect(page.locator("[data-too-long]")).to_have_count(1)
    page.locator('input[name="blocks-2-minutes"]').fill("9")  # of the child's step: not of the plan
    expect(said).to_have_text("76 minutes sur les 75 d’une séance")
