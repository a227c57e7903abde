"""Forms of a session: dates when it is created, prices later. Its classes have a screen of their own."""

from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput, AdminTimeInput

from courses.admin.people import InstructorsField
from courses.models import Course, Room, Session
from courses.signals import places_changed
from courses.timetable import scheduling, teaching
from courses.timetable.cautions import cautions
from courses.timetable.closing import closing_words, names_link
from courses.timetable.scheduling import Slot, clash_words
from courses.timetable.teaching import Assignment
from home.confirmation import AsksTwice, mark_of
from home.language.dates import weekday_words
from home.language.typed_dates import ClockField, DayField


def weekday_choices():
    """Return seven weekdays in the active language, and an empty choice: the weekday of the first date."""
    return [("", _("the day of the first date")), *((day, weekday_words(day)) for day in range(7))]


def read_weekday(value):
    """Return the chosen weekday (0 is Monday) or None."""
    return int(value) if value not in {"", None} else None


class CourseSelect(forms.Select):
    """Course select that gives the page each course's default values, to fill empty boxes (home/cms.js)."""

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if course := getattr(value, "instance", None):
            option["attrs"] |= {
                "data-minutes": course.minutes,
                "data-meetings": course.meetings_count,
                "data-price": f"{course.price:.2f}",
                "data-capacity": course.band.capacity,
            }
        return option


class CautiousForm(AsksTwice, WagtailAdminModelForm):
    """Form of a session; its warnings need one tick."""

    def __init__(self, *args, at: datetime, **kwargs):
        self.at = at
        super().__init__(*args, **kwargs)

    def judge(self, people, meetings, **facts) -> list[str]:
        """Return the warnings about these instructors in these classes; what cannot be becomes an error."""
        verdict = teaching.judge(
            [Assignment(meeting, list(people)) for meeting in meetings], at=self.at, **facts
        )
        for error in verdict.errors:
            self.add_error("instructors", error)
        return verdict.cautions


class DatesMixin(forms.Form):
    """Dates of a session: asked when it is created, and again while nobody is enrolled."""

    begins_on = DayField(label=capfirst(gettext_lazy("first date")), required=False, widget=AdminDateInput)
    on_weekday = forms.TypedChoiceField(
        label=capfirst(gettext_lazy("weekday")),
        required=False,
        coerce=read_weekday,
        empty_value=None,
        choices=weekday_choices,
        help_text=gettext_lazy("The first class is on the first such day on or after that date."),
    )
    starts = ClockField(label=capfirst(gettext_lazy("starts at")), required=False, widget=AdminTimeInput)
    ends = ClockField(
        label=capfirst(gettext_lazy("ends at")), required=False, widget=AdminTimeInput,
        help_text=gettext_lazy("Leave empty to use the usual length of the course."),
    )  # fmt: skip
    meetings_wanted = forms.IntegerField(
        label=capfirst(gettext_lazy("number of classes")), required=False, min_value=1, max_value=60,
        help_text=gettext_lazy("Leave empty to use the usual number for the course."),
    )  # fmt: skip

    def dates(self, session: Session) -> dict | None:
        """Return the arguments for courses.timetable.scheduling, with defaults from the course; None without
        a first date.
        """
        said = self.cleaned_data
        if not said.get("begins_on"):
            return None
        if not said.get("starts"):
            self.add_error("starts", _("Enter the start time."))
            return None
        ends = said.get("ends") or end_of(said["starts"], session.course.minutes)
        return {
            "first_on": said["begins_on"],
            "weekday": said.get("on_weekday"),
            "starts": said["starts"],
            "ends": ends,
            "count": said.get("meetings_wanted") or session.course.meetings_count,
        }

    def slots(self, session: Session, dates: dict | None) -> list[Slot]:
        """Return the classes the session would have; a conflict becomes a form error."""
        if not dates:
            return []
        try:
            plan = scheduling.plan(session, **dates)
        except scheduling.Refused as refusal:
            self.add_error(None, str(refusal))
            return []
        if plan.clashes:
            self.add_error(None, clash_words(plan.clashes))
        return plan.slots


def end_of(starts, minutes: int):
    """Return the time that many minutes later on the same day, at most 23:59."""
    moment = datetime.combine(datetime.min, starts) + timedelta(minutes=minutes)
    return moment.time() if moment.date() == datetime.min.date() else parse_time("23:59")


