"""The register of processing for the CNDP (law 09-08), from the inventory and the settings.

Returns words, no paper: enrollments.views.office.journal prints them.
"""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from enrollments.privacy.inventory import HEADINGS
from home.models import AcademySettings


@dataclass(frozen=True)
class RegisterPart:
    """One part of the register: lines, then a table."""

    title: str
    lines: list[str]
    head: list[str]
    rows: list[list[str]]
    widths: list[int]


def register() -> list[RegisterPart]:
    """Return who is responsible and the rights of people, what is processed, and the measures of security."""
    return [_responsible(), _processed(), _measures()]


def _responsible() -> RegisterPart:
    ours = AcademySettings.ours()
    told = [
        (_("Responsible"), ours.legal_name or ours.name),
        (_("Address"), ours.address),
        (_("Email address"), ours.email),
        (_("Phone"), str(ours.phone)),
        (_("ICE"), ours.ice),
        (_("CNDP authorisation number"), ours.cndp_number),
        (_("Purpose"), _("Enrollment of children in the academy's courses, classes, payments and messages")),
        (_("Persons concerned"), _("Children from 7 to 14, their guardians, who collects them, the team")),
        (
            _("Rights"),
            _("To see, correct, delete and object: on the page “My data”, or at this address"),
        ),
        (_("Processors"), _("The host of the server and the provider of email: to be completed")),
        (
            _("Transfers abroad"),
            _("None by the platform itself; those of the processors: to be completed"),
        ),
    ]
    rows = [[capfirst(name), value or _("to be completed")] for name, value in told]
    return RegisterPart(_("Register of processing"), [], [_("Subject"), _("Answer")], rows, [1, 3])


def _processed() -> RegisterPart:
    rows = [
        [str(words) for words in (heading.what, heading.why, heading.to, heading.until)]
        for heading in HEADINGS.values()
    ]
    head = [_("What"), _("Why"), _("Recipients"), _("For how long")]
    return RegisterPart(_("What is processed"), [], head, rows, [3, 4, 3, 3])


def _measures() -> RegisterPart:
    words = [
        _("Access by role: each member of the team reads only what their work needs."),
        _("Two-step verification for the team; passwords are stored as hashes."),
        _("A limit of wrong passwords, and an email to the owner about tries and sign-ins on new devices."),
        _("Encrypted connections only; no page loads anything from another site."),
        _("Safety notes are encrypted with keys of their own; each time one is opened is recorded."),
        _("Each look of the team at a child's data is recorded and shown to the guardians."),
        _("Exports, changed phones and failed sign-ins are recorded without names."),
        _("Data is deleted automatically every night once its period has ended."),
        _("Photos lose their place and date when they are uploaded; documents are not public files."),
    ]
    return RegisterPart(_("Measures of security"), [], [_("Measure")], [[line] for line in words], [1])
