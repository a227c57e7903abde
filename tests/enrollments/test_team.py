"""The team: invitations, roles, two-factor authentication and its recovery."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from enrollments.letters import delivery
from enrollments.models import RescueCode, RoleEvent, StaffInvitation
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER, roles_of
from enrollments.staff import team
from tests.factories import PASSWORD, StaffFactory, UserFactory, grant_roles

pytestmark = pytest.mark.django_db
User = get_user_model()
WISH = {"name": "Rim Zouaoui", "email": "rim@example.org", "role": INSTRUCTOR, "language": "fr"}


@pytest.fixture(autouse=True)
def _site(academy_settings):
    """Create the academy's settings, which every page shows."""
    grant_roles()


@pytest.fixture
def production(settings):
    """Require two-factor authentication, as everywhere except in the demo."""
    settings.TESTING = settings.DEMO = False


def fresh(user):
    return User.objects.get(pk=user.pk)


def link_to(email) -> str:
    delivery.send_due(timezone.now())
    letter = next(
        letter for letter in reversed(mail.outbox) if email in letter.recipients() and "/team/" in letter.body
    )
    return re.search(r"/\w\w/team/\S+", letter.body).group()


# ---- invited


def test_a_manager_invites_by_letter_and_the_colleague_accepts(logged_in, manager, client):
    assert logged_in(manager).post(reverse("office_team"), WISH).status_code == 302
    colleague = User.objects.get(email=WISH["email"])
    assert not roles_of(colleague), "nothing is given before it is accepted"
    link = link_to(WISH["email"])
    client.logout()
    assert client.get(link).status_code == 200
    assert client.post(link).url == reverse("account_login")
    assert not roles_of(fresh(colleague)), "a visitor accepts nothing"
    client = logged_in(colleague)
    for _preview in range(2):
        client.get(link)
    assert not roles_of(fresh(colleague)), "looking changes nothing"
    assert client.post(link).url == reverse("mfa_index")
    assert roles_of(fresh(colleague)) == {INSTRUCTOR} and fresh(colleague).is_staff
    event = RoleEvent.objects.get()
    assert (event.user_ref, event.role, event.what, event.by_ref) == (
        colleague.pk,
        INSTRUCTOR,
        "given",
        manager.pk,
    )
    assert client.post(link).url == reverse("welcome"), "the same button again: the same answer"
    assert RoleEvent.objects.count() == 1


def test_the_link_is_for_one_account_one_use_and_seven_days(logged_in, manager, parent):
    invitation, token = team.invite(**WISH, by=manager, at=timezone.now())
    url = reverse("team_invitation", args=[token])
    assert logged_in(parent).post(url).status_code == 403 and not roles_of(fresh(parent))
    client = logged_in(invitation.user)
    StaffInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(url).status_code == 410 and not roles_of(fresh(invitation.user))
    assert client.get(reverse("team_invitation", args=["x" * 32])).status_code == 404


def test_a_revoked_invitation_and_the_one_before_open_nothing(logged_in, manager):
    first, old = team.invite(**WISH, by=manager, at=timezone.now())
    second, new = team.invite(**WISH, by=manager, at=timezone.now())
    logged_in(manager).post(reverse("office_team_revoke", args=[second.pk]))
    client = logged_in(first.user)
    for token in (old, new):
        assert client.post(reverse("team_invitation", args=[token])).status_code == 410
    assert not roles_of(fresh(first.user))


def test_nobody_but_a_manager_invites_or_takes_away(logged_in, front_desk, instructor):
    client = logged_in(front_desk)
    assert client.post(reverse("office_team"), WISH).status_code == 404
    assert client.post(reverse("office_role_take", args=[instructor.pk, INSTRUCTOR])).status_code == 404
    for verb in (
        lambda: team.invite(**WISH, by=front_desk, at=timezone.now()),
        lambda: team.take_role(instructor, INSTRUCTOR, by=front_desk, at=timezone.now()),
    ):
        with pytest.raises(team.Refused):
            verb()
    assert not User.objects.filter(email=WISH["email"]).exists() and roles_of(fresh(instructor)) == {
        INSTRUCTOR
    }


