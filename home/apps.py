from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self):
        # Their receivers; models are loaded by now.
        from home.cms import redirects, shared  # noqa: F401
        from home.cms.gate import page_checks  # noqa: F401
