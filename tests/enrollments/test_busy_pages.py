"""Whoever sends a form while its rows are locked reads a calm page: nothing is saved, nothing typed is lost,
and the same button again saves it once.
"""

from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from enrollments.models import (
    AccountEvent,
    Barring,
    Child,
    Guardianship,
    Letter,
    MergeAgreement,
    MergeProposal,
    SafetyNote,
)
from enrollments.privacy import child_merge
from tests.factories import ChildFactory, GuardianshipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]

BORN = date(2016, 5, 4)
WRITTEN = (
    get_user_model(),
    AccountEvent,
    Barring,
    Child,
    Guardianship,
    Letter,
    MergeAgreement,
    MergeProposal,
    SafetyNote,
)


def typed(field: str, day: date) -> dict:
    return {f"{field}_day": day.day, f"{field}_month": day.month, f"{field}_year": day.year}


def rows() -> dict:
    return {model: list(model.objects.order_by("pk").values()) for model in WRITTEN}


@contextmanager
def held_at(number: int):
    """Let the write of that number fail as if its row were locked; what is read, and looks recorded before,
    go on. Yields a list that is filled when it did.
    """
    count, failed = [0], []

    def wrapper(execute, sql, params, many, context):
        is_write = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if is_write and not any(table in sql for table in ("django_session", "enrollments_readrecord")):
            count[0] += 1
            if count[0] == number:
                failed.append(sql)
                raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield failed


@pytest.fixture
def child(parent):
    return ChildFactory(guardian=parent, first_name="Nour", last_name="El Amrani", birth_date=BORN)


def birth_date(child, people):
    return (
        people.front_desk,
        reverse("office_birth_date", args=[child.pk]),
        typed("birth_date", date(2015, 5, 3)),
    )


def guardian_added(child, people):
    told = {"name": "Hicham Ouazzani", "phone": "06 61 00 00 02", "email": "", "language": "fr"}
    url = reverse("office_guardian_add", args=[child.pk])
    return people.front_desk, url, told | {"relation": "father", "rights": "full"}


def barred(child, people):
    told = {"guardian": "", "name": "Hamid Interdit", "paper": "judgment"}
    url = reverse("office_barred", args=[child.pk])
    return people.manager, url, told | typed("seen_on", timezone.localdate())


def merge_asked(child, people):
    """The other parent reads one file only: whoever is on the other file must agree."""
    GuardianshipFactory(child=child, guardian=people.other_parent)
    twin = ChildFactory(guardian=people.parent, first_name="Nour", last_name="Amrani", birth_date=BORN)
    return people.front_desk, reverse("office_merge", args=[child.pk, twin.pk]), {}


def merge_answered(child, people):
    merge_asked(child, people)
    twin = Child.objects.exclude(pk=child.pk).get()
    child_merge.propose(child, twin, by=people.front_desk, at=timezone.now())
    return people.parent, reverse("child_merge", args=[twin.pk]), {"answer": "yes"}


def child_changed(child, people):
    told = {"first_name": "Noura", "last_name": "El Amrani"}
    return people.parent, reverse("child_change", args=[child.pk]), told | typed("birth_date", BORN)


PAGES = (birth_date, guardian_added, barred, merge_asked, merge_answered, child_changed)


@pytest.fixture
def people(parent, other_parent, front_desk, manager):
    return SimpleNamespace(parent=parent, other_parent=other_parent, front_desk=front_desk, manager=manager)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_form_meets_a_lock_at_any_write_and_is_saved_once_when_sent_again(child, people, logged_in, page):
    who, url, form = page(child, people)
    client, before, number = logged_in(who), rows(), 0
    while True:
        number += 1
        with held_at(number) as failed:
            answer = client.post(url, form)
        if not failed:
            break
        assert (answer.status_code, answer["Retry-After"]) == (503, "3"), failed
        said = answer.content.decode()
        assert all(f'name="{name}" value="{value}"' in said for name, value in form.items()), said
        assert rows() == before, failed
    assert number > 1 and answer.status_code == 302
    after = rows()
    assert after != before
    client.post(url, form)
    assert rows() == after, "the button pressed twice"
