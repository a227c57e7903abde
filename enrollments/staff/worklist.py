"""What waits for a member of the team now: children to call, registers, decisions, payments, messages.

Read-only. The tabs count it, and Today shows the first rows of each list.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from courses.models import Session
from enrollments.classes import dismissal, missing_children
from enrollments.classes.missing_children import MissingFrom
from enrollments.letters import outbox
from enrollments.models import ClassPhoto, Enrollment, Letter, Presence, ShowcaseStory
from enrollments.money import receipts
from enrollments.permissions import FRONT_DESK, MANAGER, has_role
from enrollments.places import offers
from enrollments.portfolio import class_photos, showcase
from home.account import User


class Worklist:
    """The lists of one person at one moment, each read at most once. The lists of the office are empty for
    others; an instructor has the registers of the classes they teach.
    """

    def __init__(self, user: User, at: datetime) -> None:
        self.user, self.at = user, at
        self.is_office = has_role(user, FRONT_DESK, MANAGER)
        self.is_manager = has_role(user, MANAGER)

    @cached_property
    def _missing(self) -> list[MissingFrom]:
        groups = missing_children.missing_by_class(self.at)
        if self.is_office:
            return groups
        return [group for group in groups if self.user in group.meeting.teachers]

    @cached_property
    def children(self) -> list[Presence]:
        """Return children to call about: unaccounted for in a class whose register is taken."""
        return [row for group in self._missing if group.is_taken for row in group.rows]

    @cached_property
    def registers(self) -> list[MissingFrom]:
        """Return the classes whose register nobody has taken ten minutes after the start."""
        return [group for group in self._missing if not group.is_taken]

    @cached_property
    def late(self) -> list[Presence]:
        """Return children whom nobody has collected."""
        return dismissal.not_collected(self.at) if self.is_office else []

    @cached_property
    def absent(self) -> list[Presence]:
        """Return children absent twice in a row."""
        return missing_children.absent_twice(self.at) if self.is_office else []

    @cached_property
    def unpaid(self) -> list[tuple[str, receipts.Account]]:
        """Return references with a payment due today or before."""
        return receipts.unpaid(timezone.localdate(self.at)) if self.is_office else []

    @property
    def decisions(self) -> QuerySet[Session]:
        """Return sessions below their minimum whose decision is due today or before; without a date for it,
        those that begin by today. For managers.
        """
        if not self.is_manager:
            return Session.objects.none()
        due = Q(decision_at__lt=self._tomorrow) | Q(decision_at=None, first_at__lt=self._tomorrow)
        rows = Session.objects.with_facts().undecided(self.at).filter(due)
        return rows.order_by("decision_at", "first_at", "pk")

    @cached_property
    def next_decision(self) -> datetime | None:
        """Return when the next decision is due that is not due yet. For managers."""
        if not self.is_manager:
            return None
        rows = Session.objects.undecided(self.at).annotate(when=Coalesce("decision_at", "first_at"))
        later = rows.filter(when__gte=self._tomorrow).order_by("when")
        found: datetime | None = later.values_list("when", flat=True).first()
        return found

    @property
    def _tomorrow(self) -> datetime:
        today = timezone.localtime(self.at).replace(hour=0, minute=0, second=0, microsecond=0)
        return today + timedelta(days=1)

    @property
    def offers(self) -> QuerySet[Enrollment]:
        """Return offers to phone about."""
        return offers.call_list(self.at) if self.is_office else Enrollment.objects.none()

    @property
    def undelivered(self) -> QuerySet[Letter]:
        """Return undelivered news about classes, to be given by phone."""
        return outbox.unreached(self.at) if self.is_office else Letter.objects.none()

    @property
    def failed(self) -> QuerySet[Letter]:
        """Return messages that could not be sent."""
        return outbox.failed(self.at) if self.is_office else Letter.objects.none()

    @property
    def photos(self) -> QuerySet[ClassPhoto]:
        """Return pictures of classes that families asked to remove. For managers."""
        return class_photos.hidden() if self.is_manager else ClassPhoto.objects.none()

    @property
    def stories(self) -> QuerySet[ShowcaseStory]:
        """Return stories of the showcase that somebody asked to remove. For managers."""
        return showcase.hidden() if self.is_manager else ShowcaseStory.objects.none()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many rows each list has. The number of queries does not depend on the rows."""
        lists: dict[str, Any] = {
            name: getattr(self, name) for name in ("children", "registers", "late", "absent", "unpaid")
        }
        tables = ("decisions", "offers", "undelivered", "failed", "photos", "stories")
        rows = {name: getattr(self, name) for name in tables}
        return {name: len(found) for name, found in lists.items()} | {
            name: found.count() for name, found in rows.items()
        }

    @property
    def calls(self) -> int:
        """Return how many calls wait: a class whose register is missing is one call, to its instructor."""
        told = ("children", "registers", "late", "absent", "offers", "undelivered")
        return sum(self.counts[name] for name in told)


def with_places(unpaid: Iterable[tuple[str, receipts.Account]]) -> list[dict[str, Any]]:
    """Return these references with their balance and the places that cost something."""
    keys = [reference for reference, _account in unpaid]
    rows = Enrollment.objects.filter(reference__in=keys, state=Enrollment.State.SEATED)
    by_reference: dict[str, list[Enrollment]] = {}
    for row in rows.select_related("child", "session__course").order_by("pk"):
        by_reference.setdefault(row.reference, []).append(row)
    return [
        {"reference": reference, "account": account, "rows": by_reference.get(reference, [])}
        for reference, account in unpaid
    ]
