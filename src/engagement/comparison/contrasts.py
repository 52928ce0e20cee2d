"""Shares by partner and the differences between partners, each with what is needed to doubt it."""

from itertools import combinations

import numpy as np
import pandas as pd

from engagement.comparison.inference import (
    Floats,
    benjamini_hochberg,
    bounded,
    enough_permutations,
    generator,
    holm,
    interval,
    permutation_p,
    permuted_labels,
    permuted_shares,
    share_draws,
    shares,
)
from engagement.comparison.segments import Segments

OTHERS = "others"


def compare(
    segments: Segments,
    amounts: Floats,
    names: dict,
    column: str,
    purpose: str,
    drawn: Floats | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the shares of each partner's categories, and their differences between partners.

    Parameters
    ----------
    amounts : segments × categories: sentences or words.
    names : the categories in the order of `amounts`, with their names.
    column : name of the category's column in the result.
    purpose : fixes the random draws.
    drawn : draws of the shares, draws × partners × categories, where more than the bootstrap varies (topics).

    Returns
    -------
    levels : partner, category, label, amount, documents (of the partner with that category), share, low, high, the
        partner's total and documents_total (with any category), and evidence: where the sentences stand in the reports.
    differences : see `differences`.
    """
    partners, settings = segments.partners, segments.settings
    count, categories = len(partners), list(names)
    if drawn is None:
        drawn = share_draws(amounts, segments.labels, count, segments.weights(purpose))
    observed = shares(amounts, segments.labels, count)
    total = segments.document_counts(np.where(amounts.sum(axis=1) > 0, segments.labels, -1), count)
    enough = total >= settings.min_documents
    low, high = interval(drawn, settings.level)
    low, high = bounded(observed, low, high, total[:, None], settings.level)
    blank = ~enough[:, None]
    low, high = np.where(blank, np.nan, low), np.where(blank, np.nan, high)

    held = (
        np.stack(
            [
                segments.document_counts(np.where(amounts[:, k] > 0, segments.labels, -1), count)
                for k in range(len(categories))
            ],
            axis=1,
        )
        if len(categories)
        else np.zeros((count, 0), dtype=int)
    )
    summed = np.stack([amounts[segments.labels == p].sum(axis=0) for p in range(count)])
    levels = pd.DataFrame(
        {
            "partner": np.repeat(partners, len(categories)),
            column: np.tile(np.array(categories, dtype=object), count),
            "label": list(names.values()) * count,
            "amount": summed.ravel(),
            "documents": held.ravel(),
            "share": observed.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "total": np.repeat(summed.sum(axis=1), len(categories)),
            "documents_total": np.repeat(total, len(categories)),
        }
    )
    levels["evidence"] = [evidence(p, "" if column == "topic" else c) for p in partners for c in categories]
    found = differences(segments, amounts, categories, column, purpose, observed, drawn, enough)
    found.insert(3, "label", found[column].map(names).astype(object))
    return levels, found


def evidence(partner: str, anchor: object = "") -> str:
    """Return the address, within the reports, of the sentences behind a number of a partner."""
    return f"evidence/{partner}.html" + (f"#{partner}-{anchor}" if anchor != "" else "")


def comparisons(partners: list[str], enough: np.ndarray) -> list[tuple[str, str, Floats]]:
    """Return what is compared: each pair of partners, then each partner with the mean of the others.

    Each comparison is (first, second, coefficients over partners); a partner with too few documents takes no part.
    """
    usable = [i for i in range(len(partners)) if enough[i]]
    found = []
    for i, j in combinations(usable, 2):
        row = np.zeros(len(partners))
        row[i], row[j] = 1, -1
        found.append((partners[i], partners[j], row))
    for i in usable if len(usable) > 1 else []:
        row = np.where(enough, -1 / (len(usable) - 1), 0.0)
        row[i] = 1
        found.append((partners[i], OTHERS, row))
    return found


def differences(
    segments: Segments,
    amounts: Floats,
    categories: list,
    column: str,
    purpose: str,
    observed: Floats,
    drawn: Floats,
    enough: np.ndarray,
) -> pd.DataFrame:
    """Return differences of shares between partners, in shares (0.1 is ten percentage points).

    Columns: first, second (a partner, or "others": the mean of the other partners), the category, difference, low, high
    (from `drawn`), band_low, band_high (where the difference falls if the partner label is shuffled), p (permutation),
    p_holm, p_bh: corrected over all categories and pairs, and separately over all categories and partners against
    the others; sure: p_holm is below 1 - level.
    """
    settings = segments.settings
    found = comparisons(segments.partners, enough)
    names = [
        "first",
        "second",
        column,
        "difference",
        "low",
        "high",
        "band_low",
        "band_high",
        "p",
        "p_holm",
        "p_bh",
        "sure",
    ]
    if not found or not categories:
        return pd.DataFrame({n: pd.Series(dtype=object if n in names[:3] else float) for n in names})
    random = generator(settings.seed, f"{purpose} permutation")
    times = enough_permutations(settings.permutations, len(found) * len(categories), settings.level)
    shuffled = permuted_labels(segments.labels, segments.documents, times, random)
    permuted = permuted_shares(amounts, shuffled, len(segments.partners))

    parts = []
    for first, second, row in found:
        value, spread, null = (_combined(x, row) for x in (observed, drawn, permuted))
        low, high = interval(spread, settings.level)
        band_low, band_high = interval(null, settings.level)
        part = pd.DataFrame({"first": first, "second": second, column: np.array(categories, dtype=object)})
        part["difference"], part["low"], part["high"] = value, low, high
        part["band_low"], part["band_high"] = band_low, band_high
        part["p"] = permutation_p(value, null)
        parts.append(part)
    result = pd.concat(parts, ignore_index=True)
    for family in (result["second"] == OTHERS, result["second"] != OTHERS):
        p = result.loc[family, "p"].to_numpy()
        result.loc[family, "p_holm"], result.loc[family, "p_bh"] = holm(p), benjamini_hochberg(p)
    return result.assign(sure=result["p_holm"] < 1 - settings.level)


def _combined(values: Floats, row: Floats) -> Floats:
    """Return the linear combination over the partners' axis (the last but one), leaving out partners of weight 0."""
    used = np.flatnonzero(row)
    return sum(row[i] * values[..., i, :] for i in used)


def means(segments: Segments, column: str, purpose: str) -> pd.DataFrame:
    """Return the mean of a number over each partner's sentences that have one.

    Columns: partner, sentences, documents, mean, low, high.
    """
    settings = segments.settings
    known = segments.sentences[column].notna().to_numpy()
    place = segments.sentences["segment"].to_numpy()[known]
    size = len(segments.frame)
    number = np.bincount(place, minlength=size)
    summed = np.bincount(place, weights=segments.sentences[column].to_numpy(dtype=float)[known], minlength=size)
    weights = segments.weights(purpose)
    rows = []
    for label, partner in enumerate(segments.partners):
        mine = (segments.labels == label) & (number > 0)
        documents = int(mine.sum())
        drawn = weights[:, mine].astype(float)
        whole = drawn @ number[mine]
        ratio = np.divide(drawn @ summed[mine], whole, out=np.full(len(drawn), np.nan), where=whole > 0)
        low, high = interval(ratio[:, None], settings.level)
        enough = documents >= settings.min_documents
        mean = summed[mine].sum() / number[mine].sum() if documents else np.nan
        ends = (low[0], high[0]) if enough else (np.nan, np.nan)
        rows.append((partner, int(number[mine].sum()), documents, mean, *ends))
    return pd.DataFrame(rows, columns=["partner", "sentences", "documents", "mean", "low", "high"])


def marks(differences: pd.DataFrame, column: str, sign: int = 1) -> pd.DataFrame:
    """Return the category that marks each partner most: the largest lead over the others that is surely a lead.

    Surely: the interval lies above 0 and the difference survives Holm's correction. A partner without such a category
    has no row. With `sign` -1: the largest sure lag instead.
    """
    end = differences["low"] if sign > 0 else -differences["high"]
    leads = differences[(differences["second"] == OTHERS) & (end > 0) & differences["sure"].astype(bool)]
    order = leads.assign(rank=-sign * leads["difference"].astype(float).round(9))
    order = order.sort_values(["first", "rank", column], kind="stable")
    return order.drop_duplicates("first").drop(columns="rank").reset_index(drop=True)


def both_ends(differences: pd.DataFrame, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what surely marks each partner, and what it surely lacks."""
    return marks(differences, column), marks(differences, column, sign=-1)


def headline(segments: Segments, levels: pd.DataFrame, families: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Return the stage's headline numbers: sizes, instrument shares, and how many differences are sure.

    Parameters
    ----------
    levels : the instruments' shares.
    families : by name, tables with a column `sure` (of differences only the pairs count).
    """
    numbers: dict[str, float] = {
        "sentences": len(segments.sentences),
        "documents": int(segments.frame["document_id"].nunique()),
    }
    for row in levels.itertuples():
        if row.share == row.share:
            numbers[f"share.{row.partner}.{row.instrument}"] = float(row.share)
    for name, table in families.items():
        pairs = table[table["second"] != OTHERS] if "second" in table else table
        numbers[f"sure.{name}"] = int(pairs["sure"].astype(bool).sum())
        numbers[f"tested.{name}"] = len(pairs)
    return numbers
