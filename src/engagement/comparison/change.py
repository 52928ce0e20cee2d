"""Since when: the year after which a share differs most from before, and whether that could be chance."""

import numpy as np
import pandas as pd

from engagement.comparison.inference import (
    CHUNK,
    TIE,
    Floats,
    Integers,
    benjamini_hochberg,
    enough_permutations,
    generator,
    holm,
    interval,
)
from engagement.comparison.segments import Segments


def changes(segments: Segments, measured: dict[str, tuple[Floats, dict]]) -> pd.DataFrame:
    """Return the likeliest years of change of several kinds of shares, the p-values corrected over all of them.

    Parameters
    ----------
    measured : by kind (instrument, topic): the amounts, segments × categories, and the categories with their names.

    Returns
    -------
    kind, category, label and the columns of `change_years`, p_holm, p_bh, sure (p_holm is below 1 - level).
    """
    tests = len(segments.partners) * sum(len(names) for _, names in measured.values())
    times = enough_permutations(segments.settings.permutations, tests, segments.settings.level)
    parts = []
    for kind, (amounts, names) in measured.items():
        part = change_years(segments, amounts, list(names), kind, times)
        part.insert(0, "kind", kind)
        part.insert(3, "label", part["category"].map(names))
        parts.append(part.assign(category=part["category"].astype(str)))
    result = pd.concat(parts, ignore_index=True)
    p = result["p"].to_numpy(dtype=float)
    corrected = holm(p)
    return result.assign(p_holm=corrected, p_bh=benjamini_hochberg(p), sure=corrected < 1 - segments.settings.level)


def change_years(
    segments: Segments, amounts: Floats, categories: list, purpose: str, permutations: int
) -> pd.DataFrame:
    """Return, for each partner and category, the likeliest year of change and the shares before and from it on.

    For each year that leaves at least `min_documents` documents on either side, the share from that year on is
    compared with the share before; the differences are weighted by sqrt(n1 n2) / n, n1 and n2 being the documents on
    each side, so that a difference resting on a handful of documents does not win (CUSUM statistic; Page 1954). The
    year of the largest weighted difference is the likeliest year of change. Its p-value is the share of permutations of
    the documents' years, within the partner, that reach a weighted difference as large at *any* year, so the search
    over years is paid for.

    Columns: partner, category, year, year_low, year_high (interval of the year over bootstrap samples), before,
    after, difference, low, high, documents_before, documents_after, p. The difference is the largest of
    many and therefore overstates the true one.
    """
    names = ["partner", "category", "year", "year_low", "year_high", "before", "after", "difference", "low", "high"]
    names += ["documents_before", "documents_after", "p"]
    settings = segments.settings
    weights = segments.weights(f"{purpose} change")
    rows = []
    for place, partner in enumerate(segments.partners):
        mine = segments.labels == place
        year = segments.frame["year"].to_numpy()[mine]
        if not mine.any() or year.min() == year.max():
            continue
        span = np.arange(year.min(), year.max() + 1)
        here = (year[:, None] == span).astype(float)
        before = here.sum(axis=0).cumsum()[:-1]
        usable = (before >= settings.min_documents) & (len(year) - before >= settings.min_documents)
        if not usable.any():
            continue
        scale = np.where(usable, np.sqrt(before * (len(year) - before)) / len(year), 0.0)[:, None]
        own = amounts[mine]

        observed = _differences(np.einsum("sy,sk->yk", here, own)[None])[0]
        best = np.argmax(np.nan_to_num(np.abs(observed) * scale).round(TIE), axis=0)
        drawn = _by_year(weights[:, mine], here, own)
        spread = _differences(drawn)
        years_drawn = span[1:][np.argmax(np.nan_to_num(np.abs(spread) * scale).round(TIE), axis=1)]
        low, high = interval(spread[:, best, np.arange(own.shape[1])], settings.level)
        random = generator(settings.seed, f"{purpose} change permutation {partner}")
        reached = _permuted_largest(here, own, scale, permutations, random)
        strongest = np.nan_to_num(np.abs(observed) * scale).max(axis=0)
        p = (1 + (reached >= strongest.round(TIE)).sum(axis=0)) / (1 + permutations)

        tail = 50 * (1 - settings.level)
        ends = np.percentile(years_drawn, [tail, 100 - tail], axis=0, method="nearest")
        for k, category in enumerate(categories):
            after = year >= span[1:][best[k]]
            levels = [own[side, k].sum() / max(own[side].sum(), 1e-12) for side in (~after, after)]
            rows.append(
                (partner, category, span[1:][best[k]], int(ends[0, k]), int(ends[1, k]), *levels)
                + (levels[1] - levels[0], low[k], high[k], int((~after).sum()), int(after.sum()), p[k])
            )
    return pd.DataFrame(rows, columns=names)


def _by_year(weights: Integers, here: Floats, amounts: Floats) -> Floats:
    """Return the weighted totals by year, draws × years × categories."""
    drawn = np.empty((len(weights), here.shape[1], amounts.shape[1]))
    for y in range(here.shape[1]):
        members = here[:, y] > 0
        drawn[:, y] = weights[:, members].astype(float) @ amounts[members]
    return drawn


def _differences(totals: Floats) -> Floats:
    """Return share after minus share before each year but the first: draws × (years - 1) × categories."""
    before = totals.cumsum(axis=1)
    after = before[:, -1:] - before
    parts = []
    for side in (before[:, :-1], after[:, :-1]):
        whole = side.sum(axis=2, keepdims=True)
        parts.append(np.divide(side, whole, out=np.full_like(side, np.nan), where=whole > 1e-9))
    return parts[1] - parts[0]


def _permuted_largest(
    here: Floats, amounts: Floats, scale: Floats, permutations: int, random: np.random.Generator
) -> Floats:
    """Return the largest weighted difference at any year under shuffled years, permutations × categories."""
    largest = np.empty((permutations, amounts.shape[1]))
    ends = here.sum(axis=0).cumsum().astype(int)[:-1] - 1
    total = amounts.sum(axis=0)
    for start in range(0, permutations, CHUNK):
        stop = min(start + CHUNK, permutations)
        order = random.permuted(np.tile(np.arange(len(amounts)), (stop - start, 1)), axis=1)
        # Documents in random order, cut where the observed years end: the same as shuffling the years.
        before = amounts[order].cumsum(axis=1)[:, ends]
        both = np.stack([before, total - before], axis=1)
        parts = both / np.maximum(both.sum(axis=3, keepdims=True), 1e-12)
        largest[start:stop] = (np.abs(parts[:, 1] - parts[:, 0]) * scale).max(axis=1)
    return largest.round(TIE)
