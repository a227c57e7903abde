"""Each route that shows a page, with the user who sees it, on the furnished demonstration."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from courses.models import CoursePage, Lesson, LessonPage, Meeting, Session
from enrollments.classes import incidents, messages, pickup_passes, register, room_codes, roster
from enrollments.classes.schedule import class_meetings, open_rosters, taught_by
from enrollments.families import guardians, login_cards, pickup, safety_notes
from enrollments.families.children import add_child
from enrollments.letters import preferences
from enrollments.models import Child, Enrollment, Guardianship, Letter, PlaceCheck
from enrollments.money import receipts
from enrollments.permissions import EDITOR as EDITOR_ROLE
from enrollments.permissions import INSTRUCTOR as INSTRUCTOR_ROLE
from enrollments.places import (
    admission,
    offer_links,
    overrides,
    private_sessions,
    session_merge,
    waiting_list,
    withdrawal,
)
from enrollments.places.eligibility import know, obstacles
from enrollments.privacy import child_merge
from enrollments.staff import team
from home.cms.pages import language_of
from home.models import AcademySettings
from tests.classes import begin
from tests.factories import GuardianshipFactory
from tests.journeys.made_routes import made_pages

VISITOR, PARENT, INSTRUCTOR, DESK = None, "parent@example.org", "instructor@example.org", "desk@example.org"
MANAGER = "manager@example.org"


def a_page_of(model, language, **facts):
    return next(
        page for page in model.objects.live().filter(**facts) if language_of(page.locale_id) == language
    ).get_url()


def session_for(email) -> Session:
    """Return a session one of this guardian's children can join now."""
    children, at = list(Child.objects.filter(guardians__email=email)), timezone.now()
    sessions = list(Session.objects.published().with_facts().current(timezone.localdate(at)))
    known = know(children, sessions, at)
    return next(
        s for s in sessions for c in children if not obstacles(child=c, session=s, at=at, known=known)
    )


def pages(language) -> list[tuple[str, str | None, str]]:
    """Return name, user and URL of each route that shows a page."""
    parent_session = session_for(PARENT)
    own = Session.objects.filter(
        instructors__email=INSTRUCTOR, cancelled_at=None, meetings__starts_at__gt=timezone.now()
    ).first()
    return [
        ("home", VISITOR, f"/{language}/"),
        ("catalogue", VISITOR, f"/{language}/cours/"),
        ("course", VISITOR, a_page_of(CoursePage, language, course__code="CODE-A")),
        ("login", VISITOR, f"/{language}/account/login/"),
        ("signup", VISITOR, f"/{language}/account/signup/"),
        ("family", PARENT, f"/{language}/family/"),
        ("enroll", PARENT, f"/{language}/family/enroll/{parent_session.pk}/"),
        ("desk", INSTRUCTOR, f"/{language}/desk/"),
        ("office", DESK, f"/{language}/office/"),
        ("course of 12 to 14", VISITOR, a_page_of(CoursePage, language, course__code="CODE-C")),
        ("lesson", VISITOR, a_page_of(LessonPage, language, lesson__course__code="CODE-A", lesson__number=1)),
        ("catalogue, filtered", VISITOR, f"/{language}/cours/?age=8&q=robot"),
        ("catalogue, empty", VISITOR, f"/{language}/cours/?age=6"),
        ("finder", VISITOR, f"/{language}/finder/"),
        ("questions", VISITOR, f"/{language}/questions/"),
        ("contact", VISITOR, f"/{language}/contact/"),
        ("practical", VISITOR, f"/{language}/infos-pratiques/"),
        ("team", VISITOR, f"/{language}/equipe/"),
        ("flyer", VISITOR, f"/{language}/flyer/CODE-A/"),
        ("missing", VISITOR, f"/{language}/nulle-part/"),
        ("reset", VISITOR, f"/{language}/account/password/reset/"),
        ("add a child", PARENT, f"/{language}/family/children/add/"),
        ("roster", INSTRUCTOR, f"/{language}/desk/sessions/{own.pk}/"),
        ("office sessions", DESK, f"/{language}/office/sessions/"),
        ("office roster", DESK, f"/{language}/office/sessions/{own.pk}/"),
        *family_pages(language),
        *office_pages(language),
        *place_pages(language),
        *made_pages(language),
    ]


