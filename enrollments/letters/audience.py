"""Which event writes to whom: one row per event, one message per person.

`manage.py who_hears` prints it, and tests/enrollments/test_who_hears.py makes each event happen and compares.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Who(StrEnum):
    """People an event may concern, as seen from the child, class or invitation it is about."""

    FULL = "full"  # guardians with full rights
    INFORMED = "informed"  # guardians who may read
    OFFERED = "offered"  # guardians of a child that is being offered a place
    GUEST = "guest"  # guardians of a make-up guest
    TEACHES = "teaches"  # instructors of the class, or of the session
    REPLACED = "replaced"  # an instructor who no longer teaches it
    MANAGER = "manager"
    DESK = "desk"
    ACTOR = "actor"  # the person who did it
    INVITED = "invited"


WHO: dict[Who, Promise] = {
    Who.FULL: _("guardian, full rights"),
    Who.INFORMED: _("guardian, informed"),
    Who.OFFERED: _("guardian being offered a place"),
    Who.GUEST: _("guardian of a make-up guest"),
    Who.TEACHES: _("instructor"),
    Who.REPLACED: _("instructor replaced"),
    Who.MANAGER: _("programme manager"),
    Who.DESK: _("front desk"),
    Who.ACTOR: _("who did it"),
    Who.INVITED: _("invited person"),
}


@dataclass(frozen=True)
class Event:
    """Something that happens, and the kind of message each person concerned gets."""

    code: str
    label: Promise
    hears: dict[Who, str]


def _families(kind: str) -> dict[Who, str]:
    return dict.fromkeys((Who.FULL, Who.INFORMED, Who.OFFERED, Who.GUEST), kind)


EVENTS: tuple[Event, ...] = (
    Event("enrolled", _("a child gets a place or a position"), {Who.FULL: "enrolled"}),
    Event("offered", _("a freed place is offered"), {Who.FULL: "offer"}),
    Event("reminded", _("half the time of an offer has passed"), {Who.FULL: "offer_reminder"}),
    Event("accepted", _("an offer is accepted"), {Who.FULL: "accepted"}),
    Event("lapsed", _("an offer runs out"), {Who.FULL: "offer_lapsed"}),
    Event(
        "joining_closed",
        _("enrollment closes while children are on the waiting list"),
        {Who.FULL: "waiting_over"},
    ),
    Event("withdrawn", _("a family gives up a place"), {Who.FULL: "withdrawn"}),
    Event("leaving", _("one guardian gives up what another enrolled"), {Who.FULL: "leaving"}),
    Event("taken_back", _("a withdrawal is undone"), {Who.FULL: "taken_back"}),
    Event("moved", _("a child changes session"), {Who.FULL: "moved"}),
    Event("removed", _("the academy ends a place"), {Who.FULL: "removed"}),
    Event(
        "session_confirmed",
        _("a session will run: a manager says so, or the hour of its decision"),
        {Who.FULL: "session_confirmed"},
    ),
    Event(
        "session_cancelled",
        _("a session is cancelled"),
        {
            Who.FULL: "session_cancelled",
            Who.OFFERED: "session_cancelled",
            Who.GUEST: "make_up_ended",
            Who.TEACHES: "team_session_ended",
        },
    ),
    Event(
        "sessions_united",
        _("two sessions are merged"),
        {Who.FULL: "sessions_united", Who.TEACHES: "team_session_ended"},
    ),
    Event(
        "class_moved",
        _("a class moves"),
        _families("classes_changed") | {Who.TEACHES: "team_classes_changed"},
    ),
    Event(
        "class_cancelled",
        _("a class is cancelled"),
        _families("classes_changed") | {Who.TEACHES: "team_classes_changed"},
    ),
    Event(
        "room_changed",
        _("a class changes room"),
        _families("classes_changed") | {Who.TEACHES: "team_classes_changed"},
    ),
    Event(
        "substituted",
        _("somebody else teaches a class"),
        {Who.TEACHES: "team_assigned", Who.REPLACED: "team_assigned"},
    ),
    Event("absent", _("an absence without notice"), {Who.FULL: "absent", Who.INFORMED: "absent"}),
    Event(
        "absent_mistaken",
        _("an absence that was a mistake"),
        {Who.FULL: "absent_mistaken", Who.INFORMED: "absent_mistaken"},
    ),
    Event("ready", _("an instructor finds a child ready for the next level"), {Who.FULL: "next_level"}),
    Event("in_class", _("a class is told"), {Who.FULL: "in_class", Who.INFORMED: "in_class"}),
    Event(
        "missed", _("a class is told to an absent child"), {Who.FULL: "catch_up", Who.INFORMED: "catch_up"}
    ),
    Event(
        "certificate_issued",
        _("a certificate is issued"),
        {Who.FULL: "certificate", Who.INFORMED: "certificate"},
    ),
    Event(
        "certificate_revoked",
        _("a certificate is revoked"),
        {Who.FULL: "certificate_revoked", Who.INFORMED: "certificate_revoked"},
    ),
    Event(
        "certificate_merged",
        _("two files become one, and one of two certificates is revoked"),
        {Who.FULL: "merged", Who.INFORMED: "certificate_revoked"},
    ),
    Event(
        "photo_removed",
        _("the team removes a picture of a class"),
        {Who.FULL: "photo_removed", Who.INFORMED: "photo_removed"},
    ),
    Event(
        "story_removed",
        _("a manager removes a project from the showcase"),
        {Who.FULL: "story_removed", Who.INFORMED: "story_removed"},
    ),
    Event(
        "message",
        _("the team writes to a session"),
        {Who.FULL: "message", Who.INFORMED: "message", Who.GUEST: "message"},
    ),
    Event(
        "print_ready",
        _("a 3D print is ready to collect"),
        {Who.FULL: "print_ready", Who.INFORMED: "print_ready"},
    ),
    Event(
        "print_not_ready",
        _("a 3D print was said to be ready by mistake"),
        {Who.FULL: "print_not_ready", Who.INFORMED: "print_not_ready"},
    ),
    Event(
        "print_refused",
        _("a 3D print that was said to be ready is refused"),
        {Who.FULL: "print_refused", Who.INFORMED: "print_refused"},
    ),
    Event("made_up", _("a make-up class is booked"), {Who.FULL: "made_up"}),
    Event("make_up_ended", _("a make-up class is cancelled"), {Who.FULL: "make_up_ended"}),
    Event("incident", _("an incident is written down"), {Who.FULL: "incident", Who.MANAGER: "incident"}),
    Event(
        "pickup_alert",
        _("a barred person asks for a child"),
        {Who.MANAGER: "pickup_alert", Who.DESK: "pickup_alert"},
    ),
    Event("pass_given", _("a one-day pass is given"), {Who.FULL: "pass_given"}),
    Event("pass_used", _("a one-day pass is used"), {Who.FULL: "pass_used"}),
    Event("collection_changed", _("the pick-up list changes"), {Who.FULL: "collection_changed"}),
    Event("paid", _("a payment or refund is noted"), {Who.ACTOR: "payment_noted"}),
    Event("invited", _("a guardian is invited"), {Who.INVITED: "invitation"}),
    Event("invitation_returned", _("an invitation comes back"), {Who.ACTOR: "invitation_returned"}),
    Event("guardian_added", _("an invited guardian accepts"), {Who.FULL: "guardian_added"}),
    Event("guardian_raised", _("an informed guardian gets full rights"), {Who.FULL: "guardian_raised"}),
    Event(
        "guardian_added_at_desk", _("the front desk adds a guardian"), {Who.FULL: "guardian_added_at_desk"}
    ),
    Event("guardian_ended", _("a guardian leaves or is removed"), {Who.FULL: "guardian_ended"}),
    Event("account_opened", _("the front desk opens an account"), {Who.INVITED: "account_opened"}),
    Event("team_invited", _("a colleague is invited"), {Who.INVITED: "team_invitation"}),
    Event("export_ready", _("a copy of the data is ready"), {Who.ACTOR: "export_ready"}),
    Event("export_failed", _("a copy of the data cannot be made"), {Who.ACTOR: "export_failed"}),
    Event("erasure_asked", _("a guardian asks to delete a child's file"), {Who.FULL: "erasure_asked"}),
    Event("merge_asked", _("two files may be one child"), {Who.FULL: "merge_asked"}),
    Event("merged", _("two files become one"), {Who.FULL: "merged"}),
    Event("plan_failed", _("a planned page cannot be published"), {Who.ACTOR: "plan_failed"}),
    Event("consent_again", _("a policy changes"), {Who.FULL: "consent_again"}),
)

# Written on request, or every morning: no event.
BY_CLOCK = {"tomorrow", "weekly", "team_morning", "survey"}


def table() -> str:
    """Return the table as Markdown, in the active language."""
    head = [str(_("event")), *(str(WHO[who]) for who in Who)]
    rows = [[str(event.label), *(event.hears.get(who, "–") for who in Who)] for event in EVENTS]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
