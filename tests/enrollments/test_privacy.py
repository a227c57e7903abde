"""Privacy: stored data is declared, shown, exported for its owner, and erased."""

import io
import json
import re
import zipfile
from datetime import time, timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session as Login
from django.core.cache import caches
from django.db import connection, models
from django.urls import reverse
from django.utils import timezone, translation

from enrollments.families import guardians, pickup, safety_notes
from enrollments.letters import outbox
from enrollments.models import (
    Child,
    Consent,
    DataCopy,
    Enrollment,
    ErasureAgreement,
    Guardianship,
    Letter,
    PlaceEvent,
    ReadRecord,
)
from enrollments.places import admission
from enrollments.privacy import access_log, copy_requests, data_export, erasure, inventory, retention
from tests.classes import written_about
from tests.factories import PASSWORD, ChildFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.works import copy_path, made_by, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
User = get_user_model()


@pytest.fixture
def second(child, other_parent):
    """Return the other parent, with full rights."""
    GuardianshipFactory(child=child, guardian=other_parent)
    return other_parent


@pytest.fixture
def proved(logged_in):
    """`proved(user)`: signed in, and the password confirmed just now."""

    def enter(user):
        client = logged_in(user)
        assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
        return client

    return enter


# ---- the register


def leads_to_a_person(model) -> bool:
    """Return whether a field leads to a person: a relation to an account or child, a bare id, or a relation
    to such a row.
    """
    people = {User, Child}
    for field in model._meta.get_fields():
        if isinstance(field, models.Field) and (field.related_model in people or field.name.endswith("_ref")):
            return True
        label = field.related_model._meta.label if isinstance(field, models.ForeignKey) else ""
        if label in inventory.HOLDINGS and inventory.HOLDINGS[label].heading != "team":
            return True
    return model in people


def test_every_model_that_leads_to_a_person_is_declared():
    found = {
        model._meta.label for model in apps.get_models(include_auto_created=True) if leads_to_a_person(model)
    }
    assert found - set(inventory.HOLDINGS) == set()
    gone = {
        label
        for label in inventory.HOLDINGS
        if not apps.is_installed(apps.get_model(label)._meta.app_config.name)
    }
    assert gone == set()


def test_every_declaration_says_why_until_when_and_what_erasure_does():
    for holding in inventory.HOLDINGS.values():
        assert holding.heading in inventory.HEADINGS
        assert holding.erasure in {"deleted", "emptied", "reference", "team"}
    assert all(heading.what and heading.why and heading.until for heading in inventory.headings())


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_parent_reads_what_is_kept_why_and_who_has_looked(logged_in, parent, child, front_desk, language):
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=front_desk, at=timezone.now())
    with translation.override(language):
        page = logged_in(parent).get(reverse("privacy")).content.decode()
        for heading in inventory.headings():
            for words in (heading.what, heading.why, heading.until):
                assert str(words) in page.replace("&#x27;", "'").replace("&#39;", "'")
        assert front_desk.get_short_name() in page and str(ReadRecord.What.FILE.label) in page.replace(
            "&#x27;", "'"
        )


def test_the_copy_of_ones_data_stands_first_and_every_part_is_one_tap_from_the_top(logged_in, parent, child):
    client = logged_in(parent)
    page = client.get(reverse("privacy")).content.decode().split("<main")[1]
    parts = re.findall(r'href="#([a-z]+)"', page)
    places = [page.index(f'id="{part}"') for part in parts]
    assert parts == ["copy", "rights", "looked", "kept"] and places == sorted(places)
    assert page.index(reverse("privacy_copy")) < page.index("<table")
    assert f'href="{reverse("privacy")}"' in client.get(reverse("family")).content.decode()
    here = client.get(reverse("child", args=[child.pk])).content.decode()
    assert f'href="{reverse("privacy")}#copy"' in here


def test_an_informed_guardian_is_not_told_who_has_looked(logged_in, child, other_parent, front_desk):
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=front_desk, at=timezone.now())
    assert front_desk.get_short_name() not in logged_in(other_parent).get(reverse("privacy")).content.decode()


# ---- a copy


def fill(child, parent):
    """Create a row of every kind."""
    at = timezone.now()
    person = {"name": "Mamie Zerhouniya", "relation": "grand-mère", "phone": "+212600009991"}
    contact = {"name": "Oncle Zerhouniya", "relation": "oncle", "phone": "+212600009992"}
    pickup.settle_collection(child, persons=[person], may_go_alone=True, emergency=contact, by=parent, at=at)
    safety_notes.write_note(child, parts={"may_happen": "zerhounite aigüe"}, by=parent, at=at)
    guardians.invite(
        children=[child], relation="other", rights="informed", email="tante@example.org", by=parent, at=at
    )
    written_about(child, parent, at)
    made_by(child, parent, sent("zerfichier.py", b"# zercontenu"), title="Zerprojet", story="zerhistoire")


