"""Representative sentences, chosen by rule: nobody picks them by hand."""

from collections.abc import Iterator

import pandas as pd

from engagement.comparison import Segments, candidates
from engagement.comparison.codes import SURE_READING
from engagement.comparison.inference import generator

RULES = {
    "top": "from the document with most sentences on the partner",
    "median": "of the middle date",
    "random": "drawn by chance",
}


def chosen(segments: Segments, texts: pd.DataFrame, profile: pd.DataFrame, partner: str, count: int) -> pd.DataFrame:
    """Return `count` representative sentences of a partner.

    Its instruments are taken in order of their share. Of each, three sentences are shown: one from the document that says
    most on the partner (ties: the surest attribution, then the first by name), the one of the middle date, and one by
    chance; each from a document not yet used, and if possible from a year not yet used. Hypothetical and negated sentences,
    those on several partners and, if others are left, those whose partner is less than sure are no candidates.

    Columns: instrument, label, rule (of choice), and those of the sentences.
    """
    found = candidates(segments, texts)
    found = found[found["partner"] == partner].drop(columns="rule").reset_index(drop=True)
    found["said"] = found.groupby("document_id")["sentence_id"].transform("size")
    told = profile[(profile["kind"] == "instrument") & (profile["share"] > 0)]
    order = told.assign(rank=-told["share"].round(9)).sort_values(["rank", "category"], kind="stable")
    picked: list[pd.Series] = []
    for instrument, label in zip(order["category"], order["label"], strict=True):
        pool = found[found["instrument"] == instrument]
        naming = pool[pool["confidence"] >= SURE_READING]
        pool = pool if naming.empty else naming
        for rule in RULES:
            if len(picked) == count:
                break
            left = _unused(pool, picked)
            if not left.empty:
                row = left.loc[_pick(left, rule, segments.settings.seed, f"{partner} {instrument}")]
                picked.append(pd.concat([row, pd.Series({"label": label, "rule": rule})]))
    return pd.DataFrame(picked, columns=[*found.columns, "label", "rule"]).reset_index(drop=True)


def _unused(pool: pd.DataFrame, picked: list[pd.Series]) -> pd.DataFrame:
    """Return the sentences of documents, and if any are left of years, that are not yet used."""
    left = pool[~pool["document_id"].isin([row.document_id for row in picked])]
    fresh = left[~left["year"].isin([row.year for row in picked])]
    return left if fresh.empty else fresh


def _pick(left: pd.DataFrame, rule: str, seed: int, purpose: str) -> int:
    """Return the index of the sentence that a rule picks."""
    if rule == "top":
        ranked = left.assign(a=-left["said"], b=-left["confidence"].round(6))
        return ranked.sort_values(["a", "b", "sentence_id"], kind="stable").index[0]
    dated = left.sort_values(["date", "sentence_id"], kind="stable").index
    if rule == "median":
        return dated[(len(dated) - 1) // 2]
    return dated[int(generator(seed, f"{purpose} {rule}").integers(len(dated)))]


def groups(sentences: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the chosen sentences by instrument, in their order, with the words that introduce them."""
    for label, part in sentences.groupby("label", sort=False):
        yield f"{label}: {', '.join(RULES[rule] for rule in part['rule'])}", part
