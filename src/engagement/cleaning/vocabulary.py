"""Which terms the topics are made of, and what leaving out the rare and the ubiquitous costs."""

import pandas as pd


def count(terms: pd.DataFrame, min_documents: int, max_share: float) -> pd.DataFrame:
    """Return every term with its counts and whether it is kept: table `cleaning/vocabulary.csv`.

    Parameters
    ----------
    terms : one row per counted term, columns `document_id` and `term`.
    min_documents : a term in fewer documents is left out.
    max_share : a term in a larger share of the documents is left out; documents are those with at least one term.
    """
    documents = terms["document_id"].nunique()
    grouped = terms.groupby("term")["document_id"]
    table = pd.DataFrame({"documents": grouped.nunique(), "tokens": grouped.size()}).reset_index()
    table["reason"] = ""
    table.loc[table["documents"] < min_documents, "reason"] = f"in fewer than {min_documents} documents"
    table.loc[table["documents"] > max_share * documents, "reason"] = f"in more than {max_share:.0%} of documents"
    table["kept"] = table["reason"] == ""
    return table[["term", "documents", "tokens", "kept", "reason"]]


def pruning(terms: pd.DataFrame, thresholds: range, max_share: float) -> pd.DataFrame:
    """Return what each threshold for rare terms leaves: columns `min_documents`, `terms`, `documents`, `tokens`.

    `max_share` is applied as well, so that the row of the chosen threshold is what the topics get.
    """
    table = count(terms, 1, max_share)
    table = table[table["kept"]]
    spread = terms["term"].map(table.set_index("term")["documents"]).dropna()
    # A document is left as long as its most widespread term is.
    widest = spread.groupby(terms["document_id"]).max()
    rows = [
        (n, int((table["documents"] >= n).sum()), int((widest >= n).sum()), int((spread >= n).sum()))
        for n in thresholds
    ]
    return pd.DataFrame(rows, columns=["min_documents", "terms", "documents", "tokens"])
