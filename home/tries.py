"""How often something was tried from one network address, within a window of time.

Only a keyed hash of the address is stored, in the cache that all processes share.
"""

import hashlib

from django.conf import settings
from django.core.cache import cache


def client_address(request) -> str:
    """Return the visitor's address behind the declared number of proxies (settings.PROXY_COUNT); anything
    beyond is not trusted.
    """
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count = settings.PROXY_COUNT
    return hops[-count] if 0 < count <= len(hops) else request.META.get("REMOTE_ADDR", "")


def _key(what: str, request) -> str:
    digest = hashlib.sha256(f"{settings.SECRET_KEY}{client_address(request)}".encode()).hexdigest()[:32]
    return f"{what}:{digest}"


def tried(what: str, request) -> int:
    """Return how often this was counted from the visitor's address."""
    return int(cache.get(_key(what, request)) or 0)


def is_known(what: str, request, value: str) -> bool:
    """Return whether this value was let through from the visitor's address before (see let_through)."""
    return bool(cache.get(f"{_key(what, request)}:{value}"))


def let_through(what: str, request, value: str, *, seconds: int) -> None:
    """Remember that this value is in use at the visitor's address: tries no longer close it there."""
    cache.set(f"{_key(what, request)}:{value}", 1, seconds)


def count_value(what: str, request, value: str, *, seconds: int) -> None:
    """Count one try of a value; the same value again does not count."""
    digest = hashlib.sha256(value.encode()).hexdigest()[:16]
    if cache.add(f"{_key(what, request)}:tried:{digest}", 1, seconds):
        count_try(what, request, seconds=seconds)


def count_try(what: str, request, *, seconds: int) -> int:
    """Count one try and return how many there are; the window begins with the first one."""
    key = _key(what, request)
    if cache.add(key, 1, seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired between the two queries
        return 1
