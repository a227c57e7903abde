"""The loaded demo as a visitor sees it: every page, every language, every age."""

import json
import re
from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from time_machine import travel
from wagtail.models import Page

from courses.ages import birthday_in
from courses.models import CoursePage, Session
from enrollments.models import Child
from enrollments.places.eligibility import know, obstacles
from home.cms.pages import language_of
from tests import databases
from tests.depth import THOROUGH
from tests.factories import CourseFactory, SessionFactory, add_course_page

HTML = re.compile(r'<html lang="(\w\w)" dir="(\w\w\w)"')
pytestmark = pytest.mark.django_db


def json_ld(text: str) -> list[dict]:
    """Return every structured data object of a page."""
    blocks = [
        json.loads(block)
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    ]
    return [part for block in blocks for part in block.get("@graph", [block])]


def test_every_page_answers_in_its_language_and_direction(demonstration, client):
    languages = ["fr"] if databases.SERVER and not THOROUGH else ["fr", "ar", "en"]
    pages = Page.objects.live().filter(depth__gte=2, locale__language_code__in=languages).specific()
    seen = dict.fromkeys(languages, 0)
    for page in pages:
        response = client.get(page.get_url())
        language = language_of(page.locale_id)
        assert response.status_code == 200, page.get_url()
        assert HTML.search(response.content.decode()).groups() == (
            language,
            "rtl" if language == "ar" else "ltr",
        ), page.get_url()
        seen[language] += 1
    assert min(seen.values()) >= 120, seen


def test_every_page_names_its_translations_itself_and_a_default(demonstration, client):
    for page in CoursePage.objects.live().filter(locale__language_code="ar"):
        text = client.get(page.get_url()).content.decode()
        found = dict(re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)"', text))
        assert set(found) == {"fr", "ar", "en", "x-default"}
        assert found["ar"].endswith(page.get_url()) and found["x-default"] == found["fr"]
        assert f'<link rel="canonical" href="{found["ar"]}"' in text


def test_a_missing_translation_shows_the_french_page_with_a_note(demonstration, client):
    french = Page.objects.live().filter(locale__language_code="fr", depth__gte=3)
    missing = [
        page
        for page in french
        if not page.get_translations().live().filter(locale__language_code="ar").exists()
    ]
    assert missing, "the demonstration leaves one page untranslated"
    url = missing[0].get_url().replace("/fr/", "/ar/", 1)
    response = client.get(url)
    text = response.content.decode()
    assert response.status_code == 200
    assert HTML.search(text).groups() == ("ar", "rtl")
    assert 'lang="fr" dir="ltr"' in text
    assert f'<link rel="canonical" href="http://localhost:8000{missing[0].get_url()}"' in text
    assert client.get("/ar/rien-de-tel/").status_code == 404


@pytest.mark.parametrize("age", range(7, 15))
def test_every_age_without_history_has_a_course_to_join(demonstration, age):
    at, today = timezone.now(), timezone.localdate()
    child = Child.objects.create(
        first_name="Nour",
        last_name="Essai",
        birth_date=birthday_in(today, today.year - age) - timedelta(days=120),
    )
    sessions = list(Session.objects.published().with_facts())
    known = know([child], sessions, at)
    welcome = [
        session for session in sessions if not obstacles(child=child, session=session, at=at, known=known)
    ]
    assert welcome


