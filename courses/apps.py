from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self):
        from courses.pages import page_context, publishing  # noqa: F401 - receivers; models are loaded by now
