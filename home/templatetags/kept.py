"""Parts of pages that are rendered once and shared: `kept` for seconds, `part` while the process lives."""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.conf import settings
from django.template import engines
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from home.cms.shared import host_of, shared

register = template.Library()
MOST = 500  # parts of some 3 KB
MARK = "\ue000{}\ue001"  # characters that no text has: they stand where a filled value belongs


@register.simple_tag
def part(template_name: str, shown: Hashable) -> SafeString:
    """Render a template from one value, its `shown`, and from nothing else but the language; keep what came
    of it while the process lives.

    Two values that are equal must look the same. What a reader typed, or is, does not belong here.
    """
    make = _rendered.__wrapped__ if settings.DEBUG else _rendered
    return make(template_name, shown, get_language(), settings.STATIC_URL)


@lru_cache(maxsize=MOST)
def _rendered(template_name: str, shown: Hashable, _language: str, _static_url: str) -> SafeString:
    return mark_safe(engines["django"].get_template(template_name).render({"shown": shown}))


@register.tag
def kept(parser, token):
    """{% kept "name" [values…] [filled=value …] %} … {% endkept %}: rendered once for each language, name and
    values, and kept by the process (home.cms.shared).

    The body may rest on these, the academy's settings and the menu, and on nothing about the reader or the
    request. A value given by name is put in each time, escaped as the template escapes: the body shows it as
    it is, `{{ name }}`.
    """
    name, *given = token.split_contents()[1:]
    if name != f'"{name[1:-1]}"':
        raise template.TemplateSyntaxError("`kept` has a constant name, in double quotes.")
    values, filled = [], {}
    for one in given:
        key, equals, value = one.partition("=")
        if equals and key.isidentifier():
            filled[key] = parser.compile_filter(value)
        else:
            values.append(parser.compile_filter(one))
    body = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(name[1:-1], values, filled, body)


class KeptNode(template.Node):
    child_nodelists = ("body",)

    def __init__(self, name, values, filled, body):
        self.name, self.values, self.filled, self.body = name, values, filled, body
        self.marks = {name: SafeString(MARK.format(name)) for name in filled}

    def render(self, context) -> SafeString:
        request = getattr(context, "request", None) or context.get("request")  # gone after `only`
        values = [value.resolve(context) for value in self.values]
        key = ("part", host_of(request), get_language(), context.autoescape, self.name, *values)
        words = shared(key, lambda: self.made(context))
        for name, value in self.filled.items():
            shown = value.resolve(context)
            shown = conditional_escape(shown) if context.autoescape else str(shown)
            words = words.replace(self.marks[name], shown)
        return SafeString(words)

    def made(self, context) -> str:
        with context.push(**self.marks):
            return str(self.body.render(context))
