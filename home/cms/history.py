"""Limit Wagtail's site history to what the team does to pages, data and settings,
without families' actions.
"""

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from wagtail.admin.views.reports.audit_logging import (
    LogEntriesView,
    SiteHistoryReportFilterSet,
    get_users_for_filter,
)
from wagtail.models import Page
from wagtail.permissions import policy_registry

from home.account import User


def team() -> QuerySet[User]:
    """Return team accounts: members of a group, or superusers."""
    return get_user_model()._default_manager.filter(Q(groups__isnull=False) | Q(is_superuser=True)).distinct()


def cms_apps() -> set[str]:
    """Return the apps edited in the CMS: Wagtail's own, and those with pages or data."""
    return {config.label for config in apps.get_app_configs() if config.name.startswith("wagtail")} | {
        model._meta.app_label for model in apps.get_models() if _is_edited(model)
    }


def _is_edited(model: type[Model]) -> bool:
    return issubclass(model, Page) or model in policy_registry.values_by_exact_class


class TeamHistoryFilters(SiteHistoryReportFilterSet):
    """The usual filters, limited to CMS content."""

    def filter_queryset(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        types = ContentType.objects.filter(app_label__in=cms_apps())
        by_team = Q(user__isnull=True) | Q(user__in=team().values("pk"))
        found: QuerySet[Model] = super().filter_queryset(queryset.filter(by_team, content_type__in=types))
        return found

    def get_users_queryset(self) -> QuerySet[User]:
        users: QuerySet[User] = get_users_for_filter(self.request.user)
        return users.filter(pk__in=team().values("pk"))


LogEntriesView.filterset_class = TeamHistoryFilters
