"""Template tags for every page: the academy, the menu, this page's languages, and formats of dates, times and
prices.
"""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.db.models import Q, QuerySet
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from home.academy import academy_of
from home.cms import kept_pages
from home.cms.closed import open_pages
from home.cms.kept_pages import LEGAL
from home.cms.pages import language_of
from home.cms.shared import shared
from home.database.compiled import Compiled
from home.language import dates, devices, elision, lists
from home.language.phones import phone_words
from home.language.unbroken import unbroken

register = template.Library()

register.filter("money", dates.money_words)
register.filter("day", dates.day_words)
register.filter("day_short", dates.day_short)
register.filter("date_words", dates.date_words)
register.filter("weekday", dates.weekday_words)
register.filter("clock", dates.clock_words)
register.filter("hours", dates.hours_words)
register.filter("ltr", dates.ltr)
register.filter("out_of", dates.out_of)
register.filter("colon", lists.labelled)
register.filter("comma", lambda words, more: lists.listed((words, more)))
register.filter("listed", lists.listed)
register.simple_tag(lists.comma, name="comma")
register.simple_tag(lists.semicolon, name="semicolon")
register.filter("of_name", elision.of_name)
register.filter("that_name", elision.that_name)
register.filter("device", devices.device_words)
register.filter("unbroken", unbroken)
register.filter("phone", lambda number: dates.ltr(phone_words(number)))

