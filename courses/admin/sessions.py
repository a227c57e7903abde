"""Sessions in the CMS: create and schedule in one step, then edit places and price; classes have a screen of
their own.
"""

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.widgets.button import Button

from courses.admin import meetings
from courses.admin.panels import NotePanel
from courses.admin.session_forms import AddSessionForm, CourseSelect, EditSessionForm
from courses.admin.views import CarefulDeleteView, FactsIndexView, FactsViewSet
from courses.models import Session
from courses.standing import standing
from courses.timetable import scheduling
from home.language.dates import date_words, out_of

ADD_PANELS = [
    NotePanel(),
    MultiFieldPanel(
        [
            FieldPanel("course", widget=CourseSelect),
            FieldRowPanel([FieldPanel("term"), FieldPanel("room"), FieldPanel("language")]),
        ],
        heading=gettext_lazy("What and where"),
    ),
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("begins_on"), FieldPanel("on_weekday")]),
            FieldRowPanel([FieldPanel("starts"), FieldPanel("ends"), FieldPanel("meetings_wanted")]),
        ],
        heading=gettext_lazy("When"),
    ),
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("price"), FieldPanel("capacity"), FieldPanel("minimum")]),
            FieldPanel("decision_at"),
        ],
        heading=gettext_lazy("Price and places"),
    ),
    FieldPanel("beginners_welcome"),
    FieldPanel("instructors", heading=gettext_lazy("Instructors")),
]
EDIT_PANELS = [
    NotePanel(),
    MultiFieldPanel(
        [
            FieldPanel("course", read_only=True),
            FieldPanel("room", read_only=True),
            FieldRowPanel([FieldPanel("term"), FieldPanel("language")]),
            FieldPanel("beginners_welcome"),
        ],
        heading=gettext_lazy("What and where"),
    ),
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("price"), FieldPanel("capacity"), FieldPanel("held_back")]),
            FieldRowPanel([FieldPanel("minimum"), FieldPanel("decision_at"), FieldPanel("confirmed_at")]),
        ],
        heading=gettext_lazy("Price and places"),
    ),
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at"), FieldPanel("join_until")])],
        heading=gettext_lazy("Last day to join"),
    ),
    FieldPanel("instructors", heading=gettext_lazy("Instructors")),
]


def places_words(session: Session) -> str:
    """Return "8 / 12, 2 on the waiting list": places taken, capacity, children on the waiting list."""
    words = out_of(session.seats_taken, session.capacity)
    if session.waiting_count:
        words += ", " + ngettext(
            "%(count)s on the waiting list", "%(count)s on the waiting list", session.waiting_count
        ) % {"count": session.waiting_count}
    return words


class SessionFilters(WagtailFilterSet):
    class Meta:
        model = Session
        fields = {
            "term": ["exact"],
            "course": ["exact"],
            "room__venue": ["exact"],
            "language": ["exact"],
            "published_at": ["isnull"],
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["published_at__isnull"].label = _("Draft")
        self.filters["room__venue"].label = _("Venue")


class SessionIndexView(FactsIndexView):
    @cached_property
    def columns(self):
        at = timezone.now()
        title = self._get_title_column("__str__")
        return [
            title,
            Column(
                "title", label=_("Course"), accessor=lambda session: session.course.title, sort_key="course"
            ),
            Column("term", label=_("Term"), sort_key="term"),
            Column(
                "first_on",
                label=_("First class"),
                accessor=lambda s: date_words(s.first_on) if s.first_on else "—",
                sort_key="first_on",
            ),
            Column("rhythm", label=_("When"), accessor=lambda session: session.rhythm or "—"),
            Column("room", label=_("Where")),
            Column("places", label=_("Places"), accessor=places_words, sort_key="seats_taken"),
            Column("standing", label=_("State"), accessor=lambda session: standing(session, at).words),
        ]

    def get_list_more_buttons(self, instance):
        buttons = super().get_list_more_buttons(instance)
        url = reverse("sessions:meetings", args=[instance.pk])
        return [Button(_("Classes"), url=url, icon_name="calendar-alt", priority=5), *buttons]


class RefusedInWords:
    """Turn a refusal raised while saving into a form error, keeping the submitted data. Reads the clock."""

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"at": timezone.now()}

    def form_valid(self, form):
        adding = form.instance._state.adding
        try:
            return super().form_valid(form)
        except scheduling.Refused as refusal:
            if adding:
                form.instance.pk, form.instance._state.adding = None, True
            form.add_error(None, str(refusal))
            self.produced_error_code, self.produced_error_message = (
                "validation_error",
                self.get_error_message(),
            )
            return self.form_invalid(form)


class AddSessionView(RefusedInWords, CreateView):
    def get_initial(self):
        """Return the course that the address names: its overview leads here."""
        return super().get_initial() | {"course": self.request.GET.get("course")}

    def get_success_url(self):
        return reverse("sessions:meetings", args=[self.object.pk])


class EditSessionView(RefusedInWords, EditView):
    def save_action(self):
        response = super().save_action()
        if self.form.closing:
            messages.warning(
                self.request,
                _(
                    "Enrollment is closed and the waiting list has ended. If you reopen it within an hour, "
                    "everyone has their turn again."
                ),
            )
        self.object.refresh_from_db(
            fields=["waiting_count", "seats_taken"]
        )  # the queue was served in the meantime
        if self.object.waiting_count and self.object.free:
            words = ngettext(
                "%(count)s child is on the waiting list here.",
                "%(count)s children are on the waiting list here.",
                self.object.waiting_count,
            )
            messages.warning(self.request, words % {"count": self.object.waiting_count})
        return response

    @cached_property
    def header_more_buttons(self):
        url = reverse("sessions:meetings", args=[self.object.pk])
        return [
            Button(_("Classes"), url=url, icon_name="calendar-alt", priority=5),
            *super().header_more_buttons,
        ]


class DeleteSessionView(CarefulDeleteView):
    @cached_property
    def refusal(self) -> str:
        if self.object.meetings.filter(starts_at__lte=timezone.now()).exists():
            return _("A class of this session has already taken place. Past classes stay as they were.")
        return super().refusal


class SessionViewSet(FactsViewSet):
    model = Session
    name = "sessions"
    icon = "calendar-check"
    index_view_class = SessionIndexView
    add_view_class = AddSessionView
    edit_view_class = EditSessionView
    delete_view_class = DeleteSessionView
    filterset_class = SessionFilters
    list_per_page = 50
    ordering = "-first_on"
    related = ("course__track", "course__band", "room__venue", "term")
    search_fields = ["course__code", "course__title_fr", "course__title_ar", "course__title_en"]
    empty = gettext_lazy(
        "There are no sessions yet. A session is one run of a course that families can join."
    )
    inspect_view_fields = [
        "course",
        "term",
        "room",
        "language",
        "rhythm",
        "first_on",
        "last_on",
        "meetings_count",
        "price",
        "capacity",
        "seats_taken",
        "waiting_count",
        "minimum",
        "decision_at",
        "opens_at",
        "closes_at",
        "join_until",
        "published_at",
    ]

    def get_edit_handler(self):
        return ObjectList(EDIT_PANELS, base_form_class=EditSessionForm).bind_to_model(Session)

    def get_add_view_kwargs(self, **kwargs):
        panel = ObjectList(ADD_PANELS, base_form_class=AddSessionForm).bind_to_model(Session)
        return super().get_add_view_kwargs(**kwargs) | {"panel": panel, "form_class": panel.get_form_class()}

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), *meetings.urlpatterns]
