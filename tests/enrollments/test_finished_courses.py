"""A finished course: what its family finds where it stood, and what comes next."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Meeting
from enrollments.classes import next_level
from enrollments.families import consents
from enrollments.learning import certificates
from tests.classes import put, written_about
from tests.factories import ChildFactory, CourseFactory, GuardianshipFactory, SessionFactory, UserFactory
from tests.queues import DAY, join
from tests.works import made_by, photo_of, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("academy_settings")]


def test_a_finished_course_leads_to_its_papers_and_on(
    logged_in, manager, parent, now, policies, queries, settings
):
    over = SessionFactory(first_on=timezone.localdate(now) - timedelta(days=28), course__lessons=3)
    child, other = ChildFactory(guardian=parent), UserFactory()
    join(over, child, at=over.first_at - 9 * DAY, by=None)
    for meeting in Meeting.objects.filter(session=over).select_related("session"):
        put(meeting, child, "present", by=manager, at=meeting.starts_at)
    GuardianshipFactory(child=child, guardian=other, rights="informed")
    (row,) = certificates.issue(over, {child.pk: ""}, by=manager, at=now)
    place = child.enrollments.get()
    course = CourseFactory(title_fr="Robots qui pensent")
    over.course.leads_to.add(course)
    last = over.meetings.select_related("session__course").order_by("number").last()
    next_level.recommend(child, course, last, by=manager, at=now - 2 * DAY)
    papers = [
        reverse("certificate", args=[child.pk, row.pk]),
        reverse("child_report", args=[child.pk, over.term_id]),
    ]
    onward = f"{reverse('fitting')}?child={child.pk}"
    pages = [reverse("child", args=[child.pk]), reverse("enrollment", args=[place.reference])]
    for page in pages:
        for reader, may_act in ((parent, True), (other, False)):
            text = logged_in(reader).get(page).content.decode()
            part = text[text.index('id="finished"' if page == pages[0] else "<h2") :]
            assert "Terminé" in text and "Place confirmée" not in text
            assert all(f'href="{address}"' in part for address in papers), page
            assert (f'href="{onward}"' in part) is may_act, page
    client = logged_in(parent)
    for name in ("child", "child_progress"):
        text = client.get(reverse(name, args=[child.pk])).content.decode()
        ready = text[text.index("Robots qui pensent") :]
        assert f'href="{onward}"' in ready.split("</div>")[0], name
    join(SessionFactory(course=course), child, by=None, at=now)
    text = client.get(reverse("child", args=[child.pk])).content.decode()
    assert "niveau suivant" not in text.split('id="made"')[0], "the child has joined it"


def test_a_childs_page_with_all_it_can_show_asks_little_more(
    logged_in, manager, parent, now, policies, queries, settings
):
    """Past the fourteen, only pictures of classes cost more: whether each may be shown is asked anew."""
    settings.VISITOR_CACHE_SECONDS = 10  # as in production
    child = ChildFactory(guardian=parent)
    written_about(child, parent, now)
    over = SessionFactory(first_on=timezone.localdate(now) - timedelta(days=28), course__lessons=3)
    join(over, child, at=over.first_at - 9 * DAY, by=None)
    over.course.leads_to.add(CourseFactory(title_fr="Robots qui pensent"))
    last = over.meetings.select_related("session__course").order_by("number").last()
    put(last, child, "present", by=manager, at=last.starts_at)
    certificates.issue(over, {child.pk: "shown"}, by=manager, at=now)
    next_level.recommend(child, over.course.leads_to.get(), last, by=manager, at=now - 2 * DAY)
    made_by(child, parent, sent())
    client, url = logged_in(parent), reverse("child", args=[child.pk])
    asked = []
    for _time in range(2):
        client.get(url)
        with queries() as seen:
            text = client.get(url).content.decode()
        asked.append(len(seen))
        assert "Robots qui pensent" in text and "zermot" in text
        version = policies["photo-families"]
        consents.answer(version, guardian=parent, yes=True, language="fr", at=timezone.now(), child=child)
        photo_of(last, [child], manager)
    assert 'id="photos"' in text and asked[0] <= 14 and asked[1] <= 16, asked
