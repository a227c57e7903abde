"""What the children of the demo made: projects with small files of our own, 3D prints in every state, a
picture of a class, stories for the showcase. All by the functions that pages call.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from academy.demo import made_files
from academy.demo.families import PARENT
from academy.demo.places import ADAMS_SESSIONS
from academy.demo.season import rooms_by_key, sessions_by_key
from academy.demo.words import read
from academy.models import User
from courses.models import Meeting, Session
from courses.models.timetable import instant
from enrollments.families import consents
from enrollments.models import (
    Child,
    Enrollment,
    Guardianship,
    PolicyVersion,
    Printer,
    Project,
    Spool,
)
from enrollments.portfolio import class_photos, print_queue, projects, showcase
from enrollments.portfolio.pieces import ProjectPiece, taken_in

HOUR = timedelta(hours=1)
IN_PICTURE = 4  # children


def write_portfolio(now: datetime, say) -> None:
    """Write the projects of projects.yaml with what became of them. The files are read before, each by a
    process of its own.
    """
    if Project.objects.exists():
        return
    say("Projects, 3D prints and pictures")
    pieces = {name: taken_in(made_files.upload(name)) for name in made_files.FILES}
    with transaction.atomic():
        _write(pieces, now)


def _write(pieces: dict[str, ProjectPiece], now: datetime) -> None:
    manager = User.objects.get(email="manager@example.org")
    prints: list[tuple[str, Project]] = []
    for row, child, meeting in _rows(now):
        project = _add(row, child, meeting, [pieces[name] for name in row["files"]], now)
        if row.get("print"):
            prints.append((row["print"], project))
        if row.get("showcase"):
            _agree(child, showcase.PURPOSE, now)
        if row.get("showcase") == "shown":
            picture = project.pictures[0]
            showcase.approve(
                project, picture=picture, title=project.title, story=project.story, by=manager, at=now
            )
    _print(prints, manager, now)
    _photograph(pieces["seance.jpg"], now)


# ---- projects


def _rows(now: datetime) -> Iterator[tuple[dict, Child, Meeting | None]]:
    """Return each line of projects.yaml with its child and the last class of its session."""
    family = {child.first_name.lower(): child for child in Child.objects.filter(guardians__email=PARENT)}
    sessions = sessions_by_key()
    for row in read("projects")["projects"]:
        if isinstance(row["child"], str):
            child = family[row["child"]]
        else:
            others = _seated(sessions[row["session"]])
            child = others[row["child"] % len(others)]
        yield row, child, _last_class(sessions[row["session"]], now) if row["session"] else None


def _seated(session: Session) -> list[Child]:
    """Return the children of a session, the first enrolled first, without those of the known parent."""
    seats = Enrollment.objects.holding().filter(session=session).exclude(child__guardians__email=PARENT)
    return [seat.child for seat in seats.select_related("child").order_by("pk")]


def _last_class(session: Session, now: datetime) -> Meeting | None:
    held = session.meetings.filter(cancelled_at=None, ends_at__lt=now)
    return held.select_related("session__course").order_by("starts_at").last()


def _guardian(child: Child) -> User:
    """Return the first guardian with full rights."""
    ties = Guardianship.objects.full().filter(child=child).select_related("guardian").order_by("pk")
    return ties[0].guardian


def _add(
    row: dict, child: Child, meeting: Meeting | None, pieces: list[ProjectPiece], now: datetime
) -> Project:
    """Add a project: by the instructor at the end of the class, or by the family the evening before."""
    at = meeting.ends_at if meeting else instant(timezone.localdate(now) - timedelta(days=1), time(19))
    teacher = meeting.session.instructors.first() if meeting else None
    return projects.add(
        child,
        title=row["title"],
        story=row["story"],
        made_on=timezone.localdate(at),
        meeting=meeting,
        pieces=pieces,
        by=teacher or _guardian(child),
        at=at,
    )


def _agree(child: Child, code: str, now: datetime) -> None:
    """Record the family's yes to one purpose."""
    guardian = _guardian(child)
    version = PolicyVersion.objects.current(now).get(policy__code=code)
    consents.answer(version, guardian=guardian, yes=True, language=guardian.language, at=now, child=child)


# ---- 3D prints


def _print(asked: list[tuple[str, Project]], manager: User, now: datetime) -> None:
    """Bring each print to its state. What has ended comes first, so that the printers are free."""
    words = read("projects")
    rooms = rooms_by_key()
    printers = {
        row["name"]: print_queue.keep_printer(
            None, **{**row, "room": rooms[row["room"]], "is_in_service": True}
        )
        for row in words["printers"]
    }
    bought = now - timedelta(days=60)
    spools = {
        row["key"]: print_queue.add_spool(
            material=row["material"], colour=row["colour"], grams=row["grams"], by=manager, at=bought
        )
        for row in words["spools"]
    }
    for state, project in asked:
        _bring(state, project, printers, spools, manager, now)


def _bring(
    state: str,
    project: Project,
    printers: dict[str, Printer],
    spools: dict[str, Spool],
    by: User,
    now: datetime,
) -> None:
    """Ask for a print and take it as far as `state` says."""
    file = project.files.filter(kind="stl").get()
    at = now - 30 * HOUR
    job = print_queue.ask(file, by=by, at=at)
    if state == "refused_then_asked":
        print_queue.refuse(job, seen=job.version, reason="too_long", by=by, at=at + HOUR)
        print_queue.ask(file, by=by, at=now - HOUR)
        return
    plan = read("projects")["prints"][state]
    starts_at = {
        "printing": now - HOUR / 2,
        "approved": instant(timezone.localdate(now) + timedelta(days=1), time(10)),
    }.get(state, now - 6 * HOUR if state == "failed" else now - 24 * HOUR)
    job = print_queue.approve(
        job,
        seen=job.version,
        printer=printers[plan["printer"]],
        spool=spools[plan["spool"]],
        grams=plan["grams"],
        minutes=plan["minutes"],
        starts_at=starts_at,
        by=by,
        at=at + HOUR,
    )
    if state == "approved":
        return
    job = print_queue.start(job, seen=job.version, by=by, at=starts_at)
    if state == "failed":
        print_queue.fail(job, seen=job.version, by=by, at=starts_at + HOUR / 2)
    elif state != "printing":
        job = print_queue.finish(job, seen=job.version, by=by, at=starts_at + HOUR)
        if state == "collected":
            print_queue.hand_out(job, seen=job.version, by=by, at=starts_at + 4 * HOUR)


# ---- a picture of a class


def _photograph(piece: ProjectPiece, now: datetime) -> None:
    """Store a picture of the last class of the session Adam attends, after the yes of each family in it."""
    session = sessions_by_key()[ADAMS_SESSIONS[-1]]
    meeting, adam = _last_class(session, now), Child.objects.get(guardians__email=PARENT, first_name="Adam")
    if meeting is None:
        return
    children = [adam, *_seated(session)[: IN_PICTURE - 1]]
    for child in children:
        _agree(child, class_photos.PURPOSE, now)
    class_photos.add(
        meeting,
        piece=piece,
        children=children,
        by=meeting.session.instructors.first(),
        at=now,
    )
