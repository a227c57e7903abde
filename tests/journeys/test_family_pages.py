"""A parent's way through the site: to the basket and out of the account from every page, from a course
through sign-in to its enroll page, and forms that meet no network.
"""

import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Error, expect

from academy.demo.foundations import lay_policies
from enrollments.families.children import add_child
from enrollments.models import Consent, Presence
from enrollments.places import admission
from home.models import AcademySettings
from tests.factories import ChildFactory, SessionFactory, add_course_page
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def session(academy_settings, site_tree):
    """Return a session that opens in three days, on the course page of each language."""
    session = SessionFactory(
        first_on=timezone.localdate() + timedelta(days=3), starts=time(14), ends=time(15)
    )
    add_course_page(site_tree, session.course)
    return session


def one_line(box) -> bool:
    """Return whether the words of a control are on one line."""
    return box.evaluate(
        """box => {
          const words = document.createRange();
          words.selectNodeContents(box);
          const pieces = [...words.getClientRects()].filter((piece) => piece.width > 1);
          return new Set(pieces.map((piece) => Math.round(piece.top / 12))).size <= 2;
        }"""
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_the_basket_is_found_from_every_page(session, parent, new_page, log_in, scripts):
    born = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
    add_child(first_name="Amina", last_name="Essai", birth_date=born, by=parent)
    page = log_in(new_page(size=PHONE, scripts=scripts), parent.email)
    way = page.get_by_role("banner").get_by_role("link", name=re.compile("^Panier"))
    page.goto("/fr/cours/")
    expect(page.locator("header .basket")).to_have_count(0)
    page.goto(reverse("enroll", args=[session.pk]))
    page.locator('input[name="children"]').first.set_checked(True)
    page.locator(f'[formaction="{reverse("basket_add", args=[session.pk])}"]').click()
    page.wait_for_url("**/basket/")
    for address in [
        reverse("family"),
        reverse("account_details"),
        *(["/fr/", "/fr/cours/"] if scripts else []),
    ]:
        page.goto(address)
        expect(way.and_(page.locator(".basket"))).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    way.and_(page.locator(".basket")).click()
    page.wait_for_url("**/basket/")
    page.goto(reverse("account_logout"))
    page.locator("main form button.button--primary").click()
    page.goto("/fr/cours/")
    expect(page.locator("header .basket")).to_have_count(0)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_top_bar_is_one_line_beside_a_filled_basket(session, parent, new_page, log_in, language):
    AcademySettings.objects.update(phone="+212600000000")
    born = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
    add_child(first_name="Amina", last_name="Essai", birth_date=born, by=parent)
    page = log_in(new_page(language=language, size=PHONE), parent.email, language=language)
    page.goto(f"/{language}/family/enroll/{session.pk}/")
    page.locator('input[name="children"]').first.set_checked(True)
    page.locator("button[formaction]").last.click()
    page.wait_for_url("**/basket/")
    page.goto(f"/{language}/family/")
    expect(page.locator("header .basket")).to_be_visible()
    tops = page.locator(".bar a:visible").evaluate_all(
        "links => links.map(link => link.getBoundingClientRect()).map(box => box.top + box.height / 2)"
    )
    assert max(tops) - min(tops) < 10


def test_a_visitor_asks_for_nothing_but_the_page(academy_settings, site_tree, new_page):
    page, asked = new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/fr/")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "basket" in url]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["360", "1280"])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_header_stays_the_same_and_short(
    academy_settings, site_tree, parent, new_page, log_in, language, size
):
    page = log_in(new_page(language=language, size=size), parent.email, language=language)
    seen = set()
    for address in (f"/{language}/", f"/{language}/family/", f"/{language}/account/details/"):
        page.goto(address)
        control = page.locator(".top__account > .button").last
        seen.add((control.inner_text().strip(), control.get_attribute("href")))
        assert one_line(control)
    assert len(seen) == 1 and seen.pop()[1] == f"/{language}/family/"
    page.goto(f"/{language}/family/")
    for tab in page.locator(".tabs a").all():
        edge = tab.bounding_box()
        assert edge["x"] >= 0 and edge["x"] + edge["width"] <= size[0]
    page.locator(f".tabs a[href='/{language}/account/logout/']").click()
    page.wait_for_url("**/account/logout/")


@pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("ar", False)])
def test_from_a_course_one_creates_an_account_and_arrives_at_its_enroll_page(
    session, new_page, letter_code, language, scripts
):
    page, enroll = new_page(language=language, scripts=scripts), f"/{language}/family/enroll/{session.pk}/"
    page.goto(f"/{language}/cours/{session.course.code.lower()}/")
    page.locator(f"a[href='{enroll}']").first.click()
    page.wait_for_url("**/account/login/?next=**")
    assert session.course.code in page.locator("main").inner_text()
    assert "14:00" in page.locator("main").inner_text()
    controls = page.locator("main :is(a.button, button.button)")
    assert "signup" in controls.first.get_attribute("href")
    controls.first.click()
    page.wait_for_url("**/account/signup/**")
    assert session.course.code in page.locator("main").inner_text()
    address = f"salwa-{language}@example.org"
    typed = {
        "name": "Salwa Essai", "email": address, "mobile": "06 12 34 56 78", "password1": "un-vrai-secret-7"
    }  # fmt: skip
    for name, value in typed.items():
        page.fill(f'main [name="{name}"]', value)
    pasted = "field => field.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true}))"
    assert page.locator("main [name=password1]").evaluate(pasted), "nothing stops it"
    page.locator("main form button.button--primary").click()
    page.wait_for_url("**/account/confirm-email/**")
    page.fill('main [name="code"]', letter_code(address))
    page.locator("main form button.button--primary").click()
    page.wait_for_url("**/family/children/add/**")
    page.fill('main [name="first_name"]', "Nour")
    born = session.first_on - timedelta(days=366 * session.course.band.min_age + 30)
    for box in ("day", "month", "year"):
        page.fill(f'main [name="birth_date_{box}"]', str(getattr(born, box)))
    page.locator("main form button.button--primary").click()
    page.wait_for_url(f"**{enroll}")


def test_a_forgotten_password_leads_back_to_the_course(session, parent, new_page, letter_code):
    page, enroll = new_page(), f"/fr/family/enroll/{session.pk}/"
    page.goto(enroll)
    page.locator("main a[href*='/account/password/reset/']").click()
    page.fill('main [name="email"]', parent.email)
    page.locator("main form button.button--primary").click()
    page.fill('main [name="code"]', letter_code(parent.email))
    page.locator("main form button.button--primary").first.click()
    for box in page.locator("main input[type=password]").all():
        box.fill("un-autre-secret-8")
    page.locator("main form button.button--primary").first.click()
    page.wait_for_url("**/account/login/**")
    page.fill('main [name="login"]', parent.email)
    page.fill('main [name="password"]', "un-autre-secret-8")
    page.locator("main form:has([name=password]) button[type=submit]").first.click()
    page.wait_for_url(f"**{enroll}")


# ---- without network


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_tap_without_network_is_kept_until_it_is_sent(session, parent, new_page, log_in, language):
    child = ChildFactory(guardian=parent)
    admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    page = log_in(new_page(language=language, size=PHONE), parent.email, language=language)
    page.goto(f"/{language}/family/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.locator("details.announce > summary").click()
    page.context.set_offline(True)
    page.locator('button[name="what"][value="absent"]').click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator('main input[name="what"]')).to_have_value("absent")
    assert not Presence.objects.filter(child=child).exists()
    page.locator("main form button").click()  # still offline: kept again
    expect(page.locator('main input[name="what"]')).to_have_value("absent")
    page.context.set_offline(False)
    page.locator("main form button").click()
    page.wait_for_url(f"**/{language}/family/")
    assert Presence.objects.get(child=child).announced == "absent"
    new_page.complaints.clear()


def test_what_was_typed_comes_through_the_offline_page_unchanged(academy_settings, parent, new_page, log_in):
    name = """Zoé "l'Étoile" <b>&amp; $& سلمى"""
    page = log_in(new_page(), parent.email)
    page.goto(reverse("family"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(reverse("child_add"))
    page.fill('main [name="first_name"]', name)
    page.context.set_offline(True)
    page.locator("main form button.button--primary").click()
    expect(page.locator('main input[name="first_name"]')).to_have_value(name)
    page.reload()
    page.context.set_offline(False)
    assert not parent.children.exists()
    new_page.complaints.clear()


def test_back_to_a_corrected_form_does_not_say_that_nothing_was_sent(
    academy_settings, parent, new_page, log_in
):
    page = log_in(new_page(), parent.email)
    page.goto(reverse("family"))
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(reverse("child_add"))
    page.locator("main form button.button--primary").evaluate("button => (button.form.noValidate = true)")
    page.locator("main form button.button--primary").click()
    expect(page.locator(".errors, [aria-invalid]").first).to_be_visible()
    page.goto(reverse("family"))
    try:
        page.go_back()
    except Error as asked:  # the browser asks whether to send the form again
        assert "CACHE_MISS" in str(asked)
    assert page.locator("[data-offline], main input[type=hidden][name=first_name]").count() == 0
    new_page.complaints.clear()


def test_enter_in_an_answer_saves_the_answers_and_says_nothing_for_the_child(
    academy_settings, parent, new_page, log_in
):
    lay_policies()
    child = ChildFactory(guardian=parent)
    page = log_in(new_page(size=PHONE), parent.email)
    page.goto(reverse("child_consents", args=[child.pk]))
    page.locator('input[type="radio"][value="yes"]').first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consents/")
    expect(page.get_by_text("Votre réponse est enregistrée")).to_be_visible()
    assert [(row.answer, row.by_child) for row in Consent.objects.filter(child=child)] == [(True, False)]
