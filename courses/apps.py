from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self):
        from courses.pages import page_context  # noqa: F401 - its receivers; models are loaded by now
