"""Structured data (JSON-LD) that matches the page exactly. Makes no queries."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.models import Page

from courses.catalogue.course_cards import Told
from courses.catalogue.session_rows import SessionRow, place_words
from courses.models import CoursePage, Lesson, LessonPage
from home.cms.kept_addresses import kept_address
from home.models import AcademySettings

Thing = dict[str, Any]  # a node of JSON-LD
SCHEMA = "https://schema.org/"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ESCAPES = {
    ord("<"): "\\u003C",
    ord(">"): "\\u003E",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def script(data: Thing | list[Thing] | None) -> SafeString:
    """Return a JSON-LD element, escaped so that nothing in it can end it or be parsed as markup.

    Empty without data.
    """
    if not data:
        return SafeString("")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def graph(*things: Thing | None) -> Thing:
    return {"@context": "https://schema.org", "@graph": [thing for thing in things if thing]}


def organization(academy: AcademySettings) -> Thing:
    """Return the academy's organization data, as in the footer."""
    return _full(
        {
            "@type": "EducationalOrganization",
            "@id": absolute("/#academy"),
            "name": academy.name,
            "url": absolute(f"/{get_language()}/"),
            "description": academy.about,
            "telephone": academy.phone.as_e164 if academy.phone else "",
            "email": academy.email,
            "address": academy.address
            and {"@type": "PostalAddress", "streetAddress": academy.address, "addressCountry": "MA"},
            "hasMap": academy.map_url,
        }
    )


def breadcrumb(crumbs: list[dict[str, str]], here: str) -> Thing | None:
    """Return the breadcrumbs of the page, itself last; `here` is its own path."""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": crumb["title"],
            "item": absolute(crumb["url"] or here),
        }
        for position, crumb in enumerate(crumbs, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items} if items else None


def course(page: CoursePage, facts: dict[str, Any]) -> Thing:
    """Return a course with its instances: each session that is not over, with local times, place, price and
    availability.
    """
    told = facts["told"]
    thing = {
        "@type": "Course",
        "@id": absolute(f"{told.url}#course"),
        "url": absolute(told.url),
        "name": page.title,
        "description": told.summary,
        "courseCode": told.code,
        "inLanguage": page.language if page.pk else get_language(),
        "image": absolute(kept_address("social_image", [get_language(), told.code.lower()])),
        "provider": {
            "@type": "EducationalOrganization",
            "@id": absolute("/#academy"),
            "name": "Active Labs",
            "url": absolute("/"),
        },
        "typicalAgeRange": f"{told.min_age}-{told.max_age}",
        "audience": {
            "@type": "PeopleAudience",
            "suggestedMinAge": told.min_age,
            "suggestedMaxAge": told.max_age,
        },
        "teaches": told.outcome,
        "offers": {"@type": "Offer", **_price(facts["lowest_price"])},
        "hasCourseInstance": [instance(line, facts["instructors"]) for line in facts["lines"]],
    }
    return _full(thing)


def instance(line: SessionRow, people: Iterable[Any]) -> Thing:
    """Return one session. Times are local times with their time zone's name, never UTC."""
    session: Any = line.session  # with the columns of with_place
    thing: Thing = {
        "@type": "CourseInstance",
        "courseMode": "onsite",
        "inLanguage": session.language,
        "location": place(line),
        "instructor": [
            {"@type": "Person", "name": person.name} for person in people if session.pk in person.sessions
        ],
        "offers": {
            "@type": "Offer",
            **_price(session.price),
            "availability": SCHEMA + line.standing.availability,
            "url": absolute(kept_address("enroll", [session.pk])),
        },
    }
    valid_from = session.opens_at or session.published_at
    if valid_from:
        thing["offers"]["validFrom"] = timezone.localtime(valid_from).isoformat(timespec="minutes")
    if line.standing.code == "cancelled":
        thing["eventStatus"] = SCHEMA + "EventCancelled"
    if session.first_on and session.starts:
        thing |= {"startDate": session.first_on.isoformat(), "endDate": session.last_on.isoformat()}
        thing["courseSchedule"] = {
            "@type": "Schedule",
            "startDate": session.first_on.isoformat(),
            "endDate": session.last_on.isoformat(),
            "repeatFrequency": "P1W",
            "repeatCount": session.meetings_count,
            "byDay": SCHEMA + DAYS[session.weekday],
            "startTime": f"{session.starts:%H:%M}",
            "endTime": f"{session.ends:%H:%M}",
            "scheduleTimezone": settings.TIME_ZONE,
        }
    return _full(thing)


def _price(amount: Decimal) -> Thing:
    """Return what an offer costs; Google's list of courses asks for the category."""
    return {
        "category": "Paid" if amount else "Free",
        "price": f"{amount:.2f}",
        "priceCurrency": settings.CURRENCY,
    }


def place(line: SessionRow) -> Thing:
    session: Any = line.session  # with the columns of with_place
    return _full(
        {
            "@type": "Place",
            "name": line.venue,
            "hasMap": session.map_url,
            "address": _full(
                {
                    "@type": "PostalAddress",
                    "streetAddress": place_words(session, "address"),
                    "addressLocality": line.city,
                    "addressCountry": "MA",
                }
            ),
        }
    )


def lesson(page: LessonPage, request: HttpRequest, lesson: Lesson, told: Told | None) -> Thing:
    """Return a lesson as part of its course."""
    thing = {
        "@type": "LearningResource",
        "name": page.title,
        "url": absolute(request.path),
        "inLanguage": page.language if page.pk else get_language(),
        "position": lesson.number,
        "learningResourceType": "lesson",
        "description": lesson.objective,
        "isPartOf": told
        and {
            "@type": "Course",
            "@id": absolute(f"{told.url}#course"),
            "name": told.title,
            "url": absolute(told.url),
        },
    }
    return _full(thing)


def catalogue(page: Page, cards: Iterable[Any], first: int) -> Thing:
    """Return the courses on this page of the list, in order; `first` is the position of the first one."""
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": card.course.title,
            "url": absolute(card.course.url),
        }
        for position, card in enumerate(cards, start=first)
    ]
    return {"@type": "ItemList", "name": page.title, "itemListElement": items}


def questions(page: Any) -> Thing | None:
    """Return a page's questions with their answers."""
    items = [
        {
            "@type": "Question",
            "name": block.value["question"],
            "acceptedAnswer": {"@type": "Answer", "text": str(block.value["answer"])},
        }
        for block in page.questions
        if block.block_type == "question"
    ]
    return {"@type": "FAQPage", "inLanguage": page.language, "mainEntity": items} if items else None


def _full(thing: Thing) -> Thing:
    """Return the dict without empty values."""
    return {name: value for name, value in thing.items() if value not in ("", None, [], {})}