LANGUAGES = dict(settings.LANGUAGES)
OF_LANGUAGE = {
    (code, current): f'lang="{code}" hreflang="{code}"{" aria-current=true" if current else ""}>{name}'
    for code, name in settings.LANGUAGES
    for current in (False, True)
}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name, extra=""):
    """Render one of our icons from the sprite; decorative, hidden from screen readers.

    Cached, since the same few are on every page.
    """
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("academy/img/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def academy_settings(context):
    """Return the academy's settings (one row), kept by the process for some seconds; read when they are
    shown.
    """
    return academy_of(context["request"])


@register.simple_tag(takes_context=True)
def main_menu(context):
    """Return the menu's pages in the active language, falling back to French."""
    request, language = context["request"], get_language()
    found, order = {}, []
    for page in _around(context):
        if not page.show_in_menus or page.depth != 3:
            continue
        own = language_of(page.locale_id)
        if own == "fr" or page.translation_key not in order:
            order.append(page.translation_key)
        if own == language or (own == "fr" and page.translation_key not in found):
            found[page.translation_key] = page
    links = []
    for key in dict.fromkeys(order):
        if page := found.get(key):
            url = in_language(address_of(page), language)
            links.append(
                {
                    "title": page.title,
                    "url": url,
                    "current": request.path.startswith(url),
                    "lang": language_of(page.locale_id),
                }
            )
    return links


@register.filter
def section(menu: list[dict]) -> str:
    """Return the address of the menu's entry that the reader is in; empty for pages outside of it."""
    return " ".join(item["url"] for item in menu if item["current"])


def _around(context) -> list:
    """Return the live pages (plain rows) of the frame: menu, ancestors, translations.

    One query per request; for an address that is no page of the tree, kept by the process for some seconds.
    """
    request, page = context.get("request"), context.get("page")
    if request is None:
        return []
    if not hasattr(request, "_around"):
        if page is not None and page.pk and getattr(page, "locale_id", None):
            above = [
                page.path[:length] for length in range(Page.steplen, len(page.path) + 1, Page.steplen)
            ]  # includes itself: never empty
            request._around = FRAME(above=above, key=page.translation_key)
        else:
            request._around = shared("menu", FRAME)
    return request._around


def _frame(above=None, key=None) -> QuerySet:
    columns = ("title", "url_path", "locale_id", "translation_key", "path", "depth", "show_in_menus")
    wanted = Q(show_in_menus=True, depth=3) | Q(slug=LEGAL, depth=3)
    if above is not None:
        wanted |= Q(path__in=above, depth__gt=1) | Q(translation_key=key)
    return open_pages(Page.objects.live().filter(wanted)).order_by("path").values_list(*columns, named=True)


FRAME = Compiled(_frame)


def address_of(page) -> str:
    """Return a page's URL in its own language: /accueil/cours/ → /fr/cours/."""
    return f"/{language_of(page.locale_id)}/{page.url_path.split('/', 2)[2]}"


@register.filter
def is_legal(page: Page) -> bool:
    """Return whether a page is the legal notice: the list of what is kept is shown below its text."""
    return page.slug == LEGAL


@register.simple_tag(takes_context=True)
def legal_url(context):
    """Return the URL of the legal notice in the active language; empty if there is none."""
    found = [page for page in _around(context) if page.depth == 3 and page.url_path.endswith(f"/{LEGAL}/")]
    return in_language(address_of(found[0]), get_language()) if found else ""


@register.simple_tag
def other_uses(thing) -> list[str]:
    """Return what leads to a page besides other pages (menu, code); nothing for other objects.

    `thing` is the page, or an item of a bulk action.
    """
    page = thing.get("item") if isinstance(thing, dict) else thing
    return kept_pages.uses(page) if isinstance(page, Page) and page.pk else []


def in_language(url: str, language: str) -> str:
    """Return the same URL in another language: /fr/cours/ → /ar/cours/."""
    parts = url.split("/", 2)
    return f"/{language}/{parts[2]}" if len(parts) > 2 and parts[1] in LANGUAGES else url


def _translations(context) -> dict[str, str]:
    """Return this page's URL by language, for existing translations; loaded once per request."""
    request = context.get("request")
    if request is None:
        return {}
    if not hasattr(request, "_translations"):
        page, found = context.get("page"), {}
        if page is not None and page.pk and getattr(page, "locale_id", None):
            for other in _around(context):
                if other.translation_key == page.translation_key:
                    found[language_of(other.locale_id)] = address_of(other)
        elif request.resolver_match and request.path[1:3] in LANGUAGES:
            found = {code: in_language(request.path, code) for code in LANGUAGES}
        request._translations = found
    return request._translations


@register.simple_tag(takes_context=True)
def language_links(context):
    """Return the page's links by language; for a missing translation,
    the URL that shows French with a note.
    """
    request, current = context.get("request"), get_language()
    found = _translations(context)
    # A translation may have a slug of its own: the French address is the one that every language answers.
    shared = found.get(settings.LANGUAGE_CODE) or (request.path if request else "")
    query = f"?{request.GET.urlencode()}" if request and request.method == "GET" and request.GET else ""
    links = []
    for code, name in settings.LANGUAGES:
        url = found.get(code) or (in_language(shared, code) if found else f"/{code}/")
        links.append({"code": code, "name": name, "url": url + _in(query, code), "current": code == current})
    return links


@register.filter
def anchors(languages: list[dict]) -> SafeString:
    """Render the links to a page's languages, the reader's own marked."""
    links = (
        f'<a href="{conditional_escape(link["url"])}" {OF_LANGUAGE[link["code"], link["current"]]}</a>'
        for link in languages
    )
    return mark_safe("\n".join(links))


def _in(query: str, language: str) -> str:
    """Return a query string whose return URL (`next=/fr/…`) is in that language too."""
    return re.sub(r"(?<=[?&]next=%2F)(fr|ar|en)(?=%2F)", language, query)


@register.simple_tag(takes_context=True)
def page_alternates(context):
    """Return a public page's hreflang pairs, itself and x-default (French) included, as absolute URLs."""
    found = _translations(context)
    pairs = [{"lang": code, "url": settings.SITE_URL + url} for code, url in found.items()]
    default = found.get(settings.LANGUAGE_CODE)
    if default:
        pairs.append({"lang": "x-default", "url": settings.SITE_URL + default})
    return pairs


@register.simple_tag(takes_context=True)
def canonical_url(context):
    """Return the page's canonical URL: a French fallback keeps its French URL."""
    request, page = context.get("request"), context.get("page")
    if page is not None and page.pk:
        return settings.SITE_URL + address_of(page)
    return settings.SITE_URL + request.path if request else ""


@register.simple_tag(takes_context=True)
def breadcrumbs(context):
    """Return the ancestors, home page first, and the page itself last without a link."""
    page = context.get("page")
    if page is None or not page.depth or page.depth < 3:
        return []
    crumbs = [
        {
            "title": _("Home") if other.depth == 2 else other.title,
            "url": in_language(address_of(other), get_language()),
        }
        for other in _around(context)
        if other.depth < page.depth and page.path.startswith(other.path)
    ]
    return [*crumbs, {"title": page.title, "url": ""}]


@register.simple_tag(takes_context=True)
def words_lang(context):
    """Return attributes for an editor's text: French and left to right if the translation is missing,
    otherwise nothing.
    """
    return mark_safe('lang="fr" dir="ltr"') if context.get("fallback") and get_language() != "fr" else ""


@register.filter
def get(mapping, key):
    """Return a dictionary's value for a variable key."""
    return mapping.get(key) if mapping else None
