"""Template tags of the enrollments app."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django import template
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from courses.models import Session
from courses.standing import standing
from enrollments.classes import diary
from enrollments.models import Enrollment, PolicyVersion
from enrollments.permissions import EDITOR, FRONT_DESK, INSTRUCTOR, MANAGER, has_role, role_label, roles_of
from enrollments.places import offer_links
from enrollments.privacy import inventory
from enrollments.staff import tabs, team
from enrollments.staff.worklist import Worklist
from enrollments.views.family.basket import items_in
from home.account import User
from home.language.unbroken import unbroken

register = template.Library()


@register.simple_tag
def policies_to_accept() -> list[PolicyVersion]:
    """Return the compulsory policies in force with their texts, accepted by creating an account."""
    now = PolicyVersion.objects.current(timezone.now()).filter(policy__is_compulsory=True)
    return list(now.prefetch_related("texts"))


@register.filter
def state_label(state: str) -> str:
    """Return the words of an enrollment's state."""
    return str(Enrollment.State(state).label)


@register.filter
def state_words(row: Enrollment) -> str:
    """Return the state of a place as the office reads it: finished once its session is."""
    at = timezone.now()
    return standing(row.session, at).words if row.is_finished(at) else row.get_state_display()


def _destination(context) -> ResolverMatch | None:
    """Return the page that this one leads on to (`next`, as allauth or our views name it); None when there is
    none, or it is not ours.
    """
    try:
        return resolve(urlsplit(context.get("redirect_field_value") or context.get("next") or "").path)
    except (Resolver404, ValueError):  # an address that cannot be parsed, such as //[
        return None


@register.simple_tag(takes_context=True)
def is_invited(context) -> bool:
    """Return whether somebody came from the invitation to follow a child: it is there already."""
    match = _destination(context)
    return match is not None and match.url_name == "invitation"


class Reader(NamedTuple):
    """What the frame of a page shows of its reader: alike for many. Public pages are cached for everybody:
    they know nothing, and fetch the reader's own links apart.
    """

    is_private: bool = False
    is_signed_in: bool = False
    team_area: str = ""  # address of the reader's room in the team


@register.simple_tag(takes_context=True)
def reader_of(context) -> Reader:
    """Return who reads this page. The room is as it was at sign-in: no page of a family pays a query for
    it.
    """
    request = context.get("request")
    if not getattr(request, "is_private", False):
        return Reader()
    if not hasattr(request, "session") or not request.user.is_authenticated:
        return Reader(is_private=True)
    room = request.session.get(tabs.ROOM_KEY)
    return Reader(is_private=True, is_signed_in=True, team_area=reverse(room) if room else "")


@register.simple_tag(takes_context=True)
def own_links(context, reader: Reader) -> SafeString:
    """Render the reader's own links: to the room in the team, and to a basket that is not empty."""
    count = items_in(context["request"]) if reader.is_signed_in else 0
    if not count and not reader.team_area:
        return mark_safe("")
    template = context.template.engine.get_template("enrollments/family/basket_link.html")
    return template.render(context.new({"count": count, "room": reader.team_area}))


@register.simple_tag(takes_context=True)
def wished_session(context) -> Session | None:
    """Return the session somebody was about to enroll in when asked to sign in; None for any other page, and
    for a private session.
    """
    match = _destination(context)
    if match is None or match.url_name != "enroll":
        return None
    sessions = Session.objects.published().filter(access_code="").with_facts()
    return sessions.filter(pk=match.kwargs["session_id"]).first()


@register.simple_tag
def holdings() -> list[inventory.Heading]:
    """Return everything that is kept, staff data included, as the legal notice lists it."""
    return list(inventory.HEADINGS.values())


@register.simple_tag
def offer_token(enrollment: Enrollment, reader) -> str:
    """Return the token of an offer's link, for this offer and this recipient."""
    return offer_links.token_for(enrollment, reader)


@register.filter
def prose(body: str) -> SafeString:
    """Render a policy's text: paragraphs separated by empty lines, lines starting with "## " are headings;
    the rest is plain text.
    """
    parts = []
    for block in body.replace("\r", "").split("\n\n"):
        lines = block.strip().split("\n")
        while lines and lines[0].startswith("## "):
            parts.append(format_html("<h2>{}</h2>", lines.pop(0)[3:]))
        if text := "\n".join(lines).strip():
            parts.append(format_html("<p>{}</p>", text))
    return format_html_join("", "{}", ((part,) for part in parts))


# In the colour of the text: a mail client's own blue cannot be read on a dark page.
LINK = '<a href="{}" style="color:inherit">{}</a>'


@register.filter
def letter_lines(lines) -> SafeString:
    """Render the lines of an email's paragraph, their links in place (letters.delivery.Part)."""
    return format_html_join(
        mark_safe("<br>"),
        "{}",
        (
            (
                format_html_join(
                    "",
                    "{}",
                    (
                        (
                            format_html(LINK, piece.address, piece.words)
                            if piece.address
                            else unbroken(piece.words),
                        )
                        for piece in line
                    ),
                ),
            )
            for line in lines
        ),
    )


@register.simple_tag(takes_context=True)
def staff_tabs(context) -> list[tabs.Tab]:
    """Return the tabs of the team, with what waits now; the view's own list of it (`work`) is used
    where there is one.
    """
    request = context["request"]
    work = context.get("work") or Worklist(request.user, timezone.now())
    return tabs.tabs_of(request.user, request.path, work)


@register.filter
def first_role(user) -> str:
    """Return the label of the role that decides what this member of the team may do."""
    held = roles_of(user)
    return next((role_label(role) for role in (MANAGER, FRONT_DESK, INSTRUCTOR, EDITOR) if role in held), "")


@register.filter
def may_edit_pages(user) -> bool:
    """Return whether the CMS is open to the user, by role: asking for permissions would cost two queries."""
    return has_role(user, EDITOR, MANAGER)


@register.filter
def is_team(user) -> bool:
    """Return whether this account has a role; also for a request that failed before it had an account."""
    return bool(user) and bool(roles_of(user))


@register.filter
def is_office(user) -> bool:
    """Return whether the user is of the front desk or a manager."""
    return has_role(user, FRONT_DESK, MANAGER)


@register.filter
def only_edits(user) -> bool:
    """Return whether this member of the team edits pages, and has neither classes nor the office."""
    return roles_of(user) == {EDITOR}


@register.simple_tag
def kit_to_put_right() -> list[diary.MissingKit]:
    """Return what instructors reported missing and nobody has put right."""
    return diary.kit_to_put_right()


@register.simple_tag
def managers_to_call() -> list[User]:
    """Return the managers with a phone number, whom the desk asks for what it may not decide."""
    return team.managers_to_call()


@register.filter
def is_manager(user) -> bool:
    """Return whether the user is a manager: {% if request.user|is_manager %}."""
    return has_role(user, MANAGER)
