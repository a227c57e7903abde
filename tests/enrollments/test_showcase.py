"""The showcase: shown after consent and approval, gone everywhere in the request that ends either."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from courses.models import AgeBand, Session
from enrollments.families import consents
from enrollments.models import AccountEvent, Letter, Project, ProjectFile, ReadRecord, ShowcaseStory
from enrollments.places import admission
from enrollments.portfolio import showcase
from enrollments.privacy import child_merge, data_export, erasure
from enrollments.staff.worklist import Worklist
from home.cms.reserved import RESERVED
from tests.factories import AgeBandFactory, ChildFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.works import made_by, photographed, status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
STORY = "Il suit la ligne noire."


@pytest.fixture
def version(policies):
    return policies["work-showcase"]


@pytest.fixture
def project(version, parent, child):
    """A project with a picture and a link, of a child whose family agreed."""
    if not AgeBand.objects.filter(min_age__lte=10, max_age__gte=10).exists():
        AgeBandFactory(min_age=9, max_age=11)
    say(version, child, parent, True)
    return made_by(child, parent, photographed(), story=STORY, link="https://zerlien.example/1")


@pytest.fixture
def story(project, manager):
    return approved(project, manager)


def say(version, child, guardian, yes, **more):
    consents.answer(
        version, guardian=guardian, yes=yes, language="fr", at=timezone.now(), child=child, **more
    )


def approved(project, manager):
    words = {"title": project.title, "story": project.story, "picture": project.picture}
    return showcase.approve(project, **words, by=manager, at=timezone.now())


def reached(story) -> list[int]:
    """Return what a visitor gets: whether the page shows the story, then its pictures and its removal."""
    visitor = Client()
    page = visitor.get(reverse("showcase")).content.decode()
    assert (story.code in page) == (story.title in page)
    names = ("showcase_small", "showcase_picture", "showcase_remove")
    files = [status(visitor.get(reverse(name, args=[story.code]))) for name in names]
    return [200 if story.code in page else 404, *files]


SHOWN, GONE = [200] * 4, [404] * 4


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_visitor_sees_picture_title_story_first_name_and_age_band_and_nothing_else(story, language):
    with translation.override(language):
        answer = Client().get(reverse("showcase"))
        band = story.band.name
    page = answer.content.decode().split("<main")[1].split("</main")[0]
    name = "ياسمينة" if language == "ar" else "Yassmina"
    assert f"<bdi>{name}</bdi>" in page and band in page and STORY in page and 'dir="auto"' in page
    for never in ("Zerhouniya", "zerlien", str(timezone.localdate().year), "PR-", "C-"):
        assert never not in page
    assert answer["X-Robots-Tag"] == "noindex, noarchive" and "no-store" in answer["Cache-Control"]
    picture = Client().get(reverse("showcase_picture", args=[story.code]))
    assert picture.getvalue()[:2] == b"\xff\xd8" and picture["Cache-Control"] == "no-store"
    assert (
        picture["X-Robots-Tag"] == "noindex, noarchive" and "Yassmina" not in picture["Content-Disposition"]
    )


def test_a_no_takes_it_from_page_and_pictures_in_the_same_request_and_no_cache_keeps_it(
    enter, settings, parent, child, version, story, manager
):
    settings.VISITOR_CACHE_SECONDS = 600
    caches["pages"].clear()
    assert reached(story) == reached(story) == SHOWN
    answer = enter(parent).post(reverse("child_consents", args=[child.pk]), {"withdraw": version.pk})
    assert answer.status_code == 302 and reached(story) == GONE
    say(version, child, parent, True)
    assert reached(story) == GONE, "a new yes is no approval"
    assert reached(approved(story.project, manager)) == SHOWN


def test_the_projects_page_says_that_it_is_approved_until_somebody_says_no(
    enter, parent, child, version, project, manager
):
    client, url = enter(parent), reverse("project", args=[project.pk])

    question = f'href="{reverse("child_consents", args=[child.pk])}#{version.policy.code}"'

    def is_said():
        page = client.get(url).content.decode()
        assert question in page  # whatever holds: the page leads to the question itself
        return "Refuser la vitrine" in page

    assert not is_said()
    consents_page = client.get(reverse("child_consents", args=[child.pk])).content.decode()
    assert f'id="{version.policy.code}"' in consents_page and "Photos et vitrine" in consents_page
    photos = client.get(reverse("child_photos", args=[child.pk])).content.decode()
    assert "#photo-families" in photos and 'id="photo-families"' in consents_page
    approved(project, manager)
    assert is_said()
    say(version, child, parent, False)
    assert not is_said()
    say(version, child, parent, True)
    assert not is_said(), "a new yes is no approval"
    story = approved(Project.objects.get(pk=project.pk), manager)
    assert is_said()
    Client().post(reverse("showcase_remove", args=[story.code]))
    assert not is_said()


@pytest.mark.parametrize("who", ["informed", "child"])
def test_any_guardians_no_and_the_childs_own_win(parent, child, version, story, who):
    other = UserFactory()
    GuardianshipFactory(child=child, guardian=other, rights="informed")
    say(version, child, other if who == "informed" else parent, False, by_child=who == "child")
    assert reached(story) == GONE


def test_a_visitor_removes_it_for_everybody_and_a_manager_decides(enter, manager, story):
    visitor, url = Client(), reverse("showcase_remove", args=[story.code])
    page = visitor.get(url).content.decode()
    assert "ne peuvent pas être rappelées" in page and reached(story) == SHOWN
    assert f'src="{reverse("showcase_small", args=[story.code])}"' in page, "what is about to be hidden"
    assert visitor.post(url).url == reverse("showcase")
    assert reached(story) == GONE and visitor.post(url).status_code == 404
    assert Worklist(manager, timezone.now()).counts["stories"] == 1
    office, page = enter(manager), reverse("office_showcase_story", args=[story.project_id])
    form = {"picture": story.picture_id, "title": "Robot", "story": "", "is_checked": "on"}
    assert office.post(page, form).url == reverse("office_showcase")
    story.refresh_from_db()
    assert reached(story) == SHOWN
    assert office.post(page, {"act": "end"}).url == reverse("office_showcase")
    assert reached(story) == GONE and Project.objects.exists()
    told = list(AccountEvent.objects.order_by("pk").values_list("what", "by_ref"))
    assert told == [
        ("story_shown", manager.pk), ("story_hidden", None), ("story_shown", manager.pk),
        ("story_ended", manager.pk),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "told"), [("nothing", 1), ("visitor", 1), ("guardian", 0), ("no", 0), ("no, then yes", 0)]
)
def test_a_removal_is_told_unless_the_family_had_taken_it_away_itself(
    parent, child, version, story, manager, what, told
):
    at = timezone.now()
    if what in ("visitor", "guardian"):
        showcase.hide(story, by=parent if what == "guardian" else None, at=at)
    if what.startswith("no,") or what == "no":
        say(version, child, parent, False)
    if what == "no, then yes":
        say(version, child, parent, True)
    showcase.end(story, by=manager, at=timezone.now())
    assert not ShowcaseStory.objects.exists() and Project.objects.exists()
    assert Letter.objects.filter(kind="story_removed").count() == told
    assert AccountEvent.objects.filter(what="story_ended").count() == 1


def test_one_address_cannot_empty_the_page(parent, child, version, project, manager):
    stories = [approved(project, manager)]
    for number in range(5):
        more = made_by(child, parent, photographed(size=(90 + number, 60)), title=f"Projet {number}")
        stories.append(approved(more, manager))
    answers = [Client().post(reverse("showcase_remove", args=[one.code])).status_code for one in stories]
    assert answers == [302] * 5 + [429] and reached(stories[5]) == SHOWN


def test_it_rests_while_the_child_has_a_place_in_that_course(parent, child, version, project, manager, now):
    session = SessionFactory()
    Project.objects.update(course=session.course)
    project.refresh_from_db()
    story = approved(project, manager)
    consents.accept_compulsory(parent, language="fr", at=now)
    place = admission.enroll(child=child, session=session, by=parent, at=now)
    assert place.state == "seated" and reached(story) == GONE
    with pytest.raises(showcase.Refused) as refusal:
        approved(project, manager)
    assert refusal.value.code is showcase.Reason.ATTENDS
    Session.objects.filter(pk=session.pk).update(over_at=timezone.now() + timedelta(minutes=1))
    assert reached(story) == GONE
    Session.objects.filter(pk=session.pk).update(over_at=timezone.now() - timedelta(minutes=1))
    assert reached(story) == SHOWN


def test_the_office_reads_why_a_story_is_not_shown(enter, manager, parent, child, version, project, now):
    session = SessionFactory()
    Project.objects.update(course=session.course)
    project.refresh_from_db()
    approved(project, manager)
    consents.accept_compulsory(parent, language="fr", at=now)
    office = enter(manager)

    def said() -> str:
        page = office.get(reverse("office_showcase")).content.decode()
        return page[page.index('class="chip') :].split("</span>")[0].split(">")[-1].strip()

    assert said() == "montré"
    admission.enroll(child=child, session=session, by=parent, at=now)
    assert said() == "pas montré\xa0: le cours de l’enfant n’est pas terminé"
    say(version, child, parent, False)
    assert said() == "pas montré\xa0: l’accord de la famille manque"
    say(version, child, parent, True)
    assert said() == "pas montré\xa0: la famille avait dit non, approuvez-le à nouveau"


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_projects_page_names_what_is_still_missing_and_nothing_else(
    enter, parent, child, project, now, language
):
    bare, session = made_by(child, parent), SessionFactory()
    Project.objects.update(course=session.course)
    consents.accept_compulsory(parent, language="fr", at=now)
    client = enter(parent)

    def said(one):
        page = client.get(reverse("project", args=[one.pk])).content.decode()
        return [words for words in (picture, end, chosen) if gettext(words) in page]

    picture, end = "a picture of the project", "the end of the course"
    chosen = (
        "The family said yes to the showcase. This project is not in it: the academy chooses the projects."
    )
    with translation.override(language):
        assert (said(bare), said(project)) == ([picture], [chosen])
        admission.enroll(child=child, session=session, by=parent, at=now)
        assert (said(bare), said(project)) == ([picture, end], [end])


def test_an_approved_project_says_that_it_waits_for_the_end_of_the_course(enter, parent, child, story, now):
    session = SessionFactory()
    Project.objects.update(course=session.course)
    client, url = enter(parent), reverse("project", args=[story.project_id])
    assert "il manque encore" not in client.get(url).content.decode()
    consents.accept_compulsory(parent, language="fr", at=now)
    admission.enroll(child=child, session=session, by=parent, at=now)
    assert "il manque encore\xa0: la fin du cours" in client.get(url).content.decode()


def test_a_project_is_set_aside_and_taken_back(enter, manager, parent, project):
    client, url = enter(manager), reverse("office_showcase_story", args=[project.pk])
    every, aside = reverse("office_showcase"), reverse("office_showcase") + "?aside=yes"

    def listed(address):
        return list(client.get(address).context["page_obj"])

    home = enter(parent).get(reverse("project", args=[project.pk])).content.decode()
    assert (listed(every), listed(aside)) == ([project], [])
    assert [client.post(url, {"act": "aside"}).url for _press in range(2)] == [every] * 2
    assert (listed(every), listed(aside)) == ([], [project])
    project.refresh_from_db()
    assert project.set_aside_by_ref == manager.pk and project.set_aside_at
    told = data_export.told_of(parent, timezone.now())["children"][0]["projects"][0]
    assert told["not_for_showcase_since"] == project.set_aside_at
    page = client.get(url).content.decode()
    assert 'value="take_up"' in page and 'value="aside"' not in page and "Mis de côté" in page
    again = enter(parent).get(reverse("project", args=[project.pk])).content.decode()
    assert strip(again) == strip(home), "the family's page says nothing of it"
    assert client.post(url, {"act": "take_up"}).url == url
    assert (listed(every), listed(aside)) == ([project], [])
    client.post(url, {"act": "aside"})
    showcase.end(approved(project, manager), by=manager, at=timezone.now())
    assert listed(every) == [project], "what was approved after all is no longer set aside"


def strip(page: str) -> str:
    return page.split("<main")[1].split("</main")[0]


@pytest.mark.parametrize("what", ["project", "picture", "child"])
def test_deleting_what_it_is_made_of_takes_it_away_at_once(enter, parent, child, story, what):
    client = enter(parent)
    if what == "child":
        erasure.erase_child(child, by=None, at=timezone.now())
    elif what == "project":
        client.post(reverse("project_erase", args=[story.project_id]))
    else:
        client.post(reverse("project_file_erase", args=[story.project_id, story.picture_id]))
    assert reached(story) == GONE and not ShowcaseStory.objects.exists()


def test_merging_keeps_the_no_of_the_other_file(parent, child, version, story, front_desk):
    twin = ChildFactory(guardian=parent, first_name=child.first_name, birth_date=child.birth_date)
    say(version, twin, parent, False)
    assert child_merge.propose(twin, child, by=front_desk, at=timezone.now())
    story.refresh_from_db()
    assert story.project.child == twin and reached(story) == GONE


def test_managers_choose_by_picture_age_band_and_reference(enter, manager, project):
    client, url = enter(manager), reverse("office_showcase_story", args=[project.pk])
    pages = [client.get(reverse("office_showcase")), client.get(url)]
    for page in (page.content.decode().split("<main")[1] for page in pages):
        assert f"PR-{project.pk}" in page and "Yassmina" not in page and "Zerhouniya" not in page
        assert reverse("office_showcase_picture", args=[project.pk, project.picture.pk]) in page
    assert ReadRecord.objects.filter(what="projects", by_ref=manager.pk, child_ref=project.child_id).exists()
    form = {"picture": project.picture.pk, "title": "Mon robot", "story": "Sans nom."}
    answer = client.post(url, form)
    assert answer.status_code == 422 and "is_checked" in answer.context["form"].errors
    assert "Mon robot" in answer.content.decode(), "nothing typed is lost"
    client.post(url, form | {"is_checked": "on"})
    story = ShowcaseStory.objects.get()
    project.refresh_from_db()
    assert (story.title, story.story, project.story) == ("Mon robot", "Sans nom.", STORY)
    assert reached(story) == SHOWN
    page = enter(project.child.guardians.first()).get(reverse("project", args=[project.pk]))
    assert reverse("child_consents", args=[project.child_id]) in page.content.decode()


def test_without_a_yes_there_is_nothing_to_choose_and_nothing_to_approve(
    enter, manager, parent, child, version, project
):
    say(version, child, parent, False)
    client = enter(manager)
    assert list(client.get(reverse("office_showcase")).context["page_obj"]) == []
    form = {"picture": project.picture.pk, "title": "x", "story": "", "is_checked": "on"}
    answer = client.post(reverse("office_showcase_story", args=[project.pk]), form)
    assert answer.status_code == 422 and not ShowcaseStory.objects.exists()


def test_a_copy_says_what_is_in_the_showcase(parent, story):
    told = data_export.told_of(parent, timezone.now())["children"][0]["projects"][0]
    assert told["showcase"]["title"] == story.title


def test_nothing_is_said_kindly_and_the_address_is_kept_free(academy_settings):
    page = Client().get(reverse("showcase"))
    assert page.status_code == 200 and 'class="empty"' in page.content.decode()
    assert "showcase" in RESERVED
    for wrong in ("0", "2", "x"):
        assert Client().get(reverse("showcase"), {"page": wrong}).status_code == 404
    assert Client().get(reverse("showcase_remove", args=["0" * 32])).status_code == 404


def test_five_hundred_stories_are_read_page_by_page(version, project, parent, manager, queries):
    first = approved(project, manager)
    url, counts = reverse("showcase"), []
    for more in (0, 499):
        children = [ChildFactory(guardian=parent) for _each in range(min(more, 20))]
        for child in children:
            say(version, child, parent, True)
        for number in range(more):
            one = Project.objects.create(
                child=children[number % 20], title=f"P{number}", made_on=project.made_on,
                added_at=project.added_at, added_by_ref=1, fingerprint=str(number),
            )  # fmt: skip
            picture = ProjectFile.objects.create(
                project=one, kind="picture", name="x.jpg", size=1, digest="x", stored_as=f"x{number}"
            )
            ShowcaseStory.objects.create(
                project=one, picture=picture, band=first.band, title=f"P{number}",
                approved_at=timezone.now() + timedelta(seconds=number), approved_by_ref=1,
            )  # fmt: skip
        Client().get(url)
        with queries() as seen:
            page = Client().get(url)
        counts.append(len(seen))
    assert counts[0] == counts[1] and page.context["page_obj"].paginator.count == 500
    assert [one.title for one in page.context["stories"]] == [f"P{number}" for number in range(498, 474, -1)]
    last = Client().get(url, {"page": "2"})
    assert last.context["stories"][0].title == "P474"
