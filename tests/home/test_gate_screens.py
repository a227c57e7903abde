"""The gate in the CMS: the panel of checks, the list of problems, the first screen."""

from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation
from wagtail.models import Page

from home.cms import publishing
from home.cms.gate import open_problems
from home.cms.gate.open_problems import PageProblem
from home.cms.gate.problems import Severity
from home.cms.gate.screens import ProblemsView
from home.models import FaqPage, Picture
from tests.factories import grant_roles
from tests.home.test_gate import drafted
from tests.photos import lying, saved

LANGUAGES = ("fr", "ar", "en")


@pytest.fixture
def tree(site_tree, academy_settings):
    grant_roles()
    return site_tree


@pytest.fixture
def picture(db):
    file = ContentFile(saved(lying(), "PNG"), name="robot.png")
    return Picture.objects.create(title="Robot", file=file)


@pytest.fixture
def asking(tree):
    return drafted(tree, kind=FaqPage, title="Tarifs", intro="Un robot coûte 250 DH, ou 300 DH.")


@pytest.mark.parametrize(
    ("language", "heading", "weight"),
    [("fr", "Avant la publication", "demande une raison"), ("ar", "قبل النشر", "يتطلب تعليلا")],
)
def test_the_panel_of_checks_names_each_problem_with_a_link_to_its_field(
    asking, editor, logged_in, language, heading, weight
):
    url = reverse("wagtailadmin_pages:edit", args=[asking.pk])
    page = logged_in(editor).get(url, headers={"accept-language": language}).content.decode()
    panel = unescape(page.split('class="cms-gate', 1)[1].split("data-content-word-count")[0])
    assert heading in panel and panel.count(weight) == 2
    assert panel.count(f'href="{url}#:w:contentpath=intro"') == 2
    assert reverse("page_reasons", args=[asking.pk]) in panel


def test_the_panel_says_when_nothing_is_in_the_way(tree, editor, logged_in):
    page = logged_in(editor).get(reverse("wagtailadmin_pages:edit", args=[drafted(tree).pk]))
    assert "Rien n’empêche la publication" in unescape(page.content.decode())


def test_saving_a_draft_notes_its_problems_and_correcting_it_deletes_them(
    tree, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        page = drafted(tree, intro="250 DH")
    assert [row.problem.sentence for row in PageProblem.objects.filter(page=page)] == [
        problem.sentence for problem in publishing.open_problems(page)
    ]
    page.intro = ""
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision()
    assert not PageProblem.objects.filter(page=page).exists()


def test_the_night_finds_what_changed_under_a_page(tree, picture, now):
    picture.shows_children, picture.release = True, "D-7"
    picture.save()
    page = drafted(tree, social_image=picture)
    page.get_latest_revision().publish()
    open_problems.keep_all(now)
    assert not PageProblem.objects.filter(page=page).exists()
    Picture.objects.update(release="")
    assert open_problems.keep_all(now) == 1
    assert PageProblem.objects.get(page=page).severity == Severity.STOPS


def test_the_fault_of_a_form_is_kept_in_every_language(tree):
    page = drafted(tree, kind=FaqPage)
    FaqPage.objects.filter(pk=page.pk).update(intro="x" * 401, has_unpublished_changes=False)
    open_problems.keep(Page.objects.get(pk=page.pk))
    row, said = PageProblem.objects.get(page=page), set()
    for language in LANGUAGES:
        with translation.override(language):
            said.add(row.problem.sentence)
    assert len(said) == 3 and all("40" in words for words in said)


@pytest.fixture
def listed(tree, now):
    """A French page that is stopped, an Arabic one that asks."""
    stopped = drafted(tree, title="Arrêtée")
    PageProblem.objects.create(page=stopped, severity=Severity.STOPS, code="no_lead", field="lead")
    asks = drafted(tree, "ar", title="سؤال", intro="250 DH")
    open_problems.keep(Page.objects.get(pk=asks.pk))
    return stopped, asks


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1]),
        ({"language": "ar"}, [1]),
        ({"severity": "stops"}, [0]),
        ({"language": "fr", "severity": "asks"}, []),
        ({"language": "xx", "severity": "yy"}, [0, 1]),
    ],
)
def test_the_list_is_read_by_language_and_weight_the_gravest_first(listed, editor, logged_in, asked, found):
    answer = logged_in(editor).get(reverse("page_problems"), asked)
    pages = [page.pk for page in answer.context["object_list"]]
    assert pages == [listed[number].pk for number in found]


def test_the_list_is_exported(listed, editor, logged_in):
    answer = logged_in(editor).get(reverse("page_problems"), {"export": "csv"})
    assert "250 DH" in answer.getvalue().decode()


def test_the_list_has_pages_and_as_many_queries_for_three_hundred_pages_as_for_one(
    tree, editor, logged_in, queries
):
    client, url = logged_in(editor), reverse("page_problems")
    counts = []
    home = tree.home["fr"]
    client.get(url)
    for number in (1, 3, 300):
        while PageProblem.objects.count() < number:
            have = PageProblem.objects.count()
            new = [
                Page(
                    title=f"P{at}",
                    slug=f"p-{at}",
                    path=f"{home.path}{at + 100:04d}",
                    depth=3,
                    url_path=f"/p-{at}/",
                    content_type=home.content_type,
                    locale=tree.locales["fr"],
                )
                for at in range(have, number)
            ]
            Page.objects.bulk_create(new)
            PageProblem.objects.bulk_create(
                PageProblem(page_id=page.pk, severity="asks", code="typed_price", values={"words": "1 DH"})
                for page in new
            )
        with queries() as seen:
            answer = client.get(url)
        counts.append(len(seen))
    assert len(set(counts)) == 1 and counts[0] <= 20, counts
    assert len(answer.context["object_list"]) == 30 and "?p=2" in answer.content.decode()


def test_the_first_screen_counts_what_is_open_with_a_link(listed, editor, logged_in):
    home = unescape(logged_in(editor).get(reverse("wagtailadmin_home")).content.decode())
    panel = home.split('id="page-problems', 1)[1].split("</section>")[0]
    assert "Empêche la publication (1)" in panel and "Demande une raison (1)" in panel
    assert reverse("page_problems") in panel


def test_the_file_of_the_list_calculates_nothing_and_is_in_the_readers_language(tree, editor, logged_in):
    open_problems.keep(drafted(tree, title="=1+1", intro="250 DH"))
    url = f"{reverse('page_problems')}?export=csv"
    file = b"".join(logged_in(editor).get(url).streaming_content).decode()
    assert "\n'=1+1," in file.replace("\r", "") and "\n=1+1," not in file
    with translation.override("ar"):
        assert str(ProblemsView.export_headings["locale"]) == "اللغة"
