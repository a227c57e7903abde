"""Back after deleting: the page says that the thing is there no more, and tells a stranger nothing."""

import re

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from tests.works import made_by, photographed, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]


def test_back_after_deleting_says_so_and_leads_on_and_tells_a_stranger_nothing(
    enter, parent, other_parent, child
):
    project = made_by(child, parent, sent(), photographed())
    pages = ["project", "project_change", "project_erase"]
    client = enter(parent)
    client.post(reverse("project_erase", args=[project.pk]), follow=True)
    seen = set()
    for reader, key in ((client, project.pk), (client, 10**9), (enter(other_parent), project.pk)):
        for name in pages:
            answer = reader.get(reverse(name, args=[key]))
            page = answer.content.decode()
            assert answer.status_code == 404 and f'href="{reverse("family")}"' in page, name
            seen.add(re.sub(r"/projects/\d+/[a-z/]*", "", page.split("<main")[1].split("</main")[0]))
    (said,) = seen
    assert "Il a peut-être été supprimé." in said
    again = client.post(reverse("project_erase", args=[project.pk]))  # the button pressed twice
    assert again.status_code == 404 and "Il a peut-être été supprimé." in again.content.decode()
    assert enter(other_parent).get(reverse("child", args=[child.pk])).status_code == 404


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_page_of_another_role_tells_the_team_so_and_a_family_nothing(enter, front_desk, parent, language):
    with translation.override(language):
        team = gettext(
            "Or it is not open to you: some pages are for managers alone. Ask a manager if you need it."
        )
        family = gettext(
            "It may have moved, or the link may be incomplete. Your places and answers are safe."
        )
        closed, missing = reverse("office_coverage"), f"/{language}/office/nowhere/"
    for reader, words, others in ((front_desk, team, family), (parent, family, team)):
        bodies = set()
        for url in (closed, missing):
            answer = enter(reader).get(url)
            page = answer.content.decode()
            assert answer.status_code == 404 and words in page and others not in page
            bodies.add(page.split("<main")[1].split("</main")[0])
        assert len(bodies) == 1, "closed and missing look the same"
