"""From engagements to segments: what each document says about each partner, ready to be compared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engagement.comparison.inference import Floats, Integers, cluster_weights, generator
from engagement.errors import ConfigurationError


@dataclass(frozen=True)
class Settings:
    """How sure is sure: the choices every interval, permutation and correction shares.

    Attributes
    ----------
    seed : start of every random draw.
    draws : bootstrap samples, each with its own draw of the topic shares.
    permutations : shuffles of the partner label.
    level : of intervals, for example 0.95.
    min_documents : a cell with fewer documents gets no interval and is not tested.
    min_outlets : with at least so many outlets whole outlets are resampled, otherwise documents.
    """

    seed: int
    draws: int
    permutations: int
    level: float
    min_documents: int
    min_outlets: int

    @classmethod
    def plain(cls, seed: int) -> "Settings":
        """Return settings for work that draws no samples of its own but for examples."""
        return cls(seed, draws=1, permutations=1, level=0.95, min_documents=1, min_outlets=1)

    def __post_init__(self) -> None:
        for name in ("draws", "permutations", "min_documents", "min_outlets"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"params.yaml: comparison.{name} must be at least 1, is {getattr(self, name)}")
        if not 0 < self.level < 1:
            raise ConfigurationError(f"params.yaml: comparison.level must lie between 0 and 1, is {self.level}")


@dataclass(frozen=True)
class Segments:
    """All of each document's sentences on one partner, with the clusters they are resampled in.

    Attributes
    ----------
    partners : codes, in the order of `params.yaml`.
    sentences : one row per engagement, with `segment` (row of `frame`), `event_score` (missing for acts of no
        listed type), year, outlet, title, url of its document.
    frame : one row per segment: document_id, partner, outlet, year, and the numbers `label` (place in `partners`),
        `document`, `cluster`.
    level : what is resampled: "outlet" or "document".
    settings : the choices of the comparison.
    """

    partners: list[str]
    sentences: pd.DataFrame
    frame: pd.DataFrame
    level: str
    settings: Settings

    @property
    def labels(self) -> Integers:
        """The partner of each segment as its place in `partners`."""
        return self.frame["label"].to_numpy()

    @property
    def documents(self) -> Integers:
        """The number of each segment's document."""
        return self.frame["document"].to_numpy()

    def weights(self, purpose: str) -> Integers:
        """Return bootstrap weights, draws × segments, from resampling whole clusters; `purpose` fixes the draw."""
        random = generator(self.settings.seed, f"{purpose} bootstrap")
        clusters = self.frame["cluster"].to_numpy()
        count = int(clusters.max()) + 1 if len(clusters) else 0
        return cluster_weights(count, self.settings.draws, random)[:, clusters]

    def totals(self, column: str, categories: list, kept: NDArray[np.bool_] | None = None) -> Floats:
        """Return the number of sentences in each category of a column, segments × categories.

        `kept` says of each sentence whether it counts; by default all do.
        """
        place = pd.Index(categories).get_indexer(self.sentences[column])
        totals = np.zeros((len(self.frame), len(categories)))
        inside = place >= 0 if kept is None else (place >= 0) & kept
        np.add.at(totals, (self.sentences["segment"].to_numpy()[inside], place[inside]), 1.0)
        return totals

    def document_counts(self, groups: Integers, count: int) -> Integers:
        """Return the number of different documents in each group of segments."""
        pairs = pd.DataFrame({"group": groups, "document": self.documents}).drop_duplicates()
        return np.bincount(pairs["group"][pairs["group"] >= 0], minlength=count)


def gather(engagements: pd.DataFrame, documents: pd.DataFrame, partners: list[str], settings: Settings) -> Segments:
    """Return the segments of a corpus; what is told as history (before the period) is left out.

    Parameters
    ----------
    engagements, documents : the tables `attribution/engagements.parquet` and `corpus/documents.parquet`.
    """
    told = documents[["document_id", "title", "outlet", "url", "date", "date_precision", "licence"]]
    told = told.rename(columns={"date": "document_date"})
    kept = engagements[engagements["partner"].isin(partners) & ~engagements["historical"]]
    sentences = kept.merge(told, on="document_id", how="inner", validate="many_to_one")
    # A text without a named outlet stands for itself: nothing is known that would tie it to another.
    sentences["outlet"] = sentences["outlet"].where(sentences["outlet"] != "", sentences["document_id"])
    # An act of no listed type has no place on the scale from conflict to cooperation.
    sentences["event_score"] = sentences["score"].where(~sentences["event"].isin(["", "OTHER"])).astype(float)
    sentences["year"] = sentences["document_date"].dt.year.astype(int)
    sentences = sentences.sort_values(["document_id", "partner", "sentence_id"], kind="stable", ignore_index=True)

    keys = ["document_id", "partner"]
    frame = sentences[[*keys, "outlet", "year"]].drop_duplicates(keys, ignore_index=True)
    sentences["segment"] = sentences.groupby(keys, sort=True).ngroup()
    outlets = frame["outlet"].nunique()
    level = "outlet" if outlets >= settings.min_outlets else "document"
    frame["label"] = pd.Index(partners).get_indexer(frame["partner"]).astype(np.int64)
    frame["document"] = pd.factorize(frame["document_id"], sort=True)[0].astype(np.int64)
    frame["cluster"] = pd.factorize(frame["outlet" if level == "outlet" else "document_id"], sort=True)[0].astype(
        np.int64
    )
    return Segments(list(partners), sentences, frame, level, settings)


def field_names(segments: Segments) -> dict[str, str]:
    """Return the policy fields that were coded, in alphabetical order, with their names."""
    return {field: field for field in sorted(set(segments.sentences["field"])) if field not in ("", "NONE")}
