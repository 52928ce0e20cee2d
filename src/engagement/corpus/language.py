"""Is a text in the language the project works in? Two shares that anyone can check by hand.

A text counts as English if most of its letters are Latin and enough of its words are English function words. The
words in the list are the commonest of English prose that are not also common in another language written in Latin
letters ("a", "me" and "an" are left out, for example). English prose has shares of about 0.2 to 0.4, other languages
stay below 0.08; the tests hold samples. Texts of fewer than `SHORTEST` words say too little, and pass on their letters
alone. Mixed texts pass as long as their English part is large enough, which is meant: quotations are part of news.
"""

import re
import unicodedata

# fmt: off
FUNCTION_WORDS = frozenset((
    "the", "of", "and", "to", "for", "that", "with", "on", "was", "by", "as", "at", "from", "is", "be", "has", "have",
    "had", "were", "which", "this", "it", "not", "are", "said", "would", "will", "its", "their", "his", "her", "but",
    "been", "who", "they",
))
# fmt: on
LATIN_SHARE = 0.7  # of the letters
FUNCTION_SHARE = 0.12  # of the words
SHORTEST = 12  # words

KNOWN = ("en",)


def latin_share(text: str) -> float:
    """Return the share of Latin letters among a text's letters; 0 where there are none."""
    letters = [c for c in text if c.isalpha()]
    latin = sum(c.isascii() or unicodedata.name(c, "").startswith(("LATIN", "FULLWIDTH LATIN")) for c in letters)
    return latin / len(letters) if letters else 0.0


def function_share(text: str) -> float:
    """Return the share of English function words among a text's words; 0 where there are none."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    return sum(word in FUNCTION_WORDS for word in words) / len(words) if words else 0.0


def is_english(text: str) -> bool:
    """Return whether a text is English by the two shares above."""
    if latin_share(text) < LATIN_SHARE:
        return False
    return len(re.findall(r"[^\W\d_]+", text)) < SHORTEST or function_share(text) >= FUNCTION_SHARE
