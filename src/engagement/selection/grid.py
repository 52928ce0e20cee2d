"""How many topics: fits over a grid of K and seeds, what each is worth, and how alike the seeds of one K are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from engagement import parameters
from engagement.errors import ConfigurationError
from engagement.topics import bags as bagging
from engagement.topics import describe, labels, quality, stability
from engagement.topics.bags import Bags, Words
from engagement.topics.fit import Fit, Settings, fold_in, in_parallel, passes, train

MIN_RUNS = 2
DRAWS = 200


@dataclass(frozen=True)
class Scored:
    """One fit with its quality, and the topic shares of the segments under it."""

    fit: Fit
    segments: np.ndarray
    heldout: float
    heldout_documents: float
    npmi: float
    diversity: float
    exclusivity: float
    dispersion: float


def chosen() -> tuple[Settings, dict]:
    """Return the model chosen in section `topics` of `params.yaml`, and how its vocabulary is made (`bags.words`)."""
    given = parameters.load()["topics"]
    settings = Settings(given["num_topics"], given["inference"], given["eta"])
    return settings, {name: given[name] for name in ("mask_actors", "mask_share", "min_documents")}


def score(split: quality.Completion, seen: quality.Windows, segments: Bags, settings: Settings, seed: int) -> Scored:
    """Fit one model to the visible part of the corpus and measure it; as stm's `searchK`, one fit serves all measures."""
    model = train(split.training, settings, seed)
    topics, shares = model.get_topics(), fold_in(model, split.training)
    per_token, per_document = quality.heldout(topics, fold_in(model, split.visible), split.hidden)
    return Scored(
        Fit(settings, seed, topics, shares, passes(model)),
        fold_in(model, segments),
        per_token,
        per_document,
        float(quality.npmi(topics, seen).mean()),
        quality.diversity(topics),
        float(quality.exclusivity(topics).mean()),
        quality.residual_dispersion(topics, shares, split.training),
    )


