"""The site without its Redis, and aliases that leave each other alone. The Redis is a real one, where the
machine has it.
"""

import subprocess
import time
from contextlib import contextmanager

import pytest
from django.core.cache import caches
from django.test import Client, override_settings
from redis import Redis
from redis.exceptions import RedisError

from academy import cache as patient
from academy import health
from tests.races.crowd import at_once
from tests.races.server import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def store(port: int) -> dict:
    one = {
        "BACKEND": "academy.cache.PatientRedisCache",
        "LOCATION": f"redis://127.0.0.1:{port}/0",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    return {"default": one} | {name: one | {"KEY_PREFIX": name} for name in ("pages", "renditions")}


@pytest.fixture
def away(monkeypatch):
    """Return the three aliases of a Redis that nobody answers for."""
    with override_settings(CACHES=store(free_port())):
        yield


@pytest.mark.parametrize("path", ["/fr/", "/fr/cours/", "/fr/account/login/", "/ar/contact/"])
@pytest.mark.fault
def test_every_page_is_served_without_the_cache(away, path):
    for _twice in range(2):
        assert Client().get(path).status_code == 200
    assert caches["default"].is_away or caches["pages"].is_away


def test_memory_answers_meanwhile_and_readiness_says_so(away):
    cache = caches["default"]
    cache.set("limit", 1, 60)
    assert cache.incr("limit") == 2 and cache.get("limit") == 2
    assert cache.add("limit", 5) is False and cache.get_many(["limit"]) == {"limit": 2}
    assert health._cache() is False


def test_limits_count_without_the_cache(away):
    from allauth.core.internal import ratelimit  # noqa: F401 — the counters stand in the default cache

    client = Client()
    answers = [
        client.post("/fr/account/login/", {"login": "a@example.org", "password": f"wrong-{n}"})
        for n in range(22)
    ]
    assert "trop" in answers[-1].content.decode().lower() or answers[-1].status_code == 429


@pytest.mark.redis
def test_clearing_one_alias_leaves_the_others_and_a_redis_that_comes_back_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(patient, "PAUSE", 0.1)
    port = free_port()
    with override_settings(CACHES=store(port)):
        default, pages = caches["default"], caches["pages"]
        default.set("a", "from memory", 60)
        assert default.is_away
        with redis_on(port, tmp_path):
            time.sleep(0.2)
            assert default.get("a") is None and not default.is_away, "Redis has its own"
            for number in range(1200):
                pages.set(f"page-{number}", number, 60)
            default.set("kept", 1, 60)
            pages.clear()
            assert default.get("kept") == 1 and pages.get("page-7") is None
            assert Redis(port=port).dbsize() == 1


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_limit_is_counted_over_all_processes(tmp_path, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "3/m/ip"}
    port = free_port()
    words = {"login": "x@example.org", "password": "wrong-wrong"}

    def knock():
        return Client().post("/fr/account/login/", words).status_code

    with redis_on(port, tmp_path), override_settings(CACHES=store(port)):
        answers = [outcome for _process in range(4) for outcome in at_once(knock)]
    assert answers == [("done", 200)] * 3 + [("done", 429)]


@contextmanager
def redis_on(port: int, folder):
    """A Redis that keeps nothing, on this port."""
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    try:
        _until_it_answers(port)
        yield
    finally:
        server.terminate()
        server.wait(10)


def _until_it_answers(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            Redis(port=port, socket_timeout=1).ping()
            return
        except (OSError, RedisError):
            time.sleep(0.05)
    raise TimeoutError(port)
