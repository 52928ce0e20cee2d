"""How well the automatic coding agrees with people: every score, with its interval, as one row of a long table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagement.validation import reliability, scores

COLUMNS = [
    "target",
    "unit",
    "split",
    "method",
    "reference",
    "code",
    "measure",
    "n",
    "documents",
    "value",
    "low",
    "high",
]


# Ends the name of a reference made of the test documents outside the sample that two coders coded first.
OTHER = ", other test documents"


@dataclass(frozen=True)
class Comparison:
    """What is compared with what, and how intervals are drawn."""

    target: str  # partner, instrument, stance, amount, person, visit
    unit: str  # document, sentence, amount, person, visit
    method: str  # automatic, names only, coders
    reference: str  # writers, consensus, coder a, coder b, each other
    draws: int
    seed: int

    def row(
        self,
        half: str,
        code: str,
        measure: str,
        n: int,
        by_document: np.ndarray,
        statistic: Callable[[np.ndarray], np.ndarray],
        proportion: bool = True,
    ) -> dict:
        """Return one row: the score of summed counts with its bootstrap interval."""
        # The draws depend on the half alone, so that two methods are compared on the same resampled documents.
        value, low, high = scores.with_interval(
            by_document, statistic, self.draws, self.seed, f"validation {half}", proportion
        )
        named = [self.target, self.unit, half, self.method, self.reference, code, measure]
        return dict(zip(COLUMNS, [*named, n, len(by_document), value, low, high], strict=True))


def of_sets(
    what: Comparison, units: pd.DataFrame, codes: Sequence[str], halves: Sequence[str] = scores.SPLITS
) -> list[dict]:
    """Return precision, recall, F1 and the ratio of counts over all codes (micro) and per code, and the share of exact sets.

    `units`: `document_id`, and the sets `reference`, `coded`, `undecided` (see `scores.hits`).
    """
    rows = []
    for half in halves:
        part = units[scores.in_split(units["document_id"], half)]
        if part.empty:
            continue
        counts = scores.by_document(part["document_id"], scores.hits(part, codes))
        decided = part["undecided"].map(len).eq(0).to_numpy()
        among = frozenset(codes)
        right = [(r & among) == (c & among) for r, c in zip(part["reference"], part["coded"], strict=True)]
        rows += _rates(what, half, "all", counts.sum(axis=1))
        for place, code in enumerate(codes):
            rows += _rates(what, half, code, counts[:, place])
        rows += _right(what, half, part["document_id"][decided], np.array(right, dtype=bool)[decided])
    return rows


def of_right(
    what: Comparison, documents: pd.Series, right: np.ndarray, halves: Sequence[str] = scores.SPLITS
) -> list[dict]:
    """Return the share of units that are right; `right` holds a flag per unit."""
    chosen = ((half, scores.in_split(documents, half)) for half in halves)
    return [row for half, part in chosen for row in _right(what, half, documents[part], right[part])]


def of_counts(
    what: Comparison, documents: pd.Series, counts: np.ndarray, code: str = "all", halves: Sequence[str] = scores.SPLITS
) -> list[dict]:
    """Return precision, recall, F1 and the ratio of counts from hits, false alarms and misses counted already: shape (units, 3)."""
    rows = []
    for half in halves:
        part = scores.in_split(documents, half)
        if part.any():
            rows += _rates(what, half, code, scores.by_document(documents[part], counts[part]))
    return rows


def _rates(what: Comparison, half: str, code: str, counts: np.ndarray) -> list[dict]:
    measures = {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}
    held = int(counts[:, [0, 2]].sum())
    rows = [what.row(half, code, name, held, counts, measure) for name, measure in measures.items()]
    return [*rows, what.row(half, code, "count_ratio", held, counts, scores.count_ratio, proportion=False)]


def _right(what: Comparison, half: str, documents: pd.Series, right: np.ndarray) -> list[dict]:
    if not len(right):
        return []
    counts = scores.by_document(documents, np.column_stack([right, ~right]).astype(np.int64))
    return [what.row(half, "all", "accuracy", len(right), counts, scores.accuracy)]


def of_values(
    what: Comparison, units: pd.DataFrame, metrics: Sequence[str], halves: Sequence[str] = scores.SPLITS
) -> list[dict]:
    """Return accuracy and Krippendorff's alpha of single codes; rows without reference (None) are left out.

    `units`: `document_id`, `reference`, `coded`.
    """
    known = units[units["reference"].notna()]
    right = np.array([r == c for r, c in zip(known["reference"], known["coded"], strict=True)], dtype=bool)
    rows = of_right(what, known["document_id"], right, halves)
    ratings = list(zip(known["reference"], known["coded"], strict=True))
    return rows + of_ratings(what, known["document_id"], ratings, metrics, halves=halves)


def of_ratings(
    what: Comparison,
    documents: pd.Series,
    ratings: Sequence[Sequence],
    metrics: Sequence[str],
    code: str = "all",
    halves: Sequence[str] = scores.SPLITS,
) -> list[dict]:
    """Return Krippendorff's alpha by each metric, from ratings of units x coders (None: missing)."""
    rows = []
    for half in halves:
        chosen = np.flatnonzero(scores.in_split(documents, half))
        part = [ratings[i] for i in chosen]
        values = reliability.distinct(part)
        if not values:
            continue
        counts = scores.by_document(documents.iloc[chosen], reliability.coincidences(part, values))
        for metric in metrics:
            rows.append(
                what.row(
                    half,
                    code,
                    f"alpha_{metric}",
                    len(part),
                    counts,
                    lambda sums, values=values, metric=metric: reliability.alpha_from(sums, values, metric),
                    proportion=False,
                )
            )
    return rows


def table(rows: list[dict]) -> pd.DataFrame:
    """Return the rows as the agreement table."""
    return pd.DataFrame(rows, columns=COLUMNS)
