"""Signals sent by the home app."""

from django.dispatch import Signal

# A public page is about to be rendered: page, request, at. The sender is the type of the page.
# Receivers return a dictionary of context data for its template.
page_requested = Signal()
# A visitor wrote to the academy: to (address), name, email (to reply), subject, message, language, at.
# Receivers send it on.
words_received = Signal()
