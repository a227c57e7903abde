"""Wagtail's site history tells what the team did to pages, facts and settings.

Acts of families stay out of it.
"""

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.admin.views.reports.audit_logging import (
    LogEntriesView,
    SiteHistoryReportFilterSet,
    get_users_for_filter,
)
from wagtail.models import Page
from wagtail.permissions import policy_registry


def team():
    """The accounts of those who work here: a group, or the keys of the house."""
    return get_user_model()._default_manager.filter(Q(groups__isnull=False) | Q(is_superuser=True)).distinct()


def cms_apps() -> set[str]:
    """The apps whose rows are worked on in the CMS: Wagtail's own,
    and those whose pages or facts it edits.
    """
    return {config.label for config in apps.get_app_configs() if config.name.startswith("wagtail")} | {
        model._meta.app_label for model in apps.get_models() if _is_edited(model)
    }


def _is_edited(model) -> bool:
    return issubclass(model, Page) or model in policy_registry.values_by_exact_class


class TeamHistoryFilters(SiteHistoryReportFilterSet):
    """The usual filters, over what concerns the CMS alone."""

    def filter_queryset(self, queryset):
        types = ContentType.objects.filter(app_label__in=cms_apps())
        by_team = Q(user__isnull=True) | Q(user__in=team().values("pk"))
        return super().filter_queryset(queryset.filter(by_team, content_type__in=types))

    def get_users_queryset(self):
        return get_users_for_filter(self.request.user).filter(pk__in=team().values("pk"))


LogEntriesView.filterset_class = TeamHistoryFilters
