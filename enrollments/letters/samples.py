"""Samples of every kind of message with an invented family, for staff to read before anybody gets one."""

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enrollments.letters import outbox
from enrollments.letters.invented_scene import (
    AT,
    FIRST,
    UNTIL,
    State,
    Words,
    accepted,
    changed,
    classes,
    enrolled,
    happened,
    invented,
    met,
    named,
    row,
    settled,
    taught,
    title_of,
    week,
    worked,
)
from enrollments.letters.login_samples import LOGIN, login_sample
from enrollments.letters.print_samples import printed, refused
from enrollments.models import Letter, Receipt


@dataclass(frozen=True)
class Kind:
    """A kind of message. `words` returns the template's context besides recipient, child and session."""

    code: str
    label: Promise
    words: Words = lambda scene: {}


KINDS: tuple[Kind, ...] = (
    Kind("enrolled", _("place given, or position on the waiting list"), enrolled(State.SEATED)),
    Kind("offer", _("place offered"), row(state=State.OFFERED, offer_until=UNTIL, offer_kind="letter")),
    Kind(
        "offer_reminder",
        _("reminder of an offer"),
        row(state=State.OFFERED, offer_until=UNTIL, offer_kind="letter"),
    ),
    Kind("offer_lapsed", _("offer passed to the next child")),
    Kind("accepted", _("offer accepted"), accepted),
    Kind("waiting_over", _("waiting list closed")),
    Kind(
        "leaving",
        _("place given up, can be kept for one day"),
        lambda scene: {**row(leaves_at=UNTIL)(scene), "name": "Karim", "money": settled(scene)},
    ),
    Kind("taken_back", _("withdrawal cancelled by the family"), named()),
    Kind("withdrawn", _("place given up"), lambda one: {"name": "Karim", "money": settled(one)}),
    Kind(
        "moved",
        _("child moved to another session"),
        lambda scene: {"enrollment": scene.row, "before": scene.session},
    ),
    Kind("removed", _("place ended by the team")),
    Kind("session_confirmed", _("session confirmed by the academy"), lambda one: {"children": [one.child]}),
    Kind("session_cancelled", _("session cancelled by the academy"), row(state=State.CANCELLED)),
    Kind(
        "sessions_united",
        _("sessions merged"),
        lambda scene: {
            **row(state=State.OFFERED, offer_until=UNTIL, offer_kind="merge")(scene),
            "before": scene.session,
        },
    ),
    Kind("classes_changed", _("classes moved or cancelled"), changed),
    Kind("team_classes_changed", _("to instructors: classes moved or cancelled"), taught),
    Kind("team_session_ended", _("to instructors: session cancelled")),
    Kind(
        "team_assigned",
        _("to instructors: class given to them or to somebody else"),
        lambda scene: {"meetings": [met(scene)["meeting"]], "is_theirs": True},
    ),
    Kind("absent", _("child absent without notice"), met),
    Kind("absent_mistaken", _("child was in class after all"), met),
    Kind("made_up", _("make-up class booked"), met),
    Kind("make_up_ended", _("make-up class cancelled"), lambda scene: {**met(scene), "why": "cancelled"}),
    Kind("print_ready", _("3D print ready to collect"), printed),
    Kind("print_not_ready", _("3D print not ready after all"), printed),
    Kind("print_refused", _("3D print refused after all"), refused),
    Kind("in_class", _("today in class"), worked),
    Kind("catch_up", _("what a child missed"), worked),
    Kind(
        "next_level",
        _("ready for the next level"),
        lambda scene: {
            "meeting": met(scene)["meeting"],
            "course": scene.session.course,
            "matching": [scene.session],
            "name": "Hajar Exemple",
        },
    ),
    Kind("certificate", _("certificate issued"), lambda one: {"rows": [one.certificate]}),
    Kind("certificate_revoked", _("certificate revoked"), lambda one: {"rows": [one.certificate]}),
    Kind(
        "photo_removed",
        _("pictures of a class removed"),
        lambda one: {**met(one), "children": [one.child]},
    ),
    Kind(
        "story_removed",
        _("project removed from the showcase"),
        lambda one: {"story": SimpleNamespace(title="…", project_id=1)},
    ),
    Kind("incident", _("incident reported"), happened),
    Kind(
        "pass_given",
        _("one-day pick-up pass created"),
        lambda scene: {"name": "Fatima", "on": FIRST, "by": "Salwa"},
    ),
    Kind(
        "pass_used",
        _("one-day pick-up pass used"),
        lambda scene: {"name": "Fatima", "on": FIRST, "used_at": AT},
    ),
    Kind("pickup_alert", _("the team goes to a room now"), met),
    Kind("tomorrow", _("evening before a class (opt-in)"), classes),
    Kind("weekly", _("weekly email (opt-in)"), week),
    Kind("survey", _("three questions when a course has ended"), lambda scene: {"token": "…"}),
    Kind(
        "team_morning",
        _("managers' morning report"),
        lambda scene: {
            "today": FIRST,
            "few": [scene.session],
            "full": [scene.session],
            "calls": 2,
            "failed": 1,
            "faults": 0,
            "pages": [title_of(scene)],
        },
    ),
    Kind(
        "plan_failed",
        _("planned page that could not be published"),
        lambda scene: {
            "plan": SimpleNamespace(
                page=SimpleNamespace(title=title_of(scene)),
                is_end=False,
                due_at=AT,
                edit_url="/cms/pages/1/edit/",
            ),
            "fault": "…",
        },
    ),
    Kind(
        "message",
        _("message from the team"),
        lambda scene: {
            "children": [scene.child],
            "text": "…",
            "name": "Hajar Exemple",
            "meeting": None,
            "is_other": False,
        },
    ),
    Kind(
        "payment_noted",
        _("payment received, or refunded"),
        lambda scene: {
            "receipt": Receipt(
                year=2026, number=41, reference=scene.row.reference, amount=scene.row.price, at=AT
            ),
        },
    ),
    Kind("consent_again", _("consent requested again"), lambda scene: {"title": "…"}),
    Kind(
        "export_ready",
        _("copy of the family's data is ready"),
        lambda scene: {"until": AT + timedelta(hours=24)},
    ),
    Kind("export_failed", _("copy of the family's data could not be created")),
    Kind(
        "collection_changed",
        _("pick-up list changed"),
        lambda scene: {"names": ["Fatima"], "alone": False, "by": "Salwa"},
    ),
    Kind("guardian_added", _("guardian added to follow a child"), named()),
    Kind("guardian_added_at_desk", _("guardian added at the front desk"), named()),
    Kind("guardian_raised", _("guardian given full rights"), named()),
    Kind(
        "invitation_returned", _("invitation that came back"), lambda scene: {"address": "karim@example.org"}
    ),
    Kind("guardian_ended", _("guardian no longer follows a child"), named(left=True)),
    Kind("merge_asked", _("possible duplicate files of a child: question")),
    Kind("merged", _("duplicate files merged")),
    Kind("erasure_asked", _("request to delete a child's file: question"), named()),
    Kind("account_opened", _("account opened at the front desk")),
    Kind(
        "invitation",
        _("invitation to become a child's guardian"),
        lambda scene: {"token": "…", "by": "Salwa"},
    ),
    Kind(
        "team_invitation",
        _("invitation to join the team"),
        lambda scene: {"token": "…", "role": "Instructors", "by": "Salwa"},
    ),
)


