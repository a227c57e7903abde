"""What the ground floor tells the floors above it."""

from django.dispatch import Signal

# A visitor wrote to the academy: to (address), name, email (to answer), subject, message, language, at.
# Whoever listens carries it on.
words_received = Signal()
