from django.apps import AppConfig


class EnrollmentsConfig(AppConfig):
    name = "enrollments"

    def ready(self):
        from courses.signals import meeting_changed, places_changed
        from enrollments.changes import tell_one
        from enrollments.offers import settle_changed

        meeting_changed.connect(tell_one, dispatch_uid="families are told of a changed class")
        places_changed.connect(settle_changed, dispatch_uid="places follow the timetable")
