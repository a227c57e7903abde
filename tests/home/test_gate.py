"""What is checked of every page, reasons for what stays, and the list of pages with problems."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import Page, PageLogEntry

from courses.models import InstructorPage
from home.cms import publishing
from home.cms.gate import page_checks, reasons
from home.cms.gate.open_problems import PageProblem
from home.cms.gate.problems import Severity
from home.models import FaqPage, Picture, StandardPage
from tests.factories import grant_roles
from tests.photos import lying, saved, taken, upload

LANGUAGES = ("fr", "ar", "en")


@pytest.fixture
def tree(site_tree, academy_settings):
    grant_roles()
    return site_tree


@pytest.fixture
def picture(db):
    file = ContentFile(saved(lying(), "PNG"), name="robot.png")
    return Picture.objects.create(title="Robot", file=file)


def drafted(tree, language="fr", kind=StandardPage, title="Atelier", **fields):
    """Return a stored draft with a revision."""
    home = Page.objects.get(pk=tree.home[language].pk)
    slug = fields.pop("slug", f"page-{home.numchild}")
    page = kind(title=title, slug=slug, locale=tree.locales[language], live=False, **fields)
    home.add_child(instance=page)
    page.save_revision(clean=False)
    return page


def codes(page) -> list[tuple[str, str]]:
    return [(problem.code, problem.field.partition(".")[0]) for problem in publishing.open_problems(page)]


# ---- pictures


WORDS = {"fr": "Un robot rouge", "ar": "روبوت أحمر", "en": "A red robot"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alternative_text_counts_in_the_language_of_the_page_only(tree, picture, instructor, language):
    for code, words in WORDS.items():
        setattr(picture, f"alt_{code}", words)
    page = drafted(tree, language)
    page.body = [("picture", {"picture": picture, "caption": ""})]
    for code, words in WORDS.items():
        picture.contextual_alt_text = words
        assert codes(page) == ([] if code == language else [("no_alt", "body")]), code
    portrait = InstructorPage(title="Nadia", locale=tree.locales[language], portrait=picture)
    del picture.contextual_alt_text
    assert not page_checks.checked(portrait)
    for missing in ("", "  ", "123"):
        setattr(picture, f"alt_{language}", missing)
        (problem,) = page_checks.checked(portrait)
        assert (problem.code, problem.severity, problem.field) == ("no_alt", Severity.STOPS, "portrait")


def test_the_alternative_text_of_a_french_page_does_not_count_on_its_arabic_copy(tree, picture):
    french = drafted(tree)
    picture.contextual_alt_text, picture.decorative = "Un robot rouge", False
    french.body = [("picture", {"picture": picture, "caption": ""})]
    french.save_revision().publish()
    arabic = StandardPage.objects.get(pk=french.pk).copy_for_translation(tree.locales["ar"])
    assert codes(arabic) == [("no_alt", "body")]
    with pytest.raises(publishing.NotPublishable):
        arabic.save_revision().publish()


def test_a_picture_without_words_is_a_fault_of_its_block_unless_it_is_decoration(tree, picture):
    page = drafted(tree)
    picture.contextual_alt_text, picture.decorative = "", False
    page.body = [("picture", {"picture": picture, "caption": ""})]
    assert codes(page) == [("form", "body")]
    picture.decorative = True
    assert codes(page) == []


def test_a_picture_of_children_needs_a_release_wherever_it_is(tree, picture):
    page = drafted(tree, social_image=picture)
    assert codes(page) == []
    picture.shows_children = True
    assert codes(page) == [("no_release", "social_image")]
    picture.release = "D-7"
    assert codes(page) == []


def test_a_heavy_picture_warns(tree, picture):
    page = drafted(tree, social_image=picture)
    picture.file_size = page_checks.HEAVY
    assert codes(page) == []
    picture.file_size += 1
    (problem,) = publishing.open_problems(page)
    assert (problem.code, problem.severity) == ("heavy_picture", Severity.WARNS)


# ---- texts


def test_a_link_to_what_is_not_there_or_not_published_warns(tree):
    there, draft = tree.contact["fr"], drafted(tree, title="Brouillon")
    page = drafted(tree)
    link = '<p><a id="{}" linktype="page">ici</a></p>'
    for key, found in ((there.pk, []), (draft.pk, [("dead_link", "body")]), (10**6, [("dead_link", "body")])):
        page.body = [("text", link.format(key))]
        assert codes(page) == found
    page.body = [("text", '<p><a linktype="document" id="7">ici</a></p>')]
    assert codes(page) == [("dead_link", "body")]
    page.body = [("text", '<p><a href="https://example.org/">ici</a></p>')]
    assert codes(page) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "250 DH, le 12 mars 2031"),
        ("ar", "250 د.م. يوم 12 مارس 2031"),
        ("en", "250 MAD, 12 March 2031"),
    ],
)
def test_a_price_and_a_date_ask_for_a_reason_in_each_text_of_a_page(tree, language, text):
    page = drafted(tree, language)
    asked = {("typed_price", "{}"), ("typed_date", "{}")}
    for field in ("intro", "search_description", "seo_title"):
        setattr(page, field, text)
        assert set(codes(page)) == {(code, field) for code, _field in asked}
        setattr(page, field, "")
    page.body = [
        ("steps", {"title": "Ici", "steps": [{"title": text, "text": "x"}, {"title": "y", "text": "z"}]})
    ]
    found = publishing.open_problems(page)
    assert {(one.code, one.field) for one in found} == {
        (code, f"body.{page.body[0].id}") for code, _ in asked
    }
    assert {one.severity for one in found} == {Severity.ASKS}


def test_last_year_counts_and_the_year_before_is_history(tree):
    year = timezone.localdate().year
    page = drafted(tree, intro=f"le 12 mars {year - 1}, le 3 mai {year - 2}")
    assert [one.values["words"] for one in publishing.open_problems(page)] == [f"12 mars {year - 1}"]


def test_a_page_is_past_its_review_on_the_day_after(tree):
    today = timezone.localdate()
    page = drafted(tree, review_on=today)
    assert codes(page) == []
    page.review_on = today - timedelta(days=1)
    assert codes(page) == [("review_due", "review_on")]


def test_a_translation_is_behind_once_the_french_page_is_published_after_it(tree):
    french = drafted(tree, slug="meme")
    french.get_latest_revision().publish()
    arabic = french.copy_for_translation(tree.locales["ar"])
    assert codes(arabic) == [], "a draft is not behind"
    arabic.save_revision().publish()
    arabic = StandardPage.objects.get(pk=arabic.pk)
    assert codes(arabic) == []
    StandardPage.objects.get(pk=french.pk).save_revision().publish()
    assert codes(arabic) == [("translation_behind", "")]
    assert codes(StandardPage.objects.get(pk=french.pk)) == []


def test_each_sentence_is_in_the_readers_language(tree):
    (problem,) = publishing.open_problems(drafted(tree, intro="250 DH"))
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = problem.sentence
    assert len(set(said.values())) == 3 and all("250 DH" in words for words in said.values())


# ---- reasons


def boxes(html: str) -> list[str]:
    """Return the names of the boxes for reasons, in order."""
    return re.findall(r'name="(reason_\w+)"', html)


@pytest.fixture
def asking(tree):
    return drafted(tree, kind=FaqPage, title="Tarifs", intro="Un robot coûte 250 DH, ou 300 DH.")


def test_what_asks_is_published_once_each_of_its_reasons_is_given(asking, editor, logged_in):
    client, revision = logged_in(editor), asking.get_latest_revision()
    url = reverse("page_reasons", args=[asking.pk])
    with pytest.raises(publishing.NotPublishable) as refusal:
        revision.publish()
    assert refusal.value.asks
    form = unescape(client.get(url).content.decode())
    assert "250 DH" in form and "300 DH" in form
    robot, other = boxes(form)
    client.post(url, {robot: "Le prix du robot, pas du cours.", other: ""})
    with pytest.raises(publishing.NotPublishable) as refusal:
        revision.publish()
    assert [one.values["words"] for one in refusal.value.problems] == ["300 DH"]
    late = client.post(url, {robot: "Encore une raison.", other: "Le prix d’un autre robot."})
    assert "Le texte a changé entre-temps." in unescape(late.content.decode())
    assert other in boxes(unescape(late.content.decode())), "nothing is kept for words that are gone"
    client.post(url, {other: "Le prix d’un autre robot."})
    revision.publish()
    given = PageLogEntry.objects.filter(action=reasons.GIVEN).order_by("pk")
    assert [(one.data["words"], one.data["reason"]) for one in given] == [
        ("250 DH", "Le prix du robot, pas du cours."),
        ("300 DH", "Le prix d’un autre robot."),
    ]
    assert FaqPage.objects.get(pk=asking.pk).live


def test_a_reason_is_kept_with_who_when_and_which_words_and_read_in_the_history(asking, editor, logged_in):
    client = logged_in(editor)
    url = reverse("page_reasons", args=[asking.pk])
    first, _second = boxes(client.get(url).content.decode())
    client.post(url, {first: "Le prix du robot."})
    left = PageProblem.objects.filter(page=asking.pk).values_list("words", flat=True)
    assert list(left) == ["300 DH"], "the list follows at once"
    entry = PageLogEntry.objects.get(action=reasons.GIVEN)
    assert (entry.page_id, entry.user, entry.revision_id) == (asking.pk, editor, asking.latest_revision_id)
    assert (entry.data["words"], entry.data["reason"]) == ("250 DH", "Le prix du robot.")
    history = unescape(client.get(reverse("wagtailadmin_pages:history", args=[asking.pk])).content.decode())
    assert "«\xa0250 DH\xa0» reste\xa0: Le prix du robot." in history


def test_a_reason_holds_for_its_words_on_its_page_only(asking, editor, tree):
    found = publishing.open_problems(asking)
    reasons.give(asking, dict.fromkeys(found, "Le prix du robot."), by=editor)
    asking.intro, asking.search_description = "", "250  dh"
    assert codes(asking) == [], "moved on the page, in other capitals"
    asking.intro = "251 DH"
    assert codes(asking) == [("typed_price", "intro")]
    assert codes(drafted(tree, kind=FaqPage, intro="250 DH")) == [("typed_price", "intro")]


@pytest.mark.parametrize("typed", ["", "   ", "12 !", "x" * (reasons.LONGEST + 1)])
def test_a_reason_without_words_is_refused_and_what_was_typed_is_kept(asking, editor, logged_in, typed):
    url, client = reverse("page_reasons", args=[asking.pk]), logged_in(editor)
    names = boxes(client.get(url).content.decode())
    answer = client.post(url, dict.fromkeys(names, typed))
    assert answer.status_code == 200 and answer.context["form"].errors
    assert answer.context["form"][names[0]].value() == typed
    assert not PageLogEntry.objects.filter(action=reasons.GIVEN).exists()


def test_where_no_reason_is_missing_the_page_is_shown_again(tree, editor, logged_in):
    page = drafted(tree)
    answer = logged_in(editor).get(reverse("page_reasons", args=[page.pk]))
    assert answer["Location"] == reverse("wagtailadmin_pages:edit", args=[page.pk])


def test_only_who_edits_the_page_gives_reasons_and_reads_the_list(
    asking, parent, instructor, front_desk, logged_in
):
    for person in (parent, instructor, front_desk):
        client = logged_in(person)
        for url in (reverse("page_reasons", args=[asking.pk]), reverse("page_problems")):
            assert client.get(url).status_code in {302, 403, 404}
        names = map(reasons.box_of, publishing.open_problems(asking))
        client.post(reverse("page_reasons", args=[asking.pk]), dict.fromkeys(names, "Voilà pourquoi."))
    assert not PageLogEntry.objects.filter(action=reasons.GIVEN).exists()


def test_a_link_with_a_number_no_page_has_shuts_no_form(tree, editor, logged_in):
    link = f'<p><a linktype="page" id="{10**30}">ici</a> <a linktype="page" id="{10**9}">là</a></p>'
    page = drafted(tree, body=[("text", link)])
    assert {problem.code for problem in publishing.open_problems(page)} >= {"dead_link"}
    answer = logged_in(editor).get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert answer.status_code == 200


def test_every_fault_of_a_form_is_told_at_once(tree, picture):
    page = drafted(tree)
    picture.contextual_alt_text, picture.decorative = "", False
    page.body = [("picture", {"picture": picture, "caption": ""})] * 2
    assert codes(page) == [("form", "body")] * 2


def test_another_file_does_not_take_the_release_of_the_one_before(picture, editor, logged_in):
    Picture.objects.filter(pk=picture.pk).update(shows_children=True, release="A-12")
    client, url = logged_in(editor), reverse("wagtailimages:edit", args=[picture.pk])
    same = {
        "title": picture.title,
        "shows_children": "on",
        "release": "A-12",
        "collection": picture.collection_id,
    }
    assert client.post(url, same).status_code == 302
    assert Picture.objects.get(pk=picture.pk).release == "A-12"
    assert client.post(url, same | {"file": upload(taken(), "robot.jpg")}).status_code == 302
    changed = Picture.objects.get(pk=picture.pk)
    assert (changed.release, changed.shows_children) == ("", True)
