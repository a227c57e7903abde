"""/<language>/desk/ — instructors."""

from django.urls import path

from enrollments.views import calendars, desk, writing

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("calendar/", calendars.desk_calendar, name="desk_calendar"),
    path("sessions/<int:session_id>/", desk.session_roster, name="desk_roster"),
    path("sessions/<int:session_id>/write/", writing.write_message, name="desk_write"),
    path("messages/<int:message_id>/", writing.message_page, name="desk_message"),
    path("messages/<int:message_id>/undo/", writing.undo_message, name="desk_message_undo"),
    path("lessons/<int:lesson_id>/", desk.lesson, name="desk_lesson"),
    path("levels/<int:equivalence_id>/", desk.confirm_level, name="confirm_level"),
]
