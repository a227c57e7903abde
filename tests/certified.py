"""Certificates for tests, by the verbs that people's doors call. `w`: the world of tests/happenings.py."""

from enrollments.learning import certificates
from enrollments.models import Letter


def certificate_issued(w):
    [w.certificate] = certificates.issue(w.session, {w.child.pk: ""}, by=w.manager, at=w.session.over_at)


def certificate_revoked(w):
    certificate_issued(w)
    Letter.objects.all().delete()
    certificates.revoke(w.certificate, by=w.manager, at=w.now)
