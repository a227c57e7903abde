"""Record of processing: for each model, its purpose, retention period, inclusion in data exports and handling
on erasure (law 09-08, articles 3, 7 and 8; GDPR, 15 and 30).

Every model that refers to a person is listed; a test fails on a missing one (trust 27). The privacy page
shows the headings; enrollments.privacy.data_export, .erasure and .retention apply the rules.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


@dataclass(frozen=True)
class Period:
    """How long something is kept: one number for the job that deletes (`delta`) and for the words (`str`)."""

    count: int
    unit: str  # hour, day, year

    @property
    def delta(self) -> timedelta:
        if self.unit == "hour":
            return timedelta(hours=self.count)
        return timedelta(days=math.ceil(self.count * 365.25) if self.unit == "year" else self.count)

    def __str__(self) -> str:
        words = {
            "hour": ngettext("%(count)s hour", "%(count)s hours", self.count),
            "day": ngettext("%(count)s day", "%(count)s days", self.count),
            "year": ngettext("%(count)s year", "%(count)s years", self.count),
        }
        return words[self.unit] % {"count": self.count}


# The only place where these numbers are written: retention and the sentences below read them.
ACCOUNT = FILE = RECORD = Period(3, "year")
EVENT = Period(1, "year")
INCIDENT = Period(5, "year")
MONEY = Period(10, "year")
SURVEY = Period(3, "year")
NOTE = LINK = UNSEEN = Period(30, "day")
LETTER = Period(90, "day")
CODE = Period(1, "day")  # account messages expire within minutes; a visitor's message is in the mailbox
COPY = Period(24, "hour")
BACKUP = Period(settings.BACKUP_DAYS, "day")
SIGNED_IN = Period(settings.SESSION_COOKIE_AGE // (24 * 3600), "day")
PERIODS = (ACCOUNT, EVENT, INCIDENT, MONEY, SURVEY, NOTE, LETTER, CODE, COPY, BACKUP, SIGNED_IN)


def _for(words: Any, period: Period) -> Promise:
    """Put a period into its sentence, in the language of the reader."""
    return format_lazy(words, period=period)


# Who receives it.
OFFICE = _("The front desk and managers")
TEACHING = _("The instructors of the class, the front desk and managers")
MANAGERS = _("Managers")
OWNER = _("The person concerned")
GUARDIANS = _("The guardians with full rights, the front desk and managers")


@dataclass(frozen=True)
class Heading:
    """One category of data as shown to parents: what, why, for how long; and its recipients (`to`)."""

    what: str | Promise
    why: str | Promise
    until: str | Promise
    to: str | Promise = OFFICE


@dataclass(frozen=True)
class Holding:
    """One model: its heading, whether the guardian's export includes it, and what erasure does to it."""

    heading: str
    in_copy: bool
    # deleted · emptied · reference (a bare id stays, which identifies nobody) · team (staff rows)
    erasure: str


