"""Printed documents: a family's confirmation, and the front desk's day pack for a day without network.

In the active language.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from courses.models import Meeting, Venue
from enrollments.classes import roster
from enrollments.classes.schedule import meetings_of_day
from enrollments.families import pickup
from enrollments.models import Child, Enrollment, Guardianship, PickupPerson, SafetyNote
from enrollments.models.attendance import attendees, by_name
from enrollments.money.receipts import Share
from enrollments.places.confirmation import joined_late
from enrollments.printing.typesetting import Sheet
from home.language.dates import date_words, day_words, money_words
from home.language.lists import labelled, listed
from home.language.phones import phone_words

SLIPS = 6  # blank enrollment slips


def confirmation(reference: str, rows: list[Enrollment], share: Share | None) -> list[Sheet]:
    """Return one sheet per session of a reference: who, when, where, price, classes, and a QR code of its
    page.

    `share`: what the reader is told of its money, None for readers who may not see any.
    """
    sheets = []
    sessions = dict.fromkeys(row.session for row in rows)
    balance = _balance_words(share, is_shared=len(sessions) > 1) if share else []
    for session in sessions:
        mine = [row for row in rows if row.session_id == session.pk]
        every = session.meetings.filter(cancelled_at=None).select_related("lesson").order_by("starts_at")
        meetings = list(every)
        lines = [
            _("Reference %(ref)s.") % {"ref": reference},
            listed(row.child.full_name for row in mine),
            f"{session.rhythm} · {listed((session.room.venue.name, session.room.name))}",
            session.room.venue.address,
            *(_price_words(mine, meetings) if share else []),
            *balance,
        ]
        table = [
            [day_words(meeting.on), meeting.hours, meeting.lesson.title if meeting.lesson else ""]
            for meeting in meetings
            if any(row.had_seat_during(meeting) for row in mine)
        ]
        link = settings.SITE_URL + reverse("enrollment", args=[reference])
        sheets.append(
            Sheet(session.course.title, lines, [_("Day"), _("Hours"), _("Lesson")], table, [4, 3, 5], link)
        )
    return sheets


def _price_words(rows: list[Enrollment], meetings: list[Meeting]) -> list[str]:
    """Return what these seats cost; of one that was taken late, what makes its price up first."""
    lines = []
    if len(rows) == 1 and (joining := joined_late(rows[0], meetings)):
        whole = ngettext(
            "The whole session, %(count)s class", "The whole session, %(count)s classes", joining.classes
        )
        held = ngettext("%(count)s class already held", "%(count)s classes already held", joining.missed)
        lines = [
            labelled(whole % {"count": joining.classes}, money_words(joining.full)),
            labelled(held % {"count": joining.missed}, money_words(joining.less)),
        ]
    return [*lines, _("Price: %(total)s") % {"total": money_words(sum(row.price for row in rows))}]


def _balance_words(share: Share, *, is_shared: bool) -> list[str]:
    """Return what was paid and what is left, and of which sessions, as each sheet has a price of its own."""
    account = share.account
    if account is None:
        return [labelled(_("Left to pay"), money_words(share.due))] if share.due else []
    words = {"paid": money_words(account.paid), "due": money_words(account.due)}
    lines = [
        _("Paid for all sessions of this reference: %(paid)s. Left to pay: %(due)s.") % words
        if is_shared
        else _("Paid: %(paid)s. Left to pay: %(due)s.") % words
    ]
    if account.kept:
        lines.append(_("Not refunded for places given up: %(kept)s.") % {"kept": money_words(account.kept)})
    if account.too_much:
        lines.append(_("To be refunded: %(refund)s.") % {"refund": money_words(account.too_much)})
    return lines


def shown_name(child: Child, *, full: bool) -> str:
    """Return the name to print: initials for a protected child (domain §7), first name and initial on lists
    that may lie around.
    """
    if child.is_protected:
        return f"{child.first_name[:1]}. {child.last_name[:1]}"
    return child.full_name if full else f"{child.first_name} {child.last_name[:1]}"


def dotted(phone: PhoneNumber) -> str:
    """Return "06.61.00.00.01": digits with dots stay in order beside Arabic names on paper; with spaces they
    would not.
    """
    return phone_words(phone).replace(" ", ".").replace("-", ".")


def _phones(children: Iterable[Child | int]) -> dict[int, list[str]]:
    """Return, by child, first name and phone of each guardian who has one and may collect the child."""
    found: dict[int, list[str]] = {}
    children = list(children)
    bans = pickup.bans_of(children)
    for tie in Guardianship.objects.filter(child__in=children).select_related("guardian").order_by("pk"):
        if tie.guardian.phone and not pickup.is_about(bans.get(tie.child_id, ()), tie.guardian):
            found.setdefault(tie.child_id, []).append(
                f"{tie.guardian.get_short_name()}\n{dotted(tie.guardian.phone)}"
            )
    return found


def day_pack(day: date, at: datetime) -> tuple[list[Sheet], list[int]]:
    """Return a day on paper: a sign-in sheet per class, the evacuation list, blank slips; and whose data it
    shows.
    """
    meetings = [meeting for meeting in meetings_of_day(day) if meeting.cancelled_at is None]
    here = attendees(meetings)
    children = {attendee.child.pk: attendee.child for some in here.values() for attendee in some}
    phones = _phones(children)
    sheets = [
        _roster(meeting, [attendee.child for attendee in here[meeting.pk]], phones) for meeting in meetings
    ]
    if children:
        sheets.append(_safety(sorted(children.values(), key=by_name)))
    rooms = [
        [shown_name(attendee.child, full=False), meeting.room.name, meeting.hours, ""]
        for meeting in meetings
        for attendee in here[meeting.pk]
    ]
    if rooms:
        head = [_("Child"), _("Room"), _("Hours"), _("Seen outside")]
        sheets.append(Sheet(_("Evacuation list"), [day_words(day)], head, rooms, [4, 3, 3, 2]))
    blank = [["\n\n\n", "", "", ""] for _slip in range(SLIPS)]  # space to write
    head = [_("Child, date of birth"), _("Guardian, phone"), _("Course, session"), _("Signature")]
    words = [
        _(
            "Written down while offline. Enter it as soon as you are back online, in the order of the "
            "sheet: that is the order of the queue."
        )
    ]
    sheets.append(Sheet(_("Enrollment slips"), words, head, blank, [4, 4, 4, 2]))
    return sheets, list(children)


def _safety(children: Iterable[Child]) -> Sheet:
    """Return whom to call besides the guardians, who may collect, and whether there is a note: never its
    content, as paper lies around.
    """
    children = list(children)
    noted = set(SafetyNote.objects.filter(child__in=children).values_list("child_id", flat=True))
    persons: dict[int, list[str]] = {}
    bans = pickup.bans_of(children)
    for person in PickupPerson.objects.filter(child__in=children):
        if pickup.is_barred(bans.get(person.child_id, ()), person.name):
            continue
        persons.setdefault(person.child_id, []).append(f"{person.name}\n{dotted(person.phone)}")
    table = []
    for child in children:
        marks = [_("safety note: at the front desk")] if child.pk in noted else []
        marks += [_("ask the front desk")] if child.must_be_spoken_for else []
        emergency = (
            f"{child.emergency_name}\n{dotted(child.emergency_phone)}" if child.emergency_phone else ""
        )
        if pickup.is_barred(bans.get(child.pk, ()), child.emergency_name):
            emergency = ""
        collects = "\n".join(persons.get(child.pk, []))
        if child.is_protected:
            emergency = collects = _("ask the front desk")
        table.append([shown_name(child, full=True), listed(marks), emergency, collects])
    head = [_("Child"), _("Useful information"), _("In an emergency"), _("May collect")]
    return Sheet(
        _("Safety sheet"), [_("Guardians are listed on the sheet of each class.")], head, table, [4, 3, 4, 4]
    )


def week(monday: date) -> list[Sheet]:
    """Return a week's classes for the door: day, times, course, room, instructors, and a QR code of the
    courses. No children.
    """
    meetings = (
        Meeting.objects.filter(
            on__gte=monday,
            on__lt=monday + timedelta(days=7),
            cancelled_at=None,
            session__cancelled_at=None,
            session__published_at__isnull=False,
            session__access_code="",
        )
        .select_related("session__course", "room__venue")
        .prefetch_related("instructors", "session__instructors")
    )
    by_venue: dict[Venue, list[list[str]]] = {}
    for meeting in meetings.order_by("on", "starts", "room"):
        row = [day_words(meeting.on), meeting.hours, meeting.session.course.title, meeting.room.name,
               listed(person.get_short_name() for person in meeting.teachers)]  # fmt: skip
        by_venue.setdefault(meeting.room.venue, []).append(row)
    head = [_("Day"), _("Hours"), _("Course"), _("Room"), _("With")]
    link = f"{settings.SITE_URL}/{get_language()[:2]}/cours/"
    lines = [_("Week of %(day)s") % {"day": day_words(monday)}]
    return [Sheet(venue.name, lines, head, rows, [4, 3, 5, 3, 3], link) for venue, rows in by_venue.items()]


def _roster(meeting: Meeting, children: list[Child], phones: dict[int, list[str]]) -> Sheet:
    lines = [
        f"{meeting.spelled} · {listed((meeting.room.venue.name, meeting.room.name))}",
        listed(person.name for person in meeting.teachers) or _("nobody"),
        ngettext("%(count)s child", "%(count)s children", len(children)) % {"count": len(children)},
    ]
    if meeting.lesson:
        lines.append(
            _("Lesson %(number)s: %(title)s")
            % {"number": meeting.shown_lesson_number, "title": meeting.lesson.title}
        )
    table = []
    for child in children:
        marks = [_("ask the front desk")] if child.must_be_spoken_for else []
        marks.append(_("can go home alone") if child.may_go_alone else _("will be collected"))
        contact = "\n".join(phones.get(child.pk, [])) if not child.is_protected else _("ask the front desk")
        table.append([shown_name(child, full=True), contact, listed(marks), "", ""])
    head = [_("Child"), _("Guardians"), _("Way home"), _("In"), _("Out, to whom")]
    return Sheet(meeting.session.course.title, lines, head, table, [4, 5, 3, 2, 3])


def class_papers(meeting: Meeting) -> tuple[list[Sheet], list[int]]:
    """Return one class on paper: sign-in roster, evacuation list, first-name badges;
    and whose data it shows.
    """
    rows = roster.lines(meeting)
    children = [line.child for line in rows]
    phones = _phones(children)
    when = f"{meeting.spelled} · {listed((meeting.room.venue.name, meeting.room.name))}"
    names = [[shown_name(child, full=False), "", ""] for child in children]
    outside = Sheet(
        _("Evacuation list"), [when], [_("Child"), _("Present"), _("Seen outside")], names, [5, 2, 2]
    )
    badges = [_badge(child) for child in children]
    pairs = [[*badges[number : number + 2], ""][:2] for number in range(0, len(badges), 2)]
    cut = Sheet(_("Badges"), [_("First names only. Cut along the lines.")], ["", ""], pairs, [1, 1], size=26)
    return [_roster(meeting, children, phones), outside, *([cut] if pairs else [])], [
        child.pk for child in children
    ]


def _badge(child: Child) -> str:
    """Return the badge: the first name, in both scripts if the family gave both; only the initial for a
    protected child.
    """
    if child.is_protected:
        return f"\n{child.first_name[:1]}.\n"
    names = dict.fromkeys(name for name in (child.first_name, child.first_name_ar) if name)
    return "\n" + "\n".join(names) + "\n"


def made_words(at: datetime) -> str:
    """Return the footer of a day pack's pages."""
    return _("Printed on %(day)s. Shred it this evening.") % {"day": date_words(timezone.localdate(at))}
