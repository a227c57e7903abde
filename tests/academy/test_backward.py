"""Migrations backward on a filled database: nothing is lost, or they refuse by name (trust 38)."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from academy import backward
from enrollments.models import Enrollment, ErasedNumber, GuardianEvent, Letter, SurveyLink
from enrollments.privacy import erasure
from tests.factories import ChildFactory, SessionFactory, UserFactory
from tests.queues import join, session_of

# Every migration that refuses on the demonstration, and the first thing it names.
REFUSE = {
    "academy.0001_accounts": "academy.user",
    "courses.0001_catalogue_and_timetable": "courses.room",
    "courses.0002_session_due_at": "courses.session.due_at",
    "courses.0005_search_words": "courses.searchwords",
    "courses.0006_lesson_faces": "courses.lessonblock.drawing",
    "courses.0007_next_level_and_kept_lessons": "courses.prerequisite.kind",
    "enrollments.0001_children_and_places": "enrollments.child",
    "enrollments.0002_families": "enrollments.letter",
    "enrollments.0004_consents": "enrollments.policy",
    "enrollments.0009_offers_and_decisions": "enrollments.placeevent.ticket",
    "enrollments.0012_till": "enrollments.receiptbook",
    "enrollments.0020_register": "enrollments.presencechange",
    "enrollments.0021_class_life": "enrollments.classnote",
    "enrollments.0027_credit_notes_and_papers": "enrollments.receiptpaper",
    "enrollments.0029_letters_name_what_they_confirm": "enrollments.letter.reference",
    "enrollments.0033_letters_know_their_children": "enrollments.letter.about",
    "enrollments.0034_account_events": "enrollments.accountevent",
    "enrollments.0037_recommendations_and_surveys": "enrollments.recommendation",
    "enrollments.0038_portfolio": "enrollments.project",
    "enrollments.0039_certificates": "enrollments.certificateevent",
    "enrollments.0040_print_queue": "enrollments.printer",
    "enrollments.0041_class_photos": "enrollments.classphoto",
    "enrollments.0042_showcase": "enrollments.accountevent.what",
    "enrollments.0043_used_surveys_name_nobody": "enrollments.surveylink.guardian",
    "enrollments.0047_prints_a_letter_names": "enrollments.letter.prints",
    "home.0001_pages_and_pictures": "home.academysettings",
}


def named(migration: Migration) -> str:
    return f"{migration.app_label}.{migration.name}"


def counts() -> dict[str, int]:
    """The rows of every table of ours, and of the tables between them."""
    tables = [name for name in connection.introspection.table_names() if name.split("_")[0] in backward.OURS]
    found = {}
    with connection.cursor() as cursor:
        for name in sorted(tables):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")
            found[name] = cursor.fetchone()[0]
    return found


def newest(label: str) -> str:
    return next(row.name for row in backward.all_ours() if row.app_label == label)


def older(migration: Migration) -> str | None:
    """The migration before this one, in its own application; None before the first."""
    same = [name for label, name in migration.dependencies if label == migration.app_label]
    return max(same, default=None)


def test_each_migration_is_reversible_or_refuses_by_name(demonstration):
    found = {}
    for migration in backward.all_ours():
        if lost := backward.losses([migration], apps, "default"):
            found[named(migration)] = lost[0].name
    assert found == REFUSE


def lost_behind(name: str) -> list[str]:
    label, number = name.split(".")
    found = [row for row in backward.all_ours() if row.app_label == label and row.name.startswith(number)]
    return [str(loss).split(": ")[1] for loss in backward.losses(found, apps, "default")]


def test_a_value_the_older_column_cannot_hold_is_named(db, site_tree):
    assert lost_behind("academy.0003") == [] and lost_behind("home.0002") == []
    UserFactory(email=None)
    assert lost_behind("academy.0003") == ["academy.user.email, 1 × empty"]
    child = ChildFactory()
    assert "enrollments.child.birth_date, 1 × empty" not in lost_behind("enrollments.0002")
    erasure.erase_child(child, by=None, at=timezone.now())
    assert "enrollments.child.birth_date, 1 × empty" in lost_behind("enrollments.0002")


def test_numbers_that_wait_for_the_file_of_the_backups_are_named(db):
    assert lost_behind("enrollments.0048") == []
    ErasedNumber.objects.create(what="child", row_ref=1, at=timezone.now())
    assert lost_behind("enrollments.0048") == ["enrollments.erasednumber, 1 × written"]


def test_whom_a_used_survey_link_asked_cannot_be_given_back(db):
    link = {"session": SessionFactory(), "expires_at": timezone.now()}
    SurveyLink.objects.create(guardian=UserFactory(), asked_hash="a" * 64, **link)
    assert lost_behind("enrollments.0043") == []
    SurveyLink.objects.create(is_used=True, asked_hash="b" * 64, **link)
    assert lost_behind("enrollments.0043") == ["enrollments.surveylink.guardian, 1 × empty"]


@pytest.mark.parametrize("kind", ["added", "raised"])
def test_a_value_that_older_code_does_not_know_is_named(db, kind):
    GuardianEvent.objects.create(what=kind, child_ref=1, guardian_ref=1, by_ref=1, at=timezone.now())
    lost = ["enrollments.guardianevent.what, 1 × a value that older code does not know"]
    assert lost_behind("enrollments.0028") == (lost if kind == "raised" else [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("label", ["enrollments", "courses", "academy", "home"])
def test_going_back_to_nothing_refuses_with_words_and_changes_nothing(demonstration, label):
    before = counts()
    with pytest.raises(backward.WouldBeLost) as refused:
        call_command("migrate", label, "zero", verbosity=0)
    assert isinstance(refused.value, CommandError) and isinstance(refused.value, IrreversibleError)
    words = str(refused.value)
    assert words.startswith("Going back would lose what the older tables cannot hold. Nothing was changed.")
    assert "Restore a backup from before instead" in words
    assert counts() == before
    assert not MigrationExecutor(connection).migration_plan([(label, newest(label))])


@pytest.mark.django_db(transaction=True)
def test_attendance_is_not_lost_in_silence(demonstration):
    rows = apps.get_model("enrollments", "Presence").objects.count()
    assert rows
    with pytest.raises(backward.WouldBeLost, match=rf"enrollments\.presence, {rows} × written"):
        call_command("migrate", "enrollments", "0019", verbosity=0)


# ---- back and forward again


def without_loss(label: str) -> str:
    """How far back an application can go here before something refuses: the name for `migrate`."""
    reached = newest(label)
    for migration in backward.all_ours():
        if migration.app_label == label:
            plan = MigrationExecutor(connection).migration_plan([(label, older(migration))])
            back = [row for row, backwards in plan if backwards and row.app_label in backward.OURS]
            if backward.losses(back, apps, "default"):
                break
            reached = older(migration)
    return reached or "zero"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "reached",
    [
        {
            "enrollments": "0047_prints_a_letter_names",
            "courses": "0008_lesson_listings",
            "academy": "0001_accounts",
            "home": "0001_pages_and_pictures",
        }
    ],
)
def test_what_loses_nothing_goes_back_and_forward_on_the_demonstration(demonstration, reached):
    before = counts()
    for label, name in reached.items():
        assert without_loss(label) == name
        call_command("migrate", label, name, verbosity=0)
        call_command("migrate", verbosity=0)
        assert counts() == before, label


SEATS = ("pk", "child", "session", "state", "ticket", "price", "reference", "seated_at")


@pytest.mark.django_db(transaction=True)
def test_a_few_families_with_places_go_back_behind_offers_and_registers(site_tree):
    """Without letters, marks and receipts much more is free: seats, their instants, the events' triggers."""
    session = session_of(capacity=2)
    for _number in range(3):
        join(session)
    Letter.objects.all().delete()
    before, seats = counts(), sorted(Enrollment.objects.values_list(*SEATS))
    reached = without_loss("enrollments")
    assert reached == "0009_offers_and_decisions"
    call_command("migrate", "enrollments", reached, verbosity=0)
    call_command("migrate", verbosity=0)
    assert counts() == before and sorted(Enrollment.objects.values_list(*SEATS)) == seats
