"""Intervals, permutations and corrections for shares of nested text: pure functions on arrays.

The unit throughout is the *segment*: all of a document's sentences on one partner. A segment carries amounts by category
(sentences by instrument, words by topic); the share of a category in a group of segments is the group's total in that
category over its total in all. Segments of one document, and documents of one outlet, are never treated as independent.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CHUNK = 250  # draws held in memory at a time; the result does not depend on it
TIE = 9  # decimals kept before two statistics are compared, so that no processor's last bit decides


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the random generator of one purpose, the same on every machine and whatever was drawn elsewhere before."""
    digest = hashlib.sha256(f"{seed} {purpose}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def cluster_weights(clusters: int, draws: int, random: np.random.Generator) -> Integers:
    """Return how often each cluster is drawn in each bootstrap sample, as an array of `draws` × `clusters`.

    Samples of n - 1 out of n clusters with replacement, so that the spread of a mean over few clusters is not understated
    (Rao and Wu 1988). With a single cluster nothing can vary, and all weights are 1.
    """
    if clusters < 2:
        return np.ones((draws, clusters), dtype=np.int64)
    drawn = random.integers(0, clusters, size=(draws, clusters - 1))
    drawn += clusters * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * clusters).reshape(draws, clusters)


def shares(amounts: Floats, groups: Integers, count: int) -> Floats:
    """Return each group's shares of its categories, `count` × categories; a group without amounts has no shares (NaN).

    Parameters
    ----------
    amounts : segments × categories, not negative.
    groups : the group of each segment, 0 to `count` - 1; a segment of group -1 takes no part.
    """
    totals = np.zeros((count, amounts.shape[1]))
    for group in range(count):
        totals[group] = amounts[groups == group].sum(axis=0)
    return _divided(totals)


def _divided(totals: Floats) -> Floats:
    whole = totals.sum(axis=-1, keepdims=True)
    return np.divide(totals, whole, out=np.full_like(totals, np.nan), where=whole > 0)


def share_draws(amounts: Floats, groups: Integers, count: int, weights: Integers) -> Floats:
    """Return the shares in each bootstrap sample, draws × groups × categories.

    Parameters
    ----------
    weights : draws × segments, the weight of each segment's cluster.
    """
    drawn = np.empty((len(weights), count, amounts.shape[1]))
    for group in range(count):
        members = groups == group
        drawn[:, group] = weights[:, members].astype(float) @ amounts[members]
    return _divided(drawn)


def topic_draws(
    theta: Floats,
    tokens: Floats,
    concentration: float,
    groups: Integers,
    count: int,
    weights: Integers,
    random: np.random.Generator,
) -> Floats:
    """Return draws of the groups' topic shares, draws × groups × topics: the method of composition inside a bootstrap.

    In each bootstrap sample every segment's shares are drawn anew from their posterior, a Dirichlet distribution whose
    parameters are the segment's expected shares times (its tokens + `concentration`): a segment of ten words moves much,
    one of a thousand hardly (Treier and Jackman 2008; Roberts, Stewart and Tingley 2014). A group's share is the mean of
    its segments', weighted by tokens.

    Parameters
    ----------
    theta : segments × topics, rows summing to 1.
    concentration : sum of the model's Dirichlet prior alpha.
    """
    drawn = np.full((len(weights), count, theta.shape[1]), np.nan)
    for group in range(count):
        members = groups == group
        if not members.any():
            continue
        shape = theta[members] * (tokens[members, None] + concentration)
        for start in range(0, len(weights), CHUNK):
            part = weights[start : start + CHUNK, members] * tokens[members]
            gammas = random.standard_gamma(shape, size=(len(part), *shape.shape))
            gammas *= (part / gammas.sum(axis=2))[:, :, None]
            drawn[start : start + CHUNK, group] = gammas.sum(axis=1)
    return _divided(drawn)


