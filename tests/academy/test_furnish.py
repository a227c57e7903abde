"""Loading data: an empty database becomes usable, and the demo is complete, matches its files and is
reproducible.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from academy.demo import curriculum, families, foundations, places, season, team, venues
from academy.demo.words import LANGUAGES, read
from academy.management.commands import furnish
from academy.models import User
from courses.models import (
    AgeBand,
    Closure,
    Course,
    CoursePage,
    Meeting,
    Session,
    Skill,
    Term,
    Track,
    Venue,
)
from courses.models.timetable import instant
from courses.standing import standing
from enrollments.models import Child, Enrollment, Guardianship, PlaceEvent
from enrollments.permissions import ROLES, roster_window
from enrollments.places import admission
from enrollments.places.eligibility import know, obstacles
from home.models import AcademySettings, HomePage
from tests.depth import part


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:8001", ("localhost", 8001)),
        ("https://academy.example", ("academy.example", 443)),
        ("http://academy.example", ("academy.example", 80)),
    ],
)
def test_the_site_follows_its_address(site_tree, settings, url, address):
    settings.SITE_URL, settings.SITE_HOST, settings.HTTPS = url, urlsplit(url), url.startswith("https")
    for _start in range(2):
        foundations.follow_site_url()
        site = Site.objects.get()
        assert (site.hostname, site.port, site.root_page_id) == (*address, site_tree.home["fr"].pk)


CODES = {
    "places", "last_places", "waiting_list", "opens_later", "closed",
    "running", "finished", "cancelled", "to_be_scheduled", "draft",
}  # fmt: skip


def run(*arguments, **options) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said, **options)
    return said.getvalue()


def everything() -> dict[str, list]:
    """Return every row that loading writes, as values."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.app_label != "sessions"
    }


def life_on(day: date) -> datetime:
    """Load everything except pages as of that day; return a time on it."""
    at, silent = instant(day, time(11)), lambda words: None
    foundations.lay(silent)
    curriculum.write_courses(silent)
    venues.write_venues(day, silent)
    team.write_team(silent)
    season.write_sessions(day, silent, team.instructors())
    families.write_families(day, silent)
    places.write_places(day, silent)
    season.change_meetings(day, silent, at=at - timedelta(hours=15))
    return at


def assert_liveable(at: datetime) -> None:
    """Check that every status exists, sessions hold the right children, and each age finds one to join."""
    by_key = season.sessions_by_key()
    assert {standing(session, at).code for session in by_key.values()} == CODES
    for row in season.rows():
        session = by_key[row.key]
        assert (session.seats_taken, session.waiting_count) == (row.seated, row.waiting), row.key
        if session.first_on:
            assert session.term.starts_on <= session.first_on <= session.last_on <= session.term.ends_on, (
                row.key
            )
    assert Meeting.objects.filter(cancelled_at__isnull=False).count() == 1
    assert Meeting.objects.filter(moved_from__isnull=False).count() == 1
    after, before = roster_window(at)
    ended, adam = Enrollment.objects.filter(child__guardians__email=families.PARENT).order_by(
        "session__over_at"
    )
    assert ended.session.over_at < at
    assert adam.session.instructors.get().email == "instructor@example.org"
    assert adam.session.meetings.filter(starts_at__range=(after, before)).exists()
    assert_each_age_finds_a_session(at)


def assert_each_age_finds_a_session(at: datetime) -> None:
    """Check ages 7 to 14 without history: on the birthday, and on the day before the next."""
    sessions, today = list(Session.objects.published().with_facts()), timezone.localdate(at)
    known = know([], sessions, at)
    for age in range(7, 15):
        for birth_date in (families.born(age, 0, today), families.born(age + 1, -1, today)):
            child = Child(pk=0, first_name="Ilyas", birth_date=birth_date)
            joinable = [s for s in sessions if not obstacles(child=child, session=s, at=at, known=known)]
            assert joinable, f"nothing to join at {age}, born {birth_date}"


# ---- furnish alone


