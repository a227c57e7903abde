"""Health checks: `/healthz` (the process lives), `/readyz` (this machine serves), `/workz` (the work turns).

A balancer asks `/readyz` and nothing else. What `/workz` reports is wrong on every machine at once, and the
site goes on working.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from academy import work_health
from academy.checks import clock
from home.database import replica
from home.files import disk, reach

WELL = {"ok", "low", "away", "behind"}  # the last two of what the site can do without for a while
LEAST_FREE = 200 * 1024 * 1024  # bytes
_is_migrated = False


@never_cache
def healthz(request):
    """Return 200 if the process answers. Checks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request):
    """Check what this machine needs to serve: database, migrations, cache, free disk and clock.

    Return 200 if all are well, 503 with the name of what failed. A disk is "low", and the answer 200, while
    files are refused and everything else works; so it is when the server of files or the replica is "away".
    """
    found = lights()
    return JsonResponse(found, status=200 if set(found.values()) <= WELL else 503)


@never_cache
def workz(request):
    """Check scheduled jobs, emails and copies: 200 if all are well or about to begin, 503 with the name of
    what is not.
    """
    found = work_health.lights(timezone.now())
    return JsonResponse(found, status=200 if set(found.values()) <= work_health.WELL else 503)


def lights() -> dict[str, str]:
    """Return what each light of readiness says: "ok", "low", "failed" or the name of a fault."""
    found = {}
    for name, ask in {
        "database": _database,
        "migrations": _migrations,
        "cache": _cache,
        "disk": _disk,
        "clock": _clock,
    }.items():
        try:
            answer = ask()
            found[name] = answer if isinstance(answer, str) else "ok" if answer else "failed"
        except Exception as fault:  # noqa: BLE001 — whatever is wrong, the answer names it
            found[name] = type(fault).__name__
    return found | _beside()


def _beside() -> dict[str, str]:
    """Return what this site has and can do without for a while: "ok", "away" or
    "behind".
    """
    return {
        name: found for name, found in {"files": reach.state(), "replica": replica.state()}.items() if found
    }


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