def opened(client, parent) -> dict[str, str]:
    client.post(reverse("privacy_copy"))
    copy_requests.make_due(timezone.now())
    answer = client.get(reverse("privacy_download", args=[DataCopy.objects.get(user=parent).name]))
    assert answer["Content-Disposition"].startswith("attachment") and "no-store" in answer["Cache-Control"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return {name.rpartition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


def test_a_copy_holds_the_askers_data_and_the_childs_and_nothing_of_another_guardian(
    proved, parent, child, second, front_desk
):
    fill(child, parent)
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=front_desk, at=timezone.now())
    files = opened(proved(parent), parent)
    assert set(files) == {"active-labs.json", "active-labs.html", "texte.txt", "zerfichier.py"}
    told = json.loads(files["active-labs.json"])
    assert told["account"]["email"] == parent.email and told["children"][0]["first_name"] == "Yassmina"
    assert told["children"][0]["safety_note"]["may_happen"] == "zerhounite aigüe"
    assert files["zerfichier.py"] == "# zercontenu" and "zerhistoire" in files["texte.txt"]
    assert told["children"][0]["may_collect"][0]["phone"] == "+212600009991"
    for text in files.values():
        for foreign in (second.email, second.name, str(second.phone), front_desk.name, front_desk.email):
            assert foreign not in text


def test_a_copy_is_its_owners_alone_and_lasts_a_day(client, proved, parent, child, other_parent):
    copy = data_export.make(parent, at=timezone.now())
    url = reverse("privacy_download", args=[copy.name])
    assert proved(other_parent).get(url).status_code == 404
    client.logout()
    assert client.get(url).url.startswith(reverse("account_login"))
    DataCopy.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert proved(parent).get(url).status_code == 404
    retention.retain(timezone.now(), apply=True)
    assert not copy_path(copy).exists() and not DataCopy.objects.exists()


def test_the_password_is_asked_again_before_a_copy_or_an_erasure(client, parent, child):
    client.post(reverse("account_login"), {"login": parent.email, "password": PASSWORD})
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1.0, "email": parent.email}]
    session.save()
    asked = [
        client.post(reverse("privacy_copy")),
        client.get(reverse("child_erase", args=[child.pk])),
        client.get(reverse("account_erase")),
        client.post(reverse("account_erase")),
    ]
    assert all(answer.url.startswith(reverse("account_reauthenticate")) for answer in asked)
    assert User.objects.filter(pk=parent.pk).exists() and not DataCopy.objects.exists()


def test_a_note_that_no_key_opens_is_told_in_the_copy(parent, child, settings):
    fill(child, parent)
    settings.SAFETY_KEYS = ["A" * 43 + "="]
    told = data_export.told_of(parent, timezone.now())
    assert "cannot be read" in told["children"][0]["safety_note"]


# ---- a child is forgotten


