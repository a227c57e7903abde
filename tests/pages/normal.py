"""One page as lines that can be compared: one tag or text per line, attributes sorted, insignificant white
space removed.

White space counts as a browser counts it: runs are one space, and a space at the edge of a block, or beside a
child of a flex or grid container, is nothing. Between inline elements a space stays, so `<b>a</b> <i>b</i>`
differs from `<b>a</b><i>b</i>`.
"""

import re
from html.parser import HTMLParser

# Lines begin and end at their edges. Whatever is not named here is inline.
BLOCKS = frozenset(
    (
        "address article aside base blockquote body br caption center col colgroup dd details dialog div dl "
        "dt fieldset figcaption figure"
        " footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li link main menu "
        "meta nav noscript ol optgroup"
        " option p picture script search section source style summary table tbody td template tfoot th "
        "thead title tr track ul"
    ).split()
)
# A box within a line: white space at its inner edges is nothing, outside it counts.
BOXES = frozenset("audio button canvas datalist iframe meter object progress select svg video".split())
# The classes with `display: flex` or `grid` in the style sheet: each child is a box of its own, and a space
# between two is nothing.
FLEX = frozenset(
    (
        "ask badges band bar__end bar__in born button buttons card card__foot catalogue checklist chip "
        "choice choices cluster confirmation"
        " date date-boxes demo empty entrance facts fault field field__row filters filters__more "
        "filters__row flyer flyer__foot flyer__head flyer__lines"
        " flyer__title foot__end foot__grid form grid heading hero hero__text hours how invite kicker "
        "languages line line__what logo manage mark"
        " messages notice page page-head pager person__mark register__bar roster__marks roster__more "
        "roster__name searchbar session"
        " session__act session__words shelf slot slots sorts split standing steps tabs ticks toggle "
        "top__account top__in track whys"
    ).split()
)
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
# Drawn within a line, without content.
DRAWN = frozenset("embed img input".split())
VERBATIM = frozenset("pre script style textarea".split())
# Attributes that are lists of words: white space separates, nothing more.
LISTS = frozenset(
    "aria-controls aria-describedby aria-labelledby class d points rel sizes srcset style transform "
    "viewbox".split()
)

SPACE = re.compile(r"[ \t\n\r\f]+")
MASKS = (
    (re.compile(r"\b[A-Za-z0-9]{64}\b"), "«csrf»"),
    (re.compile(r"\b[A-Z2-7]{32}\b"), "«secret»"),
    (re.compile(r"(data:image/svg\+xml;base64,)[\w+/=]+"), r"\1«code»"),
    (re.compile(r'("challenge": ")[\w-]+'), r"\1«challenge»"),
    (re.compile(r'(\bkey\\*": \\*")[a-z0-9]{5}\b'), r"\1«key»"),  # of a paragraph in the CMS
    (re.compile(r'("id": ")[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'), r"\1«block»"),
    (re.compile(r"(/static/[\w./-]+?)\.[0-9a-f]{12}(\.\w+)"), r"\1\2"),
)
DRAWN_ANEW = {"csrfmiddlewaretoken", "form_key", "key"}  # the names of fields whose value is random


def masked(text: str) -> str:
    for pattern, shown in MASKS:
        text = pattern.sub(shown, text)
    return text


class _Lines(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.stack: list[
            tuple[str, bool, bool]
        ] = []  # each open element: its name, whether it is a flex container, and a child of one
        self.verbatim = ""  # the element whose content is kept as it is
        self.at_edge = True  # at the beginning of a line: a space is nothing
        self.open_space: int | None = None  # the text that ends with a space which an edge would remove

    # -- white space

    def edge(self):
        if self.open_space is not None:
            text = self.lines[self.open_space].rstrip()
            self.lines[self.open_space] = "" if text == "'" else text
        self.at_edge, self.open_space = True, None

    def inked(self):
        self.at_edge, self.open_space = False, None

    def handle_data(self, data):
        if self.verbatim:
            kept = data.strip("\n") if self.verbatim in {"script", "style"} else data.removeprefix("\n")
            self.lines.extend("|" + masked(line) for line in kept.split("\n"))
            return
        text = SPACE.sub(" ", data)
        if self.at_edge or self.open_space is not None:
            text = text.removeprefix(" ")
        if not text:
            return
        self.inked()
        self.lines.append("'" + masked(text))
        if text.endswith(" "):
            self.open_space = len(self.lines) - 1

    # -- tags

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        in_flex = bool(self.stack) and self.stack[-1][1]
        is_flex = not FLEX.isdisjoint((given.get("class") or "").split())
        if tag in BLOCKS or in_flex:
            self.edge()
        elif is_flex or tag in BOXES | {"textarea"} or (tag in DRAWN and given.get("type") != "hidden"):
            self.inked()
        self.lines.append(f"<{tag}{''.join(self.attributes(tag, attrs))}>")
        if tag in VOID:
            if in_flex:
                self.edge()
            return
        self.stack.append((tag, is_flex, in_flex))
        if is_flex or tag in BOXES:
            self.edge()
        if tag in VERBATIM:
            self.verbatim = tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self.stack and self.stack[-1][0] == tag and tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag == self.verbatim:
            self.verbatim = ""
        is_flex = in_flex = False
        if any(name == tag for name, *_more in self.stack):
            while (found := self.stack.pop())[0] != tag:
                pass
            _tag, is_flex, in_flex = found
        if tag in BLOCKS | BOXES or is_flex:
            self.edge()
        self.lines.append(f"</{tag}>")
        if in_flex:
            self.edge()
        elif tag in BOXES or (is_flex and tag not in BLOCKS):
            self.inked()

    def attributes(self, tag, attrs):
        given = dict(attrs)
        for name, value in sorted((name, value or "") for name, value in attrs):
            if name in LISTS:
                value = SPACE.sub(" ", value).strip()
            is_code = name == "d" and given.get("class") == "qrline"
            if (
                name == "nonce"
                or is_code
                or (name == "value" and tag == "input" and given.get("name") in DRAWN_ANEW)
            ):
                value = "«random»"
            shown = masked(value).replace("\n", "⏎")
            yield f' {name}="{shown}"'

    def handle_comment(self, data):
        self.lines.append(f"<!--{SPACE.sub(' ', data)}-->")

    def handle_decl(self, decl):
        self.lines.append(f"<!{decl.lower()}>")


def lines_of(page: str) -> list[str]:
    """The page, one node per line; two pages that a browser shows alike give the same lines."""
    parser = _Lines()
    parser.feed(page)
    parser.close()
    parser.edge()
    return [line for line in parser.lines if line]
