"""Sentences shown as examples, drawn by rule and not by hand."""

from collections.abc import Iterator

import pandas as pd

from engagement import figures
from engagement.comparison.inference import generator
from engagement.comparison.segments import Segments


def candidates(segments: Segments, texts: pd.DataFrame) -> pd.DataFrame:
    """Return the sentences fit to stand as examples, with their text: neither hypothetical nor negated, on one partner only.

    Parameters
    ----------
    texts : the table `cleaning/sentences.parquet`.
    """
    found = segments.sentences
    alone = ~found["sentence_id"].duplicated(keep=False)
    plain = found[alone & ~found["hypothetical"] & ~found["negated"]].drop(columns="date")
    plain = plain.rename(columns={"document_date": "date"})
    return plain.merge(texts[["sentence_id", "text"]], on="sentence_id", how="inner")


def examples(found: pd.DataFrame, seed: int, purpose: str, count: int) -> pd.DataFrame:
    """Return `count` sentences of different documents: the most confidently attributed, chance deciding among equals."""
    order = found.sort_values("sentence_id", kind="stable", ignore_index=True)
    order["chance"] = generator(seed, f"{purpose} examples").permutation(len(order))
    order["rank"] = -order["confidence"].round(6)
    order = order.sort_values(["rank", "chance"], kind="stable").drop_duplicates("document_id")
    return order.head(count).drop(columns=["chance", "rank"]).reset_index(drop=True)


def behind(
    found: pd.DataFrame, marking: pd.DataFrame, partners: list[str], seed: int, count: int = 2
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield, in the order of the partners, `count` examples of the instrument that marks each, with words to introduce them."""
    for partner in partners:
        for row in marking[marking["first"] == partner].itertuples():
            mine = found[(found["partner"] == partner) & (found["instrument"] == row.instrument)]
            introduction = f"{figures.partner_name(partner)}, {row.label}"
            yield introduction, examples(mine, seed, f"{partner} {row.instrument}", count)


def or_none(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return the first table that has rows, or a row saying that there are none: a figure is never without its data."""
    return next((t for t in tables if not t.empty), pd.DataFrame({"note": ["none in this corpus"]}))
