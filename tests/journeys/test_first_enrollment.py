"""The first journey, in a real browser on a phone: visitor → registered → child → place → roster. Screens and fields are counted."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from courses.models import Session
from enrollments import admission, people
from enrollments.agenda import open_rosters
from enrollments.eligibility import obstacles
from enrollments.models import Enrollment

DAY_AND_MONTH = {"fr": ("27", "3"), "ar": ("٢٧", "٣")}
AGE = 10


class Walk:
    """A parent's way through the site: the screens seen since it began, and the fields filled in."""

    def __init__(self, page):
        self.page, self.screens, self.fields = page, [], 0
        page.on("framenavigated", self._seen)

    def _seen(self, frame):
        path = frame.url.split("#")[0].split("?")[0]
        if frame == self.page.main_frame and path.startswith("http") and path not in self.screens[-1:]:
            self.screens.append(path)

    def fill(self, **values):
        for name, value in values.items():
            self.page.fill(f'main [name="{name}"]', value)
        self.fields += len(values)

    def go_on(self, address):
        """Press the one main button of this screen."""
        self.page.locator("main form button[type=submit].button--primary").first.click()
        self.page.wait_for_url(address)


def too_wide(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_visitor_becomes_a_parent_whose_child_has_a_place(demonstration, new_page, letter_code, language, scripts):
    page = new_page(language=language, scripts=scripts)
    # Discover: home, catalogue, a course, its sessions; the filters stand in the address.
    page.goto(f"/{language}/")
    page.goto(f"/{language}/cours/?age={AGE}&places=1")
    assert not too_wide(page) if scripts else True
    page.locator("#results a[href*='/family/enroll/']").first.click()
    page.wait_for_url("**/account/login/?next=**")
    walk = Walk(page)
    page.locator("main a[href*='/account/signup/']").first.click()
    page.wait_for_url("**/account/signup/**")
    # Register: two screens, four fields.
    address = f"salwa-{language}-{scripts}@example.org".lower()
    walk.fill(name="Salwa Essai", email=address, mobile="06 12 34 56 78", password1="un-vrai-secret-7")
    assert walk.fields == 4
    walk.go_on("**/account/confirm-email/**")
    page.fill('main [name="code"]', letter_code(address))
    walk.go_on("**/family/children/add/**")
    assert len(walk.screens) == 3, walk.screens
    # The child: one screen, three fields, the family name prefilled.
    day, month = DAY_AND_MONTH[language]
    assert page.input_value('main [name="last_name"]') == "Essai"
    page.fill('main [name="first_name"]', "Nour")
    for box, value in {"day": day, "month": month, "year": str(timezone.localdate().year - AGE)}.items():
        page.fill(f'main [name="birth_date_{box}"]', value)
    walk.go_on("**/family/enroll/**")
    # Why or why not, then a place with a reference.
    assert "Nour" in page.locator(".why--yes").inner_text()
    walk.go_on("**/family/enrollments/AL-*/")
    place = Enrollment.objects.select_related("child", "enrolled_by").get(reference=page.locator("main .reference").first.inner_text().strip())
    assert (place.state, place.child.first_name, place.enrolled_by.email) == ("seated", "Nour", address)
    assert len(walk.screens) <= 7, walk.screens
    assert not too_wide(page) if scripts else True


def test_an_instructor_sees_that_child_on_the_roster(demonstration, new_page, log_in):
    users = get_user_model().objects
    instructor, parent = (users.get(email=demonstration.logins[role]) for role in ("instructor", "parent"))
    at = timezone.now()
    for session in Session.objects.with_facts().filter(pk__in=open_rosters(instructor, at)):
        born = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
        child = people.add_child(first_name="Nour", last_name=f"Essai {session.pk}", birth_date=born, by=parent)
        if session.free and not obstacles(child=child, session=session, at=at):
            admission.enroll(child=child, session=session, by=parent, at=at)
            break
    else:
        pytest.fail("the demonstration gives this instructor a session one may still join")
    page = log_in(new_page(), instructor.email)
    page.wait_for_url("**/fr/desk/")
    page.locator(f"a[href$='/desk/sessions/{session.pk}/']").click()
    page.wait_for_url("**/desk/sessions/**")
    assert "Nour" in page.locator("table.roster").inner_text()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_known_family_enrolls_two_children_in_three_screens_and_five_taps(demonstration, new_page, log_in, language):
    parent = get_user_model().objects.get(email=demonstration.logins["parent"])
    at = timezone.now()
    later = timezone.localdate() + timedelta(days=30)
    sessions = Session.objects.published().with_facts().filter(first_on__gt=later, cancelled_at=None, course__prerequisites=None)
    session = next(found for found in sessions if found.free >= 2 and (found.opens_at is None or found.opens_at < at))
    born = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
    for name in ("Amina", "Bilal"):
        people.add_child(first_name=name, last_name="Essai", birth_date=born, by=parent)
    page = log_in(new_page(language=language), parent.email, language=language)
    walk, taps = Walk(page), 1
    page.goto(f"/{language}/family/enroll/{session.pk}/")  # the button of the session, on the course's page
    for box in page.locator("input[name=children]").all():
        name = page.locator(f"label[for={box.get_attribute('id')}]").inner_text()
        if box.is_checked() != ("Amina" in name or "Bilal" in name):
            box.set_checked(not box.is_checked())
            taps += 1
    taps += 1
    walk.go_on("**/family/enrollments/AL-*/")
    assert taps <= 5 and len(walk.screens) <= 3
    reference = page.locator("main .reference").first.inner_text().strip()
    assert Enrollment.objects.filter(reference=reference, state="seated").count() == 2
