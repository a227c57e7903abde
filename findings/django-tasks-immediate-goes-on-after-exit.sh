#!/usr/bin/env bash
# django-tasks 0.12.0 (PyPI; source: django_tasks/backends/immediate.py, ImmediateBackend._execute_task; seen 2026-11-30 with Django 5.2.19, Python 3.11): a process that is told to stop inside an immediate task goes on.
#
# A SIGTERM handler that raises SystemExit, as sys.exit() in it does, ends a Python process wherever it is. Inside a task
# of ImmediateBackend it does not: the backend catches every BaseException but KeyboardInterrupt, records the task as
# FAILED, and enqueue() returns as usual. A loop that does one task after another then begins the next one, and a service
# manager waits until it kills. Expected: SystemExit passes, as KeyboardInterrupt does. Met when a worker that makes
# copies of families' data was told to stop in the middle of one, and began the next. The answer of one's own code:
# look at result.errors[-1].exception_class and raise SystemExit again.
#
# Output seen
#   the task raised SystemExit: enqueue returned a result, FAILED SystemExit
#   the task raised KeyboardInterrupt: enqueue raised it
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "django-tasks==0.12.0" "django==5.2.19" 2>/dev/null
cat >"$folder/work.py" <<'PYTHON'
import os
import signal
import sys

from django_tasks import task


@task()
def told_to_stop():
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    os.kill(os.getpid(), signal.SIGTERM)


@task()
def interrupted():
    raise KeyboardInterrupt
PYTHON

cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON' || { echo "The behaviour has changed."; exit 1; }
import logging
import sys

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django_tasks"],
    TASKS={"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}},
    LOGGING_CONFIG=None,
    USE_TZ=True,
)
django.setup()
logging.disable(logging.CRITICAL)

from work import interrupted, told_to_stop

goes_on = passes = False
try:
    result = told_to_stop.enqueue()
    said = result.status.name, result.errors[-1].exception_class.__name__
    goes_on = said == ("FAILED", "SystemExit")
    print("the task raised SystemExit: enqueue returned a result,", *said, sep=" ")
except SystemExit:
    print("the task raised SystemExit: enqueue raised it")
try:
    interrupted.enqueue()
except KeyboardInterrupt:
    passes = True
    print("the task raised KeyboardInterrupt: enqueue raised it")
sys.exit(0 if goes_on and passes else 1)
PYTHON
