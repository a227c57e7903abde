"""Baseline: one Django view without middleware or database, under the same gunicorn as the site."""

import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse(b"ok", headers={"Content-Length": "2"}))]


def main(port: int) -> None:
    settings.configure(
        ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"], SECRET_KEY="bare", LOGGING_CONFIG=None
    )
    application = get_wsgi_application()
    from gunicorn.app.base import BaseApplication

    class Bare(BaseApplication):
        def load_config(self):
            # The numbers of academy.management.commands.serve, which cannot be imported without the site's
            # settings.
            for name, value in gunicorn_settings.items():
                self.cfg.set(name, value)

        def load(self):
            return application

    import json
    import os

    gunicorn_settings = json.loads(os.environ["GUNICORN_SETTINGS"])
    gunicorn_settings["bind"] = [f"127.0.0.1:{port}"]
    Bare().run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
