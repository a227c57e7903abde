"""The first journey in a real browser on a phone: visitor → account → child → place → roster.

Screens and fields are counted.
"""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from courses.models import Course, Session
from courses.standing import standing
from enrollments.families.children import add_child
from enrollments.models import Enrollment
from tests.depth import part
from tests.factories import SessionFactory

EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")  # what an Arabic keyboard may write


class Walk:
    """A parent's way through the site: screens seen and fields filled in."""

    def __init__(self, page):
        self.page, self.screens, self.fields = page, [], 0
        page.on("framenavigated", self._seen)

    def _seen(self, frame):
        path = frame.url.split("#")[0].split("?")[0]
        if frame == self.page.main_frame and path.startswith("http") and path not in self.screens[-1:]:
            self.screens.append(path)

    def tap(self, target, address):
        target.first.click()
        self.page.wait_for_url(address)

    def fill(self, **values):
        """Fill in every field of this screen; an unnamed one would be left empty and counted."""
        shown = "main form[method=post] :is(input, select, textarea):not([type=hidden]):visible"
        self.fields += self.page.locator(shown).count()
        for name, value in values.items():
            self.page.fill(f'main [name="{name}"]', value)

    def go_on(self, address):
        """Press the main button of this screen."""
        self.tap(self.page.locator("main form button[type=submit].button--primary"), address)


def too_wide(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def a_session_to_join(instructor) -> Session:
    """Return a session of this instructor with an open roster and places for children without history, on any
    day.
    """
    course = Course.objects.filter(prerequisites=None, pages__live=True).order_by("code").first()
    session = SessionFactory(
        course=course, first_on=timezone.localdate() + timedelta(days=3), instructors=[instructor]
    )
    return Session.objects.with_facts().get(pk=session.pk)


WAYS = [("fr", True), ("fr", False), ("ar", False), ("ar", True)]


@pytest.mark.parametrize(("language", "scripts"), part(WAYS, 0, of=2))
def test_a_visitor_becomes_a_parent_whose_child_stands_on_the_roster(
    demonstration, new_page, letter_code, log_in, language, scripts
):
    instructor = get_user_model().objects.get(email=demonstration.logins["instructor"])
    session = a_session_to_join(instructor)
    code = session.course.code.lower()
    page = new_page(language=language, scripts=scripts)
    walk = Walk(page)
    # Discover: from the home page to the course in two taps.
    page.goto(f"/{language}/")
    walk.tap(page.locator(f"main a[href='/{language}/cours/']"), f"**/{language}/cours/")
    walk.tap(page.locator(f"#results a[href='/{language}/cours/{code}/']"), f"**/{language}/cours/{code}/")
    assert len(walk.screens) == 3 and not (scripts and too_wide(page))
    walk.tap(page.locator(f"a[href='/{language}/family/enroll/{session.pk}/']"), "**/account/login/?next=**")
    walk.tap(page.locator("main a[href*='/account/signup/']"), "**/account/signup/**")
    # Register: two screens, four fields, then the code.
    walk.screens, walk.fields = walk.screens[-1:], 0
    address = f"salwa-{language}-{scripts}@example.org".lower()
    walk.fill(name="Salwa Essai", email=address, mobile="06 12 34 56 78", password1="un-vrai-secret-7")
    assert walk.fields == 4
    walk.go_on("**/account/confirm-email/**")
    walk.fill(code=letter_code(address))
    walk.go_on("**/family/children/add/**")
    assert len(walk.screens) == 3, walk.screens
    # The child: one screen, three fields, the date in three boxes, the family name prefilled, one choice.
    before = walk.fields
    birthday = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
    figures = {"day": birthday.day, "month": birthday.month, "year": birthday.year}
    boxes = {
        f"birth_date_{box}": str(value).translate(EASTERN if language == "ar" else {})
        for box, value in figures.items()
    }
    assert page.input_value('main [name="last_name"]') == "Essai"
    walk.fill(first_name=f"Nour{language}", **boxes)
    page.locator('main [name="relation"][value="mother"]').check()
    assert walk.fields - before == 2 + 3 + 3
    walk.go_on(f"**/{language}/family/enroll/{session.pk}/")
    # Why or why not, then a place with a reference.
    assert f"Nour{language}" in page.locator(".why--yes").inner_text()
    walk.go_on("**/family/enrollments/AL-*/")
    reference = page.locator("main .reference").first.inner_text().strip()
    place = Enrollment.objects.select_related("child", "enrolled_by").get(reference=reference)
    assert (place.state, place.session_id, place.enrolled_by.email) == ("seated", session.pk, address)
    assert len(walk.screens) <= 7, walk.screens
    assert walk.fields <= 15
    assert not (scripts and too_wide(page))
    # The instructor sees that child on the roster.
    desk = log_in(new_page(language=language), instructor.email, language=language)
    desk.wait_for_url(f"**/{language}/desk/")
    desk.locator(f"a[href$='/desk/sessions/{session.pk}/']").click()
    desk.wait_for_url("**/desk/sessions/**")
    assert f"Nour{language}" in desk.locator("table.roster").inner_text()
    assert not too_wide(desk)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_known_family_enrolls_two_children_in_three_screens_and_five_taps(
    demonstration, new_page, log_in, language
):
    parent = get_user_model().objects.get(email=demonstration.logins["parent"])
    at = timezone.now()
    later = timezone.localdate() + timedelta(days=30)
    sessions = Session.objects.published().with_facts().filter(first_on__gt=later, course__prerequisites=None)
    session = next(found for found in sessions if standing(found, at).has_places and found.free >= 2)
    born = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
    for name in ("Amina", "Bilal"):
        add_child(first_name=name, last_name="Essai", birth_date=born, by=parent)
    page = log_in(new_page(language=language), parent.email, language=language)
    page.goto(f"/{language}/cours/{session.course.code.lower()}/")
    walk, taps = Walk(page), 1
    walk.tap(page.locator(f"a[href='/{language}/family/enroll/{session.pk}/']"), "**/family/enroll/**")
    for box in page.locator("input[name=children]").all():
        name = page.locator(f"label[for={box.get_attribute('id')}]").inner_text()
        if box.is_checked() != ("Amina" in name or "Bilal" in name):
            box.set_checked(not box.is_checked())
            taps += 1
    taps += 1
    walk.go_on("**/family/enrollments/AL-*/")
    assert taps <= 5 and len(walk.screens) <= 3, (taps, walk.screens)
    reference = page.locator("main .reference").first.inner_text().strip()
    assert Enrollment.objects.filter(reference=reference, state="seated").count() == 2
