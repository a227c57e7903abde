"""The queue of one-shot work on a real Redis, and the process that works it off.

What the tasks do is tested on both ways where it belongs: tests/enrollments/test_data_export.py and
tests/home/test_renditions.py.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from academy import clockwork, copying, env
from enrollments.models import CopyRequest, DataCopy
from enrollments.privacy import copy_requests, data_export
from home import one_shot
from home.models import Picture
from home.pictures import preparing
from tests import databases
from tests.long_work import work_off
from tests.photos import taken, upload

pytestmark = pytest.mark.redis

PATIENCE = 90  # seconds, on a busy machine
# The same command, with a build that never ends.
ENDLESS = """
import time, django; django.setup()
from django.core.management import call_command
from enrollments.privacy import data_export
def told_of(*_arguments):
    print("begun", flush=True)
    time.sleep(600)
data_export.told_of = told_of
call_command("task_worker")
"""


def started(address, *command):
    settings = {"LONG_WORK": "redis", "CACHE_URL": address, "DJANGO_SETTINGS_MODULE": "academy.settings"}
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=databases.ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        text=True,
    )


def fault_of(name, at) -> str:
    return {run.name: run for run in clockwork.run_due(at)}[name].fault


@pytest.fixture
def asked(parent, academy_settings):
    return copy_requests.ask(parent, at=timezone.now())


@pytest.fixture
def endless(queue, queue_server):
    """`endless()`: a worker in the middle of a build; told to stop or killed by the test."""
    begun = []

    def start():
        begun.append(started(queue_server, "-c", ENDLESS))
        assert begun[0].stdout.readline() == "begun\n"
        return begun[0]

    yield start
    for process in begun:
        process.terminate()  # it tells its child
        process.communicate(timeout=PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_a_process_makes_the_copies_that_the_clockwork_hands_out(asked, parent, queue, queue_server):
    now = timezone.now()
    assert copying._running is None and fault_of("copies", now) == "NobodyWorks"
    assert copying._running is None, "no process of its own"
    fault_of("copies", now + timedelta(minutes=9))
    assert queue.llen("rq:queue:copies") == 1, "handed out once"
    kept = b" ".join(filter(None, (queue.hget(key, "data") for key in queue.keys("rq:job:*"))))
    described = b" ".join(queue.hget(key, "description") for key in queue.keys("rq:job:*"))
    assert str(asked.pk).encode() in described and parent.email.encode() not in kept + described
    process = started(queue_server, "manage.py", "task_worker", "--burst")
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    copy = DataCopy.objects.get()
    assert copy.user == parent and not CopyRequest.objects.exists()
    data_export.put_away(copy)
    assert fault_of("copies", now + timedelta(minutes=10)) == ""


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_stop_gives_the_copy_back_and_ends(asked, endless):
    now = timezone.now()
    copy_requests.make_due(now)
    process = endless()
    assert CopyRequest.objects.get().tries == 1, "counted before it is tried"
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and time.monotonic() - began < 60, "it would have slept for ten minutes"
    row = CopyRequest.objects.get()
    assert (row.tries, row.next_try_at) == (0, now)
    one_shot.look_after()  # and it is no failure


@pytest.mark.django_db(transaction=True)
def test_a_task_whose_process_is_killed_counts_and_is_shown(asked, queue, endless):
    now = timezone.now()
    copy_requests.make_due(now)
    endless()
    (worker,) = queue.smembers("rq:workers")
    child = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", queue.hget(worker, "pid").decode()], capture_output=True, text=True
    )
    os.kill(int(child.stdout.split()[0]), signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while not queue.exists("rq:failed:copies") and time.monotonic() < until:
        time.sleep(0.1)
    assert fault_of("copies", now) == "TasksFailed"
    assert CopyRequest.objects.get().tries == 1
    assert (
        0 < queue.zscore("rq:failed:copies", queue.zrange("rq:failed:copies", 0, 0)[0]) - time.time() <= 3600
    )


@pytest.mark.django_db
def test_a_task_that_comes_late_is_no_second_try(asked, queue, monkeypatch):
    now = timezone.now()
    for minutes in (0, 10):
        copy_requests.make_due(now + timedelta(minutes=minutes))
    assert queue.llen("rq:queue:copies") == 2
    with monkeypatch.context() as broken:
        broken.setattr(data_export, "make", Mock(side_effect=RuntimeError))
        work_off()
    assert CopyRequest.objects.get().tries == 1


@pytest.mark.django_db
def test_what_a_redis_lost_is_handed_out_again_and_twice_is_once(asked, queue):
    now = timezone.now()
    copy_requests.make_due(now)
    queue.flushdb()
    copy_requests.make_due(now + timedelta(minutes=9))
    assert work_off() == 0 and CopyRequest.objects.get().tries == 0
    for minutes in (10, 20):  # the first was not lost: it came late
        copy_requests.make_due(now + timedelta(minutes=minutes))
    assert queue.llen("rq:queue:copies") == 2
    assert work_off() == 1 and DataCopy.objects.count() == 1


@pytest.mark.django_db
def test_a_picture_waits_in_the_queue_once_and_again_when_it_is_lost(queue):
    picture, now = Picture.objects.create(title="Robot", file=upload(taken(), "robot.jpg")), timezone.now()
    preparing.prepare_due(now)
    preparing.prepare_due(now + timedelta(minutes=9))
    assert queue.llen("rq:queue:pictures") == 1
    queue.flushdb()
    preparing.prepare_due(now + timedelta(minutes=10))
    preparing.prepare_due(now + timedelta(minutes=20))
    assert queue.llen("rq:queue:pictures") == 2 and work_off() == 1
    picture.refresh_from_db()
    assert (picture.retry_at, picture.tries) == (None, 0) and picture.recipe


@pytest.mark.django_db
def test_a_redis_that_is_away_leaves_the_request_due(asked, queue, queue_server, settings):
    _tasks, settings.RQ_QUEUES = env.tasks("redis", "redis://127.0.0.1:1/0")
    now = timezone.now()
    assert fault_of("copies", now) == "NotHandedOut"
    assert CopyRequest.objects.get().next_try_at == asked.next_try_at
    _tasks, settings.RQ_QUEUES = env.tasks("redis", queue_server)
    copy_requests.make_due(now)
    assert work_off() == 1


@pytest.mark.django_db
def test_nothing_of_a_person_is_kept_of_a_failure(asked, parent, queue, monkeypatch):
    def refuse(_request):
        raise ValueError(f"Key (email)=({parent.email}) already exists")

    monkeypatch.setattr(copy_requests, "_counted", refuse)
    copy_requests.make_due(timezone.now())
    work_off()
    from home import task_queue

    found = task_queue.worker(["copies"]).queues[0]
    (key,) = found.failed_job_registry.get_job_ids()
    job = found.fetch_job(key)
    said = job.latest_result().exc_string + repr(queue.hgetall(f"rq:job:{key}"))
    assert "TaskFailed: ValueError" in said and parent.email not in said
    with pytest.raises(task_queue.TasksFailed):
        one_shot.look_after()


@pytest.mark.django_db
def test_an_editor_finds_at_once_what_he_published(queue, site_tree):
    page = Page.objects.filter(depth__gt=2).live().first().specific
    page.title = "Zellige"
    page.save_revision().publish()
    assert queue.keys() == []
    assert page.pk in {found.pk for found in Page.objects.live().search("zellige")}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_handed_out_before_its_claim_is_committed(asked, queue):
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        copy_requests.make_due(timezone.now())
    assert queue.keys() == [] and CopyRequest.objects.get().next_try_at == asked.next_try_at


def test_the_setting_wants_a_redis_and_the_worker_a_queue():
    with pytest.raises(CommandError, match="LONG_WORK"):
        call_command("task_worker")
    with pytest.raises(env.Missing, match="CACHE_URL"):
        env.tasks("redis", "")
