"""Cue lexicons: data files of words and phrases that point to a code, found in one pass over a text.

A cue is one or more words in lower case; a word may end in `*`, which stands for any ending ("donat*" finds "donated").
Punctuation inside a cue or a text counts as a blank ("joint-venture" is "joint venture"), so a phrase never reaches across a
comma, which leaves two blanks. Within one lexicon the longest cue wins: "trade war" hides "trade".
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ahocorasick

from engagement.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Cue:
    """One row of a lexicon: its file, the cue as written, its code, mode and weight, and its row number in the file."""

    lexicon: str
    cue: str
    code: str
    mode: str
    weight: float
    row: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found in a text, with its character offsets."""

    start: int
    end: int
    cue: Cue


def plain(text: str) -> str:
    """Return the text in lower case with every character that is not a letter or digit blanked; offsets do not move."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters, such as İ, grow when lowered
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return "".join([c if c.isalnum() else " " for c in lowered])


def read_cues(path: Path, lexicon: str, codes: tuple[str, ...] = ()) -> list[Cue]:
    """Read a lexicon file with columns `cue` and `reason`, and optionally `code`, `mode`, `weight` and `group`.

    `codes` are the codes allowed; empty allows any. A file with a column `group` holds several lexicons, named by it.

    Raises
    ------
    ConfigurationError
        If a column is missing, a cue is empty, repeated or malformed, a code is unknown, a weight is no number, or a
        row gives no reason; the message names file, row and remedy.
    """
    name = f"data/reference/{path.name}"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"cue", "reason"} - set(reader.fieldnames or ())
        if missing:
            raise ConfigurationError(f"{name}, row 1: no column {sorted(missing)[0]!r}; restore it from the repository")
        rows = list(reader)
    cues, seen = [], {}
    for number, row in enumerate(rows, start=2):
        where = f"{name}, row {number}"
        words = (row["cue"] or "").split()
        text = " ".join(words)
        if not words or text != plain(text.replace("*", "")).strip() and "*" not in text or "**" in text:
            raise ConfigurationError(
                f"{where}: {row['cue']!r} is no cue; write lower-case words, `*` only at a word's end"
            )
        if any("*" in w[:-1] for w in words) or any("*" in w for w in words[:-1]) or words[-1] == "*":
            raise ConfigurationError(f"{where}: `*` in {text!r} must end the last word; write one row per form")
        group = row.get("group") or lexicon
        if (group, text) in seen:
            raise ConfigurationError(f"{where}: {text!r} is already in row {seen[group, text]}; delete one of the two")
        code = row.get("code") or ""
        if codes and code not in codes:
            raise ConfigurationError(f"{where}: code {code!r} is unknown; use one of {', '.join(codes)}")
        if not (row["reason"] or "").strip():
            raise ConfigurationError(f"{where}: no reason is given for {text!r}; write one line in column `reason`")
        try:
            weight = float(row.get("weight") or 1)
        except ValueError:
            raise ConfigurationError(f"{where}: weight of {text!r} is not a number; write for example 2") from None
        seen[group, text] = number
        cues.append(Cue(group, text, code, row.get("mode") or "", weight, number))
    return cues


class Matcher:
    """An Aho–Corasick automaton over the cues of several lexicons; time linear in the length of the text."""

    def __init__(self, cues: list[Cue]) -> None:
        grouped: dict[str, list[tuple[bool, Cue]]] = {}
        for cue in cues:
            grouped.setdefault(f" {cue.cue.rstrip('*')}", []).append((cue.cue.endswith("*"), cue))
        self._automaton = ahocorasick.Automaton()
        for key, group in grouped.items():
            self._automaton.add_word(key, (len(key) - 1, group))
        self._automaton.make_automaton()

    def find(self, text: str) -> Mapping[str, list[Hit]]:
        """Return the hits per lexicon, in order of appearance, longest first and without overlap."""
        padded = f" {plain(text)} "
        found: dict[str, list[tuple[int, int, Cue]]] = {}
        for last, (length, group) in self._automaton.iter(padded):
            start = last - length  # in the text: the padding blank shifts by one, the key's leading blank shifts back
            closed = padded[last + 1] == " "
            for open_ended, cue in group:
                if closed:
                    found.setdefault(cue.lexicon, []).append((start, -last, cue))
                elif open_ended:
                    stop = padded.index(" ", last)
                    found.setdefault(cue.lexicon, []).append((start, 1 - stop, cue))
        return {name: _longest(hits) for name, hits in found.items()}


def _longest(hits: list[tuple[int, int, Cue]]) -> list[Hit]:
    """Return the hits without overlap: the earliest first, of those that start together the longest."""
    kept: list[Hit] = []
    free = 0
    for start, negative_end, cue in sorted(hits, key=lambda h: (h[0], h[1], h[2].row)):
        if start >= free:
            kept.append(Hit(start, -negative_end, cue))
            free = -negative_end
    return kept