HEADINGS = {
    "account": Heading(
        _("Your name, email address, phone number and language"),
        _("To open your account and to contact you about classes."),
        _for(_("While your account is open, and for {period} after you last use it."), ACCOUNT),
    ),
    "logins": Heading(
        _("Where you are signed in, your passkeys and your codes"),
        _("So that nobody else can open your account."),
        _for(_("Until you sign out. You are signed out automatically after {period}."), SIGNED_IN),
        OWNER,
    ),
    "child": Heading(
        _("Your children: names, date of birth, languages, laptop"),
        _("To find the right course and to call each child by name."),
        _for(_("{period} after the last class, or until you ask us to delete it."), FILE),
        TEACHING,
    ),
    "guardians": Heading(
        _("Each child's guardians, and invitations"),
        _("So that each guardian sees and decides what concerns them."),
        _for(_("As long as the child's file. Invitations: {period} after they end."), LINK),
    ),
    "home": Heading(
        _("Who collects a child, and whom to call"),
        _("So that your child leaves with nobody else."),
        _("As long as the child's file."),
        TEACHING,
    ),
    "safety": Heading(
        _("The safety note, if you wrote one"),
        _("To help your child if something happens. It is encrypted, and we record each time it is opened."),
        _for(_("{period} after the last class."), NOTE),
        TEACHING,
    ),
    "places": Heading(
        _("Places, waiting-list entries, and the levels you declared"),
        _("To reserve each place for one child, and to be able to explain every decision."),
        _("As long as the child's file, then without a name for our accounts."),
    ),
    "register": Heading(
        _("Which classes your child attended, and who took them home"),
        _("So that no child is lost, and so that we can see what they missed."),
        _("As long as the child's file. Changes are kept as numbers only."),
        TEACHING,
    ),
    "progress": Heading(
        _("What your child can do, and notes from classes"),
        _("To teach the next step, and to tell you about it."),
        _("As long as the child's file."),
        TEACHING,
    ),
    "projects": Heading(
        _("What your child made: projects, pictures, files and 3D prints"),
        _("To show how your child progresses, and so that nothing your child made is lost."),
        _("As long as the child's file, or until you delete it."),
        TEACHING,
    ),
    "certificates": Heading(
        _("Your child's certificates, as they were printed"),
        _("To print them again, and to tell anybody who has the code whether one is valid."),
        _("As long as the child's file, then a number and dates without a name or a code."),
    ),
    "photos": Heading(
        _("Pictures of a class your child is in, if you agreed to them"),
        _("So that the families of the children in a picture can see the class."),
        _for(
            _(
                "As long as the child's file. We delete them at the latest {period} after a guardian removes "
                "them or says no."
            ),
            UNSEEN,
        ),
        _("The guardians of the children in the picture, and the team as for the register"),
    ),
    "showcase": Heading(
        _("Your child's projects in the showcase, if you agreed"),
        _("To show others what children make here."),
        _("Until you say no or delete the project; at most as long as the child's file."),
        _("Everybody"),
    ),
    "incidents": Heading(
        _("Anything that happened to your child at the academy"),
        _("To look after your child, and to account for what we did."),
        _for(
            _(
                "{period}, the period in which you can hold us accountable (Code of obligations and "
                "contracts, article 106)."
            ),
            INCIDENT,
        ),
        MANAGERS,
    ),
    "money": Heading(
        _("What you paid, and when"),
        _("To keep our accounts and to give you a receipt."),
        _for(
            _("{period}, as accounting law requires. We remove your name once your account is deleted."),
            MONEY,
        ),
    ),
    "consents": Heading(
        _("Your answers to our policies"),
        _("To prove what you agreed to, and to do nothing more."),
        _("As long as the child's file, then without a name."),
    ),
    "letters": Heading(
        _("Emails we sent you"),
        _("So that no email is lost."),
        _for(_("{period} after we sent them."), LETTER),
    ),
    "surveys": Heading(
        _("That we asked you three questions when a course ended"),
        _(
            "To ask once only. Once you answer, only a code without your name is left of it. The answers "
            "carry no name, neither yours nor your child's."
        ),
        format_lazy(
            _(
                "{period} after the link ends. Our copy of the email loses its link when you answer, or a "
                "few days after it was sent. The answers: {answers}."
            ),
            period=LINK,
            answers=SURVEY,
        ),
        MANAGERS,
    ),
    "looks": Heading(
        _("Which staff viewed a child's data"),
        _("So that you can ask us why."),
        _for(_("{period}, as numbers without a name."), RECORD),
        GUARDIANS,
    ),
    "events": Heading(
        _("That a phone was changed, a password was wrong or a new device was used"),
        _("So that we notice when somebody else tries to use your account."),
        _for(_("{period}, as numbers without a name."), EVENT),
        MANAGERS,
    ),
    "copies": Heading(
        _("Copies of your data that you requested"),
        _("So that you can download them."),
        _for(_("{period}."), COPY),
        OWNER,
    ),
    "backups": Heading(
        _("Encrypted backups of all of this"),
        _(
            "To restore everything after a breakdown. What was deleted since is then deleted again, from a "
            "list of numbers without names."
        ),
        _for(_("{period} after each backup is made. It is then deleted."), BACKUP),
        _("Nobody; after a breakdown, those who restore the platform"),
    ),
    "team": Heading(
        _("What the team wrote on the website"),
        _("To know who published what."),
        _("As long as the page."),
        MANAGERS,
    ),
}

