from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self):
        from home.cms import redirects  # noqa: F401 - its receivers; models are loaded by now
