"""The reasons a decision of the team is given with."""

from django import forms
from django.utils.translation import gettext_lazy as _

SEATS = {
    "room": _("another room"),
    "instructor": _("available instructors"),
    "equipment": _("available kits or computers"),
    "sponsor": _("places reserved for a partner"),
    "freed": _("no longer needed"),
    "mistake": _("to correct a mistake"),
}


REMOVAL = {
    "no_show": _("never came and does not answer"),
    "conduct": _("behaviour, after talking with the family"),
    "unpaid": _("not paid, after two reminders"),
    "mistake": _("to correct a mistake"),
}


PRIORITY = {
    "cancelled_elsewhere": _("one of their sessions was cancelled"),
    "sibling": _("a brother or sister has a place here"),
    "promised": _("promised by a manager"),
    "mistake": _("to correct a mistake"),
}


WAIVER = {
    "ready": _("the instructor considers the child ready"),
    "birthday": _("the birthday is near"),
    "known": _("the level is known"),
    "promised": _("promised by a manager"),
}


OPENING = {
    "calendar": _("the calendar of the term"),
    "priority_week": _("families from last term first"),
    "instructor": _("available instructors"),
    "mistake": _("to correct a mistake"),
}


CANCEL = {
    "too_few": _("too few children"),
    "no_instructor": _("no instructor"),
    "no_room": _("no room"),
    "closure": _("the venue is closed"),
}


# Other values in events: changes by the clock or by a family.
DONE = {
    "enrolled": _("enrolled"),
    "offered": _("a place was offered"),
    "accepted": _("the offer was accepted"),
    "declined": _("the offer was declined"),
    "reconsidered": _("the decline was withdrawn"),
    "ran_out": _("the offer expired"),
    "no_answer": _("nobody answered the phone"),
    "called": _("called"),
    "withdrawn": _("given up by the family"),
    "family_asked": _("the family asked for it by phone"),
    "leaving": _("given up, can still be kept"),
    "taken_back": _("withdrawal cancelled"),
    "overlaps": _("given up for another session at the same time"),
    "moved": _("moved to another session"),
    "merged": _("two files merged"),
    "inadmissible": _("could not be confirmed: back on the waiting list"),
    "joining_closed": _("enrollment closed"),
    "reopened": _("enrollment reopened within the hour"),
    "session_cancelled": _("the session was cancelled"),
    "timetable": _("changed in the timetable"),
    "united": _("two sessions merged"),
    "silent": _("no answer yet: to call"),
    "runs": _("will run"),
    "invited": _("for invited families"),
    "open": _("for everybody"),
}


WORDS = {**DONE, **SEATS, **REMOVAL, **PRIORITY, **WAIVER, **OPENING, **CANCEL}


def reason_words(code: str) -> str:
    """Return the label of a reason's code in the active language; the code itself if unknown."""
    return str(WORDS.get(code, code))


def reason_field(reasons: dict) -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose")), *reasons.items()])


def words_field() -> forms.CharField:
    return forms.CharField(
        label=_("Note for the team"),
        required=False,
        max_length=300,
        help_text=_("Write nothing about health. We delete this note with the child's file."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
