"""All that is due: run each minute, by cron in production, by `serve` in the demonstration. Safe to run twice."""

import os
import time
from datetime import timedelta

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from enrollments import ledger_check, letters, offers, retention
from enrollments.models import PlaceCheck

NIGHT = {3}  # the hour, in Morocco, when what is past its date is taken away


class Command(BaseCommand):
    help = (
        "Do what is due now: pages whose hour of publishing has come or is over, places whose hour has come, letters to be sent."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=int, metavar="SECONDS", help="Go on doing so, until the process that began this one ends."
        )

    def handle(self, *, every=None, **options):
        began_by = os.getppid()
        self.do_what_is_due()
        while every and os.getppid() == began_by:
            time.sleep(every)
            close_old_connections()
            self.do_what_is_due()

    def do_what_is_due(self):
        call_command("publish_scheduled", verbosity=0)
        at = timezone.now()
        offers.settle_due(at)
        letters.send_due(at)
        if timezone.localtime(at).hour in NIGHT:
            retention.retain(at, apply=True)
            if not PlaceCheck.objects.filter(at__gt=at - timedelta(hours=20)).exists():
                ledger_check.keep(at)
