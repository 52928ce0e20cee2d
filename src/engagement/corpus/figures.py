"""The figures of the corpus stage."""

import pandas as pd

from engagement import figures
from engagement.figures.style import BLUE, GREY, ORANGE, SKY

_COLLECTION_COLOURS = (BLUE, ORANGE, SKY, GREY)


def by_year(documents: pd.DataFrame) -> pd.DataFrame:
    """Return documents per year (rows, every year of the span) and collection (columns)."""
    counts = pd.crosstab(documents["date"].dt.year, documents["collection"])
    every = range(counts.index.min(), counts.index.max() + 1)
    return counts.reindex(every, fill_value=0).rename_axis(index="year", columns=None)


def years(documents: pd.DataFrame) -> None:
    """Show documents per year, stacked by collection."""
    counts = by_year(documents)
    total = counts.sum(axis=1)
    heavy, thin = total.idxmax(), total.idxmin()
    figure, axes = figures.new(7.5, 3.8)
    bottom = total * 0
    for position, name in enumerate(counts.columns):
        colour = _COLLECTION_COLOURS[position % len(_COLLECTION_COLOURS)]
        axes.bar(counts.index, counts[name], bottom=bottom, color=colour, width=0.8, label=name)
        bottom = bottom + counts[name]
    for year, n in total.items():
        axes.annotate(str(n), (year, n), (0, 2), textcoords="offset points", ha="center", fontsize=9)
    axes.axhline(total.median(), color=GREY, linewidth=1, linestyle="--")
    axes.annotate(
        f"median {total.median():g}",
        (0.005, total.median()),
        (0, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        fontsize=9,
        color="#444444",
    )
    axes.set_xticks(list(counts.index), [f"’{year % 100:02d}" for year in counts.index], fontsize=10)
    axes.set(xlabel="year of the event", ylabel="documents", ylim=(0, total.max() * 1.12))
    axes.set_title(f"The corpus is heaviest in {heavy} and thinnest in {thin}")
    axes.grid(axis="x", visible=False)
    if len(counts.columns) > 1:
        axes.legend(loc="upper left", ncols=len(counts.columns), fontsize=9)
    spans = ", ".join(f"{year}: {n}" for year, n in total.items())
    figures.show(
        figure,
        "corpus/years",
        alt=f"Bar chart of documents per year. {spans}. The median year has {total.median():g}.",
        caption=f"Accepted documents by year of the event, n = {total.sum()}; the dashed line is the median year.",
        data=counts.reset_index(),
    )


def by_publisher(documents: pd.DataFrame, most: int = 15) -> pd.DataFrame:
    """Return the `most` publishers with the most documents: publisher, documents, share of all documents."""
    counts = documents.groupby("publisher").size().rename("documents").reset_index()
    counts = counts.sort_values(["documents", "publisher"], ascending=[False, True], ignore_index=True)
    counts["share"] = counts["documents"] / len(documents)
    return counts.head(most)


def outlets(documents: pd.DataFrame) -> None:
    """Show the publishers with the most documents."""
    counts = by_publisher(documents)
    every = documents["publisher"].nunique()
    half = _needed_for_half(documents)
    figure, axes = figures.new(7.5, 4.6)
    axes.barh(range(len(counts)), counts["documents"], color=BLUE, height=0.75)
    for position, n in enumerate(counts["documents"]):
        axes.annotate(str(n), (n, position), (3, 0), textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(counts)), [_short(name) for name in counts["publisher"]], fontsize=10)
    axes.invert_yaxis()
    axes.set(xlabel="documents (first source)", xlim=(0, counts["documents"].max() * 1.1))
    axes.set_title(f"Half of the documents rest on {half} of {every} publishers")
    axes.grid(axis="y", visible=False)
    first = counts.iloc[0]
    figures.show(
        figure,
        "corpus/outlets",
        alt="Bar chart of documents by publisher: "
        + ", ".join(f"{row.publisher} {row.documents}" for row in counts.itertuples())
        + f". {half} publishers give half of all documents.",
        caption=f"The {len(counts)} publishers with the most documents, by each document's first source; spellings and "
        f"reposts are brought together. {first.publisher} alone gives {first.share:.0%} of {len(documents)} documents.",
        data=counts,
    )


def _needed_for_half(documents: pd.DataFrame) -> int:
    """Return how many of the largest publishers together give half of the documents."""
    counts = documents.groupby("publisher").size().sort_values(ascending=False)
    return int((counts.cumsum() * 2 < len(documents)).sum()) + 1


def _short(name: str, most: int = 34) -> str:
    # A dollar sign would start a formula in Matplotlib.
    name = name.replace("$", r"\$")
    return name if len(name) <= most else name[: most - 1] + "…"


def precision(documents: pd.DataFrame) -> None:
    """Show per year how many dates are known to the day, to the month or to the year only, and how many are inferred."""
    kinds = documents["date_precision"].where(~documents["date_inferred"], "inferred")
    shares = pd.crosstab(documents["date"].dt.year, kinds).rename_axis(index="year", columns=None)
    shares = shares.reindex(range(shares.index.min(), shares.index.max() + 1), fill_value=0)
    shares = shares.reindex(columns=["day", "month", "year", "inferred"], fill_value=0)
    coarse = shares.drop(columns="day")
    coarse = coarse.loc[:, coarse.sum() > 0]
    figure, axes = figures.new(7.5, 3.4)
    bottom = coarse.sum(axis=1) * 0
    looks = {"month": (SKY, ""), "year": (BLUE, ".."), "inferred": (ORANGE, "//")}
    for name in coarse.columns:
        colour, hatch = looks[name]
        words = "year or month inferred" if name == "inferred" else f"{name} only"
        axes.bar(coarse.index, coarse[name], bottom=bottom, color=colour, hatch=hatch, edgecolor="white", label=words)
        bottom = bottom + coarse[name]
    known = shares["day"].sum() / len(documents)
    axes.set_xticks(list(shares.index), [f"’{year % 100:02d}" for year in shares.index], fontsize=10)
    axes.set(xlabel="year of the event", ylabel="documents", ylim=(0, max(1, bottom.max()) * 1.25))
    axes.set_title(f"{known:.0%} of the documents are dated to the day; the rest by year")
    axes.grid(axis="x", visible=False)
    if len(coarse.columns):
        axes.legend(loc="upper left", ncols=3, fontsize=9)
    totals = shares.sum()
    figures.show(
        figure,
        "corpus/precision",
        alt="Bar chart of documents per year whose day is not known. In all: "
        + ", ".join(f"{name} {totals[name]}" for name in totals.index)
        + f". The most in one year are {int(bottom.max())}, in {bottom.idxmax()}.",
        caption=f"Documents without a known day, n = {len(documents) - totals['day']} of {len(documents)}; they count from "
        "the first day of their month or year. Inferred: fixed from the context of the page.",
        data=shares.rename(columns={"month": "month_only", "year": "year_only"}).reset_index(),
    )