def contrasts(shares: np.ndarray, partner: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return each topic's mean share in a partner's segments less that in all other segments (topics x partners).

    Columns are the partners in alphabetical order; `weights` are the segments' weights.
    """
    weights = np.ones(len(shares)) if weights is None else weights
    columns = []
    for code in np.unique(partner):
        own = partner == code
        means = [np.average(shares[rows], axis=0, weights=weights[rows]) for rows in (own, ~own)]
        columns.append(means[0] - means[1])
    return np.column_stack(columns)


def contrast_interval(
    shares: np.ndarray, segments: Bags, seed: int, draws: int = DRAWS
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper ends of 95% intervals of `contrasts`, from a bootstrap over documents.

    A document's segments stay together, because they tell one story.
    """
    document, partner = (np.array(column) for column in zip(*segments.ids, strict=True))
    number = np.unique(document, return_inverse=True)[1]
    rng = np.random.Generator(np.random.PCG64(seed))
    total = number.max() + 1
    found = []
    for _ in range(draws):
        weights = np.bincount(rng.integers(total, size=total), minlength=total)[number].astype(float)
        if all(weights[partner == code].sum() and weights[partner != code].sum() for code in np.unique(partner)):
            found.append(contrasts(shares, partner, weights))
    return tuple(np.quantile(found, [0.025, 0.975], axis=0))


@dataclass(frozen=True)
class Explored:
    """The tables of stage selection: `grid.csv`, `stability.csv`, `contrasts.csv` and `smoothing.csv`."""

    grid: pd.DataFrame
    stability: pd.DataFrame
    contrasts: pd.DataFrame
    smoothing: pd.DataFrame


def explore(
    words: Words,
    engagements: pd.DataFrame,
    settings: Settings,
    *,
    grid: Sequence[int],
    etas: Sequence[float],
    runs: int,
    seed: int,
    workers: int | None = None,
) -> Explored:
    """Fit every number of topics of the grid, and every eta at the chosen number, from `runs` seeds each.

    The chosen number and eta, those of `settings`, are tried in any case.

    Raises
    ------
    ConfigurationError
        If the corpus cannot carry the largest number, speaks of one partner only, or `runs` is below 2.
    """
    if runs < MIN_RUNS:
        raise ConfigurationError(
            f"params.yaml: selection.runs: {runs} shows no spread; use at least {MIN_RUNS}, better 10"
        )
    bagging.check_partners(engagements)
    bags = bagging.documents(words)
    for k in grid:
        bagging.check(bags, k, "selection.grid")
    bagging.check(bags, settings.num_topics)
    split = quality.completion(bags, seed)
    segments = bagging.segments(words, engagements, bags.terms)
    segments = segments.rows(np.flatnonzero(segments.tokens))
    seen = quality.windows(words.frame, bags.terms)
    by_k = [replace(settings, num_topics=k) for k in sorted({*grid, settings.num_topics})]
    by_eta = [replace(settings, eta=eta) for eta in sorted({*map(float, etas), settings.eta})]
    # The largest first, so that no process waits for it at the end.
    wanted = sorted({*by_k, *by_eta}, key=lambda w: (-w.num_topics, w.eta))
    jobs = [(w, s) for w in wanted for s in range(seed, seed + runs)]
    fits = dict(zip(jobs, in_parallel(score, (split, seen, segments), jobs, workers), strict=True))
    of = {w: [fits[w, s] for s in range(seed, seed + runs)] for w in wanted}
    parts = [compare(of[w], bags, segments, seed) for w in by_k]
    tables = [pd.concat(frames, ignore_index=True) for frames in zip(*parts, strict=True)]
    return Explored(*tables, pd.concat([smoothing(of[w]) for w in by_eta], ignore_index=True))


def smoothing(fits: list[Scored]) -> pd.DataFrame:
    """Return the rows of `smoothing.csv` for the fits of one eta."""
    pairs = np.full((len(fits), len(fits)), np.nan)
    for a, b in combinations(range(len(fits)), 2):
        one, other = fits[a].fit, fits[b].fit
        shared = stability.likeness((one.topics, one.shares), (other.topics, other.shares)).words.mean()
        pairs[a, b] = pairs[b, a] = shared
    return pd.DataFrame(
        {
            "eta": [s.fit.settings.eta for s in fits],
            "seed": [s.fit.seed for s in fits],
            "heldout": [s.heldout for s in fits],
            "npmi": [s.npmi for s in fits],
            "exclusivity": [s.exclusivity for s in fits],
            "overlap": np.nanmean(pairs, axis=1),
        }
    )


def compare(
    fits: list[Scored], bags: Bags, segments: Bags, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the rows of `grid.csv`, `stability.csv` and `contrasts.csv` for the fits of one K."""
    partner = np.array([p for _, p in segments.ids])
    k = fits[0].fit.settings.num_topics
    reference = fits[describe.central([s.fit for s in fits])]
    # The reference's topics by prevalence, so that "topic 0" is the largest.
    total = segments.tokens
    order = describe.by_prevalence(reference.fit.topics, reference.segments, total)
    topics = (reference.fit.topics[order], reference.fit.shares[:, order])
    ends = contrast_interval(reference.segments[:, order], segments, seed)
    own = contrasts(reference.segments[:, order], partner)
    words = labels.proposed(labels.word_lists(labels.frex(topics[0], describe.corpus_tokens(bags)), bags.terms))
    clear = (np.round(ends[0], 9) > 0) | (np.round(ends[1], 9) < 0)
    rows, effects = [], []
    for s in fits:
        matched = stability.align(topics[0], s.fit.topics)
        other = np.round(contrasts(s.segments[:, matched], partner), 9)
        same, inside = np.sign(other) == np.sign(np.round(own, 9)), (other >= ends[0]) & (other <= ends[1])
        is_reference = s is reference
        rows.append(
            {
                "num_topics": k,
                "seed": s.fit.seed,
                "reference": is_reference,
                "heldout": s.heldout,
                "heldout_documents": s.heldout_documents,
                "npmi": s.npmi,
                "diversity": s.diversity,
                "exclusivity": s.exclusivity,
                "dispersion": s.dispersion,
                "iterations": s.fit.iterations,
                "sign_kept": np.nan if is_reference else same.mean(),
                "clear_kept": np.nan if is_reference or not clear.any() else same[clear].mean(),
                "within_interval": np.nan if is_reference else inside.mean(),
            }
        )
        for column, code in enumerate(np.unique(partner)):
            effects += [
                (
                    k,
                    s.fit.seed,
                    topic,
                    code,
                    words[topic],
                    other[topic, column],
                    ends[0][topic, column],
                    ends[1][topic, column],
                )
                for topic in range(k)
            ]
    pairs = []
    for a, b in combinations(fits, 2):
        alike = stability.likeness((a.fit.topics, a.fit.shares), (b.fit.topics, b.fit.shares))
        pairs.append((k, a.fit.seed, b.fit.seed, alike.words.mean(), alike.documents.mean(), alike.mass.mean()))
    return (
        pd.DataFrame(rows),
        pd.DataFrame(pairs, columns=["num_topics", "seed_a", "seed_b", "overlap", "documents", "mass"]),
        pd.DataFrame(effects, columns=["num_topics", "seed", "topic", "partner", "words", "contrast", "low", "high"]),
    )


def summary(grid: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per K: each measure's mean over seeds, and whether K lies on the frontier."""
    measures = [
        "heldout",
        "npmi",
        "exclusivity",
        "diversity",
        "dispersion",
        "sign_kept",
        "clear_kept",
        "within_interval",
    ]
    means = grid.groupby("num_topics")[measures].mean()
    means["overlap"] = pairs.groupby("num_topics")["overlap"].mean()
    means["documents"] = pairs.groupby("num_topics")["documents"].mean()
    means["frontier"] = on_frontier(grid)
    return means.reset_index()


def on_frontier(grid: pd.DataFrame, measures: Sequence[str] = ("npmi", "exclusivity")) -> np.ndarray:
    """Return for each number of topics, in ascending order, whether no other is clearly better in every measure.

    Clearly better: the means over seeds differ by more than two standard errors of their difference. Exclusivity grows with
    the number of topics by itself, and coherence differs little from seed to seed, so a frontier drawn through the bare
    means would be drawn by chance.
    """
    found = grid.groupby("num_topics")[list(measures)].agg(["mean", "std", "size"])
    better = np.ones((len(found), len(found)), dtype=bool)
    for measure in measures:
        mean, variance = (
            found[measure]["mean"].to_numpy(),
            (found[measure]["std"] ** 2 / found[measure]["size"]).to_numpy(),
        )
        lead = mean[:, None] - mean[None, :]
        better &= np.round(lead - 2 * np.sqrt(variance[:, None] + variance[None, :]), 9) > 0
    return ~better.any(axis=0)


def verdict(means: pd.DataFrame, num_topics: int) -> str:
    """Return one Markdown sentence on the chosen number of topics: on the frontier, or a warning that it is not."""
    frontier = means.loc[means["frontier"], "num_topics"].tolist()
    listed = ", ".join(map(str, frontier))
    if num_topics in frontier:
        return (
            f"`topics.num_topics: {num_topics}` lies on the frontier of coherence and exclusivity: no other number is clearly "
            f"better in both (of those tried, that holds for {listed})."
        )
    return (
        f"**Warning:** `topics.num_topics: {num_topics}` in `params.yaml` is off the frontier of coherence and exclusivity: "
        f"another number of topics is clearly better in both. Choose from {listed}, or say why not."
    )
