"""What pages are made of, as tags: button, link_button, chip, notice and card with a body; columns, row and
cell of a table.

What a tag does not name is an attribute of the element: an underscore stands for a hyphen
(`data_print=True`), True is an attribute without value, False and None leave it out. `extra` adds classes.
Boxes without a body are included instead (templates/components/).
"""

from urllib.parse import quote, urlencode

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from home.cms.kept_addresses import kept_address
from home.templatetags.home_tags import icon as drawn

register = template.Library()


def element(tag: str, content: str, classes: str, attributes: dict) -> str:
    """The element as HTML; `content` is HTML already."""
    written = [f' class="{conditional_escape(classes)}"'] if classes else []
    for name, value in attributes.items():
        if value is True:
            written.append(f" {name.replace('_', '-')}")
        elif value is not None and value is not False:
            written.append(f' {name.replace("_", "-")}="{conditional_escape(value)}"')
    return mark_safe(f"<{tag}{''.join(written)}>{content}</{tag}>")


def classes_of(block: str, kind: str, extra: str = "") -> str:
    return " ".join(filter(None, (block, kind and f"{block}--{kind}", extra)))


def with_icon(content: str, icon: str) -> str:
    """The body of a box, stripped, after its icon."""
    return f"{drawn(icon) if icon else ''}{content.strip()}"


@register.simple_block_tag
def button(content, kind="", *, icon="", extra="", **attributes):
    """A button that sends its form. kind: primary, quiet or danger."""
    attributes = {"type": "submit"} | attributes
    return element("button", with_icon(content, icon), classes_of("button", kind, extra), attributes)


@register.simple_block_tag
def link_button(content, route="", *args, href="", tel=None, kind="", icon="", extra="", **attributes):
    """A link that looks like a button: to a route with its arguments, to `href`, or to a phone number.

    `query_day=…` adds ?day=… to the address. kind: primary, quiet, danger or whatsapp (which has its own
    icon).
    """
    icon = icon or (kind if kind == "whatsapp" else "")
    query = {name[6:]: attributes.pop(name) for name in list(attributes) if name.startswith("query_")}
    address = kept_address(route, args) if route else f"tel:{tel}" if tel else href
    if query:
        address += "?" + urlencode(query, safe="/", quote_via=quote)
    attributes = {"href": address} | attributes
    return element("a", with_icon(content, icon), classes_of("button", kind, extra), attributes)


@register.simple_block_tag
def chip(content, tone="", *, icon="", href="", is_current=False, extra="", **attributes):
    """A short state: good, few, wait, soon, past or off; with `href` a choice, the current one marked."""
    words = f"{drawn(icon)}<span>{content.strip()}</span>" if icon else content.strip()
    if is_current:
        tone, attributes = "good", attributes | {"aria-current": "true"}
    if href:
        attributes = {"href": href} | attributes
    return element("a" if href else "span", words, classes_of("chip", tone, extra), attributes)


@register.simple_block_tag
def notice(content, tone="", *, title="", icon="", tag="div", extra="", **attributes):
    """Something to know, good news, a warning or a fault: info, good, warn or bad; with a title or an icon
    the body is a box beside it.
    """
    words = content.strip()
    if title:
        words = f'<p class="notice__title">{conditional_escape(title)}</p>{words}'
    if title or icon:
        words = f"{drawn(icon) if icon else ''}<div>{words}</div>"
    return element(tag, words, classes_of("notice", tone, extra), attributes)


@register.simple_block_tag
def card(content, name="", number="", *, title="", kind="", tag="section", extra="", **attributes):
    """A part of a page in a frame, called by its title, whose id is `name` or `name-number`.

    Without `title` the body begins with a heading of that id. kind: flat, for a card beside others.
    """
    name = f"{name}-{number}" if number else name
    words = content.strip()
    if title:
        own = f' id="{conditional_escape(name)}"' if name else ""
        words = f'<h2 class="card__title"{own}>{conditional_escape(title)}</h2>{words}'
    named = {"aria-labelledby": name} if name else {}
    return element(
        tag, words, classes_of("card", kind, extra if kind else f"stack {extra}".strip()), named | attributes
    )


# ---- tables: on a narrow screen each cell shows the heading of its column, so columns are named once


@register.simple_tag(takes_context=True)
def columns(context, *headings):
    """The head of a table; the cells below take their labels from it. A list stands for its items."""
    headings = [
        words
        for heading in headings
        for words in (heading if isinstance(heading, list | tuple) else [heading])
    ]
    context.render_context["columns"], context.render_context["column"] = headings, 0
    cells = format_html_join("", '<th scope="col">{}</th>', ((words,) for words in headings))
    return format_html("<thead><tr>{}</tr></thead>", cells)


@register.simple_block_tag(takes_context=True)
def cell(context, content, scope="", *, label="", colspan=1, **attributes):
    """The next cell of a row; "row" makes it the row's heading. One of several columns has a `label`."""
    place = context.render_context
    label = label or place["columns"][place["column"]]
    place["column"] += colspan
    if colspan > 1:
        attributes["colspan"] = colspan
    tag, own = ("th", {"scope": scope}) if scope else ("td", {})
    return element(tag, content.strip(), "", own | {"data-label": label} | attributes)


@register.simple_block_tag(takes_context=True)
def row(context, content, **attributes):
    """A row of cells; the next one begins at the first column again."""
    context.render_context["column"] = 0
    return element("tr", content.strip(), "", attributes)


# ---- what an argument of a tag may need


@register.filter
def page(query: str, number: int) -> str:
    """The address of another page of a list: the query string it has, with that page number."""
    return f"?{query}&page={number}" if query else f"?page={number}"


@register.filter
def equals(value, other) -> bool:
    """Return whether the two are the same, where a tag takes a value and not a condition."""
    return value == other
