"""Does the answer hold if it is computed otherwise? The same leads under other reasonable choices."""

import numpy as np
import pandas as pd

from engagement.comparison.codes import SURE_READING
from engagement.comparison.contrasts import comparisons
from engagement.comparison.inference import Floats, Integers, cluster_weights, generator, interval, share_draws, shares
from engagement.comparison.segments import Segments


def variants(segments: Segments, column: str, categories: list) -> dict[str, tuple[Floats, Integers]]:
    """Return, by the choice made, the amounts (segments × categories) and the cluster of each segment."""
    told, cluster = segments.sentences, segments.frame["cluster"].to_numpy()
    sizes = segments.frame.drop_duplicates("document_id")["outlet"].value_counts()
    largest = sorted(sizes.index, key=lambda name: (-sizes[name], name))[0] if len(sizes) else ""
    chosen = {
        "as published": np.ones(len(told), dtype=bool),
        f"attributions with a confidence of {SURE_READING:g} or more": (told["confidence"] >= SURE_READING).to_numpy(),
        "sentences on one partner only": ~told["sentence_id"].duplicated(keep=False).to_numpy(),
        "without hypothetical and negated sentences": ~(told["hypothetical"] | told["negated"]).to_numpy(),
        f"without the largest outlet, {largest}": (told["outlet"] != largest).to_numpy(),
    }
    found = {name: (segments.totals(column, categories, kept), cluster) for name, kept in chosen.items()}
    every = found["as published"][0]
    size = every.sum(axis=1, keepdims=True)
    found["every document weighs the same"] = (
        np.divide(every, size, out=np.zeros_like(every), where=size > 0),
        cluster,
    )
    if segments.level != "document":
        found["documents resampled instead of outlets"] = (every, segments.documents)
    return found


def robustness(segments: Segments, marking: pd.DataFrame, column: str, categories: list) -> pd.DataFrame:
    """Return the lead of each partner in the category that marks it, under each variant.

    Parameters
    ----------
    marking : what marks each partner (`contrasts.marks`).

    Returns
    -------
    partner, category, label, variant, order (of the variant), share, difference (to the mean of the others), low, high.
    """
    names = ["partner", "category", "label", "order", "variant", "share", "difference", "low", "high"]
    settings, rows = segments.settings, []
    if marking.empty:
        return pd.DataFrame(rows, columns=names)
    count = len(segments.partners)
    for order, (variant, (amounts, cluster)) in enumerate(variants(segments, column, categories).items()):
        random = generator(settings.seed, "robustness bootstrap")
        weights = cluster_weights(int(cluster.max()) + 1, settings.draws, random)[:, cluster]
        observed = shares(amounts, segments.labels, count)
        drawn = share_draws(amounts, segments.labels, count, weights)
        told = np.where(amounts.sum(axis=1) > 0, segments.labels, -1)
        enough = segments.document_counts(told, count) >= settings.min_documents
        leads = {first: row for first, second, row in comparisons(segments.partners, enough) if second == "others"}
        for mark in marking.itertuples():
            place = categories.index(getattr(mark, column))
            row = leads.get(mark.first)
            if row is None:
                continue
            used = np.flatnonzero(row)
            value = float(sum(row[i] * observed[i, place] for i in used))
            low, high = interval(sum(row[i] * drawn[:, i, place] for i in used)[:, None], settings.level)
            own = observed[segments.partners.index(mark.first), place]
            rows.append((mark.first, categories[place], mark.label, order, variant, own, value, low[0], high[0]))
    return pd.DataFrame(rows, columns=names)
