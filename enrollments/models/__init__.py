"""Models about people and places: children, guardians and enrollments."""

from enrollments.models.access import LoginCard, RescueCode, RoleEvent, StaffInvitation
from enrollments.models.care import Barring, Incident, PickupPass, PickupPerson, SafetyNote
from enrollments.models.certificates import Certificate, CertificateEvent
from enrollments.models.consents import Consent, Policy, PolicyText, PolicyVersion
from enrollments.models.feeds import CalendarFeed
from enrollments.models.invitations import GuardianInvitation
from enrollments.models.learning import ClassNote, Equivalence, Recommendation, SkillObservation
from enrollments.models.letters import Letter
from enrollments.models.people import Child, Guardianship
from enrollments.models.pictures import ChildInPhoto, ClassPhoto
from enrollments.models.places import (
    Enrollment,
    PlaceCheck,
    PlaceEvent,
    PlaceNote,
    SessionEvent,
    SessionGuest,
    Waiver,
)
from enrollments.models.portfolio import Project, ProjectFile
from enrollments.models.print_jobs import Printer, PrintJob, Spool, SpoolChange
from enrollments.models.privacy import (
    CopyRequest,
    DataCopy,
    ErasedNumber,
    ErasureAgreement,
    MergeAgreement,
    MergeProposal,
)
from enrollments.models.records import AccountEvent, GuardianEvent, ReadRecord
from enrollments.models.register import ClassDiary, MakeUp, Presence, PresenceChange
from enrollments.models.showcase import ShowcaseStory
from enrollments.models.surveys import SurveyAnswer, SurveyLink
from enrollments.models.till import Receipt, ReceiptBook, ReceiptPaper
from enrollments.models.wishes import LetterWish
from enrollments.models.writing import Message

__all__ = [
    "AccountEvent",
    "Barring",
    "CalendarFeed",
    "Certificate",
    "CertificateEvent",
    "Child",
    "ChildInPhoto",
    "ClassDiary",
    "ClassNote",
    "ClassPhoto",
    "Consent",
    "CopyRequest",
    "DataCopy",
    "Enrollment",
    "Equivalence",
    "ErasedNumber",
    "ErasureAgreement",
    "GuardianEvent",
    "GuardianInvitation",
    "Guardianship",
    "Incident",
    "Letter",
    "LetterWish",
    "LoginCard",
    "MakeUp",
    "MergeAgreement",
    "MergeProposal",
    "Message",
    "PickupPass",
    "PickupPerson",
    "PlaceCheck",
    "PlaceEvent",
    "PlaceNote",
    "Policy",
    "PolicyText",
    "PolicyVersion",
    "Presence",
    "PresenceChange",
    "PrintJob",
    "Printer",
    "Project",
    "ProjectFile",
    "ReadRecord",
    "Receipt",
    "ReceiptBook",
    "ReceiptPaper",
    "Recommendation",
    "RescueCode",
    "RoleEvent",
    "SafetyNote",
    "SessionEvent",
    "SessionGuest",
    "ShowcaseStory",
    "SkillObservation",
    "Spool",
    "SpoolChange",
    "StaffInvitation",
    "SurveyAnswer",
    "SurveyLink",
    "Waiver",
]
