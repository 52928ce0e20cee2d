"""Sums of money named with a partner as giver: what was pledged, what was delivered, and how little that proves."""

import numpy as np
import pandas as pd

from engagement.comparison.codes import PHASE_OF_STAGE, PHASES
from engagement.comparison.inference import Floats, Integers, interval
from engagement.comparison.segments import Segments

GIVEN = ("grant", "aid", "loan", "cost", "")  # kinds of sums that are given or lent, "" where the text does not say


def sums(segments: Segments, amounts: pd.DataFrame) -> pd.DataFrame:
    """Return the sums that count: given or lent by one partner, in US dollars, of a known phase; once per document.

    Columns: partner, phase (pledged: pledged, signed or started; delivered: delivered or completed), year, value_usd,
    sentence_id, document_id, segment. Left out are stocks ("over three decades") and unit prices, trade, investment, debt
    and losses, shared sums, sums without giver or phase, and sums in documents without a counted sentence on the partner.
    """
    phase = amounts["stage"].map(PHASE_OF_STAGE)
    usable = amounts["partner"].isin(segments.partners) & phase.notna() & amounts["flow"].isin(["single", "flow"])
    usable &= amounts["kind"].isin(GIVEN)
    usable &= ~amounts["shared"] & (amounts["value_usd"] > 0)
    kept = amounts[usable].assign(phase=phase[usable]).sort_values(["sentence_id", "start"], kind="stable")
    kept = kept.drop_duplicates(["document_id", "partner", "phase", "value_usd"])
    places = segments.frame[["document_id", "partner", "year"]].assign(segment=np.arange(len(segments.frame)))
    found = kept.merge(places, on=["document_id", "partner"], how="inner")
    names = ["partner", "phase", "year", "value_usd", "sentence_id", "document_id", "segment"]
    return found[names].sort_values(["partner", "phase", "value_usd", "sentence_id"], kind="stable", ignore_index=True)


def totals(segments: Segments, found: pd.DataFrame) -> pd.DataFrame:
    """Return, by partner and phase, how many sums, their median with interval, and their total.

    Columns: partner, phase, amounts, documents, median_usd, low, high, total_usd (each sum once a year, because
    announcements repeat), largest_share (of the total that the largest sum makes up).
    """
    settings = segments.settings
    weights = segments.weights("amounts")
    rows = []
    for partner in segments.partners:
        for phase in PHASES:
            part = found[(found["partner"] == partner) & (found["phase"] == phase)].sort_values("value_usd")
            value = part["value_usd"].to_numpy(dtype=float)
            once = part.drop_duplicates(["year", "value_usd"])["value_usd"]
            low = high = np.nan
            if part["document_id"].nunique() >= settings.min_documents:
                drawn = weighted_medians(value, weights[:, part["segment"].to_numpy()])
                low, high = (float(end[0]) for end in interval(drawn[:, None], settings.level))
            rows.append(
                (partner, phase, len(part), part["document_id"].nunique(), np.median(value) if len(value) else np.nan)
                + (low, high, once.sum(), once.max() / once.sum() if len(once) else np.nan)
            )
    names = ["partner", "phase", "amounts", "documents", "median_usd", "low", "high", "total_usd", "largest_share"]
    return pd.DataFrame(rows, columns=names)


def weighted_medians(values: Floats, weights: Integers) -> Floats:
    """Return the median of sorted `values` under each row of whole-number weights; NaN where all weights are 0."""
    reached = weights.cumsum(axis=1)
    whole = reached[:, -1:]
    medians = values[np.argmax(2 * reached >= whole, axis=1)].astype(float)
    return np.where(whole[:, 0] > 0, medians, np.nan)