def test_the_same_wall_time_everywhere_before_and_after_the_clock_changed(
    client, site_tree, academy_settings
):
    """Morocco left UTC+1 permanently on 2026-09-20: 15:00 as entered is shown as 15:00 at any time."""
    course = CourseFactory(lessons=3)
    pages = add_course_page(site_tree, course)
    with travel("2026-06-01 09:00", tick=False):
        for first_on in (date(2026, 9, 5), date(2026, 12, 5)):
            SessionFactory(course=course, first_on=first_on, starts=time(15), ends=time(16, 30))
    for moment in ("2026-07-01 09:00", "2026-09-21 09:00"):
        with travel(moment, tick=False):
            for language in ("fr", "ar", "en"):
                listed = client.get(site_tree.catalogue[language].get_url()).content.decode()
                told = client.get(pages[language].get_url()).content.decode().replace("\u2060", "")
                assert "15:00" in listed and "15:00–16:30" in told, (moment, language)
                assert "14:00" not in told and "16:00" not in told
                course_data = next(data for data in json_ld(told) if data["@type"] == "Course")
                runs = course_data["hasCourseInstance"]
                assert runs
                for run in runs:
                    schedule = run["courseSchedule"]
                    assert (schedule["startTime"][:5], schedule["endTime"][:5]) == ("15:00", "16:30")
                    assert schedule["scheduleTimezone"] == "Africa/Casablanca"


def test_structured_data_says_what_the_page_says(demonstration, client):
    told = 0
    for page in CoursePage.objects.live().filter(locale__language_code="fr"):
        text = client.get(page.get_url()).content.decode()
        visible = re.sub(r"<script.*?</script>", "", text, flags=re.S)
        for data in json_ld(text):
            for run in data.get("hasCourseInstance", []):
                price = f"{float(run['offers']['price']):,.2f}".replace(",", "\xa0").replace(".", ",")
                assert price in visible, (page.get_url(), price)
                assert run["offers"]["priceCurrency"] == "MAD"
                assert run.get("courseSchedule", {}).get("startTime", "")[:5] in visible, (
                    page.get_url(),
                    run,
                )
                told += 1
    assert told >= 20


@pytest.mark.parametrize("hostile", ["?page=9999", "?page=0", "?page=x", "?page=-1"])
def test_a_page_of_the_catalogue_that_does_not_exist_is_a_404(demonstration, client, hostile):
    assert client.get(f"/fr/cours/{hostile}").status_code == 404


@pytest.mark.parametrize(
    "hostile",
    [
        "?age=abc",
        "?age=999",
        "?age=-1",
        "?age=%00",
        "?born=2017-02-31",
        "?born=9999-99-99",
        "?track=' OR 1=1--",
        "?weekday=9",
        "?venue=<script>alert(1)</script>",
        "?q=" + "a" * 5000,
        "?q=%00",
        "?q=%F0%9F%98%80",
        "?q=)(*%26^%25",
        "?sort=drop",
        "?age[]=7",
        "?age=7&age=8",
        "?page[]=2",
        "?q=%D8%B1%D9%88%D8%A8%D9%88%D8%AA",
        "?day=31&month=2&year=2017",
        "?language=xx",
        "?places=maybe",
    ],
)
def test_hostile_query_strings_are_answered_with_a_page(demonstration, client, hostile):
    response = client.get("/fr/cours/" + hostile)
    assert response.status_code == 200
    assert "<script>alert(1)</script>" not in response.content.decode()


def test_a_visitor_gets_no_cookie_and_no_form_token(demonstration, client):
    for url in ("/fr/", "/ar/cours/", "/en/contact/"):
        response = client.get(url)
        assert not response.cookies
        assert "csrfmiddlewaretoken" not in response.content.decode()


def test_no_person_of_a_family_stands_on_a_public_page(demonstration, client):
    names = {f"{child.first_name} {child.last_name}" for child in Child.objects.all()}
    for url in ("/fr/", "/fr/cours/", *(page.get_url() for page in CoursePage.objects.live())):
        text = client.get(url).content.decode()
        assert not any(name in text for name in names)


@pytest.mark.parametrize("role", ["parent", "instructor", "desk", "manager", "editor"])
def test_each_login_of_the_demonstration_opens_its_room(demonstration, client, role):
    room = {
        "parent": "/fr/family/",
        "instructor": "/fr/desk/",
        "desk": "/fr/office/",
        "manager": "/fr/office/",
        "editor": "/cms/",
    }[role]
    posted = {"login": demonstration.logins[role], "password": demonstration.password}
    response = client.post(reverse("account_login"), posted, follow=True)
    assert response.redirect_chain[-1][0] == room and response.status_code == 200
