"""Django's own tags `extends`, `include`, `url`, `translate` and `blocktranslate`, which keep what is the
same each time: the parent and its blocks, the included template, the address of a name without arguments, the
constant sentence in a language, the message of a block. And `csrf_token`, masked at a third of
the price.

Built into every template (`TEMPLATES` in academy/settings.py), and loaded in place of Django's `i18n`. What
they render is what Django's tags render; with DEBUG they are Django's tags.

Reason: a page has a hundred of them. Django finds the parent of each template again at each rendering,
collects the blocks of the parent's whole tree, and looks a constant sentence up through a lazy object.
Gain: a fifth of the function calls of an enrollment's form. Price: the nodes are Django's own, which it does
not document; tests/home/test_ready.py compares the two and names what is relied on.
"""

import secrets
from decimal import Decimal
from typing import Any, cast

from django.middleware.csrf import CSRF_ALLOWED_CHARS
from django.template import Library, Node, Template
from django.template.base import Parser, TextNode, Token, render_value_in_context
from django.template.defaulttags import CsrfTokenNode, URLNode
from django.template.defaulttags import url as do_url
from django.template.loader_tags import (
    BLOCK_CONTEXT_KEY,
    BlockContext,
    BlockNode,
    ExtendsNode,
    IncludeNode,
    do_extends,
    do_include,
)
from django.templatetags import i18n
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as translated  # of a template's sentence, collected there
from django.utils.translation import ngettext as translated_for

from home.cms.kept_addresses import kept_address

register = Library()
register.tags.update(i18n.register.tags)  # what is not named here is Django's own
register.filters.update(i18n.register.filters)


def _constant(expression: Any) -> str | None:
    """Return the text of an expression that is nothing but a quoted text."""
    if expression.is_var or expression.filters or not isinstance(expression.var, str):
        return None
    return expression.var


class Extends(ExtendsNode):
    """A template whose parent is named by a constant keeps the parent, and the parent's own blocks."""

    kept: tuple[Template, dict[str, BlockNode]] | None = None

    def get_parent(self, context: Any) -> Template:
        """Return the parent. One whose name is also that of a template below it is looked for each time."""
        if self.kept and not context.template.engine.debug:
            return self.kept[0]
        parent: Template = super().get_parent(context)
        if _constant(self.parent_name):
            below = context.render_context.get(self.context_key, ())
            if all(origin.template_name != parent.origin.template_name for origin in below[:-1]):
                self.kept = (parent, _own_blocks(parent))
        return parent

    def render(self, context: Any) -> SafeString:
        parent: Any = self.get_parent(context)
        blocks = self.kept[1] if self.kept and self.kept[0] is parent else _own_blocks(parent)
        if BLOCK_CONTEXT_KEY not in context.render_context:
            context.render_context[BLOCK_CONTEXT_KEY] = BlockContext()
        found = context.render_context[BLOCK_CONTEXT_KEY]
        found.add_blocks(self.blocks)
        found.add_blocks(blocks)
        with context.render_context.push_state(parent, isolated_context=False):
            rendered: SafeString = parent._render(context)
            return rendered


def _own_blocks(parent: Any) -> dict[str, BlockNode]:
    """Return the blocks of a template that extends no other; those of one that does are added by itself."""
    first = next((node for node in parent.nodelist if not isinstance(node, TextNode)), None)
    if first is None or isinstance(first, ExtendsNode):
        return {}
    return {node.name: node for node in parent.nodelist.get_nodes_by_type(BlockNode)}


class Include(IncludeNode):
    """A template that is named by a constant is kept."""

    kept: Template | None = None

    def render(self, context: Any) -> SafeString:
        if self.kept is None or context.template.engine.debug:
            name = _constant(self.template)
            if name is None or name.startswith((".", "/")):
                return super().render(context)
            self.kept = context.template.engine.select_template((name,))
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        if self.isolated_context:
            return self.kept.render(context.new(values))
        with context.push(**values):
            return self.kept.render(context)


class Address(URLNode):
    """The pattern of a constant name without a namespace is kept (home.cms.kept_addresses)."""

    def __init__(self, *given: Any):
        super().__init__(*given)
        name = _constant(self.view_name) or ":"
        self.name = "" if ":" in name or self.kwargs else name

    def render(self, context: Any) -> str:
        if not self.name or context.template.engine.debug:
            return super().render(context)
        try:
            found = kept_address(self.name, [arg.resolve(context) for arg in self.args])
        except NoReverseMatch:
            return super().render(context)
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


