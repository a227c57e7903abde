"""Offline page for the instructors' desk, kept by a service worker.

It contains no personal data, and nothing else is cached.
"""

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(no_cache=True)
def worker(request):
    """Serve the service worker of /<language>/desk/: pages come from the network,
    or else the offline page.
    """
    return render(request, "enrollments/desk/worker.js", content_type="text/javascript")


@require_safe
@cache_control(no_cache=True)
def offline(request):
    """Show the offline page."""
    return render(request, "enrollments/desk/offline.html")
