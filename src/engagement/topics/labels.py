"""Words that tell what a topic is about, and the label a reader sees."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from engagement.errors import ConfigurationError
from engagement.topics.quality import TOP, comparable, top_terms

# A label given by hand holds while this share of the FREX words it was given for is still among so many FREX words. The most
# probable words would not do: "people" and "country" are on top of many topics.
FITS, AMONG = 0.5, 20


def shrunk_exclusivity(topics: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return p(topic | term), shrunk towards uniform for rare terms (Hausser and Strimmer 2009), as stm's `js.estimate`.

    Parameters
    ----------
    topics : topics x terms, rows sum to 1.
    tokens : how often each term occurs in the corpus, at least 1.
    """
    given = topics / topics.sum(axis=0)
    uniform = 1 / len(topics)
    variance = (given * (1 - given)).sum(axis=0)
    deviation = ((given - uniform) ** 2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = variance / (tokens - 1) / deviation
    # A term seen once says nothing about where it belongs; a term already uniform has nothing to shrink.
    weight = np.where(tokens <= 1, 1.0, np.where(deviation == 0, 0.0, np.clip(weight, 0, 1)))
    return weight * uniform + (1 - weight) * given


def frex(topics: np.ndarray, tokens: np.ndarray, weight: float = 0.5) -> np.ndarray:
    """Return each term's FREX score per topic as stm's `calcfrex` (Bischof and Airoldi 2012); `weight` is frequency's."""
    ranks = [rankdata(comparable(m), axis=1) / topics.shape[1] for m in (topics, shrunk_exclusivity(topics, tokens))]
    return 1 / (weight / ranks[0] + (1 - weight) / ranks[1])


def lift(topics: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return each term's lift per topic: its probability over its share of all tokens (Taddy 2013)."""
    return topics / (tokens / tokens.sum())


def relevance(topics: np.ndarray, tokens: np.ndarray, weight: float = 0.6) -> np.ndarray:
    """Return each term's relevance per topic: a mean of log probability and log lift (Sievert and Shirley 2014)."""
    return weight * np.log(topics) + (1 - weight) * np.log(lift(topics, tokens))


def word_lists(scores: np.ndarray, terms: tuple[str, ...], n: int = TOP) -> list[str]:
    """Return each topic's n best terms by the score, separated by spaces."""
    return [" ".join(terms[i] for i in row) for row in top_terms(scores, n)]


def proposed(frex_words: list[str], n: int = 3) -> list[str]:
    """Return a label per topic from its best FREX words: "road, bridge, loan"."""
    return [", ".join(words.replace("_", " ") for words in row.split(" ")[:n]) for row in frex_words]


def read(path: Path) -> pd.DataFrame:
    """Return the labels given by hand, `topic_labels.csv`, with `words` and `label`.

    Raises
    ------
    ConfigurationError
        If a column is missing, or a row lacks its words or its label.
    """
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in ("words", "label"):
        if column not in frame:
            raise ConfigurationError(f"data/reference/{path.name}, row 1: no column {column!r}; add it")
        for row, value in enumerate(frame[column], start=2):
            if not value.strip():
                raise ConfigurationError(
                    f"data/reference/{path.name}, row {row}: {column} is empty; fill it or remove the row"
                )
    return frame


def labelled(words: list[str], proposals: list[str], given: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return each topic's label, and a warning for each label given by hand that no longer fits a topic.

    A label belongs to the words it was given for, not to a topic's number, which another corpus or K would move: the
    labels of `data/reference/topic_labels.csv` (`words`, ten FREX words, and `label`) are matched to topics one to one by the
    share of those words among the topic's twenty FREX words (`words`), and hold from 0.5 on.
    """
    labels, warnings = list(proposals), []
    if given.empty or not words:
        return labels, warnings
    wanted = [set(row.split(" ")) for row in given["words"]]
    shared = np.array([[len(w & set(row.split(" "))) / len(w) for row in words] for w in wanted])
    matched = dict(zip(*linear_sum_assignment(-shared), strict=True))
    for row, label in enumerate(given["label"]):
        topic = matched.get(row)
        if topic is not None and shared[row, topic] >= FITS:
            labels[topic] = label
        else:
            warnings.append(
                f"data/reference/topic_labels.csv, row {row + 2}: label {label!r} no longer fits a topic (at most "
                f"{shared[row].max():.0%} of its words are among those of one); read the topics again and correct or remove it"
            )
    return labels, warnings
