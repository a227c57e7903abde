"""Course data, timetable and pages."""

from courses.models.facts import (
    AgeBand,
    Course,
    Equipment,
    Prerequisite,
    Skill,
    Track,
)
from courses.models.lessons import Hazard, Lesson, LessonBlock
from courses.models.pages import CatalogueIndexPage, CoursePage, InstructorPage, LessonPage
from courses.models.search_words import SearchWords
from courses.models.timetable import Closure, Meeting, Session, Term
from courses.models.venues import OpeningHours, Room, Venue

__all__ = [
    "AgeBand",
    "CatalogueIndexPage",
    "Closure",
    "Course",
    "CoursePage",
    "Equipment",
    "Hazard",
    "InstructorPage",
    "Lesson",
    "LessonBlock",
    "LessonPage",
    "Meeting",
    "OpeningHours",
    "Prerequisite",
    "Room",
    "SearchWords",
    "Session",
    "Skill",
    "Term",
    "Track",
    "Venue",
]
