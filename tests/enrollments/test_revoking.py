"""Revoking a certificate: final, so a page says first what it does; the revoked one no longer looks valid.
Issued again under a corrected name, it is called replaced, and each of the two leads to the other.
"""

import pytest
from django.urls import reverse

from enrollments.learning import certificates
from enrollments.models import Certificate, CertificateEvent, Child, Letter
from tests.enrollments.test_certificates import check, issued, over, seated, seen_in
from tests.enrollments.test_finished_sessions import enrolled, finished

__all__ = ["over"]  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


@pytest.fixture
def certificate(parent, child, manager, now):
    session = finished()
    enrolled(session, parent, child)
    return certificates.issue(session, {child.pk: ""}, by=manager, at=now)[0]


def test_a_certificate_is_revoked_on_a_page_that_says_what_it_does(logged_in, manager, certificate):
    shown, url = (reverse(f"office_certificate{end}", args=[certificate.pk]) for end in ("", "_revoke"))
    client = logged_in(manager)
    page = client.get(shown).content.decode()
    assert f'href="{url}"' in page and 'value="revoke"' not in page
    client.post(shown, {"act": "revoke"})
    page = client.get(url).content.decode()
    assert "Révoquer ce certificat" in page and "définitive" in page and "e-mail" in page
    certificate.refresh_from_db()
    assert certificate.is_valid and not Letter.objects.filter(kind="certificate_revoked").exists()
    assert client.post(url).url == shown
    certificate.refresh_from_db()
    assert not certificate.is_valid and client.get(url).url == shown


def test_a_revoked_certificate_carries_the_mark_and_is_not_called_valid(
    logged_in, manager, parent, certificate, now
):
    for person, route, args in (
        (manager, "office_certificate", [certificate.pk]),
        (parent, "certificate", [certificate.child_id, certificate.pk]),
    ):
        url = reverse(route, args=args)
        paper = logged_in(person).get(url).content.decode().split('class="certificate"')[1]
        assert "Révoqué" not in paper and "certificate__qr" in paper
    certificates.revoke(certificate, by=manager, at=now)
    for person, route, args in (
        (manager, "office_certificate", [certificate.pk]),
        (parent, "certificate", [certificate.child_id, certificate.pk]),
    ):
        url = reverse(route, args=args)
        paper = logged_in(person).get(url).content.decode().split('class="certificate"')[1]
        assert "Révoqué" in paper and "certificate__qr" not in paper
        assert "Tout le monde peut vérifier" not in paper


def test_a_corrected_name_makes_a_new_code_and_the_old_one_says_revoked(
    logged_in, manager, parent, over, now, client
):
    child = seated(over, parent)
    old = issued(over, child, manager, now)
    url = reverse("office_certificate", args=[old.pk])
    office = logged_in(manager)
    assert office.post(url, {"act": "reissue"}).status_code == 422, "nothing to correct"
    Child.objects.filter(pk=child.pk).update(last_name="Lamrani", last_name_ar="العمراني")
    type(over.course).objects.filter(pk=over.course_id).update(title_fr="Un autre titre")
    listed = office.get(reverse("office_certificates", args=[over.pk])).content.decode()
    assert "porte un autre nom" in listed
    asked = office.post(url, {"act": "reissue"})
    said = asked.content.decode()
    assert asked.status_code == 422 and Certificate.objects.count() == 1
    assert "Salma El Amrani" in said and "Salma Lamrani" in said and "العمراني" in said
    seen = {"act": "reissue", "seen": seen_in(asked)}
    assert [office.post(url, seen).status_code for _press in range(2)] == [302, 302]
    new = Certificate.objects.valid().get()
    old.refresh_from_db()
    assert (new.last_name, new.title_fr, new.ground) == ("Lamrani", old.title_fr, "completed")
    assert (old.last_name, old.revoked_for, old.revoked_by_ref) == ("El Amrani", "name", manager.pk)
    assert new.code != old.code and Certificate.objects.count() == 2
    acts = CertificateEvent.objects.order_by("pk").values_list("what", flat=True)
    assert list(acts) == ["issued", "revoked", "issued"]
    assert (
        "porte un autre nom"
        not in office.get(reverse("office_certificates", args=[over.pk])).content.decode()
    )
    assert "a été remplacé. Il n’est plus valable" in (page := check(client, old.code).content.decode())
    assert new.code not in page and new.shown_code not in page
    assert "est valable" in check(client, new.code).content.decode()
    for asked, other in ((old, new), (new, old)):
        page = office.get(reverse("office_certificate", args=[asked.pk])).content.decode()
        assert f'href="{reverse("office_certificate", args=[other.pk])}"' in page
    page = logged_in(parent).get(reverse("certificate", args=[child.pk, old.pk])).content.decode()
    assert "Le nom a été corrigé" in page and "Révoqué" not in page
    assert f'href="{reverse("certificate", args=[child.pk, new.pk])}"' in page
    assert Letter.objects.filter(kind="certificate", recipient=parent).count() == 2
