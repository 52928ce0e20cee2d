"""The words that mark each partner: log-odds with an informative prior, doubted by the document."""

import numpy as np
import pandas as pd
from scipy import sparse

from engagement.comparison.codes import CALENDAR, CURRENCIES, TITLES
from engagement.comparison.inference import (
    Floats,
    benjamini_hochberg,
    cluster_weights,
    generator,
    interval,
    normal_p,
)
from engagement.comparison.segments import Segments

WHO_OR_WHEN = TITLES | CALENDAR | CURRENCIES


def unmasked(tokens: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """Return the counted terms (`sentence_id`, `term`) that say what and not who or when.

    Left out are terms that overlap a mention of an actor, titles of office, days and months, and currencies. Without this a
    partner's own name, the office of its leader and its currency would be its first key terms.
    """
    counted = tokens.loc[tokens["term"] != "", ["sentence_id", "start", "term_end", "term"]].reset_index(drop=True)
    spans = mentions[["sentence_id", "start", "end"]].rename(columns={"start": "from", "end": "to"})
    met = counted.reset_index().merge(spans, on="sentence_id")
    hidden = met.loc[(met["start"] < met["to"]) & (met["term_end"] > met["from"]), "index"]
    who_or_when = [not WHO_OR_WHEN.isdisjoint(term.split("_")) for term in counted["term"]]
    left = ~counted.index.isin(hidden) & ~np.array(who_or_when, dtype=bool)
    return counted.loc[left, ["sentence_id", "term"]].reset_index(drop=True)


def log_odds(first: Floats, second: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """Return the log-odds-ratio of each term between two groups, and its model-based standard deviation.

    Monroe, Colaresi and Quinn (2008), equations 16 and 18-19: each group's counts are raised by the prior's pseudo-counts.

    Parameters
    ----------
    first, second : counts, ... × terms; the last axis must hold every term.
    prior : pseudo-counts of each term, all above 0.
    """
    a, b = first + prior, second + prior
    difference = np.log(a / (a.sum(axis=-1, keepdims=True) - a)) - np.log(b / (b.sum(axis=-1, keepdims=True) - b))
    return difference, np.sqrt(1 / a + 1 / b)


def keyness(segments: Segments, terms: pd.DataFrame, prior_tokens: float, min_documents: int) -> pd.DataFrame:
    """Return, for each partner, how much more often each term is used about it than about the other partners.

    Only sentences on exactly one partner count. The prior spreads `prior_tokens` pseudo-tokens over the terms as the
    whole corpus uses them. Terms in fewer than `min_documents` documents are pooled, not shown.

    Parameters
    ----------
    terms : one row per counted term of a sentence: sentence_id, term.

    Returns
    -------
    partner, term, log_odds (natural logarithm; above 0: more with this partner), low, high (bootstrap over clusters),
    z (log-odds over the larger of model-based and bootstrap standard deviation), p_bh (of z, corrected over the
    partner's terms), tokens, rate, rate_others (per 1,000 terms), documents, outlets (of the partner that use it), key (interval
    above 0, in enough documents of the partner), sure (besides, p_bh is below 1 - level).
    """
    settings = segments.settings
    alone = segments.sentences[~segments.sentences["sentence_id"].duplicated(keep=False)]
    used = terms.merge(
        alone[["sentence_id", "segment", "document_id", "outlet", "partner"]], on="sentence_id", how="inner"
    )
    spread = used.groupby("term")["document_id"].nunique()
    vocabulary = sorted(spread.index[spread >= min_documents])
    names = ["partner", "term", "log_odds", "low", "high", "z", "p_bh", "tokens", "rate", "rate_others"]
    names += ["documents", "outlets", "key", "sure"]
    if not vocabulary or used["partner"].nunique() < 2:
        return pd.DataFrame({n: pd.Series(dtype=object if n in names[:2] else float) for n in names})
    # The last column pools the rare terms, so that rates and odds refer to all that is written.
    place = pd.Index(vocabulary).get_indexer(used["term"])
    place = np.where(place < 0, len(vocabulary), place)
    background = np.bincount(
        np.where((known := pd.Index(vocabulary).get_indexer(terms["term"])) < 0, len(vocabulary), known),
        minlength=len(vocabulary) + 1,
    )
    prior = prior_tokens * (background + 0.5) / (background + 0.5).sum()

    cluster = segments.frame["cluster"].to_numpy()
    clusters = int(cluster.max()) + 1
    weights = cluster_weights(clusters, settings.draws, generator(settings.seed, "keyness bootstrap"))
    counts, drawn = [], []
    label = pd.Index(segments.partners).get_indexer(used["partner"])
    for p in range(len(segments.partners)):
        mine = label == p
        matrix = sparse.csr_array(
            (np.ones(mine.sum()), (cluster[used["segment"].to_numpy()[mine]], place[mine])),
            shape=(clusters, len(vocabulary) + 1),
        )
        counts.append(np.asarray(matrix.sum(axis=0), dtype=float))
        drawn.append((matrix.T @ weights.T.astype(float)).T)
    everything, all_drawn = sum(counts), sum(drawn)

    parts = []
    for p, partner in enumerate(segments.partners):
        if not counts[p].sum():
            continue
        rest = everything - counts[p]
        value, model = log_odds(counts[p], rest, prior)
        sampled, _ = log_odds(drawn[p], all_drawn - drawn[p], prior)
        low, high = interval(sampled, settings.level)
        z = value / np.maximum(model, sampled.std(axis=0))
        own = used[label == p].groupby("term").agg(documents=("document_id", "nunique"), outlets=("outlet", "nunique"))
        part = pd.DataFrame({"partner": partner, "term": vocabulary})
        columns = {"log_odds": value, "low": low, "high": high, "z": z}
        for name, values in columns.items():
            part[name] = values[:-1]
        part["p_bh"] = benjamini_hochberg(normal_p(z[:-1]))
        part["tokens"] = counts[p][:-1].astype(int)
        part["rate"] = 1000 * counts[p][:-1] / counts[p].sum()
        part["rate_others"] = 1000 * rest[:-1] / max(rest.sum(), 1)
        parts.append(part.join(own, on="term").fillna({"documents": 0, "outlets": 0}))
    result = pd.concat(parts, ignore_index=True).astype({"documents": int, "outlets": int})
    key = (result["low"] > 0) & (result["documents"] >= settings.min_documents)
    return result.assign(key=key, sure=key & (result["p_bh"] < 1 - settings.level))


def key_terms(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return each partner's `count` strongest key terms, by z."""
    ranked = table[table["key"].astype(bool)]
    ranked = ranked.assign(rank=-ranked["z"].round(6)).sort_values(["partner", "rank", "term"], kind="stable")
    return ranked.groupby("partner", sort=False).head(count).drop(columns="rank").reset_index(drop=True)
