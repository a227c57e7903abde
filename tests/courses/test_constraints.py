"""Database constraints of course data, timetable, people and places."""

from datetime import date, time, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import F

from courses.models import (
    AgeBand,
    Closure,
    Course,
    Lesson,
    Meeting,
    Session,
    Term,
)
from enrollments.models import (
    Child,
    ChildInPhoto,
    Enrollment,
    Guardianship,
    Incident,
    Presence,
    SurveyAnswer,
)
from tests.courses.conflicting_rows import (
    NOW,
    a_block,
    a_guest_twice,
    a_merge,
    a_policy_version,
    a_prerequisite,
    a_presence,
    a_project,
    a_receipt,
    a_used_survey_with_its_guardian,
    a_work,
    an_empty_message,
    certificate,
    change,
    enrollment,
    hours,
    seen,
    twin,
    two_agreements,
    two_certificates,
    two_live_enrollments,
    two_make_ups,
    two_merge_agreements,
    two_merge_proposals,
    two_notes,
    two_on_one_ticket,
    two_open_feeds,
    two_recommendations,
    two_surveys,
    two_texts_in_one_language,
    two_ties,
    two_waivers,
    two_words_on_one_level,
)
from tests.factories import (
    AgeBandFactory,
    ChildFactory,
    ClosureFactory,
    CourseFactory,
    GuardianshipFactory,
    LessonFactory,
    SessionFactory,
    TermFactory,
    UserFactory,
)
from tests.prints import IMPOSSIBLE_PRINTS
from tests.works import a_photo, a_story

pytestmark = pytest.mark.django_db


