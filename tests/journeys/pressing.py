"""Which controls of a page are covered by something else."""

from tests.journeys.conftest import DESKTOP, PHONE

# The centre of each visible control is the control, or inside it. A label stands for the box it holds, and a
# link that wraps is pressed on its first line.
COVERED = """
() => {
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, label';
  const covered = [];
  for (const control of document.querySelectorAll(controls)) {
    const label = control.matches('input') && control.closest('label');
    if (label || control.disabled || control.closest('[inert], [aria-hidden=true]')) continue;
    if (!control.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const under = () => {
      const box = control.getClientRects()[0];
      if (!box || box.width < 2 || box.height < 2) return control;
      return document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    };
    const itself = (hit) => hit && (control.contains(hit) || hit.contains(control) && hit.matches('label'));
    if (itself(under())) continue; // where the page stands now
    control.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const hit = under(), box = control.getClientRects()[0];
    if (itself(hit) || box.right <= 0 || box.bottom <= 0) continue; // beside the page until it has the focus
    const words = (control.innerText || control.name || control.id).trim().slice(0, 40);
    covered.push(`<${control.localName}> "${words}" under <${hit?.localName} class="${hit?.className}">`);
  }
  return covered;
}
"""


def covered(page) -> list[str]:
    """Return one line for each control that cannot be pressed at its own centre, on a telephone and on a wide
    screen. The window stays wide.
    """
    found = []
    for width, height in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": height})
        found += [f" at {width} px: {line}" for line in page.evaluate(COVERED)]
    return found