class AddSessionForm(DatesMixin, CautiousForm):
    """Form with everything a new session needs."""

    instructors = InstructorsField(label=capfirst(gettext_lazy("instructors")), queryset=None, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = Course.objects.select_related("track", "band")
        self.fields["room"].queryset = Room.objects.select_related("venue")
        for name in ("price", "capacity"):
            self.fields[name].required = False
            self.initial.pop(name, None)
        self.fields["price"].help_text = _("Leave empty to use the usual price of the course.")
        self.fields["capacity"].help_text = _("Leave empty to use the usual number for its age band.")
        self.fields["begins_on"].help_text = _("Leave empty if dates are to be confirmed.")

    def clean(self):
        cleaned = super().clean()
        course = cleaned.get("course")
        if course:
            cleaned["price"] = course.price if cleaned.get("price") is None else cleaned["price"]
            cleaned["capacity"] = cleaned.get("capacity") or course.band.capacity
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        session = self.instance
        self.laid_out = self.dates(session)
        slots = self.slots(session, self.laid_out)
        if self.errors:
            return
        meetings = teaching.classes_at(session.room, slots)
        said = cautions(session, slots, today=timezone.localdate(self.at))
        said += self.judge(self.cleaned_data.get("instructors", ()), meetings)
        if not self.errors:
            self.ask_twice(said)

    @transaction.atomic
    def save(self, commit=True):
        """The session with its meetings, or scheduling.Refused and nothing."""
        session = super().save(commit)
        if self.laid_out:
            scheduling.lay_out(session, **self.laid_out, at=self.at)
        return session


OF_PLACES = ("capacity", "held_back", "opens_at", "closes_at", "join_until")


class EditSessionForm(CautiousForm):
    """Form for what can change while children are enrolled.

    Saved under the session's lock, only the columns in the form.
    """

    instructors = InstructorsField(label=capfirst(gettext_lazy("instructors")), queryset=None, required=False)
    closing: list[str] = []  # warnings about a queue that the new dates end

    def clean(self):
        cleaned = super().clean()
        self.refuse_too_few(self.instance.seats_taken)
        if self.instance.is_over(self.at):
            for name in [name for name in OF_PLACES if name in self.changed_data]:
                self.add_error(
                    name,
                    _("The session has ended: its places and enrollment dates can no longer be changed."),
                )
        return cleaned

    def refuse_too_few(self, taken: int) -> None:
        """Refuse fewer places than are taken and reserved; the error states the minimum."""
        capacity, held_back = self.cleaned_data.get("capacity"), self.cleaned_data.get("held_back")
        if capacity is not None and held_back is not None and capacity < taken + held_back:
            self.add_error("capacity", too_few_words(taken, held_back))

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        said, changed = [], set(self.changed_data)
        meetings = self.instance.meetings.filter(cancelled_at=None)
        if {"price", "capacity", "term"} & changed:
            slots = [Slot(*row) for row in meetings.values_list("on", "starts", "ends")]
            said += cautions(self.instance, slots)
        if "instructors" in changed:
            theirs = meetings.filter(instructors=None).select_related("session__course", "room__venue")
            said += self.judge(self.cleaned_data["instructors"], theirs, besides=self.instance)
        if not self.errors:
            self.closing = closing_words(self.instance, self.at) if self.may_close else []
            said = [*self.closing, *said]
            self.ask_twice([*said, names_link(self.instance)] if self.closing else said)

    @property
    def may_close(self) -> bool:
        """Return whether one of the dates that decide until when a session can be joined was changed."""
        return not {"closes_at", "join_until"}.isdisjoint(self.changed_data)

    @transaction.atomic
    def save(self, commit=True):
        """Raise scheduling.Refused if places were taken, or the queue it ends changed, in the meantime."""
        now = Session.objects.select_for_update(of=("self",)).get(pk=self.instance.pk)
        if self.instance.capacity < now.seats_taken + self.instance.held_back:
            raise scheduling.Refused(
                scheduling.Reason.TOO_FEW, too_few_words(now.seats_taken, self.instance.held_back)
            )
        words = closing_words(self.instance, self.at) if self.may_close else []
        if mark_of(words) != mark_of(self.closing):
            self.closing, self.cautions = words, [*words, names_link(self.instance)] if words else []
            raise scheduling.Refused(
                scheduling.Reason.QUEUE,
                _("The waiting list has changed meanwhile. Please read the warnings."),
            )
        columns = [name for name in self._meta.fields if name in self.cleaned_data and is_column(name)]
        self.instance.save(update_fields=columns)
        if "instructors" in self.cleaned_data:
            scheduling.assign_session(self.instance, self.cleaned_data["instructors"], at=self.at)
        before = {"capacity": now.capacity, "held_back": now.held_back}
        places_changed.send(
            Session, session=self.instance, at=timezone.now(), before=before, by=self.for_user
        )
        return self.instance


def too_few_words(taken: int, held_back: int) -> str:
    """Return the sentence "At least 9 places are needed: 8 taken, 1 reserved by the team." """
    said = {"least": taken + held_back, "taken": taken, "held": held_back}
    return _("At least %(least)s places are needed: %(taken)s taken, %(held)s reserved by the team.") % said


def is_column(name: str) -> bool:
    """Return whether a form field is a column of the session."""
    try:
        return not isinstance(Session._meta.get_field(name), models.ManyToManyField)
    except FieldDoesNotExist:
        return False
