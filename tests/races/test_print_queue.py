"""The 3D print queue: the team at two screens, one printer, one spool."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from enrollments.models import Letter, Printer, PrintJob, Spool, SpoolChange
from enrollments.portfolio import print_queue, projects
from tests.factories import UserFactory
from tests.prints import a_printer, a_room, a_spool, planned
from tests.races.crowd import behind
from tests.races.makers import family, piece, project_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def staff():
    return UserFactory()


def asked(child, by, words="one", *, at):
    """Return a print that was asked for, of a model of the child's."""
    model = piece(words, kind="stl", extension=".stl", size_mm=[9, 9, 9])
    return print_queue.ask(project_of(child, by, title=words, pieces=[model]).files.get(), by=by, at=at)


def act(verb, job, by, at, **facts):
    """Return an act on a print as it is now: what it leads to is a state and a version."""
    seen = job.version

    def done():
        row = verb(job, seen=seen, by=by, at=at, **facts)
        return row.state, row.version

    return done


def plan(job, by, at, **facts):
    ready = {"grams": 8, "minutes": 60, "starts_at": at}
    return act(print_queue.approve, job, by, at, **(ready | facts))


def test_two_claims_of_one_printer_at_one_hour_are_a_clash(staff):
    at, (child, guardian) = timezone.now(), family()
    one, two = (asked(child, guardian, words, at=at) for words in ("one", "two"))
    printer, spool = a_printer(), a_spool(staff)
    outcomes = behind(
        plan(one, staff, at, printer=printer, spool=spool), plan(two, staff, at, printer=printer, spool=spool)
    )
    assert outcomes[0] == ("done", ("approved", 1)) and "clash" in outcomes[1][1], outcomes
    two = planned(two, printer=printer, spool=spool, by=staff, at=at, begins=at + HOUR)
    outcomes = behind(
        act(print_queue.start, two, staff, at + HOUR),
        act(print_queue.start, PrintJob.objects.get(pk=one.pk), staff, at + HOUR),
    )
    assert outcomes[0] == ("done", ("printing", 2)) and "clash" in outcomes[1][1], outcomes
    assert Spool.objects.get().grams_left == 992


def test_a_print_approved_twice_is_approved_once_and_two_plans_are_one(staff):
    at, (child, guardian) = timezone.now(), family()
    job, printer, spool = asked(child, guardian, at=at), a_printer(), a_spool(staff)
    other = a_printer("Rif")
    outcomes = behind(
        plan(job, staff, at, printer=printer, spool=spool),
        plan(job, staff, at, printer=printer, spool=spool),
        plan(job, staff, at, printer=other, spool=spool),
    )
    assert outcomes[:2] == [("done", ("approved", 1))] * 2 and "moved_on" in outcomes[2][1]
    job.refresh_from_db()
    assert (job.printer, job.version) == (printer, 1)


def test_grams_are_taken_once_and_never_more_than_the_spool_has(staff):
    at, (child, guardian) = timezone.now(), family()
    spool, jobs = a_spool(staff, grams=20), []
    for name in ("Atlas", "Rif", "Toubkal"):
        job = asked(child, guardian, name, at=at)
        jobs.append(planned(job, printer=a_printer(name), spool=spool, by=staff, at=at))
    started = [act(print_queue.start, job, staff, at) for job in jobs]
    outcomes = behind(started[0], started[0], started[1], started[2])
    assert outcomes[:2] == [("done", ("printing", 2))] * 2
    assert sorted(kind for kind, _said in outcomes[2:]) == ["done", "refused"]
    assert next(said for kind, said in outcomes if kind == "refused").endswith("filament")
    assert Spool.objects.get().grams_left == 4 == sum(SpoolChange.objects.values_list("grams", flat=True))
    weigh = partial(print_queue.correct_spool, spool, why="weighed", is_in_use=True, by=staff, at=at)
    last = PrintJob.objects.get(state="approved")
    weigh(grams_left=8)
    outcomes = behind(lambda: weigh(grams_left=7).grams_left, act(print_queue.start, last, staff, at))
    assert outcomes[0] == ("done", 7) and "filament" in outcomes[1][1]
    assert Spool.objects.get().grams_left == 7 == sum(SpoolChange.objects.values_list("grams", flat=True))


def test_a_print_refused_or_failed_while_it_is_started_or_ready_goes_one_way(staff):
    at, (child, guardian) = timezone.now(), family()
    spool, printer = a_spool(staff, grams=20), a_printer()
    job = planned(asked(child, guardian, at=at), printer=printer, spool=spool, by=staff, at=at)
    no = partial(print_queue.refuse, reason="too_long")
    outcomes = behind(act(print_queue.start, job, staff, at), act(no, job, staff, at))
    assert outcomes[0] == ("done", ("printing", 2)) and "moved_on" in outcomes[1][1]
    job.refresh_from_db()
    outcomes = behind(
        act(print_queue.finish, job, staff, at),
        act(print_queue.finish, job, staff, at),
        act(print_queue.fail, job, staff, at),
        act(no, job, staff, at),
    )
    assert outcomes[:2] == [("done", ("done", 3))] * 2
    assert all("moved_on" in said for _kind, said in outcomes[2:])
    assert Letter.objects.filter(kind="print_ready").count() == 1
    job.refresh_from_db()
    out = act(print_queue.hand_out, job, staff, at)
    outcomes = behind(out, out, act(no, job, staff, at))
    assert outcomes[:2] == [("done", ("collected", 4))] * 2 and "moved_on" in outcomes[2][1]
    other = planned(asked(child, guardian, "two", at=at), printer=printer, spool=spool, by=staff, at=at)
    outcomes = behind(act(no, other, staff, at), act(print_queue.start, other, staff, at))
    assert outcomes[0] == ("done", ("refused", 2)) and "moved_on" in outcomes[1][1]
    assert Spool.objects.get().grams_left == 12


