"""Classes of a session on one screen: past ones read-only, future ones to move or cancel one by one."""

import copy

from django import forms
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateInput, AdminTimeInput
from wagtail.log_actions import log

from courses.admin.people import InstructorsField, names
from courses.admin.session_forms import DatesMixin
from courses.models import Room, Session
from courses.standing import standing
from courses.timetable import publishing, scheduling, teaching
from courses.timetable.cautions import beyond_closures, cautions, outside_opening_hours
from courses.timetable.closing import check_agreed, closed_without
from courses.timetable.scheduling import Slot
from courses.timetable.teaching import Assignment
from courses.timetable.visibility import unseen
from home.confirmation import AsksTwice
from home.language.typed_dates import ClockField, DayField


class LayOutForm(AsksTwice, DatesMixin, forms.Form):
    """Form for the dates and the room of a session in which nobody is enrolled."""

    room = forms.ModelChoiceField(
        label=capfirst(gettext_lazy("room")), queryset=Room.objects.select_related("venue")
    )
    field_order = ["room", "begins_on", "on_weekday", "starts", "ends", "meetings_wanted"]

    def __init__(self, *args, session: Session, **kwargs):
        super().__init__(*args, **kwargs)
        self.session = session
        self.fields["begins_on"].required = self.fields["starts"].required = True
        self.initial |= {
            "room": session.room_id,
            "begins_on": session.first_on,
            "starts": session.starts,
            "ends": session.ends,
        }


