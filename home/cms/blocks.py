"""Blocks for editors. Automatic ones contain no text: their templates read the course data."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    Block,
    BooleanBlock,
    CharBlock,
    ChoiceBlock,
    ListBlock,
    RichTextBlock,
    StaticBlock,
    StructBlock,
    TextBlock,
)
from wagtail.images.blocks import ImageBlock

PLAIN = ["bold", "link", "ul", "ol", "document-link"]
WITH_HEADINGS = ["h2", "h3", *PLAIN]


class TextSectionBlock(RichTextBlock):
    def __init__(self, **kwargs: Any):
        super().__init__(features=WITH_HEADINGS, **kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "blocks/text.html"
        preview_value = "<h2>Venir et repartir</h2><p>Les portes ouvrent dix minutes avant la séance.</p>"


class NoticeBlock(StructBlock):
    tone = ChoiceBlock(
        choices=[("info", _("information")), ("good", _("good news")), ("warn", _("please note"))],
        default="info",
        label=_("tone"),
    )
    text = RichTextBlock(features=PLAIN, label=_("text"))

    class Meta:
        icon = "info-circle"
        label = _("Notice")
        template = "blocks/notice.html"
        preview_value = {"tone": "info", "text": "<p>L'atelier est fermé pendant les vacances scolaires.</p>"}


class StepBlock(StructBlock):
    title = CharBlock(max_length=80, label=_("title"))
    text = TextBlock(max_length=300, label=_("text"))


class StepsBlock(StructBlock):
    title = CharBlock(max_length=120, label=_("title"))
    steps = ListBlock(StepBlock(), min_num=2, max_num=6, label=_("steps"))

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "blocks/steps.html"
        preview_value = {
            "title": "Comment ça marche",
            "steps": [
                {"title": "Choisir", "text": "Un cours par âge."},
                {"title": "S'inscrire", "text": "Deux écrans."},
            ],
        }


class PictureSectionBlock(StructBlock):
    picture = ImageBlock(label=_("picture"))
    caption = CharBlock(required=False, max_length=200, label=_("caption"))

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "blocks/picture.html"
        preview_value = {"picture": None, "caption": "Notre dessin de l'atelier"}


class QuestionBlock(StructBlock):
    question = CharBlock(max_length=200, label=_("question"))
    answer = RichTextBlock(features=PLAIN, label=_("answer"))

    class Meta:
        icon = "help"
        label = _("Question and answer")
        template = "blocks/question.html"
        preview_value = {
            "question": "Faut-il un ordinateur à la maison ?",
            "answer": "<p>Non, tout est sur place.</p>",
        }


class TracksBlock(StaticBlock):
    class Meta:
        icon = "grip"
        label = _("The tracks (automatic)")
        admin_text = _("Shows the tracks and their courses from the course data.")
        template = "blocks/tracks.html"
        preview_value = None


class NextSessionsBlock(StructBlock):
    count = ChoiceBlock(choices=[("3", "3"), ("6", "6"), ("9", "9")], default="6", label=_("how many"))
    only_with_places = BooleanBlock(required=False, default=True, label=_("only with places left"))

    class Meta:
        icon = "calendar-alt"
        label = _("Next sessions (automatic)")
        template = "blocks/next_sessions.html"
        preview_value = {"count": "3", "only_with_places": True}


class VenuesBlock(StaticBlock):
    class Meta:
        icon = "site"
        label = _("Where we teach (automatic)")
        admin_text = _("Shows the venues, their addresses and opening hours from the course data.")
        template = "blocks/venues.html"
        preview_value = None


class FinderBlock(StaticBlock):
    class Meta:
        icon = "search"
        label = _("Which course is right for my child? (automatic)")
        admin_text = _("Three questions that lead to suitable courses.")
        template = "blocks/finder.html"
        preview_value = None


def page_blocks() -> list[tuple[str, Block]]:
    """Return the blocks of a page's body, text blocks first, automatic ones after."""
    return [
        ("text", TextSectionBlock()),
        ("notice", NoticeBlock()),
        ("steps", StepsBlock()),
        ("picture", PictureSectionBlock()),
        ("question", QuestionBlock()),
        ("tracks", TracksBlock(group=_("Automatic"))),
        ("next_sessions", NextSessionsBlock(group=_("Automatic"))),
        ("venues", VenuesBlock(group=_("Automatic"))),
        ("finder", FinderBlock(group=_("Automatic"))),
    ]
