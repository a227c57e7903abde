"""What stands when the journeys begin: a site, a session that is open, a class that is on, families and team;
or, for a rush, sessions with few places and many families. Run in production's environment with the name of
one of the two; prints what is asked for as JSON.
"""

import json
import sys

import django

FAMILIES = 24
PASSWORD = "une-phrase-assez-longue"
RUSHING, SCARCE = 64, 5  # families of the rush, and places of each of its sessions
HOURS = ((9, 11), (10, 12), (14, 16), (15, 17), (18, 19))  # a child can be in three of them


def journeys() -> dict:
    from django.utils import timezone

    from academy.demo.foundations import lay_policies
    from enrollments.families import consents
    from enrollments.permissions import EDITOR, INSTRUCTOR, MANAGER
    from home.models import AcademySettings
    from tests.bench.world import cookies_of
    from tests.classes import class_now
    from tests.factories import (
        ChildFactory,
        SessionFactory,
        StaffFactory,
        UserFactory,
        add_course_page,
        grant_roles,
        saturday_in,
    )
    from tests.site import plant

    tree = plant()
    grant_roles()
    AcademySettings.ours()
    lay_policies()
    now = timezone.now()
    session = SessionFactory(capacity=FAMILIES, first_on=saturday_in(3))
    add_course_page(tree, session.course)
    families = []
    for _number in range(FAMILIES):
        guardian = UserFactory(password=None if families else PASSWORD)
        consents.accept_compulsory(guardian, language="fr", at=now)
        child = ChildFactory(guardian=guardian, age=10)
        session_of = cookies_of(guardian) if families else None  # the first one signs in by the form
        families.append(
            {"email": guardian.email, "user": guardian.pk, "child": child.pk, "cookies": session_of}
        )
    team = {
        name: StaffFactory(email=f"{name}@example.org", role=role, password=PASSWORD)
        for name, role in {"instructor": INSTRUCTOR, "editor": EDITOR, "manager": MANAGER}.items()
    }
    meeting = class_now(3, at=now, instructors=[team["instructor"]])
    return {
        "families": families,
        "session": session.pk,
        "course": session.course.code.lower(),
        "meeting": meeting.pk,
        "register": meeting.session_id,
        "kids": list(meeting.session.enrollments.order_by("pk").values_list("child_id", flat=True)),
        "home": tree.home["fr"].pk,
    }


def rush() -> dict:
    from datetime import time

    from django.utils import timezone

    from academy.demo.foundations import lay_policies
    from enrollments.families import consents
    from home.models import AcademySettings
    from tests.bench.world import cookies_of
    from tests.factories import ChildFactory, SessionFactory, UserFactory, add_course_page, saturday_in
    from tests.site import plant

    tree = plant()
    AcademySettings.ours()
    lay_policies()
    sessions = [
        SessionFactory(capacity=SCARCE, first_on=saturday_in(3), starts=time(starts), ends=time(ends))
        for starts, ends in HOURS
    ]
    for session in sessions:
        add_course_page(tree, session.course)
    families = []
    for _number in range(RUSHING):
        guardian = UserFactory(password=None)
        consents.accept_compulsory(guardian, language="fr", at=timezone.now())
        child = ChildFactory(guardian=guardian, age=10)
        families.append({"child": child.pk, "cookies": cookies_of(guardian)})
    return {
        "families": families,
        "sessions": [session.pk for session in sessions],
        "courses": [session.course.code.lower() for session in sessions],
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"journeys": journeys, "rush": rush}[sys.argv[1]]()))
