"""Dates and places in the CMS: terms, closures, venues with their hours, rooms."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import CreateView, EditView

from courses.admin.facts import facts
from courses.admin.forms import PeriodForm, VenueForm
from courses.admin.panels import in_three_languages, writers_of
from courses.admin.views import FactsViewSet
from courses.models import Closure, Room, Term, Venue
from courses.timetable import bulk_changes
from home.language.dates import date_words


def period_columns():
    """Return the from and to columns, with dates in words."""
    return [
        Column(
            "starts_on", label=_("From"), accessor=lambda row: date_words(row.starts_on), sort_key="starts_on"
        ),
        Column(
            "ends_on",
            label=_("To (included)"),
            accessor=lambda row: date_words(row.ends_on),
            sort_key="ends_on",
        ),
    ]


class TermViewSet(FactsViewSet):
    model = Term
    name = "terms"
    icon = "calendar-alt"
    base_form_class = PeriodForm
    list_display = ["name", *period_columns()]
    ordering = "-starts_on"
    search_fields = ["name_fr", "name_ar", "name_en"]
    empty = _(
        "There are no terms yet. A term groups sessions. Add one, then copy the timetable from the "
        "previous term."
    )
    panels = [in_three_languages("name"), facts("starts_on", "ends_on")]


class SaysWhatFallsOnIt:
    """After saving a closure, show how many classes are planned on these days, and where to find new days."""

    def save_instance(self):
        closure = super().save_instance()
        if count := len(bulk_changes.on_closures([closure], timezone.now())):
            words = ngettext(
                "%(count)s class is planned on these days, and still takes place.",
                "%(count)s classes are planned on these days, and still take place.",
                count,
            )
            url = f"{reverse('office_closed_days')}?closure={closure.pk}"
            messages.warning(
                self.request, words % {"count": count}, buttons=[messages.button(url, _("Find new days"))]
            )
        return closure


class AddClosureView(SaysWhatFallsOnIt, CreateView):
    pass


class EditClosureView(SaysWhatFallsOnIt, EditView):
    pass


class ClosureViewSet(FactsViewSet):
    model = Closure
    name = "closures"
    icon = "date"
    base_form_class = PeriodForm
    add_view_class = AddClosureView
    edit_view_class = EditClosureView
    list_display = [
        "name",
        *period_columns(),
        "venue",
        BooleanColumn("is_estimate", label=_("Estimated"), sort_key="is_estimate"),
    ]
    list_filter = {"venue": ["exact"], "is_estimate": ["exact"], "starts_on": ["gte"]}
    related = ("venue",)
    ordering = "-starts_on"
    search_fields = ["name_fr", "name_ar", "name_en"]
    empty = _(
        "There are no closures yet. Add public holidays and school breaks here. The timetable will skip them."
    )
    panels = [in_three_languages("name"), facts("starts_on", "ends_on", "venue", "is_estimate")]


class VenueViewSet(FactsViewSet):
    model = Venue
    name = "venues"
    icon = "site"
    base_form_class = VenueForm
    list_display = [
        "name",
        "city",
        BooleanColumn("is_open", label=_("Sessions take place here"), sort_key="is_open"),
    ]
    list_filter = ["is_open"]
    search_fields = ["code", "name_fr", "name_ar", "name_en", "city_fr"]
    empty = _("There are no venues yet. A venue has an address, opening hours and rooms.")
    inspect_view_fields = [
        "code",
        "name_fr",
        "name_ar",
        "name_en",
        "city",
        "address",
        "directions",
        "map_url",
        "is_open",
    ]
    panels = [
        in_three_languages("name", "city", "address", "directions"),
        facts("code", "map_url", "is_open"),
        MultiFieldPanel(
            [FieldPanel(f"hours_{day}", permission=writers_of(Venue)) for day in range(7)],
            heading=_("Opening hours"),
            help_text=_(
                "One box for each day: 09:00-18:00, or 09:00-12:30, 14:00-18:00. Leave it empty if closed."
            ),
            permission=writers_of(Venue),
        ),
    ]


class RoomViewSet(FactsViewSet):
    model = Room
    name = "rooms"
    icon = "home"
    list_display = ["name", "venue", "seats"]
    list_filter = ["venue"]
    related = ("venue",)
    search_fields = ["name_fr", "name_ar", "name_en", "venue__code"]
    empty = _("There are no rooms yet. Sessions take place in the rooms of a venue.")
    panels = [in_three_languages("name"), facts("venue", "seats")]
