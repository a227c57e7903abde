"""Somebody holds a child's file for too long: the pages about its work and its deletion answer 503, write
nothing and keep what was typed.
"""

from threading import Event, Thread

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollments.models import Child, Consent, ShowcaseStory
from enrollments.permissions import FRONT_DESK, MANAGER
from enrollments.portfolio import showcase
from tests.factories import AgeBandFactory
from tests.races.makers import DAY, family, picture, project_of, purpose, say, with_role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def browser(user) -> Client:
    opened = Client()
    opened.force_login(user, backend="academy.signed_in.ModelBackend")
    return opened


def test_a_child_held_for_too_long_is_a_busy_page_and_no_fault():
    AgeBandFactory(min_age=9, max_age=11)
    child, guardian = family(age=10)
    version = purpose("work-showcase")
    say(version, child, guardian, True, at=timezone.now() - DAY)
    project = project_of(child, guardian, pieces=[picture("robot")])
    file, home, office = project.files.get(), browser(guardian), browser(with_role(MANAGER, FRONT_DESK))
    story = {"picture": file.pk, "title": "Le robot", "story": "Il danse.", "is_checked": "on"}
    pressed = [
        (home, reverse("project_erase", args=[project.pk]), {}),
        (home, reverse("project_file_erase", args=[project.pk, file.pk]), {}),
        (home, reverse("child_consents", args=[child.pk]), {"withdraw": version.pk}),
        (office, reverse("office_showcase_story", args=[project.pk]), story),
    ]
    held, done = Event(), Event()

    def hold():
        with transaction.atomic():
            Child.objects.select_for_update().get(pk=child.pk)
            held.set()
            done.wait(60)
        connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20ms'")
    holder = Thread(target=hold)
    holder.start()
    try:
        assert held.wait(60)
        for who, url, form in pressed:
            answer = who.post(url, form)
            assert (answer.status_code, answer["Retry-After"]) == (503, "3"), url
            assert all(value in answer.content.decode() for value in map(str, form.values()))
    finally:
        done.set()
        holder.join(60)
        connection.close()
    project.refresh_from_db()
    assert showcase.shown(timezone.now()) == [] and not ShowcaseStory.objects.exists()
    assert Consent.objects.filter(answer=False).count() == 0
