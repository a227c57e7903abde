from django.apps import AppConfig


class AcademyConfig(AppConfig):
    name = "academy"
    verbose_name = "Academy"

    def ready(self):
        from academy import checks  # noqa: F401 - Django wants checks registered once applications are loaded
