"""Draw sentences for human coding."""

import hashlib

import pandas as pd

from engagement.errors import ConfigurationError

CONTEXT = 1500  # characters of the document shown on each side: pronouns are resolved from them
# Columns of a sheet. The coder fills the last four; `partners` left empty means: not coded yet.
COLUMNS = [
    "item",
    "sentence_id",
    "fingerprint",
    "probability",
    "date",
    "title",
    "before",
    "sentence",
    "after",
    "partners",
    "instrument",
    "stance",
    "note",
]


def fingerprint(text: str) -> str:
    """Return what tells a sentence apart from another under the same identifier: 12 digits of the SHA-256 of its words."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def draw(sentences: pd.DataFrame, documents: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    """Return a simple random sample of sentences as an empty sheet (`COLUMNS`), in random order.

    A sentence's rank depends on the seed and its identifier alone, so a larger sample begins with the smaller one.

    Parameters
    ----------
    sentences : `sentence_id, document_id, ordinal, text`.
    documents : `document_id, date, date_precision, title`.
    n : sentences wanted; each has the same `probability` of being drawn, n / all.

    Raises
    ------
    ConfigurationError
        If n is below 1 or above the number of sentences.
    """
    if not 1 <= n <= len(sentences):
        raise ConfigurationError(f"--n {n}: the corpus has {len(sentences)} sentences; choose 1 to {len(sentences)}")
    ordered = sentences.sort_values(["document_id", "ordinal"], ignore_index=True)
    ordered["before"], ordered["after"] = _context(ordered)
    rank = [hashlib.sha256(f"{seed} {name}".encode()).hexdigest() for name in ordered["sentence_id"]]
    drawn = ordered.assign(rank=rank).sort_values("rank", ignore_index=True).head(n)
    drawn = drawn.merge(
        documents[["document_id", "date", "date_precision", "title"]], on="document_id", validate="many_to_one"
    )
    drawn = drawn.sort_values("rank", ignore_index=True)
    lengths = {"day": 10, "month": 7, "year": 4}
    days = [f"{d:%Y-%m-%d}"[: lengths[p]] for d, p in zip(drawn["date"], drawn["date_precision"], strict=True)]
    return pd.DataFrame(
        {
            "item": range(1, n + 1),
            "sentence_id": drawn["sentence_id"],
            "fingerprint": drawn["text"].map(fingerprint),
            "probability": f"{n / len(sentences):.6g}",
            "date": days,
            **{c: drawn[c].map(_one_line) for c in ("title", "before")},
            "sentence": drawn["text"].map(_one_line),
            "after": drawn["after"].map(_one_line),
            **dict.fromkeys(("partners", "instrument", "stance", "note"), ""),
        }
    )[COLUMNS]


def _context(ordered: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return what stands before and after each sentence in its document, the nearest `CONTEXT` characters, whole words."""
    before, after = [], []
    for _, group in ordered.groupby("document_id", sort=False):
        texts = [_one_line(text) for text in group["text"]]
        for place in range(len(texts)):
            earlier, later = " ".join(texts[:place]), " ".join(texts[place + 1 :])
            cut = earlier[-CONTEXT:].partition(" ")[2]
            before.append(earlier if len(earlier) <= CONTEXT else f"… {cut}")
            cut = later[:CONTEXT].rpartition(" ")[0]
            after.append(later if len(later) <= CONTEXT else f"{cut} …")
    return before, after


def _one_line(text: str) -> str:
    return " ".join(text.split())