HOLDINGS = {
    "academy.User": Holding("account", True, "deleted"),
    "academy.User_groups": Holding("account", False, "deleted"),
    "academy.User_user_permissions": Holding("account", False, "deleted"),
    "account.EmailAddress": Holding("account", True, "deleted"),
    "account.EmailConfirmation": Holding("account", False, "deleted"),
    "mfa.Authenticator": Holding("logins", True, "deleted"),
    "usersessions.UserSession": Holding("logins", True, "deleted"),
    "sessions.Session": Holding("logins", False, "deleted"),
    "enrollments.LoginCard": Holding("logins", False, "deleted"),
    "enrollments.CalendarFeed": Holding("logins", False, "deleted"),
    "enrollments.RescueCode": Holding("logins", False, "deleted"),
    "enrollments.StaffInvitation": Holding("logins", False, "deleted"),
    "enrollments.RoleEvent": Holding("team", False, "team"),
    "enrollments.Child": Holding("child", True, "emptied"),
    "enrollments.Guardianship": Holding("guardians", True, "deleted"),
    "enrollments.GuardianInvitation": Holding("guardians", True, "deleted"),
    "enrollments.GuardianInvitation_children": Holding("guardians", False, "deleted"),
    "enrollments.GuardianEvent": Holding("guardians", False, "reference"),
    "enrollments.PickupPerson": Holding("home", True, "deleted"),
    "enrollments.Barring": Holding("home", False, "deleted"),
    "enrollments.SafetyNote": Holding("safety", True, "deleted"),
    "enrollments.Enrollment": Holding("places", True, "reference"),
    "enrollments.PlaceEvent": Holding("places", False, "reference"),
    "enrollments.SessionEvent": Holding("places", False, "reference"),
    "enrollments.Receipt": Holding("money", True, "reference"),
    "enrollments.ReceiptPaper": Holding("money", False, "reference"),
    "enrollments.Waiver": Holding("places", False, "deleted"),
    "enrollments.SessionGuest": Holding("places", False, "deleted"),
    "enrollments.PlaceNote": Holding("places", False, "deleted"),
    "enrollments.Presence": Holding("register", True, "deleted"),
    "enrollments.PresenceChange": Holding("register", False, "reference"),
    "enrollments.MakeUp": Holding("register", False, "deleted"),
    "enrollments.SkillObservation": Holding("progress", True, "deleted"),
    "enrollments.ClassNote": Holding("progress", True, "deleted"),
    "enrollments.Project": Holding("projects", True, "deleted"),
    "enrollments.ProjectFile": Holding("projects", True, "deleted"),
    "enrollments.Certificate": Holding("certificates", True, "reference"),
    "enrollments.CertificateEvent": Holding("certificates", False, "reference"),
    "enrollments.PrintJob": Holding("projects", True, "deleted"),
    "enrollments.ClassPhoto": Holding("photos", True, "deleted"),
    "enrollments.ChildInPhoto": Holding("photos", False, "deleted"),
    "enrollments.ShowcaseStory": Holding("showcase", True, "deleted"),
    "enrollments.Incident": Holding("incidents", True, "deleted"),
    "enrollments.PickupPass": Holding("home", False, "deleted"),
    "enrollments.Equivalence": Holding("places", True, "deleted"),
    "enrollments.Recommendation": Holding("progress", True, "deleted"),
    "enrollments.Consent": Holding("consents", True, "reference"),
    "enrollments.LetterWish": Holding("letters", False, "deleted"),
    "enrollments.Message": Holding("letters", False, "deleted"),
    "enrollments.Letter": Holding("letters", True, "deleted"),
    "enrollments.SurveyLink": Holding("surveys", False, "deleted"),
    "enrollments.ReadRecord": Holding("looks", True, "reference"),
    "enrollments.AccountEvent": Holding("events", False, "reference"),
    "enrollments.CopyRequest": Holding("copies", False, "deleted"),
    "enrollments.DataCopy": Holding("copies", False, "deleted"),
    "enrollments.ErasureAgreement": Holding("guardians", False, "deleted"),
    "enrollments.ErasedNumber": Holding("backups", False, "reference"),
    "enrollments.MergeProposal": Holding("guardians", False, "deleted"),
    "enrollments.MergeAgreement": Holding("guardians", False, "deleted"),
    # Staff rows; families never have one.
    **{
        label: Holding("team", False, "team")
        for label in (
            "courses.CatalogueIndexPage",
            "courses.CoursePage",
            "courses.LessonPage",
            "courses.InstructorPage",
            "courses.Session",
            "courses.Session_instructors",
            "courses.Meeting",
            "courses.Meeting_instructors",
            "home.Picture",
            "home.PageProblem",
            "home.HomePage",
            "home.StandardPage",
            "home.FaqPage",
            "home.ContactPage",
            "wagtailforms.FormSubmission",
            "wagtailusers.UserProfile",
            "wagtaildocs.Document",
            "wagtailimages.Image",
            "wagtailadmin.EditingSession",
            "wagtailadmin.FormState",
            "wagtailcore.APIToken",
            "wagtailcore.ModelLogEntry",
            "wagtailcore.Revision",
            "wagtailcore.UploadedFile",
            "wagtailcore.WorkflowState",
            "wagtailcore.TaskState",
            "wagtailcore.Page",
            "wagtailcore.PageLogEntry",
            "wagtailcore.Comment",
            "wagtailcore.CommentReply",
            "wagtailcore.PageSubscription",
            "enrollments.PolicyVersion",
            "enrollments.ClassDiary",
            "enrollments.SpoolChange",
        )
    },
}


def headings() -> list[Heading]:
    """Return what parents see, in order, without staff-only categories."""
    return [heading for code, heading in HEADINGS.items() if code != "team"]
