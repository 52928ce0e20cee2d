"""The figures of the comparison: each takes a result table and returns a figure, nothing is computed here."""

from functools import partial
from textwrap import shorten, wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from engagement import figures
from engagement.comparison.codes import PHASES
from engagement.comparison.prose import dollars
from engagement.reporting.names import STANCES

GREY, PALE, INK = "#6B6B6B", "#D9D9D9", "#222222"


def _bars(axes: Axes, x, y, low, high, colour: str, **options) -> None:
    """Draw horizontal intervals, leaving out blank ones."""
    axes.hlines(y, np.asarray(low, float), np.asarray(high, float), color=colour, linewidth=2.0, **options)


def _keys(figure: Figure, labels: dict[str, str], **options) -> None:
    """Name the partners below the panels, with their colours and markers."""
    handles = [
        Line2D([], [], color=figures.colour(p), marker=figures.marker(p), markersize=7, linewidth=2.0, label=text)
        for p, text in labels.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 4), fontsize=10, **options)


def _percent(axis: Axis) -> None:
    """Label an axis of shares in whole percent."""
    axis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(PercentFormatter(1, decimals=0))


def titled(figure: Figure, text: str) -> None:
    """Set the finding above the figure, in lines of about equal length that fit its width."""
    width = int(figure.get_size_inches()[0] * 9.6)
    broken = partial(wrap, text, break_on_hyphens=False)
    lines = len(broken(width))
    even = next(w for w in range(max(len(text) // max(lines, 1), 1), width + 1) if len(broken(w)) <= lines)
    figure.suptitle("\n".join(broken(even)), x=0.01, ha="left", fontsize=12, fontweight="bold")


def _nothing(title: str) -> Figure:
    """Draw a figure that says there is nothing to draw."""
    figure, axes = figures.new(7, 1.8)
    axes.set_axis_off()
    axes.text(0.5, 0.5, "nothing to draw in this corpus", ha="center", va="center", color=GREY)
    titled(figure, title)
    return figure


def years(table: pd.DataFrame, partners: list[str], title: str) -> Figure:
    """Draw each partner's share of the year's documents, one row per partner, the others in grey behind it."""
    if table.empty:
        return _nothing(title)
    figure, rows = figures.new(
        9, 1.2 + 1.8 * len(partners), rows=len(partners), squeeze=False, sharex=True, sharey=True
    )
    top = np.nanmax([table["high"].max(), table["share"].max(), 0.1])
    for axes, partner in zip(rows[:, 0], partners, strict=True):
        for other in partners:
            part = table[table["partner"] == other]
            if other != partner:
                axes.plot(part["year"], part["share"], color=PALE, linewidth=1.2, zorder=1)
        part = table[table["partner"] == partner]
        colour = figures.colour(partner)
        axes.fill_between(part["year"], part["low"], part["high"], color=colour, alpha=0.18, linewidth=0)
        axes.plot(part["year"], part["share"], color=colour, marker=figures.marker(partner))
        for row in part.itertuples():
            axes.annotate(
                f"{row.documents}", (row.year, 0), (0, 3), textcoords="offset points", ha="center", fontsize=9
            )
        axes.set_title(figures.partner_name(partner), color=colour, fontsize=11, pad=3)
        axes.set_ylim(0, top * 1.05)
        _percent(axes.yaxis)
    rows[-1, 0].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=18))
    figure.supylabel("share of the year's documents", fontsize=11)
    rows[-1, 0].set_xlabel("year (numbers on the axis: documents about the partner)")
    titled(figure, title)
    return figure


def levels(table: pd.DataFrame, column: str, partners: list[str], title: str, unit: str) -> Figure:
    """Draw shares by partner with intervals, one row per category, widest gap between partners on top.

    `unit` says what the shares are of.
    """
    if table.empty:
        return _nothing(title)
    wide = table.pivot(index=column, columns="partner", values="share")
    names = dict(zip(table[column], table["label"], strict=True))
    gap = (wide.max(axis=1) - wide.min(axis=1)).fillna(0).round(9)
    order = sorted(wide.index, key=lambda c: (-gap[c], str(c)))
    figure, axes = figures.new(8.5, 1.6 + 0.52 * len(order) * max(1, len(partners) / 3))
    step = 0.8 / len(partners)
    right = np.nanmax([table["high"].max(), table["share"].max(), 0.01])
    for i, partner in enumerate(partners):
        part = table[table["partner"] == partner].set_index(column).loc[order]
        y = np.arange(len(order)) + (i - (len(partners) - 1) / 2) * step
        colour = figures.colour(partner)
        _bars(axes, None, y, part["low"], part["high"], colour)
        axes.plot(part["share"], y, figures.marker(partner), color=colour, linestyle="none")
        leads = (wide.loc[order].idxmax(axis=1, skipna=True) == partner) if wide.notna().any(axis=None) else []
        for row, lead, height in zip(part.itertuples(), leads, y, strict=False):
            if lead:
                end = row.high if row.high == row.high else row.share
                axes.annotate(
                    f"{row.share:.0%}", (end, height), (4, 0), textcoords="offset points", va="center",
                    fontsize=10, color=colour, fontweight="bold",
                )  # fmt: skip
    axes.set_yticks(range(len(order)), ["\n".join(wrap(str(names.get(c, c)), 28)) for c in order])
    axes.set_ylim(len(order) - 0.45, -0.55)
    axes.set_xlim(0, right * 1.1)
    axes.grid(axis="y", visible=False)
    for edge in range(1, len(order)):
        axes.axhline(edge - 0.5, color="#EEEEEE", linewidth=0.8, zorder=0)
    _percent(axes.xaxis)
    axes.set_xlabel(unit)
    sizes = table.drop_duplicates("partner").set_index("partner")
    _keys(
        figure,
        {
            p: f"{figures.partner_name(p)}\nn = {sizes.total[p]:,.0f}, {sizes.documents_total[p]} documents"
            for p in partners
        },
    )
    titled(figure, title)
    return figure


def differences(table: pd.DataFrame, column: str, partners: list[str], title: str) -> Figure:
    """Draw pairwise differences with intervals over the band of shuffled labels; a filled mark survives Holm's correction."""
    if table.empty:
        return _nothing(title)
    told = set(zip(table["first"], table["second"], strict=True))
    pairs = [(a, b) for a in partners for b in partners if (a, b) in told]
    names = dict(zip(table[column], table["label"], strict=True))
    strength = table.groupby(column)["difference"].agg(lambda d: d.abs().max()).round(9)
    order = sorted(strength.index, key=lambda c: (-strength[c], str(c)))
    columns = min(len(pairs), 3)
    rows = -(-len(pairs) // columns)
    figure, grid = figures.new(
        3.2 + 2.4 * columns,
        1.2 + rows * (0.8 + 0.36 * len(order)),
        rows=rows,
        columns=columns,
        squeeze=False,
        sharey=True,
        sharex=True,
    )
    y = np.arange(len(order))
    for axes in grid.ravel()[len(pairs) :]:
        axes.set_visible(False)
    for axes, (first, second) in zip(grid.ravel(), pairs, strict=False):
        part = table[(table["first"] == first) & (table["second"] == second)].set_index(column).loc[order]
        for place, mark in enumerate(part.itertuples()):
            axes.add_patch(_box(mark.band_low, mark.band_high, place))
        ahead = np.where(part["difference"] >= 0, first, second)
        for place, (mark, partner) in enumerate(zip(part.itertuples(), ahead, strict=True)):
            colour = figures.colour(partner)
            sure = mark.sure
            _bars(axes, None, place, mark.low, mark.high, colour)
            axes.plot(
                mark.difference, place, figures.marker(partner), color=colour, markersize=7,
                markerfacecolor=colour if sure else "white", markeredgewidth=1.5, zorder=3,
            )  # fmt: skip
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_title(
            f"← {figures.partner_name(second)}\n{figures.partner_name(first)} →", fontsize=10, loc="center", pad=4
        )
        axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:+.0f}" if x else "0")
        axes.grid(axis="y", visible=False)
    grid[0][0].set_yticks(y, ["\n".join(wrap(str(names.get(c, c)), 30)) for c in order])
    grid[0][0].set_ylim(len(order) - 0.4, -0.6)
    figure.supxlabel(
        "difference in percentage points (filled: survives Holm's correction; grey: shuffled labels)", fontsize=10
    )
    titled(figure, title)
    return figure


def _box(low: float, high: float, place: int) -> Rectangle:
    return Rectangle((low, place - 0.32), high - low, 0.64, facecolor=PALE, edgecolor="none", zorder=0)


def robustness(table: pd.DataFrame, partners: list[str], title: str) -> Figure:
    """Draw each partner's lead in what marks it under every variant, one panel per partner."""
    if table.empty:
        return _nothing(title)
    told = [p for p in partners if (table["partner"] == p).any()]
    variants = table.sort_values("order")["variant"].drop_duplicates().tolist()
    figure, row = figures.new(
        4 + 2.1 * len(told), 1.6 + 0.42 * len(variants), columns=len(told), squeeze=False, sharey=True, sharex=True
    )
    for axes, partner in zip(row[0], told, strict=True):
        part = table[table["partner"] == partner].set_index("variant").reindex(variants)
        colour = figures.colour(partner)
        _bars(axes, None, np.arange(len(part)), part["low"], part["high"], colour)
        axes.plot(part["difference"], np.arange(len(part)), figures.marker(partner), color=colour, linestyle="none")
        axes.axvline(0, color=INK, linewidth=0.8)
        label = part["label"].dropna().iloc[0]
        axes.set_title("\n".join([figures.partner_name(partner), *wrap(label, 22)]), color=colour, fontsize=11, pad=4)
        axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:+.0f}" if x else "0")
        axes.grid(axis="y", visible=False)
    row[0][0].set_yticks(range(len(variants)), ["\n".join(wrap(v, 34)) for v in variants])
    row[0][0].set_ylim(len(variants) - 0.4, -0.6)
    figure.supxlabel("lead over the mean of the others, percentage points", fontsize=10)
    titled(figure, title)
    return figure


