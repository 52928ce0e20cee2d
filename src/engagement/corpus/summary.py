"""The numbers the corpus stage tells."""

import pandas as pd

from engagement.corpus.figures import by_year


def numbers(documents: pd.DataFrame, rejected: pd.DataFrame, absent: pd.DataFrame) -> dict[str, float]:
    """Return the headline numbers of the stage."""
    return {
        "documents": len(documents),
        "words": int(documents["text"].str.split().str.len().sum()),
        "publishers": documents["publisher"].nunique(),
        "first": int(documents["date"].dt.year.min()),
        "last": int(documents["date"].dt.year.max()),
        "rejected": len(rejected),
        "absent": len(absent),
        "dated_to_the_day": float((documents["date_precision"] == "day").mean()),
    }


def collections(documents: pd.DataFrame, rejected: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Return what became of each collection's texts, one row per collection and licence."""
    table = documents.groupby(["collection", "licence"]).size().rename("accepted").reset_index()
    for name, frame in (("refused", rejected), ("absent", absent)):
        counts = frame.groupby("collection").size()
        table = table.merge(counts.rename(name), left_on="collection", right_index=True, how="outer")
    table["licence"] = table["licence"].fillna("")
    table = table.fillna({"accepted": 0, "refused": 0, "absent": 0})
    table = table.astype({"accepted": int, "refused": int, "absent": int})
    return table.sort_values(["collection", "licence"], ignore_index=True)


def thin_years(documents: pd.DataFrame) -> str:
    """Return the years with less than two thirds of the median year's documents, as words."""
    counts = by_year(documents).sum(axis=1)
    thin = counts[counts < counts.median() * 2 / 3]
    return ", ".join(f"{year} ({n})" for year, n in thin.items()) or "none"