def test_an_empty_database_becomes_liveable(db):
    run("furnish")
    assert set(Locale.objects.values_list("language_code", flat=True)) == set(LANGUAGES)
    homes = HomePage.objects.live()
    assert {home.locale.language_code for home in homes} == set(LANGUAGES)
    assert len({home.translation_key for home in homes}) == 1
    assert Site.objects.get().root_page.locale.language_code == "fr"
    assert not Page.objects.filter(title__startswith="Welcome to your new Wagtail").exists()
    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)
    assert list(AgeBand.objects.values_list("min_age", "max_age")) == [(7, 8), (9, 11), (12, 14)]
    assert Track.objects.count() == 4
    assert Skill.objects.count() == len(read("curriculum")["skills"])
    assert Skill.objects.get(code="FIT").builds_on.count() == 2
    assert AcademySettings.objects.get().tagline_ar
    assert not User.objects.exists()
    assert not Course.objects.exists()
    assert not AcademySettings.objects.get().is_demo


def test_furnishing_twice_keeps_what_people_did_in_between(db):
    run("furnish")
    Track.objects.filter(code="CODE").update(name_fr="Informatique")
    Skill.objects.get(code="DIAG").delete()
    before = everything()
    run("furnish")
    assert everything() == before


def test_the_demonstration_is_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="DEMO=1"):
        run("furnish", "--demo")
    assert not User.objects.exists()


# ---- the demonstration as it stands


def test_a_second_run_changes_nothing(demonstration):
    Session.objects.filter(seats_taken=3).update(price=999)
    CoursePage.objects.first().delete()
    before = everything()
    said = run("furnish", demo=True)
    assert everything() == before
    assert "parent@example.org" in said
    assert demonstration.password in said


def test_two_venues_and_the_days_they_are_closed(demonstration):
    assert list(Venue.objects.values_list("code", "is_open")) == [("tanger", True), ("casablanca", False)]
    assert all(
        url.startswith("https://www.openstreetmap.org/search")
        for url in Venue.objects.values_list("map_url", flat=True)
    )
    year = timezone.localdate().year
    throne = Closure.objects.get(starts_on=date(year, 7, 30))
    assert (throne.name_fr, throne.is_estimate) == ("Fête du Trône", False)
    assert Closure.objects.get(name_en="Eid al-Adha", starts_on__year=year).is_estimate
    assert not Closure.objects.filter(name_fr="").exists()
    assert not Closure.objects.filter(name_ar="").exists()
    assert not Closure.objects.filter(name_fr__contains="estimé").exists()


def test_sessions_in_every_standing(demonstration):
    assert Session.objects.count() >= 26
    assert Term.objects.count() == 3
    assert set(Session.objects.exclude(weekday=None).values_list("weekday", flat=True)) == {2, 5, 6}
    assert set(Session.objects.values_list("language", flat=True)) == {"fr", "ar", "en"}
    assert Session.objects.filter(
        term__starts_on__gt=timezone.localdate(), course__code="CODE-C", beginners_welcome=True
    ).exists()
    assert_liveable(timezone.now())


def test_nobody_teaches_and_no_room_holds_two_classes_at_once(demonstration):
    meetings = Meeting.objects.filter(cancelled_at=None, session__cancelled_at=None).prefetch_related(
        "session__instructors"
    )
    busy_until: dict = {}
    for meeting in meetings.order_by("starts_at"):
        for who in [
            ("room", meeting.room_id),
            *(("person", user.pk) for user in meeting.session.instructors.all()),
        ]:
            assert busy_until.get(who, meeting.starts_at) <= meeting.starts_at
            busy_until[who] = meeting.ends_at


def test_everybody_is_of_the_demonstration(demonstration):
    assert not User.objects.filter(is_demo=False).exists()
    assert not Child.objects.filter(is_demo=False).exists()
    assert AcademySettings.objects.get().is_demo
    for user in User.objects.all():
        assert str(user.phone).startswith("+212600000")
        assert user.phone.is_valid()
        assert user.email.endswith(("@example.org", "@example.com"))
    assert not EmailAddress.objects.filter(verified=False).exists()


