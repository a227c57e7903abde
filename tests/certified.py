"""Certificates for tests, by the verbs that people's doors call. `w`: the world of tests/happenings.py."""

from enrollments.learning import certificates
from enrollments.models import Enrollment, Letter
from enrollments.privacy import child_merge
from tests.factories import ChildFactory, GuardianshipFactory
from tests.queues import DAY, join


def certificate_issued(w):
    [w.certificate] = certificates.issue(w.session, {w.child.pk: ""}, by=w.manager, at=w.session.over_at)


def certificate_revoked(w):
    certificate_issued(w)
    Letter.objects.all().delete()
    certificates.revoke(w.certificate, by=w.manager, at=w.now)


def certificate_merged(w):
    """Of two files of one child, both with the same guardians and a certificate of one session."""
    certificate_issued(w)
    twin = ChildFactory(
        guardian=w.parent, first_name="Salma", last_name=w.child.last_name, birth_date=w.child.birth_date
    )
    GuardianshipFactory(child=twin, guardian=w.informed, rights="informed", relation="other")
    seat = join(w.session, twin, at=w.now - 9 * DAY, by=w.parent)
    certificates.issue(w.session, {twin.pk: ""}, by=w.manager, at=w.session.over_at)
    Enrollment.objects.filter(pk=seat.pk).update(state="withdrawn", seat_ended_at=w.session.over_at)
    Letter.objects.all().delete()
    assert child_merge.propose(w.child, twin, by=w.manager, at=w.session.over_at)
