"""Erased numbers: every door of erasure writes one, a file keeps them, and a restored backup erases again."""

import json
import multiprocessing
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from academy import clockwork, health
from academy.demo.foundations import lay_policies
from courses.models import AgeBand
from enrollments.families import consents, guardians, pickup, safety_notes
from enrollments.families.erased_numbers import mark_of
from enrollments.models import (
    Child,
    ClassPhoto,
    Enrollment,
    ErasedNumber,
    Guardianship,
    Letter,
    PickupPerson,
    PolicyVersion,
    Project,
    ProjectFile,
    SafetyNote,
    ShowcaseStory,
)
from enrollments.places import admission, audit
from enrollments.portfolio import class_photos, projects, showcase
from enrollments.privacy import child_merge, erased_again, erased_file, erasure, retention
from enrollments.privacy.erased_file import ErasedLine
from tests.classes import class_now
from tests.factories import AgeBandFactory, ChildFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.works import made_by, photo_of, photographed, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
User = get_user_model()
What = ErasedNumber.What


@pytest.fixture
def place(settings, tmp_path):
    """Return an empty folder for backups."""
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_DIR.mkdir()
    return settings.BACKUP_DIR


def noted() -> list[tuple]:
    return list(ErasedNumber.objects.values_list("what", "row_ref", "other_ref", "code"))


def lines() -> list[ErasedLine]:
    return erased_file.read(erased_file.path())[0]


class Home:
    """A family with one row of each kind that can be erased, and a way back to how it was."""

    def __init__(self, policies, parent, other, child, photo, manager):
        self.policies, self.parent, self.other, self.child, self.photo = policies, parent, other, child, photo
        self.manager, self.now = manager, timezone.now()
        person = {"name": "Mamie", "relation": "grand-mère", "phone": "+212600009991"}
        nobody = {"name": "", "relation": "", "phone": ""}
        pickup.settle_collection(
            child, persons=[person], may_go_alone=False, emergency=nobody, by=parent, at=self.now
        )
        safety_notes.write_note(child, parts={"may_happen": "…"}, by=parent, at=self.now)
        self.project = made_by(child, parent, photographed(), sent("robot.py", b"# un"))
        self.file = self.project.files.exclude(kind="picture").get()
        words = {"title": "Robot", "story": "", "picture": self.project.picture}
        self.story = showcase.approve(self.project, **words, by=manager, at=self.now)
        self.person = PickupPerson.objects.get()
        ErasedNumber.objects.all().delete()

    def say(self, code, yes, who=None, **more):
        consents.answer(
            self.policies[code], guardian=who or self.parent, yes=yes, language="fr", at=timezone.now(),
            child=self.child, **more,
        )  # fmt: skip


@pytest.fixture
def home(policies, parent, other_parent, child, instructor, manager):
    at = timezone.now()
    if not AgeBand.objects.filter(min_age__lte=10, max_age__gte=10).exists():
        AgeBandFactory(min_age=9, max_age=11)
    GuardianshipFactory(child=child, guardian=other_parent)
    for code in ("photo-families", "work-showcase"):
        consents.answer(policies[code], guardian=parent, yes=True, language="fr", at=at, child=child)
    meeting = class_now(1, instructors=[instructor])
    photo = photo_of(meeting, [child], instructor)
    return Home(policies, parent, other_parent, child, photo, manager)


def agreed_by_all(home):
    erasure.agree(home.child, by=home.parent, at=timezone.now())
    erasure.agree(home.child, by=home.other, at=timezone.now())


def left_alone(home):
    guardians.leave(child=home.child, by=home.other, at=timezone.now())
    ErasedNumber.objects.all().delete()
    erasure.erase_account(home.parent, by=None, at=timezone.now())


