"""Baseline: one Django view without middleware or database, under the same gunicorn as the site."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse(b"ok", headers={"Content-Length": "2"}))]

settings.configure(
    ROOT_URLCONF=__name__, MIDDLEWARE=[], ALLOWED_HOSTS=["*"], SECRET_KEY="bare", LOGGING_CONFIG=None
)
application = get_wsgi_application()
