"""JSON-LD matches the page: times, places, prices, statuses."""

import json
import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from courses.pages import structured_data
from tests.factories import CourseFactory, SessionFactory, TermFactory, add_course_page

CASABLANCA = ZoneInfo("Africa/Casablanca")


def read(response) -> list[dict]:
    found = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    assert len(found) == 1
    return json.loads(found[0])["@graph"]


def of_type(graph, kind) -> dict:
    return next(thing for thing in graph if thing["@type"] == kind)


@pytest.mark.parametrize(
    "first_on", [date(2026, 9, 5), date(2026, 9, 19), date(2026, 9, 26), date(2026, 12, 5)]
)
def test_the_hour_entered_is_the_hour_shown_on_list_page_and_data_before_and_after_the_change_of_clock(
    client, site_tree, first_on
):
    with time_machine.travel(datetime(2026, 8, 20, 10, tzinfo=CASABLANCA), tick=False):
        TermFactory(starts_on=date(2026, 6, 1))
        course = CourseFactory(code="CODE-B")
        add_course_page(site_tree, course)
        SessionFactory(course=course, first_on=first_on, starts=time(15), ends=time(16, 30))
        page, listed = client.get("/fr/cours/code-b/"), client.get("/fr/cours/").content.decode()
    schedule = of_type(read(page), "Course")["hasCourseInstance"][0]["courseSchedule"]
    assert (schedule["startTime"], schedule["endTime"], schedule["startDate"]) == (
        "15:00",
        "16:30",
        first_on.isoformat(),
    )
    assert schedule["scheduleTimezone"] == "Africa/Casablanca"
    assert "15:00–16:30" in page.content.decode().replace("\u2060", "")
    assert "15:00" in listed and "14:00" not in listed and "16:00" not in listed


def test_an_instance_says_day_place_price_and_availability(client, site_tree):
    course = CourseFactory(code="CODE-A", band="A", title_ar="حكواتيو البرمجة")
    add_course_page(site_tree, course)
    SessionFactory(course=course, price=1600, seats_taken=10, capacity=12)
    graph = read(client.get("/ar/cours/code-a/"))
    told = of_type(graph, "Course")
    assert told["inLanguage"] == "ar"
    assert (told["audience"]["suggestedMinAge"], told["audience"]["suggestedMaxAge"]) == (7, 8)
    run = told["hasCourseInstance"][0]
    assert run["courseMode"] == "onsite"
    assert run["courseSchedule"]["byDay"] == "https://schema.org/Saturday"
    assert run["courseSchedule"]["repeatFrequency"] == "P1W"
    assert run["location"]["name"] == "تكنوبارك طنجة"
    assert run["location"]["address"]["addressCountry"] == "MA"
    assert run["offers"] | {"url": "", "validFrom": ""} == {
        "@type": "Offer",
        "category": "Paid",
        "price": "1600.00",
        "priceCurrency": "MAD",
        "availability": "https://schema.org/LimitedAvailability",
        "url": "",
        "validFrom": "",
    }
    crumbs = of_type(graph, "BreadcrumbList")["itemListElement"]
    assert [crumb["position"] for crumb in crumbs] == [1, 2, 3]
    assert crumbs[-1]["name"] == "حكواتيو البرمجة"


def test_a_course_tells_its_code_as_typed_and_what_it_costs(client, site_tree):
    course = CourseFactory(code="ROBOT-D", price=0)
    add_course_page(site_tree, course)
    told = of_type(read(client.get("/fr/cours/robot-d/")), "Course")
    free = {"@type": "Offer", "category": "Free", "price": "0.00", "priceCurrency": "MAD"}
    assert (told["courseCode"], told["offers"]) == ("ROBOT-D", free)
    SessionFactory(course=course, price=1600)
    told = of_type(read(client.get("/fr/cours/robot-d/")), "Course")
    assert told["offers"] == free | {"category": "Paid", "price": "1600.00"}


@pytest.mark.parametrize(
    ("made", "availability"),
    [
        ({}, "InStock"),
        ({"seats_taken": 12}, "BackOrder"),
        ({"opens_in": 3}, "PreSale"),
        ({"laid_out": False}, "PreSale"),
        ({"cancelled": True}, "Discontinued"),
    ],
)
def test_availability_follows_the_standing(client, site_tree, made, availability):
    from django.utils import timezone

    if days := made.pop("opens_in", 0):
        made["opens_at"] = timezone.now() + timedelta(days=days)
    if made.pop("cancelled", False):
        made["cancelled_at"] = timezone.now()
    course = CourseFactory(code="CODE-A")
    add_course_page(site_tree, course)
    SessionFactory(course=course, **made)
    run = of_type(read(client.get("/fr/cours/code-a/")), "Course")["hasCourseInstance"][0]
    assert run["offers"]["availability"] == f"https://schema.org/{availability}"


def test_the_catalogue_is_a_list_in_its_order(client, site_tree):
    for code in ("CODE-A", "CODE-B"):
        add_course_page(site_tree, CourseFactory(code=code))
    items = of_type(read(client.get("/fr/cours/")), "ItemList")["itemListElement"]
    assert [item["position"] for item in items] == [1, 2]
    assert items[0]["url"].endswith("/fr/cours/code-a/")


def test_the_first_page_presents_the_academy(client, site_tree, academy_settings):
    academy = of_type(read(client.get("/en/")), "EducationalOrganization")
    assert (academy["name"], academy["telephone"]) == ("Active Labs", "+212539000000")


def test_questions_are_told_as_questions(client, site_tree):
    from home.models import FaqPage

    page = FaqPage(
        title="Questions",
        slug="questions",
        locale=site_tree.locales["fr"],
        questions=[("question", {"question": "Faut-il un ordinateur ?", "answer": "<p>Non.</p>"})],
    )
    site_tree.home["fr"].add_child(instance=page)
    faq = of_type(read(client.get("/fr/questions/")), "FAQPage")
    assert faq["mainEntity"][0]["name"] == "Faut-il un ordinateur ?"
    assert "Non." in faq["mainEntity"][0]["acceptedAnswer"]["text"]


def test_no_word_can_leave_its_script():
    text = str(structured_data.script({"name": "</script><b>&\u2028"}))
    assert text.count("<") == 2 and "&" not in text and "\u2028" not in text
    assert json.loads(text[text.index("{") : text.rindex("}") + 1]) == {"name": "</script><b>&\u2028"}
