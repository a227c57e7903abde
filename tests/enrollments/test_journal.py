"""The journal of exports, changed phones and failed sign-ins, and the register for the CNDP."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from enrollments.models import AccountEvent, CertificateEvent, GuardianEvent, ReadRecord, RoleEvent
from enrollments.privacy import copy_requests, inventory, journal, retention
from tests.factories import PASSWORD, SessionFactory
from tests.works import made_by, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]


def kinds(page) -> list[str]:
    return [entry.what for entry in page.context["entries"]]


@pytest.fixture
def season(logged_in, manager, parent, child):
    """One entry of each kind, made at the doors people use."""
    session = SessionFactory()
    client = logged_in(parent)
    client.post(reverse("account_details"), {"name": parent.name, "phone": "0661000777", "language": "fr"})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("privacy_copy"))
    copy_requests.make_due(timezone.now())
    Client().post(reverse("account_login"), {"login": parent.email, "password": "wrong-wrong"})
    at = timezone.now()
    RoleEvent.objects.create(user_ref=manager.pk, role="Editors", what="given", by_ref=manager.pk, at=at)
    GuardianEvent.objects.create(
        child_ref=child.pk, guardian_ref=parent.pk, what="added", rights="full", by_ref=None, at=at
    )
    project = made_by(child, parent, sent())
    client.get(reverse("child_projects_zip", args=[child.pk])).getvalue()
    client.post(reverse("project_erase", args=[project.pk]))
    CertificateEvent.objects.create(
        certificate_ref=1, child_ref=child.pk, what="issued", reason="completed", by_ref=manager.pk, at=at
    )
    AccountEvent.objects.create(what="photo_hidden", child_ref=child.pk, by_ref=parent.pk, at=at)
    AccountEvent.objects.create(what="story_hidden", child_ref=child.pk, by_ref=None, at=at)
    AccountEvent.objects.create(what="print_back", child_ref=child.pk, by_ref=manager.pk, at=at)
    ReadRecord.objects.create(what="file", child_ref=child.pk, by_ref=manager.pk, at=at)
    ReadRecord.objects.create(what="export", child_ref=child.pk, by_ref=manager.pk, at=at)
    return session


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("exports", {"a copy", "export", "work_a copy"}),
        ("projects", {"work_deleted"}),
        ("photos", {"photo_hidden"}),
        ("showcase", {"story_hidden"}),
        ("prints", {"print_back"}),
        ("phones", {"phone"}),
        ("signing_in", {"login_failed"}),
        ("roles", {"given"}),
        ("guardians", {"added"}),
        ("certificates", {"issued"}),
    ],
)
def test_each_kind_is_shown_and_looks_at_a_file_are_not(season, logged_in, manager, kind, found):
    rows = journal.rows(kind)
    assert {str(row["word"]).replace("copy", "a copy") for row in rows} == found
    with translation.override("en"):
        page = logged_in(manager).get(reverse("office_journal"), {"kind": kind})
    assert page.status_code == 200 and len(kinds(page)) == len(found)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_journal_names_nobody(season, logged_in, manager, parent, child, language):
    with translation.override(language):
        page = logged_in(manager).get(reverse("office_journal")).content.decode()
    main = page.split("<main")[1]
    for secret in (parent.name, parent.email, "661000777", child.first_name, child.last_name):
        assert secret not in main
    assert f"U-{parent.pk}" in main


def test_a_day_is_a_day_of_morocco_and_a_strange_one_is_told(season, logged_in, manager):
    today, client = timezone.localdate(), logged_in(manager)
    url = reverse("office_journal")
    assert kinds(client.get(url)) == kinds(client.get(url, {"day": f"{today:%d/%m/%Y}"}))
    assert kinds(client.get(url, {"day": f"{today - timedelta(days=1):%d/%m/%Y}"})) == []
    for strange in ("31/02/2026", "x", "\0", "9" * 50):
        page = client.get(url, {"day": strange})
        assert page.status_code == 422 and page.context["form"].errors["day"]
    assert client.get(url, {"kind": "x"}).status_code == 422


def test_the_journal_has_pages_and_keeps_its_filter(logged_in, manager, queries):
    at = timezone.now()
    asked = []
    for number in range(500):
        AccountEvent.objects.create(what="phone", user_ref=number + 1, at=at - timedelta(minutes=number))
        if number in (0, 499):
            client = logged_in(manager)
            client.get(reverse("office_journal"))
            with queries() as seen:
                page = client.get(reverse("office_journal"), {"kind": "phones"})
            asked.append(len(seen))
    assert asked[0] == asked[1]
    assert len(kinds(page)) == 50 and "kind=phones&amp;page=2" in page.content.decode()
    last = client.get(reverse("office_journal"), {"kind": "phones", "page": "10"})
    assert len(kinds(last)) == 50 and client.get(reverse("office_journal"), {"page": "11"}).status_code == 404


def test_the_same_phone_saved_again_is_no_change(logged_in, parent):
    details = {"name": "Autre Nom", "phone": str(parent.phone), "language": "ar"}
    logged_in(parent).post(reverse("account_details"), details)
    assert not AccountEvent.objects.exists()


def test_a_changed_relationship_is_recorded_at_both_doors_in_codes(
    logged_in, front_desk, manager, parent, child
):
    tie = child.guardianships.get()
    before = tie.relation
    own, office = (
        reverse("guardian_relation", args=[child.pk]),
        reverse("office_guardian_relation", args=[child.pk, tie.pk]),
    )
    client = logged_in(parent)
    client.post(own, {"relation": before})
    assert not GuardianEvent.objects.filter(what="relation").exists(), "the same again is no change"
    client.post(own, {"relation": "other"})
    logged_in(front_desk).post(office, {"relation": "father"})
    found = GuardianEvent.objects.filter(what="relation", child_ref=child.pk, guardian_ref=parent.pk)
    assert list(found.order_by("pk").values_list("reason", "by_ref")) == [
        (f"{before}.other", parent.pk),
        ("other.father", front_desk.pk),
    ]
    assert len(kinds(logged_in(manager).get(reverse("office_journal"), {"kind": "guardians"}))) == 2


@pytest.mark.parametrize(("days", "stays"), [(366, True), (367, False)])
def test_an_entry_goes_after_a_year(parent, days, stays):
    now = timezone.now()
    AccountEvent.objects.create(what="phone", user_ref=parent.pk, at=now)
    retention.retain(now + timedelta(days=days), apply=True)
    assert AccountEvent.objects.exists() is stays


# ---- the register of processing


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_register_lists_what_is_processed_on_screen_and_on_paper(logged_in, manager, language):
    client = logged_in(manager)
    with translation.override(language):
        page = client.get(reverse("office_processing"))
        paper = client.get(reverse("office_processing_pdf"))
        sheets = page.context["sheets"]
        rows = sheets[1].rows
        assert [row[0] for row in rows] == [str(heading.what) for heading in inventory.HEADINGS.values()]
        assert all(all(cell.strip() for cell in row) for sheet in sheets for row in sheet.rows)
    assert paper["Content-Type"] == "application/pdf"
    text = "".join(part.extract_text() for part in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    assert len(text) > 1500 and "[?]" not in text


# ---- periods: one number for the words and for the job


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_words_follow_the_number(language):
    with translation.override(language):
        for period in inventory.PERIODS:
            assert period.count <= 2 or str(period.count) in str(period)
        assert "{" not in "".join(str(heading.until) for heading in inventory.HEADINGS.values())
        assert str(inventory.LETTER) in str(inventory.HEADINGS["letters"].until)
    assert timedelta(days=inventory.LETTER.count) == retention.LETTER


NUMBERS = {1: "one", 3: "three", 5: "five", 10: "ten"}


def test_the_page_about_privacy_says_the_same_periods(settings):
    text = (settings.BASE_DIR / "academy/docs/privacy.md").read_text()
    for period in inventory.PERIODS:
        number = NUMBERS.get(period.count, period.count)
        words = f"{number} {period.unit}{'' if period.count == 1 else 's'}"
        assert words in text, words
