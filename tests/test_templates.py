"""How templates are written: one element a line, indented by djhtml, no line too long, components instead of
copies.
"""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from djhtml.modes import DjHTML

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
OURS = [
    path for path in FILES if path.relative_to(TEMPLATES).parts[0] != "cms"
]  # in the CMS buttons are Wagtail's
LONGEST = 140
# What is written by a component alone → the tag to use, and the templates that are components themselves.
COMPONENTS = {
    r'<(a|button)\b[^>]*\bclass="button\b': ("button or link_button", {"allauth/elements/button.html"}),
    r'\bclass="chip\b': ("chip", {"allauth/elements/badge.html"}),
    r'\bclass="notice\b': (
        "notice",
        {"allauth/elements/alert.html", "blocks/notice.html", "components/notice.html"},
    ),
    r'<(section|article|aside)\b[^>]*\bclass="card\b': (
        "card",
        {"allauth/elements/panel.html", "components/sheets.html", "enrollments/office/calls.html"},
    ),
    r'\bclass="empty\b': (
        "components/empty.html",
        {"components/empty.html", "courses/catalogue_results.html"},
    ),
    r"\bdata-label=": ("columns, row and cell", set()),
}


def name_of(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def test_no_line_is_too_long():
    lines = (
        (path, number, line) for path in FILES for number, line in enumerate(path.read_text().splitlines(), 1)
    )
    assert [f"{name_of(path)}:{number}" for path, number, line in lines if len(line) > LONGEST] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_template_is_indented_as_djhtml_does(path):
    text = path.read_text()
    assert DjHTML(text).indent(2) == text, "run: djhtml --tabwidth 2 templates"


@pytest.mark.parametrize("pattern", COMPONENTS, ids=[tag for tag, _own in COMPONENTS.values()])
def test_nobody_copies_a_component(pattern):
    tag, own = COMPONENTS[pattern]
    copies = [
        name_of(path) for path in OURS if name_of(path) not in own and re.search(pattern, path.read_text())
    ]
    assert copies == [], f"use {tag} (home/templatetags/components.py)"


def test_a_title_says_of_whom_after_a_colon():
    glued = re.compile(r"{% block title %}{% translate [^%]*%} {{")
    assert [name_of(path) for path in FILES if glued.search(path.read_text())] == [], "use the filter colon"


PLAIN_PARAGRAPH = re.compile(r"<p>(?:(?!</p>).)*</p>", re.S)
INSTEAD = re.compile(r"{% el(?:se|if)\b.*?{% endif %}", re.S)


def test_buttons_beside_each_other_keep_a_gap():
    found = [
        name_of(path)
        for path in OURS
        for body in PLAIN_PARAGRAPH.findall(path.read_text())
        if len(re.findall(r"{% (?:link_)?button\b", INSTEAD.sub("", body))) > 1
    ]
    assert found == [], "give the paragraph the class cluster"


# A dot between two facts stays with the word before it; tags that write nothing may stand between.
SILENT = r"\{% (?:if|elif|else|endif|for|endfor|empty|with|endwith)\b[^%]*%\}"
LOOSE_DOT = re.compile(rf"\s(?:{SILENT}|\s)*(?:&nbsp;)?·")
UNSEEN = re.compile(
    r"\{% comment.*?endcomment %\}|\{#.*?#\}|<title>.*?</title>|\{% block (?:head_)?title %\}.*?\n", re.S
)


def loose_dots(text: str) -> list[str]:
    return LOOSE_DOT.findall(UNSEEN.sub("", text))


def test_no_line_of_a_page_can_begin_with_a_dot():
    ours = [path for path in OURS if path.relative_to(TEMPLATES).parts[0] != "letters"]
    found = [name_of(path) for path in ours if loose_dots(path.read_text())]
    assert found == [], "write &nbsp;· after the word, or let the class dots set it"


@pytest.mark.parametrize(
    ("text", "is_loose"),
    [
        ("{{ a }} · {{ b }}", True),
        ("{{ a }}\n· {{ b }}", True),
        ("{{ a }}\n{% if b %}&nbsp;· {{ b }}{% endif %}", True),
        ("{{ a }}{% if b %} · {{ b }}{% endif %}", True),
        ("{{ a }}&nbsp;· {{ b }}", False),
        ("{{ a }}{% if b %}&nbsp;·\n{{ b }}{% endif %}", False),
        ("<title>a · b</title>", False),
    ],
)
def test_a_loose_dot_is_told_from_one_that_stays_with_its_word(text, is_loose):
    assert bool(loose_dots(text)) is is_loose


# "11 / 12" without isolation reads "12 / 11" in Arabic: in a template, a format string, or a sentence of ours.
PLACE = r"(?:\}\}|%\(\w+\)[sd])(?:</\w+>)?"
BARE_FRACTIONS = {
    "html": re.compile(PLACE + r"\s*/\s*(?:<\w[^>]*>)?(?:\{\{|%\()"),
    "txt": re.compile(PLACE + r" / (?:\{\{|%\()"),  # without spaces it is an address
    "py": re.compile(r"""f["'][^"'\n]*\}\s+/\s+\{|%\(\w+\)[sd] / %\("""),
}


def bare_fractions(text: str, kind: str) -> list[str]:
    return BARE_FRACTIONS[kind].findall(text)


def test_a_count_out_of_a_whole_is_isolated():
    root = TEMPLATES.parent
    modules = [
        path for app in ("academy", "home", "courses", "enrollments") for path in (root / app).rglob("*.py")
    ]
    found = [str(path.relative_to(root)) for path in (*FILES, *TEMPLATES.rglob("*.txt"), *modules)
             if bare_fractions(path.read_text(), path.suffix[1:])]  # fmt: skip
    assert found == [], "use the filter or the function out_of (home/language/dates.py)"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("html", "{{ session.seats_taken }} / {{ session.capacity }}"),
        ("html", "{{ a }}/{{ b }}"),
        ("html", "<b>{{ a }}</b> / <b>{{ b }}</b>"),
        ("html", "%(there)s / %(needed)s"),
        ("txt", "{{ session.seats_taken }} / {{ session.minimum }}"),
        ("py", 'f"{taken} / {capacity}"'),
        ("py", '_("%(there)s / %(needed)s")'),
    ],
)
def test_a_bare_fraction_is_found(kind, text):
    assert bare_fractions(text, kind)


