"""The queue of one-shot work on Redis (LONG_WORK=redis): django-tasks-rq, and the worker that ends quickly.

Nothing else imports this file: its packages are in requirements-queue.txt. What waits is named by primary
keys in JSON. Of a failure Redis keeps types and places in the code for an hour, never a message: messages
quote rows.
"""

import logging
import os
import signal
import sys
from collections.abc import Iterable
from typing import Any

import django_rq
from django_tasks_rq.backend import Job, RQBackend
from rq import Worker
from rq.serializers import JSONSerializer

FAILURES_KEPT = 3600  # seconds that a failed task is shown
log = logging.getLogger(__name__)


class NobodyWorks(Exception):
    """Tasks wait, and no `manage.py task_worker` lives."""


class TasksFailed(Exception):
    """Tasks failed in the last hour, or their process was killed."""


class TaskFailed(Exception):
    """What Redis keeps instead of what a task raised: the name of its type only."""


class Queue(RQBackend):
    """django-tasks-rq without the application django_rq, whose tables and screens the site does not use."""

    def check(self, **kwargs: Any) -> Iterable[Any]:
        return []


class QueuedTask(Job):
    """A task taken from the queue."""

    failure_ttl = property(lambda self: FAILURES_KEPT, lambda self, _seconds: None)

    def _execute(self) -> Any:
        try:
            return super()._execute()
        except SystemExit:  # told to stop: the row is due again
            return None
        except Exception as fault:
            log.exception("task %s", self.func_name)
            raise TaskFailed(type(fault).__name__) from None


class QuickToStop(Worker):
    """Takes one task after another, each in a process of its own, so that its memory is free again.

    Told to stop, it tells that process so. rq itself would wait until the task is done.
    """

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)


def _stop(*_arguments: Any) -> None:
    """Leave what is being done, once: what clears up is not interrupted."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def worker(names: list[str], kind: type[Worker] = QuickToStop) -> Worker:
    """Return a worker of these queues; it empties the first before the next."""
    queues = [django_rq.get_queue(name, job_class=QueuedTask) for name in names]
    return kind(
        queues,
        connection=queues[0].connection,
        job_class=QueuedTask,
        queue_class=type(queues[0]),
        serializer=JSONSerializer,
    )


def look_after(names: list[str]) -> None:
    """Raise NobodyWorks or TasksFailed. Raises redis.exceptions.RedisError when Redis is away."""
    queues = [django_rq.get_queue(name, job_class=QueuedTask) for name in names]
    if any(len(queue) for queue in queues) and not Worker.count(queues[0].connection):
        raise NobodyWorks
    if any(len(queue.failed_job_registry) for queue in queues):
        raise TasksFailed
