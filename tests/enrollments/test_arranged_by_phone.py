"""A guardian who may not collect a child decides nothing about who does, and is not told why (domain §7)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from enrollments.classes import pickup_passes
from enrollments.families import guardian_accounts, guardians, pickup
from enrollments.models import GuardianInvitation, Letter, PickupPass
from tests.classes import class_now, kids
from tests.factories import GuardianshipFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
BY_PHONE = "tout changement concernant qui vient le chercher se décide par téléphone"


def day(now):
    return timezone.localdate(now)


@pytest.fixture
def child(instructor, now):
    return kids(class_now(1, at=now, instructors=[instructor]))[0]


@pytest.fixture
def kept_away(child, manager, now):
    """Return a guardian with full rights who may not collect the child, as a judgment says."""
    guardian = GuardianshipFactory(child=child, guardian=UserFactory(name="Karim Exemple")).guardian
    pickup.bar(
        child, name=guardian.name, guardian=guardian, paper="judgment", seen_on=day(now), by=manager, at=now
    )
    return guardian


def collected_by(child, by, at, *names, alone=False):
    persons = [{"name": name, "relation": "tante", "phone": "+212612345678"} for name in names]
    nobody = {"name": "", "relation": "", "phone": ""}
    return pickup.settle_collection(
        child, persons=persons, may_go_alone=alone, emergency=nobody, by=by, at=at
    )


def test_a_guardian_who_may_not_collect_changes_nothing_about_who_does(
    child, kept_away, manager, front_desk, now
):
    other = child.guardians.exclude(pk=kept_away.pk).get()
    given, _token = pickup_passes.give(child, name="Fatima Tante", on=day(now), by=other, at=now)
    Letter.objects.all().delete()
    for attempt in (
        lambda: collected_by(child, kept_away, now, "Cousine Exemple"),
        lambda: collected_by(child, kept_away, now, alone=True),
        lambda: pickup_passes.give(child, name="Cousine", on=day(now), by=kept_away, at=now),
        lambda: pickup_passes.revoke(given, by=kept_away, at=now),
    ):
        with pytest.raises(pickup.ArrangedByPhone):
            attempt()
    child.refresh_from_db()
    assert (child.may_go_alone, child.pickup_persons.count(), PickupPass.objects.count()) == (False, 0, 1)
    assert pickup_passes.open_passes(child, day(now)).exists() and not Letter.objects.exists()
    assert collected_by(child, other, now, "Fatima Tante") and pickup_passes.revoke(given, by=other, at=now)
    assert collected_by(child, front_desk, now), "the desk too"
    pickup.lift(child.barrings.get(), by=manager, at=now)
    assert collected_by(child, kept_away, now, "Cousine Exemple"), "once the ban is lifted"


def test_the_pages_say_to_phone_and_do_not_say_why(logged_in, child, kept_away, now):
    other = child.guardians.exclude(pk=kept_away.pk).get()
    given, _token = pickup_passes.give(child, name="Fatima Tante", on=day(now), by=other, at=now)
    list_url, pass_url = (reverse(name, args=[child.pk]) for name in ("child_collection", "child_pass"))
    end = reverse("child_pass_end", args=[child.pk, given.pk])
    client = logged_in(kept_away)
    for url, typed in ((list_url, {"may_go_alone": "yes"}), (pass_url, {"name": "X", "on": f"{day(now)}"})):
        for answer, status in ((client.get(url), 200), (client.post(url, typed), 422)):
            words = answer.content.decode().split("<main")[1].split("</main")[0]
            assert answer.status_code == status and BY_PHONE in words and "tel:+212539000000" in words
            assert "<form" not in words and "judg" not in words and "interdi" not in words
    client.post(end)
    client = logged_in(other)
    assert BY_PHONE not in client.get(list_url).content.decode() + client.get(pass_url).content.decode()
    assert end in client.get(pass_url).content.decode(), "the pass is still there"


def test_who_may_not_collect_invites_nobody_who_then_may(logged_in, child, kept_away, now, manager):
    facts = {"children": [child], "relation": "other", "rights": "informed", "email": "", "at": now}
    with pytest.raises(guardians.Refused) as refused:
        guardians.invite(**facts, by=kept_away)
    assert refused.value.code == guardians.Reason.BY_PHONE
    sent = {"children": [child.pk], "relation": "other", "rights": "full", "email": ""}
    page = logged_in(kept_away).post(reverse("child_guardians", args=[child.pk]), sent).content.decode()
    assert "se décide" in page and "interdi" not in page and not GuardianInvitation.objects.exists()
    pickup.lift(child.barrings.get(), by=manager, at=now)
    invitation, _token = guardians.invite(**facts, by=kept_away)
    assert list(guardians.still_offered(invitation)) == [child]
    pickup.bar(child, name="X", guardian=kept_away, paper="judgment", seen_on=day(now), by=manager, at=now)
    assert guardians.fault_of(invitation, UserFactory(), now) == guardians.LinkReason.REVOKED


def test_a_bar_by_name_is_of_the_guardian_who_bears_it_whatever_the_name_becomes(child, manager, now):
    karim = GuardianshipFactory(child=child, guardian=UserFactory(name="Karim Exemple")).guardian
    other = child.guardians.exclude(pk=karim.pk).get()
    ban = pickup.bar(
        child, name="كريم Exemple", guardian=None, paper="judgment", seen_on=day(now), by=manager, at=now
    )
    assert ban.guardian == karim
    guardian_accounts.change_contact(
        karim, name="Autre Nom", phone="+212661000777", language="fr", by=karim, at=now
    )
    karim.refresh_from_db()
    with pytest.raises(guardians.Refused):
        guardians.invite(children=[child], relation="other", rights="full", email="", by=karim, at=now)
    assert pickup.may_arrange(other, child) and not pickup.may_arrange(karim, child)


def test_a_second_account_of_that_name_decides_nothing_either(child, kept_away, now):
    second = GuardianshipFactory(child=child, guardian=UserFactory(name=kept_away.name)).guardian
    with pytest.raises(pickup.ArrangedByPhone):
        collected_by(child, second, now, "Cousine Exemple")
