"""Do the same topics come back? Aligning topics of several fits, and choosing the fit most like all others."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from engagement.topics.quality import TOP, top_terms


def shared_mass(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the probability that each topic of one fit shares with each of another: the sum of the smaller of both.

    Equal to 1 - L1/2, so from 0 (no term in common) to 1 (same topic). Shape (topics of a, topics of b).
    """
    return np.array([np.minimum(topic, b).sum(axis=1) for topic in a])


def align(reference: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each topic of the reference its counterpart in the other fit, one to one (Roberts et al. 2016).

    The pairing with the largest total shared probability, found by the Hungarian method.
    """
    return linear_sum_assignment(-np.round(shared_mass(reference, other), 9))[1]


def shared_top(reference: np.ndarray, other: np.ndarray, n: int = TOP) -> np.ndarray:
    """Return for each row the share of its n largest columns that are also among the n largest of the other's row."""
    pairs = zip(top_terms(reference, n), top_terms(other, n), strict=True)
    return np.array([len(np.intersect1d(a, b)) / len(a) for a, b in pairs])


@dataclass(frozen=True)
class Likeness:
    """How alike two fits are, topic by topic of the first, after alignment."""

    partner: np.ndarray  # the counterpart in the second fit
    words: np.ndarray  # share of the ten top words in common
    documents: np.ndarray  # share of the ten top documents in common
    mass: np.ndarray  # probability in common


def likeness(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> Likeness:
    """Compare two fits, each given as its topics (topics x terms) and its document shares (documents x topics)."""
    partner = align(a[0], b[0])
    topics, shares = b[0][partner], b[1][:, partner]
    return Likeness(
        partner,
        shared_top(a[0], topics),
        shared_top(a[1].T, shares.T),
        np.array([np.minimum(x, y).sum() for x, y in zip(a[0], topics, strict=True)]),
    )


def medoid(mass: np.ndarray) -> int:
    """Return the fit most like all others (LDAPrototype: Rieger, Rahnenführer and Jentsch 2020), ties to the first.

    `mass` holds the mean shared probability of each pair of fits.
    """
    others = mass.sum(axis=1) - np.diag(mass)
    return int(np.argmax(np.round(others, 9)))
