"""Erase again, in a restored backup, what was erased after it was made (trust 39).

By the numbers in the file beside the backups. Lines that the backup knows are left out, and so is a row with
another mark: after an earlier restore, its number was given a second time. What is already gone changes
nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction

from enrollments.families import consents, guardians, pickup, safety_notes
from enrollments.families.erased_numbers import mark_of
from enrollments.models import (
    Child,
    ClassPhoto,
    Consent,
    ErasedNumber,
    Guardianship,
    PickupPerson,
    PolicyVersion,
    Project,
    ProjectFile,
    SafetyNote,
    ShowcaseStory,
)
from enrollments.portfolio import class_photos, projects, showcase
from enrollments.privacy import erasure
from enrollments.privacy.erased_file import ErasedLine

What = ErasedNumber.What
MARGIN = timedelta(days=1)  # a nightly job erases for hours under the moment at which it began
log = logging.getLogger(__name__)


def erase_again(lines: Iterable[ErasedLine], *, since: datetime, at: datetime) -> Counter[str]:
    """Erase what these lines name and the database still holds; return how many of each kind.

    `since`: when the backup was made; `at`: now. Each line has its own transaction, and what this erases is
    noted again only where it had no line. Kinds that this code does not know are counted as "unknown".
    """
    done: Counter[str] = Counter()
    for line in lines:
        if line.at < since - MARGIN:
            continue
        if (act := ACTS.get(line.what)) is None:
            log.error("a number of a kind that is not known: %s", line.what)
            done["unknown"] += 1
            continue
        last = ErasedNumber.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with transaction.atomic():
            done[line.what] += act(line, at)
            ErasedNumber.objects.filter(pk__gt=last, what=line.what, row_ref=line.number).delete()
    return +done


def _child(line: ErasedLine, at: datetime) -> bool:
    row = Child.objects.filter(pk=line.number, erased_at=None).first()
    if row is None or mark_of(row.created_at) != line.mark:
        return False
    erasure.erase_again(row, at=at)
    return True


def _account(line: ErasedLine, at: datetime) -> bool:
    row = get_user_model().objects.filter(pk=line.number).first()
    if row is None or mark_of(row.date_joined) != line.mark:
        return False
    erasure.erase_again(row, at=at)
    return True


def _guardian(line: ErasedLine, at: datetime) -> bool:
    ties = Guardianship.objects.select_related("child", "guardian")
    tie = ties.filter(child=line.number, guardian=line.other).first()
    if tie is None or mark_of(tie.since) != line.mark:
        return False
    guardians.end_access(tie, what="removed", by=None, at=at, reason="again")
    return True


def _project(line: ErasedLine, at: datetime) -> bool:
    row = Project.objects.filter(pk=line.number).first()
    if row is None or mark_of(row.added_at) != line.mark:
        return False
    projects.erase(row, by=None, at=at)
    return True


def _project_file(line: ErasedLine, at: datetime) -> bool:
    row = ProjectFile.objects.select_related("project__child").filter(pk=line.number).first()
    if row is None or mark_of(row.stored_as) != line.mark:
        return False
    projects.erase_file(row, by=None, at=at)
    return True


def _photo(line: ErasedLine, at: datetime) -> bool:
    row = ClassPhoto.objects.filter(pk=line.number).first()
    if row is None or mark_of(row.stored_as) != line.mark:
        return False
    class_photos.erase(row, by=None, at=at)
    return True


def _hidden_photo(line: ErasedLine, at: datetime) -> bool:
    row = ClassPhoto.objects.filter(pk=line.number, hidden_at=None).first()
    if row is None or mark_of(row.stored_as) != line.mark:
        return False
    class_photos.hide(row, child=None, by=None, at=line.at)
    return True


def _story(line: ErasedLine, at: datetime) -> bool:
    rows = ShowcaseStory.objects.select_related("project__child")
    row = rows.filter(project=line.number, approved_at__lte=line.at, hidden_at=None).first()
    if row is None or mark_of(row.project.added_at) != line.mark:
        return False
    showcase.hide(row, by=None, at=line.at)
    return True


def _safety_note(line: ErasedLine, at: datetime) -> bool:
    row = (
        SafetyNote.objects.select_related("child").filter(child=line.number, changed_at__lte=line.at).first()
    )
    if row is None or mark_of(row.child.created_at) != line.mark:
        return False
    safety_notes.erase_note(row.child, at=at)
    return True


def _pickup_person(line: ErasedLine, at: datetime) -> bool:
    row = PickupPerson.objects.filter(pk=line.number).first()
    if row is None or mark_of(row.added_at) != line.mark:
        return False
    pickup.forget_person(row, at=at)
    return True


def _no(line: ErasedLine, at: datetime) -> bool:
    """Record the no again, unless this person has answered since, or is no guardian of the child."""
    by_child = line.what == What.NO_OF_CHILD
    guardian = get_user_model().objects.filter(pk=line.number).first()
    child = Child.objects.filter(pk=line.other or 0, erased_at=None).first()
    if guardian is None or mark_of(guardian.date_joined) != line.mark or (line.other and child is None):
        return False
    answers = Consent.objects.filter(
        version__policy__code=line.code, guardian=guardian, child=child, by_child=by_child
    )
    last = answers.select_related("version").order_by("-pk").first()
    versions = PolicyVersion.objects.current(line.at).filter(policy__code=line.code)
    version = last.version if last else versions.first()
    if version is None or (last and (not last.answer or last.given_at > line.at)):
        return False
    try:
        consents.answer(
            version,
            guardian=guardian,
            child=child,
            yes=False,
            by_child=by_child,
            language=guardian.language,
            at=line.at,
        )
    except ValueError:  # a guardian no more: the end of that says no
        return False
    return True


ACTS: dict[str, Callable[[ErasedLine, datetime], bool]] = {
    What.CHILD: _child,
    What.ACCOUNT: _account,
    What.GUARDIAN: _guardian,
    What.PROJECT: _project,
    What.PROJECT_FILE: _project_file,
    What.PHOTO: _photo,
    What.HIDDEN_PHOTO: _hidden_photo,
    What.STORY: _story,
    What.SAFETY_NOTE: _safety_note,
    What.PICKUP_PERSON: _pickup_person,
    What.NO: _no,
    What.NO_OF_CHILD: _no,
}
