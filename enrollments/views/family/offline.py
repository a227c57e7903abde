"""Offline page for families, kept by a service worker.

It contains no personal data, and nothing else is cached.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker of /<language>/family/: pages come from the network, or else the offline page,
    which keeps a form that could not be sent.
    """
    context = {"room": "family", "offline_url": reverse("family_offline")}
    return render(request, "enrollments/worker.js", context, content_type="text/javascript")


@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """Show the offline page."""
    return render(request, "enrollments/family/offline.html")
