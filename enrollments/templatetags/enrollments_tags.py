"""What templates ask of the second floor."""

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from enrollments.models import Enrollment, PolicyVersion
from enrollments.permissions import MANAGER, has_role
from enrollments.places import offer_links

register = template.Library()


@register.simple_tag
def policies_to_accept() -> list[PolicyVersion]:
    """The compulsory policies in force, with their texts: what creating an account accepts."""
    now = PolicyVersion.objects.current(timezone.now()).filter(policy__is_compulsory=True)
    return list(now.prefetch_related("texts"))


@register.simple_tag
def offer_token(enrollment: Enrollment, reader) -> str:
    """What stands in the link of an offer's letter: this offer, this reader."""
    return offer_links.token_for(enrollment, reader)


@register.filter
def prose(body: str) -> SafeString:
    """A policy's text: paragraphs parted by empty lines, lines that begin with "## " are headings; anything
    else is plain text.
    """
    parts = []
    for block in body.replace("\r", "").split("\n\n"):
        lines = block.strip().split("\n")
        while lines and lines[0].startswith("## "):
            parts.append(format_html("<h2>{}</h2>", lines.pop(0)[3:]))
        if text := "\n".join(lines).strip():
            parts.append(format_html("<p>{}</p>", text))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def is_manager(user) -> bool:
    """Whether somebody decides here: {% if request.user|is_manager %}."""
    return has_role(user, MANAGER)
