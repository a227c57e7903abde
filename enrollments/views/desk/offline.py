"""A desk without network, reloaded: a calm page that a service worker keeps.

It holds no person, and nothing else is kept.
"""

from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(no_cache=True)
def worker(request):
    """The service worker of /<language>/desk/: pages come from the network, and without it the calm page
    answers.
    """
    return render(request, "enrollments/desk/worker.js", content_type="text/javascript")


@require_safe
@cache_control(no_cache=True)
def offline(request):
    """The calm page itself."""
    return render(request, "enrollments/desk/offline.html")
