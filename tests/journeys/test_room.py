"""The lesson in the room: on a tablet, a projector and a phone; without network; without scripts."""

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import expect

from courses.models import Lesson, LessonBlock, Meeting
from enrollments.classes import room_codes
from tests.classes import class_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAWING = """scratch
event_whenflagclicked
control_forever {
  control_if (sensing_touchingobject [Personnage | الشخصية | Character]) {
    sound_play [pop]
    motion_goto [random position]
  }
}"""
SIZES = {"projector": (1280, 720), "tablet": (800, 1000), "phone": (360, 640)}


@pytest.fixture
def code(academy_settings, instructor):
    """The code of a class that is on; its lesson has three steps and a word."""
    meeting = class_now(1, instructors=[instructor])
    lesson = Lesson.objects.create(
        course=meeting.session.course, number=1, title_fr="Touché !", title_ar="لمسة!", title_en="Touch!"
    )
    for place in range(3):
        words = {"text_fr": f"Étape {place}", "text_ar": f"خطوة {place}", "text_en": f"Step {place}"}
        drawing = DRAWING if place else ""
        LessonBlock.objects.create(
            lesson=lesson, kind="step", for_learner=True, position=place, drawing=drawing, **words
        )
    words = {"text_fr": "pop : un son", "text_ar": "pop: صوت", "text_en": "pop: a sound"}
    LessonBlock.objects.create(lesson=lesson, kind="word", for_learner=True, position=9, **words)
    Meeting.objects.filter(pk=meeting.pk).update(lesson=lesson)
    return room_codes.code_of(meeting)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_one_step_at_a_time_by_keyboard_buttons_and_without_network(new_page, code, language, size):
    page = new_page(language=language, size=size)
    with translation.override(language):
        page.goto(reverse("room"))
        page.fill("#code", f"{code[:4].lower()} {code[4:]}")
        page.locator("main form button").click()
        page.wait_for_url(f"**{reverse('room_lesson', args=[code])}**")
    shown, place = page.locator("[data-slide].is-shown"), page.locator("[data-place]")
    expect(shown).to_have_count(1)
    expect(place).to_have_js_property("value", 1)
    forward = "ArrowLeft" if language == "ar" else "ArrowRight"
    back = "ArrowRight" if language == "ar" else "ArrowLeft"
    page.keyboard.press(forward)
    expect(place).to_have_js_property("value", 2)
    page.context.set_offline(True)
    page.locator("[data-next]").click()
    expect(place).to_have_js_property("value", 3)
    box = shown.locator("svg").bounding_box()
    assert box["width"] > 200 and box["x"] >= 0 and box["x"] + box["width"] <= size[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.keyboard.press("End")
    expect(place).to_have_js_property("value", 5)
    expect(page.locator("[data-next]")).to_be_disabled()
    page.keyboard.press(back)
    expect(place).to_have_js_property("value", 4)
    page.context.set_offline(False)
    page.locator("#languages a[lang=en]").click()
    expect(page.locator("[data-place]")).to_have_js_property("value", 4)  # the same step in another language
    expect(page.locator("[data-slide].is-shown")).to_contain_text("Step 2")


def test_a_swipe_turns_the_page_in_the_readers_direction(new_page, code):
    for language, finger in (("fr", (300, 80)), ("ar", (80, 300))):
        page = new_page(language=language, size=SIZES["phone"])
        with translation.override(language):
            page.goto(reverse("room_lesson", args=[code]))
        page.evaluate(
            """([from, to]) => {
                const box = document.querySelector("[data-slides]");
                const facts = { pointerType: "touch", clientY: 300, bubbles: true };
                const touch = (kind, clientX) =>
                    box.dispatchEvent(new PointerEvent(kind, { ...facts, clientX }));
                touch("pointerdown", from);
                touch("pointerup", to);
            }""",
            list(finger),
        )
        expect(page.locator("[data-place]")).to_have_js_property("value", 2)


def test_without_scripts_the_steps_follow_one_another(new_page, code):
    page = new_page(scripts=False)
    page.goto(reverse("room_lesson", args=[code]))
    for step in range(3):
        expect(page.get_by_text(f"Étape {step}", exact=True)).to_be_visible()
    expect(page.locator("[data-steps]")).to_be_hidden()
    expect(page.locator("svg.code-blocks").first).to_be_visible()
