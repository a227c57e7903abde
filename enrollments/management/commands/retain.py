"""Delete data past its retention period."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollments.privacy import retention


class Command(BaseCommand):
    help = (
        "Say what is kept past its date; with --apply, take it away. Safe to run twice, and to stop half-way."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--apply", action="store_true", help="really take it away; without it nothing is touched"
        )

    def handle(self, *, apply=False, **options):
        for kind, count in retention.retain(timezone.now(), apply=apply).items():
            self.stdout.write(f"{count:6} {kind}")
        self.stdout.write("Taken away." if apply else "Nothing was touched: --apply takes it away.")
