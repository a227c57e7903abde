"""The 3D print queue. Sole writer of PrintJob, Printer, Spool and SpoolChange.

Locks, in this order: child, file, print, printer, spool. A form says which `version` of a print it was made
from (`seen`), so that the same tap twice is one change, and a tap in an older tab changes nothing.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.models import Room
from enrollments.families import account_events
from enrollments.models import (
    Child,
    Printer,
    PrintJob,
    ProjectFile,
    Spool,
    SpoolChange,
)
from enrollments.portfolio import print_letters
from home.account import User
from home.language.dates import one_line
from home.language.invisible import visible
from home.refusals import CodedRefusal

State = PrintJob.State
MOST_GRAMS, MOST_MINUTES = 5000, 3 * 24 * 60  # a spool of five kilograms; three days


class Reason(StrEnum):
    GONE = "gone"
    KIND = "kind"
    MOVED_ON = "moved_on"
    TOO_LARGE = "too_large"
    OUT_OF_SERVICE = "out_of_service"
    CLASH = "clash"
    FILAMENT = "filament"
    NAME = "name"
    BUSY = "busy"
    PRINTS_ANOTHER = "prints_another"
    ASKED_AGAIN = "asked_again"


class Refused(CodedRefusal[Reason]):
    """Nothing was written. `job`: the print in the way, for a clash."""

    def __init__(self, code: Reason, job: PrintJob | None = None) -> None:
        super().__init__(code)
        self.job = job


SENTENCES = {
    Reason.GONE: _("The family has deleted this file. Nothing was saved."),
    Reason.KIND: _("This file is not a 3D model. Choose an STL or a 3MF file."),
    Reason.MOVED_ON: _("Somebody else has changed this print meanwhile. This is how it is now."),
    Reason.TOO_LARGE: _("The model is larger than this printer. Choose another printer."),
    Reason.OUT_OF_SERVICE: _("This printer is out of service. Choose another printer."),
    Reason.CLASH: _("Another print has this printer at that time. Choose another time or printer."),
    Reason.FILAMENT: _("There is not enough filament on this spool. Choose another spool."),
    Reason.NAME: _("Another printer has this name. Choose another name."),
    Reason.BUSY: _("Prints are planned on this printer. Move them to another printer first."),
    Reason.PRINTS_ANOTHER: _("Another print is on this printer now. If this one failed, choose “It failed”."),
    Reason.ASKED_AGAIN: _("Another copy of this file is in the queue. Nothing was changed."),
}


# ---- prints


@transaction.atomic
def ask(file: ProjectFile, *, by: User, at: datetime) -> PrintJob:
    """Ask for a print of a file. While one is open, it is returned unchanged. Raises Refused."""
    found = ProjectFile.objects.select_for_update().filter(pk=file.pk).first()
    if found is None:
        raise Refused(Reason.GONE)
    if not found.is_printable:
        raise Refused(Reason.KIND)
    if there := PrintJob.objects.open().filter(file=found).first():
        return there
    return PrintJob.objects.create(
        file=found, asked_at=at, asked_by_ref=by.pk, changed_at=at, changed_by_ref=by.pk
    )


@transaction.atomic
def withdraw(job: PrintJob, *, seen: int, by: User, at: datetime) -> None:
    """Withdraw a request made by mistake, before anything was printed: it leaves the queue, and the family's
    page, without a refusal. Nobody was told of it. Raises Refused.
    """
    row = _locked_job(job)
    _check_seen(row, seen, State.ASKED, State.APPROVED)
    if row.failures:  # its filament is spent, and the record of the spool names it
        raise Refused(Reason.MOVED_ON)
    row.delete()


@transaction.atomic
def approve(
    job: PrintJob,
    *,
    seen: int,
    printer: Printer,
    spool: Spool,
    grams: int,
    minutes: int,
    starts_at: datetime,
    by: User,
    at: datetime,
) -> PrintJob:
    """Approve a print and hold a printer for it; also to change its plan, and again after it failed.

    `grams` and `minutes`: what the slicer says. Raises Refused.
    """
    row = _locked_job(job)
    ends_at = starts_at + timedelta(minutes=minutes)
    plan = {
        "printer_id": printer.pk,
        "spool_id": spool.pk,
        "grams": grams,
        "minutes": minutes,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    if _is_twice(row, seen, State.APPROVED) and all(getattr(row, name) == plan[name] for name in plan):
        return row
    _check_seen(row, seen, State.ASKED, State.APPROVED, State.FAILED)
    printer, spool = _locked(printer, spool)
    _check_printer(row, printer, starts_at, ends_at, at)
    if spool.grams_left < grams:
        raise Refused(Reason.FILAMENT)
    return _change(row, State.APPROVED, by=by, at=at, **plan)


@transaction.atomic
def start(job: PrintJob, *, seen: int, by: User, at: datetime) -> PrintJob:
    """Record that the print started now; its grams are taken from the spool. Raises Refused."""
    row = _locked_job(job)
    if _is_twice(row, seen, State.PRINTING):
        return row
    _check_seen(row, seen, State.APPROVED)
    printer, spool = _locked(cast(Printer, row.printer), cast(Spool, row.spool))  # an approved one has both
    minutes, grams = cast(int, row.minutes), cast(int, row.grams)
    ends_at = at + timedelta(minutes=minutes)
    _check_printer(row, printer, at, ends_at, at)
    if spool.grams_left < grams:
        raise Refused(Reason.FILAMENT)
    _weigh(spool, -grams, SpoolChange.Why.PRINT, job=row, by=by, at=at)
    return _change(row, State.PRINTING, by=by, at=at, starts_at=at, ends_at=ends_at)


@transaction.atomic
def fail(job: PrintJob, *, seen: int, by: User, at: datetime) -> PrintJob:
    """Record that the print failed, also after it was said to be ready: the printer is free, the filament is
    spent. Raises Refused.
    """
    _lock_child(job)
    row = _locked_job(job)
    if _is_twice(row, seen, State.FAILED):
        return row
    _check_seen(row, seen, State.PRINTING, State.DONE)
    failed = _change(row, State.FAILED, by=by, at=at, failures=row.failures + 1, ready_at=None)
    if row.ready_at:
        _retract(failed, by=by, at=at)
    return failed


@transaction.atomic
def finish(job: PrintJob, *, seen: int, by: User, at: datetime) -> PrintJob:
    """Record that the print is ready, and tell the child's guardians. Raises Refused."""
    _lock_child(job)
    row = _locked_job(job)
    if _is_twice(row, seen, State.DONE):
        return row
    _check_seen(row, seen, State.PRINTING)
    row = _change(row, State.DONE, by=by, at=at, ready_at=at)
    print_letters.tell_ready(row.child, at=at)
    return row