def test_two_prints_of_one_child_ready_at_once_are_one_letter(staff):
    at, (child, guardian) = timezone.now(), family()
    spool, jobs = a_spool(staff), []
    for name in ("Atlas", "Rif"):
        job = planned(
            asked(child, guardian, name, at=at), printer=a_printer(name), spool=spool, by=staff, at=at
        )
        jobs.append(print_queue.start(job, seen=job.version, by=staff, at=at))
    outcomes = behind(*(act(print_queue.finish, job, staff, at) for job in jobs))
    assert outcomes == [("done", ("done", 3))] * 2
    letter = Letter.objects.get(kind="print_ready", state=Letter.State.QUEUED)
    assert all(name in letter.body for name in ("Atlas", "Rif"))


def printing(child, guardian, staff, name="Atlas", *, at):
    job = asked(child, guardian, name, at=at)
    job = planned(job, printer=a_printer(name), spool=a_spool(staff, at=at), by=staff, at=at)
    return print_queue.start(job, seen=job.version, by=staff, at=at)


def test_a_print_taken_back_while_another_is_ready_is_not_in_the_letter(staff):
    at, (child, guardian) = timezone.now(), family()
    one, two = (printing(child, guardian, staff, name, at=at) for name in ("Atlas", "Rif"))
    one = print_queue.finish(one, seen=one.version, by=staff, at=at)
    outcomes = behind(
        act(print_queue.finish, two, staff, at + MINUTE), act(print_queue.take_back, one, staff, at + MINUTE)
    )
    assert outcomes == [("done", ("done", 3)), ("done", ("printing", 4))]
    letter = Letter.objects.get(kind="print_ready", state=Letter.State.QUEUED)
    assert "Rif" in letter.body and "Atlas" not in letter.body


@pytest.mark.parametrize("verb", ["take_back", "fail"])
def test_a_project_deleted_while_its_print_is_said_not_to_be_ready_waits_for_the_letter(staff, verb):
    at, (child, guardian) = timezone.now(), family()
    job = printing(child, guardian, staff, at=at)
    job = print_queue.finish(job, seen=job.version, by=staff, at=at)
    Letter.objects.update(state="sent")
    erased = partial(projects.erase, job.file.project, by=guardian, at=at)
    outcomes = behind(act(getattr(print_queue, verb), job, staff, at + HOUR), lambda: bool(erased()))
    assert [kind for kind, _said in outcomes] == ["done", "done"], outcomes
    assert Letter.objects.filter(kind="print_not_ready").count() == 1
    assert not PrintJob.objects.exists()


def test_a_project_deleted_while_its_announced_print_is_refused_waits_for_the_letter(staff):
    at, (child, guardian) = timezone.now(), family()
    job = printing(child, guardian, staff, at=at)
    job = print_queue.finish(job, seen=job.version, by=staff, at=at)
    Letter.objects.update(state="sent")
    job = print_queue.fail(job, seen=job.version, by=staff, at=at + HOUR)
    no, erased = partial(print_queue.refuse, reason="broken"), partial(projects.erase, job.file.project)
    outcomes = behind(act(no, job, staff, at + HOUR), lambda: bool(erased(by=guardian, at=at)))
    assert [kind for kind, _said in outcomes] == ["done", "done"], outcomes
    assert Letter.objects.filter(kind="print_refused").count() == 1


def test_a_printer_or_a_spool_added_twice_is_one(staff):
    at, room = timezone.now(), a_room()
    outcomes = behind(*[lambda: a_printer(room=room).pk] * 2, lambda: a_printer(room=room, width_mm=90).pk)
    assert outcomes[:2] == [("done", Printer.objects.get().pk)] * 2 and "name" in outcomes[2][1], outcomes
    other = a_printer("Rif", room=room)
    named = {
        "name": "Toubkal",
        "room": room,
        "width_mm": 9,
        "depth_mm": 9,
        "height_mm": 9,
        "is_in_service": True,
    }
    outcomes = behind(
        lambda: print_queue.keep_printer(other, **named).pk,
        lambda: print_queue.keep_printer(Printer.objects.get(name="Atlas"), **named).pk,
    )
    assert outcomes[0] == ("done", other.pk) and outcomes[1][1].endswith("name"), outcomes
    outcomes = behind(*[lambda: a_spool(staff, at=at).pk] * 2)
    assert outcomes == [("done", Spool.objects.get().pk)] * 2
