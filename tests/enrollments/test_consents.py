"""Consents: any guardian's no wins, an answer never changes, and a new version is asked again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from academy.demo.foundations import lay_policies
from enrollments.families import consents, guardians
from enrollments.models import Consent, Guardianship, Policy, PolicyVersion
from enrollments.places import admission
from tests.factories import ChildFactory, GuardianshipFactory, SessionFactory, UserFactory

INFORMED = Guardianship.Rights.INFORMED


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, first_name="Salma", age=8)


def say(version, guardian, yes, child, **more):
    return consents.answer(
        version, guardian=guardian, yes=yes, language="fr", at=timezone.now(), child=child, **more
    )


def allowed(child):
    return consents.photo_allowed(child, "photo-inside", timezone.now())


def new_version(code):
    policy = Policy.objects.get(code=code)
    texts = {
        language: {"title": f"Titre {language}", "body": "Un autre texte."} for language in ("fr", "ar", "en")
    }
    return consents.publish(consents.draft(policy, texts), by=None, at=timezone.now())


# ---- photos


def test_photos_are_no_until_a_full_guardian_says_yes(policies, parent, child):
    assert not allowed(child)
    say(policies["photo-inside"], parent, True, child)
    assert allowed(child)
    assert not consents.photo_allowed(child, "photo-website", timezone.now())  # each purpose by itself


def test_any_guardians_no_wins_informed_ones_too(policies, parent, other_parent, child):
    version = policies["photo-inside"]
    GuardianshipFactory(child=child, guardian=other_parent, rights=INFORMED)
    say(version, parent, True, child)
    say(version, other_parent, False, child)
    say(version, parent, False, child)
    say(version, parent, True, child)  # repeating one's own yes does not undo the other's no
    assert not allowed(child)


def test_an_informed_guardian_and_a_stranger_say_no_yes(policies, parent, other_parent, child):
    version = policies["photo-inside"]
    with pytest.raises(ValueError):
        say(version, other_parent, False, child)
    GuardianshipFactory(child=child, guardian=other_parent, rights=INFORMED)
    with pytest.raises(ValueError):
        say(version, other_parent, True, child)


def test_the_childs_own_no_wins_and_is_lifted_by_its_own_yes_only(policies, parent, child):
    version = policies["photo-inside"]
    say(version, parent, True, child)
    say(version, parent, False, child, by_child=True)
    say(version, parent, True, child)
    assert not allowed(child)
    say(version, parent, True, child, by_child=True)
    assert allowed(child)


def test_the_no_of_a_guardian_who_left_stands_until_a_newer_yes(policies, parent, other_parent, child):
    version = policies["photo-inside"]
    GuardianshipFactory(child=child, guardian=other_parent)
    say(version, parent, True, child)
    say(version, other_parent, False, child)
    guardians.leave(child=child, by=other_parent, at=timezone.now())
    assert not allowed(child)
    say(version, parent, False, child)
    say(version, parent, True, child)
    assert allowed(child)


def test_the_yes_of_a_guardian_who_left_is_gone_with_the_rights(policies, parent, other_parent, child):
    GuardianshipFactory(child=child, guardian=other_parent)
    say(policies["photo-inside"], other_parent, True, child)
    assert allowed(child)
    guardians.leave(child=child, by=other_parent, at=timezone.now())
    assert not allowed(child)


def test_a_new_text_ends_the_yes_and_keeps_the_no(policies, parent, other_parent, child):
    GuardianshipFactory(child=child, guardian=other_parent)
    say(policies["photo-inside"], parent, True, child)
    version = new_version("photo-inside")
    assert not allowed(child)
    say(policies["photo-website"], other_parent, False, child)
    again = new_version("photo-website")
    say(version, parent, True, child)
    say(again, parent, True, child)
    assert allowed(child) and not consents.photo_allowed(child, "photo-website", timezone.now())


def test_the_same_number_of_queries_for_one_child_or_ten(policies, parent, queries):
    children = [ChildFactory(guardian=parent) for _child in range(10)]
    for child in children:
        say(policies["photo-inside"], parent, True, child)
    counted = []
    for some in (children[:1], children):
        with queries() as seen:
            consents.photos_allowed(some, "photo-inside", timezone.now())
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 4


class AnyNoWins(TestCase):
    """Whatever the order of answers, one current guardian whose last answer is no is enough."""

    @given(st.lists(st.tuples(st.sampled_from(["full", "informed", "child"]), st.booleans()), max_size=8))
    def test_the_last_word_of_each_decides(self, words):
        lay_policies()
        version = PolicyVersion.objects.get(policy__code="photo-inside")
        full, informed, child = UserFactory(), UserFactory(), ChildFactory()
        GuardianshipFactory(child=child, guardian=full)
        GuardianshipFactory(child=child, guardian=informed, rights=INFORMED)
        last = {}
        for who, yes in words:
            if who == "informed" and yes:
                continue  # refused
            say(version, informed if who == "informed" else full, yes, child, by_child=who == "child")
            last[who] = yes
        assert allowed(child) == (last.get("full") is True and False not in last.values())


# ---- compulsory terms


def test_registering_accepts_what_is_compulsory_in_the_language_shown(client, policies):
    page = client.get("/ar/account/signup/").content.decode()
    assert "/ar/policies/terms/" in page and "/ar/policies/privacy/" in page
    client.post(
        "/ar/account/signup/",
        {
            "name": "Nour Tazi",
            "email": "nour@example.org",
            "mobile": "0612345678",
            "password1": "un-vrai-secret-7",
        },
    )
    rows = Consent.objects.filter(guardian__email="nour@example.org")
    assert {(row.version.policy.code, row.language, row.answer) for row in rows} == {
        ("terms", "ar", True),
        ("privacy", "ar", True),
    }


def test_a_new_compulsory_text_is_asked_at_the_login_and_stands_before_a_new_place(
    logged_in, policies, parent, child
):
    at = timezone.now()
    consents.accept_compulsory(parent, language="fr", at=at)
    client = logged_in(parent)
    assert client.get(reverse("welcome")).url == reverse("family")
    version = new_version("terms")
    assert client.get(reverse("welcome")).url == reverse("consents")
    session = SessionFactory(course__band="A")
    address = reverse("enroll", args=[session.pk])
    assert f"{reverse('consents')}?next={address}" in client.get(address).content.decode()
    with pytest.raises(admission.NotAdmissible) as refusal:
        admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    assert [found.code for found in refusal.value.refused[child]] == ["missing_consent"]
    answer = client.post(reverse("consents"), {f"version-{version.pk}": "yes", "next": address})
    assert answer.url == address
    assert client.post(address, {"children": [child.pk]}).status_code == 302


def test_whether_something_is_outstanding_is_said_alike_by_the_list_and_by_the_short_question(
    policies, parent, other_parent, child
):
    def alike(at=None):
        at = at or timezone.now()
        said = PolicyVersion.objects.are_outstanding(parent, at)
        assert said == PolicyVersion.objects.outstanding(parent, at).exists()
        return said

    compulsory = [
        version
        for version in policies.values()
        if version.policy.is_compulsory and not version.policy.per_child
    ]
    assert len(compulsory) > 1 and alike()
    for version in compulsory:
        assert alike()
        say(version, parent, True, None)
    assert not alike()
    say(compulsory[0], other_parent, False, None)  # another guardian's no is theirs
    say(policies["photo-inside"], parent, False, child)  # what is not compulsory is not owed
    assert not alike()
    say(compulsory[0], parent, False, None)
    assert alike()  # the last word counts
    say(compulsory[0], parent, True, None)
    assert not alike()
    texts = {language: {"title": "Titre", "body": "Un autre texte."} for language in ("fr", "ar", "en")}
    draft = consents.draft(Policy.objects.get(code="terms"), texts)
    assert not alike()  # a draft is nobody's duty
    tomorrow = timezone.now() + timedelta(days=1)
    consents.publish(draft, by=None, at=tomorrow)
    assert not alike() and alike(tomorrow + timedelta(minutes=1))  # from its moment on, not before
    assert not alike(timezone.now() - timedelta(days=36500))  # before the first text nothing was owed


def test_what_is_urgent_today_comes_before_the_question(logged_in, policies, parent, child):
    today = timezone.localdate()
    session = SessionFactory(course__band="A", first_on=today + timedelta(days=1))
    admission.enroll(child=child, session=session, by=None, at=timezone.now())
    client = logged_in(parent)
    assert client.get(reverse("welcome")).url == reverse("consents")
    session.meetings.filter(number=1).update(on=today)
    assert client.get(reverse("welcome")).url == reverse("family")
    assert reverse("consents") in client.get(reverse("family")).content.decode()


def test_a_no_to_the_terms_keeps_the_places_and_stands_before_new_ones(logged_in, policies, parent, child):
    client = logged_in(parent)
    no = {f"version-{policies[code].pk}": "no" for code in ("terms", "privacy")}
    assert client.post(reverse("consents"), no).url == reverse("family")
    assert not Consent.objects.filter(answer=True).exists()
    with pytest.raises(admission.NotAdmissible):
        admission.enroll(child=child, session=SessionFactory(course__band="A"), by=parent, at=timezone.now())


@pytest.mark.parametrize("wrong", ["", "maybe", "x" * 10_000, "<b>", "\u202e"])
def test_an_answer_that_is_none_is_asked_again(logged_in, policies, parent, wrong):
    answer = logged_in(parent).post(reverse("consents"), {f"version-{policies['terms'].pk}": wrong})
    assert answer.status_code == 422 and not Consent.objects.exists()


def test_taking_back_a_yes_to_the_terms_keeps_the_other_answer_and_the_way_back(logged_in, policies, parent):
    terms, privacy = policies["terms"], policies["privacy"]
    say(terms, parent, True, None)
    client, address, back = logged_in(parent), reverse("consents"), reverse("fitting")
    page = client.post(address, {"withdraw": terms.pk, f"version-{privacy.pk}": "yes", "next": back})
    assert page.status_code == 200 and page.content.decode().count(" checked") == 1
    assert page.context["form"][f"version-{privacy.pk}"].initial == "yes" and page.context["next"] == back
    assert set(page.context["asked"]) == {terms, privacy} and Consent.objects.count() == 2
    say(terms, parent, True, None)
    alone = client.post(address, {"withdraw": terms.pk, "next": back})
    assert alone.url == f"{address}?next={back.replace('/', '%2F')}"


# ---- the screens


def test_a_yes_is_taken_back_in_two_taps_with_effect_in_the_same_request(logged_in, policies, parent, child):
    say(policies["photo-website"], parent, True, child)
    client = logged_in(parent)
    assert (
        f'href="{reverse("child_consents", args=[child.pk])}"'
        in client.get(reverse("family")).content.decode()
    )  # one tap
    page = client.get(reverse("child_consents", args=[child.pk])).content.decode()
    assert f'name="withdraw" value="{policies["photo-website"].pk}"' in page  # the second
    client.post(reverse("child_consents", args=[child.pk]), {"withdraw": policies["photo-website"].pk})
    assert not consents.photo_allowed(child, "photo-website", timezone.now())


@pytest.mark.parametrize("button", ["withdraw", "child_says_no", "child_says_yes"])
def test_a_button_that_acts_at_once_keeps_what_is_chosen_elsewhere(
    logged_in, policies, parent, child, button
):
    website, families, showcase = (
        policies[code] for code in ("photo-website", "photo-families", "work-showcase")
    )
    say(website, parent, True, child)
    if button == "child_says_yes":
        say(website, parent, False, child, by_child=True)
    client, address = logged_in(parent), reverse("child_consents", args=[child.pk])
    chosen = {f"version-{families.pk}": "yes", f"version-{showcase.pk}": "no", button: website.pk}
    page = client.post(address, chosen | {"version-999": "yes"})
    assert page.status_code == 200
    words = page.content.decode()
    for version, choice in ((families, "yes"), (showcase, "no")):
        assert f'name="version-{version.pk}" value="{choice}"' in words
        assert page.context["form"][f"version-{version.pk}"].initial == choice
    # The withdrawn yes is a no now, and asked again; a yes that stands shows no radio.
    assert words.count(" checked") == (3 if button == "withdraw" else 2)
    assert "Vos autres choix sur cette page ne sont pas encore enregistrés." in words
    assert set(Consent.objects.values_list("version", flat=True)) == {website.pk}  # nothing else was saved
    again = client.post(address, chosen | {button: "", f"version-{website.pk}": ""})
    assert again.status_code == 302 and set(Consent.objects.values_list("version", flat=True)) == {
        website.pk, families.pk, showcase.pk,
    }  # fmt: skip


def test_no_radio_is_ticked_beforehand(logged_in, policies, parent, child):
    for address in (reverse("child_consents", args=[child.pk]), reverse("consents")):
        page = logged_in(parent).get(address).content.decode()
        assert 'type="radio"' in page and "checked" not in page


def test_the_same_answers_twice_are_one(logged_in, policies, parent, child):
    form = {f"version-{policies['photo-inside'].pk}": "yes", f"version-{policies['photo-website'].pk}": "no"}
    for _time in range(3):
        assert logged_in(parent).post(reverse("child_consents", args=[child.pk]), form).status_code == 302
    assert Consent.objects.count() == 2


def test_an_informed_guardian_sees_no_yes_and_may_say_no(logged_in, policies, parent, other_parent, child):
    GuardianshipFactory(child=child, guardian=other_parent, rights=INFORMED)
    say(policies["photo-inside"], parent, True, child)
    client, address = logged_in(other_parent), reverse("child_consents", args=[child.pk])
    assert 'value="yes"' not in client.get(address).content.decode()
    assert client.post(address, {f"version-{policies['photo-inside'].pk}": "yes"}).status_code == 422
    assert client.post(address, {f"version-{policies['photo-inside'].pk}": "no"}).status_code == 302
    assert not allowed(child)
    assert "un autre responsable légal a dit non" in logged_in(parent).get(address).content.decode()


def test_a_stranger_finds_nothing(logged_in, policies, other_parent, child):
    address = reverse("child_consents", args=[child.pk])
    assert logged_in(other_parent).get(address).status_code == 404
    assert logged_in(other_parent).post(address, {"withdraw": policies["photo-inside"].pk}).status_code == 404


def test_the_history_tells_who_when_and_which_version_and_names_no_other_guardian(
    logged_in, policies, parent, other_parent, child
):
    GuardianshipFactory(child=child, guardian=other_parent)
    say(policies["photo-inside"], parent, True, child)
    say(policies["photo-inside"], other_parent, False, child)
    page = logged_in(parent).get(reverse("consent_history")).content.decode()
    assert "l’autre responsable" in page and other_parent.name not in page and other_parent.email not in page
    assert page.count("(version 1)") == 2


def test_the_desk_records_a_paper_and_who_recorded_it(
    logged_in, policies, front_desk, instructor, parent, child
):
    tie = Guardianship.objects.get(child=child)
    address = reverse("office_child_consents", args=[child.pk])
    form = {
        "guardian": tie.pk, "version": policies["photo-inside"].pk, "answer": "yes",
        "signed_on_day": "2", "signed_on_month": "1", "signed_on_year": str(timezone.localdate().year),
    }  # fmt: skip
    assert logged_in(instructor).post(address, form).status_code == 404
    client = logged_in(front_desk)
    for wrong in (
        {"guardian": 999},
        {"answer": ""},
        {"version": policies["terms"].pk},
        {"signed_on_year": "2999"},
        {"signed_on_day": "x"},
    ):
        assert client.post(address, form | wrong).status_code == 422
    assert client.post(address, form).status_code == 302
    row = Consent.objects.get()
    assert (row.guardian, row.channel, row.recorded_by_ref, str(row.signed_on)[5:]) == (
        parent,
        "paper",
        front_desk.pk,
        "01-02",
    )
    assert allowed(child)


@pytest.mark.postgres
def test_the_database_itself_refuses_to_change_a_text_or_an_answer(policies, parent, child):
    row = say(policies["photo-inside"], parent, False, child)
    for table, change in (
        ("enrollments_policytext", "title = 'x'"),
        ("enrollments_consent", "answer = true"),
        ("enrollments_consent", "given_at = now()"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change}")
    Consent.objects.filter(pk=row.pk).update(guardian=None)  # erasure may
    row.refresh_from_db()
    assert row.guardian is None
