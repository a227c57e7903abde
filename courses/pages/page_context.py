"""Context data for the catalogue, course and lesson pages, read from the database on each request.

The functions listen to `home.signals.page_requested`, so the page models do not import them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.catalogue.browse import browse
from courses.catalogue.course_cards import FRENCH, Told, address, told
from courses.catalogue.session_rows import SessionRow, current_lines, place_words, with_place
from courses.models import (
    CatalogueIndexPage,
    CoursePage,
    Equipment,
    Hazard,
    InstructorPage,
    Lesson,
    LessonPage,
    Prerequisite,
    Session,
)
from courses.pages import structured_data
from home.cms.closed import open_pages
from home.cms.pages import language_of
from home.cms.shared import shared
from home.database.compiled import Compiled, for_each_language
from home.language.alphabet import sorted_by
from home.language.dates import money_words
from home.language.lists import comma
from home.signals import page_requested


@dataclass(frozen=True, slots=True)
class LessonLine:
    """One lesson of the programme; `url` is empty without a page,
    `lang` is "fr" if it exists in French only.
    """

    number: int
    title: str
    url: str
    unplugged: bool
    showcase: bool
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """The lessons of a course, on its track's colour."""

    track: str
    lessons: tuple[LessonLine, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """The equipment of a course as (item, for whom), and the labels of hazards that families are told."""

    items: tuple[tuple[str, str], ...]
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A venue as visitors see it, in one language."""

    name: str
    city: str
    address: str
    directions: str
    map_url: str


@dataclass(slots=True)
class Door:
    """One prerequisite as a sentence; a required course is linked if it has a page."""

    words: str
    url: str = ""
    title: str = ""


@dataclass(slots=True)
class Person:
    """An instructor as the public sees them."""

    name: str
    role: str
    url: str
    lang: str
    sessions: set[int] = field(default_factory=set)


SESSIONS = for_each_language(
    lambda language, course, on: with_place(
        Session.objects.filter(course_id=course).listed().current(on), language, whole=True
    )
)


@receiver(page_requested, sender=CatalogueIndexPage)
def catalogue_facts(request: Any, at: datetime, **_signal: Any) -> dict[str, Any]:
    """Return the courses at this address; CatalogueIndexPage.is_canonical reads them from the request."""
    request.catalogue = browse(request, at)
    return {"catalogue": request.catalogue}


@receiver(page_requested, sender=CoursePage)
def course_facts(page: CoursePage, request: HttpRequest, at: datetime, **_signal: Any) -> dict[str, Any]:
    """Return the data of a course page at that time, in the active language; seven queries for any number of
    sessions, of which four are asked once in some seconds.
    """
    now, language = at, get_language()
    shelf, lessons, kit, ways_in = shared(
        ("course", page.course_id, language), lambda: _described(page.course_id, language)
    )
    course = shelf.get(page.course_id) or _from_facts(page, language)
    sessions = SESSIONS[language](course=page.course_id, on=timezone.localdate(now))
    lines = sorted(current_lines(sessions, now), key=lambda line: line.order)
    prices = sorted({line.session.price for line in lines if line.is_open}) or [course.price]
    people = instructors([line.session.pk for line in lines], language)
    facts = {
        "told": course,
        "lines": lines,
        "price": money_words(prices[0]),
        "lowest_price": prices[0],
        "price_varies": len(prices) > 1,
        "programme": Programme(course.track, lessons),
        "kit": kit,
        "instructors": people,
        "venues": venues(lines),
        "doors": ways_in,
        "next_courses": [other for other in shelf.values() if other.comes_next],
        "flyer_code": course.code.lower(),
        "share_url": share_url(page, request, course),
    }
    facts["json_ld"] = structured_data.course(page, facts)
    return facts


Described = tuple[dict[int, Told], tuple[LessonLine, ...], Kit, list[Door]]


def _described(course_id: int, language: str) -> Described:
    """Return what editors write: the courses with a page, and this one's lessons, equipment and ways in."""
    shelf, lessons = told(language, after=course_id), tuple(programme(course_id, language))
    hazards = dict.fromkeys(label for lesson in lessons for label in lesson.hazards)
    kit = Kit(equipment(course_id), tuple(hazards))
    return shelf, lessons, kit, doors(course_id, shelf, language)


def _from_facts(page: CoursePage, language: str) -> Told:
    """Return a course from its own data, for a page that is not live yet (a preview)."""
    course = page.course
    return Told(
        pk=course.pk,
        code=course.code,
        title=page.title,
        lang="",
        url=page.url or "",
        summary=course.summary,
        outcome=course.outcome,
        track=course.track.code,
        track_name=course.track.name,
        icon=course.track.icon,
        position=course.track.position,
        band=course.band.code,
        band_name=course.band.name,
        nickname=course.band.nickname,
        min_age=course.band.min_age,
        max_age=course.band.max_age,
        meetings_count=course.meetings_count,
        minutes=course.minutes,
        price=course.price,
    )


def _lessons(language: str, course: int) -> QuerySet[Any, Any]:
    live = Q(pages__in=open_pages(LessonPage.objects.live()))
    paths = {
        "own_path": Max("pages__url_path", filter=live & Q(pages__locale__language_code=language)),
        "french_path": Max("pages__url_path", filter=live & Q(pages__locale__language_code=FRENCH)),
    }
    taught = Lesson.objects.filter(course=course, is_retired=False)
    rows: QuerySet[Any, Any] = taught.annotate(**paths).order_by("number")
    return rows


LESSONS = for_each_language(_lessons)


def programme(course_id: int, language: str) -> list[LessonLine]:
    """Return a course's lessons in order, linked to their page in this language, or in French."""
    lessons = []
    for row in LESSONS[language](course=course_id):
        path = row.own_path or row.french_path
        url = address(language, path) if path else ""
        lessons.append(
            LessonLine(row.number, row.title, url, row.unplugged, row.showcase, tuple(row.hazard_labels))
        )
    return lessons


EQUIPMENT = Compiled(lambda course: Equipment.objects.filter(course=course))


def equipment(course_id: int) -> tuple[tuple[str, str], ...]:
    """Return item and for whom: ("Carte micro:bit v2 et câble USB", "for two children").

    Measured items state their own share.
    """
    rows = EQUIPMENT(course=course_id)
    return tuple((row.item, "" if row.unit else str(row.get_per_display())) for row in rows)


def _doors(language: str, course: int) -> QuerySet[Prerequisite, dict[str, Any]]:
    columns = {
        f"{name}_{code}": F(f"{path}_{code}")
        for name, path in {"skill": "skills__name", "course_name": "required_course__title"}.items()
        for code in dict.fromkeys((language, FRENCH))
    }
    rows = Prerequisite.objects.filter(course=course).order_by("pk", "skills__pk")
    values: QuerySet[Prerequisite, dict[str, Any]] = rows.values(
        "pk", "kind", "required_course_id", **columns
    )
    return values


WAYS_IN = for_each_language(_doors)


def doors(course_id: int, shelf: dict[int, Told], language: str) -> list[Door]:
    """Return the prerequisites of a course, any one of which is enough; empty if there are none."""
    found: dict[int, Door] = {}
    for row in WAYS_IN[language](course=course_id):
        if row["kind"] == Prerequisite.Kind.COURSE:
            other = shelf.get(row["required_course_id"])
            title = other.title if other else row[f"course_name_{language}"] or row[f"course_name_{FRENCH}"]
            found[row["pk"]] = Door(_("have completed the course:"), other.url if other else "", title)
        elif row["kind"] == Prerequisite.Kind.SKILLS:
            skill = row[f"skill_{language}"] or row[f"skill_{FRENCH}"]
            if not skill:
                continue
            if row["pk"] in found:
                found[row["pk"]].title += comma() + skill
            else:
                found[row["pk"]] = Door(
                    _("or already know how to:") if found else _("already know how to:"), title=skill
                )
        elif row["kind"] == Prerequisite.Kind.READY:
            words = _("or be told “ready for the next level” by an instructor.")
            found[row["pk"]] = Door(
                words if found else _("be told “ready for the next level” by an instructor.")
            )
        else:
            words = _("or have an equivalent level: tell us, and we will check it with your child.")
            found[row["pk"]] = Door(
                words if found else _("have some experience: tell us, and we will check it with your child.")
            )
    return list(found.values())


def _teaching(language: str, sessions: list[int]) -> QuerySet[Any, Any]:
    rows: QuerySet[Any, Any] = open_pages(InstructorPage.objects.live()).filter(
        locale__language_code__in=sorted({language, FRENCH})
    )
    rows = rows.filter(user__sessions_taught__pk__in=sessions).order_by("path")
    return rows.values_list(
        "user_id", "locale_id", "title", "role", "url_path", "user__sessions_taught", named=True
    )


TEACHING = for_each_language(_teaching)


def instructors(session_ids: list[int], language: str) -> list[Person]:
    """Return the instructors of these sessions who have a live page, in this language or in French."""
    found: dict[int, Person] = {}
    for user, locale, name, role, path, session in TEACHING[language](sessions=session_ids):
        own = language_of(locale)
        person = found.get(user)
        if person is None or (person.lang and own == language):
            sessions = person.sessions if person else set()
            person = found[user] = Person(
                name, role, address(language, path), "" if own == language else own, sessions
            )
        person.sessions.add(session)
    return sorted_by(lambda person: [person.name], found.values())


def venues(lines: Iterable[SessionRow]) -> list[Place]:
    """Return the venues of these sessions, each once, with a link to a map: never an embedded map."""
    found: dict[str, Place] = {}
    for line in lines:
        session = line.session
        if session.venue_code not in found:
            address, directions = place_words(session, "address"), place_words(session, "directions")
            found[session.venue_code] = Place(line.venue, line.city, address, directions, session.map_url)
    return list(found.values())


def share_url(page: CoursePage, request: HttpRequest, course: Told) -> str:
    """Return a WhatsApp link with the course and its URL; the family chooses the recipient."""
    text = f"{course.title} · {settings.SITE_URL}{course.url or request.path}"
    return "https://wa.me/?" + urlencode({"text": text})


@receiver(page_requested, sender=LessonPage)
def lesson_facts(page: LessonPage, request: HttpRequest, **_signal: Any) -> dict[str, Any]:
    """Return the public data of a lesson: what a family may read, never the instructor's notes."""
    language = get_language()
    lesson = Lesson.objects.select_related("course").prefetch_related("skills").get(pk=page.lesson_id)
    course = told(language).get(lesson.course_id)
    lessons = programme(lesson.course_id, language)
    around = {other.number: other for other in lessons if other.url}
    numbers = sorted(around)
    before = [number for number in numbers if number < lesson.number]
    after = [number for number in numbers if number > lesson.number]
    return {
        "lesson": lesson,
        "told": course,
        "lessons_count": len(lessons),
        "kit": [kit_words(line, language) for line in lesson.kit],
        "hazards": [Hazard(code).label for code in lesson.hazards],
        "skills": [skill.name for skill in lesson.skills.all()],
        "previous": around[before[-1]] if before else None,
        "following": around[after[0]] if after else None,
        "json_ld": structured_data.lesson(page, request, lesson, course),
    }


def kit_words(line: dict[str, Any], language: str) -> str:
    """Return one item of a lesson's kit: "4 × Pions de deux couleurs, for two children"."""
    item = line.get(language) or line.get(FRENCH) or ""
    quantity = line.get("qty") or 1
    whom = {"child": _("for each child"), "pair": _("for two children"), "group": _("for the group")}.get(
        line.get("per") or "", ""
    )
    words = f"{quantity} × {item}" if quantity != 1 else item
    return _("%(item)s (%(whom)s)") % {"item": words, "whom": whom} if whom else words
