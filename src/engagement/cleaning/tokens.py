"""Words and numbers with their offsets, their normalised form and their lemma.

The document's text is left as it came, so that an offset always points to what a reader sees; Unicode forms,
apostrophes, soft hyphens and capitals are made equal here, word by word.
"""

import csv
import re
import unicodedata
from functools import cache

import simplemma

from engagement import project
from engagement.errors import ConfigurationError

# Marks that belong to the letter before them, and characters without width that typesetting leaves inside words.
_JOIN = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_APOSTROPHES = "'’ʼ＇`´‘"
_LETTER = rf"[^\W\d_][{_JOIN}]*"
# In order: letters with full stops between them (U.S.), a number with its separators, a word with inner apostrophes.
# A possessive 's is a token of its own; a hyphen separates words.
_TOKEN = re.compile(
    rf"""
      (?<![^\W\d_]\.)(?:[^\W\d_]\.){{2,}}+(?![^\W_])
    | \d+(?:[.,]\d+)*(?:{_LETTER})*
    | [{_APOSTROPHES}]s(?![^\W_])
    | (?:{_LETTER}|\d)+(?:[{_APOSTROPHES}](?!s(?![^\W_]))(?:{_LETTER})+)*
    """,
    re.VERBOSE,
)
SHORTEST = 3  # letters of a word that is kept


def tokenise(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words and numbers of a text, in order."""
    return [match.span() for match in _TOKEN.finditer(text)]


@cache
def normalise(surface: str) -> str:
    """Return a word in NFKC and lower case, with plain apostrophes and without invisible characters."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", surface)).lower()
    return unicodedata.normalize("NFC", re.sub(f"[{_APOSTROPHES}]", "'", plain))


class Lexicon:
    """The stop words and the corrections of lemmas in `data/reference/`."""

    def __init__(self) -> None:
        self.stop_words = {row["word"]: row["group"] for row in _rows("stop_words.csv", ("word", "group", "reason"))}
        self.lemmas = {row["word"]: row["lemma"] for row in _rows("lemmas.csv", ("word", "lemma", "reason"))}
        self._known: dict[str, str] = {}

    def lemma(self, token: str) -> str:
        """Return the dictionary form in lower case, by simplemma and then `lemmas.csv`; the token where unknown."""
        if token not in self._known:
            found = token if token in self.lemmas else simplemma.lemmatize(token, lang="en").lower()
            self._known[token] = self.lemmas.get(found, found)
        return self._known[token]

    def why_dropped(self, token: str) -> str:
        """Return why a token is not kept: `number`, `short` or `stop word: <group>`; empty where it is kept.

        Stop words are compared with the word as written, not with its lemma: "mines" are not the pronoun "mine".
        """
        if any(c.isdigit() for c in token):
            return "number"
        if token in self.stop_words:
            return f"stop word: {self.stop_words[token]}"
        return "short" if sum(c.isalpha() for c in token) < SHORTEST else ""


def _rows(name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    path = project.reference(name)
    if not path.is_file():
        raise ConfigurationError(f"data/reference/{name}: not there; restore it from the project")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [c for c in columns if c not in (reader.fieldnames or [])]
        if missing:
            raise ConfigurationError(f"data/reference/{name}, row 1: no column {', '.join(missing)}; add it")
        rows = list(reader)
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        where = f"data/reference/{name}, row {number}"
        if None in row or not all(row[c] for c in columns):
            raise ConfigurationError(f"{where}: needs {', '.join(columns)}, each filled in")
        if row["word"] != normalise(row["word"]):
            raise ConfigurationError(f"{where}: {row['word']!r} can never match; write {normalise(row['word'])!r}")
        if row["word"] in seen:
            raise ConfigurationError(f"{where}: repeats {row['word']!r}; remove one")
        seen.add(row["word"])
    return rows
