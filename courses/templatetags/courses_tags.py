"""Template tags about courses, usable in any template. They read the clock, for blocks on any page."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.db.models import Q
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.models import Page

from courses import faces
from courses.catalogue.course_cards import Told, address, told
from courses.catalogue.session_rows import current_lines, with_place
from courses.code_blocks import svg
from courses.code_blocks.listings import NAMES, Listing
from courses.models import CoursePage, InstructorPage, Session, Venue
from courses.pages import structured_data
from courses.pages.page_context import course_facts
from courses.pages.scenes import ANY, SCENES
from courses.pages.social_pictures import font
from courses.session_facts import facts_of
from courses.standing import Standing
from home.cms.closed import open_pages
from home.cms.kept_addresses import kept_address
from home.cms.pages import language_of
from home.models import AcademySettings, StandardPage
from home.pictures.showing import renditions
from home.templatetags.home_tags import breadcrumbs, icon
from home.templatetags.kept import part

register = template.Library()

SHAPES = {"A": "circle-band", "B": "square-band", "C": "triangle-band"}


@lru_cache(maxsize=256)
def _drawn(name: str, extra: str, static_url: str) -> SafeString:
    return icon(name, extra)


@register.filter
def drawn(name: str) -> SafeString:
    """Render an icon by name, cached for the inner loop of long lists."""
    return _drawn(name, "", settings.STATIC_URL)


@register.filter
def band_shape(code: str) -> SafeString:
    """Return the shape of an age band: circle, square or triangle."""
    return _drawn(SHAPES.get(code, "star8"), "", settings.STATIC_URL)


@register.filter
def drawn_blocks(text: str) -> SafeString:
    """Draw blocks, with the same words for a screen reader, or a listing, in the active language."""
    return _drawn_blocks(text, get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=512)
def _drawn_blocks(text: str, language: str) -> SafeString:
    found = faces.drawing_of(text)
    if found is None:
        return SafeString("")
    if isinstance(found, Listing):
        return format_html(
            '<ol class="listing" dir="ltr" translate="no" aria-label="{}">{}</ol>',
            NAMES[found.name],
            format_html_join("", "<li><code>{}</code></li>", ((line,) for line in found.said(language))),
        )
    return format_html(
        '<figure class="blocks-figure">{}<div class="visually-hidden">{}</div></figure>',
        svg.drawn(found, language, font("Regular")),
        svg.said(found, language),
    )


@register.filter
def chip(line) -> SafeString:
    """Render a session's status chip: icon and text on its colour (components/standing.html without the
    detail).
    """
    standing = line.standing
    return format_html(
        '<span class="chip chip--{}">{}<span>{}</span></span>',
        standing.tone,
        drawn(line.icon),
        standing.words,
    )


@register.filter
def kicker(course: Told) -> SafeString:
    """Render a course's track and age band, each with its icon (components/track.html and band.html)."""
    return _kicker(
        course.track, course.icon, course.track_name, course.band, course.band_name, settings.STATIC_URL
    )


@lru_cache(maxsize=256)
def _kicker(
    track: str, icon_name: str, track_name: str, band: str, band_name: str, _static_url: str
) -> SafeString:
    return format_html(
        (
            '<span class="track track--{}">{}<span>{}</span></span> <span class="band '
            'band--{}">{}<span>{}</span></span>'
        ),
        track,
        drawn(icon_name),
        track_name,
        band,
        band_shape(band),
        band_name,
    )


@register.filter
def toggle(option, name: str) -> SafeString:
    """Render one filter option with its count: a link that toggles it, or plain text if it has no results."""
    count = format_html(' <span class="filter-count">({})</span>', option.count)
    if not option.count and not option.on:
        return format_html('<span class="toggle toggle--none">{}{}</span>', option.words, count)
    return format_html(
        '<a class="toggle" id="f-{}-{}" rel="nofollow" href="{}"{}>{}{}</a>',
        name,
        option.value,
        option.url,
        mark_safe(' aria-current="true"') if option.on else "",
        option.words,
        count,
    )


@register.filter
def scene(track_code: str) -> str:
    """Return the URL of a track's drawing."""
    return static("academy/img/" + SCENES.get(track_code, ANY))


@register.filter
def has_block(body, name: str) -> bool:
    """Return whether an editor placed this automatic block; otherwise the template shows it at its usual
    place.
    """
    return any(block.block_type == name for block in body or ())


def _shelf(context) -> dict[int, Told]:
    """Return the courses that have a page; loaded once per request."""
    request = context.get("request")
    language = get_language()
    kept = getattr(request, "_shelf", None)
    if kept is None or kept[0] != language:
        kept = (language, told(language))
        if request is not None:
            request._shelf = kept
    return kept[1]


@register.simple_tag(takes_context=True)
def next_sessions(context, count=6, only_with_places=False):
    """Return the next sessions open for enrollment, soonest first: a list of {line, course}."""
    now, language = timezone.now(), get_language()
    shelf = _shelf(context)
    sessions = (
        Session.objects.listed()
        .current(timezone.localdate(now))
        .filter(course__in=list(shelf), cancelled_at=None)
    )
    lines = sorted(current_lines(with_place(sessions, language), now), key=lambda line: line.order)
    wanted = [
        line for line in lines if (line.standing.has_places if only_with_places else line.standing.action)
    ]
    return [{"line": line, "course": shelf[line.session.course_id]} for line in wanted[: int(count)]]


