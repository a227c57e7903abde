"""Words that keep their own direction inside a line of the other one (Unicode isolates, UAX 9)."""

FSI, LTR = "\N{FIRST STRONG ISOLATE}", "\N{LEFT-TO-RIGHT ISOLATE}"
POP = "\N{POP DIRECTIONAL ISOLATE}"


def apart(words: str) -> str:
    """Return words whose direction is not known: their first letter tells it."""
    return f"{FSI}{words}{POP}"


def left_to_right(run: str) -> str:
    """Return a run of digits and signs that is read from left to right in every language."""
    return f"{LTR}{run}{POP}"
