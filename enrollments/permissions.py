"""Staff roles and permissions. Roles are groups; a superuser has every role."""

from datetime import datetime, timedelta
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from enrollments.models.access import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER, ROLES
from enrollments.models.people import Child, ChildQuerySet

__all__ = [
    "EDITOR",
    "FRONT_DESK",
    "INSTRUCTOR",
    "MANAGER",
    "ROLES",
    "files_open_to",
    "has_role",
    "role_label",
    "role_required",
    "roles_of",
    "roster_window",
]

LABELS = {
    INSTRUCTOR: _("instructor"),
    EDITOR: _("editor"),
    FRONT_DESK: _("front desk"),
    MANAGER: _("programme manager"),
}

# Instructors can read a class's roster from 7 days before it to 14 days after (domain §6).
ROSTER_BEFORE, ROSTER_AFTER = timedelta(days=7), timedelta(days=14)


def role_label(role: str) -> str:
    """Return the role's label in the active language."""
    return str(LABELS[role])


def roles_of(user) -> frozenset[str]:
    """Return an account's roles, queried once per request."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if not hasattr(user, "_roles"):
        names = (
            set(ROLES) if user.is_superuser else set(user.groups.values_list("name", flat=True)) & set(ROLES)
        )
        user._roles = frozenset(names)
    return user._roles


def has_role(user, *roles: str) -> bool:
    return bool(roles_of(user) & set(roles))


def files_open_to(user) -> ChildQuerySet:
    """Return the children whose files this team member may open.

    All not erased, for the front desk and managers (domain §6).
    """
    children = Child.objects.filter(erased_at=None)
    return children if has_role(user, FRONT_DESK, MANAGER) else children.none()


def role_required(*roles: str):
    """Decorate a view for these roles: visitors sign in first, others get 404."""

    def decorate(view):
        @login_required
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not has_role(request.user, *roles):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def roster_window(at: datetime) -> tuple[datetime, datetime]:
    """Return the start of the first and last class whose roster an instructor may read at that time."""
    return at - ROSTER_AFTER, at + ROSTER_BEFORE
