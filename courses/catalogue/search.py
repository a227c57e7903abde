"""Course search: find courses from a query typed in any language.

What the query asks for is understood first (courses/catalogue/asked.py). Each subject is looked up in
Wagtail's index; one that is nowhere, in the words nearest to it. The courses that match best come first,
those of the age that was typed before others. Ranks are computed here: both databases answer the same.
"""

from dataclasses import dataclass
from functools import reduce
from math import log
from operator import or_
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.html import strip_tags
from wagtail.search.index import insert_or_update_object
from wagtail.search.query import PlainText

from courses.catalogue.asked import (
    GENERAL_WORDS,
    Dictionary,
    Run,
    Subject,
    Understood,
    forms,
    is_general,
    joined,
    runs_of,
    spelled,
    understand,
)
from courses.models import AgeBand, Course, CoursePage, Lesson, SearchWords, Track
from home.cms.closed import open_pages
from home.cms.pages import language_of
from home.language.folding import fold, is_arabic, stem
from home.language.spelling import nearest
from home.language.table import LANGUAGES

LONGEST = 8  # subjects
IN_TITLE = 3  # how much more a title or a track counts than a text
ENOUGH = 0.3  # of the best match


@dataclass
class Shown:
    """A course before its pages are searched: words of titles and track, ages, place in the catalogue."""

    words: list[str]
    stems: set[str]
    ages: tuple[int, int]
    place: int


def found_courses(typed: str, language: str) -> list[int]:
    """Return matching courses, the best first; the reader's language first, then the others."""
    pages = CoursePage.objects.live()
    dictionary = Dictionary(SearchWords.objects.all())
    asked = understand(typed, dictionary, longest=LONGEST)
    shelf = _shelf(open_pages(pages))  # restricted pages are found by nobody
    if asked.is_general:
        return [key for key, course in shelf.items() if not asked.ages or asked.fits(*course.ages)]
    known = [*dictionary.words, *GENERAL_WORDS, *(word for course in shelf.values() for word in course.words)]
    matches: list[tuple[Subject, set[int]]] = []
    for subject in asked.subjects:
        found = _matching(pages, subject, language)
        if not found:  # unless the nearest word is a general one, which then is left out
            near = [word for word in nearest_words(subject.word, known) if not is_general(word)]
            subject.runs = set().union(*(dictionary.same([word]) | runs_of([word]) for word in near))
            found = _matching(pages, subject, language)
        if found := found & shelf.keys():
            matches.append((subject, found))
    if matches:
        return _ranked(matches, asked, shelf)
    return _contained(open_pages(pages), [subject.word for subject in asked.subjects])


def index_again(fact: Model) -> None:
    """Reindex the course pages that show this row (a course, lesson, track or age band)."""
    paths: dict[type, str] = {
        Course: "course",
        Lesson: "course__lessons",
        Track: "course__track",
        AgeBand: "course__band",
    }
    by = paths.get(type(fact))
    for page in CoursePage.objects.live().filter(**{by: fact}).distinct() if by else ():
        insert_or_update_object(page)


def nearest_words(word: str, known: list[str]) -> list[str]:
    """Return the known words nearest to this one; Arabic words are compared without article and endings."""
    if not is_arabic(word):
        return nearest(word, known)
    stems: dict[str, str] = {}
    for other in known:
        stems.setdefault(stem(other, "ar"), other)
    for form in forms(word):
        if near := nearest(stem(form, "ar"), stems):
            return [stems[other] for other in near]
    return []


def _shelf(pages: QuerySet[CoursePage]) -> dict[int, Shown]:
    """Return the courses that have a page, in the order of the catalogue."""
    tracks = [f"course__track__name_{code}" for code in LANGUAGES]
    rows = pages.order_by("course__track__position", "course__band__min_age", "course__code").values_list(
        "course_id", "course__band__min_age", "course__band__max_age", "title", *tracks
    )
    shelf: dict[int, Shown] = {}
    for course_id, lowest, highest, *texts in rows:
        course = shelf.setdefault(course_id, Shown([], set(), (lowest, highest), len(shelf)))
        for text in texts:
            course.words += spelled(text or "")
    for course in shelf.values():
        course.stems = {stem(word, code) for word in course.words for code in LANGUAGES}
    return shelf


def _matching(pages: Any, subject: Subject, language: str) -> set[int]:
    """Return the courses whose pages name this subject: pages of that language, or else of the others."""
    runs = sorted({written for run in subject.runs for written in joined(run) if all(written)})
    if not runs:
        return set()
    parts = [PlainText(" ".join(run), operator="and") for run in runs if len(run) > 1]
    if words := [run[0] for run in runs if len(run) == 1]:
        parts.append(PlainText(" ".join(words), operator="or"))
    query = reduce(or_, parts)
    found = list(pages.only("course_id", "locale_id").search(query, order_by_relevance=False))
    own = {page.course_id for page in found if language_of(page.locale_id) == language}
    return own or {page.course_id for page in found}


def _ranked(matches: list[tuple[Subject, set[int]]], asked: Understood, shelf: dict[int, Shown]) -> list[int]:
    """Return the courses that match well, the best first; rare subjects and titles count more."""
    scores: dict[int, float] = {}
    for subject, found in matches:
        weight = log(1 + len(shelf) / len(found))
        for key in found & shelf.keys():
            by_title = any(_names(shelf[key], run) for run in subject.runs)
            scores[key] = scores.get(key, 0) + weight * (IN_TITLE if by_title else 1)
    best = max(scores.values(), default=0)
    enough = [key for key, score in scores.items() if score >= best * ENOUGH]
    return sorted(
        enough, key=lambda key: (not asked.fits(*shelf[key].ages), -round(scores[key], 6), shelf[key].place)
    )


def _names(course: Shown, run: Run) -> bool:
    """Return whether the titles or the track of a course say all of this run."""
    return all(word in course.stems for word in run)


def _contained(pages: QuerySet[CoursePage], words: list[str]) -> list[int]:
    """Match substrings of the folded text of pages and lesson titles, in any language; two queries over few
    rows.
    """
    words = [word for word in words if len(word) > 2]
    if not words:
        return []
    texts: dict[int, list[str]] = {}
    for course_id, *parts in pages.values_list("course_id", "title", "lead", "makes", "for_whom", "after"):
        texts.setdefault(course_id, []).extend(strip_tags(part) for part in parts)
    for course_id, *titles in Lesson.objects.filter(course__in=list(texts), is_retired=False).values_list(
        "course_id", "title_fr", "title_ar", "title_en"
    ):
        texts[course_id].extend(title or "" for title in titles)
    folded = {course_id: fold(" ".join(parts)) for course_id, parts in texts.items()}
    return [course_id for course_id, text in folded.items() if all(word in text for word in words)]
