"""Run scheduled jobs in a loop, also past a database that restarts. On SIGTERM or SIGINT, finish the current
job and exit.
"""

import logging
import os
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections
from django.utils import timezone

from academy import clockwork, copying
from home.database.away import is_away

log = logging.getLogger(__name__)
PAUSE = 3  # seconds: jobs have their own due times


class Command(BaseCommand):
    help = (
        "Turn the clockwork: run all that is due, again and again. Any number of workers may run, on any "
        "number of machines."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--pause", type=float, default=PAUSE, metavar="SECONDS", help="Between two looks at what is due."
        )
        parser.add_argument(
            "--with-parent", action="store_true", help="End when the process that began this one ends."
        )

    def handle(self, *, pause, with_parent, **options):
        began_by, stop = os.getppid(), threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_arguments: stop.set())
        try:
            while not stop.is_set() and (not with_parent or os.getppid() == began_by):
                close_old_connections()
                try:
                    clockwork.run_due(timezone.now())
                except Error as fault:
                    if not is_away(fault):
                        raise
                    # It restarts: the next turn finds it again.
                    log.warning("the database is away: %s", type(fault).__name__)
                stop.wait(pause)
        finally:
            copying.stop()
