"""Pages in the CMS: drafts, preview, review, schedule, out-of-date translations, text direction,
no accounts.
"""

from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Drawing
from wagtail.blocks import StreamBlock
from wagtail.log_actions import log
from wagtail.models import Locale, ModelLogEntry, Page, Workflow

from courses.models import CatalogueIndexPage, CoursePage, InstructorPage, LessonPage
from courses.pages.blocks import course_blocks
from home.cms.blocks import page_blocks
from home.cms.content_checks import notices
from home.cms.translations import BEHIND, DRAFT, MISSING, gaps
from home.language.table import LANGUAGES
from home.models import ContactPage, FaqPage, HomePage, Picture, StandardPage
from tests.factories import (
    LessonFactory,
    SessionFactory,
    UserFactory,
    add_course_page,
    grant_roles,
    ready,
)
from tests.site import publish


@pytest.fixture
def tree(site_tree, academy_settings):
    """Return the site with published pages and the permissions on its home pages."""
    grant_roles()
    publish()
    return site_tree


@pytest.fixture
def standard(tree):
    """Return a published French standard page without translations."""
    page = StandardPage(
        title="Infos pratiques", slug="infos", locale=tree.locales["fr"], intro="Venir à l'atelier"
    )
    tree.home["fr"].refresh_from_db()
    tree.home["fr"].add_child(instance=page)
    page.save_revision().publish()
    return StandardPage.objects.get(pk=page.pk)


def page_data(page, **changes) -> dict:
    """Return the form data of a standard page."""
    body = {
        "body-count": 0,
        "comments-TOTAL_FORMS": 0,
        "comments-INITIAL_FORMS": 0,
        "comments-MIN_NUM_FORMS": 0,
        "comments-MAX_NUM_FORMS": 1000,
    }
    return (
        {
            "title": page.title,
            "slug": page.slug,
            "intro": page.intro,
            "seo_title": "",
            "search_description": "",
        }
        | body
        | changes
    )


def edit(client, page, **changes):
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), page_data(page, **changes))


# ---- drafts, review, schedule


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_is_not_seen_until_it_is_published(logged_in, manager, tree, client, language):
    page = StandardPage(title="Infos", slug="infos", locale=tree.locales[language], live=False)
    tree.home[language].refresh_from_db()
    tree.home[language].add_child(instance=page)
    writing = logged_in(manager)
    assert edit(writing, page, intro="Un brouillon").status_code == 302
    assert client.get(f"/{language}/infos/").status_code == 404
    assert edit(writing, page, intro="Un brouillon", **{"action-publish": "1"}).status_code == 302
    assert b"Un brouillon" in client.get(f"/{language}/infos/").content
    assert edit(writing, page, intro="La suite").status_code == 302
    assert b"La suite" not in client.get(f"/{language}/infos/?anew=1").content


def test_an_editor_may_submit_and_a_manager_approves(logged_in, editor, manager, standard):
    edit(logged_in(editor), standard, intro="À relire", **{"action-submit": "1"})
    page = Page.objects.get(pk=standard.pk)
    assert (
        page.workflow_in_progress
        and Workflow.objects.get(active=True) == page.current_workflow_state.workflow
    )
    state = page.current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    assert logged_in(editor).post(url, {"comment": ""}).status_code == 302
    assert Page.objects.get(pk=page.pk).workflow_in_progress
    logged_in(manager).post(url, {"comment": "Merci"})
    assert StandardPage.objects.get(pk=page.pk).intro == "À relire"


def test_a_scheduled_page_is_published_when_its_time_has_come(logged_in, editor, standard, client):
    standard.intro, standard.go_live_at = "Plus tard", timezone.now() + timedelta(hours=1)
    standard.save_revision().publish()
    assert b"Plus tard" not in client.get("/fr/infos/").content
    call_command("publish_scheduled")
    assert b"Plus tard" not in client.get("/fr/infos/").content
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled")
    assert b"Plus tard" in client.get("/fr/infos/").content


def test_the_home_of_a_language_is_not_deleted_unpublished_or_moved_by_any_door(
    logged_in, superuser, manager, editor, tree
):
    arabic = tree.home["ar"]
    doors = [reverse(f"wagtailadmin_pages:{verb}", args=[arabic.pk]) for verb in ("delete", "unpublish")]
    doors += [
        f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', verb])}?id={arabic.pk}"
        for verb in ("delete", "unpublish")
    ]
    doors += [f"/cms/api/main/pages/{arabic.pk}/action/{verb}/" for verb in ("delete", "unpublish", "move")]
    for person in (editor, manager, superuser):
        for url in doors:
            answer = logged_in(person).post(
                url, {"confirm_site_name": "Active Labs", "destination_page_id": tree.home["fr"].pk}
            )
            refused = answer.status_code in {302, 400, 403, 404} or b"form" in answer.content
            assert refused or url.endswith("/move/"), (
                person.email,
                url,
            )  # reordered
            assert HomePage.objects.filter(pk=arabic.pk, live=True, depth=2).exists(), (person.email, url)


# ---- previews


