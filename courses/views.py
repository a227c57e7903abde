"""Course views that are not pages: finder, flyer, sharing images. They read the clock."""

import io

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from wagtail.models import Locale

from courses.catalogue import finder as questions
from courses.catalogue.course_cards import address
from courses.models import AgeBand, CatalogueIndexPage, CoursePage
from courses.pages import social_pictures
from home.cms.closed import open_pages
from home.cms.pages import language_of


def catalogue_address(language: str) -> str:
    """Return the catalogue's URL in that language, or the French one until it is translated.

    Raises Http404.
    """
    rows = (
        open_pages(CatalogueIndexPage.objects.live())
        .filter(locale__language_code__in={language, "fr"})
        .values_list("locale_id", "url_path")
    )
    paths = {language_of(locale): path for locale, path in rows}
    path = paths.get(language) or paths.get("fr")
    if path is None:
        raise Http404
    return address(language, path)


@require_safe
def finder(request):
    """Three questions in one form; the answers redirect to the catalogue with filters in the query string."""
    asked, problems = questions.answers(request.GET, timezone.localdate())
    if asked is not None:
        return redirect(f"{catalogue_address(get_language())}{asked.query()}#found")
    bands = list(AgeBand.objects.all())
    context = {
        "problems": problems,
        "ages": sorted({age for band in bands for age in range(band.min_age, band.max_age + 1)}),
        "typed": {
            name: request.GET.get(name, "")[:10] for name in ("age", "day", "month", "year", "likes", "when")
        },
        "interests": questions.interests(),
        "times": questions.times(),
    }
    response = render(request, "courses/finder.html", context, status=422 if problems else 200)
    response.visitor_cache = not request.GET
    return response


def course_page(code: str, language: str) -> CoursePage:
    """Return a course's live page in that language, or in French. Raises Http404."""
    pages = open_pages(CoursePage.objects.live()).filter(course__code__iexact=code)
    locales = {locale.language_code: locale.pk for locale in Locale.objects.all()}
    for wanted in (language, "fr"):
        if page := pages.filter(locale=locales.get(wanted)).first():
            return page
    return get_object_or_404(pages[:1])


@require_safe
def flyer(request, code):
    """Render a printable flyer: what, for whom, when, price, and a QR code of the course page with its URL in
    text.
    """
    import segno  # needed by few pages

    language = get_language()
    page = course_page(code, language)
    request.is_fallback = page.language != language
    context = page.get_context(request)
    link = settings.SITE_URL + context["told"].url
    drawing = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawing, kind="svg", scale=1, border=2, xmldecl=False, svgns=False, nl=False, omitsize=True
    )
    context |= {
        "qr": mark_safe(drawing.getvalue().decode()),
        "link": link,
        "joinable": [line for line in context["lines"] if line.is_open][:4],
        "printed_on": timezone.localdate(),
    }
    response = render(request, "courses/flyer.html", context)
    response.visitor_cache = not request.GET
    return response


@require_safe
def social_image(request, language, code):
    """Return the sharing image: JPEG, 1200 × 630, cached. Raises Http404 for unknown codes."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    path = social_pictures.picture(language, code)
    response = FileResponse(open(path, "rb"), content_type="image/jpeg")  # noqa: SIM115 - the response closes it
    response["Cache-Control"] = "public, max-age=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
