"""Addresses of pages: one French slug in three languages, old addresses that lead on, pages that stay."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import LocalePrefixPattern, get_resolver, reverse
from django.utils import timezone, translation
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from courses.models import LessonPage
from home.cms import kept_pages
from home.cms.publishing import NotPublishable
from home.cms.redirects import lookup
from home.cms.reserved import RESERVED, TAKEN
from home.models import StandardPage
from tests.factories import CourseFactory, LessonFactory, add_course_page, grant_roles, ready
from tests.home.test_cms import edit
from tests.site import publish

LANGUAGES = ("fr", "ar", "en")


@pytest.fixture
def tree(site_tree, academy_settings):
    grant_roles()
    publish()
    return site_tree


@pytest.fixture
def renamed(django_capture_on_commit_callbacks):
    """`renamed(page, slug)` publishes a page under another slug, as its form does."""

    def rename(page, slug):
        page = page.specific_class.objects.get(pk=page.pk)
        page.slug = slug
        with django_capture_on_commit_callbacks(execute=True):
            page.save_revision().publish()
        return page.specific_class.objects.get(pk=page.pk)

    return rename


@pytest.fixture
def infos(tree):
    """A published French page with a published page below it, without translations."""
    tree.home["fr"].refresh_from_db()
    page = StandardPage(title="Infos", slug="infos", locale=tree.locales["fr"])
    tree.home["fr"].add_child(instance=page)
    below = StandardPage(title="Venir", slug="venir", locale=tree.locales["fr"])
    page.add_child(instance=below)
    for each in (page, below):
        each.save_revision().publish()
    return page


def translated(page, language, tree, slug=None):
    """Publish the page's translation, as an editor does."""
    copy = page.copy_for_translation(tree.locales[language])
    copy.title = f"{page.title} {language}"
    copy.slug = slug or copy.slug
    copy.save_revision().publish()
    return page.specific_class.objects.get(pk=copy.pk)


def said(client, url):
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode().split("<h1")[1].split("</h1>")[0]


# ---- one address in three languages


def test_the_new_french_slug_shows_the_translation_in_every_language(site_tree, client, renamed):
    course = CourseFactory()
    pages = add_course_page(site_tree, course)
    renamed(pages["fr"], "fabrique")
    for code in LANGUAGES:
        assert getattr(course, f"title_{code}") in said(client, f"/{code}/cours/fabrique/")
    answer = client.get("/ar/cours/fabrique/?age=9")
    assert (answer.status_code, answer["Location"]) == (302, f"/ar/cours/{pages['ar'].slug}/?age=9")


def test_the_slug_of_another_language_leads_to_this_one(tree, infos, client):
    translated(infos, "ar", tree, slug="malumat")
    assert client.get("/ar/infos/")["Location"] == "/ar/malumat/"
    assert client.get("/fr/malumat/")["Location"] == "/fr/infos/"
    assert client.get("/en/malumat/")["Location"] == "/en/infos/"
    page = client.get("/ar/malumat/").content.decode()
    assert 'href="/en/infos/"' in page and "/en/malumat/" not in page


@pytest.mark.parametrize("slug", ["infos", "malumat"])
@pytest.mark.parametrize("how", ["unpublished", "expired"])
def test_a_translation_that_ended_falls_back_to_french(tree, infos, client, slug, how):
    page = translated(infos, "ar", tree, slug=slug)
    assert "Infos ar" in said(client, f"/ar/{slug}/")
    if how == "unpublished":
        page.unpublish()
    else:
        page.expire_at = timezone.now() + timedelta(hours=1)
        page.save_revision().publish()
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            call_command("publish_scheduled")
    assert ">Infos" in said(client, f"/ar/{slug}/") and "Infos ar" not in said(client, f"/ar/{slug}/")
    answer = client.get("/ar/infos/")
    assert answer.status_code == 200 and 'lang="fr"' in answer.content.decode()


def test_a_page_that_is_nowhere_stays_not_found(tree, infos, client):
    infos.unpublish()
    for url in ("/fr/infos/", "/ar/infos/", "/en/infos/", "/ar/nowhere/", "/fr/infos/nowhere/"):
        assert client.get(url).status_code == 404, url


