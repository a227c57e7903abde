"""The children of a class: those seated in its session while it is held, and its make-up guests.

Registers, papers, emails, calendars and counts all ask here. A past class keeps its children: a seat taken
later does not count, and a seat given up later still does (domain §5).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from courses.models import Meeting
from enrollments.models.people import Child, ChildQuerySet
from enrollments.models.places import Enrollment
from enrollments.models.register import MakeUp
from home.language.alphabet import order_of

# A child whose place the academy keeps until the family answers is in the class (domain §5, merging).
KEPT = Q(state=Enrollment.State.OFFERED, offer_kind__in=Enrollment.KEPT_BY_US)


@dataclass(frozen=True)
class Attendee:
    """One child of one class. `seat` is the place that brings it there; None for a guest."""

    child: Child
    seat: Enrollment | None

    @property
    def is_guest(self) -> bool:
        return self.seat is None


def seated_during(starts_at: object, ends_at: object) -> Q:
    """Return the condition for enrollments that hold their seat at some moment between two instants (UTC;
    values or expressions): seated, or kept by us for a family whose session was merged.
    """
    stayed = Q(seat_ended_at=None) | Q(seat_ended_at__gt=starts_at)
    return Q(seated_at__lt=ends_at) & stayed | KEPT & Q(offered_at__lt=ends_at)


def attendees(meetings: Iterable[Meeting]) -> dict[int, list[Attendee]]:
    """Return the children of each class by its primary key, by first name, each child once. Two queries.

    Cancelled classes have their children too: those who must hear of it.
    """
    meetings = list(meetings)
    by_session: dict[int, list[Enrollment]] = defaultdict(list)
    sessions = {meeting.session_id for meeting in meetings}
    seats = Enrollment.objects.filter(Q(seated_at__isnull=False) | KEPT, session__in=sessions)
    for seat in seats.select_related("child").order_by("pk"):
        by_session[seat.session_id].append(seat)
    guests: dict[int, list[Child]] = defaultdict(list)
    for guest in MakeUp.objects.filter(host__in=meetings, cancelled_at=None).select_related("child"):
        guests[guest.host_id].append(guest.child)
    found = {}
    for meeting in meetings:
        here: dict[int, Attendee] = {}
        for seat in by_session[meeting.session_id]:
            if seat.had_seat_during(meeting):  # of two seats, the earlier one says since when
                here.setdefault(seat.child_id, Attendee(seat.child, seat))
        for child in guests[meeting.pk]:
            here.setdefault(child.pk, Attendee(child, None))
        found[meeting.pk] = sorted(here.values(), key=lambda attendee: by_name(attendee.child))
    return found


def attendees_of(meeting: Meeting) -> list[Attendee]:
    """Return the children of one class, by first name."""
    return attendees([meeting])[meeting.pk]


def by_name(child: Child) -> tuple[object, ...]:
    """Return the key that sorts children by first name, in the alphabet of the reader."""
    return *order_of(child.first_name, child.last_name), child.pk


def children_in(meeting: Meeting) -> ChildQuerySet:
    """Return the children of this class as a queryset."""
    return Child.objects.filter(pk__in=keys_in(meeting))


def keys_in(meeting: Meeting) -> QuerySet[Any, int]:
    """Return the primary keys of the children of this class.

    A union: of two conditions side by side, a database asks both of every child there ever was.
    """
    seats = _seats(meeting).order_by().values_list("child", flat=True)
    return seats.union(_bookings(meeting).order_by().values_list("child", flat=True))


def is_guest_in(meeting: Meeting) -> ExpressionWrapper:
    """Return the expression of children that are in this class as guests only."""
    is_seated = Exists(_seats(meeting).filter(child=OuterRef("pk")))
    is_booked = Exists(_bookings(meeting).filter(child=OuterRef("pk")))
    return ExpressionWrapper(Q(is_booked) & ~Q(is_seated), output_field=BooleanField())


def _seats(meeting: Meeting) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(
        seated_during(meeting.starts_at, meeting.ends_at), session=meeting.session_id
    )


def earlier_seats(meeting: Meeting) -> QuerySet[Enrollment]:
    """Return the places, in any session, that were held during a class before this one."""
    held = Meeting.objects.filter(
        session=OuterRef("session"),
        cancelled_at=None,
        starts_at__lt=meeting.starts_at,
        ends_at__gt=OuterRef("seated_at"),
    )
    stayed = held.filter(starts_at__lt=OuterRef("seat_ended_at"))
    return Enrollment.objects.filter(
        Q(seat_ended_at=None) & Q(Exists(held)) | Q(Exists(stayed)), seated_at__isnull=False
    )


def _bookings(meeting: Meeting) -> QuerySet[MakeUp]:
    return MakeUp.objects.filter(host=meeting.pk, cancelled_at=None)


def bookings_to_come(at: datetime) -> QuerySet[MakeUp]:
    """Return the make-up classes that will be held and are not over, soonest first."""
    return MakeUp.objects.filter(
        cancelled_at=None,
        host__ends_at__gt=at,
        host__cancelled_at=None,
        host__session__cancelled_at=None,
        host__session__published_at__isnull=False,
    ).order_by("host__starts_at", "pk")


def classes_of(children: ChildQuerySet | Iterable[int | Child]) -> Q:
    """Return the condition for classes that one of these children is in, as a seated child or as a guest."""
    seats = Enrollment.objects.filter(
        seated_during(OuterRef("starts_at"), OuterRef("ends_at")),
        child__in=children,
        session=OuterRef("session"),
    )
    guests = MakeUp.objects.filter(child__in=children, host=OuterRef("pk"), cancelled_at=None)
    return Q(Exists(seats)) | Q(Exists(guests))
