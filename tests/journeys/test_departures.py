"""A class goes home: ten children in twelve taps, without network and without scripts; then what they could
do.
"""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from courses.models import Meeting
from enrollments.models import Presence, SkillObservation
from tests.classes import class_now, kids, put
from tests.factories import GuardianshipFactory, LessonFactory, SkillFactory, UserFactory
from tests.journeys.conftest import PHONE
from tests.journeys.pressing import covered
from tests.journeys.test_class import NAMES, Phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def meeting(academy_settings, instructor):
    """Return a class of ten children who are here, each with two guardians."""
    meeting = class_now(10, names=NAMES[:10], instructors=[instructor])
    for child in kids(meeting):
        GuardianshipFactory(child=child, guardian=UserFactory())
        put(meeting, child, "present", by=instructor, at=timezone.now())
    return meeting


def gone() -> int:
    return Presence.objects.exclude(went_home="").count()


def hand_over(phone, child):
    ways = f"[data-child='{child.pk}'] [data-ways]"
    phone.tap(f"{ways} button >> nth=0")
    expect(
        phone.page.locator(ways)
    ).to_be_hidden()  # the row has closed, and the next one lies where it stays


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_ten_children_go_home_in_twelve_taps_and_a_slip_is_undone(
    meeting, instructor, new_page, log_in, language, scripts
):
    page = log_in(
        new_page(language=language, size=PHONE, scripts=scripts), instructor.email, language=language
    )
    page.goto(f"/{language}/desk/")
    phone = Phone(page)
    phone.tap("section[aria-labelledby=face] a[href$='/leaving/']")
    for child in kids(meeting):
        hand_over(phone, child)
    expect(page.locator("[data-count=here]")).to_have_text("0")
    expect(page.locator("[data-state=pending]")).to_have_count(0)
    assert phone.taps <= 12 and gone() == 10
    first = kids(meeting)[0]
    row = page.locator(f"[data-child='{first.pk}']")
    expect(row.locator("[data-gone-words]")).to_contain_text(first.guardians.order_by("pk").first().name)
    phone.tap(f"[data-child='{first.pk}'] [data-left] button")
    expect(page.locator("[data-count=here]")).to_have_text("1")
    expect(page.locator("[data-state=pending]")).to_have_count(0)
    assert gone() == 9
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0] if scripts else True
    if scripts:
        assert covered(page) == []


def test_departures_wait_without_network_and_arrive_once(meeting, instructor, new_page, log_in):
    page = log_in(new_page(size=PHONE), instructor.email)
    page.goto(reverse("desk_leaving", args=[meeting.pk]))
    page.context.set_offline(True)
    phone, children = Phone(page), kids(meeting)
    for child in children[:4]:
        hand_over(phone, child)
    phone.tap(f"[data-child='{children[1].pk}'] [data-left] button")
    expect(page.locator("[data-offline]")).to_be_visible()
    kept = page.evaluate("Object.values(sessionStorage).join()")
    assert gone() == 0 and not any(child.guardians.first().name in kept for child in children)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/taps/", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto(reverse("desk"))
    page.unroute("**/taps/")
    page.goto(reverse("desk_leaving", args=[meeting.pk]))
    expect(page.locator("[data-count=here]")).to_have_text("7")
    expect(page.locator("li[data-state=saved]")).to_have_count(4, timeout=20_000)
    assert gone() == 3 and Presence.objects.get(child=children[1]).went_home == ""
    assert page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('register'))") == []
    new_page.complaints.clear()


def test_a_colleague_who_was_faster_is_shown(meeting, instructor, front_desk, new_page, log_in):
    page, other = (log_in(new_page(size=PHONE), who.email) for who in (instructor, front_desk))
    for one in (page, other):
        one.goto(reverse("desk_leaving", args=[meeting.pk]))
    child = kids(meeting)[2]
    other.locator(f"[data-child='{child.pk}'] [data-ways] button").nth(1).click()
    expect(other.locator(f"[data-child='{child.pk}']")).to_have_attribute("data-state", "saved")
    hand_over(Phone(page), child)
    row = page.locator(f"[data-child='{child.pk}']")
    expect(row).to_have_attribute("data-state", "conflict")
    expect(row.locator("[data-gone-words]")).to_contain_text(child.guardians.order_by("pk").last().name)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_all_at_one_level_then_the_exceptions_in_few_taps(meeting, instructor, new_page, log_in, scripts):
    lesson = LessonFactory(course=meeting.session.course, number=44)
    skill = SkillFactory()
    lesson.skills.add(skill)
    Meeting.objects.filter(pk=meeting.pk).update(lesson=lesson)
    page = log_in(new_page(size=PHONE, scripts=scripts), instructor.email)
    page.goto(reverse("desk_after", args=[meeting.pk]))
    phone, child = Phone(page), kids(meeting)[3]
    phone.tap(f"button[name=every][value='{skill.pk}.3']")
    expect(page.locator(f"input[name='skill-{child.pk}-{skill.pk}'][value='3']")).to_be_checked()
    phone.tap(f"label:has(input[name='skill-{child.pk}-{skill.pk}'][value='1'])")
    if scripts:
        expect(page.locator("form p > [data-state]")).to_have_text("Enregistré.")
    else:
        phone.tap("form p > button")
    levels = dict(SkillObservation.objects.values_list("child", "level"))
    assert levels == {one.pk: 1 if one == child else 3 for one in kids(meeting)}
    assert phone.taps <= 3
