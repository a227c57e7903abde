"""Record a bounced email piped in by the mail server (RFC 3464): `| manage.py take_bounce` in its aliases."""

import email
import email.policy
import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from enrollments.letters import delivery


class Command(BaseCommand):
    help = "Read one returned letter from standard input and note it on the letter it brings back."

    def handle(self, **options):
        at = timezone.now()
        message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
        for part in message.walk():
            # The message itself, or only its header, is inside; the outer id is the report's own.
            if part is not message and (number := part["Message-ID"]) and delivery.note_bounce(number, at=at):
                self.stdout.write("Noted.")
                return
            if part.get_content_type() == "text/rfc822-headers":
                head = email.message_from_string(part.get_content(), policy=email.policy.default)
                if head["Message-ID"] and delivery.note_bounce(head["Message-ID"], at=at):
                    self.stdout.write("Noted.")
                    return
        self.stdout.write("Not one of ours.")
