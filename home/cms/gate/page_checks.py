"""What is checked of every page: pictures, links, typed facts, translation, review date, readability.

Each check takes a version of a page and yields problems. What only courses know is in
courses/pages/publishing.py.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage
from wagtail.models import Page

from home.cms.content_checks import pictures_in
from home.cms.gate import readability
from home.cms.gate.passages import TypedText, passages
from home.cms.gate.problems import Problem, Severity, say
from home.cms.gate.typed_facts import dates, prices
from home.cms.translations import BEHIND, state_of
from home.language.table import LANGUAGES
from home.signals import problems_wanted

HEAVY = 4 * 1024 * 1024  # bytes of a picture's file; a phone's photo at 12 megapixels has about 3
LINK = re.compile(r"<(?:a|embed)\s[^>]*>")
ARABIC, LATIN = re.compile(r"[\u0600-\u06ff]"), re.compile(r"[A-Za-zÀ-ÿ]")
TYPE = re.compile(r'linktype="(page|document)"')
KEY = re.compile(r'\bid="(\d{1,18})"')  # as many digits as the database's numbers have

say(
    {
        "no_alt": _(
            "The picture “%(picture)s” has no alternative text in the language of this page. "
            "Describe it in this block or in the picture, or mark it as decoration."
        ),
        "no_release": _(
            "The picture “%(picture)s” shows children and no release is noted. "
            "Note the reference of the release in the picture, or choose another picture."
        ),
        "heavy_picture": _(
            "The picture “%(picture)s” weighs %(megabytes)s MB. "
            "Choose a smaller one: families often read on mobile data."
        ),
        "typed_price": _(
            "“%(words)s” is a price written in the text, where it does not change with the session. "
            "Leave it to the automatic blocks, or say why it stays."
        ),
        "typed_date": _(
            "“%(words)s” is a date written in the text, where it does not change with the session. "
            "Leave it to the automatic blocks, or say why it stays."
        ),
        "dead_link": _("A link leads to a page or document that is not there, or not published."),
        "translation_behind": _("The French page was published after this translation. Compare the two."),
        "review_due": _("This page was to be read again by %(day)s. Read it, then set a new date."),
        "hard_to_read": _(
            "This text is hard to read (%(lix)s on the LIX scale): shorten sentences, choose shorter words."
        ),
    }
)


@receiver(problems_wanted, dispatch_uid="what is checked of every page")
def checked(page: Any, **_what: Any) -> list[Problem]:
    """Return what is wrong with a page of any type."""
    texts = passages(page)
    found = [*_pictures(page), *_typed(texts), *_dead_links(texts), *_behind(page), *_past_review(page)]
    if not page.reads_to_children:
        found += hard_texts(texts, page.language)
    return found


def hard_texts(texts: list[TypedText], language: str, *, up_to_age: int | None = None) -> list[Problem]:
    """Return a problem for each text that is hard to read, for adults or for children up to an age."""
    return [
        Problem(
            "hard_to_read", Severity.WARNS, text.field, {"lix": readability.lix(text.text, language) or 0}
        )
        for text in texts
        if readability.is_hard(text.text, language, up_to_age=up_to_age)
    ]


# ---- pictures


def pictures_of(page: Page) -> Iterator[tuple[str, AbstractImage]]:
    """Yield the pictures that visitors see on a page, each with the way to its field."""
    for field in page._meta.get_fields():
        if isinstance(field, StreamField):
            for block in getattr(page, field.name):
                yield from ((f"{field.name}.{block.id}", picture) for picture in pictures_in(block.value))
        elif (
            field.concrete
            and field.related_model is get_image_model()
            and (picture := getattr(page, field.name))
        ):
            yield field.name, picture


def _pictures(page: Page) -> Iterator[Problem]:
    for field, picture in pictures_of(page):
        named = {"picture": picture.title, "words": str(picture.pk)}
        if field != "social_image" and not is_described(picture, page.language):
            yield Problem("no_alt", Severity.STOPS, field, named)
        if picture.shows_children and not picture.release.strip():
            yield Problem("no_release", Severity.STOPS, field, named)
        if (picture.file_size or 0) > HEAVY:
            size = f"{picture.file_size / 1024 / 1024:.0f}"
            yield Problem("heavy_picture", Severity.WARNS, field, named | {"megabytes": size})


def is_described(picture: AbstractImage, language: str) -> bool:
    """Return whether a picture has words in that language, or is decoration.

    `contextual_alt_text` and `decorative` come from the block around it. Words that are copied with a
    translated page are still in the other language: they do not count. A block without any is a fault of
    the form, which asks for them already.
    """
    if getattr(picture, "decorative", False):
        return True
    if hasattr(picture, "contextual_alt_text"):
        words = (picture.contextual_alt_text or "").strip()
        return not words or is_in(language, words, picture)
    words = getattr(picture, f"alt_{language}", "").strip()
    return bool(words) and is_in(language, words, picture)


def is_in(language: str, words: str, picture: AbstractImage) -> bool:
    """Return whether words may be of that language: by its letters, and because they are not those that the
    picture has in another language only.
    """
    has_script = ARABIC.search(words) if LANGUAGES[language].is_rtl else LATIN.search(words)
    own = getattr(picture, f"alt_{language}", "").strip()
    others = {getattr(picture, f"alt_{code}", "").strip() for code in LANGUAGES if code != language}
    return bool(has_script) and (words == own or words not in others)


# ---- texts


def _typed(texts: list[TypedText]) -> Iterator[Problem]:
    history = timezone.localdate().year - 1
    for text in texts:
        for words in prices(text.text):
            yield Problem("typed_price", Severity.ASKS, text.field, {"words": words})
        for words in dates(text.text, history=history):
            yield Problem("typed_date", Severity.ASKS, text.field, {"words": words})


def _dead_links(texts: list[TypedText]) -> Iterator[Problem]:
    """Yield the texts with a link that leads nowhere, in at most two queries."""
    links = [(text.field, *link) for text in texts for link in _links(text.source)]
    for kind, there in (("page", Page.objects.live()), ("document", get_document_model()._default_manager)):
        wanted = {key for _field, what, key in links if what == kind}
        if not wanted:
            continue
        dead = wanted - set(there.filter(pk__in=wanted).values_list("pk", flat=True))
        for field, what, key in links:
            if what == kind and key in dead:
                yield Problem("dead_link", Severity.WARNS, field, {"words": f"{kind} {key}"})


def _links(source: str) -> Iterator[tuple[str, int]]:
    """Yield kind and key of what rich text links to."""
    for tag in LINK.findall(source):
        kind, key = TYPE.search(tag), KEY.search(tag)
        if kind and key:
            yield kind[1], int(key[1])


# ---- time


def _behind(page: Page) -> Iterator[Problem]:
    if page.language == settings.LANGUAGE_CODE or not page.pk:
        return
    columns = ("live", "last_published_at")
    french = (
        Page.objects.filter(
            translation_key=page.translation_key, locale__language_code=settings.LANGUAGE_CODE, live=True
        )
        .exclude(last_published_at=None)
        .values(*columns)
        .first()
    )
    own = {name: getattr(page, name) for name in columns}
    if french and own["live"] and state_of(french, own) == BEHIND:
        yield Problem("translation_behind", Severity.WARNS)


def _past_review(page: Page) -> Iterator[Problem]:
    day = getattr(page, "review_on", None)
    if day and day < timezone.localdate():
        yield Problem("review_due", Severity.WARNS, "review_on", {"day": day.isoformat()})