def place_pages(language) -> list[tuple[str, str | None, str]]:
    """Return pages with offers answered, places given up and moved, and their office views."""
    at = timezone.now()
    manager, parent = (get_user_model().objects.get(email=email) for email in (MANAGER, PARENT))
    session = session_for(PARENT)
    child = next(
        c for c in Child.objects.filter(guardians=parent) if not obstacles(child=c, session=session, at=at)
    )
    held = admission.enroll(child=child, session=session, by=parent, at=at)
    full = next(
        s
        for s in Session.objects.published().with_facts().filter(waiting_count__gt=0, cancelled_at=None)
        if waiting_list.may_offer(s, at)
    )
    overrides.set_seats(full, full.capacity + 1, full.held_back, reason="room", by=manager, at=at)
    offered = Enrollment.objects.filter(session=full, state="offered").first()
    guardian = offered.child.guardians.first()
    Enrollment.objects.filter(pk=offered.pk).update(offer_kind="call")
    PlaceCheck.objects.create(
        at=at, sessions=36, faults=["invariant 1, session 3: counts 2 seats, the rows say 1"]
    )
    receipt = receipts.receive(
        held.reference, amount=Decimal(500), method="cash", payer=parent, by=manager, at=at, form_key=uuid4()
    )
    here = Session.objects.filter(cancelled_at=None, seats_taken__gt=0).exclude(pk__in=[session.pk, full.pk])
    here, into = next(
        (one, session_merge.targets(one, at)[0])
        for one in here.with_facts()
        if session_merge.targets(one, at)
    )
    gone = next(
        one
        for one in Session.objects.filter(cancelled_at=None, seats_taken__gt=0, over_at__gt=at).exclude(
            pk__in=[session.pk, full.pk, here.pk, into.pk]
        )
    )
    withdrawal.cancel_session(gone, by=manager, at=at, reason="too_few")
    teacher = get_user_model().objects.get(email=INSTRUCTOR)
    mine = Session.objects.get(pk=open_rosters(teacher, at).first())
    private = private_sessions.close(into, by=manager, at=at)
    with override(language):
        return [
            ("session_code", PARENT, reverse("session_code")),
            (
                "session_link",
                PARENT,
                reverse("session_link", args=[private_sessions.told(private.access_code)]),
            ),
            ("office_session_unite", MANAGER, reverse("office_session_unite", args=[here.pk, into.pk])),
            ("office_session_answers", DESK, reverse("office_session_answers", args=[gone.pk])),
            ("office_session_places, private", MANAGER, reverse("office_session_places", args=[private.pk])),
            ("letter_wishes", PARENT, reverse("letter_wishes")),
            ("end_letters", VISITOR, reverse("end_letters", args=[preferences.token_for(parent, "weekly")])),
            ("family_calendar", PARENT, reverse("family_calendar")),
            *register_pages(teacher, at),
            ("desk_write", INSTRUCTOR, reverse("desk_write", args=[mine.pk])),
            (
                "desk_message",
                INSTRUCTOR,
                reverse(
                    "desk_message", args=[messages.write(mine, texts={"fr": "Bonjour"}, by=teacher, at=at).pk]
                ),
            ),
            ("desk_calendar", INSTRUCTOR, reverse("desk_calendar")),
            (
                "office_day_pack",
                MANAGER,
                f"{reverse('office_day_pack')}?day={mine.meetings.filter(starts_at__gt=at).first().on:%Y-%m-%d}",
            ),
            (
                "office_close_day",
                MANAGER,
                f"{reverse('office_close_day')}?day={full.meetings.last().on:%Y-%m-%d}&name=x&venue=",
            ),
            ("office_shift_hours", MANAGER, reverse("office_shift_hours")),
            ("office_closed_days", MANAGER, reverse("office_closed_days")),
            ("office_untaught", DESK, reverse("office_untaught")),
            ("office_letters", DESK, reverse("office_letters") + "?state=queued"),
            (
                "office_letter",
                DESK,
                reverse("office_letter", args=[Letter.objects.filter(kind="offer").first().pk]),
            ),
            ("office_letter_kinds", MANAGER, reverse("office_letter_kinds")),
            (
                "office_letter_kind",
                MANAGER,
                reverse("office_letter_kind", args=["sessions_united", language]),
            ),
            ("office_clockwork", MANAGER, reverse("office_clockwork")),
            ("office_refunds", MANAGER, reverse("office_refunds")),
            ("office_unpaid", DESK, reverse("office_unpaid")),
            ("offer", VISITOR, reverse("offer", args=[offer_links.token_for(offered, guardian)])),
            ("place_leave", PARENT, reverse("place_leave", args=[held.pk])),
            ("place_move", PARENT, reverse("place_move", args=[held.pk])),
            ("enrollment", PARENT, reverse("enrollment", args=[held.reference])),
            ("office_till", DESK, reverse("office_till", args=[held.reference])),
            ("office_receipt", DESK, reverse("office_receipt", args=[receipt.pk])),
            ("office_credit_note", MANAGER, reverse("office_credit_note", args=[receipt.pk])),
            ("fitting", PARENT, reverse("fitting")),
            ("basket, empty", PARENT, reverse("basket")),
            ("office_calls", DESK, reverse("office_calls")),
            ("office_checks", DESK, reverse("office_checks")),
            ("office_enroll", DESK, reverse("office_enroll", args=[child.pk])),
            ("office_place", MANAGER, reverse("office_place", args=[held.pk])),
            (
                "office_place, waiting",
                MANAGER,
                reverse("office_place", args=[Enrollment.objects.filter(state="waiting").first().pk]),
            ),
            ("office_session_places", MANAGER, reverse("office_session_places", args=[full.pk])),
            ("office_session_cancel", MANAGER, reverse("office_session_cancel", args=[full.pk])),
            ("office_decisions", MANAGER, reverse("office_decisions")),
            ("office_waive", MANAGER, reverse("office_waive", args=[child.pk, full.pk])),
        ]


