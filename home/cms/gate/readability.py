"""How hard a text is to read: LIX, the mean length of a sentence plus the share of long words in percent.

Source: C.-H. Björnsson, "Läsbarhet" (Liber, Stockholm, 1968); J. Anderson, "Lix and Rix: variations on a
little-known readability index", Journal of Reading 26 (1983). Below 30 very easy (books for children), to 40
easy, to 50 medium (newspapers), to 60 difficult, above very difficult. It counts letters and no syllables, so
it needs no dictionary of a language. A long word has more than six letters. Arabic writes the article, "and"
and some prepositions together with the word and leaves out short vowels: these are taken off first, and
a long word has more than five letters.
"""

import re

FEWEST = 30  # words; a shorter text says too little
MOST = {8: 45, 11: 50, 18: 55}  # up to this age: the LIX from which a text is hard
ADULTS = 60

SENTENCES = re.compile(r"[.!?؟:;؛…\n]+")
WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
MARKS = re.compile(r"[\u064b-\u0652\u0640]")
JOINED = re.compile(r"^(?:[وف]?(?:ال|بال|كال|لل)|و)(?=\w{3})")
LONG = {"ar": 5}


def lix(text: str, language: str) -> int | None:
    """Return the LIX of a text, rounded; None if it has fewer than FEWEST words."""
    words = WORDS.findall(MARKS.sub("", text))
    if len(words) < FEWEST:
        return None
    if language == "ar":
        words = [JOINED.sub("", word) for word in words]
    sentences = sum(1 for part in SENTENCES.split(text) if WORDS.search(part))
    long = sum(1 for word in words if len(re.split("['’]", word)[-1]) > LONG.get(language, 6))
    return round(len(words) / max(sentences, 1) + 100 * long / len(words))


def is_hard(text: str, language: str, *, up_to_age: int | None = None) -> bool:
    """Return whether a text is hard to read for children up to that age; for adults without an age."""
    limit = next((most for age, most in MOST.items() if up_to_age <= age), ADULTS) if up_to_age else ADULTS
    found = lix(text, language)
    return found is not None and found > limit
