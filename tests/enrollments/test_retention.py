"""Retention: nothing is kept past its date, and nothing goes before it."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from enrollments.letters import delivery
from enrollments.models import (
    Child,
    ReadRecord,
    SafetyNote,
)
from enrollments.places import admission
from enrollments.privacy import access_log, erasure, retention
from tests.enrollments.test_privacy import dump, fill
from tests.factories import ChildFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
User = get_user_model()


def test_nothing_is_kept_past_its_date(parent, child, front_desk):
    fill(child, parent)
    access_log.record_read(ReadRecord.What.FILE, children=[child], by=front_desk, at=timezone.now())
    delivery.send_due(timezone.now())
    later = timezone.now() + timedelta(days=3 * 365 + 40)
    asked = retention.retain(later, apply=False)
    assert Child.objects.get(pk=child.pk).erased_at is None and SafetyNote.objects.exists(), (
        "a dry run touches nothing"
    )
    assert asked["safety notes"] == asked["children"] == asked["looks"] == 1
    retention.retain(later, apply=True)
    assert "Zerhouniya" not in dump() and parent.email not in dump()
    assert not ReadRecord.objects.exists() and User.objects.filter(pk=front_desk.pk).exists()
    assert set(retention.retain(later, apply=True).values()) == {0}, "a second run finds nothing"


def test_what_is_alive_stays_three_years_later(parent, child):
    later = timezone.now() + timedelta(days=3 * 365 + 40)
    Child.objects.filter(pk=child.pk).update(confirmed_at=later - timedelta(days=300))
    retention.retain(later, apply=True)
    child.refresh_from_db()
    assert child.erased_at is None and User.objects.filter(pk=parent.pk).exists()


@pytest.mark.parametrize(("days", "stays"), [(30, True), (31, False)])
def test_a_safety_note_goes_thirty_days_after_the_last_class(parent, child, days, stays):
    fill(child, parent)
    session = SessionFactory()
    admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    last = session.meetings.order_by("on").last()
    retention.retain(last.ends_at + timedelta(days=days), apply=True)
    assert SafetyNote.objects.exists() is stays


def test_the_command_is_dry_unless_told_otherwise(parent, child, capsys):
    Child.objects.filter(pk=child.pk).update(created_at=timezone.now() - timedelta(days=2000))
    call_command("retain")
    assert "1 children" in capsys.readouterr().out and Child.objects.get(pk=child.pk).erased_at is None
    call_command("retain", "--apply")
    assert Child.objects.get(pk=child.pk).erased_at


def test_a_stopped_run_goes_on(parent, monkeypatch):
    old = timezone.now() - timedelta(days=2000)
    for _child in range(3):
        ChildFactory(guardian=parent)
    Child.objects.update(created_at=old)
    real, calls = erasure.erase_child, []

    def dies(child, **words):
        calls.append(child)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(child, **words)

    monkeypatch.setattr(erasure, "erase_child", dies)
    with pytest.raises(KeyboardInterrupt):
        retention.retain(timezone.now(), apply=True)
    assert Child.objects.filter(erased_at=None).count() == 2
    monkeypatch.undo()
    retention.retain(timezone.now(), apply=True)
    assert not Child.objects.filter(erased_at=None).exists()


def test_nobody_is_forgotten_who_still_has_a_child_here(child):
    UserFactory(email="idle@example.org", date_joined=timezone.now() - timedelta(days=2000), last_login=None)
    User.objects.filter(email="parent@example.org").update(date_joined=timezone.now() - timedelta(days=2000))
    retention.retain(timezone.now(), apply=True)
    assert User.objects.filter(email="parent@example.org").exists()
    assert not User.objects.filter(email="idle@example.org").exists()
