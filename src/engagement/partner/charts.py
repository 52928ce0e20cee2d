"""The figures of a profile: one partner in its colour, the others in grey."""

from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from engagement import figures
from engagement.comparison.charts import titled

GREY = "#6B6B6B"


def years(table: pd.DataFrame, partner: str, title: str) -> Figure:
    """Draw a partner's share of each year's documents with its interval, the mean of the others behind it."""
    own = table[table["partner"] == partner]
    others = table[table["partner"] != partner].groupby("year", as_index=False)["share"].mean()
    colour = figures.colour(partner)
    figure, axes = figures.new(8, 3.6)
    if not others.empty:
        axes.plot(
            others["year"], others["share"], color=GREY, linewidth=1.3, linestyle="--", label="mean of the others"
        )
    axes.fill_between(own["year"], own["low"], own["high"], color=colour, alpha=0.18, linewidth=0)
    axes.plot(
        own["year"], own["share"], color=colour, marker=figures.marker(partner), label=figures.partner_name(partner)
    )
    for row in own.itertuples():
        axes.annotate(f"{row.documents}", (row.year, 0), (0, 3), textcoords="offset points", ha="center", fontsize=9)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=18))
    axes.set_ylabel("share of the year's documents")
    axes.set_xlabel("year (numbers on the axis: documents about the partner)")
    figure.legend(loc="outside lower center", ncols=2, fontsize=10)
    titled(figure, title)
    return figure


def versus(profile: pd.DataFrame, partner: str, kind: str, title: str, most: int = 12) -> Figure:
    """Draw a partner's shares of one kind with intervals beside the mean of the others, its leads on top.

    Filled marks differ surely from the others. At most `most` categories, those that differ most.
    """
    part = profile[(profile["kind"] == kind) & profile["share"].notna()]
    size = part["difference"].fillna(part["share"])
    keep = part.assign(size=-size.abs().round(9)).sort_values(["size", "category"], kind="stable").head(most)
    rows = keep.assign(lead=-size[keep.index].round(9)).sort_values(["lead", "category"], kind="stable")
    colour = figures.colour(partner)
    figure, axes = figures.new(8, 1.6 + 0.36 * max(len(rows), 3))
    for place, row in enumerate(rows.itertuples()):
        axes.hlines(place, row.low, row.high, color=colour, linewidth=2)
        axes.plot(row.share, place, figures.marker(partner), color=colour, markersize=7.5, markeredgewidth=1.5,
                  markerfacecolor=colour if row.sure else "white", zorder=3)  # fmt: skip
        axes.plot(row.others, place, "|", color=GREY, markersize=15, markeredgewidth=2.2)
        end = np.nanmax([row.high, row.share, row.others])
        axes.annotate(f"{row.share:.0%}", (end, place), (6, 0), textcoords="offset points", va="center", fontsize=10,
                      color=colour, fontweight="bold" if row.sure else "normal")  # fmt: skip
    axes.set_yticks(range(len(rows)), ["\n".join(wrap(str(label), 34)) for label in rows["label"]])
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.margins(x=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    told = profile.loc[profile["kind"] == kind, "amount"].sum()
    unit = "words" if kind == "topic" else f"sentences with a coded {kind}"
    axes.set_xlabel(f"share of the partner's {unit} (n = {told:,.0f})")
    axes.grid(axis="y", visible=False)
    name = figures.partner_name(partner)
    marker = {"color": colour, "marker": figures.marker(partner), "linestyle": "none"}
    figure.legend(
        handles=[
            Line2D([], [], **marker, label=f"{name}, differs surely"),
            Line2D([], [], **marker, markerfacecolor="white", label=f"{name}, no sure difference"),
            Line2D([], [], color=GREY, marker="|", markersize=12, markeredgewidth=2, linestyle="none", label="mean of the others"),
        ],
        loc="outside lower center",
        ncols=3,
        fontsize=10,
    )  # fmt: skip
    titled(figure, title)
    return figure