def over_time(table: pd.DataFrame, partners: list[str], title: str, most: int = 12) -> Figure:
    """Draw topic shares by period, one panel per topic, the most changing topics first; thin cells are gaps."""
    if table.empty:
        return _nothing(title)
    names = dict(zip(table["topic"], table["label"], strict=True))
    spread = table.groupby("topic")["share"].agg(lambda s: s.max() - s.min()).round(9)
    order = sorted(spread.index, key=lambda t: (-spread[t] if spread[t] == spread[t] else 0, t))[:most]
    columns = min(3, len(order))
    rows = -(-len(order) // columns)
    figure, grid = figures.new(
        3.3 * columns, 1.3 + 1.9 * rows, rows=rows, columns=columns, squeeze=False, sharex=True, sharey=True
    )
    spans = table[["start", "end"]].drop_duplicates().sort_values("start")
    labels = [f"{a}–{b % 100:02d}" if b > a else f"{a}" for a, b in spans.itertuples(index=False)]
    for axes, topic in zip(grid.ravel(), order, strict=False):
        for i, partner in enumerate(partners):
            part = table[(table["topic"] == topic) & (table["partner"] == partner)].sort_values("start")
            x = np.arange(len(part)) + (i - (len(partners) - 1) / 2) * 0.14
            colour = figures.colour(partner)
            axes.vlines(x, part["low"], part["high"], color=colour, linewidth=1.4, alpha=0.75)
            axes.plot(x, part["share"], color=colour, marker=figures.marker(partner), markersize=4.5, linewidth=1.3)
        axes.set_title("\n".join(wrap(shorten(str(names.get(topic, topic)), 60), 34)), fontsize=10, pad=3)
        _percent(axes.yaxis)
        axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", fontsize=9)
        axes.grid(axis="x", visible=False)
        axes.set_ylim(bottom=0)
    for axes in grid.ravel()[len(order) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("share of words", fontsize=9)
    cells = table.drop_duplicates(["partner", "start"]).groupby("partner")["documents"].agg(["min", "max"])
    _keys(
        figure,
        {
            p: f"{figures.partner_name(p)}\n{cells.loc[p, 'min']} to {cells.loc[p, 'max']} documents a period"
            for p in partners
        },
    )
    titled(figure, title)
    return figure


def changes(table: pd.DataFrame, title: str, most: int = 10) -> Figure:
    """Draw the likeliest years of change with their intervals, the surest first, with the shares before and after."""
    if table.empty:
        return _nothing(title)
    ranked = table.assign(rank=table["p"].round(9), size=-table["difference"].abs().round(9))
    shown = ranked.sort_values(["rank", "size", "partner", "category"], kind="stable").head(most)
    figure, axes = figures.new(9, 1.6 + 0.42 * len(shown))
    for place, row in enumerate(shown.itertuples()):
        colour = figures.colour(row.partner)
        _bars(axes, None, place, row.year_low - 0.12, row.year_high + 0.12, colour)
        sure = row.sure
        axes.plot(row.year, place, figures.marker(row.partner), color=colour, markersize=8,
                  markerfacecolor=colour if sure else "white", markeredgewidth=1.6)  # fmt: skip
        axes.annotate(
            f"{row.before:.0%} → {row.after:.0%}   p = {row.p_holm:.2g}", (1.01, place), xycoords=("axes fraction", "data"),
            va="center", fontsize=10,
        )  # fmt: skip
    labels = [f"{figures.partner_name(r.partner)}: {r.label}" for r in shown.itertuples()]
    axes.set_yticks(range(len(shown)), ["\n".join(wrap(x, 38)) for x in labels])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("year from which the share differs most (bar: interval of the year; filled: survives correction)")
    titled(figure, title)
    return figure


def stance(table: pd.DataFrame, scores: pd.DataFrame, partners: list[str], title: str) -> Figure:
    """Draw the shares of cooperative, neutral and conflictual sentences, and the mean event score, by partner."""
    figure, (left, right) = figures.new(9.5, 1.6 + 0.9 * len(partners), columns=2, width_ratios=[3, 2])
    kinds = list(STANCES)
    for i, partner in enumerate(partners):
        colour = figures.colour(partner)
        part = table[table["partner"] == partner].set_index("stance").loc[kinds]
        y = np.arange(len(kinds)) + (i - (len(partners) - 1) / 2) * 0.8 / len(partners)
        _bars(left, None, y, part["low"], part["high"], colour)
        left.plot(part["share"], y, figures.marker(partner), color=colour, linestyle="none")
        for height, row in zip(y, part.itertuples(), strict=True):
            if row.share == row.share:
                end = row.high if row.high == row.high else row.share
                left.annotate(f"{row.share:.0%}", (end, height), (4, 0), textcoords="offset points", va="center",
                              fontsize=9, color=colour)  # fmt: skip
        score = scores[scores["partner"] == partner].iloc[0]
        _bars(right, None, i, score.low, score.high, colour)
        right.plot(score["mean"], i, figures.marker(partner), color=colour, markersize=8)
        if score["mean"] == score["mean"]:
            right.annotate(f"{score['mean']:.1f}", (score["mean"], i), (0, 9), textcoords="offset points", ha="center",
                           fontsize=10, color=colour)  # fmt: skip
    left.set_yticks(range(len(kinds)), [STANCES[k] for k in kinds])
    left.set_ylim(len(kinds) - 0.5, -0.5)
    left.set_xlim(left=0, right=1.02)
    _percent(left.xaxis)
    left.set_xlabel("share of the partner's sentences")
    left.grid(axis="y", visible=False)
    scores = scores.set_index("partner").loc[partners].reset_index()
    right.set_yticks(
        range(len(partners)),
        [f"{figures.partner_name(p)}\nn = {n:,}" for p, n in zip(scores.partner, scores.sentences, strict=True)],
    )
    right.set_ylim(len(partners) - 0.4, -0.6)
    right.set_xlabel("mean event score\n(−10 conflict … +10 cooperation)")
    right.grid(axis="y", visible=False)
    titled(figure, title)
    return figure


def keyness(table: pd.DataFrame, partners: list[str], title: str) -> Figure:
    """Draw each partner's key terms with intervals; beside each the number of documents and outlets that use it."""
    longest = max([int((table["partner"] == p).sum()) for p in partners] + [1])
    figure, row = figures.new(
        3.4 * len(partners), 1.7 + 0.36 * longest, columns=len(partners), squeeze=False, sharex=True
    )
    for axes, partner in zip(row[0], partners, strict=True):
        part = table[table["partner"] == partner].reset_index(drop=True)
        colour = figures.colour(partner)
        _bars(axes, None, part.index, part["low"], part["high"], colour)
        for sure, face in ((True, colour), (False, "white")):
            some = part[part["sure"].astype(bool) == sure]
            axes.plot(some["log_odds"], some.index, figures.marker(partner), color=colour, linestyle="none",
                      markerfacecolor=face, markersize=7, markeredgewidth=1.5)  # fmt: skip
        axes.set_yticks(range(len(part)), part["term"].str.replace("_", " "))
        for r in part.itertuples():
            axes.annotate(f"{r.documents}/{r.outlets}", (1.0, r.Index), xycoords=("axes fraction", "data"), xytext=(2, 0),
                          textcoords="offset points", va="center", fontsize=8.5, color=GREY)  # fmt: skip
        axes.set_ylim(longest - 0.4, -0.6)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_title(figures.partner_name(partner), color=colour, fontsize=11)
        axes.grid(axis="y", visible=False)
        if part.empty:
            axes.annotate("no key term", (0.5, 0.5), xycoords="axes fraction", ha="center", color=GREY)
    figure.supxlabel(
        "log-odds against the other partners (filled: survives correction; grey at right: documents/outlets)",
        fontsize=10,
    )
    titled(figure, title)
    return figure


def timeline(table: pd.DataFrame, partners: list[str], title: str, most: int = 9) -> Figure:
    """Draw elite diplomacy as dated marks, one lane per partner; the most prominent occasions carry a name and date.

    Heads of state or government are filled marks, ministers hollow ones. `most` limits the labels of a lane.
    """
    if table.empty:
        return _nothing(title)
    figure, rows = figures.new(11, 1.0 + 2.0 * len(partners), rows=len(partners), squeeze=False, sharex=True)
    first, last = table["date"].min(), table["date"].max()
    edge = (last - first) * 0.02 + pd.Timedelta(days=60)
    for axes, partner in zip(rows[:, 0], partners, strict=True):
        part = table[table["partner"] == partner]
        colour = figures.colour(partner)
        top = part["level"] == "L1"
        for chosen, face, size in ((~top, "white", 5), (top, colour, 7.5)):
            axes.plot(part["date"][chosen], np.zeros(chosen.sum()), figures.marker(partner), color=colour,
                      markerfacecolor=face, markersize=size, linestyle="none", clip_on=False, zorder=3)  # fmt: skip
        for row, height in _placed(part, first, last, most):
            axes.vlines(row.date, 0, height - 0.35, color=colour, linewidth=0.8, zorder=1)
            axes.text(row.date, height, _occasion(row), ha=_side(row.date, first, last), va="center", fontsize=10)
        axes.axhline(0, color=colour, linewidth=1.0, zorder=1)
        axes.set_ylim(-0.6, 4.6)
        axes.set_xlim(first - edge, last + edge)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        counted = f"{len(part)} occasions, {int(top.sum())} with a head of state or government"
        axes.set_title(f"{figures.partner_name(partner)}: {counted}", color=colour, fontsize=11, pad=2)
    rows[-1, 0].set_xlabel("date (filled: head of state or government, hollow: minister)")
    titled(figure, title)
    return figure


def _occasion(row) -> str:
    return f"{shorten(row.persons.split('; ')[0], 24, placeholder='…')}, {row.date:%b %Y}"


def _side(date: pd.Timestamp, first: pd.Timestamp, last: pd.Timestamp) -> str:
    place = (date - first) / max(last - first, pd.Timedelta(days=1))
    return "left" if place < 0.08 else "right" if place > 0.92 else "center"


def _placed(part: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, most: int) -> list:
    """Return the labelled rows with the height of each label, so that no two labels meet.

    Heads of state or government come first, then occasions told by most documents and most sentences.
    """
    named = part[part["persons"] != ""]
    order = named.assign(d=-named["documents"], s=-named["sentences"]).sort_values(
        ["level", "d", "s", "date", "document_id"], kind="stable"
    )
    width = max(last - first, pd.Timedelta(days=1)) * 0.19
    shift = {"left": 0.0, "center": 0.5, "right": 1.0}
    gap = width * 0.04
    found, seen, placed = [], set(), []
    for row in order.itertuples():
        if len(found) == most or _occasion(row) in seen:
            continue
        start = row.date - width * shift[_side(row.date, first, last)]
        for height in (1.0, 2.0, 3.0, 4.0):
            # A label meets no label beside it, no line of a label above it, and its own line meets no label below it.
            free = all(
                (h != height or start + width <= a or start >= b)
                and (h <= height or not start - gap <= d <= start + width + gap)
                and (h >= height or not a - gap <= row.date <= b + gap)
                for d, a, b, h in placed
            )
            if free:
                placed.append((row.date, start, start + width, height))
                found.append((row, height))
                seen.add(_occasion(row))
                break
    return found


def amounts(found: pd.DataFrame, table: pd.DataFrame, partners: list[str], title: str) -> Figure:
    """Draw every sum as a dot on a logarithmic axis, with the median and its interval, by partner and phase."""
    rows = [(p, phase) for p in partners for phase in PHASES]
    figure, axes = figures.new(9, 1.6 + 0.62 * len(rows))
    summary = table.set_index(["partner", "phase"])
    for place, (partner, phase) in enumerate(rows):
        colour = figures.colour(partner)
        part = found[(found["partner"] == partner) & (found["phase"] == phase)]
        # Dots are set off by their rank, so that equal sums stay apart and the picture never changes.
        axes.plot(part["value_usd"], place - 0.12 - 0.05 * (np.arange(len(part)) % 5), ".", color=colour, alpha=0.4,
                  markersize=6, markeredgewidth=0)  # fmt: skip
        row = summary.loc[(partner, phase)]
        _bars(axes, None, place + 0.15, row.low, row.high, colour)
        axes.plot(row.median_usd, place + 0.15, figures.marker(partner), color=colour, markersize=8,
                  markerfacecolor=colour if phase == "delivered" else "white", markeredgewidth=1.6)  # fmt: skip
        said = f"n = {row.amounts:,.0f}, {row.documents:.0f} docs" if row.amounts else "none"
        axes.annotate(said, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=10)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: dollars(x))
    axes.set_yticks(range(len(rows)), [f"{figures.partner_name(p)}:\n{PHASES[phase]}" for p, phase in rows])
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xlabel("sum named in a document, US dollars (large mark: median with interval)")
    axes.grid(axis="y", visible=False)
    titled(figure, title)
    return figure