# By door: what is done; the numbers noted; what is gone then, and after a restored backup: (model, filter).
DOORS = {
    "all guardians agree": (
        agreed_by_all,
        lambda home: [("child", home.child.pk, None, "")],
        lambda home: (Child, {"pk": home.child.pk, "erased_at": None}),
    ),
    "a manager erases the file": (
        lambda home: erasure.erase_child(home.child, by=home.manager, at=timezone.now()),
        lambda home: [("child", home.child.pk, None, "")],
        lambda home: (Child, {"pk": home.child.pk, "erased_at": None}),
    ),
    "an account of two": (
        lambda home: erasure.erase_account(home.other, by=None, at=timezone.now()),
        lambda home: [("account", home.other.pk, None, "")],
        lambda home: (User, {"pk": home.other.pk}),
    ),
    "an account with its child": (
        left_alone,
        lambda home: [("child", home.child.pk, None, ""), ("account", home.parent.pk, None, "")],
        lambda home: (Child, {"pk": home.child.pk, "erased_at": None}),
    ),
    "a guardian leaves": (
        lambda home: guardians.leave(child=home.child, by=home.other, at=timezone.now()),
        lambda home: [("guardian", home.child.pk, home.other.pk, "")],
        lambda home: (Guardianship, {"child": home.child, "guardian": home.other}),
    ),
    "a manager removes a guardian": (
        lambda home: guardians.remove(
            home.child.guardianships.get(guardian=home.other),
            by=home.manager,
            at=timezone.now(),
            paper="judgment",
        ),
        lambda home: [("guardian", home.child.pk, home.other.pk, "")],
        lambda home: (Guardianship, {"child": home.child, "guardian": home.other}),
    ),
    "a project is deleted": (
        lambda home: projects.erase(home.project, by=home.parent, at=timezone.now()),
        lambda home: [("project", home.project.pk, None, "")],
        lambda home: (Project, {"pk": home.project.pk}),
    ),
    "a file of a project is deleted": (
        lambda home: projects.erase_file(home.file, by=home.parent, at=timezone.now()),
        lambda home: [("project_file", home.file.pk, None, "")],
        lambda home: (ProjectFile, {"pk": home.file.pk}),
    ),
    "a family removes a picture": (
        lambda home: class_photos.hide(home.photo, child=home.child, by=home.parent, at=timezone.now()),
        lambda home: [("hidden_photo", home.photo.pk, None, "")],
        lambda home: (ClassPhoto, {"pk": home.photo.pk, "hidden_at": None}),
    ),
    "a manager deletes a picture": (
        lambda home: class_photos.erase(home.photo, by=home.manager, at=timezone.now()),
        lambda home: [("photo", home.photo.pk, None, "")],
        lambda home: (ClassPhoto, {"pk": home.photo.pk}),
    ),
    "a visitor removes a story": (
        lambda home: showcase.hide(home.story, by=None, at=timezone.now()),
        lambda home: [("story", home.project.pk, None, "")],
        lambda home: (ShowcaseStory, {"pk": home.story.pk, "hidden_at": None}),
    ),
    "a manager ends a story": (
        lambda home: showcase.end(home.story, by=home.manager, at=timezone.now()),
        lambda home: [("story", home.project.pk, None, "")],
        lambda home: (ShowcaseStory, {"pk": home.story.pk, "hidden_at": None}),
    ),
    "a safety note is emptied": (
        lambda home: safety_notes.write_note(home.child, parts={}, by=home.parent, at=timezone.now()),
        lambda home: [("safety_note", home.child.pk, None, "")],
        lambda home: (SafetyNote, {"child": home.child}),
    ),
    "somebody collects the child no more": (
        lambda home: pickup.settle_collection(
            home.child, persons=[], may_go_alone=False, emergency={"name": "", "relation": "", "phone": ""},
            by=home.parent, at=timezone.now(),
        ),
        lambda home: [("pickup_person", home.person.pk, None, "")],
        lambda home: (PickupPerson, {"pk": home.person.pk}),
    ),
}  # fmt: skip


def undone_after(act) -> None:
    """Do something and take its numbers to the file; then the database is as before: a restored backup."""
    with transaction.atomic():
        act()
        erased_file.write_out()
        transaction.set_rollback(True)


@pytest.mark.parametrize("door", DOORS)
def test_each_door_of_erasure_notes_numbers_and_a_restored_backup_erases_again(door, home, place):
    act, expected, gone = DOORS[door]
    told = expected(home)
    model, rows = gone(home)
    made_at = timezone.now()
    with transaction.atomic():
        act(home)
        assert noted() == told and not model.objects.filter(**rows).exists()
        erased_file.write_out()
        transaction.set_rollback(True)
    assert model.objects.filter(**rows).exists(), "as in the backup"
    written, letters = lines(), Letter.objects.count()
    assert [(line.what, line.number, line.other, line.code) for line in written] == told
    for expected_again in ({line.what: 1 for line in written}, {}):
        done = erased_again.erase_again(written, since=made_at, at=timezone.now())
        assert dict(done) == expected_again
        assert not model.objects.filter(**rows).exists()
    assert noted() == [], "the file has these numbers"
    assert Letter.objects.count() <= letters, "those who were told are not told again"