class MoveForm(AsksTwice, forms.Form):
    """Form to give one class another day, time or room."""

    on = DayField(label=capfirst(gettext_lazy("day")), widget=AdminDateInput)
    starts = ClockField(label=capfirst(gettext_lazy("starts at")), widget=AdminTimeInput)
    ends = ClockField(label=capfirst(gettext_lazy("ends at")), widget=AdminTimeInput)
    room = forms.ModelChoiceField(
        label=capfirst(gettext_lazy("room")), queryset=Room.objects.select_related("venue")
    )
    reason = forms.CharField(
        label=capfirst(gettext_lazy("reason")),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Families will read this."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )


class CancelForm(AsksTwice, forms.Form):
    reason = forms.CharField(
        label=capfirst(gettext_lazy("reason")),
        max_length=200,
        help_text=gettext_lazy("Families will read this."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(self, *args, cautions: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.cautions = cautions


class AssignForm(AsksTwice, forms.Form):
    instructors = InstructorsField(
        label=capfirst(gettext_lazy("instructors of this class")), queryset=None, required=False,
        help_text=gettext_lazy("If you tick nobody, the session's instructors teach this class."),
    )  # fmt: skip


class SessionScreen(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Base view for a session's screens, for users who may edit the timetable."""

    model = Session
    permission_required = "change"
    header_icon = "calendar-alt"

    @cached_property
    def session(self) -> Session:
        return get_object_or_404(Session.objects.with_facts(), pk=self.kwargs["pk"])

    def get_page_subtitle(self):
        return f"{self.session} · {self.session.course.title}"

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {"url": reverse("sessions:index"), "label": _("Sessions")},
            {"url": reverse("sessions:edit", args=[self.session.pk]), "label": str(self.session)},
            {"url": "", "label": _("Classes")},
        ]

    def back(self):
        return redirect("sessions:meetings", self.session.pk)

    def log(self, action: str, **data):
        """Record in Wagtail's history who did what to this session."""
        log(instance=self.session, action=f"courses.{action}", user=self.request.user, data=data)


class MeetingsView(SessionScreen):
    """List of classes, visibility to families, and the dates while nobody is enrolled."""

    page_title = gettext_lazy("Classes")
    template_name = "cms/meetings.html"
    form = None

    def get_context_data(self, **kwargs):
        at, session = timezone.now(), self.session
        meetings = list(
            session.meetings.select_related("room__venue", "lesson")
            .prefetch_related("instructors", "session__instructors")
            .order_by("starts_at")
        )
        for meeting in meetings:
            meeting.is_past = meeting.starts_at <= at
            meeting.taught_by = names(meeting.instructors.all())
        begun = any(meeting.is_past for meeting in meetings)
        return super().get_context_data(**kwargs) | {
            "session": session,
            "standing": standing(session, at),
            "meetings": meetings,
            "instructors": names(session.instructors.all()),
            "cautions": self.cautions([m for m in meetings if not m.cancelled_at and not m.is_past], at),
            "unseen": unseen([session])[session.pk],
            "can_lay_out": not (
                begun or session.seats_taken or session.waiting_count or session.cancelled_at
            ),
            "form": self.form or LayOutForm(session=session),
        }

    def cautions(self, meetings, at) -> list[str]:
        """Return the warnings about these classes and their instructors as they are."""
        said = cautions(self.session, [Slot(m.on, m.starts, m.ends) for m in meetings])
        if self.session.cancelled_at:
            return said
        taught = [Assignment(meeting, meeting.teachers) for meeting in meetings]
        return said + teaching.clash_words(teaching.clashes_of(taught, at=at))

    def post(self, request, *args, **kwargs):
        verbs = {"publish": self.publish, "unpublish": self.unpublish, "lay_out": self.lay_out}
        verb = verbs.get(request.POST.get("verb"))
        if verb is None:
            raise Http404
        try:
            return verb()
        except scheduling.Refused as refusal:
            messages.error(request, str(refusal))
            del self.session
            return self.render_to_response(self.get_context_data())

    def publish(self):
        if publishing.publish([self.session], at=timezone.now()):
            self.log("publish")
        if said := unseen([self.session])[self.session.pk]:
            messages.warning(self.request, _("The session is published, but:") + " " + " ".join(said))
        else:
            messages.success(self.request, _("Families can now see this session."))
        return self.back()

    def unpublish(self):
        publishing.unpublish(self.session)
        self.log("unpublish")
        messages.success(self.request, _("This session is a draft again."))
        return self.back()

    def lay_out(self):
        self.form = form = LayOutForm(self.request.POST, session=self.session)
        if form.is_valid():
            self.ask_about_dates(form)
        if form.is_valid():
            scheduling.lay_out(
                self.session, room=form.cleaned_data["room"], at=timezone.now(), **form.dates(self.session)
            )
            self.log("lay_out")
            messages.success(self.request, _("The dates are set."))
            return self.back()
        messages.error(self.request, _("The dates could not be set: see below."))
        return self.render_to_response(self.get_context_data())

    def ask_about_dates(self, form: LayOutForm) -> None:
        """Show what speaks against the new dates, before they are set."""
        at, there = timezone.now(), copy.copy(self.session)
        there.room = form.cleaned_data["room"]
        slots = form.slots(there, form.dates(there))
        people = list(self.session.instructors.all())
        asked = [Assignment(meeting, people) for meeting in teaching.classes_at(there.room, slots)]
        verdict = teaching.judge(asked, at=at, besides=self.session)
        for error in verdict.errors:
            form.add_error(None, error)
        if not form.errors:
            form.ask_twice(cautions(there, slots, today=timezone.localdate(at)) + verdict.cautions)


class MeetingView(SessionScreen):
    """One future class: move it, cancel it, or assign its instructors."""

    page_title = gettext_lazy("Class")
    template_name = "cms/meeting.html"

    @cached_property
    def meeting(self):
        return get_object_or_404(
            self.session.meetings.select_related("room__venue", "session__course", "lesson"),
            pk=self.kwargs["meeting_pk"],
        )

    def forms(self, data=None, verb=""):
        """Return the three forms, with the submitted one bound to its data."""
        meeting = self.meeting
        return {
            "move": MoveForm(
                data if verb == "move" else None,
                prefix="move",
                initial={
                    "on": meeting.on,
                    "starts": meeting.starts,
                    "ends": meeting.ends,
                    "room": meeting.room_id,
                },
            ),
            "cancel": CancelForm(
                data if verb == "cancel" else None,
                prefix="cancel",
                cautions=self.ended_by_cancelling(),
            ),
            "assign": AssignForm(
                data if verb == "assign" else None,
                prefix="assign",
                initial={"instructors": meeting.instructors.all()},
            ),
        }

    def ended_by_cancelling(self) -> list[str]:
        """Return the warnings about a queue that ends if this class is cancelled."""
        return [] if self.meeting.cancelled_at else closed_without([self.meeting], timezone.now())

    def get_context_data(self, **kwargs):
        kwargs.setdefault("forms", self.forms())
        meeting = self.meeting
        return super().get_context_data(**kwargs) | {
            "session": self.session,
            "meeting": meeting,
            "is_past": meeting.starts_at <= timezone.now(),
        }

    def post(self, request, *args, **kwargs):
        verb = request.POST.get("verb")
        if verb not in {"move", "cancel", "assign"}:
            raise Http404
        shown = self.forms(request.POST, verb)
        form = shown[verb]
        if form.is_valid():
            self.ask_about(verb, form, timezone.now())
        if form.is_valid():
            try:
                message = getattr(self, verb)(form.cleaned_data, timezone.now())
            except scheduling.Refused as refusal:
                form.add_error(None, str(refusal))
                del self.meeting
                if verb == "cancel":
                    form.cautions = self.ended_by_cancelling()
            else:
                self.log(verb, meeting=self.meeting.number)
                messages.success(request, message)
                return self.back()
        messages.error(request, _("Nothing was changed: see below."))
        return self.render_to_response(self.get_context_data(forms=shown))

    def ask_about(self, verb: str, form, at) -> None:
        """Show what speaks against this change, before it is made."""
        meeting, told, said = self.meeting, form.cleaned_data, []
        if verb == "cancel":
            form.ask_twice(form.cautions)
            return
        people, there = meeting.teachers, meeting
        if verb == "move":
            room, slot = told["room"], Slot(told["on"], told["starts"], told["ends"])
            if slot.starts >= slot.ends:
                return  # scheduling.move refuses it
            (there,) = teaching.classes_at(room, [slot])
            said = outside_opening_hours(room.venue, [slot]) + beyond_closures(room.venue, [slot.on])
        else:
            people = list(told["instructors"]) or list(self.session.instructors.all())
        verdict = teaching.judge([Assignment(there, people)], at=at, instead=[meeting])
        for error in verdict.errors:
            form.add_error(None, error)
        if not form.errors:
            form.ask_twice(said + verdict.cautions)

    def move(self, said, at) -> str:
        moved = scheduling.move(self.meeting, at=at, **said)
        return _("Class %(number)s is now on %(when)s.") % {"number": moved.number, "when": moved.when}

    def cancel(self, said, at) -> str:
        with transaction.atomic():
            check_agreed([self.meeting], self.request.POST.get("seen"), at)
            cancelled = scheduling.cancel(self.meeting, at=at, reason=said["reason"])
        return _("Class %(number)s has been cancelled.") % {"number": cancelled.number}

    def assign(self, said, at) -> str:
        scheduling.assign(self.meeting, said["instructors"], at=at)
        return _("The instructors of class %(number)s have been saved.") % {"number": self.meeting.number}


urlpatterns = [
    path("<int:pk>/meetings/", MeetingsView.as_view(), name="meetings"),
    path("<int:pk>/meetings/<int:meeting_pk>/", MeetingView.as_view(), name="meeting"),
]
