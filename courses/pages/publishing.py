"""What a page about courses needs before families see it, and the one question about any page: `problems`.

The checks of every page are in home/cms/gate/page_checks.py. A place or an age counts as typed only where an
automatic block or the template shows it: on pages of courses and lessons. Elsewhere a text may name a venue
or all ages of the programme; an address is asked about on every page with a venues block.

A lesson that is not ready stops its own page, and is a warning on the page of its course, which shows little
of it and is often published first. That a lesson belongs to the course above, and that a course has one live
page in a language, the pages' own `clean` asks (courses/models/pages.py, courses/pages/one_page.py).
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles import finders
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from courses import faces
from courses.models import CoursePage, Lesson, LessonPage, Room, Venue
from courses.pages.scenes import SCENES
from home.cms import publishing
from home.cms.gate.page_checks import hard_texts, pictures_of
from home.cms.gate.passages import TypedText, passages
from home.cms.gate.problems import Problem, Severity, say
from home.cms.gate.typed_facts import ages, places
from home.language.table import LANGUAGES
from home.signals import problems_wanted

say(
    {
        "no_lead": _(
            "The introduction for parents is missing. Say in one or two sentences what the course is."
        ),
        "no_description": _(
            "The description is missing in this language: write the course’s summary in it, "
            "or a description for search engines (tab “Promote”)."
        ),
        "no_drawing": _("This page has no picture, and its track has no drawing of ours. Add a picture."),
        "not_taught": _("This lesson is no longer taught. Choose the one that replaced it."),
        "no_objective": _(
            "Lesson %(number)s has no objective in this language. "
            "Write it on the lesson, under “What we teach”."
        ),
        "minutes": _(
            "Lesson %(number)s: its parts take %(planned)s minutes, and a class takes %(length)s. "
            "Correct the minutes on the lesson, under “What we teach”."
        ),
        "typed_age": _(
            "“%(words)s” is an age written in the text. The page shows the course’s age band automatically. "
            "Delete it, or say why it stays."
        ),
        "typed_place": _(
            "“%(words)s” is a place written in the text, where it does not change with the session. "
            "Leave it to the automatic blocks, or say why it stays."
        ),
    }
)


def problems(page: Page) -> list[Problem]:
    """Return everything that is open about this version of a page, the gravest first; empty if all is well.

    It asks what “Publish” asks (`Severity.STOPS`, and `Severity.ASKS` until a reason is given) and what only
    warns. The page may be a draft that is not stored. Sentences are in the active language. Writes nothing.
    """
    return publishing.open_problems(page)


@receiver(problems_wanted, dispatch_uid="what a page about courses needs")
def checked(page: Page, **_what: Any) -> list[Problem]:
    """Return what is wrong with a page as far as courses know."""
    texts = passages(page)
    if isinstance(page, CoursePage):
        return [*_course(page), *_typed(texts)]
    if isinstance(page, LessonPage):
        return [*_lesson_page(page), *_typed(texts), *_hard(page, texts)]
    return list(_addresses(texts)) if _has_venues(page) else []


# ---- courses


def _course(page: CoursePage) -> Iterator[Problem]:
    if not page.lead.strip():
        yield Problem("no_lead", Severity.STOPS, "lead")
    if page.course_id is None:
        return  # its form asks for one, and every course has an age band (courses.models.Course)
    course = page.course
    summary = getattr(course, f"summary_{page.language}") or ""
    if not (page.search_description.strip() or summary.strip()):
        yield Problem("no_description", Severity.STOPS, "search_description")
    if not (has_drawing(course.track.code) or any(pictures_of(page))):
        yield Problem("no_drawing", Severity.STOPS, "body")
    for lesson in course.lessons.filter(is_retired=False).prefetch_related("blocks"):
        for problem in lesson_problems(lesson, page.language):
            yield dataclasses.replace(problem, severity=Severity.WARNS, field="")


def has_drawing(track: str) -> bool:
    """Return whether there is a drawing of ours for a track, by its code."""
    return track in SCENES and finders.find(f"academy/img/{SCENES[track]}") is not None


# ---- lessons


def _lesson_page(page: LessonPage) -> Iterator[Problem]:
    if page.lesson_id is None:
        return  # its form asks for one
    if page.lesson.is_retired and not page.live:
        yield Problem("not_taught", Severity.STOPS, "lesson")
    yield from lesson_problems(page.lesson, page.language)


def lesson_problems(lesson: Lesson, language: str) -> Iterator[Problem]:
    """Yield what a lesson lacks to be shown in that language: an objective, and minutes that fill a class."""
    if not (getattr(lesson, f"objective_{language}") or "").strip():
        yield Problem(
            "no_objective", Severity.STOPS, "lesson", {"number": lesson.number, "words": str(lesson.pk)}
        )
    plan = faces.plan_of(lesson)
    if plan.difference:
        told = {
            "number": lesson.number,
            "words": str(lesson.pk),
            "planned": plan.minutes,
            "length": plan.length,
        }
        yield Problem("minutes", Severity.STOPS, "lesson", told)


def _hard(page: LessonPage, texts: list[TypedText]) -> list[Problem]:
    """Return which texts are too hard for the children of the lesson's course, who read this page too."""
    age = page.lesson.course.band.max_age if page.lesson_id else None
    return hard_texts(texts, page.language, up_to_age=age)


# ---- ages and places in texts


def _typed(texts: list[TypedText]) -> Iterator[Problem]:
    names = _names()
    for text in texts:
        for words in ages(text.text):
            yield Problem("typed_age", Severity.ASKS, text.field, {"words": words})
        for words in places(text.text, names):
            yield Problem("typed_place", Severity.ASKS, text.field, {"words": words})


def _addresses(texts: list[TypedText]) -> Iterator[Problem]:
    addresses = _columns("address")
    for text in texts:
        for words in places(text.text, addresses):
            yield Problem("typed_place", Severity.ASKS, text.field, {"words": words})


def _names() -> list[str]:
    """Return venues, their addresses and rooms, in every language."""
    return [*_columns("name"), *_columns("address"), *Room.objects.values_list("name", flat=True)]


def _columns(name: str) -> list[str]:
    rows = Venue.objects.values_list(*(f"{name}_{language}" for language in LANGUAGES))
    return [words for row in rows for words in row if words]


def _has_venues(page: Page) -> bool:
    body = getattr(page, "body", None)
    return "venues" in getattr(getattr(body, "stream_block", None), "child_blocks", ())
