"""The two ways of one-shot work, for tests that pass on both: done where it is found, or on a real Redis."""

import signal
import subprocess
import time

import pytest
from django.test import override_settings
from redis import Redis
from redis.exceptions import RedisError

from academy import env
from tests.machines.programs import free_port


@pytest.fixture(scope="session")
def queue_server(tmp_path_factory):
    """Return the address of a Redis of our own."""
    port, folder = free_port(), tmp_path_factory.mktemp("queue")
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while True:
            try:
                with Redis(port=port) as redis:
                    redis.ping()
                break
            except (OSError, RedisError):
                assert time.monotonic() < until and server.poll() is None
                time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def queue(queue_server):
    """The site with its long work on Redis; returns a client of that Redis, empty."""
    tasks, queues = env.tasks("redis", queue_server)
    with override_settings(TASKS=tasks, RQ_QUEUES=queues), Redis.from_url(queue_server) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


@pytest.fixture(name="turn", params=["here", pytest.param("redis", marks=pytest.mark.redis)])
def long_work_turn(request):
    """`turn(find, at)`: a turn of that job, and of a worker when it waits; returns how many were done."""
    if request.param == "here":
        return lambda find, at: find(at)
    request.getfixturevalue("queue")

    def both(find, at):
        assert find(at) == 0, "it waits"
        return work_off()

    return both


def work_off() -> int:
    """Do what waits in this process, and so in this transaction; return how many tasks were done."""
    from django.conf import settings
    from rq import SimpleWorker

    from home import task_queue

    handlers = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}
    found = task_queue.worker(settings.TASKS["long"]["QUEUES"], SimpleWorker)
    try:
        found.work(burst=True, logging_level="WARNING")
    finally:
        for sign, handler in handlers.items():
            signal.signal(sign, handler)
    done = 0
    for queue in found.queues:
        for key in queue.finished_job_registry.get_job_ids():
            done += queue.fetch_job(key).return_value() is True
            queue.finished_job_registry.remove(key, delete_job=True)
    return done
