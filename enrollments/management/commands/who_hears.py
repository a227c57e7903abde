"""Print which event writes to whom (enrollments.letters.audience)."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from enrollments.letters import audience


class Command(BaseCommand):
    help = "Print, as a table, which event writes which message to whom."

    def add_arguments(self, parser):
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, language, **options):
        with translation.override(language):
            self.stdout.write(audience.table())