@transaction.atomic
def hand_out(job: PrintJob, *, seen: int, by: User, at: datetime) -> PrintJob:
    """Record that the print was collected. Raises Refused."""
    row = _locked_job(job)
    if _is_twice(row, seen, State.COLLECTED):
        return row
    _check_seen(row, seen, State.DONE)
    return _change(row, State.COLLECTED, by=by, at=at)


@transaction.atomic
def take_back(job: PrintJob, *, seen: int, by: User, at: datetime) -> PrintJob:
    """Undo a slip: what was marked ready prints again, what was marked collected is ready again.

    Guardians who may have read that it is ready hear that it is not; what is ready again is told to those no
    message has told. The plan and the filament stay as they were. Raises Refused.
    """
    _lock_child(job)
    ProjectFile.objects.select_for_update().filter(pk=job.file_id).first()  # no copy is asked for in between
    row = _locked_job(job)
    if _is_twice(row, seen, State.PRINTING) or _is_twice(row, seen, State.DONE):
        return row
    _check_seen(row, seen, State.DONE, State.COLLECTED)
    if row.state == State.COLLECTED:
        if PrintJob.objects.open().filter(file=row.file).exists():
            raise Refused(Reason.ASKED_AGAIN)
        account_events.note("print_back", child=row.child, by=by, at=at)
        row = _change(row, State.DONE, by=by, at=at)
        print_letters.tell_ready(row.child, at=at)
        return row
    printer = Printer.objects.select_for_update().get(pk=cast(Printer, row.printer).pk)  # a ready one has it
    if PrintJob.objects.filter(printer=printer, state=State.PRINTING).exists():
        raise Refused(Reason.PRINTS_ANOTHER)
    back = _change(row, State.PRINTING, by=by, at=at, ready_at=None)
    _retract(back, by=by, at=at)
    return back


@transaction.atomic
def refuse(job: PrintJob, *, seen: int, reason: str, by: User, at: datetime) -> PrintJob:
    """Refuse a print that is not printing, with a reason that the family sees; who was told that it was ready
    is told. Raises Refused.
    """
    _lock_child(job)
    row = _locked_job(job)
    if _is_twice(row, seen, State.REFUSED) and row.reason == reason:
        return row
    _check_seen(row, seen, State.ASKED, State.APPROVED, State.FAILED)
    row = _change(row, State.REFUSED, by=by, at=at, reason=PrintJob.Why(reason))
    print_letters.tell_refused(row, at=at)
    return row


def _lock_child(job: PrintJob) -> None:
    """Lock the child of a print: one print of a child at a time, for one letter about all."""
    list(Child.objects.filter(projects__files=job.file_id).select_for_update(of=("self",)))


def _retract(row: PrintJob, *, by: User, at: datetime) -> None:
    """Note that a print is not ready after all, and tell those who may have read that it is."""
    account_events.note("print_back", child=row.child, by=by, at=at)
    print_letters.tell_not_ready(row, at=at)


