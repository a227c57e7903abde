from django.apps import AppConfig


class AcademyConfig(AppConfig):
    name = "academy"
    verbose_name = "Academy"

    def ready(self):
        from allauth.account.signals import email_changed  # applications are loaded only now

        from academy import backward, checks  # noqa: F401 - checks and receivers are registered now
        from academy.accounts import on_email_changed  # applications are loaded only now

        email_changed.connect(on_email_changed, dispatch_uid="a changed address ends the other logins")
