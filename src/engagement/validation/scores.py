"""Scores with intervals that respect nesting: whole documents are drawn again, never single sentences.

A score here is a function of counts that add up over documents (hits and misses, or coincidences). The bootstrap
therefore draws integer weights per document (`comparison.inference`, as for the findings themselves) and applies the
function to the weighted sums.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
import pandas as pd

from engagement.comparison import inference

TEST = "test"
SPLITS = ("all", "development", TEST)
LEVEL = 0.95


def split(document_id: str) -> str:
    """Return the half a document belongs to: rules are tuned on `development`, figures are claimed on `test`.

    The half follows from the identifier alone, so that it never changes when documents are added.
    """
    return "development" if hashlib.sha256(document_id.encode()).hexdigest()[0] < "8" else TEST


def in_split(document_ids: pd.Series, half: str) -> np.ndarray:
    """Return which of the documents are in the half; every one is in `all`."""
    if half == "all":
        return np.ones(len(document_ids), dtype=bool)
    return np.array([split(name) == half for name in document_ids], dtype=bool)


@lru_cache(maxsize=8)
def _weights(documents: int, draws: int, seed: int, name: str) -> np.ndarray:
    """Return how often each document is drawn, samples x documents; many scores share the same documents."""
    return inference.cluster_weights(documents, draws, inference.generator(seed, name))


def with_interval(
    by_document: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    draws: int,
    seed: int,
    name: str,
    proportion: bool = True,
) -> tuple[float, float, float]:
    """Return a score and its 95% percentile interval from a bootstrap over documents.

    Parameters
    ----------
    by_document : counts of shape (documents, ...); integers or halves, so that their sums are exact.
    statistic : maps summed counts of shape (samples, ...) to one score per sample; NaN where it is undefined.
    draws, seed, name : bootstrap samples; start of the draws, and a stable text that sets this score's draws apart.

    proportion : whether the score is a share of cases. One without any error, or with nothing but errors, would get an
        interval of no width, since all samples are alike; its end is moved to the exact binomial limit for as many
        documents as bear on it (`comparison.inference.bounded`). Other scores get no interval where all samples are alike.

    Returns
    -------
    (value, low, high); NaN where undefined.
    """
    flat = by_document.reshape(len(by_document), -1)
    value = float(statistic(by_document.sum(axis=0, keepdims=True))[0])
    if np.isnan(value):
        return value, float("nan"), float("nan")
    drawn = statistic((_weights(len(flat), draws, seed, name) @ flat).reshape(draws, *by_document.shape[1:]))
    low, high = inference.interval(drawn, LEVEL)
    if proportion:
        low, high = inference.bounded(np.float64(value), low, high, (flat.sum(axis=1) > 0).sum(), LEVEL)
    elif low == high:
        low = high = np.nan
    return value, float(low), float(high)


def precision(counts: np.ndarray) -> np.ndarray:
    """Return hits / (hits + false alarms) from counts (samples, 3) of hits, false alarms, misses."""
    return _ratio(counts[:, 0], counts[:, 0] + counts[:, 1])


def recall(counts: np.ndarray) -> np.ndarray:
    """Return hits / (hits + misses) from counts (samples, 3) of hits, false alarms, misses."""
    return _ratio(counts[:, 0], counts[:, 0] + counts[:, 2])


def f1(counts: np.ndarray) -> np.ndarray:
    """Return the harmonic mean of precision and recall from counts (samples, 3) of hits, false alarms, misses."""
    return _ratio(2 * counts[:, 0], 2 * counts[:, 0] + counts[:, 1] + counts[:, 2])


def count_ratio(counts: np.ndarray) -> np.ndarray:
    """Return found / true from counts (samples, 3) of hits, false alarms, misses: 1 if errors cancel in a count."""
    return _ratio(counts[:, 0] + counts[:, 1], counts[:, 0] + counts[:, 2])


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Return right / (right + wrong) from counts (samples, 2)."""
    return _ratio(counts[:, 0], counts[:, 0] + counts[:, 1])


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def hits(units: pd.DataFrame, codes: Iterable[str]) -> np.ndarray:
    """Return each unit's hits, false alarms and misses per code: integers of shape (units, codes, 3).

    Parameters
    ----------
    units : `reference` and `coded` hold frozensets of codes; `undecided` those codes on which the coders differ: they
        count neither for nor against.
    codes : the codes to count, in order.
    """
    rows = [
        [
            (c in coded and c in known, c in coded and c not in known, c not in coded and c in known)
            if c not in open_
            else (False, False, False)
            for c in codes
        ]
        for known, coded, open_ in zip(units["reference"], units["coded"], units["undecided"], strict=True)
    ]
    return np.array(rows, dtype=np.int64).reshape(len(units), len(list(codes)), 3)


def by_document(document_ids: pd.Series, counts: np.ndarray) -> np.ndarray:
    """Return counts per unit (units, ...) added up per document (documents, ...), documents in order of their names."""
    names, place = np.unique(np.asarray(document_ids, dtype=str), return_inverse=True)
    sums = np.zeros((len(names), *counts.shape[1:]), dtype=counts.dtype)
    np.add.at(sums, place, counts)
    return sums
