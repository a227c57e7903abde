"""A worker process that only sends emails over SMTP, until it is killed."""

import os
import time
from datetime import timedelta

from tests import databases

os.environ["DJANGO_SETTINGS_MODULE"] = "academy.settings"


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import close_old_connections
    from django.utils import timezone

    from enrollments.letters import delivery

    delivery.CLAIMED_FOR = timedelta(seconds=5)  # what a dead worker had claimed is due again soon
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    while True:
        close_old_connections()
        if not delivery.send_due(timezone.now(), most=20):
            time.sleep(0.1)


if __name__ == "__main__":
    assert databases.ROOT
    main()
