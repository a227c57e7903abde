"""Signals sent by the home app."""

from django.dispatch import Signal

# A public page is about to be rendered: page, request, at. The sender is the type of the page.
# Receivers return a dictionary of context data for its template.
page_requested = Signal()
# A visitor wrote to the academy: to (address), name, email (to reply), subject, message, language, at.
# Receivers send it on.
words_received = Signal()
# A planned publication or end of a page failed and stays planned: plan, to (its author or None), fault (words
# in the author's language), at. Sent once for each reason, in a transaction. Receivers tell the author.
plan_failed = Signal()
# A page is checked before publication: page (the version that would be published). The sender is the type of
# the page. Receivers return a list of home.cms.gate.problems.Problem, and write nothing.
problems_wanted = Signal()
