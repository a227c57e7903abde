"""A term's timetable: week overview, copy from the previous term, publish drafts together."""

from datetime import datetime

from django import forms
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import PermissionCheckedMixin, WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.log_actions import log

from courses.models import Session, Term
from courses.standing import standing
from courses.timetable import bulk_changes, publishing, scheduling, teaching
from courses.timetable.cautions import closures_known_until
from courses.timetable.visibility import unseen
from home.confirmation import mark_of
from home.language.dates import weekday_words
from home.language.typed_dates import MomentField, moment_words


class PublishForm(forms.Form):
    """Form to publish drafts now; enrollment may open later."""

    sessions = forms.ModelMultipleChoiceField(queryset=Session.objects.none())
    opens_at = MomentField(
        label=capfirst(gettext_lazy("enrollment opens")), required=False, widget=AdminDateTimeInput,
        help_text=gettext_lazy(
            "Leave empty to open straight away. Either way, families can see the sessions from now on."
        ),
    )  # fmt: skip

    def __init__(self, *args, drafts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sessions"].queryset = drafts


class TermsForm(forms.Form):
    """Form for the source and target term."""

    source = forms.ModelChoiceField(label=capfirst(gettext_lazy("copy from")), queryset=Term.objects.all())
    target = forms.ModelChoiceField(label=capfirst(gettext_lazy("to")), queryset=Term.objects.all())

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("source") and cleaned.get("source") == cleaned.get("target"):
            self.add_error("target", _("You cannot copy a term onto itself."))
        return cleaned


class TimetableScreen(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Base view for users who may edit the timetable. Works without JavaScript."""

    model = Session
    permission_required = "change"
    header_icon = "table"
    page_title = gettext_lazy("Timetable")

    def get_breadcrumbs_items(self):
        return [*self.breadcrumbs_items, {"url": reverse("timetable:index"), "label": _("Timetable")}]


def term_from(text, at: datetime) -> Term | None:
    """Return the requested term; otherwise the current, the next or the last one."""
    terms = list(Term.objects.all())
    if (
        text
        and str(text).isdecimal()
        and (asked := next((term for term in terms if term.pk == int(text)), None))
    ):
        return asked
    today = timezone.localdate(at)
    return next((term for term in terms if term.ends_on >= today), terms[-1] if terms else None)


class TimetableView(TimetableScreen):
    """A term: rooms as rows, weekdays as columns, and the drafts to publish."""

    template_name = "cms/timetable.html"
    form = None

    @cached_property
    def at(self) -> datetime:
        return timezone.now()

    @cached_property
    def term(self) -> Term | None:
        return term_from(self.request.POST.get("term") or self.request.GET.get("term"), self.at)

    def drafts(self):
        return Session.objects.with_facts().filter(term=self.term, published_at=None, cancelled_at=None)

    def get_context_data(self, **kwargs):
        sessions = list(
            Session.objects.with_facts()
            .filter(term=self.term)
            .order_by("weekday", "starts", "first_on", "pk")
        )
        for session in sessions:
            session.now = standing(session, self.at)
        drafts = [s for s in sessions if s.now.code == "draft" and not s.cancelled_at]
        gaps = unseen(drafts)
        for session in drafts:
            session.unseen = gaps[session.pk]
        dated = [session for session in sessions if session.weekday is not None]
        weekdays = sorted({session.weekday for session in dated})
        rooms = sorted({session.room for session in dated}, key=lambda room: (room.venue.code, room.pk))
        rows = [
            {
                "room": room,
                "cells": [
                    [s for s in dated if s.room_id == room.pk and s.weekday == day] for day in weekdays
                ],
            }
            for room in rooms
        ]
        return super().get_context_data(**kwargs) | {
            "term": self.term,
            "terms": Term.objects.all(),
            "days": [weekday_words(day) for day in weekdays],
            "rows": rows,
            "undated": [session for session in sessions if session.weekday is None],
            "drafts": drafts,
            "counts": {
                "sessions": len(sessions),
                "taken": sum(session.seats_taken for session in sessions if not session.cancelled_at),
                "capacity": sum(session.capacity for session in sessions if not session.cancelled_at),
                "waiting": sum(session.waiting_count for session in sessions),
            },
            "form": self.form or PublishForm(drafts=self.drafts()),
            "ticked": self.request.POST.getlist("sessions"),
            "on_closures": bulk_changes.count_on_closures(self.at),
            "untaught": teaching.without_instructor(self.at).count(),
        }

    def post(self, request, *args, **kwargs):
        self.form = form = PublishForm(request.POST, drafts=self.drafts())
        if not form.is_valid():
            messages.error(
                request,
                _("Tick at least one draft.")
                if "sessions" in form.errors
                else _("Nothing was changed: see below."),
            )
            return self.render_to_response(self.get_context_data())
        try:
            changed = publishing.publish(
                form.cleaned_data["sessions"], at=self.at, opens_at=form.cleaned_data["opens_at"]
            )
        except scheduling.Refused as refusal:
            messages.error(request, str(refusal))
            return self.render_to_response(self.get_context_data())
        for session in changed:
            log(instance=session, action="courses.publish", user=request.user)
        words = ngettext(
            "%(count)s session has been published.", "%(count)s sessions have been published.", len(changed)
        )
        openings = sorted({session.opens_at for session in changed if session.opens_at})
        lines = [words % {"count": len(changed)}] + [
            _("Enrollment opens on %(when)s.") % {"when": moment_words(opens_at)}
            for opens_at in openings
            if opens_at > self.at
        ]
        messages.success(request, " ".join(lines))
        gaps = unseen(changed)
        for session in changed:
            if gaps[session.pk]:
                messages.warning(
                    request, f"{session} · {session.course.title}: " + " ".join(gaps[session.pk])
                )
        return redirect(f"{reverse('timetable:index')}?term={self.term.pk}")


class CopyView(TimetableScreen):
    """Preview a term copied into another; the ticked rows become drafts."""

    template_name = "cms/timetable_copy.html"
    page_title = gettext_lazy("Copy a term")

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": _("Copy a term")}]

    def get_context_data(self, **kwargs):
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        form = TermsForm(data if "source" in data else None, initial=self.usual_terms())
        proposals = (
            publishing.propose_term(**form.cleaned_data, today=timezone.localdate())
            if form.is_bound and form.is_valid()
            else []
        )
        chosen = set(self.request.POST.getlist("chosen")) if self.request.method == "POST" else None
        known_until = closures_known_until()
        last_on = max((proposal.last_on for proposal in proposals if proposal.last_on), default=None)
        asked = [said for proposal in proposals for said in proposal.asked]
        for proposal in proposals:
            proposal.is_ticked = proposal.can_be_made and (
                chosen is None or str(proposal.source.pk) in chosen
            )
        return super().get_context_data(**kwargs) | {
            "form": form,
            "asked": form.is_bound and not form.errors,
            "proposals": proposals,
            "can_make": any(proposal.can_be_made for proposal in proposals),
            "known_until": known_until,
            "is_beyond": last_on is not None and (known_until is None or last_on > known_until),
            "last_on": last_on,
            "asked_mark": mark_of(asked) if asked else "",
        }

    def has_seen(self, form, chosen: list[int]) -> bool:
        """Return whether every warning about the instructors of the chosen sessions was seen."""
        proposals = publishing.propose_term(**form.cleaned_data, today=timezone.localdate())
        if not any(proposal.asked for proposal in proposals if proposal.source.pk in chosen):
            return True
        seen = mark_of(said for proposal in proposals for said in proposal.asked)
        return bool(self.request.POST.get("seen") == seen)

    def usual_terms(self) -> dict:
        """Return the current term and the one after it."""
        terms = list(Term.objects.all())
        source = term_from("", timezone.now())
        after = [term for term in terms if source and term.starts_on > source.starts_on]
        return {"source": source, "target": after[0] if after else None}

    def post(self, request, *args, **kwargs):
        form = TermsForm(request.POST)
        chosen = [int(key) for key in request.POST.getlist("chosen") if key.isdecimal()]
        if not form.is_valid() or not chosen:
            messages.error(request, _("Choose two terms and at least one session."))
            return self.render_to_response(self.get_context_data())
        if not self.has_seen(form, chosen):
            messages.error(request, _("Please read the remarks, then tick “I have seen this”."))
            return self.render_to_response(self.get_context_data())
        try:
            made = publishing.copy_term(**form.cleaned_data, chosen=chosen, at=timezone.now())
        except scheduling.Refused as refusal:
            messages.error(request, _("No sessions were created. %(why)s") % {"why": refusal})
            return self.render_to_response(self.get_context_data())
        for session in made:
            log(instance=session, action="wagtail.create", user=request.user)
        if made:
            words = ngettext(
                "%(count)s draft has been created.", "%(count)s drafts have been created.", len(made)
            )
            messages.success(request, words % {"count": len(made)})
        else:
            messages.info(request, _("These sessions already exist there. We did not create any duplicates."))
        return redirect(f"{reverse('timetable:index')}?term={form.cleaned_data['target'].pk}")


urlpatterns = [
    path(
        "timetable/",
        include(
            (
                [
                    path("", TimetableView.as_view(), name="index"),
                    path("copy/", CopyView.as_view(), name="copy"),
                ],
                "timetable",
            )
        ),
    )
]
