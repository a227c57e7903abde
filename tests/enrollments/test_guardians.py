"""Becoming and ceasing to be a guardian, and what ends with it."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from enrollments.families import guardians
from enrollments.letters import delivery, outbox
from enrollments.models import Child, GuardianEvent, GuardianInvitation, Guardianship, Letter
from enrollments.places import admission
from tests.factories import ChildFactory, GuardianshipFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db
FULL, INFORMED = Guardianship.Rights.FULL, Guardianship.Rights.INFORMED


def invite(child, by, *, rights=FULL, email="", at=None):
    return guardians.invite(
        children=[child], relation="father", rights=rights, email=email, by=by, at=at or timezone.now()
    )


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, first_name="Salma", age=8)


# ---- the link


def test_the_other_guardian_accepts_by_the_link_and_the_first_is_told(logged_in, parent, other_parent, child):
    page = logged_in(parent).post(
        reverse("child_guardians", args=[child.pk]),
        {"children": [child.pk], "relation": "father", "rights": "full"},
        follow=True,
    )
    link = re.search(r"http://localhost:8000(/fr/family/invitations/[\w-]+/)", page.content.decode()).group(1)
    again = logged_in(parent).get(reverse("child_guardians", args=[child.pk]))
    assert link not in again.content.decode()  # shown this once
    client = logged_in(other_parent)
    assert "Salma" in client.get(link).content.decode()
    assert not Child.objects.of(other_parent).exists()  # opening changes nothing
    assert client.post(link).status_code == 302
    tie = Guardianship.objects.get(guardian=other_parent, child=child)
    assert (tie.rights, tie.relation) == (FULL, "father")
    assert list(Letter.objects.values_list("recipient", "kind")) == [(parent.pk, "guardian_added")]
    assert client.post(link).status_code == 302  # the same form again: the same answer
    assert Guardianship.objects.filter(child=child).count() == 2


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_invitation_is_a_message_to_send_and_names_no_child(logged_in, parent, child, language):
    client, url = logged_in(parent), f"/{language}/family/children/{child.pk}/guardians/"
    page = client.post(
        url, {"children": [child.pk], "relation": "father", "rights": "full"}, follow=True
    ).content.decode()
    message = unescape(re.search(r"<textarea[^>]*readonly>(.*?)</textarea>", page, re.S).group(1))
    lines = message.strip().split("\n")
    assert re.fullmatch(rf"http://localhost:8000/{language}/family/invitations/[\w-]+/", lines[1])
    assert len(lines) == 4 and lines[3] == parent.get_short_name() and child.first_name not in message
    assert unquote(re.search(r'href="https://wa\.me/\?text=([^"]+)"', page).group(1)) == message


def test_the_link_is_not_kept(parent, child):
    invitation, token = invite(child, parent)
    assert token not in str(GuardianInvitation.objects.filter(pk=invitation.pk).values())
    assert guardians.find(token) == invitation and guardians.find(token[:-1]) is None


def test_a_visitor_learns_no_name_from_the_link(client, parent, child):
    _invitation, token = invite(child, parent)
    page = client.get(reverse("invitation", args=[token])).content.decode()
    assert "Salma" not in page and "Salwa" not in page and "/fr/account/signup/?next=" in page


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        ("used", 410),
        ("expired", 410),
        ("revoked", 410),
        ("other_address", 403),
        ("own", 403),
        ("inviter_left", 410),
    ],
)
def test_a_link_that_no_longer_holds_says_why_and_ties_nobody(
    logged_in, parent, other_parent, child, spoil, status
):
    at = timezone.now()
    email = "someone.else@example.org" if spoil == "other_address" else ""
    made = at - guardians.LASTS if spoil == "expired" else at
    invitation, token = invite(child, parent, email=email, at=made)
    if spoil == "used":
        guardians.accept(invitation, by=UserFactory(), at=at)
    if spoil == "revoked":
        guardians.revoke(invitation, at=at)
    if spoil == "inviter_left":
        GuardianshipFactory(child=child)
        guardians.leave(child=child, by=parent, at=at)
    user = parent if spoil == "own" else other_parent
    before = Guardianship.objects.count()
    address = reverse("invitation", args=[token])
    for method in ("get", "post"):
        answer = getattr(logged_in(user), method)(address)
        assert answer.status_code == status
        assert "Salma" not in answer.content.decode()
    assert Guardianship.objects.count() == before


def test_a_link_works_until_the_seventh_day(parent, other_parent, child):
    at = timezone.now()
    invitation, _token = invite(child, parent, at=at)
    last = at + guardians.LASTS
    assert guardians.fault_of(invitation, other_parent, last - timedelta(seconds=1)) is None
    assert guardians.fault_of(invitation, other_parent, last) == "expired"


def test_a_link_for_an_address_opens_for_that_address_in_any_case(parent, child):
    invitation, _token = invite(child, parent, email="Karim@Example.org")
    karim = UserFactory(email="karim@example.org")
    assert guardians.accept(invitation, by=karim, at=timezone.now()) == [child]


def test_nobody_invites_to_a_child_not_in_full_care(parent, other_parent, child):
    GuardianshipFactory(child=child, guardian=other_parent, rights=INFORMED)
    for stranger in (other_parent, UserFactory()):
        with pytest.raises(guardians.Refused) as refusal:
            invite(child, stranger)
        assert refusal.value.code == "not_theirs"
    with pytest.raises(guardians.Refused):
        guardians.invite(
            children=[child, ChildFactory()],
            relation="father",
            rights=FULL,
            email="",
            by=parent,
            at=timezone.now(),
        )


def test_ten_invitations_may_wait_and_no_more(logged_in, parent, child):
    for _number in range(guardians.MOST_OPEN):
        invite(child, parent)
    answer = logged_in(parent).post(
        reverse("child_guardians", args=[child.pk]),
        {"children": [child.pk], "relation": "mother", "rights": "informed"},
    )
    assert answer.status_code == 422 and GuardianInvitation.objects.count() == guardians.MOST_OPEN


def test_revoking_is_for_the_one_who_invited(logged_in, parent, other_parent, child):
    invitation, _token = invite(child, parent)
    address = reverse("invitation_revoke", args=[invitation.pk])
    assert logged_in(other_parent).post(address).status_code == 404
    assert logged_in(parent).post(address).status_code == 302
    invitation.refresh_from_db()
    assert invitation.revoked_at


# ---- leaving and being removed


def test_the_last_full_guardian_of_an_enrolled_child_cannot_leave(logged_in, parent, other_parent, child):
    admission.enroll(child=child, session=SessionFactory(course__band="A"), by=parent, at=timezone.now())
    GuardianshipFactory(child=child, guardian=other_parent, rights=INFORMED)
    address = reverse("guardian_leave", args=[child.pk])
    assert logged_in(parent).post(address).status_code == 409
    assert Guardianship.objects.filter(child=child, guardian=parent).exists()
    assert logged_in(other_parent).post(address).status_code == 302  # an informed one may
    GuardianshipFactory(child=child, guardian=UserFactory())
    assert logged_in(parent).post(address).status_code == 302


def test_all_that_reached_the_child_ends_with_the_tie(logged_in, parent, other_parent, child):
    at = timezone.now()
    sibling = ChildFactory(guardian=other_parent, first_name="Lina")
    GuardianshipFactory(child=child, guardian=other_parent)
    invitation, _token = invite(child, other_parent)
    waits = outbox.write(
        "collection_changed", to=other_parent, child=child, at=at, names=[], alone=False, by="X"
    )
    other = outbox.write(
        "collection_changed", to=other_parent, child=sibling, at=at, names=[], alone=False, by="X"
    )
    guardians.leave(child=child, by=other_parent, at=at)
    client = logged_in(other_parent)
    assert client.get(reverse("child", args=[child.pk])).status_code == 404
    assert client.get(reverse("child", args=[sibling.pk])).status_code == 200
    waits.refresh_from_db(), other.refresh_from_db(), invitation.refresh_from_db()
    assert (waits.state, other.state) == ("withheld", "queued")
    assert invitation.revoked_at == at and guardians.fault_of(invitation, UserFactory(), at) == "revoked"
    assert list(GuardianEvent.objects.values_list("child_ref", "guardian_ref", "what", "by_ref")) == [
        (child.pk, other_parent.pk, "left", other_parent.pk)
    ]
    assert Letter.objects.filter(recipient=parent, kind="guardian_ended").count() == 1


def test_a_fault_half_way_ends_nothing(monkeypatch, parent, other_parent, child):
    GuardianshipFactory(child=child, guardian=other_parent)
    waits = outbox.write(
        "collection_changed", to=other_parent, child=child, at=timezone.now(), names=[], alone=False, by="X"
    )

    def out_of_paper(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(outbox, "tell_full_guardians", out_of_paper)
    with pytest.raises(RuntimeError):
        guardians.leave(child=child, by=other_parent, at=timezone.now())
    waits.refresh_from_db()
    assert (
        waits.state == "queued"
        and Child.objects.of(other_parent).count() == 1
        and not GuardianEvent.objects.exists()
    )


def test_a_full_guardian_is_not_removed_by_the_other_one(logged_in, parent, other_parent, child):
    tie = GuardianshipFactory(child=child, guardian=other_parent)
    assert not guardians.may_remove(tie, parent)
    with pytest.raises(guardians.Refused):
        guardians.remove(tie, by=parent, at=timezone.now(), paper="judgment")
    assert logged_in(parent).post(reverse("guardian_remove", args=[child.pk, tie.pk])).status_code == 404
    assert Guardianship.objects.filter(pk=tie.pk).exists()


def test_an_informed_guardian_is_removed_by_a_full_one_only(logged_in, parent, other_parent, child):
    tie = GuardianshipFactory(child=child, guardian=other_parent, rights=INFORMED)
    third = GuardianshipFactory(child=child, guardian=UserFactory(), rights=INFORMED)
    address = reverse("guardian_remove", args=[child.pk, tie.pk])
    assert logged_in(third.guardian).post(address).status_code == 404
    assert logged_in(parent).get(address).status_code == 200
    assert Guardianship.objects.filter(pk=tie.pk).exists()
    assert logged_in(parent).post(address).status_code == 302
    assert not Guardianship.objects.filter(pk=tie.pk).exists()


def test_a_manager_removes_a_full_guardian_with_the_paper_seen(
    logged_in, manager, front_desk, parent, other_parent, child
):
    tie = GuardianshipFactory(child=child, guardian=other_parent)
    address = reverse("office_guardian_remove", args=[child.pk, tie.pk])
    assert logged_in(front_desk).post(address, {"paper": "judgment"}).status_code == 404
    client = logged_in(manager)
    for wrong in ("", "passport", "x" * 10_000):
        assert client.post(address, {"paper": wrong}).status_code == 422
    assert Guardianship.objects.filter(pk=tie.pk).exists()
    assert client.post(address, {"paper": "judgment"}).status_code == 302
    event = GuardianEvent.objects.get()
    assert (event.what, event.reason, event.by_ref) == ("removed", "judgment", manager.pk)


def test_even_a_manager_leaves_one_full_guardian(logged_in, manager, parent, child):
    tie = Guardianship.objects.get(child=child)
    answer = logged_in(manager).post(
        reverse("office_guardian_remove", args=[child.pk, tie.pk]), {"paper": "judgment"}
    )
    assert answer.status_code == 422 and Guardianship.objects.filter(pk=tie.pk).exists()


def test_an_invitation_with_an_address_is_sent_there_and_tells_a_stranger_nothing(
    logged_in, parent, child, manager
):
    _invitation, token = invite(child, parent, email="Other@Example.org")
    letter = Letter.objects.get(kind="invitation")
    assert (letter.recipient, letter.address, letter.language) == (None, "other@example.org", parent.language)
    assert (
        f"/family/invitations/{token}/" in letter.body
        and child.first_name not in letter.subject + letter.body
    )
    delivery.send_due(timezone.now())
    assert mail.outbox[-1].recipients() == ["other@example.org"]
    page = logged_in(manager).get(reverse("office_letter", args=[letter.pk])).content.decode()
    assert token not in page and "other@example.org" in page, (
        "nobody of the team answers in that adult's place"
    )
    invite(child, parent)
    assert Letter.objects.filter(kind="invitation").count() == 1, (
        "without an address the link is handed over by the inviter"
    )


def test_the_page_says_whether_the_invitation_was_emailed_and_for_whom_it_is(
    logged_in, parent, other_parent, child
):
    ChildFactory(guardian=parent, first_name="Adam", age=10)
    client, url = logged_in(parent), reverse("child_guardians", args=[child.pk])
    form = {"children": [child.pk], "relation": "father", "rights": "full"}
    by_hand = client.post(url, form, follow=True).content.decode()
    assert "envoyez-le vous-même" in by_hand
    by_email = client.post(url, form | {"email": "other@example.org"}, follow=True).content.decode()
    assert "envoyez-le vous-même" not in by_email
    notice = re.search(r'<div class="notice notice--good"(.*?)<textarea', by_email, re.S).group(1)
    assert "other@example.org" in notice and "envoyons l’invitation" in notice
    rows = re.findall(r'<div class="line__what">\s*<span>\s*Pour\s:(.*?)</span>', by_email, re.S)
    assert [("Salma" in row, "Adam" in row) for row in rows] == [(True, False)] * 2
