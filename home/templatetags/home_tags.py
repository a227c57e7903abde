"""What every template may ask: the academy, the menu, the languages of this page, and how a date, an hour or a price reads."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from home import words
from home.models import AcademySettings
from home.pages import language_of

register = template.Library()

register.filter("money", words.money_words)
register.filter("day", words.day_words)
register.filter("day_short", words.day_short)
register.filter("date_words", words.date_words)
register.filter("weekday", words.weekday_words)
register.filter("clock", words.clock_words)
register.filter("ltr", words.ltr)

LANGUAGES = dict(settings.LANGUAGES)


@register.simple_tag
def icon(name, extra=""):
    """One of our own icons, from the sprite; decoration, never read out."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("academy/img/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def academy_settings(context):
    """Name, address, telephones and papers of the academy (one row, fetched once per request)."""
    return AcademySettings.for_request(context["request"])


@register.simple_tag(takes_context=True)
def main_menu(context):
    """The pages in the menu: in the reader's language, the French one where a translation is missing."""
    request, language = context["request"], get_language()
    found = {}
    pages = Page.objects.live().in_menu().filter(depth=3).order_by("path")
    for page in pages:
        own = language_of(page.locale_id)
        if own == language or (own == "fr" and page.translation_key not in found):
            found[page.translation_key] = page
    order = [page.translation_key for page in pages if language_of(page.locale_id) == "fr"]
    order += [key for key in found if key not in order]
    links = []
    for key in order:
        if page := found.get(key):
            url = in_language(page.get_url(request) or "/", language)
            links.append(
                {"title": page.title, "url": url, "current": request.path.startswith(url), "lang": language_of(page.locale_id)}
            )
    return links


def in_language(url: str, language: str) -> str:
    """The same address under another language: /fr/cours/ → /ar/cours/."""
    parts = url.split("/", 2)
    return f"/{language}/{parts[2]}" if len(parts) > 2 and parts[1] in LANGUAGES else url


def _translations(context) -> dict[str, str]:
    """Language → address of this page, for the languages it exists in; asked once per request."""
    request = context.get("request")
    if request is None:
        return {}
    if not hasattr(request, "_translations"):
        page, found = context.get("page"), {}
        if page is not None and page.pk and getattr(page, "locale_id", None):
            for other in page.get_translations(inclusive=True).live():
                if url := other.get_url(request):
                    found[language_of(other.locale_id)] = url
        elif request.resolver_match and request.path[1:3] in LANGUAGES:
            found = {code: in_language(request.path, code) for code in LANGUAGES}
        request._translations = found
    return request._translations


@register.simple_tag(takes_context=True)
def language_links(context):
    """The same page in each language; where it is not translated yet, the address that shows it in French with a note."""
    request, current = context.get("request"), get_language()
    found = _translations(context)
    query = f"?{request.GET.urlencode()}" if request and request.method == "GET" and request.GET else ""
    links = []
    for code, name in settings.LANGUAGES:
        url = found.get(code) or (in_language(request.path, code) if found else f"/{code}/")
        links.append({"code": code, "name": name, "url": url + query, "current": code == current})
    return links


@register.simple_tag(takes_context=True)
def page_alternates(context):
    """hreflang pairs of a public page, itself and x-default (French) included; absolute addresses."""
    found = _translations(context)
    pairs = [{"lang": code, "url": settings.SITE_URL + url} for code, url in found.items()]
    default = found.get(settings.LANGUAGE_CODE)
    if default:
        pairs.append({"lang": "x-default", "url": settings.SITE_URL + default})
    return pairs


@register.simple_tag(takes_context=True)
def canonical_url(context):
    """The one address of this page: a French page shown for a missing translation keeps its French address."""
    request, page = context.get("request"), context.get("page")
    if page is not None and page.pk:
        return settings.SITE_URL + (page.get_url(request) or request.path)
    return settings.SITE_URL + request.path if request else ""


@register.simple_tag(takes_context=True)
def breadcrumbs(context):
    """The pages above this one, the home page first, the page itself last without a link."""
    request, page = context.get("request"), context.get("page")
    if page is None or page.depth < 3:
        return []
    crumbs = [
        {"title": _("Home") if ancestor.depth == 2 else ancestor.title, "url": in_language(ancestor.get_url(request), get_language())}
        for ancestor in page.get_ancestors().filter(depth__gte=2)
    ]
    return [*crumbs, {"title": page.title, "url": ""}]


@register.simple_tag(takes_context=True)
def words_lang(context):
    """Attributes for words an editor wrote: French and left to right while the translation is missing, nothing otherwise."""
    return mark_safe('lang="fr" dir="ltr"') if context.get("fallback") and get_language() != "fr" else ""  # noqa: S308


@register.filter
def get(mapping, key):
    """A value of a dictionary by a key that is in a variable."""
    return mapping.get(key) if mapping else None
