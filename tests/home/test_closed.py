"""Pages and documents restricted in the CMS: closed to visitors in three languages, and never a fault."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from home.cms.closed import open_pages
from home.models import StandardPage
from tests.factories import CourseFactory, add_course_page, grant_roles
from tests.photos import pdf

LANGUAGES = ("fr", "ar", "en")
KINDS = ("login", "groups", "password")


@pytest.fixture
def tree(site_tree, academy_settings, editor):
    grant_roles()
    return site_tree


def restrict(page, kind) -> PageViewRestriction:
    row = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="secret" * 2)
    if kind == "groups":
        row.groups.add(Group.objects.get(name="Editors"))
    return row


def standard(tree, slug="equipe", languages=("fr",)) -> StandardPage:
    home = Page.objects.get(depth=2, locale=tree.locales["fr"])
    page = home.add_child(
        instance=StandardPage(title="Trombinoscope", slug=slug, locale=tree.locales["fr"], show_in_menus=True)
    )
    for code in languages:
        if code != "fr":
            above = Page.objects.get(depth=2, locale=tree.locales[code])
            above.add_child(
                instance=StandardPage(
                    title="Trombinoscope",
                    slug=slug,
                    locale=tree.locales[code],
                    translation_key=page.translation_key,
                    show_in_menus=True,
                )
            )
    return page


def readers(parent, editor) -> dict[str, Client]:
    found = {"visitor": Client(), "parent": Client(), "editor": Client()}
    found["parent"].force_login(parent)
    found["editor"].force_login(editor)
    return found


# What a reader gets: the page, the sign-in page, or "this account does not have access".
READS = {
    "login": {"visitor": 302, "parent": 200, "editor": 200},
    "groups": {"visitor": 302, "parent": 403, "editor": 200},
    "password": {"visitor": 403, "parent": 403, "editor": 403},
}


@pytest.mark.parametrize("own", [("fr",), LANGUAGES], ids=["the French page", "a page in each language"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_restricted_page_opens_only_for_those_it_is_for(tree, parent, editor, language, kind, own):
    page = standard(tree, languages=own)
    for each in page.get_translations(inclusive=True):
        restrict(each, kind)
    for name, client in readers(parent, editor).items():
        answer = client.get(f"/{language}/equipe/")
        assert answer.status_code == READS[kind][name], name
        assert ("Trombinoscope" in answer.content.decode()) == (answer.status_code == 200), name
        if answer.status_code == 302:
            assert answer.url == f"/{language}/account/login/?next=/{language}/equipe/"
        assert answer.status_code != 200 or "no-store" in answer["Cache-Control"]


def test_a_page_below_a_restricted_one_is_closed_too(tree):
    page = standard(tree)
    page.add_child(instance=StandardPage(title="Plus bas", slug="bas", locale=tree.locales["fr"]))
    restrict(page, "login")
    assert Client().get("/fr/equipe/bas/").status_code == 302


def test_restrictions_are_read_once_for_a_page_and_anew_for_the_next_reader(tree, client):
    page = standard(tree)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page.url).status_code == 200
    own = 'SELECT DISTINCT "wagtailcore_pageviewrestriction"'  # others leave closed pages out of lists
    assert len([row for row in asked if row["sql"].startswith(own)]) == 1
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    assert client.get(page.url + "?again=1").status_code == 302


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_public_names_a_restricted_page(tree, language):
    page = standard(tree, languages=LANGUAGES)
    address = f"/{language}/equipe/"
    before = Client().get(f"/{language}/").content.decode()
    assert address in before and address in Client().get("/sitemap.xml").content.decode()
    for each in page.get_translations(inclusive=True):
        restrict(each, "login")
    assert address not in Client().get(f"/{language}/").content.decode()
    assert address not in Client().get("/sitemap.xml").content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_restricted_course_is_neither_found_nor_listed(tree, language):
    course = CourseFactory(code="SOUDURE", title_fr="Soudure", title_ar="لحام", title_en="Soldering")
    pages = add_course_page(tree, course)
    title = getattr(course, f"title_{language}")
    index = f"/{language}/{tree.catalogue[language].slug}/"
    link = f"/{language}/{tree.catalogue[language].slug}/soudure/"
    found = Client().get(index, {"q": title}).content.decode()
    assert link in found
    for page in pages.values():
        restrict(page, "groups")
    for query in ({}, {"q": title}, {"q": title[1:]}):
        assert link not in Client().get(index, query).content.decode()
    assert Client().get(f"/{language}/flyer/soudure/").status_code == 404


def test_an_alias_of_a_restricted_page_is_not_listed(tree):
    page = standard(tree)
    alias = page.create_alias(parent=Page.objects.get(depth=2, locale=tree.locales["ar"]))
    assert alias.pk in open_pages(Page.objects.live()).values_list("pk", flat=True)
    restrict(page, "login")
    assert not open_pages(Page.objects.filter(pk__in=[page.pk, alias.pk])).exists()


def test_an_alias_of_an_alias_is_as_closed_as_their_source(tree, client):
    page = standard(tree)
    first = page.create_alias(update_slug="copie")
    second = Page.objects.get(pk=first.pk).specific.create_alias(update_slug="copie-2")
    assert client.get(second.url).status_code == 200
    restrict(page, "login")
    assert [client.get(f"{each.url}?again=1").status_code for each in (page, first, second)] == [
        302,
        302,
        302,
    ]
    assert not open_pages(Page.objects.filter(pk=second.pk)).exists()


# ---- documents


@pytest.fixture
def document(tree):
    shelf = Collection.get_first_root_node().add_child(name="Interne")
    return Document.objects.create(title="Guide", file=ContentFile(pdf(), name="guide.pdf"), collection=shelf)


@pytest.mark.parametrize("kind", KINDS)
def test_a_restricted_document_opens_only_for_those_it_is_for(parent, editor, document, kind):
    row = CollectionViewRestriction.objects.create(
        collection=document.collection, restriction_type=kind, password="secret" * 2
    )
    if kind == "groups":
        row.groups.add(Group.objects.get(name="Editors"))
    for name, client in readers(parent, editor).items():
        answer = client.get(document.url)
        assert answer.status_code == READS[kind][name], name
        if answer.streaming:
            b"".join(answer)


def test_the_web_server_gives_no_document(document):
    assert Client().get(f"/media/{document.file.name}").status_code == 404
    answer = Client().get(document.url)
    assert answer.status_code == 200
    b"".join(answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cms_offers_no_password_shared_by_several(tree, admin_client, document, language):
    address = reverse("wagtailadmin_collections:set_privacy", args=[document.collection.pk])
    form = admin_client.get(address).json()["html"]
    assert 'value="groups"' in form and 'value="password"' not in form
    page = reverse("wagtailadmin_pages:set_privacy", args=[standard(tree).pk])
    assert "restriction_type" not in admin_client.get(page).json()["html"]
