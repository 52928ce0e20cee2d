"""Do the comparison's intervals hold what they promise? Simulate nested texts with known shares and count.

The simulated corpus takes over the real one's skeleton: which outlet has which document, and which partner that speaks of at
what length. Outlets, and documents within them, differ from each other by more than chance, and what a document says on
one partner resembles what it says on another. The interval functions are the comparison's own.
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
# What the simulated texts are like: how much of a segment's mix is its outlet's and its document's own rather than its
# partner's, and how closely a segment keeps to its mix (the sum of its Dirichlet parameters; at 2 one or two subjects
# fill most of it).
OUTLETS_OWN = 0.1
DOCUMENTS_OWN = 0.2
CLOSENESS = 2.0


@dataclass(frozen=True)
class Skeleton:
    """Which segments there are: outlet, document and partner of each as numbers, its sentences and its tokens."""

    outlets: np.ndarray
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
        return Skeleton(self.outlets[rows], fresh, self.partners[rows], self.sentences[rows], self.tokens[rows])


def skeleton(
    segment_topics: pd.DataFrame, engagements: pd.DataFrame, documents: pd.DataFrame, partners: list[str]
) -> Skeleton:
    """Return the real corpus's skeleton; segments without tokens are left out.

    Parameters
    ----------
    segment_topics : `document_id, partner, tokens`.
    engagements : `document_id, partner`, one row per sentence and partner.
    documents : `document_id, outlet`; a document without outlet stands for itself.
    """
    keys = ["document_id", "partner"]
    counted = engagements.groupby(keys).size().rename("sentences").reset_index()
    frame = segment_topics[[*keys, "tokens"]].merge(counted, on=keys).merge(documents[["document_id", "outlet"]])
    frame = frame[frame["partner"].isin(partners) & (frame["tokens"] > 0)].sort_values(keys)
    outlet = frame["outlet"].where(frame["outlet"] != "", frame["document_id"])
    return Skeleton(
        pd.factorize(outlet, sort=True)[0],
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
    common = CLOSENESS * means.mean(axis=0) + 1e-3
    outlets, documents = (random.dirichlet(common, int(x.max()) + 1) for x in (frame.outlets, frame.documents))
    mixed = (
        (1 - OUTLETS_OWN - DOCUMENTS_OWN) * means[frame.partners]
        + OUTLETS_OWN * outlets[frame.outlets]
        + DOCUMENTS_OWN * documents[frame.documents]
    )
    weights = random.standard_gamma(CLOSENESS * mixed)
    whole = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, whole, out=mixed, where=whole > 0)


def expected(means: np.ndarray) -> np.ndarray:
    """Return the true shares of each partner (partners x categories) that `mixtures` scatters around."""
    common = CLOSENESS * means.mean(axis=0) + 1e-3
    own = OUTLETS_OWN + DOCUMENTS_OWN
    return (1 - own) * means + own * common / common.sum()


@dataclass(frozen=True)
class Estimate:
    """One simulated corpus's estimated shares (partners x categories) with their interval, and draws for differences."""

    value: np.ndarray
    drawn: np.ndarray  # draws x partners x categories


OUTLET, DOCUMENT, SENTENCE, KNOWN = "by outlet", "by document", "by sentence", "by outlet, topics seen"


def instruments(
    frame: Skeleton, shares: np.ndarray, count: int, draws: int, random: np.random.Generator
) -> dict[str, Estimate]:
    """Return estimates of instrument shares, their intervals from resampling outlets, documents or single sentences."""
    amounts = np.stack([random.multinomial(n, p) for n, p in zip(frame.sentences, shares, strict=True)]).astype(float)
    value = inference.shares(amounts, frame.partners, count)
    found = {
        method: Estimate(value, inference.share_draws(amounts, frame.partners, count, weights))
        for method, weights in _weights(frame, draws, random).items()
    }
    return found | {SENTENCE: Estimate(value, _independent(value, frame, draws, random))}


def topics(
    model: LdaModel, frame: Skeleton, shares: np.ndarray, count: int, draws: int, random: np.random.Generator
) -> dict[str, Estimate]:
    """Return estimates of topic shares, their intervals from resampling outlets or single sentences.

    Words are drawn from the model's topics and folded in again, as in the pipeline; the topics themselves are taken as
    known. `KNOWN` is what intervals would be if the true shares of each segment could be seen: it tells apart what the
    bootstrap and what the folding in does.
    """
    terms = tuple(model.id2word[i] for i in range(model.num_terms))
    ids = tuple(range(len(frame.tokens)))
    found = fold_in(model, written(model.get_topics(), shares, frame.tokens, ids, terms, random))
    tokens = frame.tokens.astype(float)
    value = inference.shares(found * tokens[:, None], frame.partners, count)
    concentration = float(model.alpha.sum())
    weights = _weights(frame, draws, random)[OUTLET]
    composed = inference.topic_draws(found, tokens, concentration, frame.partners, count, weights, random)
    seen = shares * tokens[:, None]
    estimates = {
        OUTLET: Estimate(value, composed),
        KNOWN: Estimate(
            inference.shares(seen, frame.partners, count), inference.share_draws(seen, frame.partners, count, weights)
        ),
    }
    return estimates | {SENTENCE: Estimate(value, _independent(value, frame, draws, random))}


def _weights(frame: Skeleton, draws: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Return bootstrap weights of the segments, draws x segments, from resampling whole outlets and whole documents."""
    found = {}
    for method, names in ((OUTLET, frame.outlets), (DOCUMENT, frame.documents)):
        clusters = np.unique(names, return_inverse=True)[1]
        found[method] = inference.cluster_weights(int(clusters.max()) + 1, draws, random)[:, clusters]
    return found


def _independent(value: np.ndarray, frame: Skeleton, draws: int, random: np.random.Generator) -> np.ndarray:
    """Return draws of shares as if each sentence were independent of all others: what an interval must not assume."""
    total = [int(frame.sentences[frame.partners == p].sum()) for p in range(len(value))]
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
    # A rare partner may have no document in a small simulated corpus: nothing was estimated that could be covered.
    frame = frame.dropna(subset="value")
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
    # Cells of one simulated corpus hang together, so the errors are those of means over corpora.
    covered = np.array([part["covered"].mean() for part in parts])
    slopes = np.array([_slope(part["truth"].to_numpy(), part["value"].to_numpy()) for part in parts])
    return {
        "quantity": what,
        "kind": kind,
        "method": method,
        "documents": number,
        "simulations": len(parts),
        "cells": len(parts[0]),
        "nominal": LEVEL,
        "coverage": covered.mean(),
        "error": _error(covered),
        "width": np.mean([(part["high"] - part["low"]).mean() for part in parts]),
        "slope": slopes.mean(),
        "slope_error": _error(slopes),
    }


def _slope(truth: np.ndarray, value: np.ndarray) -> float:
    """Return the least-squares slope of estimates on true values; below 1 contrasts are understated."""
    centred = truth - truth.mean()
    return float((centred * value).sum() / (centred**2).sum())


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


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
