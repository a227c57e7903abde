"""Recompute the UTC times of future classes from their local times, after a time-zone change."""

from datetime import date, time

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from courses.models.timetable import instant
from courses.timetable.scheduling import derive_again


class Command(BaseCommand):
    help = (
        "Derives the instants of meetings again from their local date and hours, with the zone data this "
        "machine has now."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--since",
            metavar="YYYY-MM-DD",
            help="from this local day on; by default from now on, the past stays as it was",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say how many would change, and change nothing"
        )

    def handle(self, *args, since=None, dry_run=False, **options):
        try:
            moment = instant(date.fromisoformat(since), time.min) if since else timezone.now()
        except ValueError:
            raise CommandError(f"--since: {since!r} is not a day like 2026-09-20.") from None
        with transaction.atomic():
            changed = derive_again(moment)
            if dry_run:
                transaction.set_rollback(True)
        self.stdout.write(f"{changed} meetings {'would change' if dry_run else 'changed'}.")