def dump() -> str:
    """Return every value of every table, as the database stores it."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    logins = [str(login.get_decoded()) for login in Login.objects.all()]  # packed in the table
    return "\n".join([*(str(value) for row in rows for value in row), *logins])


def remembered() -> bytes:
    """Return everything in the caches, as they keep it in memory."""
    return b"\n".join(value for name in settings.CACHES for value in caches[name]._cache.values())


def test_erasing_a_child_and_its_account_leaves_no_personal_string(
    proved, parent, child, tmp_path, capfd, caplog, django_capture_on_commit_callbacks
):
    fill(child, parent)
    place = admission.enroll(child=child, session=SessionFactory(), by=parent, at=timezone.now())
    Enrollment.objects.filter(pk=place.pk).update(state="withdrawn", seat_ended_at=timezone.now())
    client = proved(parent)
    client.post(reverse("privacy_copy"))
    copy_requests.make_due(timezone.now())
    outbox.write("guardian_added", to=parent, at=timezone.now(), child=child, name="Yassmina")
    phone = str(parent.phone)
    strings = [
        "Yassmina",
        "Zerhouniya",
        "ياسمينة",
        "zerhouniya",
        parent.email,
        parent.name,
        phone,
        "+212600009991",
        "+212600009992",
        "tante@example.org",
        "Mamie",
        "zerremarque",
        "Zervoisine",
        "zermot",
        "zerchute",
        "zerglace",
        "zermere",
        "Zerlaissez",
        "Zerprojet",
        "zerhistoire",
        "zerfichier",
        "ZERCODE",
        "zerhounite",
    ]
    contents = [path.read_bytes() for path in (tmp_path / "private").rglob("*") if path.is_file()]
    assert contents == [b"# zercontenu"]
    before = dump()
    assert all(string in before for string in strings if string != "zerhounite"), (
        "the search finds what is there"
    )
    for page in ("family", "privacy", "account_details"):
        assert client.get(reverse(page)).status_code == 200
    caches["default"].set("control", parent.name)
    assert parent.name.encode() in remembered(), "the search finds what is there"
    caches["default"].delete("control")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("account_erase"))
    assert answer.status_code == 302 and "_auth_user_id" not in client.session
    after = dump()
    assert [string for string in strings if string in after] == []
    assert [string for string in strings if string.encode() in remembered()] == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    spoken = "".join(capfd.readouterr()) + caplog.text
    assert [string for string in strings if string in spoken] == []
    place.refresh_from_db()
    assert place.child.erased_at and place.enrolled_by is None and place.price >= 0
    assert PlaceEvent.objects.filter(child_ref=child.pk).exists()


def test_a_child_is_erased_only_when_every_full_guardian_has_said_yes(proved, parent, second, child):
    url = reverse("child_erase", args=[child.pk])
    assert proved(parent).post(url, {"answer": "yes"}).url == url
    child.refresh_from_db()
    assert child.erased_at is None
    asked = Letter.objects.get(kind="erasure_asked")
    assert asked.recipient == second and f"/family/children/{child.pk}/erase/" in asked.body
    proved(parent).post(url, {"answer": "yes"})
    assert Letter.objects.filter(kind="erasure_asked").count() == 1, (
        "the same button again writes no second letter"
    )
    assert proved(second).post(url, {"answer": "yes"}).url == reverse("family")
    child.refresh_from_db()
    assert (
        child.erased_at and child.first_name == "" and not Guardianship.objects.filter(child=child).exists()
    )


def test_a_yes_is_taken_back(proved, parent, second, child):
    url = reverse("child_erase", args=[child.pk])
    proved(parent).post(url, {"answer": "yes"})
    proved(parent).post(url, {"answer": "no"})
    assert not ErasureAgreement.objects.exists()
    proved(second).post(url, {"answer": "yes"})
    child.refresh_from_db()
    assert child.erased_at is None


def test_what_must_be_cancelled_first_is_named_and_linked(proved, parent, manager, child, now):
    held = admission.enroll(child=child, session=SessionFactory(), by=parent, at=now)
    full = SessionFactory(starts=time(9), ends=time(10), capacity=1)
    admission.enroll(child=ChildFactory(guardian=UserFactory(), age=10), session=full, by=None, at=now)
    waits = admission.enroll(child=child, session=full, by=parent, at=now)
    assert (held.state, waits.state) == ("seated", "waiting")
    for url in (reverse("child_erase", args=[child.pk]), reverse("account_erase")):
        page = proved(parent).get(url).content.decode()
        for row in (held, waits):
            assert row.session.course.title in page and row.reference in page
            assert reverse("place_leave", args=[row.pk]) in page
    page = proved(manager).get(reverse("office_child_erase", args=[child.pk])).content.decode()
    assert all(reverse("office_place", args=[row.pk]) in page for row in (held, waits))


def test_a_child_with_a_place_is_not_erased_and_the_reason_is_said(proved, parent, manager, child):
    admission.enroll(child=child, session=SessionFactory(), by=parent, at=timezone.now())
    page = proved(parent).post(reverse("child_erase", args=[child.pk]), {"answer": "yes"})
    assert page.status_code == 409 and "a une place" in page.content.decode()
    assert proved(manager).post(reverse("office_child_erase", args=[child.pk])).status_code == 409
    assert proved(parent).post(reverse("account_erase")).status_code == 409
    child.refresh_from_db()
    assert child.erased_at is None and User.objects.filter(pk=parent.pk).exists()


def test_an_informed_guardian_a_stranger_and_the_desk_erase_nobody(proved, child, other_parent, front_desk):
    url = reverse("child_erase", args=[child.pk])
    assert proved(other_parent).post(url, {"answer": "yes"}).status_code == 404
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed")
    assert proved(other_parent).post(url, {"answer": "yes"}).status_code == 404
    assert proved(front_desk).post(reverse("office_child_erase", args=[child.pk])).status_code == 404
    with pytest.raises(erasure.Refused):
        erasure.erase_child(child, by=front_desk, at=timezone.now())


def test_a_manager_erases_a_file_and_it_is_nowhere_afterwards(proved, manager, parent, second, child):
    client, file = proved(manager), reverse("office_child", args=[child.pk])
    assert second.name in client.get(reverse("office_child_erase", args=[child.pk])).content.decode()
    client.post(reverse("office_child_erase", args=[child.pk]))
    assert client.get(file).status_code == 404
    assert not client.get(reverse("office_people"), {"q": "Zerhouniya"}).context["page_obj"].object_list
    assert proved(parent).get(reverse("child", args=[child.pk])).status_code == 404


def test_a_child_of_two_stays_when_one_of_them_is_forgotten(proved, parent, second, child):
    client = proved(parent)
    assert "Yassmina" in client.get(reverse("account_erase")).content.decode()
    client.post(reverse("account_erase"))
    child.refresh_from_db()
    assert child.erased_at is None and not User.objects.filter(pk=parent.pk).exists()
    assert list(child.guardians.all()) == [second]


def test_a_colleague_is_not_erased_by_a_button(proved, instructor):
    assert proved(instructor).post(reverse("account_erase")).status_code == 409
    assert User.objects.filter(pk=instructor.pk).exists()


def test_an_answer_stays_as_a_proof_without_a_name(proved, parent, child):
    from academy.demo.foundations import lay_policies
    from enrollments.families import consents

    lay_policies()
    consents.accept_compulsory(parent, language="fr", at=timezone.now())
    kept = Consent.objects.count()
    assert kept
    client = proved(parent)
    client.post(reverse("account_erase"))
    assert Consent.objects.count() == kept and not Consent.objects.exclude(guardian=None).exists()
