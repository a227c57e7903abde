"""Shared list and delete views for course data."""

from collections import Counter

from django.db import router
from django.db.models import ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.shortcuts import redirect
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.panels import ObjectList
from wagtail.admin.views.generic import DeleteView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from courses.admin.forms import FactsForm
from courses.catalogue.search import index_again
from home.language.lists import listed


def held_by(row) -> str:
    """Return what prevents a row from being deleted: "sessions (12), course pages (3)"; empty if nothing
    does. Counts, never names.
    """
    collector = Collector(using=router.db_for_write(type(row), instance=row))
    try:
        collector.collect([row])
    except (ProtectedError, RestrictedError) as error:
        holders = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", ())
        counted = Counter(holder._meta.verbose_name_plural for holder in holders)
        return listed(
            f"{name} ({count})" for name, count in sorted(counted.items(), key=lambda pair: str(pair[0]))
        )
    return ""


class CarefulDeleteView(DeleteView):
    """Delete a row that nothing references; otherwise say what does, and change nothing."""

    template_name = "cms/confirm_delete.html"

    @cached_property
    def refusal(self) -> str:
        """Return the sentence that refuses, or an empty one."""
        holders = held_by(self.object)
        if not holders:
            return ""
        return _("You cannot delete “%(row)s” because it is used by: %(holders)s.") % {
            "row": self.object,
            "holders": holders,
        }

    def get_usage_url(self):
        return None  # the refusal is one sentence

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"refusal": self.refusal}

    def refuse(self):
        """Show the refusal again and return to the row."""
        messages.error(self.request, self.refusal)
        return redirect(self.edit_url_name, self.object.pk)

    def form_valid(self, form):
        if self.refusal:
            return self.refuse()
        try:
            return super().form_valid(form)
        except (ProtectedError, RestrictedError):
            del self.refusal
            return self.refuse()


class FactsIndexView(IndexView):
    """List view that selects related rows, and explains what to do when it is empty."""

    related = ()
    empty = ""

    def get_base_queryset(self):
        return super().get_base_queryset().select_related(*self.related)

    @cached_property
    def no_results_message(self):
        return (
            super().no_results_message
            if self.is_searching or self.is_filtering or not self.empty
            else self.empty
        )


class FactsEditView(EditView):
    """Edit view that updates the search index: course pages are also found by their data."""

    def save_instance(self):
        instance = super().save_instance()
        index_again(instance)
        return instance


class FactsViewSet(ModelViewSet):
    """Viewset for course data: editors read it and translate texts, managers edit it."""

    index_view_class = FactsIndexView
    edit_view_class = FactsEditView
    delete_view_class = CarefulDeleteView
    delete_template_name = CarefulDeleteView.template_name
    copy_view_enabled = False
    inspect_view_enabled = True
    add_to_admin_menu = False
    base_form_class = FactsForm
    related: tuple[str, ...] = ()
    empty: str | Promise = ""

    def get_edit_handler(self):
        return ObjectList(self.panels, base_form_class=self.base_form_class).bind_to_model(self.model)

    def get_index_view_kwargs(self, **kwargs):
        return super().get_index_view_kwargs(**kwargs) | {"related": self.related, "empty": self.empty}