KINDS += tuple(Kind(code, label) for code, (_template, label) in LOGIN.items())


def sample(code: str, language: str) -> Letter | None:
    """Return an unsaved sample of that kind in that language; None for an unknown kind or language."""
    kind = next((kind for kind in KINDS if kind.code == code), None)
    if kind is None or language not in dict(settings.LANGUAGES):
        return None
    scene = invented()
    reader = get_user_model()(pk=1, name="Samira Exemple", email="samira@example.org", language=language)
    if code in LOGIN:
        subject, body = login_sample(code, language)
        return Letter(
            pk=12,
            kind=Letter.ACCOUNT,
            language=language,
            subject=subject,
            body=body,
            recipient=reader,
            written_at=AT,
        )
    subject, body = outbox.preview(
        code,
        language=language,
        at=AT,
        reader=reader,
        child=scene.child,
        session=scene.session,
        is_preview=True,
        **kind.words(scene),
    )
    return Letter(
        pk=12, kind=code, language=language, subject=subject, body=body, recipient=reader, written_at=AT
    )


def shown() -> list[tuple[Kind, list[tuple[str, str]]]]:
    """Return each kind with its subject in every language: (language, subject)."""
    return [
        (
            kind,
            [
                (code, letter.subject)
                for code, _name in settings.LANGUAGES
                if (letter := sample(kind.code, code))
            ],
        )
        for kind in KINDS
    ]
