"""The database ends every connection while families press the button, as a restarted PostgreSQL does."""

import threading

import pytest
from django.db import connection

from tests.factories import SessionFactory, saturday_in
from tests.races.server import served
from tests.races.test_rush import families, holds, rush

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
TIMES = 15


@pytest.mark.fault
def test_connections_that_the_database_ends_are_calm_pages_and_the_next_press_is_served(academy_settings):
    """503 at most, nothing is lost or doubled, and the next press is served without a hand."""
    known, over, ended = families(40), threading.Event(), []

    def restart():
        for _time in range(TIMES):
            if over.wait(0.15):
                break
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                ended.extend(cursor.fetchall())
        connection.close()

    with served(processes=2, threads=4) as port:
        session = SessionFactory(capacity=12, first_on=saturday_in(3))
        rush(port, SessionFactory(first_on=saturday_in(4)), families(8), callers=8, presses=(1, 1))  # awake
        restarts = threading.Thread(target=restart)
        restarts.start()
        try:
            answers = rush(port, session, known, callers=8, presses=(2, 3))
        finally:
            over.set()
            restarts.join(60)
        assert {answer.status for answer in answers} <= {302, 503} and ended
        again = rush(port, session, known, callers=8, presses=(1, 1))
    holds(session, known, [answer for answer in answers if answer.status == 302] + again, 12)
