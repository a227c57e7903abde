"""/<language>/desk/ — instructors."""

from django.urls import path

from enrollments.views.desk import (
    calendar,
    children,
    class_reports,
    classes,
    dates,
    departures,
    incidents,
    lessons,
    messages,
    next_level,
    offline,
    papers,
    practice,
    progress,
    projects,
    register,
    reports,
    rescheduling,
)

urlpatterns = [
    path("", classes.desk, name="desk"),
    path("date-words/", dates.typed_date_words, name="desk_date_words"),
    path("calendar/", calendar.desk_calendar, name="desk_calendar"),
    path("meetings/<int:meeting_id>/", register.class_register, name="desk_register"),
    path("meetings/<int:meeting_id>/marks/", register.class_marks, name="desk_marks"),
    path("meetings/<int:meeting_id>/close/", register.close_register, name="desk_register_close"),
    path("meetings/<int:meeting_id>/children/<int:child_id>/", children.class_child, name="desk_child"),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/back/",
        children.class_child_back,
        name="desk_child_back",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/note/", children.class_child_note, name="desk_note"
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/next/",
        next_level.class_next_level,
        name="desk_next_level",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/progress/",
        progress.class_child_progress,
        name="desk_child_progress",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/projects/",
        projects.class_projects,
        name="desk_projects",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/projects/<int:project_id>/erase/",
        projects.class_project_erase,
        name="desk_project_erase",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/projects/<int:project_id>/files/<int:file_id>/",
        projects.class_project_file,
        name="desk_project_file",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/projects/<int:project_id>/files/<int:file_id>/small/",
        projects.class_project_file,
        {"small": True},
        name="desk_project_picture",
    ),
    path("meetings/<int:meeting_id>/leaving/", departures.class_leaving, name="desk_leaving"),
    path("meetings/<int:meeting_id>/leaving/taps/", departures.class_leaving_taps, name="desk_leaving_taps"),
    path("meetings/<int:meeting_id>/move/", rescheduling.class_move, name="desk_move"),
    path("meetings/<int:meeting_id>/told/", rescheduling.class_told, name="desk_told"),
    path("meetings/<int:meeting_id>/teachers/", rescheduling.class_teachers, name="desk_teachers"),
    path("meetings/<int:meeting_id>/after/", class_reports.class_after, name="desk_after"),
    path("meetings/<int:meeting_id>/tell/", class_reports.class_tell, name="desk_tell"),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/incident/",
        incidents.class_incident,
        name="desk_incident",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/report/",
        reports.class_child_report,
        name="desk_report",
    ),
    path(
        "meetings/<int:meeting_id>/children/<int:child_id>/report.pdf",
        reports.class_child_report,
        {"kind": "pdf"},
        name="desk_report_pdf",
    ),
    path("meetings/<int:meeting_id>/papers/", papers.class_papers, name="desk_papers"),
    path(
        "meetings/<int:meeting_id>/papers.pdf", papers.class_papers, {"kind": "pdf"}, name="desk_papers_pdf"
    ),
    path("worker.js", offline.worker, name="desk_worker"),
    path("offline/", offline.offline, name="desk_offline"),
    path("practice/", practice.practice, name="desk_practice"),
    path("practice/marks/", practice.practice_marks, name="desk_practice_marks"),
    path("evacuation/", children.evacuation, name="desk_evacuation"),
    path("sessions/<int:session_id>/", classes.session_roster, name="desk_roster"),
    path("sessions/<int:session_id>/write/", messages.write_message, name="desk_write"),
    path("messages/<int:message_id>/", messages.message_page, name="desk_message"),
    path("messages/<int:message_id>/undo/", messages.undo_message, name="desk_message_undo"),
    path("meetings/<int:meeting_id>/room/", lessons.class_room, name="desk_room"),
    path("lessons/<int:lesson_id>/", lessons.lesson, name="desk_lesson"),
    path("lessons/<int:lesson_id>/child/", lessons.lesson_child, name="desk_lesson_child"),
    path(
        "lessons/<int:lesson_id>/instructor.pdf",
        lessons.lesson_paper,
        {"face": "instructor"},
        name="desk_lesson_pdf",
    ),
    path(
        "lessons/<int:lesson_id>/child.pdf",
        lessons.lesson_paper,
        {"face": "child"},
        name="desk_lesson_child_pdf",
    ),
    path(
        "lessons/<int:lesson_id>/family.pdf",
        lessons.lesson_paper,
        {"face": "family"},
        name="desk_lesson_family_pdf",
    ),
    path("levels/<int:equivalence_id>/", classes.confirm_level, name="confirm_level"),
]
