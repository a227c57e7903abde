"""The showcase: stories of projects on a public page. Sole writer of ShowcaseStory.

A story is shown after a yes to that purpose and a manager's approval, and not while the child has a seat in
the course it was made in. All of that is asked for each page and each picture, which no cache keeps: what
changes takes effect in the same request, on every node.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import AgeBand
from enrollments.families import account_events, consents, erased_numbers
from enrollments.letters import outbox
from enrollments.models import (
    AccountEvent,
    Child,
    Consent,
    Enrollment,
    Guardianship,
    Project,
    ProjectFile,
    ShowcaseStory,
)
from enrollments.portfolio import projects
from home.account import User
from home.language.dates import one_line
from home.language.invisible import visible
from home.refusals import CodedRefusal

PURPOSE = "work-showcase"


class Reason(StrEnum):
    NO_CONSENT = "no_consent"
    ATTENDS = "attends"
    NO_BAND = "no_band"
    GONE = "gone"  # the project, or its picture


class Refused(CodedRefusal[Reason]):
    """Nothing was approved."""


SENTENCES = {
    Reason.NO_CONSENT: _("The family has not agreed to the showcase, or no longer does."),
    Reason.ATTENDS: _("This child has a place in the course. Wait until its session has ended."),
    Reason.NO_BAND: _("The child’s age is in none of the age bands."),
    Reason.GONE: _("The family has deleted this file. Nothing was saved."),
}


# ---- what is shown


def _attends(child: str, course: str, at: datetime) -> Exists:
    """Return the condition of a seat in a session of that course which has not ended."""
    running = Q(session__over_at=None) | Q(session__over_at__gt=at)
    seats = Enrollment.objects.holding().filter(child=OuterRef(child), session__course=OuterRef(course))
    return Exists(seats.filter(running, session__cancelled_at=None))


def _no_since() -> Exists:
    """Return the condition of a no after the approval: it ends it, even if a yes follows.

    A no that waited for the approval carries an earlier moment. No yes had followed it then: such a no would
    have kept the approval away.
    """
    answers = Consent.objects.filter(version__policy__code=PURPOSE)
    yes = answers.filter(
        child=OuterRef("child"),
        answer=True,
        pk__gt=OuterRef("pk"),
        given_at__lte=OuterRef(OuterRef("approved_at")),
    )
    since = Q(given_at__gt=OuterRef("approved_at")) | ~Exists(yes)
    return Exists(answers.filter(since, child=OuterRef("project__child"), answer=False))


def _permitted(at: datetime, **only: Any) -> list[int]:
    stories = ShowcaseStory.objects.filter(
        ~_no_since(), ~_attends("project__child", "project__course", at), **only
    )
    found = list(stories.annotate(child=F("project__child")).values_list("pk", "child"))
    may = consents.permitting((child for _pk, child in found), PURPOSE, at)
    return [pk for pk, child in found if child in may]


def shown(at: datetime) -> list[int]:
    """Return the primary keys of the stories that are shown now, the newest approval first. Four queries."""
    return _permitted(at, hidden_at=None)


class Held(StrEnum):
    """Why an approved story that nobody hid is not shown."""

    NO_CONSENT = "no_consent"
    RENEW = "renew"  # a no ended the approval; a yes has followed it
    ATTENDS = "attends"


HELD = {
    Held.NO_CONSENT: _("not shown: the family’s consent is missing"),
    Held.RENEW: _("not shown: the family had said no, approve it again"),
    Held.ATTENDS: _("not shown: the child’s course is still running"),
}


def held_back(at: datetime) -> dict[int, Held]:
    """Return why stories that a manager approved and nobody hid are not shown, by primary key."""
    attends = _attends("project__child", "project__course", at)
    rows = ShowcaseStory.objects.filter(hidden_at=None).annotate(
        child=F("project__child"), refused=_no_since(), attends=attends
    )
    found = list(rows.values_list("pk", "child", "refused", "attends"))
    may = consents.permitting((child for _pk, child, _refused, _there in found), PURPOSE, at)
    held = {}
    for pk, child, refused, attends_now in found:
        if child not in may:
            held[pk] = Held.NO_CONSENT
        elif refused:
            held[pk] = Held.RENEW
        elif attends_now:
            held[pk] = Held.ATTENDS
    return held


def stands(project: Project, at: datetime) -> bool:
    """Return whether an approval still holds: nobody said no or asked to remove it. The page may still wait
    for the end of the course.
    """
    approved = ShowcaseStory.objects.filter(~_no_since(), hidden_at=None, project=project)
    return approved.exists() and project.child_id in consents.permitting([project.child_id], PURPOSE, at)


def missing(project: Project, at: datetime) -> list[str | Promise]:
    """Return what still has to come before a project may be shown, besides the family's answer."""
    is_attending = Project.objects.filter(_attends("child", "course", at), pk=project.pk).exists()
    return [
        *([] if project.pictures else [_("a picture of the project")]),
        *([_("the end of the course")] if is_attending else []),
    ]


