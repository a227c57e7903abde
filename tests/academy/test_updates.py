"""An update of an installation brings the policies that its version did not have."""

import pytest
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from academy.demo.foundations import lay_policies
from enrollments.models import Policy, PolicyVersion

pytestmark = pytest.mark.django_db
NEW = "work-showcase"


@pytest.fixture
def older():
    """An installation from before one of the policies; return the versions it has."""
    lay_policies()
    Policy.objects.get(code=NEW).versions.get().texts.all().delete()
    PolicyVersion.objects.filter(policy__code=NEW).delete()
    Policy.objects.get(code=NEW).delete()
    return set(PolicyVersion.objects.values_list("pk", flat=True))


def current() -> set[str]:
    return set(PolicyVersion.objects.current(timezone.now()).values_list("policy__code", flat=True))


def test_migrating_lays_the_policy_that_is_missing_and_leaves_the_others(older):
    assert older and NEW not in current()
    for _twice in range(2):
        call_command("migrate", verbosity=0)
    assert NEW in current() and PolicyVersion.objects.exclude(pk__in=older).count() == 1
    texts = PolicyVersion.objects.get(policy__code=NEW).texts
    assert set(texts.values_list("language", flat=True)) == {"fr", "ar", "en"}


def test_a_database_that_was_never_furnished_stays_empty():
    call_command("migrate", verbosity=0)
    assert not Policy.objects.exists()


def test_nothing_is_written_while_migrations_are_pending(older):
    from academy.updates import lay_new_policies

    MigrationRecorder.Migration.objects.filter(app="enrollments").order_by("-pk").first().delete()
    lay_new_policies(None, using="default")
    assert NEW not in current()