def register_pages(teacher, at) -> list[tuple[str, str | None, str]]:
    """Return a class with marks, a remark, a departure and an unaccounted child, in the reader's language."""
    meeting = (
        class_meetings(teacher, at)
        .filter(taught_by(teacher), session__cancelled_at=None)
        .order_by("starts_at")
        .last()
    )
    meeting = begin(meeting, at - timedelta(minutes=30))
    first, second, third, *_more = [line.child for line in roster.lines(meeting)]
    for child, mark in ((first, "present"), (second, "late")):
        register.mark(meeting, child.pk, mark=mark, seen=0, key=uuid4(), remark="x", by=teacher, at=at)
    register.announce(third, meeting, what="late", by=third.guardians.first(), at=at)
    pickup.bar(
        first, name="Hamid Exemple", guardian=None, paper="judgment", seen_on=at.date(), by=teacher, at=at
    )
    academy = AcademySettings.ours()
    academy.cndp_number = "D-1/2026"  # notes may be taken
    academy.save()
    parts = {"may_happen": "x", "what_to_do": "x", "medicine": "", "whom_to_call": "x"}
    safety_notes.write_note(first, parts=parts, by=first.guardians.first(), at=at)
    coming = class_meetings(teacher, at).filter(taught_by(teacher), starts_at__gt=at).first()
    mine = Child.objects.filter(guardians__email=PARENT).order_by("pk").first()
    parent = get_user_model().objects.get(email=PARENT)
    day = pickup_passes.class_days(mine, at)[0]
    _pass, token = pickup_passes.give(mine, name="Fatima Exemple", on=day, by=parent, at=at)
    note = incidents.write(mine, None, happened_at=at, what="x", done="x", told="x", by=teacher, at=at)
    drawn = Lesson.objects.get(course__code="CODE-B", number=3)
    Meeting.objects.filter(pk=meeting.pk).update(lesson=drawn)
    GuardianshipFactory(child=first, guardian=parent, rights="informed")
    room = room_codes.code_of(meeting)
    return [
        ("desk_lesson_child", MANAGER, reverse("desk_lesson_child", args=[drawn.pk])),
        ("desk_room", INSTRUCTOR, reverse("desk_room", args=[meeting.pk])),
        ("room", VISITOR, reverse("room")),
        ("certificate_code", VISITOR, reverse("certificate_code")),
        ("room_lesson", VISITOR, reverse("room_lesson", args=[room])),
        ("child_lesson", PARENT, reverse("child_lesson", args=[first.pk, meeting.pk])),
        ("child_lesson_steps", PARENT, reverse("child_lesson_steps", args=[first.pk, meeting.pk])),
        ("desk_register", INSTRUCTOR, reverse("desk_register", args=[meeting.pk])),
        ("desk_child", INSTRUCTOR, reverse("desk_child", args=[meeting.pk, first.pk])),
        ("desk_note", INSTRUCTOR, reverse("desk_note", args=[meeting.pk, first.pk])),
        ("desk_after", INSTRUCTOR, reverse("desk_after", args=[meeting.pk])),
        ("desk_papers", INSTRUCTOR, reverse("desk_papers", args=[meeting.pk])),
        ("desk_incident", INSTRUCTOR, reverse("desk_incident", args=[meeting.pk, first.pk])),
        ("desk_move", INSTRUCTOR, reverse("desk_move", args=[coming.pk])),
        ("desk_told", INSTRUCTOR, reverse("desk_told", args=[meeting.pk])),
        ("desk_teachers", MANAGER, reverse("desk_teachers", args=[coming.pk])),
        ("desk_offline", VISITOR, reverse("desk_offline")),
        ("family_offline", VISITOR, reverse("family_offline")),
        ("desk_practice", INSTRUCTOR, reverse("desk_practice")),
        ("office_make_up", DESK, reverse("office_make_up", args=[mine.pk])),
        ("office_week", DESK, reverse("office_week")),
        ("office_incidents", MANAGER, reverse("office_incidents")),
        ("pickup_pass", VISITOR, reverse("pickup_pass", args=[token])),
        ("incident", PARENT, reverse("incident", args=[note.pk])),
        ("child_pass", PARENT, reverse("child_pass", args=[mine.pk])),
        ("child_make_up", PARENT, reverse("child_make_up", args=[mine.pk])),
        ("desk_evacuation", INSTRUCTOR, reverse("desk_evacuation")),
    ]


