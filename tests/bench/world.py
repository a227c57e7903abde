"""The rows of one world, written by the tree that will serve them. Run inside a tree: python world.py rush

`rush`: 30 sessions of 12 places on ten course pages, and families who may enroll. Prints nothing; the row of
the table `bench_world` holds JSON with what the bench asks for.

Runs on older commits too: where a module was elsewhere then, both places are tried.
"""

import importlib
import json
import sys
import time

import django

SESSIONS, SEATS, FAMILIES, LOGINS = 30, 12, 760, 8
PASSWORD = "atelier-du-detroit"


def first_of(*names: str):
    """Return the first of these modules, or attributes of modules (`module:name`), that this tree has."""
    for name in names:
        module, _colon, attribute = name.partition(":")
        try:
            found = importlib.import_module(module)
            return getattr(found, attribute) if attribute else found
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"this tree has none of {names}")


def rush() -> dict:
    from django.utils import timezone

    from academy.demo.foundations import lay_policies
    from home.models import AcademySettings
    from tests.factories import (
        ChildFactory,
        CourseFactory,
        RoomFactory,
        SessionFactory,
        UserFactory,
        add_course_page,
        saturday_in,
    )

    consents = first_of("enrollments.families.consents", "enrollments.consents")
    tree = first_of("tests.site:plant", "tests.conftest:plant")()
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
    roomy = SessionFactory(course=sessions[0].course, capacity=300, first_on=saturday_in(4), minimum=0)
    families = []
    for number in range(FAMILIES):
        guardian = UserFactory(password=None)
        consents.accept_compulsory(guardian, language="fr", at=timezone.now())
        session = sessions[number % SESSIONS]
        families.append(
            {
                "child": ChildFactory(guardian=guardian, age=10).pk,
                "cookies": cookies_of(guardian),
                "session": session.pk,
                "course": session.course.code.lower(),
            }
        )
    known = []
    for _login in range(LOGINS):
        guardian = UserFactory(password=PASSWORD)
        consents.accept_compulsory(guardian, language="fr", at=timezone.now())
        known.append(guardian.email)
    return {"families": families, "sessions": [s.pk for s in sessions], "roomy": roomy.pk, "logins": known}


def demo() -> dict:
    """What `furnish --demo` has written; the rows here are who looks at it, and at which pages."""
    from django.contrib.auth import get_user_model
    from django.db.models import Q
    from django.utils import timezone

    from courses.models import Meeting

    users = {
        name: get_user_model().objects.get(email=f"{name}@example.org")
        for name in ("parent", "instructor", "desk", "manager", "editor")
    }
    people = {name: cookies_of(user) for name, user in users.items()}
    who = users["instructor"]
    given = Meeting.objects.filter(Q(instructors=who) | Q(instructors=None, session__instructors=who)).filter(
        starts_at__lt=timezone.now(),
        cancelled_at=None,  # a register opens for some days around its class
    )
    return {"people": people, "meeting": given.latest("starts_at").pk}


def cookies_of(user) -> str:
    """Return the Cookie header of this user's session; both factors have been given in it."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from academy.signed_in import SessionStore

    token = "a" * 32
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "academy.signed_in.ModelBackend"
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time()},
        {"method": "mfa", "type": "totp", "at": time.time()},
    ]
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}"


def keep(told: dict) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_world (told text)")
        cursor.execute("INSERT INTO bench_world VALUES (%s)", [json.dumps(told)])


if __name__ == "__main__":
    django.setup()
    world = sys.argv[1]
    told = rush() if world == "rush" else demo()
    if world not in ("rush", "demo"):
        import pathlib
        import runpy

        runpy.run_path(str(pathlib.Path(__file__).with_name("many.py")))["multiply"](world)
    keep(told)
