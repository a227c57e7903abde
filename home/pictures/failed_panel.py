"""Tell the team, on the first page of the CMS, which pictures could not be prepared."""

from typing import Any

from django.urls import reverse
from wagtail.admin.ui.components import Component

from home.pictures.preparing import failed


class FailedPicturesPanel(Component):
    """Panel on the CMS home page; empty, and not shown, while every picture is well."""

    name = "failed_pictures"
    template_name = "cms/failed_pictures_panel.html"
    order = 240
    SHOWN = 10

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        pictures = [
            {"title": picture.title, "url": reverse("wagtailimages:edit", args=[picture.pk])}
            for picture in failed()[: self.SHOWN]
        ]
        return {"pictures": pictures, "more": max(0, failed().count() - self.SHOWN) if pictures else 0}
