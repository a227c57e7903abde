"""One-shot work: long work outside requests, done once for each row that asks for it.

The scheduled jobs find such rows, claim each in the database and hand it out. It is done at once in their
process, or by `manage.py task_worker` from a queue on Redis (LONG_WORK=redis). A claim ends by itself, so
what a queue loses is found and handed out again; each task asks the row whether it is still wanted.

Tasks of Wagtail (search, references, files to delete) use the backend `default` and never a queue: Wagtail
enqueues them inside the transaction, an editor must find what was published, and nobody would find again a
file that should be deleted.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django_tasks import task_backends
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.base import Task

LONG = "long"  # the backend of such tasks, in settings.TASKS


class NotHandedOut(Exception):
    """The queue took nothing: Redis is away or full."""


class Here(ImmediateBackend):
    """Do the task at once. Told to stop, end: the usual backend takes that for a failed task and goes on."""

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        result = super().enqueue(task, args, kwargs)
        if result.errors and not issubclass(result.errors[-1].exception_class, Exception):
            raise SystemExit(0)
        return result


def is_queued() -> bool:
    """Return whether such work waits in a queue."""
    return not isinstance(task_backends[LONG], ImmediateBackend)


def claim(row: QuerySet[Any], **until: Any) -> bool:
    """Write the claim and commit it; return whether the row was still there to claim.

    Raises RuntimeError inside a transaction: a worker could begin before it ends, and find nothing.
    """
    with transaction.atomic(durable=True):
        return bool(row.update(**until))


def hand_out(task: "Task[Any, Any]", *arguments: int | str) -> Any:
    """Do the task, or put it into the queue; return what it returned, or None when it waits.

    Redis keeps the arguments: primary keys, counts and moments, never anything of a person. Call it after
    `claim`. Raises NotHandedOut.
    """
    if not is_queued():
        result = task.enqueue(*arguments)
        return result.return_value if result.status == "SUCCESSFUL" else None
    from redis.exceptions import RedisError  # 25 MB, and a site without Redis does without

    try:
        task.enqueue(*arguments)
    except (RedisError, OSError) as fault:
        raise NotHandedOut from fault
    return None


def look_after() -> None:
    """Ask whether the queue is worked off. Raises home.task_queue.NobodyWorks or TasksFailed."""
    if is_queued():
        import_string("home.task_queue.look_after")(settings.TASKS[LONG]["QUEUES"])
