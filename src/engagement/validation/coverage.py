"""Do the comparison's intervals hold what they promise? Simulate nested texts with known shares and count.

The simulated corpus takes over the real one's skeleton: which document speaks of which partner at what length. Documents
differ from each other more than chance would have it, and what a document says on one partner resembles what it says
on another. The interval functions are the comparison's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from gensim.models import LdaModel

from engagement.comparison import inference
from engagement.topics.fit import fold_in
from engagement.validation.recovery import written

LEVEL = 0.95
# What the simulated documents are like: how much of a text's mix is the document's own rather than its partner's, and how
# closely a segment keeps to its mix (the sum of its Dirichlet parameters; 2 means that one or two subjects fill it).
OWN = 0.3
CLOSENESS = 2.0


@dataclass(frozen=True)
class Skeleton:
    """Which segments there are: the document and the partner of each as numbers, its sentences and its tokens."""

    documents: np.ndarray
    partners: np.ndarray
    sentences: np.ndarray
    tokens: np.ndarray

    def of(self, number: int, random: np.random.Generator) -> "Skeleton":
        """Return the segments of so many documents drawn at random with replacement, each draw a document of its own."""
        names = np.unique(self.documents)
        drawn = random.integers(0, len(names), number)
        order = np.argsort(self.documents, kind="stable")
        first, size = np.unique(self.documents[order], return_index=True, return_counts=True)[1:]
        rows = np.concatenate([order[first[i] : first[i] + size[i]] for i in drawn])
        fresh = np.repeat(np.arange(number), size[drawn])
        return Skeleton(fresh, self.partners[rows], self.sentences[rows], self.tokens[rows])


def skeleton(segment_topics: pd.DataFrame, engagements: pd.DataFrame, partners: list[str]) -> Skeleton:
    """Return the real corpus's skeleton; segments without tokens are left out.

    `segment_topics`: `document_id, partner, tokens`; `engagements`: one row per sentence and partner.
    """
    keys = ["document_id", "partner"]
    counted = engagements.groupby(keys).size().rename("sentences").reset_index()
    frame = segment_topics[[*keys, "tokens"]].merge(counted, on=keys)
    frame = frame[frame["partner"].isin(partners) & (frame["tokens"] > 0)].sort_values(keys)
    return Skeleton(
        pd.factorize(frame["document_id"], sort=True)[0],
        pd.Index(partners).get_indexer(frame["partner"]),
        frame["sentences"].to_numpy(),
        frame["tokens"].to_numpy(),
    )


def means(
    segment_topics: pd.DataFrame, engagements: pd.DataFrame, partners: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the real corpus's topic and instrument shares by partner (partners x categories): the simulated truth."""
    theta = segment_topics.filter(regex=r"^topic_\d+$").to_numpy() * segment_topics[["tokens"]].to_numpy()
    code = pd.Index(partners).get_indexer(segment_topics["partner"])
    counts = (
        pd.crosstab(engagements["partner"], engagements["instrument"]).reindex(partners, fill_value=0).to_numpy(float)
    )
    return inference.shares(theta, code, len(partners)), counts / counts.sum(axis=1, keepdims=True)


def mixtures(means: np.ndarray, frame: Skeleton, random: np.random.Generator) -> np.ndarray:
    """Return each segment's true shares; their expectation is `expected(means)` of its partner (segments x categories)."""
    common = means.mean(axis=0)
    own = random.dirichlet(CLOSENESS * common + 1e-3, int(frame.documents.max()) + 1)
    mixed = (1 - OWN) * means[frame.partners] + OWN * own[frame.documents]
    weights = random.standard_gamma(CLOSENESS * mixed)
    whole = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, whole, out=mixed, where=whole > 0)


def expected(means: np.ndarray) -> np.ndarray:
    """Return the true shares of each partner (partners x categories) that `mixtures` scatters around."""
    common = means.mean(axis=0) * CLOSENESS + 1e-3
    return (1 - OWN) * means + OWN * common / common.sum()


@dataclass(frozen=True)
class Estimate:
    """One simulated corpus's estimated shares (partners x categories) with their interval, and draws for differences."""

    value: np.ndarray
    drawn: np.ndarray  # draws x partners x categories


def instruments(
    frame: Skeleton, shares: np.ndarray, count: int, draws: int, random: np.random.Generator
) -> dict[str, Estimate]:
    """Return estimates of instrument shares: by the comparison's bootstrap over documents, and over single sentences."""
    amounts = np.stack([random.multinomial(n, p) for n, p in zip(frame.sentences, shares, strict=True)]).astype(float)
    value = inference.shares(amounts, frame.partners, count)
    weights = _weights(frame.documents, draws, random)
    nested = inference.share_draws(amounts, frame.partners, count, weights)
    total = np.array([frame.sentences[frame.partners == p].sum() for p in range(count)])
    return {
        "comparison": Estimate(value, nested),
        "independent sentences": Estimate(value, _independent(value, total, draws, random)),
    }


