"""The copy of a family's data: one per account, written one at a time, a few a day."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.cache import caches
from django.urls import reverse
from django.utils import timezone

from enrollments.families import guardians
from enrollments.models import DataCopy, Letter
from enrollments.privacy import data_export
from tests.factories import PASSWORD, GuardianshipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


@pytest.fixture
def proved(logged_in):
    """`proved(user)`: signed in, and the password confirmed just now."""

    def enter(user):
        client = logged_in(user)
        assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
        return client

    return enter


def files_kept() -> list[str]:
    return sorted(path.name for path in data_export.folder().iterdir())


def test_a_new_copy_takes_the_older_ones_place(parent, child, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first = data_export.make(parent, at=timezone.now())
    with django_capture_on_commit_callbacks() as later:
        second = data_export.make(parent, at=timezone.now())
    assert DataCopy.objects.get() == second
    assert data_export.path_of(first).exists(), "until it is certain"
    for done in later:
        done()
    assert files_kept() == [data_export.path_of(second).name]
    assert oct(data_export.path_of(second).stat().st_mode & 0o777) == "0o600"


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


def test_a_press_in_another_tab_while_a_copy_is_written_is_told_so(proved, parent, child, meanwhile):
    client, pages = proved(parent), []
    meanwhile(lambda: pages.append(client.post(reverse("privacy_copy"), follow=True).content.decode()))
    page = client.post(reverse("privacy_copy"), follow=True).content.decode()
    said = "Votre copie est déjà en préparation"
    assert said in pages[0] and said not in page
    assert len(files_kept()) == DataCopy.objects.count() == 1
    assert Letter.objects.filter(kind="export_ready").count() == 1
    assert said not in client.post(reverse("privacy_copy"), follow=True).content.decode(), "it is free again"


def test_two_copies_written_at_once_leave_one(parent, child, meanwhile, django_capture_on_commit_callbacks):
    def the_other():
        caches["default"].clear()  # as where processes share no cache
        data_export.make(parent, at=timezone.now())

    meanwhile(the_other)
    with django_capture_on_commit_callbacks(execute=True):
        mine = data_export.make(parent, at=timezone.now())
    assert DataCopy.objects.get() == mine and files_kept() == [data_export.path_of(mine).name]


def test_an_account_gets_a_few_copies_a_day(proved, parent, child, other_parent):
    at = timezone.now()
    for _time in range(data_export.MOST_A_DAY):
        last = data_export.make(parent, at=at)
    page = proved(parent).post(reverse("privacy_copy"), follow=True).content.decode()
    assert "5 copies au plus" in page and DataCopy.objects.get() == last
    assert data_export.path_of(last).exists()
    data_export.make(other_parent, at=at)
    data_export.make(parent, at=at + timedelta(days=1))


def test_a_copy_that_fails_leaves_the_older_one_and_frees_the_turn(parent, child, monkeypatch):
    first = data_export.make(parent, at=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(data_export.os, "fsync", Mock(side_effect=OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            data_export.make(parent, at=timezone.now())
    assert DataCopy.objects.get() == first and files_kept() == [data_export.path_of(first).name]
    assert data_export.make(parent, at=timezone.now()) != first


def test_a_right_that_ends_while_a_copy_is_written_leaves_no_copy(
    proved, child, other_parent, manager, meanwhile
):
    tie = GuardianshipFactory(child=child, guardian=other_parent)
    meanwhile(lambda: guardians.remove(tie, by=manager, at=timezone.now(), paper="judgment"))
    page = proved(other_parent).post(reverse("privacy_copy"), follow=True).content.decode()
    assert "a changé dans vos données" in page
    assert not DataCopy.objects.exists() and files_kept() == []
