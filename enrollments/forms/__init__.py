"""Forms of families: what is asked, and what is answered when it is wrong."""

from enrollments.forms.children import BirthDateField, ChildForm
from enrollments.forms.places import EnrollForm

__all__ = ["BirthDateField", "ChildForm", "EnrollForm"]
