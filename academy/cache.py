"""Redis as the cache, and each process's own memory while Redis is away.

A page is then rendered for each visitor, and rate limits count per process: weaker, but the site stays up.
/readyz says so.
"""

import time
from typing import Any, cast

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis.exceptions import RedisError

PAUSE = 5.0  # seconds before Redis is asked again after a fault
CALLS = ("add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many")


class OneClient(RedisCacheClient):
    """Django's client of Redis, but one object for each server instead of a new one for each call: making
    one costs more than asking. It is safe among threads.
    """

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index = self._get_connection_pool_index(write)  # type: ignore[attr-defined]  # not in the stubs
        if index not in self._clients:
            self._clients[index] = super().get_client(key, write=write)
        return self._clients[index]

    @cached_property
    def _clients(self) -> dict[int, Any]:
        return {}


class PatientRedisCache(RedisCache):
    """Django's Redis cache; a call that finds no Redis is answered from memory.

    `clear` empties this alias only: the aliases share one Redis database, apart by their key prefix.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient
        name = f"instead of {params.get('KEY_PREFIX', '')}"
        self._memory = LocMemCache(name, {"OPTIONS": {"MAX_ENTRIES": 5_000}})
        self._away_until = 0.0
        self._was_away = False

    @property
    def is_away(self) -> bool:
        """Return whether memory answers at the moment."""
        return time.monotonic() < self._away_until

    def disconnect(self) -> None:
        """Close the connections to Redis; the next call opens new ones."""
        if "_cache" in self.__dict__:
            for client in cast(OneClient, self._cache)._clients.values():
                client.connection_pool.disconnect()

    def clear(self) -> None:
        """Delete this alias's keys, at most some hundreds in one round trip."""
        self._memory.clear()
        client = self._cache.get_client(None, write=True)
        pattern = f"{self.key_prefix}:*"
        batch: list[Any] = []
        for key in client.scan_iter(pattern, count=500):
            batch.append(key)
            if len(batch) == 500:
                client.delete(*batch)
                batch = []
        if batch:
            client.delete(*batch)


def _patient(name: str) -> Any:
    def call(self: PatientRedisCache, *args: Any, **more: Any) -> Any:
        if not self.is_away:
            try:
                found = getattr(super(PatientRedisCache, self), name)(*args, **more)
            except RedisError:
                self._away_until = time.monotonic() + PAUSE
                self._was_away = True
            else:
                if self._was_away:  # what memory holds is of the pause: a later one begins empty
                    self._was_away = False
                    self._memory.clear()
                return found
        return getattr(self._memory, name)(*args, **more)

    call.__name__ = name
    return call


for _name in CALLS:
    setattr(PatientRedisCache, _name, _patient(_name))
