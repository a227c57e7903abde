"""What children make. Sole writer of Project and ProjectFile; their files: enrollments.portfolio.contents."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Meeting
from enrollments.families import account_events, erased_numbers
from enrollments.models import Child, Project, ProjectFile
from enrollments.portfolio.contents import delete, delete_when_committed, log, store
from enrollments.portfolio.contents import sweep as sweep_folder
from enrollments.portfolio.pieces import ProjectPiece
from home.account import User
from home.confirmation import mark_of
from home.language.dates import one_line
from home.language.invisible import visible
from home.refusals import CodedRefusal

FOLDER = "work"
# Two projects a week from 7 to 14, each with a photo of four megabytes, is what the busiest child can make.
MOST_PROJECTS = 600
MOST_KEPT = 2 * 1024**3  # bytes of one child
MOST_AT_FIRST = 20 * 1024**2  # bytes of a child that never had a place: anybody can open an account
MOST_FILES = 10  # of one project


class Reason(StrEnum):
    PROJECTS = "projects"
    FILES = "files"
    SPACE = "space"
    FIRST = "first"
    RIGHTS = "rights"
    STORAGE = "storage"
    GONE = "gone"  # the child's file has been deleted
    CHANGED = "changed"  # by somebody else, since the form was opened


class Refused(CodedRefusal[Reason]):
    """Nothing was written."""


SENTENCES = {
    Reason.PROJECTS: _(
        "This child has 600 projects, the most we can keep. Delete one that is no longer needed."
    ),
    Reason.FILES: _("A project can have ten files. Choose fewer, or start another project."),
    Reason.SPACE: _(
        "The projects of this child take up 2 GB, the most we can keep. Delete large files first."
    ),
    Reason.FIRST: _(
        "Until this child has its first place, its projects can take up 20 MB. Choose smaller files, or "
        "fewer."
    ),
    Reason.RIGHTS: _("You may no longer change this child’s file. Nothing was saved."),
    Reason.STORAGE: _("We cannot save files at the moment. Try again later."),
    Reason.GONE: _("This child’s file has been deleted. Nothing was saved."),
    Reason.CHANGED: _(
        "Somebody else has changed this project meanwhile. Read what it says now; if you save again, your "
        "words replace it."
    ),
}


def add(
    child: Child,
    *,
    title: str,
    story: str = "",
    link: str = "",
    made_on: date,
    course: Course | None = None,
    meeting: Meeting | None = None,
    pieces: Iterable[ProjectPiece] = (),
    by: User,
    at: datetime,
    allowed: Callable[[], bool] = lambda: True,
) -> Project:
    """Add a project. The same words, day and files sent again return the one that is there, unchanged.

    `link` is an https address or nothing. `allowed` is asked again under the child's lock: reading the files
    took its time. Raises Refused.
    """
    words = _words(title, story, link, made_on)
    pieces = _each_once(pieces)
    fingerprint = _fingerprint(words, pieces)
    if there := Project.objects.filter(child=child, fingerprint=fingerprint).first():
        return there
    rows = _stored(pieces)  # outside the transaction: a slow bucket holds no lock
    try:
        with transaction.atomic():
            child = _locked(child)
            _still(allowed)
            there = Project.objects.filter(child=child, fingerprint=fingerprint).first()
            if there is None:
                _check_room(child, rows, new_project=True)
                project = Project.objects.create(
                    child=child,
                    **words,
                    course=meeting.session.course if meeting else course,
                    meeting=meeting,
                    added_at=at,
                    added_by_ref=by.pk,
                    fingerprint=fingerprint,
                )
                _name(project, rows)
                return project
    except BaseException:
        delete(_names(rows))
        raise
    delete(_names(rows))
    return there


def set_aside(project: Project, *, by: User, at: datetime) -> None:
    """Take a project off the list of those that managers choose from for the showcase. The family's page
    stays as it is. Twice is once.
    """
    rows = Project.objects.filter(pk=project.pk, set_aside_at=None)
    rows.update(set_aside_at=at, set_aside_by_ref=by.pk)


def take_up(project: Project) -> None:
    """Put a project that was set aside back on that list."""
    Project.objects.filter(pk=project.pk).update(set_aside_at=None, set_aside_by_ref=None)


def mark(project: Project) -> str:
    """Return the mark of what a project says, for `change_words`."""
    facts = (project.title, project.story, project.link, project.made_on, project.course_id)
    return mark_of(map(str, facts))


@transaction.atomic
def change_words(
    project: Project,
    *,
    title: str,
    story: str,
    link: str,
    made_on: date,
    course: Course | None,
    seen: str | None = None,
) -> Project:
    """Change what a project says; its pictures and files stay.

    `seen`: the mark of what the form was made from; None replaces whatever it says now. Raises Refused: GONE,
    or CHANGED if somebody else has changed it to other words since.
    """
    words = _words(title, story, link, made_on)
    child = _locked(project.child)
    now = Project.objects.select_for_update().filter(pk=project.pk).first()
    if now is None:
        raise Refused(Reason.GONE)
    if seen is not None and mark(now) not in (seen, mark(Project(course=course, **words))):
        raise Refused(Reason.CHANGED)
    # Told apart by what it says now, so that its old words can be a project of their own.
    fingerprint = _fingerprint(words, project.files.all())
    if Project.objects.filter(child=child, fingerprint=fingerprint).exclude(pk=project.pk).exists():
        fingerprint = secrets.token_hex(32)
    Project.objects.filter(pk=project.pk).update(**words, course=course, fingerprint=fingerprint)
    project.refresh_from_db()
    return project


def add_files(
    project: Project, pieces: Iterable[ProjectPiece], *, allowed: Callable[[], bool] = lambda: True
) -> int:
    """Add files to a project; those it has already are left out. Return how many were added. `allowed` as for
    `add`.

    Raises Refused.
    """
    rows = _stored(_each_once(pieces))
    fresh: list[ProjectFile] = []
    try:
        with transaction.atomic():
            child = _locked(project.child)
            _still(allowed)
            if not Project.objects.select_for_update().filter(pk=project.pk).exists():
                raise Refused(Reason.GONE)
            known = set(project.files.values_list("digest", flat=True))
            fresh = [row for row in rows if row.digest not in known]
            if len(known) + len(fresh) > MOST_FILES:
                raise Refused(Reason.FILES)
            _check_room(child, fresh)
            _name(project, fresh)
    except BaseException:
        delete(_names(rows))
        raise
    delete(_names(row for row in rows if row not in fresh))
    return len(fresh)


@transaction.atomic
def erase(project: Project, *, by: User | None, at: datetime) -> None:
    """Delete a project with its files; that it was deleted is noted, without its words. The same again
    changes nothing.
    """
    list(Child.objects.select_for_update().filter(pk=project.child_id))  # no file is added in between
    rows = Project.objects.select_for_update(of=("self",)).select_related("child")
    if row := rows.filter(pk=project.pk).first():  # of another file, if the child had two
        names = _names(_locked_files(project=row))
        row.delete()
        account_events.note("work_deleted", child=row.child, by=by, at=at)
        erased_numbers.note(erased_numbers.What.PROJECT, project.pk, born=row.added_at, at=at)
        delete_when_committed(names)


@transaction.atomic
def erase_file(file: ProjectFile, *, by: User | None, at: datetime) -> None:
    """Delete one file of a project. The same again changes nothing."""
    list(Child.objects.select_for_update().filter(pk=file.project.child_id))
    if rows := _locked_files(pk=file.pk):
        ProjectFile.objects.filter(pk=file.pk).delete()
        account_events.note("work_deleted", child=rows[0].project.child, by=by, at=at)
        erased_numbers.note(erased_numbers.What.PROJECT_FILE, file.pk, born=rows[0].stored_as, at=at)
        delete_when_committed(_names(rows))


@transaction.atomic
def forget(child: Child) -> None:
    """Delete every project of a child, for enrollments.privacy.erasure."""
    names = _names(_locked_files(project__child=child))
    Project.objects.filter(child=child).delete()
    delete_when_committed(names)


@transaction.atomic
def hand_over(*, from_child: Child, to_child: Child) -> None:
    """Move the projects of one file to the other when merging. All stay, also those that are in both: one of
    the two may have been changed.
    """
    known = Project.objects.filter(child=to_child).values("fingerprint")
    for twin in Project.objects.filter(child=from_child, fingerprint__in=known):
        Project.objects.filter(pk=twin.pk).update(fingerprint=secrets.token_hex(32))
    Project.objects.filter(child=from_child).update(child=to_child)


def sweep(at: datetime) -> int:
    """Delete stored files that no row names, a day after they were written; return how many."""
    known = set(chain.from_iterable(ProjectFile.objects.values_list("stored_as", "small_as")))
    return sweep_folder(FOLDER, known, at)


# ---- words


def _words(title: str, story: str, link: str, made_on: date) -> dict[str, str | date]:
    """Return the columns, without what a database cannot store or a line should not hold."""
    story = story.replace("\0", "").encode("utf-8", "ignore").decode().replace("\r\n", "\n").strip()
    return {"title": one_line(visible(title), 80), "story": story[:2000], "link": link, "made_on": made_on}


def _fingerprint(words: dict[str, str | date], pieces: Iterable[ProjectPiece] | Iterable[ProjectFile]) -> str:
    told = [*(str(value) for value in words.values()), sorted(piece.digest for piece in pieces)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


# ---- contents


def _each_once(pieces: Iterable[ProjectPiece]) -> list[ProjectPiece]:
    return list({piece.digest: piece for piece in pieces}.values())


def _stored(pieces: list[ProjectPiece]) -> list[ProjectFile]:
    """Store the contents under random names; return the rows to come, which name them."""
    rows: list[ProjectFile] = []
    try:
        for piece in pieces:
            row = ProjectFile(
                kind=piece.kind, facts=piece.facts, name=piece.name, size=piece.size, digest=piece.digest
            )
            rows.append(row)
            row.stored_as = _store(piece.content)
            row.small_as = _store(piece.small) if piece.small else ""
    except BaseException as fault:
        delete(_names(rows))
        if isinstance(fault, OSError):
            log.exception("a file could not be stored")
            raise Refused(Reason.STORAGE) from fault
        raise
    return rows


def _locked_files(**which: Any) -> list[ProjectFile]:
    """Lock files before they are deleted: a print may just have been asked for, and goes with them."""
    rows = ProjectFile.objects.select_for_update(of=("self",)).select_related("project__child")
    return list(rows.filter(**which).order_by("pk"))


def _store(content) -> str:  # type: ignore[no-untyped-def]  # Django's File, generic in its stubs alone
    return store(content, FOLDER)


def _name(project: Project, rows: list[ProjectFile]) -> None:
    for row in rows:
        row.project = project
    ProjectFile.objects.bulk_create(rows)


def _names(rows: Iterable[ProjectFile]) -> list[str]:
    return [name for row in rows for name in (row.stored_as, row.small_as) if name]


# ---- limits


def _locked(child: Child) -> Child:
    """Lock the child's row, so that one project at a time is added and the limits hold. Raises Refused."""
    found = Child.objects.select_for_update().filter(pk=child.pk, erased_at=None).first()
    if found is None:
        raise Refused(Reason.GONE)
    return found


def _still(allowed: Callable[[], bool]) -> None:
    """Raise Refused if a right has ended since."""
    if not allowed():
        raise Refused(Reason.RIGHTS)


def _check_room(child: Child, rows: list[ProjectFile], *, new_project: bool = False) -> None:
    """Raise Refused if the child has no room for these files, or for one project more."""
    if len(rows) > MOST_FILES:
        raise Refused(Reason.FILES)
    if new_project and child.projects.count() >= MOST_PROJECTS:
        raise Refused(Reason.PROJECTS)
    kept = ProjectFile.objects.filter(project__child=child).aggregate(size=Sum("size"))["size"] or 0
    wanted = kept + sum(row.size for row in rows)
    if rows and wanted > MOST_KEPT:
        raise Refused(Reason.SPACE)
    if rows and wanted > MOST_AT_FIRST and not child.enrollments.filter(seated_at__isnull=False).exists():
        raise Refused(Reason.FIRST)
