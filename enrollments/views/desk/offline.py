"""Offline page for the instructors' desk, kept by a service worker.

It contains no personal data, and nothing else is cached.
"""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(no_cache=True)
def worker(request):
    """Serve the service worker of /<language>/desk/: pages come from the network,
    or else the offline page, which keeps a form that could not be sent.
    """
    context = {"room": "desk", "offline_url": reverse("desk_offline")}
    return render(request, "enrollments/worker.js", context, content_type="text/javascript")


@require_safe
@cache_control(no_cache=True)
def offline(request):
    """Show the offline page."""
    return render(request, "enrollments/desk/offline.html")
