"""Compiled queries and connections: restarts, locked tables, a lost server, other threads."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, connections, transaction

from academy.signed_in import PERSON
from enrollments.places import seat_log
from home.database.compiled import Compiled, together
from tests import databases
from tests.factories import (
    ChildFactory,
    SessionFactory,
    UserFactory,
)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_after_a_restart_of_the_server_the_next_request_asks_on_a_new_connection():
    user = UserFactory()
    connection.health_checks_enabled = True
    for _ask in range(4):
        assert PERSON.one(key=user.pk) == user
    with psycopg.connect(databases.named(connection.settings_dict["NAME"]), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    connection.close_if_unusable_or_obsolete()  # what Django does when a request begins
    assert PERSON.one(key=user.pk) == user
    with transaction.atomic():
        assert seat_log.locked_with_ties([]) == ({}, [])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asked_before", [1, 2, 3])
def test_a_table_that_was_locked_for_a_while_is_asked_again_on_the_same_connection(asked_before):
    user = UserFactory()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    for _ask in range(asked_before):
        assert PERSON.one(key=user.pk) == user
    with psycopg.connect(databases.named(connection.settings_dict["NAME"])) as other:
        other.execute(f"LOCK TABLE {user._meta.db_table} IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError):
            together(PERSON.asked(key=user.pk), PERSON.asked(key=user.pk))
    for _ask in range(4):
        assert PERSON.one(key=user.pk) == user
    connection.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_server_that_goes_away_is_a_fault_as_django_names_it():
    guardian = UserFactory()
    child = ChildFactory(guardian=guardian)
    with pytest.raises((OperationalError, InterfaceError)), transaction.atomic():
        seat_log.locked_with_ties([child])
        with psycopg.connect(databases.named(connection.settings_dict["NAME"]), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        seat_log.locked_with_ties([child])
    connection.close()
    with transaction.atomic():
        assert seat_log.locked_with_ties([child], in_care_of=guardian)[0] == {child.pk: child}


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_through_its_own_connection():
    child, session = ChildFactory(guardian=UserFactory()), SessionFactory(capacity=3)
    asking = seat_log.FULL_TIES
    here = asking(children=[child.pk])

    def there():
        try:
            with transaction.atomic():
                seat_log.TAKE_SEAT(key=session.pk)
                return asking(children=[child.pk]), id(connections["default"].connection)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        rows, used = pool.submit(there).result()
    assert rows == here and used != id(connection.connection)
    session.refresh_from_db()
    assert session.seats_taken == 1


@pytest.mark.django_db(transaction=True)
def test_what_one_thread_compiled_does_not_keep_its_connection():
    child = ChildFactory(guardian=UserFactory())
    anew = Compiled(seat_log.FULL_TIES.rows)

    def there():
        assert anew(children=[child.pk])
        mine = weakref.ref(connections["default"])
        connections.close_all()
        return mine

    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(there).result()
    gc.collect()
    assert anew.plans and theirs() is None
