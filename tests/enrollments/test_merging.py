"""Merging files: never across accounts without everybody's agreement, without losing data."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.demo.foundations import lay_policies
from enrollments.classes import progress
from enrollments.families import consents, guardians, pickup, safety_notes
from enrollments.models import (
    AccountEvent,
    Barring,
    Consent,
    Enrollment,
    Equivalence,
    GuardianEvent,
    Guardianship,
    Letter,
    MergeProposal,
    PickupPerson,
    PlaceEvent,
    SafetyNote,
)
from enrollments.places import admission
from enrollments.privacy import access_log, child_merge, erasure
from tests.factories import ChildFactory, CourseFactory, GuardianshipFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]
BORN = date(2016, 5, 4)


@pytest.fixture
def kept(parent):
    return ChildFactory(guardian=parent, first_name="Nour", last_name="El Amrani", birth_date=BORN)


@pytest.fixture
def gone(parent):
    return ChildFactory(
        guardian=parent, first_name="Nour", last_name="Lamrani", birth_date=BORN, first_name_ar="نور"
    )


@pytest.fixture
def desk(logged_in, front_desk):
    return logged_in(front_desk)


def side_by_side(kept, gone) -> str:
    return reverse("office_merge", args=[kept.pk, gone.pk])


def seat(child, by, at, **facts):
    session = SessionFactory(first_on=timezone.localdate(at) + timedelta(days=10), **facts)
    session.opens_at, session.closes_at = at - timedelta(days=9), None
    session.save()
    return admission.enroll(child=child, session=session, by=by, at=at)


def test_the_desk_sees_both_and_what_comes_of_it_then_makes_one_file(desk, kept, gone, parent):
    page = desk.get(reverse("office_child", args=[kept.pk])).content.decode()
    assert side_by_side(kept, gone) in page
    page = desk.get(side_by_side(kept, gone)).content.decode()
    assert "El Amrani" in page and "Lamrani" in page and "نور" in page
    assert desk.post(side_by_side(kept, gone)).url == reverse("office_child", args=[kept.pk])
    kept.refresh_from_db(), gone.refresh_from_db()
    assert (kept.last_name, kept.first_name_ar) == ("El Amrani", "نور")
    assert (gone.first_name, gone.birth_date, gone.merged_into) == ("", None, kept)
    assert [tie.child for tie in Guardianship.objects.filter(guardian=parent)] == [kept]
    assert Letter.objects.get(kind="merged").recipient == parent
    assert desk.post(side_by_side(kept, gone)).status_code == 404, (
        "the same button again finds no second file"
    )


def test_everything_of_the_file_that_goes_hangs_on_the_one_that_stays(
    kept, gone, parent, front_desk, now, academy_settings, settings
):
    academy_settings.cndp_number = "D-GC-1/2026"
    academy_settings.save()
    place = seat(gone, parent, now)
    course = CourseFactory()
    progress.declare_equivalent(child=kept, course=course, by=parent, at=now)
    progress.confirm_equivalent(
        progress.declare_equivalent(child=gone, course=course, by=parent, at=now), by=front_desk, at=now
    )
    emergency = {"name": "Zahra", "relation": "tante", "phone": "+212600000005"}
    nobody = {"name": "", "relation": "", "phone": ""}
    one, same, other = (
        {"name": name, "relation": "x", "phone": phone}
        for name, phone in (("Ali", "+212600000001"), ("Aly", "+212600000001"), ("Badr", "+212600000002"))
    )
    pickup.settle_collection(kept, persons=[one], may_go_alone=True, emergency=nobody, by=parent, at=now)
    pickup.settle_collection(
        gone, persons=[same, other], may_go_alone=False, emergency=emergency, by=parent, at=now
    )
    pickup.ask_to_speak(gone, wish=True)
    safety_notes.write_note(gone, parts={"may_happen": "asthme"}, by=parent, at=now)
    access_log.record_read("file", children=[gone], by=front_desk, at=now)
    kept.refresh_from_db(), gone.refresh_from_db()

    assert child_merge.propose(kept, gone, by=front_desk, at=now)
    kept.refresh_from_db(), place.refresh_from_db()
    assert (place.child, place.state) == (kept, "seated")
    assert PlaceEvent.objects.filter(enrollment_ref=place.pk).last().reason == "merged"
    assert Equivalence.objects.get().confirmed_at and Equivalence.objects.get().child == kept
    assert [person.name for person in PickupPerson.objects.filter(child=kept)] == ["Ali", "Badr"], (
        "each telephone once"
    )
    assert not kept.may_go_alone, "alone only when both said so"
    assert kept.emergency_name == "Zahra"
    assert kept.must_be_spoken_for, "a wish of one file is a wish"
    assert kept.collection_confirmed_at is None, "who collects is asked anew"
    assert AccountEvent.objects.filter(what="child_phone", child_ref=kept.pk, by_ref=front_desk.pk).exists()
    assert SafetyNote.objects.get().child == kept
    assert [look.what for look in access_log.looks_at(kept)] == ["le dossier de l’enfant"]
    assert {(event.what, event.reason) for event in GuardianEvent.objects.filter(child_ref=gone.pk)} == {
        ("removed", "merged")
    }


def test_a_no_to_photographs_stays_a_no(kept, gone, parent, other_parent, front_desk):
    lay_policies()
    now = timezone.now()
    for child in (kept, gone):
        GuardianshipFactory(child=child, guardian=other_parent)
    versions = consents.PolicyVersion.objects.current(now).filter(policy__per_child=True)
    for version in versions:
        consents.answer(version, guardian=parent, yes=True, language="fr", at=now, child=kept)
        consents.answer(version, guardian=other_parent, yes=False, language="fr", at=now, child=gone)
    assert versions and consents.photo_allowed(kept, "photo-website", now)
    assert child_merge.propose(kept, gone, by=front_desk, at=now)
    assert not consents.photo_allowed(kept, "photo-website", now)
    assert Consent.objects.filter(child=kept).count() == 2 * len(versions)


def test_families_without_a_common_login_are_not_brought_together(desk, kept, other_parent, parent):
    stranger = ChildFactory(guardian=other_parent, first_name="Nour", last_name="El Amrani", birth_date=BORN)
    page = desk.get(side_by_side(kept, stranger)).content.decode()
    assert "Aucun responsable" in page and "Réunir" not in page, "the way is said, no button is shown"
    assert desk.post(side_by_side(kept, stranger)).status_code == 409
    assert not Letter.objects.exists() and not MergeProposal.objects.exists(), "nobody learns of the other"


def test_whoever_gets_a_new_reader_agrees_first(
    desk, client, kept, gone, parent, other_parent, now, logged_in, front_desk
):
    """The other parent was invited to one file; the file to remove was the first parent's alone."""
    GuardianshipFactory(child=kept, guardian=other_parent)
    assert desk.post(side_by_side(kept, gone)).url == side_by_side(kept, gone)
    desk.post(side_by_side(kept, gone))
    assert [letter.recipient for letter in Letter.objects.filter(kind="merge_asked")] == [parent], (
        "asked once, and only who must be"
    )
    assert parent.name in desk.get(side_by_side(kept, gone)).content.decode()
    gone.refresh_from_db()
    assert gone.erased_at is None

    url = reverse("child_merge", args=[gone.pk])
    assert logged_in(other_parent).get(reverse("child_merge", args=[kept.pk])).status_code == 404
    home = logged_in(parent)
    assert reverse("child_merge", args=[kept.pk]) in home.get(reverse("family")).content.decode()
    assert other_parent.get_short_name() in home.get(url).content.decode(), "who would read it stands there"
    assert home.post(url, {"answer": "maybe"}).status_code == 422
    assert home.post(url, {"answer": "yes"}).url == reverse("family")
    gone.refresh_from_db()
    assert gone.merged_into == kept
    assert home.post(url, {"answer": "yes"}).status_code == 404


