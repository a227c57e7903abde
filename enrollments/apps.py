from django.apps import AppConfig

from courses.signals import meeting_changed, places_changed, queue_asked, teachers_changed
from home.signals import plan_failed, words_received


class EnrollmentsConfig(AppConfig):
    name = "enrollments"

    def ready(self):
        from enrollments.calendars.attachments import calendar_of  # models are loaded only now
        from enrollments.classes import pickup_passes  # models are loaded only now
        from enrollments.classes.change_notices import tell_one  # models are loaded only now
        from enrollments.classes.makeups import end_with_seat, end_with_session  # models are loaded only now
        from enrollments.classes.team_notices import (  # models are loaded only now
            tell_assigned,
            tell_session_ended,
        )
        from enrollments.letters import delivery  # models are loaded only now
        from enrollments.letters.outbox import take_words, tell_author  # models are loaded only now
        from enrollments.places.queue_end import count_queue  # models are loaded only now
        from enrollments.places.seat_log import seat_ended  # models are loaded only now
        from enrollments.places.waiting_list import settle_changed  # models are loaded only now
        from enrollments.places.withdrawal import session_ended  # models are loaded only now
        from enrollments.printing.missed_sheets import sheet_missed  # models are loaded only now

        for attached in (calendar_of, sheet_missed):
            if attached not in delivery.ATTACHED:
                delivery.ATTACHED.append(attached)
        meeting_changed.connect(tell_one, dispatch_uid="families are told of a changed class")
        seat_ended.connect(pickup_passes.end_with_seat, dispatch_uid="passes end with the class")
        seat_ended.connect(end_with_seat, dispatch_uid="make-up classes end with the reason for them")
        session_ended.connect(end_with_session, dispatch_uid="guests of a cancelled session are told")
        session_ended.connect(tell_session_ended, dispatch_uid="instructors of a cancelled session are told")
        teachers_changed.connect(tell_assigned, dispatch_uid="instructors are told of their classes")
        words_received.connect(take_words, dispatch_uid="a visitor's words go into the outbox")
        plan_failed.connect(tell_author, dispatch_uid="the author of a plan is told that it failed")
        places_changed.connect(settle_changed, dispatch_uid="places follow the timetable")
        queue_asked.connect(count_queue, dispatch_uid="the timetable asks whom closing ends")