def interval(drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the percentile interval over the first axis, ignoring samples in which the statistic is undefined."""
    tail = 50 * (1 - level)
    undefined = np.isnan(drawn).all(axis=0)
    if not undefined.size:
        return undefined.astype(float), undefined.astype(float)
    low, high = np.nanpercentile(np.where(undefined, 0.0, drawn), [tail, 100 - tail], axis=0)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def bounded(share: Floats, low: Floats, high: Floats, documents: Integers, level: float) -> tuple[Floats, Floats]:
    """Return the interval with its end moved where a share is 0 or 1 and the bootstrap cannot vary.

    There the exact binomial limit (Clopper and Pearson 1934) for so many documents is used: 0 of 20 documents is
    compatible with a share of up to 17 %.
    """
    limit = 1 - ((1 - level) / 2) ** (1 / np.maximum(documents, 1))
    high = np.where(share == 0, np.maximum(high, limit), high)
    low = np.where(share == 1, np.minimum(low, 1 - limit), low)
    return low, high


def enough_permutations(wanted: int, tests: int, level: float) -> int:
    """Return `wanted` permutations, or as many as it takes for a corrected p-value to fall well below 1 - `level`.

    The smallest p-value is 1 / (permutations + 1), and Holm multiplies it by the number of tests; with too few
    permutations nothing could ever be sure.
    """
    return max(wanted, int(np.ceil(2 * tests / (1 - level))))


def permuted_labels(
    labels: Integers, documents: Integers, permutations: int, random: np.random.Generator
) -> NDArray[np.int8]:
    """Return partner labels shuffled over segments, `permutations` × segments.

    A document keeps its number of segments, and no document gets the same partner twice: among the documents with equally
    many segments, each receives the set of partners of another, in random order. Under the hypothesis that the partner
    makes no difference to what is written, every such labelling is as likely as the one observed.
    """
    order = np.argsort(documents, kind="stable")
    firsts, sizes = np.unique(documents[order], return_index=True, return_counts=True)[1:]
    shuffled = np.empty((permutations, len(labels)), dtype=np.int8)
    for size in np.unique(sizes):
        places = order[firsts[sizes == size][:, None] + np.arange(size)]
        rows = np.tile(np.arange(len(places)), (permutations, 1))
        sets = labels[places][random.permuted(rows, axis=1)]
        if size > 1:
            sets = random.permuted(sets, axis=2)
        shuffled[:, places.ravel()] = sets.reshape(permutations, -1)
    return shuffled


def permuted_shares(amounts: Floats, shuffled: NDArray[np.int8], count: int) -> Floats:
    """Return the groups' shares under each shuffled labelling, permutations × groups × categories."""
    drawn = np.empty((len(shuffled), count, amounts.shape[1]))
    for group in range(count):
        drawn[:, group] = (shuffled == group).astype(float) @ amounts
    return _divided(drawn)


def permutation_p(observed: Floats, permuted: Floats) -> Floats:
    """Return two-sided permutation p-values; `permuted` has one further, first axis.

    The observed labelling counts as one of the permutations, so no p-value is 0 (Phipson and Smyth 2010).
    """
    extreme = np.abs(permuted).round(TIE) >= np.abs(observed).round(TIE)
    p = (1 + extreme.sum(axis=0)) / (1 + len(permuted))
    return np.where(np.isnan(observed), np.nan, p)


def normal_p(z: Floats) -> Floats:
    """Return two-sided p-values of standard normal deviates."""
    return special.erfc(np.abs(z) / np.sqrt(2))


def holm(p: Floats) -> Floats:
    """Return p-values corrected so that the chance of any false finding stays at the level (Holm 1979).

    Undefined values (NaN) stay undefined and do not count as tests.
    """
    corrected = np.full_like(p, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected


def benjamini_hochberg(p: Floats) -> Floats:
    """Return p-values corrected so that the expected share of false findings stays at the level (1995)."""
    corrected = np.full_like(p, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    corrected[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1)
    return corrected