def every_page(tree) -> list[Page]:
    """Return one page of each type, Arabic ones included."""
    session = SessionFactory()
    lesson = ready(LessonFactory(course=session.course))
    course = add_course_page(tree, session.course)
    made = [*tree.home.values(), *tree.catalogue.values(), *tree.contact.values(), *course.values()]
    team = StandardPage(title="Équipe", slug="equipe", locale=tree.locales["fr"])
    tree.home["fr"].refresh_from_db()
    tree.home["fr"].add_child(instance=team)
    faq = FaqPage(title="Questions", slug="questions", locale=tree.locales["fr"])
    tree.home["fr"].add_child(instance=faq)
    person = InstructorPage(title="Nadia", slug="nadia", locale=tree.locales["fr"])
    team.add_child(instance=person)
    lesson_page = LessonPage(title="Leçon 1", slug="lecon-1", lesson=lesson, locale=tree.locales["fr"])
    course["fr"].add_child(instance=lesson_page)
    return [*made, team, faq, person, lesson_page]


def test_every_page_type_previews_in_its_language(tree, rf):
    pages = every_page(tree)
    assert {type(page) for page in pages} == {
        HomePage,
        CatalogueIndexPage,
        ContactPage,
        CoursePage,
        StandardPage,
        FaqPage,
        InstructorPage,
        LessonPage,
    }
    for page in pages:
        for mode, _name in page.preview_modes:
            response = page.make_preview_request(rf.get("/cms/"), mode)
            assert response.status_code == 200, page
            html = response.content.decode()
            assert f'<html lang="{page.locale.language_code}"' in html, page


def test_a_preview_shows_the_draft_and_never_enters_the_visitors_memory(
    standard, client, logged_in, editor, settings
):
    settings.VISITOR_CACHE_SECONDS = 60
    client.get("/fr/infos/")  # the published page is remembered
    standard.intro = "Secret de rédaction"
    standard.save_revision()
    response = logged_in(editor).get(reverse("wagtailadmin_pages:view_draft", args=[standard.pk]))
    assert "Secret de rédaction" in response.content.decode()
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    client.logout()
    assert "Secret de rédaction" not in client.get("/fr/infos/").content.decode()


@pytest.mark.parametrize("blocks", [page_blocks, course_blocks])
def test_every_block_previews(blocks, logged_in, editor, tree):
    SessionFactory()
    client = logged_in(editor)
    for name, block in StreamBlock(blocks()).child_blocks.items():
        response = client.get(reverse("wagtailadmin_block_preview"), {"id": block.definition_prefix})
        assert response.status_code == 200, name
        assert "academy/css/site" in response.content.decode()


# ---- words


def test_an_arabic_page_is_typed_right_to_left(logged_in, editor, tree):
    client = logged_in(editor)
    for code in ("fr", "ar"):
        page = client.get(reverse("wagtailadmin_pages:edit", args=[tree.contact[code].pk])).content.decode()
        assert f"words-{code}" in page.split("<body")[1].split(">")[0]
    new = client.get(
        reverse("wagtailadmin_pages:add", args=["home", "standardpage", tree.home["ar"].pk])
    ).content.decode()
    assert "words-ar" in new.split("<body")[1].split(">")[0]
    assert "home/cms.js" in new and "home/cms.css" in new


def test_the_academys_own_words_are_typed_in_their_direction(logged_in, manager, editor, tree):
    url = reverse("wagtailsettings:edit", args=["home", "academysettings", tree.site.pk])
    page = logged_in(manager).get(url).content.decode()
    assert 'dir="rtl"' in page[page.index('name="tagline_ar"') :].split(">")[0]
    assert logged_in(editor).get(url).status_code == 302


# ---- translations


def test_every_page_type_can_be_translated(logged_in, editor, standard, tree):
    client = logged_in(editor)
    url = reverse("simple_translation:submit_page_translation", args=[standard.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"locales": [tree.locales["ar"].pk, tree.locales["en"].pk]})
    assert {page.locale.language_code for page in standard.get_translations()} == {"ar", "en"}


def test_what_is_behind_is_told_and_leaves_the_list_when_it_is_published(standard, tree):
    def states():
        return {gap.language: gap.state for gap in gaps() if gap.page["pk"] == standard.pk}

    assert states() == {"ar": MISSING, "en": MISSING}
    arabic = standard.copy_for_translation(tree.locales["ar"], copy_parents=True)
    assert states() == {"ar": DRAFT, "en": MISSING}
    arabic.save_revision().publish()
    assert states() == {"en": MISSING}
    standard.save_revision().publish()
    assert states() == {"ar": BEHIND, "en": MISSING}
    arabic.refresh_from_db()
    arabic.save_revision().publish()
    assert states() == {"en": MISSING}


def test_a_french_draft_makes_nothing_behind(standard):
    before = len(gaps())
    standard.intro = "En cours"
    standard.save_revision()
    assert len(gaps()) == before


