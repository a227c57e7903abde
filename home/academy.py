"""The academy's settings, as pages show them."""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from home.cms.serving import site_of
from home.cms.shared import host_of, shared
from home.models import AcademySettings


def academy_of(request: HttpRequest) -> AcademySettings:
    """Return the academy's settings (one row), kept by the process for some seconds and read when they are
    shown. Nothing is decided by them.
    """
    if not settings.VISITOR_CACHE_SECONDS:
        site_of(request)  # kept for a minute: Wagtail would ask for it on every page
        academy: AcademySettings = AcademySettings.for_request(request)  # once for each request
        return academy
    key = ("settings", host_of(request))
    return cast(AcademySettings, SimpleLazyObject(lambda: shared(key, lambda: _read(request))))


def _read(request: HttpRequest) -> AcademySettings:
    """Return the settings without the request they were asked with, which Wagtail's own way keeps in them."""
    academy: AcademySettings = AcademySettings.for_site(site_of(request))
    return academy
