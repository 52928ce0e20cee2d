"""Bags of words: which tokens the topic model sees, and counted over which unit of text."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from engagement.errors import ConfigurationError

PLACES = ("document_id", "sentence_id", "position")


@dataclass(frozen=True)
class Words:
    """The tokens of the topic model in their order of reading.

    `frame` has `document_id, sentence_id, position, term`, sorted by the first three; `masked` has one row per term with
    its `tokens`, its `masked` tokens and whether the term is `dropped` altogether because it is mostly a name.
    """

    frame: pd.DataFrame
    masked: pd.DataFrame


@dataclass(frozen=True)
class Bags:
    """Counts of terms: one row per unit of text in the order of `ids`, one column per term in the order of `terms`."""

    ids: tuple
    terms: tuple[str, ...]
    counts: sparse.csr_array

    @property
    def tokens(self) -> np.ndarray:
        """Return the number of tokens of each unit."""
        return np.asarray(self.counts.sum(axis=1)).ravel()

    def corpus(self) -> list[list[tuple[int, int]]]:
        """Return the counts as gensim takes them: a list of (term number, count) per unit."""
        indptr, indices, data = self.counts.indptr, self.counts.indices.tolist(), self.counts.data.tolist()
        return [list(zip(indices[a:b], data[a:b], strict=True)) for a, b in zip(indptr[:-1], indptr[1:], strict=True)]

    def rows(self, order: np.ndarray) -> "Bags":
        """Return the units at the given positions, in that order."""
        return Bags(tuple(self.ids[i] for i in order), self.terms, self.counts[order])


def document_of(sentence_ids: pd.Series) -> pd.Series:
    """Return the documents' identifiers of sentences: what stands before the last `#`."""
    return sentence_ids.str.replace(r"#[^#]*$", "", regex=True)


def is_named(tokens: pd.DataFrame, mentions: pd.DataFrame) -> np.ndarray:
    """Return for each token whether it overlaps the name of an actor, a demonym or a place found by attribution.

    Both frames have `document_id, start, end`, offsets in the document's text, the end exclusive.
    """
    names = pd.Index(np.sort(mentions["document_id"].unique()))
    if names.empty:
        return np.zeros(len(tokens), dtype=bool)
    # All documents are laid end to end on one line, so that one binary search answers for every token.
    stride = int(max(tokens["end"].max(), mentions["end"].max())) + 1
    ordered = mentions.sort_values(["document_id", "start", "end"], kind="stable")
    line = names.get_indexer(ordered["document_id"]) * stride
    starts = line + ordered["start"].to_numpy()
    furthest = np.maximum.accumulate(line + ordered["end"].to_numpy())
    document = names.get_indexer(tokens["document_id"])
    last_before = np.searchsorted(starts, document * stride + tokens["end"].to_numpy(), side="left") - 1
    reaches = furthest[np.maximum(last_before, 0)] > document * stride + tokens["start"].to_numpy()
    return (document >= 0) & (last_before >= 0) & reaches


def words(
    tokens: pd.DataFrame,
    vocabulary: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    mask_actors: bool,
    mask_share: float,
    min_documents: int,
) -> Words:
    """Return the counted tokens of the vocabulary in their order of reading, names masked out.

    Parameters
    ----------
    tokens : `cleaning/tokens.parquet`.
    vocabulary : `cleaning/vocabulary.csv`; terms not `kept` there are left out.
    mentions : `attribution/mentions.parquet`; every kind and country counts as a name.
    mask_actors : leave out tokens inside such a mention.
    mask_share : a term of which at least this share of tokens lies in mentions is left out everywhere, because its other
        tokens are, in all likelihood, mentions that attribution did not know ("Sen" for Hun Sen).
    min_documents : after masking, a term must still stand in so many documents.

    Raises
    ------
    ConfigurationError
        If no token is left.
    """
    known = vocabulary.loc[vocabulary["kept"], "term"]
    # The end of the term, not of its first word: a phrase is a name when any of its words is part of one.
    frame = tokens.loc[tokens["term"].isin(known), ["sentence_id", "position", "start", "term_end", "term"]]
    frame = frame.rename(columns={"term_end": "end"})
    frame["document_id"] = document_of(frame["sentence_id"])
    if frame.empty:
        raise ConfigurationError(
            "data/processed/cleaning/tokens.parquet: no token of the vocabulary is left, so there is nothing to model; "
            "add documents to data/raw/ or lower cleaning.min_documents in params.yaml"
        )
    named = is_named(frame, mentions)
    masked = pd.DataFrame({"term": frame["term"], "masked": named}).groupby("term")["masked"].agg(["size", "sum"])
    masked = masked.set_axis(["tokens", "masked"], axis=1).reset_index()
    masked["dropped"] = mask_actors & (masked["masked"] >= mask_share * masked["tokens"])
    if mask_actors:
        frame = frame[~named & ~frame["term"].isin(masked.loc[masked["dropped"], "term"])]
    spread = frame.groupby("term")["document_id"].nunique()
    frame = frame[frame["term"].isin(spread.index[spread >= min_documents])]
    if frame.empty:
        raise ConfigurationError(
            f"params.yaml: topics.mask_actors: masking names and keeping terms of at least {min_documents} documents leaves "
            "no token; set topics.mask_actors to false, lower topics.min_documents, or add documents to data/raw/"
        )
    frame = frame[[*PLACES, "term"]].sort_values(list(PLACES), kind="stable", ignore_index=True)
    return Words(frame, masked.sort_values("term", ignore_index=True))


