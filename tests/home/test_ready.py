"""The tags that keep what is the same each time render what Django's own tags render."""

import inspect
import re

import pytest
from django.conf import settings
from django.middleware import csrf
from django.template import Context, Engine, TemplateSyntaxError, loader_tags
from django.template.defaulttags import CsrfTokenNode, URLNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from home.templatetags import ready

FILES = {
    "root": "<{% block title %}root{% endblock %}|{% block body %}{% endblock %}|"
    "{% block foot %}f{% endblock %}>",
    "middle": "{% extends 'root' %}{% block body %}middle {% block inner %}in{% endblock %}{% endblock %}",
    "leaf": "{% extends 'middle' %}{% block title %}{{ block.super }}, leaf{% endblock %}"
    "{% block inner %}{{ block.super }} {{ word }}{% endblock %}",
    "by name": "{% extends parent %}{% block foot %}{{ block.super }}!{% endblock %}",
    "row": "({{ word }}{% if deep %}{% include 'row' with deep=0 word=deep %}{% endif %})",
}
PIECES = (
    "{% include 'row' %}",
    "{% include 'row' with deep=word only %}",
    "{% include name with word='<b>' %}",
    "{% for word in many %}{% include 'row' with deep=forloop.counter %}{% endfor %}",
    "{% url 'family' %} {% url 'family' as place %}{{ place }}",
    "{% url 'child' 7 %} {% url route %}",
    "{% url 'no such name' as place %}[{{ place }}]",
    "{% translate 'My family' %} {% trans 'My account' %}",
    "{% translate 'My family' as heading %}[{{ heading }}]{{ heading|upper }}",
    "{% translate 'My family' noop %} {% translate sentence %} {% translate 'My family'|upper %}",
    "{% translate '100 % sure <b>' %} {% translate 'May' context 'month' %} {% translate '' %}",
    "{% autoescape off %}{% translate 'It is <b>' %}{% url 'family' %}{% endautoescape %}",
    "{% blocktranslate with name=word trimmed %}\n  {{ name }} has a place\n{% endblocktranslate %}",
    (
        "{% for n in numbers %}{% blocktranslate count count=n with name=word trimmed %}"
        "Basket: {{ count }} item{% plural %}Basket: {{ count }} items{% endblocktranslate %}{% endfor %}"
    ),
    "{% blocktranslate with name=missing %}{{ name }}, {{ nobody }}, {{ word }}{% endblocktranslate %}",
    "{% autoescape off %}{% blocktrans with n=word %}{{ n }} 100 %{% endblocktrans %}{% endautoescape %}",
    "{% blocktrans count n=many|length with x=word %}{{ n }}{% plural %}{{ n }} {{ x }}{% endblocktrans %}",
    "{% blocktranslate count n=name with name=numbers|length %}one{% plural %}{{ n }}{% endblocktranslate %}",
    "{% blocktrans asvar told %}{{ word }} & 5 %{% endblocktrans %}{{ told }}",
    "{% language 'ar' %}{% translate 'Menu' %}{% url 'family' %}{% endlanguage %}{% translate 'Menu' %}",
)
SHOWN = {
    "word": "Æ <i>", "name": "row", "many": ["a", "b"], "route": "family", "numbers": [0, 1, 2, 11],
    "sentence": "My account", "parent": "middle",
}  # fmt: skip


def engine(ours: bool, *, debug: bool = False, **more: str) -> Engine:
    own = {"builtins": ["home.templatetags.ready"]} if ours else {"builtins": ["django.templatetags.i18n"]}
    loaders = [
        ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", FILES | more)])
    ]
    return Engine(loaders=loaders, debug=debug, **own)


def rendered(one: Engine, name: str) -> list[str]:
    """Return it in each language, and once more: what was kept is what was made."""
    template, found = one.get_template(name), []
    for code in ("fr", "ar", "en", "fr"):
        with translation.override(code):
            found.append(template.render(Context(dict(SHOWN))))
    return found


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("piece", [*PIECES, *(f"{{% include '{name}' %}}" for name in FILES)])
def test_a_tag_renders_what_djangos_renders(piece, debug):
    ours, theirs = engine(True, debug=debug, piece=piece), engine(False, debug=debug, piece=piece)
    assert rendered(ours, "piece") == rendered(theirs, "piece")


def test_languages_do_not_see_each_others_words():
    french, arabic, english, again = rendered(engine(True, piece=PIECES[7]), "piece")
    assert len({french, arabic, english}) == 3
    assert again == french