def test_a_translation_keeps_the_french_slug_while_its_title_is_typed(tree, infos, logged_in, editor):
    client = logged_in(editor)
    copy = infos.copy_for_translation(tree.locales["ar"])
    assert copy.slug == "infos"

    def syncs(page):
        form = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        return "w-sync#apply" in re.search(r'<[^>]*name="title"[^>]*>', form)[0]

    draft = StandardPage(title="Brouillon", slug="brouillon", locale=tree.locales["fr"], live=False)
    tree.home["fr"].refresh_from_db()
    tree.home["fr"].add_child(instance=draft)
    draft.save_revision()
    assert (syncs(draft), syncs(copy)) == (True, False)


# ---- old addresses


def test_an_old_address_leads_on_in_every_language_with_its_query(tree, infos, client, renamed):
    translated(infos, "ar", tree, slug="malumat")
    renamed(infos, "pratique")
    for old, new in {
        "/fr/infos/?age=9": "/fr/pratique/?age=9",
        "/fr/infos/venir/?a=1&b=%D8%A7": "/fr/pratique/venir/?a=1&b=%D8%A7",
        "/ar/infos/?age=9": "/ar/malumat/?age=9",
        "/en/infos/?age=9": "/en/pratique/?age=9",
        "/en/infos/venir/": "/en/pratique/venir/",
    }.items():
        assert client.get(old)["Location"] == new, old
        assert client.get(old, follow=True).status_code == 200, old


def test_a_moved_page_and_those_below_it_are_found_in_every_language(tree, infos, client, logged_in, manager):
    other = StandardPage(title="Autre", slug="autre", locale=tree.locales["fr"])
    tree.home["fr"].refresh_from_db()
    tree.home["fr"].add_child(instance=other)
    url = reverse("wagtailadmin_pages:move_confirm", args=[infos.pk, other.pk])
    assert logged_in(manager).post(url).status_code == 302
    client.logout()
    for code in LANGUAGES:
        assert client.get(f"/{code}/infos/")["Location"] == f"/{code}/autre/infos/"
        assert client.get(f"/{code}/infos/venir/")["Location"] == f"/{code}/autre/infos/venir/"


def test_a_slug_changed_and_changed_back_leads_round_in_no_circle(tree, infos, client, renamed):
    page = renamed(renamed(infos, "autre"), "infos")
    assert client.get("/fr/infos/").status_code == 200
    assert client.get("/fr/autre/venir/")["Location"] == "/fr/infos/venir/"
    assert not Redirect.objects.filter(old_path__startswith="/fr/infos").exists()
    page.unpublish()
    for code in LANGUAGES:
        for slug in ("infos", "autre"):
            assert client.get(f"/{code}/{slug}/").status_code == 404


def test_a_planned_change_of_slug_leaves_a_redirect(tree, infos, client, django_capture_on_commit_callbacks):
    infos.slug, infos.go_live_at = "plus-tard", timezone.now() + timedelta(hours=1)
    infos.save_revision().publish()
    assert client.get("/fr/infos/").status_code == 200
    with (
        time_machine.travel(timezone.now() + timedelta(hours=2)),
        django_capture_on_commit_callbacks(execute=True),
    ):
        call_command("publish_scheduled")
    assert client.get("/fr/infos/")["Location"] == "/fr/plus-tard/"
    assert client.get("/ar/infos/venir/")["Location"] == "/ar/plus-tard/venir/"


@pytest.mark.parametrize(
    ("links", "asked", "leads"),
    [
        ({"/fr/promo": "/fr/promo/"}, "/fr/promo/", None),  # to itself
        ({"/fr/a": "/fr/b/", "/fr/b": "/fr/a/"}, "/fr/a/", None),  # round in a circle
        ({"/fr/a": "/fr/b/", "/fr/b": "/fr/infos/"}, "/fr/a/", "/fr/infos/"),  # in one step
        ({"/fr/promo": "/fr/infos/?x=1#y"}, "/fr/promo/?age=9", "/fr/infos/?x=1&age=9#y"),
        ({"/fr/promo?age=9": "/fr/infos/"}, "/fr/promo/?age=9", "/fr/infos/"),
        ({"/fr/promo": "https://example.org/"}, "/ar/promo/", "https://example.org/"),
        ({"/fr/promo": "/fr/infos/"}, "/ar/promo/", "/ar/infos/"),
        ({"/promo": "/fr/infos/"}, "/promo/", "/fr/infos/"),
    ],
)
def test_a_redirect_made_by_hand(tree, infos, client, links, asked, leads):
    for old, new in links.items():
        Redirect.objects.create(old_path=old, redirect_link=new, site=tree.site)
    answer = client.get(asked)
    assert (answer.status_code, answer.get("Location")) == ((301, leads) if leads else (404, None))


