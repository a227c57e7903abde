"""System checks: conditions this machine must meet before the site starts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.compatibility)
def clock(app_configs, **kwargs):
    """Check that Python knows Morocco's current time zone:
    UTC+0 since 2026-09-20 (tzdata 2026.3 and later).
    """
    offset = datetime(2026, 12, 5, 15, tzinfo=ZoneInfo(settings.TIME_ZONE)).utcoffset()
    if not offset:
        return []
    return [
        Error(
            (
                "This machine's zone data is older than Morocco's clock: 2026-12-05 15:00 in Casablanca is "
                "not 15:00 UTC."
            ),
            hint=(
                "Install tzdata>=2026.6 and keep zoneinfo.reset_tzpath(to=[]) at the top of "
                "academy/settings.py."
            ),
            id="academy.E001",
        )
    ]


@register(Tags.security)
def demonstration(app_configs, **kwargs):
    """Check that the demo, with its open mailbox and known passwords, is served on loopback hosts only."""
    public = [
        host
        for host in settings.ALLOWED_HOSTS
        if host not in {"localhost", "127.0.0.1", "[::1]", "testserver"}
    ]
    if not settings.DEMO or not public:
        return []
    return [
        Error(
            f"DEMO=1 serves this machine only, not {', '.join(public)}.",
            hint="Unset DEMO or ALLOWED_HOSTS.",
            id="academy.E002",
        )
    ]
