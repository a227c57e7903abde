"""The copy of a family's data: one per account, written one at a time, a few a day."""

from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone
from time_machine import travel

from enrollments.families import guardians
from enrollments.models import CopyRequest, DataCopy, Letter, ProjectFile
from enrollments.privacy import build_turn, copy_files, copy_requests, data_export
from home.files import disk
from tests.factories import PASSWORD, GuardianshipFactory
from tests.works import copy_path, made_by, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def proved(logged_in):
    """`proved(user)`: signed in, and the password confirmed just now."""

    def enter(user):
        client = logged_in(user)
        assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
        return client

    return enter


def files_kept() -> list[str]:
    return sorted(path.name for path in copy_files.folder().iterdir())


def test_a_new_copy_takes_the_older_ones_place(parent, child, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = data_export.make(parent, at=timezone.now())
    with django_capture_on_commit_callbacks() as later:
        second = data_export.make(parent, at=timezone.now())
    assert DataCopy.objects.get() == second
    assert copy_path(first).exists(), "until it is certain"
    for done in later:
        done()
    assert files_kept() == [copy_path(second).name]
    assert oct(copy_path(second).stat().st_mode & 0o777) == "0o600"


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(do)`: what happens once while the next copy is being written."""
    told_of, waiting = data_export.told_of, []

    def slow(*args):
        if waiting:
            waiting.pop()()
        return told_of(*args)

    monkeypatch.setattr(data_export, "told_of", slow)
    return waiting.append


def test_a_copy_is_asked_for_on_the_page_and_made_by_the_worker(proved, parent, child, turn):
    client, now = proved(parent), timezone.now()
    for _tap in range(2):
        page = client.post(reverse("privacy_copy"), follow=True).content.decode()
    assert "Nous préparons votre copie" in page and reverse("privacy_copy") not in page
    assert CopyRequest.objects.get().user == parent and not DataCopy.objects.exists()
    assert turn(copy_requests.make_due, now + MINUTE) == 1 and turn(copy_requests.make_due, now + MINUTE) == 0
    assert Letter.objects.filter(kind="export_ready", recipient=parent).count() == 1
    page = client.get(reverse("privacy")).content.decode()
    copy = DataCopy.objects.get()
    assert reverse("privacy_download", args=[copy.name]) in page and reverse("privacy_copy") in page
    assert not CopyRequest.objects.exists()


def test_a_copy_that_another_worker_is_making_waits_for_its_turn(parent, child, meanwhile, turn):
    now, made = timezone.now(), []
    copy_requests.ask(parent, at=now)
    meanwhile(lambda: made.append(turn(copy_requests.make_due, now)))
    assert turn(copy_requests.make_due, now) == 1 and made == [0]
    assert len(files_kept()) == DataCopy.objects.count() == Letter.objects.count() == 1
    assert not CopyRequest.objects.exists(), "and it was no failure"


def test_a_copy_that_fails_in_the_middle_is_tried_three_times_and_then_told(parent, child, monkeypatch, turn):
    first, now = data_export.make(parent, at=timezone.now()), timezone.now()
    Letter.objects.all().delete()
    copy_requests.ask(parent, at=now)
    monkeypatch.setattr(copy_files.os, "fsync", Mock(side_effect=OSError(28, "No space left on device")))
    for minutes, tries in ((0, 1), (9, 1), (10, 2), (19, 2)):
        assert turn(copy_requests.make_due, now + minutes * MINUTE) == 0
        assert CopyRequest.objects.get().tries == tries and not Letter.objects.exists()
    assert turn(copy_requests.make_due, now + 20 * MINUTE) == 0
    assert not CopyRequest.objects.exists() and Letter.objects.get().kind == "export_failed"
    assert DataCopy.objects.get() == first and files_kept() == [copy_path(first).name]


def test_a_failure_of_one_family_keeps_no_other_waiting(parent, child, other_parent, monkeypatch, turn):
    now, make = timezone.now(), data_export.make
    for user in (parent, other_parent):
        copy_requests.ask(user, at=now)

    def broken(user, **kwargs):
        if user == parent:
            raise RuntimeError
        return make(user, **kwargs)

    monkeypatch.setattr(data_export, "make", broken)
    assert turn(copy_requests.make_due, now) == 1 and DataCopy.objects.get().user == other_parent


def test_a_copy_larger_than_the_room_on_the_disk_is_not_begun(parent, child, monkeypatch, settings):
    made_by(child, parent, sent())
    size = ProjectFile.objects.get().size
    room = settings.LEAST_FREE_MB * 1024**2 + size
    usage = Mock(return_value=SimpleNamespace(free=room))
    monkeypatch.setattr(disk.shutil, "disk_usage", usage)
    assert data_export.make(parent, at=timezone.now())
    usage.return_value.free = room - 1
    with pytest.raises(OSError, match="No space"):
        data_export.make(parent, at=timezone.now())
    assert len(files_kept()) == 1


def test_two_copies_written_at_once_leave_one(parent, child, meanwhile, django_capture_on_commit_callbacks):
    def the_other():
        caches["default"].clear()  # as where processes share no cache
        data_export.make(parent, at=timezone.now())

    meanwhile(the_other)
    with django_capture_on_commit_callbacks(execute=True):
        mine = data_export.make(parent, at=timezone.now())
    assert DataCopy.objects.get() == mine and files_kept() == [copy_path(mine).name]


def test_an_account_gets_a_few_copies_a_day(proved, parent, child, other_parent):
    at = timezone.now()
    for _time in range(data_export.MOST_A_DAY):
        last = data_export.make(parent, at=at)
    page = proved(parent).post(reverse("privacy_copy"), follow=True).content.decode()
    assert "5 copies au plus" in page and DataCopy.objects.get() == last
    assert copy_path(last).exists()
    data_export.make(other_parent, at=at)
    data_export.make(parent, at=at + timedelta(days=1))


def test_a_copy_that_fails_leaves_the_older_one_and_frees_the_turn(parent, child, monkeypatch):
    first = data_export.make(parent, at=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(copy_files.os, "fsync", Mock(side_effect=OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            data_export.make(parent, at=timezone.now())
    assert DataCopy.objects.get() == first and files_kept() == [copy_path(first).name]
    assert data_export.make(parent, at=timezone.now()) != first


def test_a_right_that_ends_while_a_copy_is_written_leaves_no_copy(
    child, other_parent, manager, meanwhile, turn
):
    tie = GuardianshipFactory(child=child, guardian=other_parent)
    meanwhile(lambda: guardians.remove(tie, by=manager, at=timezone.now(), paper="judgment"))
    copy_requests.ask(other_parent, at=timezone.now())
    assert turn(copy_requests.make_due, timezone.now()) == 0 and CopyRequest.objects.get().tries == 1
    assert not DataCopy.objects.exists() and files_kept() == []


def test_a_build_that_ends_without_a_word_counts_and_the_third_is_the_last(
    parent, child, monkeypatch, meanwhile, turn
):
    now = timezone.now()
    copy_requests.ask(parent, at=now)
    begun = []
    meanwhile(lambda: begun.append(CopyRequest.objects.get()))
    with monkeypatch.context() as power:
        power.setattr(data_export, "_put_in_place", Mock(side_effect=MemoryError))
        assert turn(copy_requests.make_due, now) == 0
    assert (begun[0].tries, begun[0].next_try_at) == (1, now + 10 * MINUTE), "before anything was written"
    CopyRequest.objects.update(tries=3)  # as the third one leaves it, killed in the middle
    assert turn(copy_requests.make_due, now + 10 * MINUTE) == 0
    assert not CopyRequest.objects.exists() and Letter.objects.get().kind == "export_failed"


def test_a_build_told_to_stop_is_no_failure(parent, child, meanwhile, turn):
    now = timezone.now()
    copy_requests.ask(parent, at=now)
    meanwhile(Mock(side_effect=SystemExit))
    with suppress(SystemExit):  # a worker of the queue ends by itself
        assert turn(copy_requests.make_due, now) == 0
    assert files_kept() == [] and CopyRequest.objects.get().tries == 0
    assert turn(copy_requests.make_due, now) == 1


def test_the_request_is_answered_in_the_transaction_that_puts_the_copy_in_place(
    parent, child, monkeypatch, meanwhile, turn
):
    now = timezone.now()
    copy_requests.ask(parent, at=now)
    with monkeypatch.context() as fault:
        fault.setattr(data_export.outbox, "write", Mock(side_effect=RuntimeError))  # the last step of it
        assert turn(copy_requests.make_due, now) == 0
    assert CopyRequest.objects.exists() and not DataCopy.objects.exists()
    meanwhile(lambda: CopyRequest.objects.all().delete())  # answered by another machine
    assert turn(copy_requests.make_due, now + 10 * MINUTE) == 0
    assert not DataCopy.objects.exists() and not Letter.objects.exists() and files_kept() == []


def test_a_closed_account_gets_no_copy(parent, child, meanwhile, turn):
    def close():
        type(parent).objects.filter(pk=parent.pk).update(is_active=False)

    now = timezone.now()
    copy_requests.ask(parent, at=now)
    meanwhile(close)
    assert turn(copy_requests.make_due, now) == 0 and not DataCopy.objects.exists() and files_kept() == []
    assert turn(copy_requests.make_due, now + 10 * MINUTE) == 0
    assert not CopyRequest.objects.exists() and not Letter.objects.exists()


def test_a_long_build_keeps_its_turn(parent, child, monkeypatch):
    made_by(child, parent, sent())
    now, pack, taken = timezone.now(), data_export.archive.pack, []
    monkeypatch.setattr(build_turn, "RENEWED_EVERY", 0)

    def slow(*args):
        with travel(now, tick=False) as clock:
            for written in pack(*args):
                clock.shift(build_turn.LASTS - 1)
                yield written  # and the build says that it goes on
                taken.append(build_turn.is_taken(parent))

    monkeypatch.setattr(data_export.archive, "pack", slow)
    data_export.make(parent, at=now)
    assert len(taken) > 1 and all(taken)
    assert not build_turn.is_taken(parent)
