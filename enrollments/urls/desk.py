"""/<language>/desk/ — instructors."""

from django.urls import path

from enrollments.views import calendars, desk

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("calendar/", calendars.desk_calendar, name="desk_calendar"),
    path("sessions/<int:session_id>/", desk.session_roster, name="desk_roster"),
    path("lessons/<int:lesson_id>/", desk.lesson, name="desk_lesson"),
    path("levels/<int:equivalence_id>/", desk.confirm_level, name="confirm_level"),
]
