"""What is published is whole, and what was read; what is planned is done, or stays planned and is told."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Page, PageLogEntry, Revision

from academy import clockwork
from enrollments.classes import digests
from enrollments.models import Letter
from home.cms import publishing, schedule
from home.models import FaqPage, StandardPage
from tests.factories import grant_roles

HOUR = timedelta(hours=1)
HALF = [{"type": "question", "value": {"question": "Pourquoi ?", "answer": ""}, "id": "a"}]
WHOLE = [{"type": "question", "value": {"question": "Pourquoi ?", "answer": "<p>Parce que.</p>"}, "id": "a"}]


@pytest.fixture
def tree(site_tree, academy_settings):
    grant_roles()
    return site_tree


def added(tree, title, *, under=None, kind=FaqPage, **fields):
    """Return a new draft with a revision, as the form leaves it: half-written texts are allowed."""
    parent = under or tree.home["fr"]
    parent.refresh_from_db()
    page = kind(title=title, slug=title.lower(), locale=tree.locales["fr"], live=False, **fields)
    parent.add_child(instance=page)
    page.save_revision(clean=False)
    return page


def drafted(page, questions, user=None, **fields):
    """Save a draft without publishing it, as "Save draft" does."""
    draft = page.specific_class.objects.get(pk=page.pk)
    draft.questions = json.dumps(questions)
    for name, value in fields.items():
        setattr(draft, name, value)
    return draft.save_revision(user=user, clean=False)


@pytest.fixture
def half(tree):
    """A published page of questions, and a later draft whose answer is missing."""
    page = added(tree, "Questions", questions=json.dumps(WHOLE))
    page.save_revision().publish()
    drafted(page, HALF)
    return page


def answers(page):
    return str(FaqPage.objects.get(pk=page.pk).questions[0].value["answer"])


def words(answer):
    return [str(message) for message in answer.context["messages"]]


def refuses(answer, page):
    """Return whether the screen names the page, the field and the block."""
    return any(page.title in one and "answer" in one.replace("réponse", "answer") for one in words(answer))


# ---- every door judges


def test_a_half_written_draft_is_published_through_no_door(tree, half, superuser, manager, logged_in):
    client = logged_in(superuser)
    bulk = f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'publish'])}?id={half.pk}"
    assert refuses(client.post(bulk, {}, follow=True), half)
    api = client.post(f"/cms/api/main/pages/{half.pk}/action/publish/")
    assert api.status_code == 400 and "questions" in api.json()
    with pytest.raises(publishing.NotPublishable):
        Page.objects.get(pk=half.pk).get_latest_revision().publish()
    assert "Parce que" in answers(half)
    assert Page.objects.get(pk=half.pk).has_unpublished_changes, "and nothing written is lost"


def test_bulk_publishing_is_for_all_chosen_pages_or_none_and_names_each(tree, half, manager, logged_in):
    ready = added(tree, "Pret", questions=json.dumps(WHOLE))
    section = added(tree, "Section", kind=StandardPage)
    below = added(tree, "Dessous", under=section)
    drafted(below, HALF)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    client = logged_in(manager)
    answer = client.post(
        f"{address}?id={half.pk}&id={ready.pk}&id={section.pk}", {"include_descendants": "on"}, follow=True
    )
    assert refuses(answer, half) and refuses(answer, below)
    live = Page.objects.filter(pk__in=[ready.pk, section.pk, below.pk], live=True)
    assert not live.exists()
    client.post(f"{address}?id={ready.pk}&id={section.pk}", {})
    assert set(live.values_list("pk", flat=True)) == {ready.pk, section.pk}


def test_an_empty_field_is_refused_like_an_empty_block(tree, superuser, logged_in):
    page = added(tree, "Long", kind=StandardPage)
    draft = StandardPage.objects.get(pk=page.pk)
    draft.intro = "x" * 401
    draft.save_revision(clean=False)
    with pytest.raises(publishing.NotPublishable) as refusal:
        Page.objects.get(pk=page.pk).get_latest_revision().publish()
    assert list(refusal.value.error_dict) == ["intro"] and page.title in str(refusal.value)


def test_the_way_to_a_fault_names_each_block(tree):
    step = {"type": "item", "value": {"title": "Un", "text": ""}, "id": "b"}
    steps = {"title": "Comment", "steps": [step, step]}
    page = added(tree, "Etapes", kind=StandardPage)
    draft = StandardPage.objects.get(pk=page.pk)
    draft.body = json.dumps([{"type": "steps", "value": steps, "id": "a"}])
    with pytest.raises(publishing.NotPublishable) as refusal:
        publishing.judge(draft)
    first, second = refusal.value.sentences
    assert "1. " in first and ": 1: " in first and ": 2: " in second


def test_a_copy_that_is_published_at_once_is_judged(tree, half, superuser, logged_in):
    FaqPage.objects.filter(pk=half.pk).update(questions=json.dumps(HALF))  # published before the rule
    data = {"new_title": "Copie", "new_slug": "copie", "new_parent_page": tree.home["fr"].pk}
    url = reverse("wagtailadmin_pages:copy", args=[half.pk])
    client = logged_in(superuser)
    for more in ({"publish_copies": "on"}, {"alias": "on"}):
        answer = client.post(url, data | more, follow=True)
        assert any("answer" in one or "réponse" in one for one in words(answer)), words(answer)
        assert not Page.objects.filter(slug="copie").exists(), more
    client.post(url, data)
    assert Page.objects.filter(slug="copie", live=False).exists()


# ---- approval


@pytest.fixture
def submitted(tree, editor, logged_in, half):
    """The page with a whole draft, submitted by the editor; returns page and its state in the workflow."""
    drafted(half, WHOLE, intro="Lue")
    page = FaqPage.objects.get(pk=half.pk)
    page.get_workflow().start(page, editor)
    return page, page.current_workflow_task_state


def approve(client, page, state):
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    return client.post(url, {"comment": ""}, follow=True)


def test_approval_publishes_what_was_submitted_and_no_later_draft(submitted, superuser, manager, logged_in):
    page, state = submitted
    drafted(page, HALF, user=superuser, intro="Plus tard")
    approve(logged_in(manager), page, state)
    page = FaqPage.objects.get(pk=page.pk)
    assert (page.intro, page.has_unpublished_changes) == ("Lue", True)
    assert page.live_revision_id == state.revision_id
    assert page.get_latest_revision().content["intro"] == "Plus tard"


def test_approval_in_the_form_publishes_what_the_form_shows(submitted, superuser, manager, logged_in):
    page, _state = submitted
    text = {"text": "Voilà", "key": "a", "type": "unstyled", "depth": 0}
    answer = {"entityMap": {}, "blocks": [text | {"inlineStyleRanges": [], "entityRanges": []}]}
    question = {
        f"questions-0-{name}": value
        for name, value in {
            "type": "question",
            "order": "0",
            "deleted": "",
            "id": "a",
            "value-question": "Et ?",
            "value-answer": json.dumps(answer),
        }.items()
    }
    sent = {"questions-count": 1, "action-workflow-action": "1", "workflow-action-name": "approve"} | question
    logged_in(manager).post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), _form(page, intro="Corrigée", **sent)
    )
    page = FaqPage.objects.get(pk=page.pk)
    assert (page.intro, page.has_unpublished_changes) == ("Corrigée", False)
    assert "Voilà" in answers(page)


def _form(page, **more):
    totals = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    comments = {f"comments-{name}": value for name, value in totals.items()}
    title = {"title": page.title, "slug": page.slug, "seo_title": "", "search_description": ""}
    return title | comments | more


def test_a_half_written_revision_is_not_approved(tree, half, editor, manager, logged_in):
    page = FaqPage.objects.get(pk=half.pk)
    page.get_workflow().start(page, editor)
    state = page.current_workflow_task_state
    assert refuses(approve(logged_in(manager), page, state), half)
    state.refresh_from_db()
    assert state.status == "in_progress" and "Parce que" in answers(half)
    url = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk])
    dialog = logged_in(manager).post(url, {"comment": ""}, headers={"x-requested-with": "XMLHttpRequest"})
    assert dialog.json()["redirect"] == reverse("wagtailadmin_pages:edit", args=[page.pk])


# ---- plans


def planned(page, user, at, **fields):
    page = page.specific_class.objects.get(pk=page.pk)
    for name, value in fields.items():
        setattr(page, name, value)
    page.go_live_at = at
    revision = page.save_revision(user=user)
    revision.publish(user=user)
    return Revision.objects.get(pk=revision.pk)


def test_a_half_written_draft_is_not_planned(half, superuser, now):
    draft = FaqPage.objects.get(pk=half.pk)
    draft.questions, draft.go_live_at = json.dumps(HALF), now + HOUR
    with pytest.raises(publishing.NotPublishable):
        draft.save_revision(clean=False).publish()
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()


def test_a_plan_that_fails_stays_is_red_and_told_once_and_the_others_are_done(
    tree, editor, manager, logged_in, now
):
    taken = added(tree, "Premier", questions=json.dumps(WHOLE))
    other = added(tree, "Second", questions=json.dumps(WHOLE))
    plan = planned(taken, editor, now + HOUR, slug="ete")
    planned(other, editor, now + 2 * HOUR)
    meanwhile = added(tree, "Entre", questions=json.dumps(WHOLE))
    rival = FaqPage.objects.get(pk=meanwhile.pk)
    Page.objects.filter(pk=taken.pk).update(slug="premier", url_path="/accueil-fr/premier/")
    rival.slug = "ete"
    rival.save_revision().publish()
    later = now + 3 * HOUR
    with time_machine.travel(later):
        client = logged_in(manager)
        assert schedule.run(later) == 1
        assert schedule.run(later + HOUR) == 0
        plan.refresh_from_db()
        assert plan.approved_go_live_at == now + HOUR, "it stays planned"
        assert Page.objects.get(pk=other.pk).live and not Page.objects.get(pk=taken.pk).live
        letter = Letter.objects.get(kind="plan_failed")
        assert (letter.recipient, "Premier" in letter.subject, "ete" in letter.body) == (editor, True, True)
        assert PageLogEntry.objects.filter(page=taken.pk, action=schedule.FAILED).count() == 1
        home = client.get(reverse("wagtailadmin_home")).content.decode()
        assert "help-critical" in home and f"/cms/pages/{taken.pk}/edit/" in home.split("late-plans")[1]
        form = client.get(reverse("wagtailadmin_pages:edit", args=[taken.pk]))
        assert any("ete" in one for one in words(form))
        digests.send_team(later)
        assert "Premier" in Letter.objects.get(kind="team_morning", recipient=manager).body
        rival.slug = "entre"
        rival.save_revision().publish()
        assert schedule.run(later + 2 * HOUR) == 1
        assert Page.objects.get(pk=taken.pk).live and schedule.late(later + 2 * HOUR) == []
        assert "late-plans" not in client.get(reverse("wagtailadmin_home")).content.decode()
    assert Letter.objects.filter(kind="plan_failed").count() == 1


def test_a_fault_of_one_page_stops_no_other_and_no_job(tree, editor, now, monkeypatch, caplog):
    first = added(tree, "Premier", questions=json.dumps(WHOLE))
    second = added(tree, "Second", questions=json.dumps(WHOLE))
    for page in (first, second):
        planned(page, editor, now + HOUR)
    judge = publishing.judge

    def breaks(page):
        if page.pk == first.pk:
            raise RuntimeError("disk")
        judge(page)

    monkeypatch.setattr(publishing, "judge", breaks)
    runs = {run.name: run for run in clockwork.run_due(now + 2 * HOUR)}
    assert (runs["pages"].fault, runs["pages"].did) == ("", 1)
    assert [plan.page.pk for plan in schedule.late(now + 2 * HOUR)] == [first.pk]
    assert Letter.objects.filter(kind="plan_failed", recipient=editor).count() == 1


def test_a_plan_that_was_cancelled_is_not_late(tree, half, editor, manager, logged_in, now):
    drafted(half, WHOLE)
    plan = planned(half, editor, now + HOUR, intro="Plus tard")
    logged_in(manager).post(reverse("wagtailadmin_pages:revisions_unschedule", args=[half.pk, plan.pk]))
    assert schedule.due(now + 2 * HOUR) == []


def test_a_page_that_is_not_a_revision_yet_stays_live_until_its_plan(tree, editor, client, now):
    page = StandardPage(title="Infos", slug="infos", locale=tree.locales["fr"])
    tree.home["fr"].add_child(instance=page)
    assert page.live and page.live_revision_id is None, "as the first start leaves it"
    planned(page, editor, now + HOUR, intro="Demain")
    answer = client.get("/fr/infos/")
    assert answer.status_code == 200 and b"Demain" not in answer.content
    with time_machine.travel(now + 2 * HOUR):
        call_command("publish_scheduled")
    assert b"Demain" in client.get("/fr/infos/").content


def test_the_command_lists_what_is_due_and_what_failed(half, editor, now, capsys):
    drafted(half, WHOLE)
    planned(half, editor, now + HOUR)
    with time_machine.travel(now + 2 * HOUR):
        call_command("publish_scheduled", dryrun=True)
        assert "publish" in capsys.readouterr().out
        assert Revision.objects.exclude(approved_go_live_at=None).count() == 1
        call_command("publish_scheduled")
        assert Revision.objects.exclude(approved_go_live_at=None).count() == 0


def test_wagtails_publication_still_begins_where_we_judge():
    """Wagtail's doors execute this action; a new version must still do so."""
    from wagtail.actions.publish_page_revision import PublishPageRevisionAction

    assert PublishPageRevisionAction.execute is publishing._publish