def test_parents_blocks_are_kept_for_that_parent():
    one = engine(True)
    template = one.get_template("by name")
    for parent, expected in (
        ("root", "<root||f!>"),
        ("middle", "<root|middle in|f!>"),
        ("root", "<root||f!>"),
    ):
        assert template.render(Context({"parent": parent})) == expected


def test_a_template_that_extends_one_of_its_own_name_finds_the_next_one(tmp_path):
    for number, words in enumerate(
        ("{% extends 'page' %}{% block a %}own{% endblock %}", "({% block a %}{% endblock %})")
    ):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "page").write_text(words)
    one = Engine(dirs=[tmp_path / "0", tmp_path / "1"], builtins=["home.templatetags.ready"])
    for _time in range(3):
        assert one.get_template("page").render(Context()) == "(own)"


def test_an_unknown_address_is_refused_each_time():
    template = engine(True, piece="{% url 'no such name' %}").get_template("piece")
    for _time in range(2):
        with pytest.raises(NoReverseMatch):
            template.render(Context())


def test_the_prefix_of_the_site_is_part_of_an_address():
    from django.urls import set_script_prefix

    template = engine(True, piece="{% url 'family' %}").get_template("piece")
    with translation.override("fr"):
        assert template.render(Context()) == "/fr/family/"
        set_script_prefix("/below/")
        try:
            assert template.render(Context()) == "/below/fr/family/"
        finally:
            set_script_prefix("/")
        assert template.render(Context()) == "/fr/family/"


def test_a_count_that_is_no_number_is_refused():
    for count in (word for word in ("word", "missing")):
        piece = "{% blocktranslate count n=" + count + " %}one{% plural %}{{ n }}{% endblocktranslate %}"
        with pytest.raises(TemplateSyntaxError):
            rendered(engine(True, piece=piece), "piece")


def test_faults_of_a_template_are_told_as_by_django():
    for wrong in ("{% extends %}", "{% include %}", "{% url %}", "{% translate %}", "{% blocktranslate %}"):
        with pytest.raises(TemplateSyntaxError):
            engine(True).from_string(wrong)


def test_every_page_uses_them():
    options = settings.TEMPLATES[0]["OPTIONS"]
    assert (
        options["builtins"] == ["home.templatetags.ready"] and options["libraries"]["i18n"] == ready.__name__
    )
    node = Engine.get_default().get_template("enrollments/family/base.html").nodelist[0]
    assert type(node) is ready.Extends


def test_the_token_of_a_form_is_that_of_its_cookie_and_another_one_on_each_page(site_tree):
    client, address = Client(enforce_csrf_checks=True), reverse("account_login")
    tokens = [
        re.findall(r'name="csrfmiddlewaretoken" value="(\w{64})"', client.get(address).content.decode())[0]
        for _page in range(3)
    ]
    assert len(set(tokens)) == 3
    secret = client.cookies[settings.CSRF_COOKIE_NAME].value
    assert all(csrf._does_token_match(token, secret) for token in tokens), LOOK.format("ready.masked")
    for token, status in ((tokens[0], 200), (tokens[1][:-1] + "_", 403), ("", 403)):
        sent = {"login": "mum@example.org", "password": "wrong", "csrfmiddlewaretoken": token}
        assert client.post(address, sent).status_code == status


def test_a_form_without_a_request_has_djangos_token():
    for given in ({}, {"csrf_token": "of the caller"}):
        both = [
            engine(ours, piece="{% csrf_token %}").get_template("piece").render(Context(given))
            for ours in (True, False)
        ]
        assert both[0] == both[1] and ("of the caller" in both[0]) is bool(given)


LOOK = "Django has changed under {}: read home/templatetags/ready.py again."
SIGNATURES = {
    loader_tags.ExtendsNode.__init__: "nodelist parent_name template_dirs",
    loader_tags.ExtendsNode.get_parent: "context",
    loader_tags.ExtendsNode.render: "context",
    loader_tags.BlockContext.add_blocks: "blocks",
    loader_tags.IncludeNode.__init__: "template args extra_context isolated_context kwargs",
    loader_tags.IncludeNode.render: "context",
    URLNode.__init__: "view_name args kwargs asvar",
    TranslateNode.__init__: "filter_expression noop asvar message_context",
    BlockTranslateNode.__init__: "extra_context singular plural countervar counter message_context trimmed "
    "asvar tag_name",
    BlockTranslateNode.render_token_list: "tokens",
    BlockTranslateNode.render: "context nested",
    CsrfTokenNode.render: "context",
    csrf.get_token: "request",
}


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__qualname__)
def test_a_function_below_is_called_as_before(function):
    given = [name for name in inspect.signature(function).parameters if name != "self"]
    assert given == SIGNATURES[function].split(), LOOK.format(function.__qualname__)
