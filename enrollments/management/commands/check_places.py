"""Check all places: counters, tickets, queue and events.

`tick` runs it every night; the office shows the result.
"""

from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollments.places import audit


class Command(BaseCommand):
    help = "Check that seats, queues and events tell the same; leaves with 1 when something does not."

    def handle(self, **options):
        found = audit.keep(timezone.now())
        for fault in found.faults:
            self.stdout.write(fault)
        self.stdout.write(f"{found.sessions} sessions checked, {len(found.faults)} faults")
        if found.faults:
            raise SystemExit(1)
