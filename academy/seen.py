"""What is seen of a request: a number for all its log lines, one line at its end, and the metrics.

By the name of the route, never by its address: addresses hold children, links that open something, and what
people searched for.
"""

import logging
import re
import secrets
import time

from django.conf import settings
from django.core.signals import request_finished

from academy import metrics
from academy.log import request_number

log = logging.getLogger("academy.request")
HEADER = "X-Request-ID"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
PROBES = frozenset({"healthz", "readyz", "workz"})
# As nginx makes it, or a UUID. With anything else, clients would write into our log.
SHAPE = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}(?:\1[0-9a-f]{4}){2}\1[0-9a-f]{12}")


def route_of(request) -> str:
    """Return the name of the route that answered, also from what was kept for visitors; "static" for a
    static file, "none" if nothing answered.
    """
    if request.resolver_match:
        return request.resolver_match.view_name
    if kept := getattr(request, "kept_route", ""):
        return kept
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def number_of(request) -> str:
    """Return the number that a declared proxy gave the request, or a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.PROXY_COUNT else ""
    return given if SHAPE.fullmatch(given) else secrets.token_hex(16)


class Seen:
    """Number each request, measure it, and tell of it. Outermost, so that nothing answers unseen.

    A streamed answer is measured until its first byte. A probe that is well has no line.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if getattr(request, "is_dummy", False):  # a preview of the CMS, within a request
            return self.get_response(request)
        number = number_of(request)
        request_number.set(number)
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        response.headers[HEADER] = number
        route, method, status = route_of(request), method_of(request), response.status_code
        metrics.count(route, method, status, seconds)
        if log.isEnabledFor(logging.INFO) and (route not in PROBES or status >= 400):
            took = round(seconds * 1000, 1)
            facts = {"method": method, "route": route, "status": status, "ms": took}
            log.info("%s %s %d %s ms %s", method, route, status, took, number, extra={"facts": facts})
        return response


def method_of(request) -> str:
    """Return the method, or "OTHER" for one that a client made up."""
    return request.method if request.method in METHODS else "OTHER"


def _forget(**_signal) -> None:
    """Let no line after the request carry its number. A streamed answer ends here too."""
    request_number.set("")


request_finished.connect(_forget)