def topics(
    model: LdaModel, frame: Skeleton, shares: np.ndarray, count: int, draws: int, random: np.random.Generator
) -> dict[str, Estimate]:
    """Return estimates of topic shares: the comparison's, the same with the true shares known, and single sentences.

    Words are drawn from the model's topics and folded in again, as in the pipeline; the topics themselves are taken as known.
    """
    terms = tuple(model.id2word[i] for i in range(model.num_terms))
    ids = tuple(range(len(frame.tokens)))
    bags = written(model.get_topics(), shares, frame.tokens, ids, terms, random)
    found = fold_in(model, bags)
    tokens = frame.tokens.astype(float)
    weights = _weights(frame.documents, draws, random)
    value = inference.shares(found * tokens[:, None], frame.partners, count)
    composed = inference.topic_draws(found, tokens, float(model.alpha.sum()), frame.partners, count, weights, random)
    known = shares * tokens[:, None]
    total = np.array([frame.sentences[frame.partners == p].sum() for p in range(count)])
    return {
        "comparison": Estimate(value, composed),
        "true topics known": Estimate(
            inference.shares(known, frame.partners, count), inference.share_draws(known, frame.partners, count, weights)
        ),
        "independent sentences": Estimate(value, _independent(value, total, draws, random)),
    }


def _weights(clusters: np.ndarray, draws: int, random: np.random.Generator) -> np.ndarray:
    return inference.cluster_weights(int(clusters.max()) + 1, draws, random)[:, clusters]


def _independent(value: np.ndarray, total: np.ndarray, draws: int, random: np.random.Generator) -> np.ndarray:
    """Return draws of shares as if each sentence were a draw of its own: what an interval must not assume."""
    filled = np.nan_to_num(value)
    drawn = [
        random.multinomial(n, p / max(p.sum(), 1e-12), draws) / max(n, 1) for n, p in zip(total, filled, strict=True)
    ]
    return np.stack(drawn, axis=1)


def contrasts(values: np.ndarray) -> np.ndarray:
    """Return the differences between all pairs of partners (the axis before the last), pairs in order."""
    pairs = combinations(range(values.shape[-2]), 2)
    return np.stack([values[..., a, :] - values[..., b, :] for a, b in pairs], axis=-2)


def scored(estimate: Estimate, truth: np.ndarray, documents: np.ndarray) -> dict[str, pd.DataFrame]:
    """Return, for levels and for differences, each cell's truth, estimate, interval width and whether it covers the truth."""
    low, high = inference.interval(estimate.drawn, LEVEL)
    low, high = inference.bounded(estimate.value, low, high, documents[:, None], LEVEL)
    apart = inference.interval(contrasts(estimate.drawn), LEVEL)
    return {
        "level": _cells(truth, estimate.value, low, high),
        "difference": _cells(contrasts(truth), contrasts(estimate.value), *apart),
    }


def _cells(truth: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"truth": truth.ravel(), "value": value.ravel(), "low": low.ravel(), "high": high.ravel()})
    return frame.assign(covered=frame["truth"].between(frame["low"], frame["high"]))


Simulator = Callable[[Skeleton, np.ndarray, int, int, np.random.Generator], dict[str, Estimate]]


def simulate(
    what: str,
    simulator: Simulator,
    means: np.ndarray,
    real: Skeleton,
    number: int,
    simulations: int,
    draws: int,
    seed: int,
) -> list[dict]:
    """Return the coverage of one quantity at one number of documents: a row per method, and level or difference."""
    cells: dict[tuple[str, str], list[pd.DataFrame]] = {}
    truth = expected(means)
    for i in range(simulations):
        random = inference.generator(seed, f"coverage {what} {number} {i}")
        frame = real.of(number, random)
        held = np.array([len(np.unique(frame.documents[frame.partners == p])) for p in range(len(means))])
        for method, estimate in simulator(frame, mixtures(means, frame, random), len(means), draws, random).items():
            for kind, part in scored(estimate, truth, held).items():
                cells.setdefault((method, kind), []).append(part)
    return [_row(what, number, method, kind, parts) for (method, kind), parts in cells.items()]


def _row(what: str, number: int, method: str, kind: str, parts: list[pd.DataFrame]) -> dict:
    # Cells of one simulated corpus hang together, so the error of the estimate is that of the mean over corpora.
    each = np.array([part["covered"].mean() for part in parts])
    whole = pd.concat(parts)
    centred = whole["truth"] - whole["truth"].mean()
    return {
        "quantity": what,
        "kind": kind,
        "method": method,
        "documents": number,
        "simulations": len(parts),
        "cells": len(parts[0]),
        "nominal": LEVEL,
        "coverage": each.mean(),
        "error": each.std(ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.nan,
        "width": (whole["high"] - whole["low"]).mean(),
        "slope": float((centred * whole["value"]).sum() / (centred**2).sum()),
    }


def table(
    model: LdaModel,
    topic_means: np.ndarray,
    instrument_means: np.ndarray,
    real: Skeleton,
    numbers: list[int],
    simulations: int,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the coverage table; `..._means` are the partners' true shares (partners x categories), `numbers` of documents."""
    simulators: dict[str, tuple[Simulator, np.ndarray]] = {
        "instrument share": (instruments, instrument_means),
        "topic share": (lambda *given: topics(model, *given), topic_means),
    }
    return pd.DataFrame(
        [
            row
            for what, (simulator, means) in simulators.items()
            for number in numbers
            for row in simulate(what, simulator, means, real, number, simulations, draws, seed)
        ]
    )
