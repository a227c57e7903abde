"""3D prints as the team asks for and plans them."""

from datetime import timedelta
from itertools import product

from django.utils import timezone

from courses.models import Room
from enrollments.models import Letter, Printer, PrintJob, ProjectFile, Spool
from enrollments.portfolio import print_queue
from tests.factories import ChildFactory, RoomFactory, UserFactory
from tests.works import made_by, sent

HOUR = timedelta(hours=1)


def box(size_mm, name: str) -> bytes:
    """Return a closed box as an STL of text."""
    corners = list(product(*((0, side) for side in size_mm)))
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    facets = []
    for a, b, c, d in sides:
        for three in ((a, b, c), (a, c, d)):
            points = "\n".join("vertex {} {} {}".format(*corners[corner]) for corner in three)
            facets.append(f"facet normal 0 0 0\nouter loop\n{points}\nendloop\nendfacet")
    lines = "\n".join(facets)
    return f"solid {name}\n{lines}\nendsolid {name}\n".encode()


def a_model(child, by, *, size_mm=(40.0, 30.0, 10.0), title="Porte-clés", **words) -> ProjectFile:
    """Add a project with one STL file of that size."""
    return made_by(child, by, sent("cle.stl", box(size_mm, title)), title=title, **words).files.get()


def a_room() -> Room:
    return Room.objects.first() or RoomFactory()


def a_printer(name="Atlas", **facts) -> Printer:
    ready = {"room": a_room(), "width_mm": 180, "depth_mm": 180, "height_mm": 180, "is_in_service": True}
    return print_queue.keep_printer(None, name=name, **(ready | facts))


def a_spool(by, grams=1000, colour="bleu", at=None) -> Spool:
    return print_queue.add_spool(material="pla", colour=colour, grams=grams, by=by, at=at or timezone.now())


def planned(job, *, printer, spool, by, at, begins=None, grams=8, minutes=60):
    """Approve a print as it is now."""
    return print_queue.approve(
        job,
        seen=job.version,
        printer=printer,
        spool=spool,
        grams=grams,
        minutes=minutes,
        starts_at=begins or at,
        by=by,
        at=at,
    )


def printing(file, *, printer, spool, by, at, **plan):
    """Ask for a print, approve it and start it."""
    job = planned(print_queue.ask(file, by=by, at=at), printer=printer, spool=spool, by=by, at=at, **plan)
    return print_queue.start(job, seen=job.version, by=by, at=at)


# ---- what the database refuses, for tests/courses/test_constraints.py


def a_row(file=None, **facts) -> PrintJob:
    at = timezone.now()
    if file is None:
        guardian = UserFactory()
        file = a_model(ChildFactory(guardian=guardian), guardian)
    ready = {"asked_at": at, "asked_by_ref": 1, "changed_at": at, "changed_by_ref": 1}
    return PrintJob.objects.create(file=file, **(ready | facts))


def a_plan(**facts) -> dict:
    at, spool = timezone.now(), Spool.objects.create(colour="x", grams_left=1)
    ready = {"printer": a_printer(), "spool": spool, "grams": 1, "minutes": 60}
    return ready | {"starts_at": at, "ends_at": at + HOUR} | facts


def two_of_one_file() -> None:
    a_row(a_row(state="done", **a_plan()).file)


def two_on_a_printer() -> None:
    plan = a_plan(state="printing")
    a_row(**plan)
    a_row(**plan)


IMPOSSIBLE_PRINTS = {
    "printer_has_a_size": lambda: a_printer(width_mm=0),
    "spool_has_a_colour": lambda: Spool.objects.create(colour="", grams_left=1),
    "print_job_one_open_per_file": two_of_one_file,
    "print_job_one_on_a_printer": two_on_a_printer,
    "print_job_planned_in_full": lambda: a_row(**a_plan(state="approved", minutes=None)),
    "print_job_refused_with_reason": lambda: a_row(state="refused"),
}


# ---- events of tests/happenings.py; `w` is its world


def print_ready(w):
    shop = {"printer": a_printer(), "spool": a_spool(w.desk), "by": w.desk, "at": w.now}
    print_queue.finish(printing(a_model(w.child, w.parent), **shop), seen=2, by=w.desk, at=w.now)


def print_not_ready(w):
    print_ready(w)
    Letter.objects.update(state="sent")
    told = list(Letter.objects.values_list("pk", flat=True))
    print_queue.take_back(PrintJob.objects.get(), seen=3, by=w.desk, at=w.now + HOUR)
    Letter.objects.filter(pk__in=told).delete()


def print_refused(w):
    print_ready(w)
    Letter.objects.update(state="sent")
    print_queue.fail(PrintJob.objects.get(), seen=3, by=w.desk, at=w.now + HOUR)
    told = list(Letter.objects.values_list("pk", flat=True))
    print_queue.refuse(PrintJob.objects.get(), seen=4, reason="broken", by=w.desk, at=w.now + HOUR)
    Letter.objects.filter(pk__in=told).delete()
