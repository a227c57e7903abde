"""Begin a course: its data, its lessons, and a draft page for each in every language, all at once.

The rows of courses made by hand are the same: pages of one translation key below the catalogue of each
language, at the French address.
"""

from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.html import format_html
from django.utils.text import slugify
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry
from wagtail.permissions import policy_registry

from courses.models import (
    AgeBand,
    CatalogueIndexPage,
    Course,
    CoursePage,
    Lesson,
    LessonBlock,
    LessonPage,
    Track,
)
from home.account import User
from home.files.photos import Photo
from home.language.table import LANGUAGES
from home.models import Picture
from home.refusals import Refusal

Words = dict[str, str]  # by language


class HasPages(Refusal):
    """The course has pages already; nothing was written."""

    def __init__(self, course: Course) -> None:
        super().__init__(course.code)
        self.course = course


@dataclass(frozen=True)
class NewFacts:
    """The data of a course that does not exist yet. Length in minutes, price in MAD."""

    code: str
    track: Track
    band: AgeBand
    meetings_count: int
    minutes: int
    price: Decimal


@dataclass(frozen=True)
class NewLesson:
    """A lesson to add: its words by language, and how long it lasts, if that is known."""

    titles: Words
    objectives: Words
    minutes: int | None = None


@dataclass(frozen=True)
class NewCourse:
    """What was typed. `course` is the one to make pages for, or `facts` those of a new one.

    titles, leads, makes   by language; the lead and what is made are also the course's summary and outcome
    picture                shown on the three pages, with alternative texts by language
    """

    titles: Words
    leads: Words
    makes: Words
    course: Course | None = None
    facts: NewFacts | None = None
    lessons: list[NewLesson] = field(default_factory=list)
    picture: Picture | None = None


def catalogues() -> dict[str, CatalogueIndexPage]:
    """Return the catalogue of each language that has one, by language."""
    pages = CatalogueIndexPage.objects.select_related("locale")
    found = {page.locale.language_code: page for page in pages}
    return {code: found[code] for code in LANGUAGES if code in found}


def may_begin(user: User) -> bool:
    """Return whether this user may add a page below the catalogue of every language."""
    parents = catalogues()
    return len(parents) == len(LANGUAGES) and all(
        page.permissions_for_user(user).can_add_subpage() for page in parents.values()
    )


def may_write_facts(user: User) -> bool:
    """Return whether this user may add courses and lessons, not only pages about them."""
    return bool(user.has_perms(["courses.add_course", "courses.add_lesson"]))


def made_from(form_key: str, user: User) -> Course | None:
    """Return the course that this form has made for this user before: it was sent twice."""
    entries = PageLogEntry.objects.filter(action="wagtail.create", user=user, data__form=form_key)
    keys = list(entries.values_list("page_id", flat=True))
    page = CoursePage.objects.filter(pk__in=keys).select_related("course").first()
    return page.course if page else None


def keep_picture(photo: Photo, *, title: str, facts: dict[str, Any], by: User) -> Picture:
    """Store a photo in the library, in the first collection this user may add to, with its alternative texts
    and what is said of the children in it (fields of Picture).
    """
    policy = policy_registry.get_by_type(Picture)
    collection = policy.collections_user_has_permission_for(by, "add").first()
    picture = Picture(
        title=title[:255] or photo.name, file=photo, uploaded_by_user=by, collection=collection, **facts
    )
    picture._set_image_file_metadata()  # type: ignore[no-untyped-call]  # of home.models
    picture.save()
    log(instance=picture, action="wagtail.create", user=by)
    return picture


