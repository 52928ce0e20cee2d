"""Referring expressions and the other word lists of attribution, read from `data/reference/referring.csv`.

A row is a kind, its phrases (`two (countries|sides)` stands for several) and the reason it is there.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from engagement.attribution.dictionary import Surface, expand, key
from engagement.errors import ConfigurationError

# Kinds found in the text, in the same pass as the actors; a surface may have several.
BITS = {
    "both": 1,
    "relation": 2,
    "act": 4,
    "background": 8,
    "office": 16,
    "pronoun": 32,
    "plural": 64,
    "demonstrative": 128,
    "onward": 256,
    "home affairs": 512,
}
# Kinds looked up beside a name.
LISTS = ("title", "where", "lean", "seat", "home")


@dataclass(frozen=True)
class Referring:
    """The phrases of `referring.csv`: those to look for with their bits, and word lists (lower case) by kind.

    `nouns` gives each office the first word of its row: what is learnt of "the embassy" holds for "the mission".
    """

    phrases: dict[str, int] = field(default_factory=dict)
    nouns: dict[str, str] = field(default_factory=dict)
    words: dict[str, frozenset[str]] = field(default_factory=dict)

    def add_to(self, surfaces: dict[str, Surface]) -> None:
        """Add the phrases to the surfaces to look for; where an actor has the same name, the actor keeps it."""
        for phrase, bits in self.phrases.items():
            entry = surfaces.setdefault(key(phrase), Surface())
            entry.surname_of = ()  # "he" is a pronoun before it is Mr He
            if entry == Surface() or entry.cue:
                entry.cue |= bits
                entry.noun = self.nouns.get(phrase, phrase.lower().removesuffix("s"))


def read(path: Path) -> Referring:
    """Read and check `referring.csv`.

    Raises
    ------
    ConfigurationError
        If a row has an unknown kind, no phrases or no reason.
    """
    phrases: dict[str, int] = defaultdict(int)
    nouns: dict[str, str] = {}
    words: dict[str, set[str]] = {kind: set() for kind in LISTS}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            kind = row.get("kind")
            if kind not in BITS and kind not in LISTS or not row.get("phrases") or not row.get("reason"):
                raise ConfigurationError(
                    f"data/reference/{path.name}, row {line}: needs a kind ({', '.join((*BITS, *LISTS))}), phrases separated by "
                    "semicolons, and a reason"
                )
            listed = [phrase for pattern in row["phrases"].split(";") for phrase in expand(pattern)]
            for phrase in listed:
                if kind in BITS:
                    phrases[phrase] |= BITS[kind]
                    if kind == "office":
                        nouns[phrase] = listed[0]
                else:
                    words[kind].add(phrase.lower())
    return Referring(dict(phrases), nouns, {kind: frozenset(w) for kind, w in words.items()})
