"""Ways to look at a page before families do: as a visitor, on paper, on another day."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

VISITOR, PAPER, LATER = "", "paper", "later"
LATER_BY = timedelta(days=30)


class PreviewedByLook:
    """Mixin of page types that are looked at in several ways; the editor's preview offers them too.

    A preview on another day takes the moment from `request.previewed_at` (home.cms.pages), if it is set.
    """

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [(VISITOR, _("As a visitor")), (PAPER, _("On paper")), (LATER, _("In 30 days"))]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        if mode_name == LATER and not hasattr(request, "previewed_at"):
            request.previewed_at = timezone.now() + LATER_BY  # type: ignore[attr-defined]  # read by the page
        request.on_paper = mode_name == PAPER  # type: ignore[attr-defined]  # read by its template
        response: HttpResponse = super().serve_preview(request, mode_name)  # type: ignore[misc]  # Page has it
        return response
