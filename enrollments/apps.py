from django.apps import AppConfig


class EnrollmentsConfig(AppConfig):
    name = "enrollments"

    def ready(self):
        from courses.signals import places_changed
        from enrollments.offers import settle_changed

        places_changed.connect(settle_changed, dispatch_uid="places follow the timetable")