def _locked_job(job: PrintJob) -> PrintJob:
    """Return the print under its lock, with its project, printer and spool. Raises Refused."""
    rows = PrintJob.objects.select_for_update(of=("self",)).with_facts()
    row = rows.filter(pk=job.pk).first()
    if row is None:
        raise Refused(Reason.GONE)
    return row


def _is_twice(row: PrintJob, seen: int, state: str) -> bool:
    """Return whether the change to this state was made already, from the same version."""
    return row.state == state and row.version == seen + 1


def _check_seen(row: PrintJob, seen: int, *states: str) -> None:
    if row.version != seen or row.state not in states:
        raise Refused(Reason.MOVED_ON)


def _locked(printer: Printer, spool: Spool) -> tuple[Printer, Spool]:
    return (
        Printer.objects.select_for_update().get(pk=printer.pk),
        Spool.objects.select_for_update().get(pk=spool.pk),
    )


def _check_printer(row: PrintJob, printer: Printer, begins: datetime, ends: datetime, at: datetime) -> None:
    """Raise Refused unless this printer can take the print from one instant to another."""
    if not printer.is_in_service:
        raise Refused(Reason.OUT_OF_SERVICE)
    if not printer.takes(row.file.facts.get("size_mm")):
        raise Refused(Reason.TOO_LARGE)
    others = PrintJob.objects.exclude(pk=row.pk)
    if there := others.in_the_way(printer, begins, ends, at=at).first():
        raise Refused(Reason.CLASH, there)


def _change(row: PrintJob, state: str, *, by: User, at: datetime, **facts: Any) -> PrintJob:
    facts |= {"state": state, "version": row.version + 1, "changed_at": at, "changed_by_ref": by.pk}
    PrintJob.objects.filter(pk=row.pk).update(**facts)
    return PrintJob.objects.with_facts().get(pk=row.pk)


# ---- printers and spools


@transaction.atomic
def keep_printer(
    printer: Printer | None,
    *,
    name: str,
    room: Room,
    width_mm: int,
    depth_mm: int,
    height_mm: int,
    is_in_service: bool,
) -> Printer:
    """Add a printer (None) or change it. The same new printer sent again is the one that is there.

    One with planned prints stays in service. Raises Refused.
    """
    facts = {"room": room, "width_mm": width_mm, "depth_mm": depth_mm, "height_mm": height_mm}
    facts |= {"is_in_service": is_in_service}
    name = one_line(visible(name), 40)
    if printer is None:
        row, is_new = Printer.objects.get_or_create(name=name, defaults=facts)
        if not is_new and any(getattr(row, field) != value for field, value in facts.items()):
            raise Refused(Reason.NAME)
        return row
    row = Printer.objects.select_for_update().get(pk=printer.pk)
    held = PrintJob.objects.filter(printer=row, state__in=(State.APPROVED, State.PRINTING))
    if not is_in_service and held.exists():
        raise Refused(Reason.BUSY)
    try:
        with transaction.atomic():
            Printer.objects.filter(pk=row.pk).update(name=name, **facts)
    except IntegrityError:
        raise Refused(Reason.NAME) from None
    row.refresh_from_db()
    return row


@transaction.atomic
def add_spool(*, material: str, colour: str, grams: int, by: User, at: datetime) -> Spool:
    """Add a new spool. The same form within a minute is the same spool."""
    colour = one_line(visible(colour), 40)
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)  # a double click waits here
    lately = SpoolChange.objects.filter(
        why=SpoolChange.Why.NEW, by_ref=by.pk, grams=grams, at__gt=at - timedelta(minutes=1)
    )
    same = lately.filter(spool__material=material, spool__colour=colour).select_related("spool")
    if there := same.first():
        return there.spool
    spool = Spool.objects.create(material=material, colour=colour, grams_left=0)
    return _weigh(spool, grams, SpoolChange.Why.NEW, by=by, at=at)


@transaction.atomic
def correct_spool(
    spool: Spool, *, grams_left: int, why: str, is_in_use: bool, by: User, at: datetime
) -> Spool:
    """Record what is really left on a spool, and whether it is still used. The same again changes nothing."""
    row = Spool.objects.select_for_update().get(pk=spool.pk)
    if row.is_in_use != is_in_use:
        Spool.objects.filter(pk=row.pk).update(is_in_use=is_in_use)
        row.is_in_use = is_in_use
    if row.grams_left == grams_left:
        return row
    return _weigh(row, grams_left - row.grams_left, why, by=by, at=at)


def _weigh(
    spool: Spool, grams: int, why: str, *, by: User, at: datetime, job: PrintJob | None = None
) -> Spool:
    """Change what is left on a spool under its lock, and record it."""
    spool.grams_left += grams
    Spool.objects.filter(pk=spool.pk).update(grams_left=spool.grams_left)
    job_ref = job.pk if job else None
    SpoolChange.objects.create(spool=spool, grams=grams, why=why, job_ref=job_ref, by_ref=by.pk, at=at)
    return spool
