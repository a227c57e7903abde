"""The names of downloads: in the reader's language, with ASCII letters beside it, without a surname."""

import io
import re
import zipfile
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import Meeting
from enrollments.learning import certificates
from enrollments.privacy import copy_files, data_export
from enrollments.views.paper_responses import disposition
from tests.classes import put
from tests.factories import ChildFactory, LessonFactory, SessionFactory
from tests.queues import DAY, join
from tests.works import made_by, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings", "data_folder")]
NAMED = re.compile(r"(inline|attachment); filename=\"([\x20-\x7e]+)\"; filename\*=UTF-8''([\x21-\x7e]+)")
SURNAME = "Zerhouniya"


@pytest.fixture
def papers(parent, manager, now):
    """What a family can download of a child with a finished course: (route, arguments, kind)."""
    over = SessionFactory(first_on=timezone.localdate(now) - timedelta(days=28))
    child = ChildFactory(guardian=parent, first_name="Salma", last_name=SURNAME)
    join(over, child, at=over.first_at - 9 * DAY, by=None)
    over.meetings.update(lesson=LessonFactory(course=over.course))
    for meeting in Meeting.objects.filter(session=over).select_related("session"):
        put(meeting, child, "present", by=manager, at=meeting.starts_at)
    (row,) = certificates.issue(over, {child.pk: ""}, by=manager, at=now)
    made_by(child, parent, sent(), title="Robot")
    meeting = over.meetings.first()
    return [
        ("child_projects_zip", [child.pk], "attachment"),
        ("child_progress_pdf", [child.pk], "inline"),
        ("child_report_pdf", [child.pk, over.term_id], "inline"),
        ("certificate_pdf", [child.pk, row.pk], "inline"),
        ("certificate_badge", [child.pk, row.pk], "inline"),
        ("child_lesson_pdf", [child.pk, meeting.pk], "inline"),
        ("reference_paper", [child.enrollments.get().reference], "inline"),
    ]


def test_every_download_of_a_family_is_named_in_its_language_and_without_a_surname(logged_in, parent, papers):
    client, names = logged_in(parent), {}
    for language in ("fr", "ar"):
        with translation.override(language):
            for route, keys, kind in papers:
                answer = client.get(reverse(route, args=keys))
                body = answer.getvalue()
                found = NAMED.fullmatch(answer["Content-Disposition"])
                assert answer.status_code == 200 and found and found[1] == kind, route
                names[language, route] = unquote(found[3])
                assert SURNAME not in answer["Content-Disposition"], route
                extension = found[2].rpartition(".")[2]
                assert names[language, route].endswith(f".{extension}"), route
                if route == "child_projects_zip":
                    inside = zipfile.ZipFile(io.BytesIO(body)).namelist()
                    assert any(
                        name.endswith({"fr": "/texte.txt", "ar": "/نص.txt"}[language]) for name in inside
                    )
    for route, _keys, _kind in papers:
        if route != "child_lesson_pdf":  # the title of this lesson is written once
            assert names["fr", route] != names["ar", route], route
    assert names["fr", "child_projects_zip"] == "Projets Salma.zip"
    assert names["fr", "certificate_badge"].startswith("Badge ")


def test_the_copy_of_ones_data_is_named_in_its_owners_language(parent, papers):
    type(parent).objects.filter(pk=parent.pk).update(language="ar")
    parent.refresh_from_db()
    copy = data_export.make(parent, at=timezone.now())
    with copy_files.storage().open(copy_files.name_of(copy)) as file, zipfile.ZipFile(file) as packed:
        names = packed.namelist()
    assert any(re.fullmatch(r"المشاريع/C-\d+ Salma/.+/نص\.txt", name) for name in names), names
    assert not any(SURNAME in name for name in names)


@pytest.mark.parametrize("shown", ['a"b', "a\r\nSet-Cookie: x", "../../etc", "a;b", "é" * 300, "\u202e", " "])
def test_no_name_leaves_its_header(shown):
    header = disposition("inline", "a.pdf", shown)
    assert re.fullmatch(r"inline; filename=\"a\.pdf\"(; filename\*=UTF-8''[A-Za-z0-9%._~-]+)?", header)
    assert len(header) < 1000