def test_the_report_and_the_panel_lead_to_the_work(logged_in, editor, standard, queries):
    client = logged_in(editor)
    page = client.get(reverse("translations_behind"))
    assert standard.title in page.content.decode()
    assert reverse("simple_translation:submit_page_translation", args=[standard.pk]) in page.content.decode()
    assert {
        gap.language
        for gap in client.get(reverse("translations_behind"), {"language": "ar"}).context["object_list"]
    } == {"ar"}
    assert client.get(reverse("translations_behind"), {"language": "xx"}).status_code == 200
    assert b"Infos pratiques" in client.get(reverse("translations_behind"), {"export": "csv"}).getvalue()
    assert standard.title in client.get(reverse("wagtailadmin_home")).content.decode()
    with queries() as seen:
        gaps()
    assert len(seen) == 2


def test_a_language_that_is_not_there_yet_is_not_behind(db):
    Locale.objects.exclude(language_code="fr").delete()
    assert gaps() == []


# ---- hints


def test_a_page_without_a_description_is_published_with_a_gentle_notice(logged_in, editor, standard):
    response = edit(logged_in(editor), standard, **{"action-publish": "1"})
    assert response.status_code == 302
    words = [
        str(message) for message in logged_in(editor).get(reverse("wagtailadmin_home")).context["messages"]
    ]
    assert any(standard.title in message for message in words)
    standard.search_description = "Comment venir"
    assert notices(standard) == []


def test_a_picture_without_words_is_noticed(standard, tree):
    stream = BytesIO()
    Drawing.new("RGB", (4, 4)).save(stream, "PNG")
    picture = Picture.objects.create(title="robot", file=ContentFile(stream.getvalue(), name="robot.png"))
    standard.search_description = "Comment venir"
    standard.body = [("picture", {"picture": picture, "caption": ""})]
    assert len(notices(standard)) == 1
    picture.alt_fr = "Un robot qui tourne"
    assert notices(standard) == []
    person = InstructorPage(
        title="Nadia", portrait=Picture(title="x"), locale=tree.locales["fr"], search_description="Animatrice"
    )
    assert len(notices(person)) == 1


# ---- people


def test_accounts_have_no_menu_and_the_history_is_the_teams(logged_in, superuser, manager, editor, standard):
    family = UserFactory(name="Parent Invisible")
    edit(logged_in(editor), standard, intro="Nouveau")
    log(instance=family, action="wagtail.edit", user=family)
    log(instance=standard, action="wagtail.edit", user=family)
    assert ModelLogEntry.objects.filter(user=family).exists()
    client = logged_in(superuser)
    page = client.get(reverse("wagtailadmin_reports:site_history")).content.decode()
    assert editor.name in page
    assert family.name not in page and f"U-{family.pk}" not in page
    assert "/cms/users/" not in client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.get("/cms/users/", follow=True).status_code == 404
    assert (
        family.name
        not in logged_in(manager).get(reverse("wagtailadmin_reports:site_history")).content.decode()
    )


def test_no_screen_of_the_cms_shows_a_family(logged_in, superuser, tree, standard):
    family = UserFactory(name="Parent Invisible", email="invisible@example.org")
    client = logged_in(superuser)
    urls = [
        reverse(name)
        for name in (
            "wagtailadmin_home",
            "wagtailadmin_explore_root",
            "wagtailimages:index",
            "wagtaildocs:index",
            "wagtailadmin_account",
            "wagtailadmin_reports:locked_pages",
            "wagtailadmin_reports:workflow",
            "wagtailadmin_reports:aging_pages",
            "wagtailadmin_reports:site_history",
            "wagtailusers_groups:index",
            "translations_behind",
        )
    ]
    urls += [reverse("wagtailadmin_pages:edit", args=[page.pk]) for page in (standard, tree.contact["ar"])]
    urls.append(reverse("wagtailadmin_explore", args=[tree.home["fr"].pk]))
    urls.append(reverse("wagtailadmin_pages:add", args=["courses", "instructorpage", standard.pk]))
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, url
        assert (
            family.name not in response.content.decode() and family.email not in response.content.decode()
        ), url


def test_rights_are_granted_once_and_again(tree, editor, manager):
    from django.contrib.auth.models import Group
    from wagtail.models import GroupPagePermission

    def granted():
        return {
            group.name: (
                set(group.permissions.values_list("codename", flat=True)),
                group.page_permissions.count(),
            )
            for group in Group.objects.all()
        }

    before, rows = granted(), GroupPagePermission.objects.count()
    grant_roles()
    assert (granted(), GroupPagePermission.objects.count()) == (before, rows)
    assert "Moderators" not in before
    assert before["Instructors"] == before["Front desk"] == (set(), 0)
    editors, managers = before["Editors"][0], before["Programme managers"][0]
    assert editors < managers
    rows = {name for name in editors if name.split("_")[0] in {"add", "delete"}}
    assert {name for name in rows if not name.endswith("redirect")} == {
        "add_searchwords",
        "delete_searchwords",
    }, "words that mean the same are the editors' own; facts are not"
    assert {"change_academysettings", "add_session", "change_closure", "delete_term"} <= managers
    assert before["Editors"][1] == 9  # three rights on three home pages
    assert not editor.has_perm("courses.change_session") and manager.has_perm("courses.change_session")
