from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self):
        from home.cms import redirects, shared  # noqa: F401 - their receivers; models are loaded by now
        from home.cms.gate import page_checks  # noqa: F401 - its receiver; models are loaded by now