@pytest.mark.parametrize("by_child", [False, True])
def test_a_no_is_said_again_and_a_later_yes_is_not_taken_away(home, place, by_child):
    what = "no_of_child" if by_child else "no"

    def shown() -> bool:
        return home.child.pk in class_photos.permitting([home.child.pk], timezone.now())

    home.say("photo-families", True, by_child=by_child)
    assert shown()
    undone_after(lambda: home.say("photo-families", False, by_child=by_child))
    assert shown()
    (line,) = lines()
    assert (line.what, line.number, line.other, line.code) == (
        what, home.parent.pk, home.child.pk, "photo-families",
    )  # fmt: skip
    again = {"since": line.at, "at": timezone.now()}
    with transaction.atomic():  # a backup that holds a later yes
        home.say("photo-families", False, by_child=by_child)
        home.say("photo-families", True, by_child=by_child)
        assert erased_again.erase_again([line], **again) == {} and shown()
        transaction.set_rollback(True)
    assert erased_again.erase_again([line], **again) == {what: 1} and not shown()
    assert erased_again.erase_again([line], **again) == {}


def test_a_no_of_the_own_account_and_of_one_who_is_guardian_no_more(home, place):
    lay_policies()
    terms = PolicyVersion.objects.current(timezone.now()).get(policy__code="terms")
    consents.answer(terms, guardian=home.parent, yes=True, language="fr", at=timezone.now())
    undone_after(
        lambda: consents.answer(terms, guardian=home.parent, yes=False, language="fr", at=timezone.now())
    )
    (line,) = lines()
    assert (line.number, line.other, line.code) == (home.parent.pk, None, "terms")
    assert erased_again.erase_again([line], since=line.at, at=timezone.now()) == {"no": 1}
    assert PolicyVersion.objects.are_outstanding(home.parent, timezone.now())
    stranger = UserFactory()
    of_stranger = ErasedLine(
        "no", stranger.pk, home.child.pk, "photo-families", timezone.now(), mark_of(stranger.date_joined)
    )
    assert erased_again.erase_again([of_stranger], since=line.at, at=timezone.now()) == {}


def test_a_file_that_had_become_one_with_another_is_erased_in_both_its_halves(home, place, manager):
    twin = ChildFactory(guardian=home.parent, first_name="Yasmina")
    GuardianshipFactory(child=twin, guardian=home.other)

    def merged_and_erased():
        child_merge.propose(home.child, twin, by=manager, at=timezone.now())
        assert Child.objects.get(pk=twin.pk).merged_into == home.child
        assert noted() == [], "two files that become one erase nobody"
        erasure.erase_child(home.child, by=manager, at=timezone.now())

    undone_after(merged_and_erased)
    assert Child.objects.filter(erased_at=None, pk__in=[home.child.pk, twin.pk]).count() == 2
    assert erased_again.erase_again(lines(), since=timezone.now(), at=timezone.now()) == {"child": 2}
    assert not Child.objects.filter(erased_at=None, pk__in=[home.child.pk, twin.pk]).exists()


def test_a_place_the_backup_still_holds_is_ended_and_offered_on(home, place, now):
    consents.accept_compulsory(home.parent, language="fr", at=now)
    session = SessionFactory(capacity=1)
    held = admission.enroll(child=home.child, session=session, by=home.parent, at=now)
    waits = admission.enroll(
        child=ChildFactory(guardian=UserFactory(), age=10), session=session, by=None, at=now
    )
    line = ErasedLine("child", home.child.pk, None, "", timezone.now(), mark_of(home.child.created_at))
    assert (held.state, waits.state) == ("seated", "waiting")
    assert erased_again.erase_again([line], since=now, at=timezone.now()) == {"child": 1}
    states = [Enrollment.objects.get(pk=row.pk).state for row in (held, waits)]
    assert states == ["removed", "offered"]
    assert audit.check(timezone.now()) == []


