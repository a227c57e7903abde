"""Health checks: liveness (`/healthz`) and readiness (`/readyz`)."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from academy.checks import clock
from academy.clockwork import is_turning
from home.files import disk

LEAST_FREE = 200 * 1024 * 1024  # bytes
_is_migrated = False


@never_cache
def healthz(request):
    """Return 200 if the process answers. Checks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request):
    """Check database, migrations, cache, free disk, clock and scheduled jobs (last five minutes).

    Return 200 if all are well, 503 with the name of what failed. A disk is "low", and the answer 200, while
    files are refused and everything else works.
    """
    found = {}
    for name, ask in {
        "database": _database,
        "migrations": _migrations,
        "cache": _cache,
        "disk": _disk,
        "clock": _clock,
        "clockwork": _clockwork,
    }.items():
        try:
            answer = ask()
            found[name] = answer if isinstance(answer, str) else "ok" if answer else "failed"
        except Exception as fault:  # noqa: BLE001 — whatever is wrong, the answer names it
            found[name] = type(fault).__name__
    return JsonResponse(found, status=200 if set(found.values()) <= {"ok", "low"} else 503)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations() -> bool:
    """Return whether every migration of the code is applied; once true, it stays so for this process."""
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        _is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _is_migrated


def _disk() -> bool | str:
    """Return whether there is room left where files, copies, pictures and the embedded database are written;
    "low" when files are refused.
    """
    places = [Path(place) for place in {settings.DATA_DIR, settings.MEDIA_ROOT} if Path(place).exists()]
    if any(shutil.disk_usage(place).free <= LEAST_FREE for place in places):
        return False
    return all(map(disk.has_room, places)) or "low"


def _cache() -> bool:
    cache.set("readyz", "1", 5)
    return cache.get("readyz") == "1" and not getattr(cache, "is_away", False)


def _clock() -> bool:
    return not clock(None)


def _clockwork() -> bool:
    return is_turning(timezone.now())
