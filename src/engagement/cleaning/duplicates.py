"""Documents that say the same, word for word."""

import hashlib

import pandas as pd

from engagement.cleaning.tokens import normalise, tokenise

COLUMNS = ("document_id", "duplicate_of", "kind")


def fingerprint(text: str) -> str:
    """Return a hash of a text's normalised words: equal for texts that differ in case, marks and spacing only."""
    words = " ".join(normalise(text[start:end]) for start, end in tokenise(text))
    return hashlib.sha256(words.encode()).hexdigest()


def exact(documents: pd.DataFrame) -> pd.DataFrame:
    """Return the documents that repeat another one's words: table `cleaning/duplicates.csv`.

    The document kept is the earliest, then the first by name.
    """
    ordered = documents.sort_values(["date", "document_id"], kind="stable")
    kept: dict[str, str] = {}
    rows = []
    for document in ordered.itertuples():
        mark = fingerprint(document.text)
        first = kept.setdefault(mark, document.document_id)
        if first != document.document_id:
            rows.append((document.document_id, first, "exact"))
    return pd.DataFrame(rows, columns=COLUMNS)