@pytest.mark.parametrize(
    "wrong", [{"email": "x"}, {"email": ""}, {"role": "Kings"}, {"role": ""}, {"name": "<b>"}, {"name": ""}]
)
def test_wrong_answers_invite_nobody(logged_in, manager, wrong):
    assert logged_in(manager).post(reverse("office_team"), WISH | wrong).status_code == 422
    assert not StaffInvitation.objects.exists()


def test_a_role_one_has_is_not_offered_twice(logged_in, manager, instructor):
    page = logged_in(manager).post(reverse("office_team"), WISH | {"email": instructor.email})
    assert page.status_code == 422 and page.context["form"].errors["email"]


# ---- taken away


def test_a_role_taken_away_closes_its_doors_with_the_next_request(logged_in, client, manager, instructor):
    theirs = type(client)()
    theirs.force_login(instructor)
    assert theirs.get(reverse("desk")).status_code == 200
    url = reverse("office_role_take", args=[instructor.pk, INSTRUCTOR])
    assert logged_in(manager).get(url).status_code == 200
    assert logged_in(manager).post(url).status_code == 302
    assert theirs.get(reverse("desk")).status_code == 404
    assert not fresh(instructor).is_staff and RoleEvent.objects.get().what == "taken"


def test_a_manager_never_takes_an_own_role_and_the_last_one_stays(logged_in, manager):
    url = reverse("office_role_take", args=[manager.pk, MANAGER])
    assert logged_in(manager).post(url).status_code == 409 and roles_of(fresh(manager)) == {MANAGER}
    root = UserFactory(is_superuser=True, is_staff=True)
    with pytest.raises(team.Refused, match="last_manager"):
        team.take_role(manager, MANAGER, by=root, at=timezone.now())
    other = StaffFactory(role=MANAGER)
    team.take_role(manager, MANAGER, by=other, at=timezone.now())
    assert not roles_of(fresh(manager))


# ---- the second factor


