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

FEATURES = ("rules", "document", "around", "neighbours", "title", "place", "length")
Value = str | int | tuple[str | int, ...]
Values = tuple[Value, ...]  # one for each of `FEATURES`

# As bytes, a sentence is cut into words several times faster.
_SPACES = bytes(n if chr(n).isalnum() and n < 128 else ord(" ") for n in range(256))


class Weights:
    """The fitted weights: of each of `FEATURES` by value, and of words."""

    def __init__(self, features: Mapping[tuple[str, Value], float], words: Mapping[str, float]) -> None:
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
        {(f, value(v)): weight for (f, v), weight in tables[0].items()},
        {word: weight for (word,), weight in tables[1].items()},
    )


SEPARATOR = " | "


def shown(value: Value) -> str:
    """Return a feature's value as it stands in the table; `value` reads it."""
    return SEPARATOR.join(map(str, value)) if isinstance(value, tuple) else str(value)


def value(text: str) -> Value:
    """Return the value that `shown` wrote."""
    parts = tuple(int(v) if v.isdigit() else v for v in text.split(SEPARATOR))
    return parts if len(parts) > 1 else parts[0]


def words(text: str) -> list[bytes]:
    """Return the words of a sentence; only those in small letters have weights, so names say nothing."""
    return _plain(text).split()


def _plain(text: str) -> bytes:
    """Return a text of the same length in which all but ASCII letters and digits are spaces."""
    return text.encode("ascii", "replace").translate(_SPACES)


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
        for c in here:
            if c not in FORUMS:
                count[c] = count.get(c, 0) + 1
    if not count and not titled:
        return
    # Of several, the one named in most sentences, then one of the title, then the first by its code.
    main = min({*count, *titled}, key=lambda c: (-count.get(c, 0), c not in titled, c))
    names, last = sum(count.values()) + 1, len(sentences) + 1
    of_document: dict[str, tuple[str, list[str], str, tuple[int, int, int]]] = {}
    for i, sentence in enumerate(sentences):
        here, engaged = named[i], sentence.engaged
        for c in engaged if main in engaged else (*engaged, main):
            if c in here or c in FORUMS:
                continue
            if c not in of_document:
                share = 5 * count.get(c, 0)
                title = "" if not titled else "other" if c not in titled else "only" if len(titled) == 1 else "among"
                whole = (int(c == main), share // names, share // last)
                of_document[c] = "".join(["01"[c in other] for other in named]), _told(c, named), title, whole
            flags, told, title, whole = of_document[c]
            rule = engaged[c][0] if c in engaged else ""
            beside = "named" if here else next((its for o, (its, _) in engaged.items() if o != c), "")
            place = int(c in [m.country for m in sentence.mentions])
            length = min((sentence.end - sentence.start) // 50, 5)
            around = _steps(flags, i), (told[i], told[i + 2])
            yield i, c, ((rule, beside), whole, *around, (title, rule), place, length)


def _steps(flags: str, i: int) -> tuple[int, int]:
    """Return how many sentences back (at most 4) and on (at most 3) a country is named from sentence i; 0 where it is not."""
    back, on = flags.rfind("1", 0, i), flags.find("1", i + 1)
    return (min(i - back, 4) if back >= 0 else 0), (min(on - i, 3) if on >= 0 else 0)


def _told(country: str, named: Sequence[Set[str]]) -> list[str]:
    """Return for each sentence whether it names the country, alone or with others; between the text's start and its end."""
    told = ["none" if not c else "other" if country not in c else "it" if len(c) == 1 else "with" for c in named]
    return ["start", *told, "end"]


def weigh(
    text: str, sentences: Sequence[Sentence], named: Sequence[Set[str]], titled: Set[str], weights: Weights
) -> None:
    """Drop what rules propose and the model doubts, and add what it is sure of; confidences become its probabilities."""
    plain = _plain(text)
    known, of_words = -1, 0.0
    # As a list, since what is engaged changes while it is weighed.
    for i, country, values in list(candidates(sentences, named, titled)):
        sentence, (rule, _) = sentences[i], values[0]
        if i != known:
            known, of_words = i, weights.of_words(plain[sentence.start : sentence.end].split())
        probability = weights.probability(values, of_words)
        if probability >= (KEEP if rule else ADD):
            sentence.engaged[country] = (rule or NO_RULE, round(probability, 2))
        elif rule:
            del sentence.engaged[country]
