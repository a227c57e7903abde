"""Helpers for sending and reading emails in tests."""

from django.core import mail
from django.utils import timezone

from enrollments.letters import delivery


def delivered() -> list:
    """Return everything sent so far, after sending what is due."""
    delivery.send_due(timezone.now())
    return mail.outbox
