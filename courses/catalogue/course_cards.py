"""Read model of courses that have a live page: title, text and URL in one language, falling back to French.

One query and plain values, shared by lists of cards, blocks and links.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import ngettext

from courses.ages import band_words
from courses.models import Course, CoursePage
from home.cms.closed import open_pages
from home.cms.pages import language_of
from home.database.compiled import for_each_language

FRENCH = settings.LANGUAGE_CODE


@dataclass(frozen=True, slots=True)
class Told:
    """A course as visitors see it.

    `lang` is "fr" if its page is not translated, otherwise ""; `price` is in MAD.
    """

    pk: int
    code: str
    title: str
    lang: str
    url: str
    summary: str
    outcome: str
    track: str
    track_name: str
    icon: str
    position: int
    band: str
    band_name: str
    nickname: str
    min_age: int
    max_age: int
    meetings_count: int
    minutes: int
    price: Decimal
    comes_next: bool = False

    @property
    def length(self) -> str:
        """Return "12 classes of 90 minutes" in the active language."""
        words = ngettext(
            "%(count)s class of %(minutes)s minutes",
            "%(count)s classes of %(minutes)s minutes",
            self.meetings_count,
        )
        return words % {"count": self.meetings_count, "minutes": self.minutes}


def address(language: str, url_path: str) -> str:
    """Return the URL of a page of the tree in that language: /accueil/cours/code-a/ → /ar/cours/code-a/."""
    return f"/{language}/{url_path.split('/', 2)[2]}"


PLAIN = (
    "course_id",
    "locale_id",
    "title",
    "url_path",
    "course__code",
    "course__track__code",
    "course__track__icon",
    "course__track__position",
    "course__band__code",
    "course__band__min_age",
    "course__band__max_age",
    "course__meetings_count",
    "course__minutes",
    "course__price",
)
WORDS = (
    "course__summary",
    "course__outcome",
    "course__track__name",
    "course__band__nickname",
)


def _shelf(language: str, after: int | None = None) -> QuerySet[Any, Any]:
    columns = [f"{name}_{code}" for name in WORDS for code in dict.fromkeys((language, FRENCH))]
    rows: QuerySet[Any, Any] = open_pages(CoursePage.objects.live()).filter(
        locale__language_code__in=sorted({language, FRENCH})
    )
    if after is not None:
        leads = Course.leads_to.through.objects.filter(from_course=after, to_course=OuterRef("course_id"))
        rows = rows.annotate(comes_next=Exists(leads))
        columns.append("comes_next")
    rows = rows.order_by("course__track__position", "course__band__min_age", "course__code")
    return rows.values(*PLAIN, *columns)


SHELVES = for_each_language(_shelf)


def told(language: str, *, after: int | None = None) -> dict[int, Told]:
    """Return the courses by key, in the order of tracks and ages.

    `after`: a course; marks the ones it leads to.
    """
    found: dict[int, Told] = {}
    for row in SHELVES[language](**({} if after is None else {"after": after})):
        own = language_of(row["locale_id"])
        if own != language and row["course_id"] in found:
            continue
        summary, outcome, track_name, nickname = (
            row[f"{name}_{language}"] or row[f"{name}_{FRENCH}"] or "" for name in WORDS
        )
        found[row["course_id"]] = Told(
            pk=row["course_id"],
            code=row["course__code"],
            title=row["title"],
            lang="" if own == language else own,
            url=address(language, row["url_path"]),
            summary=summary,
            outcome=outcome,
            track=row["course__track__code"],
            track_name=track_name,
            icon=row["course__track__icon"],
            position=row["course__track__position"],
            band=row["course__band__code"],
            band_name=band_words(row["course__band__min_age"], row["course__band__max_age"]),
            nickname=nickname,
            min_age=row["course__band__min_age"],
            max_age=row["course__band__max_age"],
            meetings_count=row["course__meetings_count"],
            minutes=row["course__minutes"],
            price=row["course__price"],
            comes_next=row.get("comes_next", False),
        )
    return found
