"""An alternative text is suggested in the language of the page, whatever that of the CMS, or not at all."""

import html
import json
import re

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page

from courses.models import InstructorPage
from home.cms.words_language import HEADER
from home.models import Picture, StandardPage
from tests.factories import grant_roles
from tests.photos import by_chooser, lying, saved, upload

WORDS = {"fr": "Un robot", "ar": "روبوت", "en": "A robot"}


@pytest.fixture
def writer(site_tree, academy_settings, logged_in, editor):
    """Return the client of an editor who reads the CMS in French."""
    grant_roles()
    return logged_in(editor)


@pytest.fixture
def picture(db):
    file = ContentFile(saved(lying(), "PNG"), name="robot.png")
    return Picture.objects.create(title="IMG_1", description="Une photo", file=file, **{
        f"alt_{code}": words for code, words in WORDS.items()
    })  # fmt: skip


def suggested(client, picture, language: str | None) -> list[str]:
    """What each door of the chooser suggests for a form in that language."""
    headers = {HEADER: language} if language else {}
    chosen = client.get(reverse("wagtailimages_chooser:chosen", args=[picture.pk]), headers=headers).json()
    many = client.get(
        reverse("wagtailimages_chooser:chosen_multiple"), {"id": picture.pk}, headers=headers
    ).json()
    rich = client.get(reverse("wagtailimages_chooser:select_format", args=[picture.pk]), headers=headers)
    (box,) = re.findall(r'<input[^>]*name="image-chooser-insertion-alt_text"[^>]*>', rich.json()["html"])
    return [
        chosen["result"]["default_alt_text"],
        many["result"][0]["default_alt_text"],
        html.unescape(box.partition('value="')[2].partition('"')[0]),
    ]


@pytest.mark.parametrize("language", WORDS)
def test_each_door_of_the_chooser_suggests_in_the_language_of_the_form(writer, picture, language):
    assert suggested(writer, picture, language) == 3 * [WORDS[language]]
    setattr(picture, f"alt_{language}", "")
    picture.save()
    assert suggested(writer, picture, language) == 3 * [""]


@pytest.mark.parametrize("language", [None, "", "xx", "fr; drop"])
def test_nothing_is_suggested_where_the_language_is_unknown(writer, picture, language):
    assert suggested(writer, picture, language) == 3 * [""]


def test_a_new_picture_has_no_words_to_suggest(writer):
    answer = json.loads(by_chooser(writer, upload(saved(lying(), "PNG"), "robot.png")).content)
    assert answer["result"]["default_alt_text"] == ""


def test_the_form_of_an_arabic_page_knows_its_language(writer, picture, site_tree):
    page = StandardPage(title="روبوت", slug="robot", locale=site_tree.locales["ar"], live=False)
    page.body = [("picture", {"picture": picture, "caption": ""})]
    Page.objects.get(pk=site_tree.home["ar"].pk).add_child(instance=page)
    said = html.unescape(writer.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode())
    escaped = json.dumps(WORDS["ar"])[1:-1]
    assert f'"default_alt_text": "{escaped}"' in said or f'"default_alt_text": "{WORDS["ar"]}"' in said
    assert WORDS["fr"] not in said and "words-ar" in said


def test_a_page_reads_words_of_its_own_language_or_none(client, picture, site_tree, academy_settings):
    for code in ("fr", "ar"):
        page = InstructorPage(title="Nadia", slug="nadia", portrait=picture, locale=site_tree.locales[code])
        Page.objects.get(pk=site_tree.home[code].pk).add_child(instance=page)
        assert f'alt="{WORDS[code]}"' in client.get(f"/{code}/nadia/").content.decode()
    Picture.objects.update(alt_ar="")
    arabic = client.get("/ar/nadia/").content.decode()
    assert 'alt=""' in arabic.partition('class="portrait"')[2].partition("</div>")[0]
    page.delete()
    french = client.get("/ar/nadia/").content.decode()  # the French page stands in
    assert f'alt="{WORDS["fr"]}"' in french


def test_outside_the_cms_the_language_is_the_readers(picture):
    for code, words in WORDS.items():
        with translation.override(code):
            assert picture.default_alt_text == words
