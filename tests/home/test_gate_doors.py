"""A page with a problem that stops goes live through no door, and the same page without it through each."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Page
from wagtail.users.models import UserProfile

from enrollments.classes import digests
from enrollments.models import Letter
from home.cms import publishing, schedule
from home.models import Picture, StandardPage
from tests.factories import grant_roles
from tests.photos import lying, saved

HOUR = timedelta(hours=1)
DRAFT = "Mots du brouillon"


@pytest.fixture
def picture(db):
    """A picture that shows children, with the reference of its release."""
    file = ContentFile(saved(lying(), "PNG"), name="groupe.png")
    return Picture.objects.create(title="Groupe", file=file, shows_children=True, release="D-7")


@pytest.fixture
def page(site_tree, academy_settings, picture):
    """A published page with a later draft; the draft and the next version show the picture."""
    grant_roles()
    home = site_tree.home["fr"]
    made = StandardPage(title="Atelier", slug="atelier", locale=site_tree.locales["fr"], intro="Avant")
    home.add_child(instance=made)
    made.save_revision().publish()
    draft = StandardPage.objects.get(pk=made.pk)
    draft.intro, draft.social_image = DRAFT, picture
    draft.save_revision()
    return StandardPage.objects.get(pk=made.pk)


def withdraw(picture):
    """Take the release back: the picture stops every page that shows it."""
    picture.release = ""
    picture.save()


def form(page, picture, **more) -> dict:
    data = {"title": page.title, "slug": page.slug, "seo_title": "", "search_description": ""}
    data |= {"intro": DRAFT, "body-count": 0, "social_image": picture.pk, "review_on": ""}
    data |= {f"comments-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM")}
    return data | {"comments-MAX_NUM_FORMS": 1000} | more


def by_button(client, page, picture):
    client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), form(page, picture, **{"action-publish": "1"})
    )


def by_bulk_action(client, page, picture):
    client.post(f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'publish'])}?id={page.pk}", {})


def by_restoring_a_version(client, page, picture):
    revision = page.get_latest_revision()
    client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        form(page, picture, revision=revision.pk, **{"action-publish": "1"}),
    )


def by_approval(client, page, picture):
    page.get_workflow().start(page, None)
    state = page.current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    client.post(url, {"comment": ""})


def by_approval_in_the_form(client, page, picture):
    page.get_workflow().start(page, None)
    sent = {"action-workflow-action": "1", "workflow-action-name": "approve"}
    client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form(page, picture, **sent))


def by_code(client, page, picture):
    try:
        page.get_latest_revision().publish()
    except publishing.NotPublishable:
        return


EDITED = [
    by_button,
    by_bulk_action,
    by_restoring_a_version,
    by_approval,
    by_approval_in_the_form,
    by_code,
]


@pytest.mark.parametrize("door", EDITED)
def test_a_version_that_is_stopped_stays_a_draft(page, picture, logged_in, manager, door):
    withdraw(picture)
    door(logged_in(manager), page, picture)
    now = StandardPage.objects.get(pk=page.pk)
    assert (now.live, now.intro, now.has_unpublished_changes) == (True, "Avant", True)
    assert now.get_latest_revision().content["intro"] == DRAFT, "nothing written is lost"


@pytest.mark.parametrize("door", EDITED)
def test_the_same_version_goes_live_once_nothing_stops_it(page, picture, logged_in, manager, door):
    door(logged_in(manager), page, picture)
    now = StandardPage.objects.get(pk=page.pk)
    assert (now.intro, now.has_unpublished_changes) == (DRAFT, False)


@pytest.mark.parametrize(("stopped", "live"), [(True, False), (False, True)])
def test_a_new_page_that_is_stopped_is_kept_as_a_draft(page, picture, logged_in, manager, stopped, live):
    if stopped:
        withdraw(picture)
    url = reverse("wagtailadmin_pages:add", args=["home", "standardpage", page.get_parent().pk])
    new = StandardPage(title="Neuve", slug="neuve")
    answer = logged_in(manager).post(url, form(new, picture, **{"action-publish": "1"}), follow=True)
    made = StandardPage.objects.get(slug="neuve")
    assert (made.live, made.intro) == (live, DRAFT)
    assert made.get_latest_revision().content["intro"] == DRAFT
    said = " ".join(str(message) for message in answer.context["messages"])
    assert ("Rien n’est perdu" in said) is stopped


@pytest.mark.parametrize("more", [{"publish_copies": "on"}, {"alias": "on"}])
@pytest.mark.parametrize("stopped", [True, False])
def test_a_copy_that_would_be_live_is_not_made(page, picture, logged_in, manager, more, stopped):
    page.get_latest_revision().publish()
    if stopped:
        withdraw(picture)
    data = {"new_title": "Copie", "new_slug": "copie", "new_parent_page": page.get_parent().pk}
    answer = logged_in(manager).post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]), data | more, follow=True
    )
    assert Page.objects.filter(slug="copie", live=True).exists() is not stopped
    said = " ".join(str(message) for message in answer.context["messages"])
    assert ("Aucune copie" in said) is stopped


def test_a_copy_may_be_made_as_a_draft(page, picture, logged_in, manager):
    page.get_latest_revision().publish()
    withdraw(picture)
    data = {"new_title": "Copie", "new_slug": "copie", "new_parent_page": page.get_parent().pk}
    logged_in(manager).post(reverse("wagtailadmin_pages:copy", args=[page.pk]), data)
    assert Page.objects.filter(slug="copie", live=False).exists()


# ---- plans


def planned(page, user, at):
    draft = page.get_latest_revision().as_object()
    draft.go_live_at = at
    draft.save_revision(user=user).publish(user=user)


def test_a_version_that_is_stopped_is_not_planned(page, picture, editor, now):
    withdraw(picture)
    with pytest.raises(publishing.NotPublishable):
        planned(page, editor, now + HOUR)
    assert schedule.due(now + 2 * HOUR) == []


@pytest.mark.parametrize("turn", [lambda at: call_command("publish_scheduled"), schedule.run])
def test_a_plan_that_is_stopped_when_its_hour_comes_is_told_and_waits(
    page, picture, editor, manager, now, turn
):
    planned(page, editor, now + HOUR)
    withdraw(picture)
    later = now + 2 * HOUR
    with time_machine.travel(later):
        turn(later)
        digests.send_team(later)
    assert StandardPage.objects.get(pk=page.pk).intro == "Avant"
    (late,) = schedule.late(later)
    assert (late.page.pk, "Groupe" in late.fault) == (page.pk, True)
    letter = Letter.objects.get(kind="plan_failed")
    assert (letter.recipient, "Groupe" in letter.body) == (editor, True)
    assert "Atelier" in Letter.objects.get(kind="team_morning", recipient=manager).body


def test_a_plan_that_nothing_stops_is_carried_out(page, picture, editor, now):
    planned(page, editor, now + HOUR)
    with time_machine.travel(now + 2 * HOUR):
        assert schedule.run(now + 2 * HOUR) == 1
    assert StandardPage.objects.get(pk=page.pk).intro == DRAFT


# ---- what is live


def test_what_is_live_stays_live_and_may_be_moved(page, picture, logged_in, manager, site_tree):
    page.get_latest_revision().publish()
    withdraw(picture)
    home = Page.objects.get(pk=site_tree.home["fr"].pk)
    section = home.add_child(
        instance=StandardPage(title="Section", slug="section", locale=site_tree.locales["fr"])
    )
    logged_in(manager).post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, section.pk]))
    moved = StandardPage.objects.get(pk=page.pk)
    assert (moved.live, moved.get_parent().pk) == (True, section.pk)


def test_what_was_taken_off_the_site_is_judged_again(page, picture):
    page.get_latest_revision().publish()
    withdraw(picture)
    StandardPage.objects.get(pk=page.pk).unpublish()
    off = StandardPage.objects.get(pk=page.pk)
    off.live = True
    with pytest.raises(publishing.NotPublishable):
        off.save()


@pytest.mark.parametrize(
    ("language", "kept"),
    [
        ("fr", "Rien n’est perdu\u00a0: votre brouillon est enregistré, et les visiteurs"),
        ("ar", "لم يضع شيء: مسودتكم محفوظة، وما زال الزوار"),
        ("en", "Nothing was lost: your draft is saved, and visitors"),
    ],
)
def test_the_refusal_is_in_the_editors_language_with_a_link_to_the_field(
    page, picture, logged_in, manager, language, kept
):
    UserProfile.objects.create(user=manager, preferred_language=language)
    withdraw(picture)
    client = logged_in(manager)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    answer = client.post(url, form(page, picture, **{"action-publish": "1"}), follow=True)
    said = " ".join(str(message) for message in answer.context["messages"])
    assert kept in said
    assert f'href="{url}#:w:contentpath=social_image"' in said