def with_app(user) -> str:
    """Set up an authenticator app and recovery codes; return the secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code_of(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


@pytest.mark.parametrize("role", [INSTRUCTOR, FRONT_DESK, MANAGER, EDITOR])
def test_no_door_of_the_team_opens_without_a_second_factor(production, client, role):
    colleague = StaffFactory(role=role, email="c@example.org")
    secret = with_app(colleague)
    client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    doors = {
        INSTRUCTOR: reverse("desk"),
        FRONT_DESK: reverse("office"),
        MANAGER: reverse("office_people"),
        EDITOR: "/cms/",
    }
    assert client.get(doors[role]).status_code == 302 and "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get(doors[role]).status_code == 200


def test_whoever_has_no_factor_yet_sets_one_up_first_and_is_let_in(production, client, front_desk):
    client.post(reverse("account_login"), {"login": front_desk.email, "password": PASSWORD})
    for _door in range(2):
        assert client.get(reverse("office")).url == reverse("mfa_index")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert client.get(reverse("office")).status_code == 200


def test_the_last_factor_of_a_colleague_stays_and_a_parents_goes(production, client, front_desk, parent):
    for person, stays in ((front_desk, True), (parent, False)):
        secret = with_app(person)
        client.logout()
        client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        client.post(reverse("mfa_deactivate_totp"))
        assert Authenticator.objects.filter(user=person, type="totp").exists() is stays


def test_the_last_passkey_of_a_colleague_stays(production, client, front_desk):
    key = Authenticator.objects.create(user=front_desk, type="webauthn", data={"name": "Téléphone"})
    from academy import second_factor

    assert second_factor.is_last_of_a_colleague(key)
    with_app(front_desk)
    assert not second_factor.is_last_of_a_colleague(key)


# ---- the rescue


def rescued(client, helper, colleague, reason="lost"):
    theirs = type(client)()
    theirs.force_login(helper)
    return theirs.post(reverse("office_rescue", args=[colleague.pk]), {"reason": reason})


@pytest.mark.parametrize(
    ("helper", "helped", "allowed"),
    [
        (FRONT_DESK, INSTRUCTOR, True),
        (FRONT_DESK, EDITOR, True),
        (FRONT_DESK, FRONT_DESK, True),
        (FRONT_DESK, MANAGER, False),
        (MANAGER, MANAGER, True),
        (INSTRUCTOR, INSTRUCTOR, False),
        (EDITOR, INSTRUCTOR, False),
    ],
)
def test_who_helps_whom(client, helper, helped, allowed):
    answer = rescued(client, StaffFactory(role=helper), StaffFactory(role=helped))
    assert answer.status_code == (200 if allowed else 404)
    assert RescueCode.objects.exists() is allowed


def test_nobody_helps_themself_and_no_parent_is_helped_so(client, manager, parent):
    assert rescued(client, manager, manager).status_code == 404
    assert rescued(client, manager, parent).status_code == 404
    assert rescued(client, manager, StaffFactory(role=EDITOR), reason="because").status_code == 422
    assert not RescueCode.objects.exists()


def test_a_rescue_code_opens_one_login_and_a_new_factor_is_set_up_before_any_door(
    production, client, manager, settings
):
    colleague = StaffFactory(role=FRONT_DESK, email="lost@example.org")
    with_app(colleague)
    code = team.issue_rescue(colleague, reason="lost", by=manager, at=timezone.now())
    kept = RescueCode.objects.get()
    assert (kept.issued_by_ref, kept.reason) == (manager.pk, "lost") and code not in kept.code_hash
    client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    assert client.post(reverse("mfa_authenticate"), {"code": "23456-ABCDE"}).status_code == 200, (
        "a wrong one is refused"
    )
    client.post(reverse("mfa_authenticate"), {"code": f"{code[:5].lower()} {code[5:]}"})
    assert client.session["_auth_user_id"] == str(colleague.pk)
    assert not Authenticator.objects.filter(user=colleague).exists(), (
        "the lost factor and its recovery codes are gone"
    )
    assert client.get(reverse("office")).url == reverse("mfa_index"), "no door before a new factor"
    with_app(colleague)
    again = type(client)()
    again.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})
    again.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" not in again.session, "it works once"


def test_a_code_runs_out_is_for_one_person_and_stops_the_one_before(manager):
    colleague, other, at = StaffFactory(role=EDITOR), StaffFactory(role=EDITOR), timezone.now()
    first = team.issue_rescue(colleague, reason="lost", by=manager, at=at)
    second = team.issue_rescue(colleague, reason="changed", by=manager, at=at)
    assert not team.use_rescue(colleague, first, at=at)
    assert not team.use_rescue(other, second, at=at)
    assert not team.use_rescue(colleague, second, at=at + team.CODE_LASTS)
    assert team.use_rescue(colleague, second, at=at) and not team.use_rescue(colleague, second, at=at)


def test_a_parent_has_no_use_for_a_rescue_code(client, manager, parent):
    with_app(parent)
    with pytest.raises(team.Refused):
        team.issue_rescue(parent, reason="lost", by=manager, at=timezone.now())


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_each_page_speaks_the_language_of_its_address(logged_in, manager, instructor, language):
    _invitation, token = team.invite(**WISH, by=manager, at=timezone.now())
    with translation.override(language):
        for url in (
            reverse("office_team"),
            reverse("office_rescue", args=[instructor.pk]),
            reverse("team_invitation", args=[token]),
            reverse("office_role_take", args=[instructor.pk, INSTRUCTOR]),
        ):
            page = logged_in(manager).get(url)
            assert page.status_code in {200, 403} and f'<html lang="{language}"' in page.content.decode()
