"""The child a team member may open."""

from django.shortcuts import get_object_or_404

from enrollments.models import Child
from enrollments.permissions import files_open_to


def known_child(user, child_id: int) -> Child:
    """Return the child whose file this team member may open."""
    return get_object_or_404(files_open_to(user), pk=child_id)
