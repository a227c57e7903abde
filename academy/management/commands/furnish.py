"""Load the base data into an empty database; with --demo, load a complete demo academy too."""

from datetime import datetime, time, timedelta
from time import monotonic

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from academy.demo import (
    classes,
    curriculum,
    families,
    foundations,
    learning,
    pages,
    places,
    portfolio,
    season,
    team,
    venues,
)
from courses.models.timetable import instant

ROOMS = {
    "parent@example.org": ("guardian of Salma and Adam", "/fr/family/"),
    "instructor@example.org": ("instructor", "/fr/desk/"),
    "desk@example.org": ("front desk", "/fr/office/"),
    "manager@example.org": ("programme manager", "/fr/office/ and /cms/"),
    "editor@example.org": ("editor", "/cms/"),
}


class Command(BaseCommand):
    help = (
        "Lay what every house needs: languages, home pages, roles, tracks, skills. With --demo, a term of "
        "invented life."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--demo", action="store_true", help="the demonstration: pages, sessions, families, logins"
        )

    def handle(self, *, demo=False, **options):
        """Run each step in its own transaction and skip finished steps: a second run changes nothing."""
        if demo and settings.PRODUCTION:
            raise CommandError(
                "The demonstration has a password everybody knows: it is furnished with DEMO=1 only."
            )
        self.began = monotonic()
        with translation.override("fr"):
            foundations.lay(self.say)
            if demo:
                self.move_in(timezone.now())
        self.say("Done")
        if demo:
            self.show_logins()

    def move_in(self, at: datetime) -> None:
        """Load the demo data, dated relative to the given time."""
        today = timezone.localdate(at)
        pages.write_settings()
        curriculum.write_courses(self.say)
        venues.write_venues(today, self.say)
        team.write_team(self.say)
        season.write_sessions(today, self.say, team.instructors())
        families.write_families(today, self.say)
        places.write_places(today, self.say)
        season.change_meetings(today, self.say, at=instant(today, time.min) - timedelta(hours=4))
        classes.write_classes(at, self.say)
        learning.write_learning(at, self.say)
        portfolio.write_portfolio(at, self.say)
        pages.write_pages(self.say, at=at)

    def say(self, words: str) -> None:
        self.stdout.write(f"{monotonic() - self.began:5.1f} s  {words}")
        self.stdout.flush()

    def show_logins(self) -> None:
        self.stdout.write(f"\nWho logs in how (password of all: {team.PASSWORD})")
        for email, (who, room) in ROOMS.items():
            self.stdout.write(f"  {email:<24} {who:<28} {room}")
