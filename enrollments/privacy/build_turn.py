"""One copy of an account's data is written at a time, on any number of machines. Kept in the cache."""

import time as stopwatch
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from home.account import User

LASTS = 600  # seconds after which a build that ended without a word is given up for dead
RENEWED_EVERY = 60  # seconds: how often a build says that it goes on


class Taken(Exception):
    """Another build of this account is running."""


class Turn:
    """The turn of a build that holds it."""

    def __init__(self, key: str, mine: str) -> None:
        self.key, self.mine, self.renewed = key, mine, stopwatch.monotonic()

    def renew(self) -> None:
        """Say that the build goes on; called as often as one likes."""
        now = stopwatch.monotonic()
        if now - self.renewed >= RENEWED_EVERY and cache.get(self.key) == self.mine:
            cache.touch(self.key, LASTS)
            self.renewed = now


def is_taken(user: User) -> bool:
    """Return whether a copy of this account is being written, on any machine."""
    return cache.get(_key(user)) is not None


@contextmanager
def turn_of(user: User) -> Iterator[Turn]:
    """Hold the account's turn. Raises Taken."""
    turn = Turn(_key(user), str(uuid.uuid4()))
    if not cache.add(turn.key, turn.mine, LASTS):
        raise Taken
    try:
        yield turn
    finally:
        if cache.get(turn.key) == turn.mine:
            cache.delete(turn.key)


def _key(user: User) -> str:
    return f"data-copy:{user.pk}"
