"""Letters that reach nobody, or the wrong person: invitations that come back, addresses nobody proved."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from enrollments.families import children, guardian_accounts, guardians
from enrollments.letters import delivery, outbox
from enrollments.models import GuardianEvent, Guardianship, Letter
from enrollments.staff import team
from tests.factories import ChildFactory, GuardianshipFactory, UserFactory
from tests.queues import HOUR, join, soon, ten

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


# ---- an invitation comes back


def test_the_inviter_reads_it_on_the_page_and_in_a_letter(parent, logged_in, now):
    child = ChildFactory(guardian=parent, age=10)
    invited = {"children": [child], "relation": "father", "rights": "full", "by": parent, "at": now}
    guardians.invite(**invited, email="typo@example.org")
    guardians.invite(**invited, email="juste@example.org")
    url = reverse("child_guardians", args=[child.pk])
    assert "est revenu" not in logged_in(parent).get(url).content.decode()
    letter = Letter.objects.get(address="typo@example.org")
    delivery.send_due(now + HOUR)
    assert delivery.note_bounce(str(letter.message_id), at=now + HOUR)
    assert logged_in(parent).get(url).content.decode().count("est revenu") == 1
    told = Letter.objects.get(recipient=parent, kind="invitation_returned")
    assert "typo@example.org" in told.body and url.rsplit("/fr", 1)[-1] in told.body
    assert not delivery.note_bounce(str(letter.message_id), at=now + HOUR)
    assert Letter.objects.filter(kind="invitation_returned").count() == 1


def test_a_manager_hears_that_the_invitation_of_a_colleague_came_back(manager, now):
    team.invite(email="n@example.org", name="N", role="Instructors", language="fr", by=manager, at=now)
    letter = Letter.objects.get(kind="team_invitation")
    assert letter.channel == "email", "a colleague is invited at an address nobody has proved yet"
    delivery.send_due(now)
    delivery.note_bounce(str(letter.message_id), at=now)
    assert "n@example.org" in Letter.objects.get(recipient=manager, kind="invitation_returned").body


def test_other_letters_that_come_back_tell_no_inviter(parent, now):
    letter = outbox.write("account_opened", to=parent, at=now)
    delivery.send_due(now)
    delivery.note_bounce(str(letter.message_id), at=now)
    assert list(Letter.objects.values_list("kind", flat=True)) == ["account_opened"]


# ---- an address that nobody has proved


@pytest.fixture
def at_desk(now):
    """A family whose account the desk opened with an address typed there."""
    return guardian_accounts.open_account(
        name="Hind Exemple", phone="+212661000123", email="typo@example.org", language="fr", at=now
    )


def test_an_address_typed_at_the_desk_gets_the_opening_letter_alone(at_desk, front_desk, now):
    child = children.add_child(
        first_name="Salma", last_name="Exemple", birth_date=date(2016, 6, 1), by=at_desk
    )
    join(soon(), child, at=now, by=front_desk)
    letters = {letter.kind: letter for letter in Letter.objects.filter(recipient=at_desk)}
    assert {kind: letter.channel for kind, letter in letters.items()} == {
        "account_opened": "email",
        "enrolled": "desk",
    }
    assert "Salma" not in letters["account_opened"].body
    assert [row.pk for row in outbox.unreached(now + HOUR)] == []  # a confirmation is not news of a class
    delivery.send_due(now + HOUR)
    assert Letter.objects.get(kind="enrolled").state == "queued"


def test_a_proved_address_gets_everything(at_desk, front_desk, now):
    EmailAddress.objects.filter(user=at_desk).update(verified=True)
    join(soon(), ten(at_desk), at=now, by=front_desk)
    assert Letter.objects.get(kind="enrolled").channel == "email"


def test_a_second_unproved_address_closes_nothing(parent, now):
    EmailAddress.objects.create(user=parent, email="neuve@example.org", verified=False)
    join(soon(), ten(parent), at=now, by=parent)
    assert Letter.objects.get(kind="enrolled").channel == "email"


# ---- an invitation to full rights for somebody who follows already


def test_an_informed_guardian_invited_to_full_rights_gets_them(parent, other_parent, now):
    child = ChildFactory(guardian=parent, age=10)
    GuardianshipFactory(child=child, guardian=other_parent, rights="informed", relation="father")
    invited = {"children": [child], "relation": "father", "email": "", "by": parent, "at": now}
    invitation, _token = guardians.invite(**invited, rights="full")
    guardians.accept(invitation, by=other_parent, at=now)
    tie = Guardianship.objects.get(child=child, guardian=other_parent)
    assert (tie.rights, tie.relation) == ("full", "father")
    assert GuardianEvent.objects.filter(
        guardian_ref=other_parent.pk, what="raised", by_ref=parent.pk
    ).exists()
    assert list(Letter.objects.values_list("recipient", "kind")) == [(parent.pk, "guardian_raised")]


@pytest.mark.parametrize(
    ("has", "offered"), [("full", "full"), ("full", "informed"), ("informed", "informed")]
)
def test_who_has_these_rights_already_is_told_and_the_link_is_kept(
    has, offered, parent, other_parent, logged_in, now
):
    child = ChildFactory(guardian=parent, age=10)
    GuardianshipFactory(child=child, guardian=other_parent, rights=has)
    invitation, token = guardians.invite(
        children=[child], relation="father", rights=offered, email="", by=parent, at=now
    )
    with pytest.raises(guardians.LinkRefused) as refusal:
        guardians.accept(invitation, by=other_parent, at=now)
    assert refusal.value.code == guardians.LinkReason.ALREADY
    url = reverse("invitation", args=[token])
    for answer in (logged_in(other_parent).get(url), logged_in(other_parent).post(url)):
        assert answer.status_code == 200 and "Vous suivez déjà cet enfant" in answer.content.decode()
    third = UserFactory()
    assert guardians.accept(invitation, by=third, at=now) == [child]
    assert Guardianship.objects.get(child=child, guardian=other_parent).rights == has


def test_of_two_children_the_new_one_is_added(parent, other_parent, now):
    known, new = ChildFactory(guardian=parent, age=10), ChildFactory(guardian=parent, age=8)
    GuardianshipFactory(child=known, guardian=other_parent, rights="full")
    invitation, _token = guardians.invite(
        children=[known, new], relation="father", rights="informed", email="", by=parent, at=now
    )
    guardians.accept(invitation, by=other_parent, at=now)
    ties = Guardianship.objects.filter(guardian=other_parent).values_list("child", "rights")
    assert dict(ties) == {known.pk: "full", new.pk: "informed"}


# ---- addresses in previews


def test_a_preview_leads_to_the_pages_of_its_language(now):
    row = join(soon())
    row.offer_until = now
    words = {"child": row.child, "session": row.session, "enrollment": row, "is_preview": True}
    for _name, code, _subject, text in outbox.previews("offer", at=now, **words):
        assert f"/{code}/offers/" in text and f"/{code}/family/" in text and "//offers" not in text
