"""The child a team member may open."""

from django.shortcuts import get_object_or_404

from enrollments.models import Child


def known_child(user, child_id: int) -> Child:
    """The child whose file this member of the team may open."""
    return get_object_or_404(Child.objects.for_staff(user), pk=child_id)