def find(code: str, at: datetime) -> ShowcaseStory | None:
    """Return the story with this code if it is shown now."""
    return with_facts(_permitted(at, hidden_at=None, code=code)).first()


def with_facts(keys: list[int]) -> QuerySet[ShowcaseStory]:
    """Return these stories with what the public page prints, in one query."""
    return ShowcaseStory.objects.filter(pk__in=keys).select_related("project__child", "band", "picture")


def hidden() -> QuerySet[ShowcaseStory]:
    """Return the stories that somebody asked to remove; a manager decides."""
    return ShowcaseStory.objects.exclude(hidden_at=None)


# ---- what managers choose from


def choices(at: datetime, *, set_aside: bool = False) -> QuerySet[Project]:
    """Return the projects that may be approved: with a picture and a yes, without a story, of a child who has
    no seat in its course. Those that a manager has set aside are apart.
    """
    answered = Consent.objects.filter(version__policy__code=PURPOSE, answer=True).values("child")
    keys = Child.objects.filter(pk__in=answered, erased_at=None).values_list("pk", flat=True)
    may = consents.permitting(keys, PURPOSE, at)
    rows = Project.objects.filter(~_attends("child", "course", at), child__in=may, showcase=None)
    rows = rows.filter(set_aside_at__isnull=not set_aside)
    pictures = ProjectFile.objects.filter(project=OuterRef("pk"), kind=ProjectFile.PICTURE)
    return rows.filter(Exists(pictures)).select_related("child").with_picture()


def band_of(project: Project, bands: list[AgeBand]) -> AgeBand | None:
    """Return the age band of the child on the day the project was made."""
    age = project.child.age_on(project.made_on)
    return next((band for band in bands if age is not None and band.min_age <= age <= band.max_age), None)


# ---- verbs


@transaction.atomic
def approve(
    project: Project, *, picture: ProjectFile, title: str, story: str, by: User, at: datetime
) -> ShowcaseStory:
    """Show a project, or show it again, with these words. Raises Refused."""
    child = Child.objects.select_for_update().get(pk=project.child_id)  # answers wait: none comes in between
    if child.pk not in consents.permitting([child.pk], PURPOSE, at):
        raise Refused(Reason.NO_CONSENT)
    if not ProjectFile.objects.filter(pk=picture.pk, project=project.pk).exists():
        raise Refused(Reason.GONE)
    if Project.objects.filter(_attends("child", "course", at), pk=project.pk).exists():
        raise Refused(Reason.ATTENDS)
    band = band_of(project, list(AgeBand.objects.all()))
    if band is None:
        raise Refused(Reason.NO_BAND)
    words = {"title": one_line(visible(title), 80), "story": story.replace("\r\n", "\n").strip()[:2000]}
    approval = {"approved_at": at, "approved_by_ref": by.pk, "hidden_at": None}
    found, _is_new = ShowcaseStory.objects.update_or_create(
        project=project, defaults={"picture": picture, "band": band, **words, **approval}
    )
    projects.take_up(project)
    account_events.note("story_shown", child=child, by=by, at=at)
    return found


@transaction.atomic
def hide(story: ShowcaseStory, *, by: User | None, at: datetime) -> None:
    """Hide a story because somebody asked, a visitor (None) too; a manager decides later."""
    if ShowcaseStory.objects.filter(pk=story.pk, hidden_at=None).update(hidden_at=at):
        account_events.note("story_hidden", child=story.project.child, by=by, at=at)
        born = story.project.added_at
        erased_numbers.note(erased_numbers.What.STORY, story.project_id, born=born, at=at)


@transaction.atomic
def end(story: ShowcaseStory, *, by: User, at: datetime) -> None:
    """Remove a story; the project stays with the family. The child's guardians are told, unless a family's no
    or its own request had taken the story away before.
    """
    child = Child.objects.select_for_update().get(pk=story.project.child_id)  # as `approve`: the child first
    row = ShowcaseStory.objects.select_for_update().filter(pk=story.pk).first()
    if row is None:
        return
    guardians = [
        tie.guardian
        for tie in Guardianship.objects.filter(child=child).select_related("guardian").order_by("pk")
    ]
    is_news = bool(_permitted(at, pk=row.pk)) and not _is_hidden_by(guardians, row, child)
    row.delete()
    account_events.note("story_ended", child=child, by=by, at=at)
    erased_numbers.note(erased_numbers.What.STORY, story.project_id, born=story.project.added_at, at=at)
    for guardian in guardians if is_news else ():
        outbox.write("story_removed", to=guardian, child=child, at=at, story=story)


def _is_hidden_by(guardians: Iterable[User], story: ShowcaseStory, child: Child) -> bool:
    """Return whether one of these people hid the story; it may have been a visitor."""
    if story.hidden_at is None:
        return False
    asked = AccountEvent.objects.filter(what="story_hidden", child_ref=child.pk, at=story.hidden_at)
    return asked.filter(by_ref__in=[one.pk for one in guardians]).exists()
