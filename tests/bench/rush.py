"""Registration morning: 500 parents within five seconds, 30 sessions of 12, from catalogue to place.

One JSON line, reported by `make bench`: what became of 360 places, and the time relative to the bare write
view.
"""

import http.client
import json
import os
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from urllib.parse import urlencode

from tests import databases

PARENTS, WITHIN, SESSIONS, SEATS, CALLERS = 500, 5.0, 30, 12, 64


def walk(port: int, paths: list[list[tuple]], *, within: float) -> tuple[float, float, Counter]:
    """Run each path (method, URL, cookies, body) as one parent, started at its own time; return (seconds
    until the last ended, 95th percentile of whole paths in seconds, from the planned start; the responses).
    """
    from tests.races.server import PATIENCE

    chance = random.Random(7)
    todo: queue.Queue = queue.Queue()
    for moment, path in sorted((chance.uniform(0, within), number) for number in range(len(paths))):
        todo.put((moment, paths[path]))
    times, answers, began = [], Counter(), time.perf_counter()

    def call():
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while True:
            try:
                moment, path = todo.get_nowait()
            except queue.Empty:
                break
            time.sleep(max(0, began + moment - time.perf_counter()))
            for method, address, cookies, body in path:
                headers = {
                    "Cookie": cookies,
                    "Host": f"localhost:{port}",
                    "Origin": f"http://localhost:{port}",
                }
                if body:
                    headers["Content-Type"] = "application/x-www-form-urlencoded"
                line.request(method, address, body, headers)
                answer = line.getresponse()
                answer.read()
                answers[method, answer.status] += 1
            times.append(time.perf_counter() - began - moment)
        line.close()

    callers = [threading.Thread(target=call) for _caller in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return time.perf_counter() - began, statistics.quantiles(times, n=20)[-1], answers


def main() -> None:
    databases.prepare_environment()
    import django

    django.setup()
    databases.bring(databases.PLAIN)
    from django.db import connection
    from django.utils import timezone

    from academy.demo.foundations import lay_policies
    from courses.models import Session
    from enrollments.families import consents
    from enrollments.models import Enrollment
    from enrollments.places import audit
    from home.models import AcademySettings
    from tests.conftest import plant
    from tests.factories import (
        ChildFactory,
        CourseFactory,
        RoomFactory,
        SessionFactory,
        UserFactory,
        add_course_page,
        saturday_in,
    )
    from tests.races.server import TOKEN, served, signed_in

    tree = plant()
    AcademySettings.ours()
    lay_policies()
    sessions = []
    for number in range(SESSIONS):
        course = sessions[-1].course if number % 3 else CourseFactory()
        if not number % 3:
            add_course_page(tree, course)
        sessions.append(
            SessionFactory(course=course, capacity=SEATS, first_on=saturday_in(3), room=RoomFactory())
        )
    paths = []
    for number in range(PARENTS):
        guardian = UserFactory(password=None)
        consents.accept_compulsory(guardian, language="fr", at=timezone.now())
        child, cookies, session = (
            ChildFactory(guardian=guardian, age=10),
            signed_in(guardian),
            sessions[number % SESSIONS],
        )
        form, page = f"/fr/family/enroll/{session.pk}/", f"/fr/cours/{session.course.code.lower()}/"
        said = urlencode({"children": child.pk, "csrfmiddlewaretoken": TOKEN})
        looks = [("GET", address, cookies, None) for address in ("/fr/cours/", page, form)]
        paths.append([*looks, ("POST", form, cookies, said)])
    bare_paths = [[("POST", "/", "", None)] * len(path) for path in paths]
    size = {"processes": 4, "threads": 8} if databases.SERVER else {"processes": 1, "threads": 8}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BARE_FILE"] = f"{folder}/bare.sqlite3"
        subprocess.run([sys.executable, "-m", "tests.bench.bare_write"], env=dict(os.environ), check=True)
        with served(**size, application="tests.bench.bare_write") as port:
            bare = walk(port, bare_paths, within=WITHIN)
        with served(**size, application="tests.bench.as_served") as port:
            ours = walk(port, paths, within=WITHIN)
    connection.close()
    given = Counter(Enrollment.objects.values_list("state", flat=True))
    faults = [str(fault) for fault in audit.check(timezone.now())]
    full = Session.objects.filter(seats_taken=SEATS).count()
    databases.drop()
    print(
        json.dumps(
            {
                "given": given,
                "full": full,
                "faults": faults,
                "answers": {f"{method} {status}": count for (method, status), count in ours[2].items()},
                "drained": ours[0],
                "bare_drained": bare[0],
                "slowest": ours[1],
                "bare_slowest": bare[1],
                "server": "PostgreSQL" if databases.SERVER else "SQLite",
            }
        )
    )


if __name__ == "__main__":
    main()
