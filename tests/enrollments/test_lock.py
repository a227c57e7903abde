"""Screen lock of the front desk: lock, unlock, switch user; and the roster's access log."""

import ast
import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from enrollments.families import pickup
from enrollments.models import ReadRecord
from enrollments.places import admission
from tests.factories import PASSWORD, ChildFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


@pytest.fixture
def desk(client, front_desk):
    client.post(reverse("account_login"), {"login": front_desk.email, "password": PASSWORD})
    assert client.get(reverse("office")).status_code == 200
    return client


def test_a_locked_login_shows_nothing_of_anybody_until_its_owner_proves_it(desk, front_desk, parent):
    child = ChildFactory(guardian=parent, first_name="Yassmina")
    assert desk.post(reverse("office_lock")).url == reverse("office_locked")
    for url in (
        reverse("office"),
        reverse("office_child", args=[child.pk]),
        reverse("family"),
        reverse("account_email"),
        "/cms/",
    ):
        answer = desk.get(url)
        assert answer.url == reverse("office_locked"), url
        assert desk.post(url).url == reverse("office_locked"), url
    assert front_desk.get_short_name() in desk.get(reverse("office_locked")).content.decode()
    desk.post(reverse("account_reauthenticate"), {"password": "not-this-one"})
    assert desk.get(reverse("office")).status_code == 302, "a wrong password opens nothing"
    desk.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert desk.get(reverse("office_child", args=[child.pk])).status_code == 200


def test_a_proof_from_before_the_lock_does_not_open_it(desk):
    desk.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    desk.post(reverse("office_lock"))
    assert desk.get(reverse("office")).url == reverse("office_locked")


@pytest.mark.parametrize(("minutes", "locked"), [(14, False), (16, True)])
def test_a_desk_nobody_touches_locks_itself_after_a_quarter_of_an_hour(client, front_desk, minutes, locked):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client.post(reverse("account_login"), {"login": front_desk.email, "password": PASSWORD})
        client.get(reverse("office"))
        clock.move_to(now + timedelta(minutes=minutes))
        assert client.get(reverse("office")).status_code == (302 if locked else 200)


def test_a_parent_and_an_instructor_are_not_locked(client, instructor, parent):
    now = timezone.now()
    for person, room in ((instructor, "desk"), (parent, "family")):
        with time_machine.travel(now, tick=False) as clock:
            client.force_login(person, backend="academy.signed_in.ModelBackend")
            client.get(reverse(room))
            clock.move_to(now + timedelta(hours=2))
            assert client.get(reverse(room)).status_code == 200


def test_a_colleague_takes_over_in_one_press(desk, manager):
    desk.post(reverse("office_lock"))
    answer = desk.post(reverse("office_switch"))
    assert (
        answer.url == f"{reverse('account_login')}?next={reverse('office')}"
        and "_auth_user_id" not in desk.session
    )
    desk.post(reverse("account_login"), {"login": manager.email, "password": PASSWORD})
    assert desk.get(reverse("office_policies")).status_code == 200


def test_public_pages_stay_open_while_locked(desk):
    desk.post(reverse("office_lock"))
    assert desk.get("/fr/cours/").status_code == 200


def test_reading_a_roster_is_recorded_for_each_child_and_says_whom_to_ask_about(
    logged_in, instructor, front_desk, parent
):
    session = SessionFactory(first_on=timezone.localdate(), instructors=[instructor])
    child = ChildFactory(guardian=parent)
    admission.enroll(child=child, session=session, by=parent, at=timezone.now())
    pickup.ask_to_speak(child, wish=True)
    assert (
        "demander à l’accueil"
        in logged_in(instructor).get(reverse("desk_roster", args=[session.pk])).content.decode()
    )
    logged_in(front_desk).get(reverse("office_roster", args=[session.pk]))
    read = ReadRecord.objects.filter(child_ref=child.pk, what="roster").values_list("by_ref", flat=True)
    assert set(read) == {instructor.pk, front_desk.pk}
    pickup.note_spoken(child, by=front_desk, at=timezone.now())
    assert (
        "demander à l’accueil"
        not in logged_in(instructor).get(reverse("desk_roster", args=[session.pk])).content.decode()
    )


def test_nothing_changes_a_look_and_only_its_date_ends_it():
    """Append-only (trust 33): of all statements about a ReadRecord, one deletes, that of retention."""
    changes = re.compile(r"\.(update|delete|save|bulk_update|update_or_create)\(")
    asked, found = 0, set()
    for folder in ("academy", "courses", "enrollments", "home"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            if "ReadRecord.objects" not in (source := path.read_text()):
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                    words = ast.unparse(node)
                    asked += "ReadRecord.objects" in words
                    if "ReadRecord.objects" in words and changes.search(words):
                        found.add(path.relative_to(settings.BASE_DIR).as_posix())
    assert found == {"enrollments/privacy/retention.py"}
    assert asked >= 4, "the search sees the statements there are"
