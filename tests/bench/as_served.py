"""Serve the site in a test process with the visitor cache, which tests normally disable."""

from django.conf import settings

from academy.wsgi import application

settings.VISITOR_CACHE_SECONDS = 10  # the number of academy.settings

__all__ = ["application"]