@register.simple_tag(takes_context=True)
def tracks(context):
    """Return the tracks with their courses, in the order of ages: a list of {code, name, icon, courses}."""
    found = {}
    for course in _shelf(context).values():
        track = found.setdefault(
            course.track,
            {"code": course.track, "name": course.track_name, "icon": course.icon, "courses": []},
        )
        track["courses"].append(course)
    return list(found.values())


@register.simple_tag
def venues():
    """Return the venues with opening hours; those not yet open last."""
    return Venue.objects.prefetch_related("hours")


def _below(context, model, *columns) -> list[dict]:
    """Return the live pages of a type below this one, in the active language, falling back to French."""
    page, language = context.get("page"), get_language()
    if page is None or not page.pk:
        return []
    parents = Page.objects.filter(translation_key=page.translation_key)
    paths = Q()
    for path in parents.values_list("path", flat=True):
        paths |= Q(path__startswith=path, depth=page.depth + 1)
    rows = open_pages(model.objects.live().filter(paths, locale__language_code__in={language, "fr"}))
    found: dict = {}
    for row in rows.order_by("path").values("translation_key", "locale_id", "title", "url_path", *columns):
        own = language_of(row["locale_id"])
        if own == language or row["translation_key"] not in found:
            found[row["translation_key"]] = row | {
                "url": address(language, row["url_path"]),
                "lang": "" if own == language else own,
            }
    return list(found.values())


@register.simple_tag(takes_context=True)
def people_below(context):
    """Return the instructors presented below this page: {title, role, url, lang}."""
    return _below(context, InstructorPage, "role")


@register.simple_tag(takes_context=True)
def pages_below(context):
    """Return the standard pages below this one: {title, url, lang}."""
    return _below(context, StandardPage)


@register.simple_tag(takes_context=True)
def courses_taught(context):
    """Return the courses whose current sessions this instructor teaches."""
    page = context.get("page")
    if page is None or not page.user_id:
        return []
    sessions = (
        Session.objects.listed()
        .current(timezone.localdate())
        .filter(instructors=page.user_id, cancelled_at=None)
    )
    wanted = set(sessions.values_list("course_id", flat=True))
    return [course for course in _shelf(context).values() if course.pk in wanted]


@register.simple_tag(takes_context=True)
def facts_here(context):
    """Return the data of this page's course; in a block preview, of the first course."""
    if "told" in context:
        return context.flatten()
    page = (
        CoursePage.objects.live().filter(locale__language_code=get_language()).first()
        or CoursePage.objects.live().first()
    )
    return course_facts(page, context.get("request"), timezone.now()) if page else {}


@register.simple_tag
def session_facts(session: Session, standing: Standing | None = None, left: int | None = None) -> SafeString:
    """Render the facts of a session, for whom joined late with the classes that are `left`."""
    return part("courses/session_facts.html", facts_of(session, standing, left))


@register.simple_tag(takes_context=True)
def json_ld(context, *things):
    """Render a page's structured data: what is given, the breadcrumbs, and the academy on its home page."""
    request, page = context.get("request"), context.get("page")
    found = [thing for thing in things if thing]
    if page is not None and request is not None:
        if crumb := structured_data.breadcrumb(breadcrumbs(context), request.path):
            found.append(crumb)
        else:
            found.append(structured_data.organization(AcademySettings.for_request(request)))
    return structured_data.script(structured_data.graph(*found)) if found else ""


@register.filter
def questions_data(page):
    """Render the FAQPage data of a page with questions."""
    return structured_data.questions(page)


@register.simple_tag(takes_context=True)
def catalogue_data(context):
    """Render the ItemList data of the courses on this page of the catalogue."""
    catalogue = context["catalogue"]
    return (
        structured_data.catalogue(context["page"], catalogue.cards, catalogue.pager.start_index() or 1)
        if catalogue.cards
        else None
    )


@register.simple_tag(takes_context=True)
def catalogue_url(context):
    """Return the catalogue's URL: the parent of the course pages, or the home page if there is none."""
    for course in _shelf(context).values():
        return course.url.rsplit("/", 2)[0] + "/"
    return f"/{get_language()}/"


@register.simple_tag(takes_context=True)
def course_url(context, course):
    """Return the URL of a course's page in the reader's language; the catalogue's if it has none."""
    told = _shelf(context).get(course.pk)
    return told.url if told else catalogue_url(context)


@register.simple_tag(takes_context=True)
def sharing_picture(context):
    """Return the absolute URL of this page's sharing image: an editor's once it is prepared, or the generated
    one.
    """
    page, course = context.get("page"), context.get("told")
    picture = getattr(page, "social_image", None)
    for rendition in (renditions(picture, "sharing") if picture else {}).values():
        return settings.SITE_URL + rendition.url
    code = course.code.lower() if course else "active-labs"
    return settings.SITE_URL + kept_address("social_image", [get_language(), code])
