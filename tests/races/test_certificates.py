"""Certificates: pressed twice, revoked while issued again, and a file that changes its name or its twin
meanwhile.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollments.families import children
from enrollments.learning import certificates
from enrollments.models import Certificate, CertificateEvent, Child, Letter
from enrollments.places import withdrawal
from enrollments.privacy import child_merge, erasure
from tests.factories import ChildFactory, CourseFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.queues import DAY, join
from tests.races.crowd import behind
from tests.races.makers import family

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def over():
    """Return a session that is over, whose four children came from three families."""
    first_on = timezone.localdate() - timedelta(days=28)
    session = SessionFactory(first_on=first_on, course=CourseFactory(lessons=3))
    families = [family(first_name=name) for name in ("Salma", "Adam", "Lina")]
    families.append((ChildFactory(first_name="Inès", guardian=families[0][1]), families[0][1]))
    for child, guardian in families:
        join(session, child, at=session.first_at - 9 * DAY, by=guardian)
    return session


def kids(session) -> list[Child]:
    return [row.child for row in session.enrollments.select_related("child").order_by("pk")]


def issue(session, *given, ground=""):
    """Return an act: a manager issues a certificate to these children; its value is how many are new."""
    by = UserFactory()
    grounds = {child.pk: ground for child in given}
    return lambda: len(certificates.issue(session, grounds, by=by, at=timezone.now()))


def act(verb, certificate):
    by = UserFactory()
    return lambda: bool(verb(certificate, by=by, at=timezone.now()))


def rename(child, name="Selma"):
    words = {"first_name": name, "last_name": child.last_name}
    return lambda: children.change_child(child, at=timezone.now(), **words).first_name


def only(child) -> Certificate:
    return Certificate.objects.valid().get(child=child)


def test_certificates_issued_by_three_presses_are_one_each_and_one_letter_a_guardian(over):
    all_of_them = kids(over)
    assert behind(
        issue(over, *all_of_them), issue(over, *all_of_them[::-1]), issue(over, *all_of_them[1:])
    ) == [("done", 4), ("done", 0), ("done", 0)]
    assert Certificate.objects.count() == CertificateEvent.objects.count() == 4
    letters = Letter.objects.filter(kind="certificate")
    assert letters.count() == letters.values("recipient").distinct().count() == 3


def test_one_revoked_while_it_is_issued_again_is_ended_once(over):
    child, other = kids(over)[:2]
    issue(over, child, other)()
    for one, first, second in (
        (child, certificates.reissue, certificates.revoke),
        (other, certificates.revoke, certificates.reissue),
    ):
        rename(one)()
        old = only(one)
        outcomes = behind(act(first, old), act(second, old), act(first, old))
        assert outcomes[0][0] == "done" and all(said.endswith("revoked") for _kind, said in outcomes[1:])
    assert only(child).first_name == "Selma" and not Certificate.objects.valid().filter(child=other).exists()
    assert CertificateEvent.objects.filter(what="revoked").count() == 2
    assert Letter.objects.filter(kind="certificate_revoked").count() == 1


def test_a_name_corrected_while_it_is_issued_is_the_one_printed_or_waits_for_the_next(over):
    child, other = kids(over)[:2]
    assert behind(rename(child), issue(over, child)) == [("done", "Selma"), ("done", 1)]
    assert only(child).first_name == "Selma"
    assert behind(issue(over, other), rename(other)) == [("done", 1), ("done", "Selma")]
    assert only(other).first_name == "Adam" and certificates.corrected_since(only(other))
    old = only(other)
    assert behind(rename(other, "Adem"), act(certificates.reissue, old)) == [("done", "Adem"), ("done", True)]
    assert only(other).first_name == "Adem"


def test_two_files_of_a_child_merged_while_it_is_issued_keep_one(over):
    by = UserFactory()
    kept, gone = (kids(over)[number] for number in (0, 3))  # of one family
    [row] = over.enrollments.filter(child=gone)
    withdrawal.withdraw(row, by=gone.guardians.get(), at=over.first_at - 8 * DAY)

    def merge(into, file):
        return lambda: child_merge.propose(into, file, by=by, at=timezone.now())

    outcomes = behind(issue(over, kept), issue(over, gone, ground="shown"), merge(kept, gone))
    assert outcomes == [("done", 1), ("done", 1), ("done", True)]
    assert only(kept) and Certificate.objects.filter(child=kept).count() == 2
    twin = ChildFactory(guardian=kept.guardians.get())
    seen = only(kept)
    outcomes = behind(merge(twin, kept), issue(over, kept), act(certificates.revoke, seen))
    assert outcomes[0] == ("done", True) and "not_there" in outcomes[1][1]
    assert outcomes[2] == ("done", False), "it is the twin's now"
    assert not Certificate.objects.valid().exists()
    assert Letter.objects.filter(kind="certificate_revoked", recipient=twin.guardians.get()).count() == 1


def test_one_revoked_from_a_page_older_than_the_merge_is_revoked_once(over):
    child = kids(over)[1]
    issue(over, child)()
    old, twin = only(child), ChildFactory()
    GuardianshipFactory(child=twin, guardian=child.guardians.get())
    child_merge.propose(twin, child, by=UserFactory(), at=timezone.now())
    outcomes = behind(act(certificates.revoke, only(twin)), act(certificates.revoke, old))
    assert outcomes[0] == ("done", False) and outcomes[1][1].endswith("revoked")
    assert CertificateEvent.objects.filter(what="revoked").count() == 1


def test_a_child_erased_while_a_certificate_is_issued_or_again_keeps_no_name(over):
    child, other = kids(over)[1:3]
    for row in over.enrollments.filter(child__in=[child, other]):
        withdrawal.withdraw(row, by=row.child.guardians.get(), at=over.first_at - 8 * DAY)

    def erase(one):
        return lambda: erasure.erase_child(one, by=None, at=timezone.now())

    assert behind(issue(over, child, ground="shown"), erase(child)) == [("done", 1), ("done", None)]
    outcomes = behind(erase(other), issue(over, other, ground="shown"))
    assert outcomes[0] == ("done", None) and "not_there" in outcomes[1][1]
    [row] = Certificate.objects.all()
    assert (row.code, row.first_name) == (None, "")
