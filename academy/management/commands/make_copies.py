"""Make the copies of their data that families asked for. Started by a scheduled job, or by hand."""

import signal
import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from academy import copying
from enrollments.privacy import copy_requests


class Command(BaseCommand):
    help = "Make the copies of their data that families asked for; one process at a time on a machine."

    def handle(self, **options):
        signal.signal(signal.SIGTERM, _stop)
        with copying.turn() as is_ours:
            while is_ours and copy_requests.make_due(timezone.now()):
                pass


def _stop(*_arguments) -> None:
    """Leave what is being written, once: what clears up is not interrupted."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)
