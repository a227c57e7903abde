"""What the pages of a child's learning share, in the family's area and at the desk."""

from datetime import datetime

from courses.pages.social_pictures import font
from enrollments.classes import learning_record, next_level
from enrollments.models import Child

LATEST = 6  # projects shown; the others are a tap away


def learned(child: Child, at: datetime) -> dict:
    """Return the context of enrollments/learning/progress.html. Seven queries for any number of
    classes and projects.
    """
    seen = learning_record.skills_seen(child)
    return {
        "seen": seen,
        "ready_for": next_level.told_of(child, at),
        "maps": learning_record.track_maps(seen, font=font("Bold")),
        "projects": list(child.projects.as_tiles()[:LATEST]),
        "sessions": learning_record.classes_by_session(child),
    }
