"""Query counts per page with 5, 30 and 200 sessions, and when enrolling. Measured on the whole response."""

import statistics
import time as stopwatch
from datetime import time, timedelta

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

SILENT = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


def asked(act) -> list[str]:
    """Return the queries of the second request: the first one fills process-wide caches (content types, the
    site).
    """
    with CaptureQueriesContext(connection) as captured:
        act()
    return [
        query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(SILENT)
    ]


def questions() -> dict[str, int]:
    """Return the number of queries by name, in a database of our own that is left unchanged."""
    with transaction.atomic():
        found = _count()
        transaction.set_rollback(True)
    return found


def _count() -> dict[str, int]:
    from tests.conftest import plant
    from tests.factories import (
        ChildFactory,
        CourseFactory,
        LessonFactory,
        SessionFactory,
        UserFactory,
        add_course_page,
        ask_for,
        saturday_in,
    )

    tree, client, found = plant(), Client(), {}
    courses = [
        CourseFactory(track=track, band=band) for track in ("CODE", "ROBOT", "PRINT") for band in "ABC"
    ]
    for course in courses:
        add_course_page(tree, course)
        for number in range(1, 4):
            LessonFactory(course=course, number=number)
    ask_for(courses[2], courses[1])
    made = 0
    for wanted in (5, 30, 200):
        while made < wanted:
            SessionFactory(
                course=courses[made % len(courses)], first_on=saturday_in(1) + timedelta(days=made % 40)
            )
            made += 1
        for language in ("fr", "ar"):
            for name, path in {
                "catalogue": "cours/",
                "course page": f"cours/{courses[0].code.lower()}/",
            }.items():
                address = f"/{language}/{path}"
                answer = client.get(address)
                if answer.status_code != 200:
                    raise RuntimeError(f"{address}: {answer.status_code}")
                found[f"{name}, {language}, {wanted} sessions"] = len(
                    asked(lambda address=address: client.get(address))
                )
    found |= _enrolling(courses, SessionFactory, UserFactory, ChildFactory)
    found |= _in_class() | _calendar()
    return found


def _enrolling(courses, make_session, make_user, make_child) -> dict[str, int]:
    from enrollments.models import Enrollment
    from enrollments.places import admission

    parent, session, other = make_user(), make_session(course=courses[0]), make_session(course=courses[0])
    children = [make_child(guardian=parent, age=8) for _child in range(2)]
    facts = type(session).objects.with_facts().get(pk=session.pk)  # as the request has read it
    verb = len(
        asked(
            lambda: admission.enroll(
                child=children[0], session=session, by=parent, at=timezone.now(), facts=facts
            )
        )
    )
    client = Client()
    client.force_login(parent, backend="academy.signed_in.ModelBackend")
    address = reverse("enroll", args=[other.pk])
    client.get(address)
    request = len(asked(lambda: client.post(address, {"children": [children[1].pk]})))
    if not Enrollment.objects.filter(child=children[1], session=other).exists():
        raise RuntimeError("the form gave no place: the count below would say nothing")
    return {"enroll, the verb": verb, "enroll, the request": request}


def _in_class() -> dict[str, int]:
    """Create the register of thirty children, and the desk that leads to it."""
    from tests.classes import class_now
    from tests.factories import StaffFactory

    teacher = StaffFactory(role="Instructors")
    meeting = class_now(30, instructors=[teacher])
    client, found = Client(), {}
    client.force_login(teacher, backend="academy.signed_in.ModelBackend")
    for name, address in (
        ("register of thirty", reverse("desk_register", args=[meeting.pk])),
        ("desk, today", reverse("desk")),
    ):
        client.get(address)
        found[name] = len(asked(lambda address=address: client.get(address)))
    return found


def _calendar() -> dict[str, int]:
    """Measure a feed of two hundred classes: queries, and CPU milliseconds of the request (reported only)."""
    from enrollments.calendars import feeds
    from enrollments.places import admission
    from tests.factories import ChildFactory, SessionFactory, UserFactory

    guardian, at = UserFactory(), timezone.now()
    child = ChildFactory(guardian=guardian)
    for hour in range(8, 18):
        session = SessionFactory(count=20, starts=time(hour), ends=time(hour, 45))
        admission.enroll(child=child, session=session, by=guardian, at=at)
    address = reverse("calendar_feed", args=[feeds.open_feed(guardian, child, at=at)[1]])
    client = Client()
    client.get(address)
    number, times = len(asked(lambda: client.get(address))), []
    for _again in range(7):
        began = stopwatch.process_time()
        if client.get(address).content.count(b"BEGIN:VEVENT") != 200:
            raise RuntimeError("not two hundred classes")
        times.append((stopwatch.process_time() - began) * 1000)
    return {"feed of 200 classes": number, "feed of 200 classes, ms of CPU": round(statistics.median(times))}
