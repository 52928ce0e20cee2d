"""Krippendorff's alpha: agreement beyond chance between any number of coders, with codes missing (Krippendorff 2011).

Everything is computed from coincidence matrices. They add up over units, so a bootstrap over documents needs each
document's matrix once.
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np

Difference = Callable[[np.ndarray, Sequence[Hashable]], np.ndarray]


def nominal(coincidences: np.ndarray, values: Sequence[Hashable]) -> np.ndarray:
    """Return squared differences between nominal values: 0 if equal, else 1."""
    return 1.0 - np.eye(len(values))


def ordinal(coincidences: np.ndarray, values: Sequence[Hashable]) -> np.ndarray:
    """Return squared differences between ranks: the pairable values from one rank to the other, ends counted half.

    The distance depends on how often each rank was given, so it is computed from the coincidences, which may carry
    leading dimensions (bootstrap draws).
    """
    given = coincidences.sum(axis=-1)
    upto = given.cumsum(axis=-1) - given / 2
    return (upto[..., :, None] - upto[..., None, :]) ** 2


def interval(coincidences: np.ndarray, values: Sequence[float]) -> np.ndarray:
    """Return squared differences between numbers."""
    numbers = np.asarray(values, dtype=float)
    return (numbers[:, None] - numbers[None, :]) ** 2


def masi(coincidences: np.ndarray, values: Sequence[frozenset]) -> np.ndarray:
    """Return distances between sets: 1 - Jaccard x monotonicity (Passonneau 2006).

    Monotonicity is 1 for equal sets, 2/3 where one holds the other, 1/3 where they overlap, 0 where they are disjoint.
    """
    return np.array([[1.0 - _jaccard(a, b) * _monotonicity(a, b) for b in values] for a in values])


def jaccard(coincidences: np.ndarray, values: Sequence[frozenset]) -> np.ndarray:
    """Return distances between sets: 1 - shared members / all members; two empty sets are equal."""
    return np.array([[1.0 - _jaccard(a, b) for b in values] for a in values])


def _jaccard(a: frozenset, b: frozenset) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def _monotonicity(a: frozenset, b: frozenset) -> float:
    if a == b:
        return 1.0
    if a <= b or b <= a:
        return 2 / 3
    return 1 / 3 if a & b else 0.0


METRICS: dict[str, Difference] = {
    "nominal": nominal,
    "ordinal": ordinal,
    "interval": interval,
    "masi": masi,
    "jaccard": jaccard,
}


def distinct(ratings: Sequence[Sequence[Hashable | None]]) -> list[Hashable]:
    """Return the values given, in order; sets are ordered by size and members."""
    given = {value for unit in ratings for value in unit if value is not None}
    return sorted(given, key=lambda v: (len(v), sorted(v)) if isinstance(v, frozenset) else v)


def coincidences(ratings: Sequence[Sequence[Hashable | None]], values: Sequence[Hashable]) -> np.ndarray:
    """Return each unit's coincidence matrix: every ordered pair of its codes, weighted by 1 / (codes - 1).

    Parameters
    ----------
    ratings : one row per unit, one cell per coder; None is a missing code. Units with fewer than two codes count nothing.
    values : the values that can occur, in their order.

    Returns
    -------
    Array of shape (units, values, values), symmetric; a unit with m >= 2 codes sums to m.
    """
    place = {value: i for i, value in enumerate(values)}
    matrices = np.zeros((len(ratings), len(values), len(values)))
    for matrix, unit in zip(matrices, ratings, strict=True):
        given = np.bincount([place[v] for v in unit if v is not None], minlength=len(values))
        if given.sum() >= 2:
            matrix += (np.outer(given, given) - np.diag(given)) / (given.sum() - 1)
    return matrices


def alpha_from(total: np.ndarray, values: Sequence[Hashable], metric: str) -> np.ndarray:
    """Return alpha from summed coincidences of shape (..., values, values); NaN where nothing varies or nothing is paired.

    Alpha is 1 - observed / expected disagreement. Where all pairable codes are one value, neither agreement nor
    disagreement beyond chance can be told: Krippendorff leaves alpha undefined, and so does this function.
    """
    apart = METRICS[metric](total, values)
    given = total.sum(axis=-1)
    everything = given.sum(axis=-1)
    observed = (total * apart).sum(axis=(-2, -1))
    expected = (given[..., :, None] * given[..., None, :] * apart).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        # The chance pairs of a value with itself leave out the value itself; their difference is 0, so only the total
        # number of pairs, n (n - 1), shows it.
        alpha = 1.0 - (everything - 1.0) * observed / expected
    return np.where(expected > 0, alpha, np.nan)


def krippendorff_alpha(ratings: Sequence[Sequence[Hashable | None]], metric: str = "nominal") -> float:
    """Return Krippendorff's alpha of units x coders: 1 perfect, 0 as by chance, below 0 worse; NaN if nothing varies.

    Parameters
    ----------
    ratings : one row per unit, one cell per coder; None is a missing code.
    metric : `nominal`, `ordinal`, `interval`, or for set-valued codes (frozensets) `masi` or `jaccard`.
    """
    values = distinct(ratings)
    if not values:
        return float("nan")
    return float(alpha_from(coincidences(ratings, values).sum(axis=0), values, metric))
