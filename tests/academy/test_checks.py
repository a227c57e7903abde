"""Edge cases of the serve command and the message catalogue tool."""

import socket

import pytest
from django.core.management import CommandError, call_command

from academy import messages
from academy.management.commands import serve


def test_a_taken_port_gives_one_helpful_line(settings):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        settings.PORT = holder.getsockname()[1]
        with pytest.raises(CommandError) as refusal:
            call_command("serve")
    assert str(refusal.value).startswith(f"Port {settings.PORT} is taken") and "\n" not in str(refusal.value)
    assert f"PORT={settings.PORT + 1} make run" in str(refusal.value)


def test_only_the_demonstration_is_opened_this_way(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("serve")


def test_the_demonstration_is_served_on_this_machine_only_by_one_process_of_eight_threads():
    said = serve.gunicorn_settings(8123)
    assert (said["bind"], said["workers"], said["threads"], said["worker_class"]) == (
        ["127.0.0.1:8123"],
        1,
        8,
        "gthread",
    )


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Create a project of one module and one template, with its own catalogues."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "academy").mkdir()
    (tmp_path / "academy" / "words.py").write_text(
        "from django.utils.translation import gettext as _, ngettext\n"
        'A = _("Hello %(name)s")\nB = ngettext("%(count)s place", "%(count)s places", 2)\n'
    )
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}<p title="{% translate "A title" %}">it\'s {# don\'t #}{% if a > 1 %}\n'
        "    {% blocktranslate trimmed count n=n %}\n  {{ n }} child\n {% plural %} {{ n }} children"
        "{% endblocktranslate %}\n"
        '{% include "x.html" with words=_("Said here") %}{% translate "In context" context "menu" %}</p>'
    )
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALE", tmp_path / "academy" / "locale")
    return tmp_path


def test_sentences_are_found_in_modules_and_templates(house):
    found = {
        (message.id if isinstance(message.id, str) else message.id[0], message.context)
        for message in messages.sentences()
        if message.id
    }
    assert found == {
        ("Hello %(name)s", None),
        ("%(count)s place", None),
        ("A title", None),
        ("%(n)s child", None),
        ("Said here", None),
        ("In context", "menu"),
    }


def test_a_catalogue_keeps_its_translations_and_is_written_the_same_twice(house):
    messages.extract()
    path = messages.path_of("fr")
    path.write_text(
        path.read_text().replace('msgid "A title"\nmsgstr ""', 'msgid "A title"\nmsgstr "Un titre"')
    )
    messages.extract()
    once = path.read_text()
    messages.extract()
    assert path.read_text() == once
    assert 'msgstr "Un titre"' in once and "POT-Creation-Date" not in once


def test_what_is_missing_fuzzy_stale_or_has_other_placeholders_is_told(house):
    assert messages.faults("fr") == ["fr: there is no catalogue (python -m academy.messages extract)"]
    messages.extract()
    path = messages.path_of("fr")
    text = path.read_text().replace(
        'msgid "Hello %(name)s"\nmsgstr ""', 'msgid "Hello %(name)s"\nmsgstr "Bonjour %(nom)s"'
    )
    path.write_text(text + '\nmsgid "Gone"\nmsgstr "Parti"\n')
    told = "\n".join(messages.faults("fr"))
    for words in (
        "not translated: 'A title'",
        "no longer asked for: 'Gone'",
        "placeholders ['%(name)s', '%(nom)s'] differ",
    ):
        assert words in told


def test_arabic_has_six_plural_forms(house):
    messages.extract()
    assert messages.path_of("ar").read_text().count("msgstr[5]") == 2
