"""Which partners a sentence engages that it does not name: a linear model weighs what the rules of reference propose.

A rule of `reference.py` says what a sentence refers to; whether the sentence goes on about that partner, or has turned to
Cambodia's own affairs, also shows in its words and in where the partner is named around it. The model is a logit with
readable weights in `data/reference/carrying_weights.csv` (feature, value) and `carrying_words.csv`, fitted by
`carrying_training.py`. In the pipeline the context model (`context`) then confirms or drops what is carried (`confirmed`); `weigh`
alone, which is much faster, decides by itself.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import repeat
from pathlib import Path

import numpy as np

from engagement.attribution.reference import CONFIDENCE, FORUMS, Sentence
from engagement.errors import ConfigurationError

# Rules propose: below the first probability an attribution by a rule is dropped; from the second on, a partner that no
# rule proposes is added. Of the values tried (0.3 to 0.45, 0.55 to 0.75) those of the highest F1 on the development half.
KEEP, ADD = 0.3, 0.7
# From the first probability on, the context model is asked as well; from the second, with its answer, an attribution stays.
DOUBTFUL, CONFIRMED = 0.1, 0.5
CONFIRM = ("probability", "context", "bias")  # what is weighed then
MOST = 700.0  # a sentence of a million words says no more than this; its exponential is still a number
NO_RULE = "main state"  # the rule of what the model adds
CARRIED = frozenset({*CONFIDENCE, NO_RULE})

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
        self.confirm = [features.get(("confirm", v), 0.0) for v in CONFIRM]

    def of_words(self, words: Sequence[bytes]) -> float:
        """Return what the words of a sentence say, over the root of their number."""
        return sum(map(self.words.get, words, repeat(0))) / math.sqrt(len(words) or 1)

    def confirmation(self, probability: float, context: float) -> float:
        """Return the probability, to the second digit, from that by `probability` and what the context model says for it."""
        probability = min(max(probability, 0.01), 0.99)
        own = math.log(probability / (1 - probability)), context, 1.0
        utility = round(sum(w * v for w, v in zip(self.confirm, own, strict=True)), 6)
        return round(1 / (1 + math.exp(min(-utility, MOST))), 2)

    def probability(self, values: Values, of_words: float) -> float:
        """Return the probability that a sentence engages a partner it does not name, to the second digit."""
        utility = of_words + sum(map(dict.get, self.features, values, repeat(0)))
        return round(1 / (1 + math.exp(min(-utility / 100, MOST))), 2)


def read(features: Path, words: Path) -> Weights:
    """Read the fitted weights.

    Raises
    ------
    ConfigurationError
        If a weight is no number, or one of `CONFIRM` is missing.
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
    if missing := [name for name in CONFIRM if ("confirm", name) not in tables[0]]:
        raise ConfigurationError(
            f"data/reference/{features.name}: no row for confirm, {missing[0]}; fit the model anew (docs/attribution.md)"
        )
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
    text: str,
    sentences: Sequence[Sentence],
    named: Sequence[Set[str]],
    titled: Set[str],
    weights: Weights,
    doubtful: bool = False,
) -> None:
    """Drop what rules propose and the model doubts, and add what it is sure of; confidences become its probabilities.

    With `doubtful` all that is not improbable stays, whether a rule proposes it or not, for the context model to judge.
    """
    keep, add = (DOUBTFUL, DOUBTFUL) if doubtful else (KEEP, ADD)
    plain = _plain(text)
    known, of_words = -1, 0.0
    # As a list, since what is engaged changes while it is weighed.
    for i, country, values in list(candidates(sentences, named, titled)):
        sentence, (rule, _) = sentences[i], values[0]
        if i != known:
            known, of_words = i, weights.of_words(plain[sentence.start : sentence.end].split())
        probability = weights.probability(values, of_words)
        if probability >= (keep if rule else add):
            sentence.engaged[country] = (rule or NO_RULE, probability)
        elif rule:
            del sentence.engaged[country]


def confirmed(
    rules: Iterable[str], confidences: Iterable[float], said: Sequence[float], weights: Weights | None
) -> np.ndarray:
    """Return the confidence of each attribution after the context model has spoken; 0 where it is dropped.

    What a sentence names stays as it is, and without weights all does.

    Parameters
    ----------
    rules, confidences : of each attribution; of a carried one, the probability by `weigh`.
    said : what the context model says for each partner: that it is engaged, less that it is not.
    """
    found = np.array(list(confidences), dtype=float)
    if weights is None:
        return found
    for i, rule in enumerate(rules):
        if rule in CARRIED:
            probability = weights.confirmation(found[i], said[i])
            found[i] = probability if probability >= CONFIRMED else 0.0
    return found
