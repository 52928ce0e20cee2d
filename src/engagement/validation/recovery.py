"""Can the model find topics that are there? Plant known ones in a corpus of the project's own sizes and fit it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from engagement.comparison.inference import generator
from engagement.topics.bags import Bags
from engagement.topics.fit import Settings, fit


@dataclass(frozen=True)
class Sizes:
    """What a planted corpus takes over from the real one.

    Attributes
    ----------
    lengths : tokens of each document.
    frequencies : share of each term among all tokens.
    likeness : mean cosine between two of the fitted topics.
    alpha : sum of the fitted model's prior of topic shares.
    """

    lengths: np.ndarray
    frequencies: np.ndarray
    likeness: float
    alpha: float


def sizes(lengths: np.ndarray, shares: np.ndarray, topics: np.ndarray, alpha: np.ndarray) -> Sizes:
    """Return the sizes of the real corpus and of the model fitted to it.

    Parameters
    ----------
    lengths : tokens of each document.
    shares : the documents' topic shares (documents x topics).
    topics : the fitted topics (topics x terms).
    alpha : the fitted model's prior, one number per topic.
    """
    prevalence = (shares * lengths[:, None]).sum(axis=0) / lengths.sum()
    frequencies = (prevalence[:, None] * topics).sum(axis=0)
    alike = cosines(topics, topics)[np.triu_indices(len(topics), k=1)]
    return Sizes(lengths, frequencies / frequencies.sum(), float(alike.mean()), float(alpha.sum()))


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cosine of each row of a with each row of b."""
    a, b = (m / np.sqrt((m**2).sum(axis=1, keepdims=True)) for m in (a, b))
    # Summed by hand and not as a matrix product, whose last bits depend on the processor.
    return np.array([(row * b).sum(axis=1) for row in a])


def planted_topics(
    num_topics: int, frequencies: np.ndarray, likeness: float, random: np.random.Generator
) -> np.ndarray:
    """Return random topics around the corpus's word frequencies, on average as alike as `likeness` (a cosine).

    Topics are Dirichlet with mean p, the frequencies, and concentration s. Two of them share sum(p^2), and one has the
    squared length sum(p^2) + (1 - sum(p^2)) / (s + 1), which gives s for the wanted cosine.
    """
    square = float((frequencies**2).sum())
    concentration = (1 - square) * likeness / (square * (1 - likeness)) - 1
    weights = random.standard_gamma(np.maximum(concentration * frequencies, 1e-3), (num_topics, len(frequencies)))
    return weights / weights.sum(axis=1, keepdims=True)


def planted_corpus(
    topics: np.ndarray, alpha: float, lengths: np.ndarray, random: np.random.Generator
) -> tuple[Bags, np.ndarray]:
    """Return documents written by the LDA model itself, and their topic shares (documents x topics).

    `alpha` is the sum of the symmetric Dirichlet prior of the shares.
    """
    shares = random.dirichlet(np.full(len(topics), alpha / len(topics)), len(lengths))
    terms = tuple(f"w{i:06d}" for i in range(topics.shape[1]))
    return written(topics, shares, lengths, tuple(f"d{i:06d}" for i in range(len(lengths))), terms, random), shares


def written(
    topics: np.ndarray,
    shares: np.ndarray,
    lengths: np.ndarray,
    ids: tuple,
    terms: tuple[str, ...],
    random: np.random.Generator,
) -> Bags:
    """Return bags of words drawn from each unit's topic shares (units x topics) and the topics (topics x terms)."""
    counts = np.stack([random.multinomial(n, p) for n, p in zip(lengths, shares, strict=True)])
    rows, columns = [], []
    upto = topics.cumsum(axis=1)
    for topic in range(len(topics)):
        units = np.repeat(np.arange(len(lengths)), counts[:, topic])
        rows.append(units)
        drawn = np.searchsorted(upto[topic], random.random(len(units)) * upto[topic, -1], side="right")
        columns.append(np.minimum(drawn, len(terms) - 1))
    place = (np.concatenate(rows), np.concatenate(columns))
    matrix = sparse.coo_array((np.ones(len(place[0]), dtype=np.int64), place), shape=(len(lengths), len(terms))).tocsr()
    matrix.sum_duplicates()
    matrix.sort_indices()
    return Bags(ids, terms, matrix)


def recover(
    real: Sizes, num_topics: int, factor: float, settings: Settings, simulation: int, seed: int
) -> pd.DataFrame:
    """Return how well one planted corpus's topics were found: one row per planted topic.

    Parameters
    ----------
    factor : documents have so many times the tokens of the real ones.
    settings : inference as in the project; its number of topics is replaced by `num_topics`, that of the planted.

    Returns
    -------
    `num_topics, length_factor, tokens` (mean per document)`, simulation, topic, cosine` (with the topic found for it, one
    to one, by the Hungarian method)`, share, share_found` (of all tokens)`, correlation` (of the documents' shares).
    """
    random = generator(seed, f"recovery {num_topics} {factor} {simulation}")
    truth = planted_topics(num_topics, real.frequencies, real.likeness, random)
    lengths = np.maximum(np.rint(real.lengths * factor).astype(np.int64), 1)
    bags, shares = planted_corpus(truth, real.alpha, lengths, random)
    found = fit(bags, Settings(num_topics, settings.inference), seed + simulation)
    alike = cosines(truth, found.topics)
    partner = linear_sum_assignment(-np.round(alike, 9))[1]
    tokens = lengths[:, None] / lengths.sum()
    matched = found.shares[:, partner]
    return pd.DataFrame(
        {
            "num_topics": num_topics,
            "length_factor": factor,
            "tokens": lengths.mean(),
            "simulation": simulation,
            "topic": np.arange(num_topics),
            "cosine": np.clip(alike[np.arange(num_topics), partner], 0, 1),
            "share": (shares * tokens).sum(axis=0),
            "share_found": (matched * tokens).sum(axis=0),
            "correlation": [_correlation(a, b) for a, b in zip(shares.T, matched.T, strict=True)],
        }
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / scale) if scale > 0 else float("nan")


def table(real: Sizes, settings: Settings, factors: list[float], simulations: int, seed: int) -> pd.DataFrame:
    """Return the recovery of planted topics by document length, and at the real length with half and twice the topics."""
    number = settings.num_topics
    grid = [(number, factor) for factor in factors] + [(k, 1.0) for k in (max(number // 2, 2), 2 * number)]
    return pd.concat(
        [recover(real, k, factor, settings, i, seed) for k, factor in grid for i in range(simulations)],
        ignore_index=True,
    )
