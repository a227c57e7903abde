"""What the pages of a child's learning share, in the family's area and at the desk."""

from courses.pages.social_pictures import font
from enrollments.classes import learning_record
from enrollments.models import Child


def learned(child: Child) -> dict:
    """Return the context of enrollments/learning/progress.html. Five queries for any number of classes."""
    seen = learning_record.skills_seen(child)
    return {
        "seen": seen,
        "maps": learning_record.track_maps(seen, font=font("Bold")),
        "sessions": learning_record.classes_by_session(child),
    }
