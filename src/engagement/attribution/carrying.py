"""Which partners a sentence engages that it does not name: a linear model weighs what the rules of reference propose.

A rule of `reference.py` says what a sentence refers to; whether the sentence goes on about that partner, or has turned to
Cambodia's own affairs, also shows in its words and in where the partner is named around it. The model is a logit with
readable weights in `data/reference/carrying_weights.csv` (feature, value) and `carrying_words.csv`, fitted by
`carrying_training.py`.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import repeat
from pathlib import Path

from engagement.attribution.reference import FORUMS, Sentence
from engagement.errors import ConfigurationError

# Rules propose: below the first probability an attribution by a rule is dropped; from the second on, a partner that no
# rule proposes is added. Of the values tried (0.3 to 0.45, 0.55 to 0.75) those of the highest F1 on the development half.
KEEP, ADD = 0.3, 0.7
MOST = 700.0  # a sentence of a million words says no more than this; its exponential is still a number
NO_RULE = "context"  # the rule of what the model adds

FEATURES = ("rule", "others", "forum", "length", "before", "after", "title", "of names", "of sentences", "place")
Values = tuple[str | int, ...]  # one for each of `FEATURES`

# As bytes, a sentence is cut into words several times faster.
_SPACES = bytes(n if chr(n).isalnum() and n < 128 else ord(" ") for n in range(256))


class Weights:
    """The fitted weights: of each of `FEATURES` by value, and of words."""

    def __init__(self, features: Mapping[tuple[str, str | int], float], words: Mapping[str, float]) -> None:
        """Take weights by (feature, value) and by word; they count in hundredths, whose sums no order changes."""
        self.features = [{v: round(100 * w) for (f, v), w in features.items() if f == name} for name in FEATURES]
        self.words = {word.encode(): round(100 * w) for word, w in words.items()}

    def of_words(self, words: Sequence[bytes]) -> float:
        """Return what the words of a sentence say, over the root of their number."""
        return sum(map(self.words.get, words, repeat(0))) / math.sqrt(len(words) or 1)

    def probability(self, values: Values, of_words: float) -> float:
        """Return the probability that a sentence engages a partner it does not name."""
        utility = of_words + sum(map(dict.get, self.features, values, repeat(0)))
        return 1 / (1 + math.exp(min(-utility / 100, MOST)))


def read(features: Path, words: Path) -> Weights:
    """Read the fitted weights.

    Raises
    ------
    ConfigurationError
        If a weight is no number.
    """
    tables = []
    for path, keys in ((features, ("feature", "value")), (words, ("word",))):
        table = {}
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                try:
                    table[tuple(row[k] for k in keys)] = float(row["weight"])
                except (KeyError, TypeError, ValueError):
                    raise ConfigurationError(
                        f"data/reference/{path.name}, row {number}: has no weight; fit the model anew (docs/attribution.md)"
                    ) from None
        tables.append(table)
    return Weights(
        {(f, int(v) if v.isdigit() else v): weight for (f, v), weight in tables[0].items()},
        {word: weight for (word,), weight in tables[1].items()},
    )


def words(text: str) -> list[bytes]:
    """Return the words of a sentence; only those in small letters have weights, so names say nothing."""
    return text.encode("ascii", "replace").translate(_SPACES).split()


def candidates(
    sentences: Sequence[Sentence], named: Sequence[Set[str]], titled: Set[str]
) -> Iterator[tuple[int, str, Values]]:
    """Yield (place of the sentence, country, values) of what rules propose, and of the document's main state elsewhere.

    Parameters
    ----------
    sentences : of one document, with what the rules say.
    named : the outside parties that each of them names; they need no proposal.
    titled : those the title names.
    """
    count: dict[str, int] = {}
    for here in named:
        for c in here - FORUMS:
            count[c] = count.get(c, 0) + 1
    if not count and not titled:
        return
    # Of several, the one named in most sentences, then one of the title, then the first by its code.
    main = min({*count, *titled}, key=lambda c: (-count.get(c, 0), c not in titled, c))
    names, last = sum(count.values()) + 1, len(sentences) + 1
    of_document: dict[str, tuple[list[tuple[int, int]], tuple[str, int, int]]] = {}
    for i, sentence in enumerate(sentences):
        here, engaged = named[i], sentence.engaged
        for c in engaged or (main,):
            if c in here or c in FORUMS:
                continue
            if c not in of_document:
                title = "" if not titled else "other" if c not in titled else "only" if len(titled) == 1 else "among"
                share = 5 * count.get(c, 0)
                of_document[c] = _steps([c in other for other in named]), (title, share // names, share // last)
            steps, values = of_document[c]
            others, forum = (len(here - FORUMS), not here.isdisjoint(FORUMS)) if here else (0, False)
            rule = engaged[c][0] if engaged else ""
            length = min((sentence.end - sentence.start) // 50, 5)
            place = c in [m.country for m in sentence.mentions]
            yield i, c, (rule, min(others, 2), int(forum), length, *steps[i], *values, int(place))


def _steps(named: Sequence[bool]) -> list[tuple[int, int]]:
    """Return how many sentences back (at most 4) and on (at most 3) a country is named from each; 0 where it is not."""
    back: list[int] = []
    on: list[int] = []
    for flags, most, steps in ((named, 4, back), (reversed(named), 3, on)):
        since = 0
        for flag in flags:
            steps.append(since)
            since = 1 if flag else since and min(since + 1, most)
    return list(zip(back, reversed(on), strict=True))


def weigh(
    text: str, sentences: Sequence[Sentence], named: Sequence[Set[str]], titled: Set[str], weights: Weights
) -> None:
    """Drop what rules propose and the model doubts, and add what it is sure of; confidences become its probabilities."""
    found = list(candidates(sentences, named, titled))
    known, of_words = -1, 0.0
    for i, country, values in found:
        sentence, rule = sentences[i], values[0]
        if i != known:
            known, of_words = i, weights.of_words(words(text[sentence.start : sentence.end]))
        probability = weights.probability(values, of_words)
        if probability >= (KEEP if rule else ADD):
            sentence.engaged[country] = (rule or NO_RULE, round(probability, 2))
        elif rule:
            del sentence.engaged[country]
