"""Publish and unpublish what is planned, instead of Wagtail's command, which forgets what failed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from home.cms import schedule


class Command(BaseCommand):
    help = "Publish and unpublish the pages whose planned time has come; what fails stays planned."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dryrun", action="store_true", help="List what is due, change nothing.")

    def handle(self, *, dryrun: bool = False, **options: Any) -> None:
        at = timezone.now()
        if dryrun:
            for plan in schedule.due(at):
                act = "unpublish" if plan.is_end else "publish"
                self.stdout.write(f"{plan.due_at:%Y-%m-%d %H:%M}  {act}  {plan.page.url_path}")
            return
        schedule.run(at)
        for plan in schedule.late(at):
            self.stderr.write(f"{plan.page.url_path}: {plan.fault}")
