"""Run all due jobs once, for cron. Safe to run twice, or on two machines at the same time."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy import clockwork


class Command(BaseCommand):
    help = (
        "Do what is due now: places whose hour has come, letters to be sent, pages to publish, and what is "
        "done once a night."
    )

    def handle(self, **options):
        for run in clockwork.run_due(timezone.now()):
            if run.fault:
                self.stderr.write(f"{run.name}: {run.fault}")
