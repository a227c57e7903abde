"""Single-use actions in parallel processes: links, cards, codes, leaving."""

from functools import partial

import pytest
from django.utils import timezone

from enrollments.families import guardians, login_cards
from enrollments.models import Child, Guardianship, RoleEvent
from enrollments.permissions import EDITOR, INSTRUCTOR, MANAGER
from enrollments.privacy import erasure
from enrollments.staff import team
from tests.factories import ChildFactory, GuardianshipFactory, StaffFactory, UserFactory, grant_roles
from tests.races.crowd import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def won(outcomes) -> int:
    """Return how many succeeded; the others were refused with our own messages."""
    assert all(kind == "done" or "Refused" in str(said) for kind, said in outcomes), outcomes
    return sum(kind == "done" and said is not False for kind, said in outcomes)


def test_a_guardians_invitation_is_used_by_one_of_two_who_hold_it():
    inviter, at = UserFactory(), timezone.now()
    child = ChildFactory(guardian=inviter)
    invitation, _token = guardians.invite(
        children=[child], relation="other", rights="informed", email="", by=inviter, at=at
    )
    holders = [UserFactory(), UserFactory()]
    outcomes = at_once(*(lambda who=who: len(guardians.accept(invitation, by=who, at=at)) for who in holders))
    assert won(outcomes) == 1
    assert Guardianship.objects.filter(child=child).count() == 2


def test_a_login_card_is_spent_by_one_of_four():
    alone, at = UserFactory(email=None), timezone.now()
    card, _token = login_cards.issue(alone, by=StaffFactory(role=MANAGER), at=at)
    assert won(at_once(*[lambda: login_cards.use(card, at=at)] * 4)) == 1


def test_a_rescue_code_is_spent_by_one_of_four():
    colleague, at = StaffFactory(role=EDITOR), timezone.now()
    code = team.issue_rescue(colleague, reason="lost", by=StaffFactory(role=MANAGER), at=at)
    assert won(at_once(*[lambda: team.use_rescue(colleague, code, at=at)] * 4)) == 1


def test_a_role_is_given_once():
    grant_roles()
    at = timezone.now()
    invitation, _token = team.invite(
        email="rim@example.org",
        name="Rim",
        role=INSTRUCTOR,
        language="fr",
        by=StaffFactory(role=MANAGER),
        at=at,
    )
    assert won(at_once(*[lambda: team.accept(invitation, by=invitation.user, at=at)] * 3)) == 1
    assert RoleEvent.objects.count() == 1


def test_two_managers_who_take_each_others_role_leave_one():
    one, other = StaffFactory(role=MANAGER), StaffFactory(role=MANAGER)
    at = timezone.now()
    outcomes = at_once(
        lambda: team.take_role(other, MANAGER, by=one, at=at),
        lambda: team.take_role(one, MANAGER, by=other, at=at),
    )
    assert won(outcomes) == 1
    assert one.groups.count() + other.groups.count() == 1


def test_two_full_guardians_who_leave_at_once_leave_one():
    for _turn in range(3):
        one, other, at = UserFactory(), UserFactory(), timezone.now()
        child = ChildFactory(guardian=one)
        GuardianshipFactory(child=child, guardian=other)
        outcomes = at_once(*(partial(guardians.leave, child=child, by=who, at=at) for who in (one, other)))
        assert won(outcomes) == 1
        assert Guardianship.objects.filter(child=child).count() == 1


def test_two_who_agree_at_once_erase_once():
    one, other, at = UserFactory(), UserFactory(), timezone.now()
    child = ChildFactory(guardian=one)
    GuardianshipFactory(child=child, guardian=other)
    outcomes = at_once(*(lambda who=who: erasure.agree(child, by=who, at=at) for who in (one, other)))
    assert sorted(said for kind, said in outcomes if kind == "done") == [False, True], outcomes
    assert Child.objects.get(pk=child.pk).erased_at
