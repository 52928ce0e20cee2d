"""Lay the coders' sentences over the pipeline's: both are spans of the same text."""

import re

import numpy as np
import pandas as pd

from engagement.errors import ConfigurationError


def spans(coded: pd.DataFrame, texts: dict[str, str], where: str, repeated: bool = False) -> pd.DataFrame:
    """Return the coded sentences that belong to a document at hand, with `start` and `end` in its text.

    Parameters
    ----------
    coded : `document_id, ordinal, sentence`, one row per coded sentence.
    texts : document text by `document_id`.
    where : file name, for the error message.
    repeated : the same sentence has several rows; otherwise a repeated one is looked for after the one before.

    Raises
    ------
    ConfigurationError
        If a coded sentence does not occur in its document.
    """
    found: list[tuple[int, int]] = []
    present = coded["document_id"].isin(list(texts))
    after: dict[str, int] = {}
    for row in coded[present].itertuples():
        text = texts[row.document_id]
        # White space may have been normalised since the coding.
        pattern = re.compile(r"\s+".join(re.escape(word) for word in row.sentence.split()))
        match = pattern.search(text, after.get(row.document_id, 0)) or pattern.search(text)
        if match is None:
            raise ConfigurationError(
                f"{where}, row {row.Index + 2}: the sentence is not in the text of {row.document_id}; correct or remove the row"
            )
        after[row.document_id] = match.start() if repeated else match.end()
        found.append(match.span())
    place = np.array(found, dtype=np.int64).reshape(-1, 2)
    return coded[present].assign(start=place[:, 0], end=place[:, 1])


def matched(coded: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Return which pipeline sentences stand for each coded one: `document_id, ordinal, sentence_id`, one row per pair.

    Two spans are the same sentence where the middle of one lies in the other, so a sentence that one side has split into
    two is matched with both halves.
    """
    pairs = coded[["document_id", "ordinal", "start", "end"]].merge(
        sentences[["document_id", "sentence_id", "start", "end"]], on="document_id", suffixes=("_coded", "")
    )
    middle_coded = (pairs["start_coded"] + pairs["end_coded"]) / 2
    middle = (pairs["start"] + pairs["end"]) / 2
    same = middle_coded.between(pairs["start"], pairs["end"]) | middle.between(pairs["start_coded"], pairs["end_coded"])
    return pairs.loc[same, ["document_id", "ordinal", "sentence_id"]].reset_index(drop=True)
