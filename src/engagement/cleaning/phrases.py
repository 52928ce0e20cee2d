"""Pairs of words that are counted as one term, found by normalised pointwise mutual information (Bouma 2009)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

import pandas as pd

COLUMNS = ("phrase", "first", "second", "tokens", "npmi", "joined")


def find(runs: Sequence[Sequence[str]], min_count: int, min_npmi: float) -> pd.DataFrame:
    """Return the pairs of neighbours that occur `min_count` times and reach `min_npmi`: table `cleaning/phrases.csv`.

    `runs` are sequences of kept lemmas with nothing but space or a hyphen between them. The score is
    ln(p(xy) / p(x)p(y)) / -ln p(xy), from -1 (never together) over 0 (as by chance) to 1 (only together); all three
    shares are of the tokens in the runs. `tokens` counts a pair wherever it stands, `joined` where no stronger pair takes one
    of its words; a pair that is joined less than `min_count` times ("minister Hun", with "Hun Sen" the stronger) is left out.
    """
    words = Counter(word for run in runs for word in run)
    pairs = Counter(pair for run in runs for pair in zip(run, run[1:], strict=False))
    total = sum(words.values())
    rows = []
    for (first, second), n in sorted(pairs.items()):
        if n < min_count or first == second:
            continue
        # Rounded, so that the last bit of a logarithm never decides.
        score = round(log(n * total / (words[first] * words[second])) / -log(n / total), 9)
        if score >= min_npmi:
            rows.append((first, second, n, score))
    scores = {(first, second): score for first, second, _, score in rows}
    joined = Counter(term for run in runs for term in join(run, scores))
    return pd.DataFrame(
        [
            (f"{first}_{second}", first, second, n, score, joined[f"{first}_{second}"])
            for first, second, n, score in rows
            if joined[f"{first}_{second}"] >= min_count
        ],
        columns=COLUMNS,
    )


def join(run: Sequence[str], scores: Mapping[tuple[str, str], float]) -> list[str]:
    """Return the terms of a run: pairs in `scores` become one term at their first word, the highest score first.

    So "minister Hun Sen" becomes `minister hun_sen`, because "Hun Sen" is the stronger pair. Of equal pairs the left one
    wins. The list has the run's length; the second word of a phrase has the empty term.
    """
    terms = list(run)
    places = [i for i, pair in enumerate(zip(run, run[1:], strict=False)) if pair in scores]
    taken: set[int] = set()
    for place in sorted(places, key=lambda i: (-scores[run[i], run[i + 1]], i)):
        if place not in taken and place + 1 not in taken:
            taken |= {place, place + 1}
            terms[place : place + 2] = [f"{run[place]}_{run[place + 1]}", ""]
    return terms
