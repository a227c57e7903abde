"""The site as it is served, in a process of the tests: with the visitors' short memory, which tests do
without.
"""

from django.conf import settings

from academy.wsgi import application

settings.VISITOR_CACHE_SECONDS = 10  # the number of academy.settings

__all__ = ["application"]