@transaction.atomic
def begin(new: NewCourse, *, by: User, form_key: str) -> Course:
    """Write the course's data and lessons, and the drafts of its pages and of its lessons' pages.

    Raises HasPages; django.db.IntegrityError when the code is taken; ValidationError for a page that cannot
    be a draft. Then nothing was written.
    """
    # Pages are added one after another: two at once would take the same place in the tree. What a catalogue
    # knows of the pages below it is read under the lock.
    keys = CatalogueIndexPage.objects.values("pk")
    list(Page.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    parents = catalogues()
    course = _locked(new.course) if new.course else _written(new, by)
    _add_lessons(course, new.lessons, by)
    pages = _drafts(
        parents,
        CoursePage,
        _free_address(parents, new.titles["fr"] or course.title_fr or course.code),
        {code: _words_of_page(new, course, code) for code in parents},
        by=by,
        form_key=form_key,
        course=course,
    )
    for lesson in course.lessons.filter(is_retired=False).order_by("number"):
        words = {code: {"title": getattr(lesson, f"title_{code}")} for code in pages}
        named = {code: fields for code, fields in words.items() if fields["title"]}
        _drafts(pages, LessonPage, f"lecon-{lesson.number}", named, by=by, form_key=form_key, lesson=lesson)
    return course


def _locked(chosen: Course) -> Course:
    """Return the course, which nobody else can give pages in the meantime. Raises HasPages."""
    course: Course = Course.objects.select_for_update().get(pk=chosen.pk)
    if course.pages.exists():
        raise HasPages(course)
    return course


def _written(new: NewCourse, by: User) -> Course:
    """Write the data of a new course."""
    if new.facts is None:
        raise ValueError("neither a course nor the data of one")
    words = {f"title_{code}": title for code, title in new.titles.items()}
    words |= {f"summary_{code}": lead for code, lead in new.leads.items()}
    words |= {f"outcome_{code}": made for code, made in new.makes.items()}
    course: Course = Course.objects.create(**vars(new.facts), **words)
    log(instance=course, action="wagtail.create", user=by)
    return course


def _add_lessons(course: Course, lessons: list[NewLesson], by: User) -> None:
    """Add lessons after those that the course has; the minutes are those of a first part of the plan."""
    last = course.lessons.order_by("-number").values_list("number", flat=True).first() or 0
    for number, new in enumerate(lessons, start=last + 1):
        words = {f"title_{code}": title for code, title in new.titles.items()}
        words |= {f"objective_{code}": objective for code, objective in new.objectives.items()}
        lesson = Lesson.objects.create(course=course, number=number, **words)
        if new.minutes:
            texts = {f"text_{code}": new.objectives.get(code) or new.titles[code] for code in new.titles}
            LessonBlock.objects.create(
                lesson=lesson, kind=LessonBlock.Kind.ACTIVITY, minutes=new.minutes, **texts
            )
        log(instance=lesson, action="wagtail.create", user=by)


def _words_of_page(new: NewCourse, course: Course, code: str) -> dict[str, Any]:
    """Return the fields of a course's page in one language; what was not typed is the course's own."""
    lead = new.leads[code] or getattr(course, f"summary_{code}") or ""
    makes = new.makes[code] or getattr(course, f"outcome_{code}") or ""
    return {
        "title": new.titles[code] or getattr(course, f"title_{code}") or "",
        "lead": lead,
        "search_description": lead[:250],
        "makes": str(format_html("<p>{}</p>", makes)) if makes else "",
        "body": _body(new.picture, code),
    }


def _body(picture: Picture | None, code: str) -> list[tuple[str, Any]]:
    """Return the blocks of a page: the picture, with its alternative text in that language."""
    if picture is None:
        return []
    shown: Any = copy(picture)
    shown.contextual_alt_text, shown.decorative = picture.alt_in(code), False
    return [("picture", {"picture": shown, "caption": ""})]


def _free_address(parents: dict[str, CatalogueIndexPage], title: str) -> str:
    """Return a slug that no page below a catalogue has: the French title's, numbered if it is taken."""
    wanted = slugify(title)[:80].strip("-") or "cours"
    taken: set[str] = set()
    for parent in parents.values():
        taken |= set(parent.get_children().values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _drafts(
    parents: dict[str, Any],
    model: type[Any],
    slug: str,
    words: dict[str, dict[str, Any]],
    *,
    by: User,
    form_key: str,
    **row: Any,
) -> dict[str, Any]:
    """Add a draft below each parent that there are words for, as translations of one another."""
    made: dict[str, Any] = {}
    for code, fields in words.items():
        parent = parents[code]
        page = model(slug=slug, locale=parent.locale, live=False, owner=by, **row, **fields)
        if made:
            page.translation_key = next(iter(made.values())).translation_key
        page.has_unpublished_changes = True
        parent.add_child(instance=page)
        page.save_revision(user=by, log_action=False)
        log(instance=page, action="wagtail.create", user=by, data={"form": form_key})
        made[code] = page
    return made
