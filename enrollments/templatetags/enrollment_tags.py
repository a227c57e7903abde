"""What the rooms of families and staff ask besides the tags of the ground floor."""

from django import template
from django.utils.translation import get_language

from courses.models import CatalogueIndexPage
from home.pages import language_of
from home.templatetags.home_tags import in_language

register = template.Library()


@register.simple_tag(takes_context=True)
def catalogue_url(context):
    """The address of the catalogue in the reader's language; the first page of the site while there is none."""
    language = get_language()
    pages = CatalogueIndexPage.objects.live().defer_streamfields()
    page = min(pages, key=lambda page: language_of(page.locale_id) != language, default=None)
    return in_language(page.get_url(context["request"]) or "/", language) if page else f"/{language}/"
