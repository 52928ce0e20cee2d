"""Sentences without an actor of their own: whom "the two leaders", "the loan" or "he" refers to.

`data/reference/referring.csv` lists the referring expressions by kind with a reason each. They are found in the same
pass as the actors. The rules below carry the partner of what came before to a sentence that refers to it, and stop at
a change of subject.
"""

import csv
from pathlib import Path

from engagement.attribution.dictionary import Surface, expand, key
from engagement.errors import ConfigurationError

BITS = {"bilateral": 1, "act": 2, "office": 4, "pronoun": 8, "demonstrative": 16}
RULES = {
    "bilateral": "both sides",
    "office": "the office spoken of",
    "act": "the act spoken of",
    "pronoun": "pronoun",
    "demonstrative": "demonstrative",
}
CONFIDENCE = {"bilateral": 0.8, "office": 0.75, "act": 0.7, "pronoun": 0.6, "demonstrative": 0.5}


def add_referring(surfaces: dict[str, Surface], path: Path) -> None:
    """Add the referring expressions of `referring.csv` to the surfaces to look for; names keep their reading.

    Raises
    ------
    ConfigurationError
        If a row has an unknown kind or no phrases.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if row["kind"] not in BITS or not row["phrases"]:
                raise ConfigurationError(
                    f"data/reference/{path.name}, row {line}: kind {row['kind']!r} or its phrases are not usable; "
                    f"use one of {', '.join(BITS)} and list phrases separated by semicolons"
                )
            for pattern in row["phrases"].split(";"):
                for phrase in expand(pattern):
                    entry = surfaces.setdefault(key(phrase), Surface())
                    if entry == Surface() or entry.cue:
                        entry.cue |= BITS[row["kind"]]


def carried(bits: int) -> str | None:
    """Return the kind of the strongest referring expression of a sentence, or None."""
    for kind, bit in BITS.items():
        if bits & bit and kind != "demonstrative":
            return kind
    return None
