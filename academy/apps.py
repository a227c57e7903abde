from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AcademyConfig(AppConfig):
    name = "academy"
    verbose_name = "Academy"

    def ready(self):
        from allauth.account.signals import email_changed  # applications are loaded only now

        from academy import backward, checks  # noqa: F401 - checks and receivers are registered now
        from academy.accounts import on_email_changed  # applications are loaded only now
        from academy.updates import lay_new_policies  # applications are loaded only now

        post_migrate.connect(lay_new_policies, sender=self, dispatch_uid="an update brings its policies")
        email_changed.connect(on_email_changed, dispatch_uid="a changed address ends the other logins")