def test_every_one_of_them_must_agree_and_one_no_ends_it(kept, gone, parent, other_parent, front_desk, now):
    third = UserFactory()
    GuardianshipFactory(child=kept, guardian=other_parent)
    GuardianshipFactory(child=gone, guardian=third)
    assert child_merge.must_agree(kept, gone) == sorted(
        [parent, other_parent, third], key=lambda user: user.pk
    )
    assert not child_merge.propose(kept, gone, by=front_desk, at=now)
    proposal = MergeProposal.objects.get()
    assert not child_merge.agree(proposal, by=parent, at=now)
    assert not child_merge.agree(proposal, by=parent, at=now), "a yes counts once"
    assert child_merge.still_to_agree(proposal) == [
        person for person in child_merge.must_agree(kept, gone) if person != parent
    ]
    child_merge.refuse(proposal, at=now)
    with pytest.raises(child_merge.Refused):
        child_merge.agree(proposal, by=third, at=now)
    assert child_merge.asked_of(third) == []
    assert not child_merge.propose(kept, gone, by=front_desk, at=now), "asked again, from the beginning"
    assert len(child_merge.still_to_agree(MergeProposal.objects.get())) == 3


def test_an_informed_guardian_gains_no_rights_through_a_second_file(
    kept, parent, other_parent, front_desk, now
):
    """An informed guardian added the child again with full rights: the merged file keeps the rights of the
    kept file, after agreement.
    """
    GuardianshipFactory(child=kept, guardian=other_parent, rights="informed")
    copy = ChildFactory(guardian=other_parent, first_name="Nour", birth_date=BORN)
    assert child_merge.must_agree(kept, copy) == [other_parent]
    assert not child_merge.propose(kept, copy, by=front_desk, at=now)
    assert child_merge.agree(MergeProposal.objects.get(), by=other_parent, at=now)
    assert Guardianship.objects.get(child=kept, guardian=other_parent).rights == "informed"


