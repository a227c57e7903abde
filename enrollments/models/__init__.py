"""People and places: who the children are, and what position they have in a session."""

from enrollments.models.learning import Equivalence
from enrollments.models.people import Child, Guardianship
from enrollments.models.places import Enrollment, PlaceEvent

__all__ = ["Child", "Enrollment", "Equivalence", "Guardianship", "PlaceEvent"]