def family_pages(language) -> list[tuple[str, str | None, str]]:
    """Return a parent's other pages, besides the family page and enrolling."""
    child = Child.objects.filter(guardians__email=PARENT).order_by("pk").first()
    tie = Guardianship.objects.get(child=child, guardian__email=PARENT)
    _invitation, token = guardians.invite(
        children=[child], relation="other", rights="informed", email="", by=tie.guardian, at=timezone.now()
    )
    of_child = (
        "child",
        "child_projects",
        "project_add",
        "child_change",
        "child_collection",
        "child_safety",
        "child_guardians",
        "guardian_leave",
        "child_consents",
        "child_erase",
    )
    own = (
        "consents",
        "consent_history",
        "confirm_data",
        "privacy",
        "account_erase",
        "account_details",
        "account_email",
        "account_change_password",
        "usersessions_list",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "account_logout",
    )
    with override(language):
        return [
            *((name, PARENT, reverse(name, args=[child.pk])) for name in of_child),
            *((name, PARENT, reverse(name)) for name in own),
            ("invitation", VISITOR, reverse("invitation", args=[token])),
            ("terms", VISITOR, reverse("policy", args=["terms"])),
        ]


def office_pages(language) -> list[tuple[str, str | None, str]]:
    """Return the family pages of the front desk and managers."""
    tie = Guardianship.objects.filter(guardian__email=PARENT).first()
    alone = get_user_model().objects.create_user(
        None, name="Fatna Démonstration", phone="+212600000099", is_demo=True
    )
    _card, token = login_cards.issue(alone, by=alone, at=timezone.now())
    colleague, manager = (get_user_model().objects.get(email=email) for email in (INSTRUCTOR, MANAGER))
    _invitation, offer = team.invite(
        email="rim@example.org",
        name="Rim Démonstration",
        role=EDITOR_ROLE,
        language="fr",
        by=manager,
        at=timezone.now(),
    )
    of_child = (
        "office_child",
        "office_birth_date",
        "office_child_consents",
        "office_safety_note",
        "office_collection",
        "office_guardian_add",
    )
    by_manager = ("office_barred", "office_child_erase")
    twin = add_child(
        first_name="Twin", last_name=tie.child.last_name, birth_date=tie.child.birth_date, by=tie.guardian
    )
    twin.guardianships.create(guardian=alone)
    child_merge.propose(tie.child, twin, by=manager, at=timezone.now())
    with override(language):
        return [
            ("child_merge", PARENT, reverse("child_merge", args=[twin.pk])),
            ("office_merge", DESK, reverse("office_merge", args=[tie.child_id, twin.pk])),
            ("office_people", DESK, reverse("office_people") + "?q=tanjaoui"),
            ("office_people, empty", DESK, reverse("office_people") + "?q=zzzzzz"),
            ("office_new_family", DESK, reverse("office_new_family")),
            *(
                (name, DESK, reverse(name, args=[tie.guardian_id]))
                for name in ("office_person", "office_person_change")
            ),
            ("office_child_add", DESK, reverse("office_child_add", args=[tie.guardian_id])),
            ("office_card", DESK, reverse("office_card", args=[alone.pk])),
            *((name, DESK, reverse(name, args=[tie.child_id])) for name in of_child),
            *((name, MANAGER, reverse(name, args=[tie.child_id])) for name in by_manager),
            (
                "office_guardian_remove",
                MANAGER,
                reverse("office_guardian_remove", args=[tie.child_id, tie.pk]),
            ),
            ("office_team", MANAGER, reverse("office_team")),
            ("office_rescue", MANAGER, reverse("office_rescue", args=[colleague.pk])),
            ("office_role_take", MANAGER, reverse("office_role_take", args=[colleague.pk, INSTRUCTOR_ROLE])),
            ("team_invitation", VISITOR, reverse("team_invitation", args=[offer])),
            ("office_policies", MANAGER, reverse("office_policies")),
            ("office_policy", MANAGER, reverse("office_policy", args=["terms"])),
            ("login_card", VISITOR, reverse("login_card", args=[token])),
        ]