def in_template(source: str, **given) -> str:
    return Template("{% load components %}" + source).render(Context(given))


@pytest.mark.parametrize(
    ("source", "given", "html"),
    [
        ("{% button %} Save {% endbutton %}", {}, '<button class="button" type="submit">Save</button>'),
        (
            '{% button kind name="act" value=act data_print=True hidden=no %}<b>Save</b>{% endbutton %}',
            {"kind": "primary", "act": '"', "no": False},
            ('<button class="button button--primary" type="submit" name="act" value="&quot;" data-print><b>Save</b></button>'),
        ),
        ('{% link_button "healthz" kind="quiet" extra="wide" %}On{% endlink_button %}', {},
         '<a class="button button--quiet wide" href="/healthz">On</a>'),
        ('{% link_button href="/fr/" query_next=path %}On{% endlink_button %}', {"path": "/fr/a b/"},
         '<a class="button" href="/fr/?next=/fr/a%20b/">On</a>'),
        ('{% chip "few" icon="warning" %}Full{% endchip %}', {},
         ('<span class="chip chip--few"><svg class="icon " aria-hidden="true" focusable="false">'
         '<use href="/static/academy/img/icons.svg#warning"></use></svg><span>Full</span></span>')),
        ('{% chip href="?x" is_current=value|equals:1 %}All{% endchip %}', {"value": 1},
         '<a class="chip chip--good" href="?x" aria-current="true">All</a>'),
        ('{% notice "warn" title=said role="alert" %}<p>Look</p>{% endnotice %}', {"said": "<!>"},
         ('<div class="notice notice--warn" role="alert"><div><p class="notice__title">&lt;!&gt;</p><p>Look</p></div></div>')),
        ('{% notice "bad" tag="p" %}No{% endnotice %}', {}, '<p class="notice notice--bad">No</p>'),
        ('{% card "who" 7 title="You" %}<p>I</p>{% endcard %}', {},
         ('<section class="card stack" aria-labelledby="who-7"><h2 class="card__title" id="who-7">You</h2><p>I</p></section>')),
        ('{% card kind="flat" tag="aside" %}I{% endcard %}', {}, '<aside class="card card--flat">I</aside>'),
        ("{% link_button tel=number %}Call{% endlink_button %}", {"number": "+212539000000"},
         '<a class="button" href="tel:+212539000000">Call</a>'),
    ],
)  # fmt: skip
def test_a_component_writes_its_element(source, given, html):
    assert in_template(source, **given) == html


def test_a_cell_takes_the_heading_of_its_column():
    table = "{% columns heads 'C' %}{% for x in 'yz' %}{% row %}{% cell 'row' %}{{ x }}{% endcell %}{% cell %}2{% endcell %}{% endrow %}{% endfor %}"
    head = '<thead><tr><th scope="col">A</th><th scope="col">B</th><th scope="col">C</th></tr></thead>'
    rows = "".join(f'<tr><th scope="row" data-label="A">{x}</th><td data-label="B">2</td></tr>' for x in "yz")
    assert in_template(table, heads=["A", "B"]) == head + rows


def test_a_component_escapes_what_it_is_given():
    link = in_template(
        "{% link_button href=there %}{{ words }}{% endlink_button %}", there='"><b>', words="<i>"
    )
    assert link == '<a class="button" href="&quot;&gt;&lt;b&gt;">&lt;i&gt;</a>'
