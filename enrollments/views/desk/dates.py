"""Dates that the team types, in words."""

from enrollments.permissions import FRONT_DESK, INSTRUCTOR, MANAGER, role_required
from home.date_words import date_words

typed_date_words = role_required(INSTRUCTOR, FRONT_DESK, MANAGER)(date_words)
