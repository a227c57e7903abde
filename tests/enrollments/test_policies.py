"""Policies: drafts, versions, and the text that is read."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape

from enrollments.families import consents
from enrollments.models import Policy, PolicyText
from tests.enrollments.test_consents import new_version


def test_a_policy_is_read_by_everybody_in_each_language_and_each_version(client, policies):
    new_version("terms")
    for language in ("fr", "ar", "en"):
        assert f"Titre {language}" in client.get(f"/{language}/policies/terms/").content.decode()
        old = client.get(f"/{language}/policies/terms/?version=1").content.decode()
        assert conditional_escape(policies["terms"].text(language).title) in old
    for missing in (
        "/fr/policies/nothing/",
        "/fr/policies/terms/?version=9",
        "/fr/policies/terms/?version=x",
    ):
        assert client.get(missing).status_code == 404


def test_the_fingerprint_of_a_text_is_for_managers(client, logged_in, parent, manager, policies):
    fingerprint, url = policies["terms"].text("fr").sha256, "/fr/policies/terms/?version=1"
    assert fingerprint not in client.get(url).content.decode() + logged_in(parent).get(url).content.decode()
    assert fingerprint in logged_in(manager).get(url).content.decode()


def test_a_draft_is_seen_by_managers_only_and_published_once(
    client, logged_in, manager, front_desk, policies
):
    policy = Policy.objects.get(code="terms")
    form = {f"{part}_{code}": f"Mot {part}" for part in ("title", "body") for code in ("fr", "ar", "en")}
    address, publish = (
        reverse("office_policy", args=["terms"]),
        reverse("office_policy_publish", args=["terms"]),
    )
    assert logged_in(front_desk).post(address, form).status_code == 404
    manager_client = logged_in(manager)
    assert manager_client.post(address, form | {"body_ar": ""}).status_code == 422
    assert manager_client.post(address, form | {"body_fr": "caché\u202e"}).status_code == 422
    for _time in range(2):
        assert manager_client.post(address, form).status_code == 302
    assert policy.versions.count() == 2
    assert client.get("/fr/policies/terms/?version=2").status_code == 404
    for _time in range(2):
        assert manager_client.post(publish).status_code == 302
    assert client.get("/fr/policies/terms/?version=2").status_code == 200
    with pytest.raises(consents.Published):
        consents.publish(policy.versions.get(number=2), by=manager, at=timezone.now())


def test_the_fingerprint_is_of_what_is_read(policies):
    for text in PolicyText.objects.all():
        assert text.sha256 == PolicyText.fingerprint(text.title, text.body)


def test_prose_shows_words_and_runs_nothing():
    from enrollments.templatetags.enrollments_tags import prose

    assert prose("## A <b>\nb\n\n<script>x</script>") == (
        "<h2>A &lt;b&gt;</h2><p>b</p><p>&lt;script&gt;x&lt;/script&gt;</p>"
    )
