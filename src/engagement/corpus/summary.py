"""The numbers the corpus stage tells."""

import pandas as pd

from engagement.corpus.figures import by_year, needed_for_half


def numbers(documents: pd.DataFrame, rejected: pd.DataFrame, absent: pd.DataFrame) -> dict[str, float]:
    """Return the headline numbers of the stage."""
    return {
        "documents": len(documents),
        "words": int(documents["text"].str.split().str.len().sum()),
        "publishers": documents["publisher"].nunique(),
        "publishers_for_half": needed_for_half(documents),
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


def publisher_kinds(documents: pd.DataFrame, most: int = 6) -> pd.DataFrame:
    """Return documents by the publisher's country (rows: the `most` frequent, other, unknown) and kind (columns)."""
    country = documents["outlet_country"].replace("", "unknown")
    counts = country[country != "unknown"].value_counts().rename_axis("country").reset_index()
    counts = counts.sort_values(["count", "country"], ascending=[False, True])
    shown = [*counts["country"].head(most), "other", "unknown"]
    table = pd.crosstab(country.where(country.isin(shown), "other"), documents["publisher_kind"])
    table = table.reindex(index=[c for c in shown if c in table.index])
    table["all"] = table.sum(axis=1)
    table["share"] = table["all"] / len(documents)
    return table.rename_axis(index="country", columns=None).reset_index()


def state_voices(documents: pd.DataFrame) -> dict[str, float]:
    """Return the share of documents from governments and publicly funded media, and from publishers not listed."""
    kinds = documents["publisher_kind"]
    return {
        "state": float(kinds.isin(["government", "publicly funded media"]).mean()),
        "unlisted": float((kinds == "not listed").mean()),
    }