class Sentence(TranslateNode):
    """A constant sentence is kept in each language."""

    def __init__(self, *given: Any):
        super().__init__(*given)
        constant = self.filter_expression.var.literal if not self.filter_expression.filters else None
        self.plain = None
        if isinstance(constant, str) and not self.noop and not self.message_context:
            self.plain = TranslateNode(self.filter_expression, False)
        self.kept: dict[str | None, str] = {}

    def render(self, context: Any) -> str:
        if self.plain is None or context.template.engine.debug:
            return super().render(context)
        language = get_language()
        words = self.kept.get(language)
        if words is None:
            words = self.kept[language] = self.plain.render(context)
        if self.asvar:
            context[self.asvar] = words
            return ""
        return words


class Passage(BlockTranslateNode):
    """The message of a block, the names in it, and without a plural the sentence in each language are found
    once. A name is looked for among the values of the tag, then in the context.
    """

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more)
        self.kept: dict[bool, tuple[str, list[str]]] = {}
        self.sentences: dict[str | None, str] = {}

    def render_token_list(self, tokens: list[Token]) -> tuple[str, list[str]]:
        is_plural = tokens is self.plural
        if is_plural not in self.kept:
            self.kept[is_plural] = super().render_token_list(tokens)
        message, names = self.kept[is_plural]
        return message, list(names)  # the caller adds to them

    def render(self, context: Any, nested: bool = False) -> str:
        if self.message_context or nested or context.template.engine.debug:
            return super().render(context, nested)
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        try:
            sentence, names = self.chosen(context, values)
            words = sentence % {
                name: render_value_in_context(values[name] if name in values else context[name], context)
                for name in names
            }
        except (KeyError, TypeError, ValueError):  # a name that nobody gave, words that cannot be filled in
            return super().render(context)
        if self.asvar:
            context[self.asvar] = SafeString(words)
            return ""
        return words

    def chosen(self, context: Any, values: dict[str, Any]) -> tuple[str, list[str]]:
        """Return the sentence in the active language and the names in it; a count joins the values. Raises
        TypeError for a count that is none.
        """
        message, names = self.render_token_list(self.singular)
        if self.plural and self.counter and self.countervar:
            with context.push(**values):
                count = values[self.countervar] = self.counter.resolve(context)
            if not isinstance(count, int | float | Decimal):
                raise TypeError(count)
            plural, more = self.render_token_list(self.plural)
            return translated_for(message, plural, cast(float, count)), names + more
        language = get_language()
        if language not in self.sentences:
            self.sentences[language] = translated(message)
        return self.sentences[language], names


class FormToken(CsrfTokenNode):
    """The token of a form, masked at each rendering as Django does, at a twentieth of the function calls."""

    def render(self, context: Any) -> str:
        meta = getattr(context.get("request"), "META", {})
        if "csrf_token" not in context or "CSRF_COOKIE" not in meta:
            return super().render(context)
        meta["CSRF_COOKIE_NEEDS_UPDATE"] = True  # as Django's get_token: the cookie lasts from now on
        return mark_safe(FIELD % masked(meta["CSRF_COOKIE"]))


FIELD = '<input type="hidden" name="csrfmiddlewaretoken" value="%s">'
PLACES = {letter: place for place, letter in enumerate(CSRF_ALLOWED_CHARS)}
MANY = len(CSRF_ALLOWED_CHARS)


def masked(secret: str) -> str:
    """Return a random mask and the secret moved on by it, letter by letter: never the same twice, so that the
    length of a packed page tells nothing of the secret (BREACH). Django's CSRF middleware reads it back.
    """
    number, mask = secrets.randbits(8 * len(secret)), []
    for _letter in secret:
        number, place = number // MANY, number % MANY
        mask.append(place)
    moved = [
        CSRF_ALLOWED_CHARS[(PLACES[letter] + by) % MANY] for letter, by in zip(secret, mask, strict=True)
    ]
    return "".join([CSRF_ALLOWED_CHARS[place] for place in mask] + moved)


@register.tag
def extends(parser: Parser, token: Token) -> Node:
    node: Any = do_extends(parser, token)
    return Extends(node.nodelist, node.parent_name)


@register.tag
def include(parser: Parser, token: Token) -> Node:
    node: Any = do_include(parser, token)
    return Include(node.template, extra_context=node.extra_context, isolated_context=node.isolated_context)


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> Node:
    return FormToken()


@register.tag
def url(parser: Parser, token: Token) -> Node:
    node: Any = do_url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)


@register.tag
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    node: Any = i18n.do_translate(parser, token)
    return Sentence(node.filter_expression, node.noop, node.asvar, node.message_context)


@register.tag
@register.tag("blocktrans")
def blocktranslate(parser: Parser, token: Token) -> Node:
    node: Any = i18n.do_block_translate(parser, token)
    return Passage(
        node.extra_context,
        node.singular,
        node.plural,
        node.countervar,
        node.counter,
        node.message_context,
        trimmed=node.trimmed,
        asvar=node.asvar,
        tag_name=node.tag_name,
    )
