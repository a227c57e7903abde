"""Fifty kills of web, worker, database and Redis while families rush for scarce places.

KILLS=<number> is the seed of order and pauses, 1 unless told.
"""

import os
import random
import re
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest

from tests.machines.browser import HOST
from tests.machines.cluster import Cluster, Process, many_machines
from tests.machines.programs import listens, until
from tests.machines.rush import CALM, rushing

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.machines,
    pytest.mark.deep,
    pytest.mark.fault,
    pytest.mark.xdist_group("fifty_kills"),
]
SEED = int(os.environ.get("KILLS", "1"))
SHARES = {"web": 20, "worker": 15, "database stopped": 5, "connections ended": 5, "redis": 5}
PAUSES = (0.5, 3.5)  # seconds between two kills
RESTART = 2.0  # seconds: RestartSec of the units
TIMEOUT = 65  # seconds: proxy_read_timeout of the web server
LIGHT = 120  # seconds until every node is ready again
TAKEN = 0.03  # seconds the mail server thinks about a letter

LETTERS = """
SELECT json_agg(json_build_array(letter.message_id, coalesce(nullif(letter.address, ''), reader.email),
                                 letter.state, letter.channel, letter.kind))
FROM enrollments_letter AS letter JOIN academy_user AS reader ON reader.id = letter.recipient_id
"""
PLACES = "SELECT json_agg(json_build_array(reference, child_id, session_id)) FROM enrollments_enrollment"
EVENTS = """
SELECT json_agg(json_build_array(enrollment_ref, from_state, to_state, reason) ORDER BY id)
FROM enrollments_placeevent
"""
CLASHES = """
SELECT count(*) FROM enrollments_enrollment AS one
JOIN enrollments_enrollment AS other ON other.child_id = one.child_id AND other.session_id > one.session_id
JOIN courses_meeting AS here ON here.session_id = one.session_id
JOIN courses_meeting AS there ON there.session_id = other.session_id
WHERE one.state = 'seated' AND other.state = 'seated'
  AND here.starts_at < there.ends_at AND there.starts_at < here.ends_at
"""
TOO_MANY = """
SELECT count(*) FROM courses_session AS session WHERE capacity < (
  SELECT count(*) FROM enrollments_enrollment AS row
  WHERE row.session_id = session.id AND row.state IN ('seated', 'offered'))
"""
END_CONNECTIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = 'academy' AND pid <> pg_backend_pid()
"""
KINDS = {"offered": "offer", "accepted": "accepted", "withdrawn": "withdrawn"}  # of a letter, by reason


@pytest.fixture(scope="module")
def site(open_folder):
    with many_machines(open_folder, "rush") as cluster:
        yield cluster


def answers(port: int) -> bool:
    with suppress(OSError):
        return listens(port)
    return False


class Kills:
    """What dies, and comes back as the units of systemd have it."""

    def __init__(self, site: Cluster, chance: random.Random):
        self.site, self.chance = site, chance
        self.done: Counter = Counter()
        self.restarts: list[threading.Timer] = []

    def all(self) -> None:
        kinds = [kind for kind, share in SHARES.items() for _kill in range(share)]
        self.chance.shuffle(kinds)
        for kind in kinds:
            time.sleep(self.chance.uniform(*PAUSES))
            self.kill(kind)
            self.done[kind] += 1
        for restart in self.restarts:
            restart.join()

    def kill(self, kind: str) -> None:
        if kind == "web":
            # The last node that answers is spared: what happens without any is told by the boot test.
            until(lambda: sum(map(answers, self.site.ports)) > 1, "two nodes answer", LIGHT)
            self._one_of(self.site.nodes)
        elif kind == "worker":
            until(lambda: any(one.process.poll() is None for one in self.site.workers), "a worker")
            self._one_of(self.site.workers)
            # Three minutes pass for the job of a worker that died before; letters have claims of their own.
            self.site.ask("UPDATE academy_jobrun SET claimed_until = now() WHERE name = 'letters'")
        elif kind == "redis":
            self.site.redis.kill()
            time.sleep(RESTART)
            self.site.redis.start()
        elif kind == "database stopped":
            self.site.primary.stop_immediately()
            time.sleep(self.chance.uniform(0, RESTART))
            self.site.primary.start()
        else:
            assert self.site.ask(END_CONNECTIONS) > 0

    def _one_of(self, processes: list[Process]) -> None:
        alive = [one for one in processes if one.process.poll() is None]
        victim = self.chance.choice(alive)
        victim.kill()
        restart = threading.Timer(RESTART, victim.start)
        self.restarts.append(restart)
        restart.start()


def all_letters_go_out(site: Cluster) -> None:
    """Let ten minutes pass for what the dead had in their hands: no claim of a living worker is touched."""
    site.post.pause = 0.0
    for worker in site.workers:
        worker.process.terminate()
    for worker in site.workers:
        assert worker.process.wait(90) == 0
    site.ask("UPDATE academy_jobrun SET claimed_until = now() WHERE claimed_until IS NOT NULL")
    site.ask("UPDATE enrollments_letter SET next_try_at = now() WHERE state = 'queued'")
    for worker in site.workers:
        worker.start()
    queued = "SELECT count(*) FROM enrollments_letter WHERE state = 'queued'"
    until(lambda: site.ask(queued) == 0, "all letters go out", 300)


def each_arrived(site: Cluster, letters: list, events: list) -> None:
    """Check that each event has its letter, and that each arrived at its address under its own number."""
    assert {(state, channel) for _number, _to, state, channel, _kind in letters} == {("sent", "email")}
    taken = {(number, to) for number, to, _subject in site.post.taken}
    assert taken == {(f"<{number}@{HOST}>", to) for number, to, *_more in letters}
    told = Counter(
        "enrolled" if not before else KINDS[reason]
        for _row, before, _after, reason in events
        if not before or reason in KINDS
    )
    assert Counter(kind for *_more, kind in letters) == told


def test_fifty_kills_in_a_rush_lose_nothing_and_double_nothing(site):
    until(site.is_well, "every node is ready", LIGHT)
    kills, began = Kills(site, random.Random(SEED)), time.monotonic()
    site.post.pause = TAKEN
    with rushing(site, SEED) as told:
        kills.all()
    lasted = time.monotonic() - began
    until(site.is_well, "every light is green without a hand", LIGHT)
    green = time.monotonic() - began - lasted
    assert site.ready() == (200, {}) and kills.done == SHARES
    all_letters_go_out(site)
    places, events, letters = site.ask(PLACES), site.ask(EVENTS), site.ask(LETTERS)
    changes = Counter(state for _row, state in told.changed)
    twice = len(site.post.taken) - len(letters)
    print(
        f"seed {SEED}: {lasted:.0f} s, green after {green:.0f} s; {dict(kills.done)};"
        f" {told.answers.total()} requests, {dict(sorted(told.answers.items()))},"
        f" the slowest {told.slowest:.1f} s; {len(told.confirmed)} confirmations, {dict(changes)};"
        f" {len(events)} events, {len(letters)} letters, {twice} twice"
    )

    assert told.faults == [], told.faults[:20]
    assert told.slowest < TIMEOUT
    site.manage("check_places")  # the six invariants, and the events replayed; it fails at the first fault
    assert site.ask(CLASHES) == site.ask(TOO_MANY) == 0
    assert {tuple(one) for one in told.confirmed} <= {tuple(one) for one in places}
    assert set(told.changed) <= {(row, after) for row, _before, after, _reason in events}
    each_arrived(site, letters, events)
    assert twice <= SHARES["worker"] + SHARES["database stopped"] + SHARES["connections ended"]

    after = Counter(site.browser().get(f"/{language}/").status for language in ("fr", "ar", "en"))
    assert after == {200: 3}
    assert len(told.confirmed) > 50 and set(changes) == {"seated", "declined", "withdrawn"}
    assert told.answers[422] > 0, "a child's other class was in the way"
    if site.line.tls:
        seen = re.findall(
            r'" (\d{3}) \d+ [\d.]+ [0-9a-f]{32}$', (site.folder / "access.log").read_text(), re.M
        )
        assert len(seen) >= told.answers.total() and set(map(int, seen)) <= CALM
