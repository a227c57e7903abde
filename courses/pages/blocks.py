"""Automatic blocks of a course page: they show the course's data,
so that no editor can publish a wrong one.
"""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import Block, StaticBlock

from home.cms.blocks import NoticeBlock, PictureSectionBlock, QuestionBlock, TextSectionBlock


class ProgrammeBlock(StaticBlock):
    class Meta:
        icon = "list-ol"
        label = _("Programme (automatic)")
        admin_text = _("Shows the lessons of this course.")
        template = "blocks/programme.html"
        preview_value = None


class SessionsBlock(StaticBlock):
    class Meta:
        icon = "calendar-alt"
        label = _("Sessions of this course (automatic)")
        admin_text = _("Shows the upcoming sessions of this course, with their places.")
        template = "blocks/sessions.html"
        preview_value = None


class PriceBlock(StaticBlock):
    class Meta:
        icon = "tag"
        label = _("Price (automatic)")
        admin_text = _("Shows the price of the upcoming sessions.")
        template = "blocks/price.html"
        preview_value = None


class EquipmentBlock(StaticBlock):
    class Meta:
        icon = "cogs"
        label = _("Equipment (automatic)")
        admin_text = _("Shows the equipment for this course.")
        template = "blocks/equipment.html"
        preview_value = None


def course_blocks() -> list[tuple[str, Block]]:
    """Return the blocks of a course page's body."""
    return [
        ("text", TextSectionBlock()),
        ("notice", NoticeBlock()),
        ("picture", PictureSectionBlock()),
        ("question", QuestionBlock()),
        ("programme", ProgrammeBlock(group=_("Automatic"))),
        ("sessions", SessionsBlock(group=_("Automatic"))),
        ("price", PriceBlock(group=_("Automatic"))),
        ("equipment", EquipmentBlock(group=_("Automatic"))),
    ]
