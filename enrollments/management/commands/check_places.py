"""Verify every place: counters, tickets, queue and events. Reads only; run each night by `tick`."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from courses.models import Session
from enrollments import ledger_check


class Command(BaseCommand):
    help = "Check that seats, queues and events tell the same; leaves with 1 when something does not."

    def handle(self, **options):
        faults = ledger_check.check(timezone.now())
        for fault in faults:
            self.stdout.write(str(fault))
        self.stdout.write(f"{Session.objects.count()} sessions checked, {len(faults)} faults")
        if faults:
            raise SystemExit(1)