def test_what_keeps_two_files_apart(kept, gone, parent, front_desk, manager, now, settings, academy_settings):
    assert child_merge.faults_of(kept, kept, by=front_desk, at=now) == ["same_file"]
    place = seat(kept, parent, now, starts=time(10), ends=time(11))
    admission.enroll(child=gone, session=place.session, by=parent, at=now)
    assert child_merge.faults_of(kept, gone, by=front_desk, at=now) == ["same_session"]
    Enrollment.objects.filter(child=gone).update(state="withdrawn", seat_ended_at=now)
    seat(gone, parent, now, starts=time(10, 30), ends=time(12))
    assert child_merge.faults_of(kept, gone, by=front_desk, at=now) == ["clash"]
    Enrollment.objects.filter(child=gone).update(state="withdrawn", seat_ended_at=now)
    assert child_merge.faults_of(kept, gone, by=front_desk, at=now) == []
    pickup.protect(gone, protected=True)
    gone.refresh_from_db()
    assert child_merge.faults_of(kept, gone, by=front_desk, at=now) == ["protected"]
    assert child_merge.faults_of(kept, gone, by=manager, at=now) == []
    GuardianshipFactory(child=gone)
    assert child_merge.faults_of(kept, gone, by=manager, at=now) == ["protected"], "never to a new reader"
    for child in (kept, gone):
        SafetyNote.objects.create(child=child, sealed="x", changed_at=now, changed_by_ref=parent.pk)
    assert "two_notes" in child_merge.faults_of(kept, gone, by=manager, at=now)


def test_what_changed_since_the_question_is_asked_again_at_the_answer(
    client, logged_in, kept, gone, parent, other_parent, front_desk, now
):
    GuardianshipFactory(child=kept, guardian=other_parent)
    child_merge.propose(kept, gone, by=front_desk, at=now)
    Barring.objects.create(
        child=gone, name="x", paper="other", seen_on=BORN, recorded_by_ref=front_desk.pk, recorded_at=now
    )
    answer = logged_in(parent).post(reverse("child_merge", args=[gone.pk]), {"answer": "yes"})
    assert answer.status_code == 409
    gone.refresh_from_db()
    assert gone.erased_at is None


def test_a_question_dies_with_a_file_and_with_the_desk(
    desk, kept, gone, parent, other_parent, front_desk, now
):
    GuardianshipFactory(child=kept, guardian=other_parent)
    child_merge.propose(kept, gone, by=front_desk, at=now)
    assert desk.post(
        reverse("office_merge_withdraw", args=[MergeProposal.objects.get().pk])
    ).url == side_by_side(kept, gone)
    assert not MergeProposal.objects.exists()
    child_merge.propose(kept, gone, by=front_desk, at=now)
    erasure.agree(gone, by=parent, at=now)
    assert not MergeProposal.objects.exists()
    with pytest.raises(child_merge.Refused):
        child_merge.propose(kept, gone, by=front_desk, at=now)


def test_an_invitation_to_the_file_that_goes_leads_to_the_one_that_stays(kept, gone, parent, front_desk, now):
    _invitation, token = guardians.invite(
        children=[gone], relation="other", rights="informed", email="", by=parent, at=now
    )
    child_merge.propose(kept, gone, by=front_desk, at=now)
    assert guardians.accept(guardians.find(token), by=UserFactory(), at=now) == [kept]
