"""The figures of the corpus stage."""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from engagement import figures
from engagement.figures.style import GREY, ORANGE, PURPLE, SKY

# Not the partners' colours: a publisher's kind must not be read as a partner.
_KINDS = {
    "private media": (SKY, ""),
    "publicly funded media": (ORANGE, "//"),
    "government": (PURPLE, "xx"),
    "organisation": ("#333333", ""),
    "not listed": ("#BBBBBB", ".."),
}
_COLLECTION_COLOURS = (SKY, ORANGE, PURPLE, GREY)


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
        axes.annotate(str(n), (year, n), (0, 3), textcoords="offset points", ha="center", fontsize=10)
    axes.axhline(total.median(), color=GREY, linewidth=1, linestyle="--")
    axes.annotate(
        f"median {total.median():g}",
        (1.005, total.median()),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=10,
    )
    axes.set_xticks(list(counts.index), [f"’{year % 100:02d}" for year in counts.index], fontsize=10)
    axes.set(xlabel="year of the event", ylabel="documents", ylim=(0, total.max() * 1.12))
    axes.set_title(f"The corpus is heaviest in {heavy} and thinnest in {thin}")
    axes.grid(axis="x", visible=False)
    axes.set_axisbelow(True)
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
    """Return the `most` publishers with the most documents: publisher, country, kind, documents, share of all."""
    table = documents.groupby("publisher").agg(
        country=("outlet_country", "first"), kind=("publisher_kind", "first"), documents=("document_id", "size")
    )
    table = table.reset_index().sort_values(["documents", "publisher"], ascending=[False, True], ignore_index=True)
    table["share"] = table["documents"] / len(documents)
    return table.head(most)


def outlets(documents: pd.DataFrame) -> None:
    """Show the publishers with the most documents, with their country and kind."""
    counts = by_publisher(documents)
    every, half = documents["publisher"].nunique(), needed_for_half(documents)
    figure, axes = figures.new(8.0, 4.8)
    for kind, (colour, hatch) in _KINDS.items():
        chosen = counts[counts["kind"] == kind]
        if len(chosen):
            axes.barh(chosen.index, chosen["documents"], 0.75, color=colour, hatch=hatch, edgecolor="white", label=kind)
    for row in counts.itertuples():
        axes.annotate(
            f"{row.documents}", (row.documents, row.Index), (4, 0), textcoords="offset points", va="center", fontsize=10
        )
    names = [
        f"{_short(row.publisher)} ({row.country})" if row.country else row.publisher for row in counts.itertuples()
    ]
    axes.set_yticks(counts.index, names, fontsize=10)
    axes.invert_yaxis()
    axes.set(xlabel="documents, by their first source", xlim=(0, counts["documents"].max() * 1.1))
    axes.set_title(f"{half} of {every} publishers give half of the documents")
    axes.grid(axis="y", visible=False)
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", fontsize=10)
    first = counts.iloc[0]
    figures.show(
        figure,
        "corpus/outlets",
        alt="Bar chart of documents by publisher: "
        + ", ".join(f"{row.publisher} {row.documents}" for row in counts.itertuples())
        + f". {half} of {every} publishers give half of all documents.",
        caption=f"The {len(counts)} publishers with the most documents, with the country of their seat; spellings and "
        f"reposts are brought together. {first.publisher} alone gives {first.share:.0%} of {len(documents)} documents.",
        data=counts,
    )


def needed_for_half(documents: pd.DataFrame) -> int:
    """Return how many of the largest publishers together give half of the documents."""
    counts = documents.groupby("publisher").size().sort_values(ascending=False)
    return int((counts.cumsum() * 2 < len(documents)).sum()) + 1


def _short(name: str, most: int = 34) -> str:
    # A dollar sign would start a formula in Matplotlib.
    name = name.replace("$", r"\$")
    return name if len(name) <= most else name[: most - 1] + "…"


def by_precision(documents: pd.DataFrame) -> pd.DataFrame:
    """Return per year the documents dated to the day, to the month, to the year, and by inference."""
    kinds = documents["date_precision"].where(~documents["date_inferred"], "inferred")
    counts = pd.crosstab(documents["date"].dt.year, kinds).rename_axis(index="year", columns=None)
    counts = counts.reindex(range(counts.index.min(), counts.index.max() + 1), fill_value=0)
    counts = counts.reindex(columns=["day", "month", "year", "inferred"], fill_value=0)
    return counts.rename(columns={"month": "month only", "year": "year only"})


def precision(documents: pd.DataFrame) -> None:
    """Show per year how many dates are not printed to the day, and why."""
    counts = by_precision(documents)
    coarse = counts.drop(columns="day")
    coarse = coarse.loc[:, coarse.sum() > 0]
    total = coarse.sum(axis=1)
    figure, axes = figures.new(7.5, 3.4)
    bottom = total * 0
    looks = {"month only": (SKY, ""), "year only": (PURPLE, "xx"), "inferred": (ORANGE, "//")}
    for name in coarse.columns:
        colour, hatch = looks[name]
        axes.bar(coarse.index, coarse[name], 0.8, bottom, color=colour, hatch=hatch, edgecolor="white", label=name)
        bottom = bottom + coarse[name]
    axes.set_xticks(list(coarse.index), [f"’{year % 100:02d}" for year in coarse.index])
    axes.set(xlabel="year of the event", ylabel="documents", ylim=(0, max(1, total.max()) * 1.3))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(f"{total.sum()} of {len(documents)} documents have no day of their own")
    axes.grid(axis="x", visible=False)
    axes.set_axisbelow(True)
    if len(coarse.columns):
        axes.legend(loc="upper left", ncols=3, fontsize=10)
    sums = counts.sum()
    figures.show(
        figure,
        "corpus/precision",
        alt="Bar chart of documents per year whose day is not known or inferred. In all: "
        + ", ".join(f"{name} {sums[name]}" for name in sums.index)
        + f". The most in one year are {int(total.max())}, in {total.idxmax()}.",
        caption=f"Documents without a printed day, {total.sum()} of {len(documents)}. Where only the month or year is known "
        "the document counts from its first day; inferred: year or month were fixed from the context of the page.",
        data=counts.reset_index(),
    )
