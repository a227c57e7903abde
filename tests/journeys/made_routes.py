"""The routes that show what children learn and make, on the furnished demonstration; tests/journeys/routes.py
holds the others.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from academy.demo.classes import IN_FULL
from academy.demo.places import ADAMS_SESSIONS
from academy.demo.season import sessions_by_key
from courses.timetable import lesson_plan
from enrollments.classes import surveys
from enrollments.models import Certificate, Child, ClassPhoto, PrintJob, Project, ShowcaseStory, SurveyLink
from enrollments.models import Printer as Printer3D
from enrollments.portfolio import class_photos, showcase
from tests.works import photo_of

VISITOR, PARENT, MANAGER = None, "parent@example.org", "manager@example.org"


def made_pages(language) -> list[tuple[str, str | None, str]]:
    """Return name, user and URL of each page, one for each template."""
    at, sessions = timezone.now(), sessions_by_key()
    manager = get_user_model().objects.get(email=MANAGER)
    adam = Child.objects.get(guardians__email=PARENT, first_name="Adam")
    running, ended = sessions[ADAMS_SESSIONS[-1]], sessions[IN_FULL]
    photo = ClassPhoto.objects.get()
    here = [photo.meeting_id, adam.pk]
    hidden = photo_of(photo.meeting, [adam], manager, at=at)
    class_photos.hide(hidden, child=adam, by=manager, at=at)
    project = Project.objects.filter(child=adam, files__kind="stl").get()
    learnt = Project.objects.filter(child=adam, meeting__session=running).get()
    certificate = Certificate.objects.get(child=adam)
    story = ShowcaseStory.objects.filter(project=project).get()
    link = SurveyLink.objects.create(
        session=ended,
        guardian=adam.guardians.get(email=PARENT),
        asked_hash="a" * 64,
        expires_at=at + timedelta(days=30),
    )
    other = next(session for session in sessions.values() if lesson_plan.differences(session, at))
    desk = {
        "desk_prints": [],
        "desk_print": [PrintJob.objects.get(state="asked").pk],
        "desk_child_prints": [adam.pk],
        "desk_printers": [],
        "desk_printer": [Printer3D.objects.first().pk],
        "desk_photos": [photo.meeting_id],
        "desk_photo_erase": [photo.meeting_id, photo.pk],
        "desk_child_progress": here,
        "desk_report": here,
        "desk_projects": here,
        "desk_project_erase": [*here, learnt.pk],
    }
    office = {
        "office_surveys": [],
        "office_coverage": [],
        "office_coverage_course": [running.course_id],
        "office_session_lessons": [other.pk],
        "office_certificates": [ended.pk],
        "office_certificate": [certificate.pk],
        "office_certificate_revoke": [certificate.pk],
        "office_report": [adam.pk, ended.term_id],
        "office_photos": [],
        "office_showcase": [],
        "office_showcase_story": [showcase.choices(at)[0].pk],
    }
    family = {
        "project": [project.pk],
        "project_change": [project.pk],
        "project_erase": [project.pk],
        "project_file_erase": [project.pk, project.files.last().pk],
        "child_photos": [adam.pk],
        "photo_remove": [photo.pk],
        "child_progress": [adam.pk],
        "certificate": [adam.pk, certificate.pk],
        "child_report": [adam.pk, ended.term_id],
    }
    public = {
        "showcase": [],
        "showcase_remove": [story.code],
        "certificate_check": [certificate.code],
        "survey": [surveys.token_for(link)],
    }
    doors = ((MANAGER, desk | office), (PARENT, family), (VISITOR, public))
    with override(language):
        return [
            (name, who, reverse(name, args=arguments))
            for who, names in doors
            for name, arguments in names.items()
        ]
