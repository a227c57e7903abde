"""What a process keeps of the pages of families: their parts are shared, and nobody finds another's names."""

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollments.families import consents
from enrollments.models import Enrollment, Letter
from home.cms import shared
from tests.factories import ChildFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db
NAMES = ('Zoé "O\'Hara" <b>', "Wassim & fils")


@pytest.fixture
def keeping(settings):
    settings.VISITOR_CACHE_SECONDS = 10
    shared.forget()
    yield
    shared.forget()


@pytest.fixture
def families():
    found = []
    for name in NAMES:
        guardian = UserFactory(language="fr")
        consents.accept_compulsory(guardian, language="fr", at=timezone.now())
        found.append((guardian, ChildFactory(guardian=guardian, age=10, first_name=name, last_name="")))
    return found


def escaped(name: str) -> str:
    return (
        name.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#x27;")
    )


def test_two_families_share_parts_and_find_their_own_names(keeping, families, logged_in, site_tree):
    """Each page, letter and address is of the one who asks, whatever was kept of the other."""
    session = SessionFactory(capacity=5)
    for _time in range(2):  # the second round meets what the first one kept
        for (guardian, child), other in zip(families, reversed(NAMES), strict=True):
            client = logged_in(guardian)
            form = reverse("enroll", args=[session.pk])
            pages = [reverse("family")]
            if Enrollment.objects.filter(child=child).exists():
                pages.append(reverse("enrollment", args=[Enrollment.objects.get(child=child).reference]))
            else:
                body = client.get(form).content.decode()
                assert f'value="{child.pk}"' in body and f'data-name="{escaped(child.first_name)}"' in body
                assert escaped(other) not in body and "\ue000" not in body
                pages.append(client.post(form, {"children": [child.pk]}).url)
            for page in pages:
                body = client.get(page).content.decode()
                assert escaped(child.first_name) in body, page
                assert escaped(other) not in body and other not in body and "\ue000" not in body, page
                assert reverse("child_collection", args=[child.pk]) in body, page


def test_a_letter_says_names_as_they_are_and_facts_as_they_are_now(keeping, families, logged_in, site_tree):
    session = SessionFactory(capacity=5)
    for guardian, child in families:
        logged_in(guardian).post(reverse("enroll", args=[session.pk]), {"children": [child.pk]})
        session.room.venue.name_fr = f"Salle de {child.pk}"
        session.room.venue.save()
    first, second = (Letter.objects.get(recipient=guardian).body for guardian, _child in families)
    assert NAMES[0] in first and NAMES[1] not in first and NAMES[1] in second and NAMES[0] not in second
    assert f"Salle de {families[0][1].pk}" in second, "a venue that has changed is another part"
    assert f"Salle de {families[0][1].pk}" not in first and "\ue000" not in first + second