def test_a_page_not_found_looks_for_its_old_address_once(tree, django_assert_num_queries):
    """Robots ask for thousands of them; the three languages of an address are one question."""
    site = tree.site
    with django_assert_num_queries(1):
        assert lookup(site, "/ar/nowhere") == (None, "")
    Redirect.objects.create(old_path="/fr/nowhere", redirect_link="/fr/everyone/")
    Redirect.objects.create(old_path="/fr/nowhere", site=site, redirect_link="/fr/here/")
    Redirect.objects.create(old_path="/en/nowhere", site=site, redirect_link="/en/there/")
    assert lookup(site, "/ar/nowhere")[1] == "/ar/here/"
    assert lookup(site, "/en/nowhere")[1] == "/en/there/"
    assert lookup(None, "/fr/nowhere")[1] == "/fr/everyone/"


def test_a_redirect_is_asked_for_again_by_the_browser(tree, infos, client, renamed):
    renamed(infos, "pratique")
    assert client.get("/fr/infos/")["Cache-Control"] == "no-cache"


# ---- pages that stay


@pytest.fixture
def legal(tree):
    page = StandardPage(title="Mentions", slug="mentions-legales", locale=tree.locales["fr"])
    tree.home["fr"].refresh_from_db()
    tree.home["fr"].add_child(instance=page)
    page.save_revision().publish()
    return page


@pytest.mark.parametrize("kind", ["catalogue", "contact", "legal"])
def test_a_page_that_code_leads_to_stays_and_says_why_at_every_door(
    tree, legal, infos, superuser, logged_in, client, kind, django_capture_on_commit_callbacks
):
    page = legal if kind == "legal" else getattr(tree, kind)["fr"]
    page = page.specific_class.objects.get(pk=page.pk)
    client = logged_in(superuser)
    edit_url = reverse("wagtailadmin_pages:edit", args=[page.pk])

    def stays():
        return Page.objects.filter(pk=page.pk, live=True, url_path=page.url_path).exists()

    for name, more in {"delete": [], "unpublish": [], "move": [], "move_confirm": [infos.pk]}.items():
        url = reverse(f"wagtailadmin_pages:{name}", args=[page.pk, *more])
        for answer in (client.get(url, follow=True), client.post(url, follow=True)):
            assert answer.redirect_chain[-1][0] == edit_url
            words = [str(message) for message in answer.context["messages"]]
            assert any(page.title in one and "publi" in one for one in words), (name, words)
            assert stays(), name
    for name, data in {"delete": {}, "unpublish": {}, "move": {"chooser": infos.pk}}.items():
        url = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', name])}?id={page.pk}"
        assert page.title in str([str(one) for one in client.get(url).context["messages"]])
        client.post(url, data)
        assert stays(), name
    into = {"destination_page_id": infos.pk, "position": "first-child"}
    for name, data in {"delete": {}, "unpublish": {}, "move": into}.items():
        answer = client.post(f"/cms/api/main/pages/{page.pk}/action/{name}/", data)
        assert answer.status_code == 400 and page.title in answer.content.decode(), name
        assert stays(), name
    for changes in ({"slug": "autre"}, {"expire_at": "2030-01-01 10:00"}):
        answer = edit(client, page, thanks="", **{"action-publish": "1"} | changes)
        assert answer.status_code == 200 and page.title in str(answer.context["form"].errors), changes
        assert stays()
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(hours=1))
    call_command("publish_scheduled")
    assert stays()
    listing = client.get(reverse("wagtailadmin_explore", args=[tree.home["fr"].pk])).content.decode()
    assert f"/cms/pages/{page.pk}/delete/" not in listing and f"/cms/pages/{infos.pk}/delete/" in listing


def test_a_page_that_stays_may_change_its_place_in_the_menu(tree, manager, logged_in):
    page = tree.contact["fr"]
    url = reverse("wagtailadmin_pages:set_page_position", args=[page.pk])
    assert logged_in(manager).post(f"{url}?position=0").status_code in {200, 302}
    first = Page.objects.child_of(tree.home["fr"]).order_by("path").first()
    assert first.pk == page.pk