REFUSED = {
    "observation_once_per_class": lambda: seen(
        child=(one := seen()).child, skill=one.skill, meeting=one.meeting
    ),
    "observation_of_four_levels": lambda: seen(level=5),
    "class_note_once": two_notes,
    "make_up_once_per_missed": lambda: two_make_ups("missed"),
    "make_up_once_per_host": lambda: two_make_ups("host"),
    "certificate_valid_once": two_certificates,
    "certificate_erased_without_a_name": lambda: certificate(code=None),
    "certificate_revoked_for_a_reason": lambda: certificate(revoked_at=NOW),
    "incident_signed_at_a_moment": lambda: Incident.objects.create(
        child=ChildFactory(),
        happened_at=NOW,
        what="x",
        done="x",
        told="x",
        written_at=NOW,
        written_by_ref=1,
        countersigned_at=NOW,
    ),
    "presence_once_per_meeting": lambda: change(
        Presence, a_presence(child=(one := a_presence()).child), meeting=one.meeting
    ),
    "presence_known_mark": lambda: a_presence(mark="here"),
    "presence_minutes_of_late_or_left": lambda: a_presence(mark="present", minutes=5),
    "presence_home_at_a_moment": lambda: a_presence(mark="present", went_home="alone"),
    "presence_spoken_with_known": lambda: a_presence(spoken_with="nobody"),
    "lessonblock_team_only": lambda: a_block(kind="tip", for_learner=True),
    "lessonblock_child_only": lambda: a_block(kind="step"),
    "lessonblock_family_only": lambda: a_block(kind="ask", for_learner=True),
    "message_says_something": an_empty_message,
    "project_added_once": lambda: twin(a_project()),
    "project_has_a_title": lambda: a_project(title=""),
    "project_link_is_https": lambda: a_project(link="http://example.org"),
    "project_file_once": lambda: twin(a_work(), stored_as="y"),
    "project_file_not_empty": lambda: a_work(size=0),
    "showcase_story_has_a_title": lambda: a_story(title=""),
    "class_photo_once": lambda: twin(a_photo(), stored_as="y"),
    "class_photo_not_empty": lambda: a_photo(size=0),
    "child_in_photo_once": lambda: twin(ChildInPhoto.objects.create(photo=a_photo(), child=ChildFactory())),
    **IMPOSSIBLE_PRINTS,
    "feed_one_open_per_child": lambda: two_open_feeds(ChildFactory()),
    "feed_one_open_of_own": lambda: two_open_feeds(None),
    "guest_once_per_session": a_guest_twice,
    "session_code_opens_one": lambda: [
        change(Session, SessionFactory(), access_code="7K3QP2MN") for _again in range(2)
    ],
    "receipt_once_per_number": lambda: [a_receipt(), a_receipt()],
    "receipt_takes_or_gives_back": lambda: a_receipt(amount=-5),
    "waiver_once_per_obstacle": two_waivers,
    "enrollment_offered_until_a_moment": lambda: change(Enrollment, enrollment(), state="offered"),
    "enrollment_leaves_from_a_seat": lambda: change(Enrollment, enrollment(state="waiting"), leaves_at=NOW),
    "merge_proposed_once": two_merge_proposals,
    "merge_agreed_once": two_merge_agreements,
    "merge_of_two_files": lambda: a_merge(child := ChildFactory(), child),
    "child_born_unless_erased": lambda: change(Child, ChildFactory(), birth_date=None),
    "child_erased_without_a_name": lambda: change(Child, ChildFactory(), erased_at=NOW),
    "policy_version_once_per_number": lambda: [a_policy_version(), a_policy_version()],
    "policy_text_once_per_language": two_texts_in_one_language,
    "erasure_agreed_once": two_agreements,
    "ageband_from_before_to": lambda: change(AgeBand, AgeBandFactory(), min_age=12, max_age=11),
    "ageband_for_children": lambda: change(AgeBand, AgeBandFactory(), max_age=19),
    "course_price_not_negative": lambda: change(Course, CourseFactory(), price=-1),
    "course_has_meetings": lambda: change(Course, CourseFactory(), meetings_count=0),
    "prerequisite_names_its_course": lambda: a_prerequisite(kind="course"),
    "prerequisite_not_itself": lambda: a_prerequisite(kind="course", required_course="itself"),
    "prerequisite_level_of_four": lambda: a_prerequisite(kind="skills", level=5),
    "lesson_one_per_number": lambda: twin(LessonFactory()),
    "lesson_counted_from_one": lambda: change(Lesson, LessonFactory(), number=0),
    "term_starts_before_it_ends": lambda: change(
        Term, TermFactory(), ends_on=F("starts_on") - timedelta(days=1)
    ),
    "hours_one_line_per_opening": lambda: [hours(), hours()],
    "hours_open_before_close": lambda: hours(opens=time(18), closes=time(18)),
    "closure_starts_before_it_ends": lambda: change(Closure, ClosureFactory(), ends_on=date(2000, 1, 1)),
    "session_never_overbooked": lambda: change(
        Session, SessionFactory(capacity=2, held_back=0), seats_taken=3, held_back=0
    ),
    "session_keeps_its_held_places": lambda: change(
        Session, SessionFactory(capacity=2), seats_taken=1, held_back=2
    ),
    "session_minimum_within_capacity": lambda: change(Session, SessionFactory(capacity=2), minimum=3),
    "session_price_not_negative": lambda: change(Session, SessionFactory(), price=-1),
    "session_opens_before_it_closes": lambda: change(Session, SessionFactory(), opens_at=NOW, closes_at=NOW),
    "session_starts_before_it_ends": lambda: change(
        Session, SessionFactory(), starts=time(15), ends=time(15)
    ),
    "session_first_day_before_last": lambda: change(Session, SessionFactory(), last_on=date(2000, 1, 1)),
    "session_tickets_from_one": lambda: change(Session, SessionFactory(), next_ticket=0),
    "meeting_one_per_number": lambda: SessionFactory().meetings.update(number=1),
    "meeting_starts_before_it_ends": lambda: change(
        Meeting, SessionFactory().meetings.first(), starts=time(20)
    ),
    "meeting_instants_in_order": lambda: change(
        Meeting, SessionFactory().meetings.first(), ends_at=F("starts_at")
    ),
    "guardianship_once_per_pair": two_ties,
    "guardianship_known_rights": lambda: change(Guardianship, GuardianshipFactory(), rights="all"),
    "enrollment_one_live_per_child_and_session": two_live_enrollments,
    "enrollment_one_per_ticket": two_on_one_ticket,
    "enrollment_known_state": lambda: change(Enrollment, enrollment(), state="dreaming"),
    "enrollment_seated_since_a_moment": lambda: change(Enrollment, enrollment(), seated_at=None),
    "enrollment_refund_within_price": lambda: change(Enrollment, enrollment(), refund_amount=101),
    "enrollment_price_not_negative": lambda: change(Enrollment, enrollment(), price=-1),
    "equivalence_once_per_course": two_words_on_one_level,
    "recommendation_once_per_course": two_recommendations,
    "survey_once_per_guardian": two_surveys,
    "survey_used_names_nobody": a_used_survey_with_its_guardian,
    "survey_answer_of_the_choices": lambda: SurveyAnswer.objects.create(
        course=CourseFactory(), liked=5, again=1, ended_on=NOW.date()
    ),
}


# SQLite names the columns of a broken uniqueness, not the constraint.
UNIQUE = {"UNIQUE constraint failed"}


OVERLAPPING = {
    "session_never_overbooked": {"session_keeps_its_held_places"},
    "enrollment_known_state": {"enrollment_seated_since_a_moment"},
    "enrollment_offered_until_a_moment": {"enrollment_seated_since_a_moment"},
}  # both are true of such a row; either may speak


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_itself_refuses(name):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        REFUSED[name]()
    said = str(refusal.value)
    assert any(word in said for word in {name, *OVERLAPPING.get(name, ()), *UNIQUE}), said


def test_every_constraint_of_the_house_is_tried_here():
    named = {
        constraint.name
        for app in ("courses", "enrollments")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    assert named - set(REFUSED) == set()


def test_seats_below_zero_are_refused():
    session = SessionFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(seats_taken=F("seats_taken") - 1)


def test_an_ended_enrollment_leaves_room_for_a_new_one():
    row = enrollment(state="withdrawn")
    twin(row, ticket=2, state="seated", seated_at=NOW)
    assert Enrollment.objects.count() == 2


def test_one_address_has_one_account_whatever_its_capitals():
    UserFactory(email="salma@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(email="Salma@Example.org")