def terms_of(words_: Words) -> tuple[str, ...]:
    """Return the vocabulary in alphabetical order."""
    return tuple(np.sort(words_.frame["term"].unique()))


def count(frame: pd.DataFrame, ids: list, terms: tuple[str, ...], unit: str | list[str]) -> Bags:
    """Return the counts of terms per unit of text.

    Parameters
    ----------
    frame : one row per token with `term` and the unit's column or columns.
    ids : the units wanted, in order; a unit without any token gets an empty bag. Tuples where `unit` is a list.
    terms : the vocabulary, in order; tokens outside it are left out.
    """
    index = pd.MultiIndex.from_tuples(ids, names=unit) if isinstance(unit, list) else pd.Index(ids)
    named = pd.MultiIndex.from_frame(frame[unit]) if isinstance(unit, list) else frame[unit]
    row = index.get_indexer(named)
    column = pd.Index(terms).get_indexer(frame["term"])
    inside = (row >= 0) & (column >= 0)
    ones = np.ones(int(inside.sum()), dtype=np.int64)
    counts = sparse.coo_array((ones, (row[inside], column[inside])), shape=(len(ids), len(terms))).tocsr()
    counts.sum_duplicates()
    counts.sort_indices()
    return Bags(tuple(ids), tuple(terms), counts)


def documents(words_: Words) -> Bags:
    """Return the bag of each document that has a token, sorted by its identifier."""
    ids = np.sort(words_.frame["document_id"].unique()).tolist()
    return count(words_.frame, ids, terms_of(words_), "document_id")


def segments(words_: Words, engagements: pd.DataFrame, terms: tuple[str, ...]) -> Bags:
    """Return the bag of each segment: a document's sentences attributed to one partner, by `(document_id, partner)`.

    A sentence on two partners stands in both segments.
    """
    pairs = engagements[["sentence_id", "document_id", "partner"]].drop_duplicates()
    ids = sorted(set(zip(pairs["document_id"], pairs["partner"], strict=True)))
    frame = words_.frame[["sentence_id", "term"]].merge(pairs, on="sentence_id")
    return count(frame, ids, terms, ["document_id", "partner"])


def sentences(words_: Words, sentence_ids: pd.Series, terms: tuple[str, ...]) -> Bags:
    """Return the bag of each sentence, sorted by its identifier; a sentence without tokens has an empty bag."""
    return count(words_.frame, sorted(sentence_ids.unique()), terms, "sentence_id")


def check(bags: Bags, num_topics: int, name: str = "topics.num_topics") -> None:
    """Refuse a number of topics that the corpus cannot carry.

    Raises
    ------
    ConfigurationError
        If it is below 2 or above the number of documents or of terms.
    """
    for size, what in ((len(bags.ids), "documents"), (len(bags.terms), "terms")):
        if not 2 <= num_topics <= size:
            raise ConfigurationError(
                f"params.yaml: {name}: {num_topics} topics for {size} {what}; choose from 2 to the number of {what}, or add documents"
            )


def check_partners(engagements: pd.DataFrame) -> None:
    """Refuse a corpus that speaks of fewer than two partners: there is nothing to compare.

    Raises
    ------
    ConfigurationError
        If `engagements` holds fewer than two partners.
    """
    found = sorted(engagements["partner"].unique())
    if len(found) < 2:
        raise ConfigurationError(
            f"data/processed/attribution/engagements.parquet: sentences on {' and '.join(found) or 'no partner'} only; a comparison "
            "needs two partners: add documents on another one to data/raw/, or name it under `partners` in params.yaml"
        )
