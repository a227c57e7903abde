"""Do the long work that waits in the queue on Redis. On SIGTERM, give the task back and exit."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from home import one_shot


class Command(BaseCommand):
    help = "Do the long work that waits on Redis (LONG_WORK=redis); any number of these may run."

    def add_arguments(self, parser):
        parser.add_argument("--burst", action="store_true", help="End when nothing waits.")

    def handle(self, *, burst, **options):
        if not one_shot.is_queued():
            raise CommandError("No queue: set LONG_WORK=redis. Without it, manage.py worker does this work.")
        from home.task_queue import worker  # its packages are there only with a queue

        connections.close_all()  # each task runs in a child, which opens its own
        worker(settings.TASKS[one_shot.LONG]["QUEUES"]).work(burst=burst)
