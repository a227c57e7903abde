"""The comparison of pages: it sees every change of a text or an attribute, and no change of insignificant
white space.
"""

import re

import pytest

from tests.pages import compare
from tests.pages.normal import lines_of

PAGE = """<!doctype html>
<html lang="fr"><head><title>Cours</title></head>
<body class="wide quiet"><main id="main"><h1>Nos <em>cours</em></h1>
<p>Un texte, <a href="/fr/cours/?age=7">un lien</a> <b>gras</b><i>penché</i>.</p>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="abc"><label>Nom <input name="name" required></label>
<textarea name="text">
 deux
lignes</textarea><button class="button" type="submit">Envoyer</button></form>
<p>Un <span class="chip">mot</span></p>
<p class="line"><span>Lundi</span><a href="#">14:00</a></p>
<pre>a  b</pre><table><tr><th>Jour<td>samedi</table></main></body></html>
"""

SAME = {
    "an attribute on a line of its own": ('<a href="/fr/cours/?age=7">', '<a\n  href="/fr/cours/?age=7"\n>'),
    "attributes in another order": (
        'name="csrfmiddlewaretoken" value="abc"',
        'value="abc" name="csrfmiddlewaretoken"',
    ),
    "classes on two lines": ("wide quiet", "wide\n  quiet"),
    "a line at the edges of a block": (
        "<h1>Nos <em>cours</em></h1>",
        "\n<h1>\n  Nos\n  <em>cours</em>\n</h1>\n",
    ),
    "a line at the inner edges of a button": (">Envoyer<", ">\n  Envoyer\n<"),
    "a longer run of white space": ("texte, <a", "texte,\n\n  <a"),
    "a space between the children of a flex container": ("</span><a", "</span> <a"),
    "another form token": ('value="abc"', 'value="xyz"'),
}
CHANGED = {
    "one letter": ("Envoyer", "Envoyez"),
    "one accent": ("penché", "penche"),
    "the value of an attribute": ("age=7", "age=8"),
    "one class more": ('class="button"', 'class="button quiet"'),
    "an attribute gone": (" required", ""),
    "another element": ("<b>gras</b>", "<strong>gras</strong>"),
    "a space between inline elements": ("</b><i>", "</b> <i>"),
    "no space between inline elements": ("</a> <b>", "</a><b>"),
    "a space before a box in a line": ("Un <span", "Un<span"),
    "a space between a field and a button": ("</textarea><button", "</textarea> <button"),
    "a space within preformatted text": ("a  b", "a b"),
    "a line within a field of text": (" deux\n", " deux \n"),
    "the kind of document": ("<!doctype html>", ""),
}


def changed(old: str, new: str) -> str:
    assert PAGE.count(old) == 1
    return PAGE.replace(old, new)


@pytest.mark.parametrize("old_and_new", SAME.values(), ids=SAME)
def test_what_a_reader_cannot_see_is_no_difference(old_and_new):
    assert lines_of(changed(*old_and_new)) == lines_of(PAGE)


@pytest.mark.parametrize("old_and_new", CHANGED.values(), ids=CHANGED)
def test_every_other_change_is_a_difference(old_and_new):
    assert lines_of(changed(*old_and_new)) != lines_of(PAGE)


@pytest.mark.django_db
def test_any_letter_or_attribute_of_a_real_page_counts(client):
    page = client.get("/fr/account/signup/").content.decode()
    lines = lines_of(page)
    body = page[page.index("<main") : page.index("</main>")]
    words = list(re.finditer(r">([^<>]*\w[^<>]*)<", body))
    attributes = [match for match in re.finditer(r'\s[a-z-]+="[^"]*"', body) if "value=" not in match[0]]
    assert len(words) > 8 and len(attributes) > 20
    for match in words:
        assert (
            lines_of(page.replace(match[0], match[0].replace(match[1].strip(), match[1].strip() + "x"), 1))
            != lines
        )
    for match in attributes:
        assert lines_of(page.replace(match[0], "", 1)) != lines


def test_a_space_may_stand_on_either_side_of_an_inline_tag():
    one, other, both = (
        "\n".join(lines_of(f"<p>a{text}</p>")) for text in ("<b> c</b>", " <b>c</b>", " <b> c</b>")
    )
    assert compare.settled(one) == compare.settled(other) == compare.settled(both)
    assert compare.settled(one) != compare.settled("\n".join(lines_of("<p>a<b>c</b></p>")))


def test_the_order_of_classes_says_nothing():
    one, other, third = ("\n".join(lines_of(f'<p class="{classes}">a')) for classes in ("a b", "b a", "a c"))
    assert compare.settled(one) == compare.settled(other) != compare.settled(third)


def test_equal_differences_are_counted_once(tmp_path, capsys):
    for folder, button in (("before", "Envoyer"), ("after", "Envoyez")):
        for name in ("one", "two"):
            written = tmp_path / folder / "fr" / f"{name}.txt"
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text("\n".join(lines_of(changed("Envoyer", button))) + "\n")
    assert compare.report(tmp_path / "before", tmp_path / "before") == 0
    assert compare.report(tmp_path / "before", tmp_path / "after") == 1
    assert "2 differ, in 1 different ways" in capsys.readouterr().out
    (tmp_path / "after" / "fr" / "one.txt").unlink()
    assert [
        names
        for (gone, _come), names in compare.differences(tmp_path / "before", tmp_path / "after").items()
        if gone == ("(the page)",)
    ] == [["fr/one.txt"]]
