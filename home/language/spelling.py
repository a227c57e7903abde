"""The words nearest to a misspelled one. Pure functions on folded words."""

from collections.abc import Iterable

LEAST = 4  # shorter words are never corrected
BEGINS = 3  # letters after which a word counts as begun


def slips(one: str, other: str, most: int) -> int:
    """Return how many letters were missed, added, changed or swapped, or more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, theirs in enumerate(other, start=1):
            least = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (letter != theirs))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == theirs:
                least = min(least, before[column - 2] + 1)
            current.append(least)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that this one begins, or else those with the fewest slips: one in a word of four
    or five letters, two in a longer one that begins with the same letter.
    """
    known = list(dict.fromkeys(known))
    if len(word) >= BEGINS and (begun := [other for other in known if other.startswith(word)]):
        return begun
    if len(word) < LEAST:
        return []
    most = 1 if len(word) <= LEAST + 1 else 2
    measured = [(slips(word, other, most), other) for other in known if len(other) >= LEAST]
    near = [pair for pair in measured if pair[0] <= (most if pair[1][0] == word[0] else 1)]
    least = min((count for count, _other in near), default=0)
    return [other for count, other in near if count == least]
