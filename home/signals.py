"""Signals sent by the home app."""

from django.dispatch import Signal

# A visitor wrote to the academy: to (address), name, email (to reply), subject, message, language, at.
# Receivers send it on.
words_received = Signal()