def test_about_150_guardians_and_190_children(demonstration):
    guardians = User.objects.filter(guardianships__isnull=False).distinct()
    assert 140 <= guardians.count() <= 160
    assert 180 <= Child.objects.count() <= 200
    today = timezone.localdate()
    assert {child.age_on(today) for child in Child.objects.all()} == set(range(6, 16))
    ties = Counter(Guardianship.objects.values_list("child", flat=True))
    assert sum(count == 2 for count in ties.values()) > 30
    assert Guardianship.objects.filter(rights="informed").exists()
    assert not Child.objects.exclude(guardianships__rights="full").exists()


def test_places_are_what_admission_says(demonstration):
    for session in Session.objects.all():
        rows = session.enrollments.all()
        assert session.seats_taken == rows.holding().count()
        assert session.waiting_count == rows.filter(state="waiting").count()
        assert session.next_ticket == rows.count() + 1
        band = session.course.band
        for row in rows.select_related("child"):
            assert band.min_age <= row.child.age_on(row.first_meeting_on) <= band.max_age
            assert row.created_at < timezone.now()
    events = {event.enrollment_ref: event.to_state for event in PlaceEvent.objects.all()}
    assert events == dict(Enrollment.objects.values_list("pk", "state"))


def test_one_login_for_each_role(demonstration):
    for email in demonstration.logins.values():
        assert authenticate(username=email, password=demonstration.password) is not None, email
    parent = User.objects.get(email="parent@example.org")
    today = timezone.localdate()
    assert sorted((child.first_name, child.age_on(today)) for child in parent.children.all()) == [
        ("Adam", 11),
        ("Salma", 8),
    ]
    assert Group.objects.get(name="Instructors").user_set.count() == 5
    assert set(User.objects.get(email="desk@example.org").groups.values_list("name", flat=True)) == {
        "Front desk"
    }
    assert User.objects.get(email="editor@example.org").has_perm("wagtailadmin.access_admin")
    assert not User.objects.filter(is_superuser=True).exists()


# ---- whatever the day, and whatever happens


DAYS = [date(2026, 12, 9), date(2027, 3, 10), date(2028, 2, 29)]


@pytest.mark.parametrize("day", part(DAYS, 2, of=3), ids=str)
def test_any_day_makes_a_liveable_academy(db, day):
    """Test in a school break, on a religious holiday, on 29 February."""
    assert_liveable(life_on(day))


@pytest.mark.deep
def test_the_same_day_makes_the_same_academy(db):
    """Compare names, birth dates, places and times, but not the random references."""

    def told():
        with transaction.atomic():
            life_on(date(2027, 5, 4))
            people = list(
                Child.objects.order_by("pk").values_list(
                    "first_name", "last_name", "birth_date", "guardians__email"
                )
            )
            seats = list(
                Enrollment.objects.order_by("created_at", "ticket").values_list(
                    "child__first_name", "state", "created_at"
                )
            )
            days = list(
                Meeting.objects.order_by("pk").values_list(
                    "session__course__code", "on", "starts", "cancelled_at"
                )
            )
            transaction.set_rollback(True)
        return people, seats, days

    assert told() == told()


def test_a_run_that_was_killed_is_finished_by_the_next(db, monkeypatch):
    calls = Counter()
    real = admission.enroll

    def dies_at_the_fiftieth(**facts):
        calls["enroll"] += 1
        if calls["enroll"] == 50:
            raise KeyboardInterrupt
        return real(**facts)

    monkeypatch.setattr(admission, "enroll", dies_at_the_fiftieth)
    monkeypatch.setattr(furnish.pages, "write_pages", lambda say, at: None)
    with pytest.raises(KeyboardInterrupt):
        run("furnish", demo=True)
    assert not Enrollment.objects.exists()
    assert Session.objects.exists()
    run("furnish", demo=True)
    assert Enrollment.objects.count() == sum(row.seated + row.waiting for row in season.rows())