def test_a_draft_of_such_a_page_may_be_deleted(tree, legal, manager, logged_in):
    copy = legal.copy_for_translation(tree.locales["ar"])
    logged_in(manager).post(reverse("wagtailadmin_pages:delete", args=[copy.pk]))
    assert not Page.objects.filter(pk=copy.pk).exists()


def test_the_number_of_uses_counts_the_menu_and_code(tree, infos, legal, manager, logged_in):
    client = logged_in(manager)
    infos.show_in_menus = True
    infos.save_revision().publish()

    def used(page):
        form = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
        return re.search(rf'/{page.pk}/usage/"\s*>\D*(\d+)', form)[1]

    below = Page.objects.get(slug="venir")
    assert [used(page) for page in (below, infos, legal, tree.catalogue["fr"])] == ["0", "1", "1", "2"]
    delete = client.get(reverse("wagtailadmin_pages:delete", args=[infos.pk])).content.decode()
    with translation.override("fr"):
        assert kept_pages.uses(Page.objects.get(pk=infos.pk))[0] in html.unescape(delete)


def test_an_alias_waits_for_the_hour_of_its_page(tree, infos, client, now):
    page = StandardPage(title="Secret", slug="secret", locale=tree.locales["fr"], live=False)
    infos.add_child(instance=page)
    page.save_revision()
    alias = page.create_alias(update_slug="secret-2")
    again = alias.create_alias(update_slug="secret-3")
    page.go_live_at = now + timedelta(days=1)
    page.save_revision().publish()
    rows = Page.objects.filter(pk__in=[page.pk, alias.pk, again.pk])
    assert set(rows.values_list("live", flat=True)) == {False}
    with time_machine.travel(now + timedelta(days=2)):
        call_command("publish_scheduled")
    assert set(rows.values_list("live", flat=True)) == {True}


# ---- the page of nothing


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_that_is_not_there_names_no_address(tree, client, code):
    answer = client.get(f"/{code}/nowhere/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "canonical" not in page and 'rel="alternate"' not in page
    assert 'rel="canonical"' in client.get(f"/{code}/contact/").content.decode()


def test_lessons_below_a_renamed_course_are_found_in_arabic(tree, client, renamed):
    course = CourseFactory()
    pages = add_course_page(tree, course, languages=("fr",))
    lesson = LessonPage(
        title="Leçon", slug="lecon-1", lesson=ready(LessonFactory(course=course)), locale=tree.locales["fr"]
    )
    pages["fr"].add_child(instance=lesson)
    old = pages["fr"].slug
    renamed(pages["fr"], "fabrique")
    assert client.get(f"/ar/cours/{old}/lecon-1/")["Location"] == "/ar/cours/fabrique/lecon-1/"


# ---- addresses of the programme


def test_every_first_part_of_our_addresses_is_reserved():
    [localised] = [one for one in get_resolver().url_patterns if isinstance(one.pattern, LocalePrefixPattern)]
    routes = [str(one.pattern) for one in localised.url_patterns]
    routes += [str(one.pattern) for include in localised.url_patterns if str(include.pattern) == ""
               for one in include.url_patterns]  # fmt: skip
    parts = {route.partition("/")[0] for route in routes if re.match(r"[a-z-]+/", route)}
    assert {"family", "room", "certificate", "survey"} <= parts <= RESERVED


def test_no_page_below_a_home_takes_one(tree):
    tree.home["fr"].refresh_from_db()
    page = StandardPage(title="Certificat", slug="certificate", locale=tree.locales["fr"], live=False)
    tree.home["fr"].add_child(instance=page)
    with pytest.raises(NotPublishable) as refused:
        page.save_revision().publish()
    assert refused.value.message_dict["slug"] == [TAKEN]
    page.slug = "certificat"
    page.save_revision().publish()
    below = StandardPage(title="Salle", slug="room", locale=tree.locales["fr"])
    page.add_child(instance=below)
    below.save_revision().publish()
    assert StandardPage.objects.get(pk=below.pk).live, "further down, it is an address like any other"


def test_the_form_says_so_before(tree):
    form_class = StandardPage.get_edit_handler().get_form_class()
    for slug, faults in (("family", [TAKEN]), ("familles", None)):
        page = StandardPage(locale=tree.locales["fr"])
        form = form_class(
            {"title": "x", "slug": slug, "body-count": "0"}, instance=page, parent_page=tree.home["fr"]
        )
        form.is_valid()
        assert form.errors.get("slug") == faults
