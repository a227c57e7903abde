"""Course search: find courses from a query typed in any language.

The query is folded and stemmed like the index (home/language/folding.py). First whole words through Wagtail's
index, then prefixes, then substrings of folded words: the first step with results wins.
"""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.html import strip_tags
from wagtail.search.index import insert_or_update_object

from courses.models import AgeBand, Course, CoursePage, Lesson, Track
from home.cms.pages import language_of
from home.language.folding import fold, folded_words

LONGEST = 8  # texts


def found_courses(typed: str, language: str) -> list[int]:
    """Return matching courses by relevance; the reader's language first, then the others."""
    pages = CoursePage.objects.live()
    asked = {
        code: folded_words(typed, code)[:LONGEST] for code in dict.fromkeys((language, "fr", "en", "ar"))
    }
    tried = set()
    for code, words in asked.items():
        run = " ".join(words)
        if run and run not in tried and (found := _indexed(pages, run, code)):
            return found
        tried.add(run)
    return _contained(pages, fold(typed).split()[:LONGEST])


def index_again(fact: Model) -> None:
    """Reindex the course pages that show this row (a course, lesson, track or age band)."""
    by = {Course: "course", Lesson: "course__lessons", Track: "course__track", AgeBand: "course__band"}.get(
        type(fact)
    )
    for page in CoursePage.objects.live().filter(**{by: fact}).distinct() if by else ():
        insert_or_update_object(page)


def _indexed(pages: Any, words: str, language: str) -> list[int]:
    """Match whole words, then prefixes; pages of that language first."""
    for ask in (pages.search, pages.autocomplete):
        if found := list(ask(words, operator="and")):
            own = [page.course_id for page in found if language_of(page.locale_id) == language]
            return list(dict.fromkeys(own or [page.course_id for page in found]))
    return []


def _contained(pages: QuerySet[CoursePage], words: list[str]) -> list[int]:
    """Match substrings of the folded text of pages and lesson titles, in any language; two queries over few
    rows.
    """
    words = [word for word in words if len(word) > 1]
    if not words:
        return []
    texts: dict[int, list[str]] = {}
    for course_id, *parts in pages.values_list("course_id", "title", "lead", "makes", "for_whom", "after"):
        texts.setdefault(course_id, []).extend(strip_tags(part) for part in parts)
    for course_id, *titles in Lesson.objects.filter(course__in=list(texts)).values_list(
        "course_id", "title_fr", "title_ar", "title_en"
    ):
        texts[course_id].extend(title or "" for title in titles)
    folded = {course_id: fold(" ".join(parts)) for course_id, parts in texts.items()}
    return [course_id for course_id, text in folded.items() if all(word in text for word in words)]
