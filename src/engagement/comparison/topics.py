"""What each partner's sentences are about: topic shares, in all and over time."""

import numpy as np
import pandas as pd

from engagement.comparison.codes import DAGGER
from engagement.comparison.contrasts import compare
from engagement.comparison.inference import Floats, bounded, generator, interval, shares, topic_draws
from engagement.comparison.segments import Segments

UNSTABLE = f"{DAGGER} marks a topic whose words do not come back with another seed: lean on it lightly."


def topic_names(topics: pd.DataFrame) -> dict[int, str]:
    """Return the topics' labels by number, with a dagger where the topic is unstable.

    `topics` is the table `topics/topics.csv`.
    """
    ordered = topics.sort_values("topic")
    marks = np.where(ordered["unstable"], f" {DAGGER}", "")
    return dict(zip(ordered["topic"].astype(int), ordered["label"] + marks, strict=True))


def aligned(segments: Segments, segment_topics: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return topic shares (segments × topics) and tokens in the order of the segments.

    A segment without topics (no word of it is in the topics' vocabulary, or all of it is told as history) has 0 tokens
    and equal shares, and so weighs nothing.
    """
    names = [c for c in segment_topics.columns if c.startswith("topic_")]
    names.sort(key=lambda name: int(name.removeprefix("topic_")))
    found = segments.frame[["document_id", "partner"]].merge(
        segment_topics, on=["document_id", "partner"], how="left", validate="one_to_one"
    )
    theta = found[names].fillna(1 / max(len(names), 1)).to_numpy(dtype=float)
    return theta / theta.sum(axis=1, keepdims=True), found["tokens"].fillna(0).to_numpy(dtype=float)


def prevalence(
    segments: Segments, theta: Floats, tokens: Floats, concentration: float, names: dict[int, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return topic shares by partner and their differences, as `contrasts.compare` does; amounts are in words."""
    drawn = topic_draws(
        theta,
        tokens,
        concentration,
        segments.labels,
        len(segments.partners),
        segments.weights("topics"),
        generator(segments.settings.seed, "topics composition"),
    )
    return compare(segments, theta * tokens[:, None], names, "topic", "topics", drawn)


def periods(first: int, last: int, length: int) -> list[tuple[int, int]]:
    """Return the periods from `first` to `last` year, `length` years each, the last one maybe shorter."""
    return [(y, min(y + length - 1, last)) for y in range(first, last + 1, length)]


def over_time(
    segments: Segments, theta: Floats, tokens: Floats, concentration: float, names: dict[int, str], length: int
) -> pd.DataFrame:
    """Return topic shares by partner and period of `length` years, with intervals.

    Columns: partner, start, end (years of the period), topic, label, documents, tokens, share, low, high; share and interval
    are blank where the partner has fewer than `min_documents` documents in the period.
    """
    settings, partners = segments.settings, segments.partners
    year = segments.frame["year"].to_numpy()
    spans = periods(int(year.min()), int(year.max()), length) if len(year) else []
    groups = segments.labels * len(spans) + (year - year.min(initial=9999)) // length
    count = len(partners) * len(spans)
    weights = segments.weights("topics over time")
    random = generator(settings.seed, "topics over time composition")
    drawn = topic_draws(theta, tokens, concentration, groups, count, weights, random)
    observed = shares(theta * tokens[:, None], groups, count)
    documents = segments.document_counts(groups, count)
    low, high = bounded(observed, *interval(drawn, settings.level), documents[:, None], settings.level)
    thin = (documents < settings.min_documents)[:, None]
    topics = theta.shape[1]
    return pd.DataFrame(
        {
            "partner": np.repeat(partners, len(spans) * topics),
            "start": np.tile(np.repeat([s for s, _ in spans], topics), len(partners)),
            "end": np.tile(np.repeat([e for _, e in spans], topics), len(partners)),
            "topic": np.tile(list(names), count),
            "label": list(names.values()) * count,
            "documents": np.repeat(documents, topics),
            "tokens": np.repeat(np.bincount(groups, weights=tokens, minlength=count), topics),
            "share": np.where(thin, np.nan, observed).ravel(),
            "low": np.where(thin, np.nan, low).ravel(),
            "high": np.where(thin, np.nan, high).ravel(),
        }
    )
