"""What the catalogue says when nothing matches, and what it suggests instead."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.ages import age_on, turns
from courses.catalogue.course_cards import Told
from courses.catalogue.filters import Filters, way
from courses.catalogue.matching import Candidate
from courses.models import Term
from home.language.dates import date_words


@dataclass(slots=True)
class Empty:
    """What to show when nothing matches, with suggested links (URL, label)."""

    title: str
    text: str
    ways: list[tuple[str, str]]


def nothing(
    candidates: list[Candidate], shelf: dict[int, Told], asked: Filters, today: date, now: datetime
) -> Empty:
    """Explain why nothing matches and what would: a future age, the filter to remove, the next term."""
    title, sentences, ways = _("No courses match all your filters."), [], []
    age = age_on(asked.born, today) if asked.born else asked.age
    youngest = min((course.min_age for course in shelf.values()), default=None)
    oldest = max((course.max_age for course in shelf.values()), default=None)
    if age is not None and youngest is not None and age < youngest:
        title = ngettext(
            "We have no courses for age %(age)s yet. Our courses start at age %(from)s.",
            "We have no courses for age %(age)s yet. Our courses start at age %(from)s.",
            age,
        ) % {"age": age, "from": youngest}
        if asked.born:
            sentences.append(
                _("Your child turns %(age)s on %(day)s and can join sessions starting on or after that day.")
                % {"age": youngest, "day": date_words(turns(asked.born, youngest))}
            )
        ways.append(
            (asked.but(age=youngest, born=None).query(), _("Courses from age %(age)s") % {"age": youngest})
        )
    elif age is not None and oldest is not None and age > oldest:
        title = _("Our courses are for children up to %(age)s years old.") % {"age": oldest}
    for name in asked.active:
        left = {candidate.course.pk for candidate in candidates if candidate.fails <= {name}}
        if left and not (name == "age" and ways):
            words = ngettext(
                "%(count)s course without the filter “%(filter)s”",
                "%(count)s courses without the filter “%(filter)s”",
                len(left),
            ) % {"count": len(left), "filter": filter_words()[name]}
            ways.append((way(asked.without(name)), words))
    if term := Term.objects.filter(starts_on__gt=today).order_by("starts_on").first():
        sentences.append(
            _("The next term, %(term)s, starts on %(day)s.")
            % {"term": term.name, "day": date_words(term.starts_on)}
        )
    if asked.active:
        ways.append(("?", _("See all courses")))
    return Empty(title, " ".join(sentences), ways)


def filter_words() -> dict[str, str]:
    """Return the label of each filter."""
    return {
        "q": _("search"),
        "age": _("age"),
        "track": _("track"),
        "weekday": _("day"),
        "language": _("language"),
        "venue": _("place"),
        "places": _("places left"),
    }
