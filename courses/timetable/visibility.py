"""What families will not see of a session, for the person who publishes it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import CoursePage, Meeting, Session
from home.language import table
from home.language.lists import listed


def unseen(sessions: Iterable[Session]) -> dict[int, list[str]]:
    """Return, by session key, a sentence for each thing that families will not see; three queries for any
    number of sessions.

    A session without a course page is in no catalogue. Where a translation is missing, families read the
    French page.
    """
    rows = list(sessions)
    pages = _languages_with_a_page({session.course_id for session in rows})
    gaps = _gaps_of_classes(rows)
    return {
        session.pk: [
            *_of_the_page(pages.get(session.course_id, set())),
            *([_("Only families with its code find this session.")] if session.access_code else []),
            *_of_the_classes(**gaps[session.pk]),
        ]
        for session in rows
    }


def _languages_with_a_page(courses: set[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    live = CoursePage.objects.live().filter(course__in=courses)
    for course, code in live.values_list("course_id", "locale__language_code"):
        found.setdefault(course, set()).add(code)
    return found


def _gaps_of_classes(sessions: list[Session]) -> dict[int, dict[str, Any]]:
    """Return, by session key: classes not cancelled, those without a lesson, those without an instructor."""
    keys = [session.pk for session in sessions]
    of_meeting = Meeting.instructors.through.objects.filter(meeting=OuterRef("pk"))
    of_session = Session.instructors.through.objects.filter(session=OuterRef("session"))
    held = Meeting.objects.filter(session__in=keys, cancelled_at=None).annotate(
        taught=Exists(of_meeting) | Exists(of_session)
    )
    counts = {
        "classes": Count("pk"),
        "without_lesson": Count("pk", filter=Q(lesson=None)),
        "without_instructor": Count("pk", filter=Q(taught=False)),
    }
    found: dict[int, dict[str, Any]] = {key: dict.fromkeys(counts, 0) for key in keys}
    rows = held.order_by().values("session").annotate(**counts)
    for key, *numbers in rows.values_list("session", *counts):
        found[key] = dict(zip(counts, numbers, strict=True))
    return found


def _of_the_page(codes: set[str]) -> list[str]:
    if not codes:
        return [_("The course has no published page, so families do not find this session in the catalogue.")]
    missing = [row.code for row in table.LANGUAGES.values() if row.code not in codes]
    if not missing:
        return []
    named = listed(str(Session.Language(code).label) for code in missing)
    if table.DEFAULT.code in codes:
        return [
            _("No course page in: %(languages)s. These families read the French one.") % {"languages": named}
        ]
    return [
        _("No course page in: %(languages)s. These families do not find this session in the catalogue.")
        % {"languages": named}
    ]


def _of_the_classes(*, classes: int, without_lesson: int, without_instructor: int) -> list[str]:
    if not classes:
        return [_("It has no dates: families read that they will be confirmed.")]
    said = []
    if without_instructor == classes:
        said.append(_("It has no instructor."))
    elif without_instructor:
        words = ngettext(
            "%(count)s class has no instructor.", "%(count)s classes have no instructor.", without_instructor
        )
        said.append(words % {"count": without_instructor})
    if without_lesson:
        words = ngettext(
            "%(count)s class has no lesson: families do not read what their child does that day.",
            "%(count)s classes have no lesson: families do not read what their child does those days.",
            without_lesson,
        )
        said.append(words % {"count": without_lesson})
    return said
