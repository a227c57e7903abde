"""/<language>/desk/ — instructors."""

from django.urls import path

from enrollments.views import calendars, desk, handing, register, writing

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("calendar/", calendars.desk_calendar, name="desk_calendar"),
    path("meetings/<int:meeting_id>/", register.class_register, name="desk_register"),
    path("meetings/<int:meeting_id>/marks/", register.class_marks, name="desk_marks"),
    path("meetings/<int:meeting_id>/close/", register.close_register, name="desk_register_close"),
    path("meetings/<int:meeting_id>/children/<int:child_id>/", handing.class_child, name="desk_child"),
    path("meetings/<int:meeting_id>/children/<int:child_id>/back/", handing.class_child_back, name="desk_child_back"),
    path("meetings/<int:meeting_id>/children/<int:child_id>/note/", handing.class_child_note, name="desk_note"),
    path("evacuation/", handing.evacuation, name="desk_evacuation"),
    path("sessions/<int:session_id>/", desk.session_roster, name="desk_roster"),
    path("sessions/<int:session_id>/write/", writing.write_message, name="desk_write"),
    path("messages/<int:message_id>/", writing.message_page, name="desk_message"),
    path("messages/<int:message_id>/undo/", writing.undo_message, name="desk_message_undo"),
    path("lessons/<int:lesson_id>/", desk.lesson, name="desk_lesson"),
    path("levels/<int:equivalence_id>/", desk.confirm_level, name="confirm_level"),
]
