"""Larger text, as phones and browsers offer it: at 360 px and 130 % or 200 % (and at 320 px) no page of the
table scrolls sideways, and no word of it is cut off.

On the same visit, every control can be pressed where it lies. tests/journeys/test_axe.py asks that of the
other half of the pages in each language.
"""

import pytest

from tests.depth import part, usually
from tests.journeys.conftest import PHONE
from tests.journeys.pressing import COVERED, covered
from tests.journeys.routes import pages

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Width in pixels, text in per cent; what fits the narrowest at twice the size nearly always fits the others.
LOOKS = ((360, 130), (320, 200), (360, 200), (320, 100))[: usually(2, thorough=4)]

# One line for a page that is wider than the screen, for each word that ends outside of it or of a box that
# hides what it does not hold, and for words of one letter a line. Left out: what scrolls in its own box
# (tables, skill maps, the team's tabs), and what only screen readers get.
CUT = """() => {
  const wrong = [], wide = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole > wide) wrong.push(`the page is ${whole} px wide`);
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const scrolls = '.table-scroll, .tabs--staff, .skill-map, pre';
  const rooms = new Map([[document.body, [0, wide]]]);
  const room = (box) => { // from where to where words of this box are seen
    if (rooms.has(box)) return rooms.get(box);
    const style = getComputedStyle(box), edge = box.getBoundingClientRect();
    let [left, right] = room(box.parentElement);
    if (style.clipPath !== 'none') { left = -1e9; right = 1e9; }
    else if (style.overflowX !== 'visible' && right < 1e9) {
      left = Math.max(left, edge.left); right = Math.min(right, edge.right);
    }
    rooms.set(box, [left, right]);
    return rooms.get(box);
  };
  const unseen = `.visually-hidden, .away, .skip, [hidden], script, style, option, ${scrolls}`;
  while (words.nextNode()) {
    const node = words.currentNode, box = node.parentElement;
    if (!node.data.trim() || box.closest(unseen)) continue;
    if (!box.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const [left, right] = room(box);
    const lines = new Set([...range.getClientRects()].map((piece) => Math.round(piece.top / 4))).size;
    if (right < 1e9 && lines > 3 && lines * 2 > node.data.trim().length) {
      wrong.push(`“${node.data.trim().slice(0, 40)}” falls apart into letters`);
    }
    for (const piece of range.getClientRects()) {
      if (piece.width > 1 && (piece.left < left - 1.5 || piece.right > right + 1.5)) {
        wrong.push(`“${node.data.trim().slice(0, 40)}” in ${box.tagName}.${box.className} is cut off`);
        break;
      }
    }
  }
  return wrong.slice(0, 6);
}"""


def cut(page, look) -> list[str]:
    """Return what is lost at this width and size of text."""
    width, text = look
    page.set_viewport_size({"width": width, "height": PHONE[1]})
    page.evaluate(
        """(text) => {
          document.documentElement.style.fontSize = '';
          const own = parseFloat(getComputedStyle(document.documentElement).fontSize);
          document.documentElement.style.fontSize = `${own * text / 100}px`;
          document.querySelectorAll('main details').forEach((box) => (box.open = true));
        }""",
        text,
    )
    return [f" at {width} px and {text} %: {line}" for line in page.evaluate(CUT)]


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_larger_text_has_room_and_every_control_can_be_pressed(demonstration, visited, language):
    rows, wrong = part(pages(language), ["ar", "fr"].index(language), of=2), []
    for name, _who, page, _answer in visited(rows, language=language, size=PHONE):
        wrong += [f"{name}{line}" for line in covered(page)]
        wrong += [f"{name}{line}" for look in LOOKS for line in cut(page, look)]
    assert not wrong, "\n".join(wrong)


def test_control_a_word_without_room_is_seen(demonstration, new_page):
    page = new_page()
    page.goto("/fr/contact/")
    assert cut(page, (360, 200)) == []
    page.evaluate(
        """() => {
          const box = document.createElement('p');
          box.textContent = 'unmotbeaucouptroplongpourtenir'.repeat(3);
          Object.assign(box.style, { inlineSize: '5rem', overflow: 'hidden', whiteSpace: 'nowrap' });
          document.querySelector('main').append(box);
        }"""
    )
    assert len(cut(page, (360, 200))) == 1


def test_control_a_covered_control_is_seen(demonstration, new_page):
    page = new_page()
    page.goto("/fr/contact/")
    assert page.evaluate(COVERED) == []
    page.evaluate(
        """() => {
          const sheet = document.createElement('div');
          Object.assign(sheet.style, { position: 'absolute', inset: 0, blockSize: '9999px', zIndex: 9 });
          document.body.append(sheet);
        }"""
    )
    assert page.evaluate(COVERED) != []
