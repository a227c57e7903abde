"""What compiled queries gain: milliseconds of CPU of the same work, compiled and as plain querysets.

One JSON line.

    python -m tests.bench.compiled

Three works: a place given (the verb), the form that gives it (the whole request), and the catalogue of thirty
sessions that no cache holds.
CPU of this process only: time in the server of DATABASE_URL does not count, and a busy machine changes
little.
"""

import json
import statistics
import time
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from tests import databases

TIMES, ROUNDS = 12, 5


@contextmanager
def plainly():
    """Every query is a queryset again, whose SQL Django makes at each call."""
    from enrollments.letters import outbox
    from enrollments.places import seat_log
    from home.database import compiled

    def save(row):
        row.save(force_insert=True)
        return row

    with (
        patch.object(
            compiled.Compiled, "asked", lambda self, **values: compiled.Asked(None, values, self.rows)
        ),
        patch.object(
            compiled.CompiledUpdate,
            "__call__",
            lambda self, **values: self.rows(**values).update(**self.changes),
        ),
        patch.object(seat_log, "insert", save),
        patch.object(outbox, "insert", save),
    ):
        yield


def measured(prepare, around) -> float:
    """Milliseconds of CPU of what `prepare` returns, within `around()`: the median of some."""
    found = []
    for _again in range(TIMES):
        act = prepare()
        with around():
            began = time.process_time()
            answer = act()
            found.append((time.process_time() - began) * 1000)
        if getattr(answer, "status_code", 200) not in {200, 302}:
            raise SystemExit(f"an answer that is none: {answer.status_code}")
    return statistics.median(found)


def works() -> dict:
    """Name -> what is done, each time anew."""
    from django.core.cache import caches
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from courses.models import Session
    from enrollments.families import consents
    from enrollments.places import admission
    from tests.conftest import plant
    from tests.factories import ChildFactory, CourseFactory, SessionFactory, UserFactory, add_course_page

    tree = plant()
    courses = [
        CourseFactory(track=track, band=band) for track in ("CODE", "ROBOT", "PRINT") for band in "ABC"
    ]
    for course in courses:
        add_course_page(tree, course)
    for number in range(30):
        SessionFactory(course=courses[number % len(courses)])
    parent, client, visitor = UserFactory(), Client(), Client()
    consents.accept_compulsory(parent, language="fr", at=timezone.now())
    client.force_login(parent, backend="academy.signed_in.ModelBackend")
    seats = SessionFactory(course=courses[0], capacity=500)

    def verb():
        facts = Session.objects.with_facts().get(pk=seats.pk)
        guardian, at = UserFactory(), timezone.now()
        child = ChildFactory(guardian=guardian, age=8)
        return lambda: admission.enroll(child=child, session=facts, by=guardian, at=at, facts=facts)

    def request():
        child = ChildFactory(guardian=parent, age=8)
        return lambda: client.post(reverse("enroll", args=[seats.pk]), {"children": [child.pk]})

    def catalogue():
        for cache in caches.all():
            cache.clear()
        return lambda: visitor.get("/fr/cours/")

    return {
        "a place given, the verb": verb,
        "a place given, the request": request,
        "the catalogue": catalogue,
    }


def main() -> None:
    databases.prepare_environment()
    import django

    django.setup()
    databases.bring(databases.PLAIN)

    result = {}
    for name, prepare in works().items():
        measured(prepare, nullcontext)  # plans, content types, the site
        rounds = [(measured(prepare, nullcontext), measured(prepare, plainly)) for _round in range(ROUNDS)]
        compiled, plain = (statistics.median(figures) for figures in zip(*rounds, strict=True))
        result[name] = {
            "compiled": round(compiled, 1),
            "plain": round(plain, 1),
            "ratio": round(plain / compiled, 2),
        }
    from enrollments.models import Enrollment

    if Enrollment.objects.live().count() != 2 * TIMES * (1 + 2 * ROUNDS):
        raise SystemExit("not every order gave a place: the figures would say nothing")
    databases.drop()
    print(
        json.dumps({"milliseconds of CPU": result, "server": "PostgreSQL" if databases.SERVER else "SQLite"})
    )


if __name__ == "__main__":
    main()
