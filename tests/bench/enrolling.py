"""Enrolling and joining a waiting list over HTTP, relative to the bare write view: one JSON line, reported by
`make bench`.

Each family enrolls as in a rush, its child without other places. Then each child enrolls again next to that
place (`beside`). Runs in its own process on a test database, on the server of DATABASE_URL or in an SQLite
file.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from tests import databases

FAMILIES, CALLERS, ROUNDS = 160, 16, 7


def main() -> None:
    databases.prepare_environment()
    import django

    django.setup()
    databases.bring(databases.PLAIN)
    from django.db import connection

    from tests.conftest import plant
    from tests.factories import ChildFactory, SessionFactory, UserFactory, saturday_in
    from tests.races.server import press, served, signed_in

    plant()
    from academy.demo.foundations import lay_policies
    from home.models import AcademySettings

    AcademySettings.ours()
    lay_policies()
    from django.utils import timezone

    from enrollments.families import consents
    from enrollments.models import Enrollment

    known = []
    for _family in range(FAMILIES):
        guardian = UserFactory(password=None)
        consents.accept_compulsory(guardian, language="fr", at=timezone.now())
        known.append((ChildFactory(guardian=guardian, age=10).pk, signed_in(guardian)))
    size = {"processes": 4, "threads": 8} if databases.SERVER else {"processes": 1, "threads": 8}

    def measured(port: int, orders: list) -> tuple[float, float]:
        """Return (requests per second, 95th percentile in milliseconds)."""
        started = time.perf_counter()
        answers = press(port, orders, callers=CALLERS)
        elapsed = time.perf_counter() - started
        faults = [answer.status for answer in answers if answer.status != 302]
        if faults:
            raise SystemExit(f"answers that are none: {faults[:5]}")
        return len(answers) / elapsed, statistics.quantiles([answer.seconds for answer in answers], n=20)[
            -1
        ] * 1000

    found: dict[str, list] = {"bare": [], "enroll": [], "beside": [], "wait": []}
    with tempfile.TemporaryDirectory() as folder:
        bare = {"BARE_FILE": f"{folder}/bare.sqlite3"}
        os.environ |= bare
        subprocess.run([sys.executable, "-m", "tests.bench.bare_write"], env=dict(os.environ), check=True)
        with served(**size) as site, served(**size, application="tests.bench.bare_write") as beside:
            for turn in range(ROUNDS):
                seats = SessionFactory(capacity=200, first_on=saturday_in(3 + 2 * turn), minimum=0, count=1)
                other = SessionFactory(capacity=200, first_on=saturday_in(4 + 2 * turn), minimum=0, count=1)
                full = SessionFactory(capacity=1, first_on=saturday_in(4 + 2 * turn), minimum=0, count=1)
                seats.__class__.objects.filter(pk=full.pk).update(held_back=1)
                connection.close()
                found["bare"].append(measured(beside, [(0, "", "/", {})] * FAMILIES))
                for name, session in (("enroll", seats), ("beside", other), ("wait", full)):
                    if name != "beside":
                        Enrollment.objects.all().delete()
                        connection.close()
                    path = f"/fr/family/enroll/{session.pk}/"
                    found[name].append(
                        measured(
                            site, [(child, cookies, path, {"children": child}) for child, cookies in known]
                        )
                    )
    databases.drop()
    middle = {
        name: [statistics.median(figures) for figures in zip(*rounds, strict=True)]
        for name, rounds in found.items()
    }
    ratios = {
        name: statistics.median(
            one[0] / bare[0] for one, bare in zip(found[name], found["bare"], strict=True)
        )
        for name in ("enroll", "beside", "wait")
    }
    print(
        json.dumps(
            {"middle": middle, "ratios": ratios, "server": "PostgreSQL" if databases.SERVER else "SQLite"}
        )
    )


if __name__ == "__main__":
    main()