@pytest.mark.parametrize("door", DOORS)
def test_another_that_has_the_number_since_an_earlier_restore_stays(door, home, place):
    """A restore gives numbers a second time: a line is about who had the number then."""
    act, _expected, gone = DOORS[door]
    model, rows = gone(home)
    at = timezone.now()
    undone_after(lambda: act(home))
    others = [replace(line, mark=mark_of("another")) for line in lines()]
    assert others and erased_again.erase_again(others, since=at, at=timezone.now()) == {}
    assert model.objects.filter(**rows).exists()


def test_what_the_backup_knows_and_what_we_do_not_is_left(home, place):
    at = timezone.now()
    line = ErasedLine("child", home.child.pk, None, "", at, mark_of(home.child.created_at))
    later = at + erased_again.MARGIN + timedelta(seconds=1)
    assert erased_again.erase_again([line], since=later, at=later) == {}
    unknown = replace(line, what="nothing_we_know")
    assert erased_again.erase_again([unknown], since=at, at=at) == {"unknown": 1}
    assert Child.objects.get(pk=home.child.pk).erased_at is None
    assert erased_again.erase_again([line], since=at + erased_again.MARGIN, at=at) == {"child": 1}


def test_the_nightly_deletion_notes_what_it_erases(home, place):
    Enrollment.objects.all().delete()
    later = timezone.now() + timedelta(days=4 * 366)
    retention.retain(later, apply=True)
    what = {row[0] for row in noted()}
    assert {"child", "account", "safety_note"} <= what
    assert ("child", home.child.pk, None, "") in noted()


# ---- the file


def test_the_file_holds_numbers_and_codes_only_and_each_line_is_on_the_disk_before_its_row_goes(home, place):
    home.say("work-showcase", False)
    erasure.erase_child(home.child, by=home.manager, at=timezone.now())
    assert erased_file.write_out() == 2 and erased_file.write_out() == 0
    path = place / "erased.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    for line in path.read_text().splitlines():
        told = json.loads(line)
        assert set(told) == {"what", "number", "other", "code", "at", "mark"}
        assert told["what"] in What.values and isinstance(told["number"], int)
    names = ("Yassmina", home.parent.name, home.parent.email, str(home.parent.phone))
    assert not any(name in path.read_text() for name in names)


def test_while_the_folder_cannot_be_written_numbers_wait_and_erasing_goes_on(home, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "not" / "mounted"
    job = next(job for job in clockwork.JOBS if job.name == "erased")
    erasure.erase_child(home.child, by=home.manager, at=timezone.now())
    clockwork._open(timezone.now())
    for _turn in range(2):
        run = clockwork._run(job, timezone.now())
        assert run.fault == "FileNotFoundError" and ErasedNumber.objects.count() == 1
    assert "erased" not in health.lights(), "a disk of backups takes no machine off the balancer"
    settings.BACKUP_DIR.mkdir(parents=True)
    run = clockwork._run(job, timezone.now())
    assert (run.fault, run.did) == ("", 1)
    assert [(line.what, line.number) for line in lines()] == [("child", home.child.pk)]
    settings.BACKUP_DIR = None
    safety_notes.write_note(home.child, parts={}, by=home.parent, at=timezone.now())
    assert erased_file.write_out() == 0 and erased_file.path() is None


def test_a_line_that_a_crash_cut_off_harms_no_other(place):
    at = timezone.now()
    first, second = (ErasedLine("child", number, None, "", at, "a" * 16) for number in (1, 2))
    path = place / "erased.jsonl"
    erased_file.append(path, [first])
    with path.open("ab") as file:
        file.write(b'{"what": "child", "num')
    erased_file.append(path, [second])
    assert erased_file.read(path) == ([first, second], 1)


def _append(path, number):
    at = timezone.now()
    for turn in range(50):
        erased_file.append(path, [ErasedLine("child", number * 1000 + turn, None, "", at, "a" * 16)] * 3)


def test_two_workers_write_whole_lines(place):
    path = place / "erased.jsonl"
    workers = [
        multiprocessing.get_context("fork").Process(target=_append, args=(path, one)) for one in (1, 2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found, unread = erased_file.read(path)
    assert (len(found), unread) == (300, 0)
