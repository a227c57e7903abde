"""The child a team member may open."""

from django.shortcuts import get_object_or_404

from enrollments.models import Child


def known_child(user, child_id: int) -> Child:
    """Return the child whose file this team member may open."""
    return get_object_or_404(Child.objects.for_staff(user), pk=child_id)
