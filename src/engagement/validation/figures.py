"""The figures of the validation stage."""

import numpy as np
import pandas as pd

from engagement import figures
from engagement.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE
from engagement.validation import gold
from engagement.validation.assessment import AUTOMATIC, NAMES_ONLY
from engagement.validation.coverage import DOCUMENT, KNOWN, OUTLET, SENTENCE

INSTRUMENT_NAMES = {
    "DIP": "elite diplomacy",
    "AGR": "agreement, pledge",
    "GRA": "grant, in kind",
    "LOA": "loan, debt",
    "TRA": "trade",
    "INV": "investment",
    "SEC": "security",
    "EXC": "people exchange",
    "CUL": "culture, media",
    "PRE": "pressure",
    "NONE": "none",
}


def partner_scores(agreement: pd.DataFrame, half: str = "test") -> pd.DataFrame:
    """Return F1 of the partner by unit, method and code: the rules against names alone."""
    chosen = agreement[
        (agreement["target"] == "partner")
        & (agreement["measure"] == "f1")
        & (agreement["split"] == half)
        & agreement["reference"].isin(["writers", "consensus"])
    ]
    return chosen[["unit", "method", "code", "n", "documents", "value", "low", "high"]]


def partners(agreement: pd.DataFrame, reach: dict[str, float], half: str = "test") -> None:
    """Show F1 of the partner per document and sentence, all and each partner, beside the baseline.

    `reach`: the F1 asked for, by unit.
    """
    drawn = partner_scores(agreement, half)
    codes = ["all", *[c for c in gold.CODED_PARTNERS if c in set(drawn["code"])]]
    figure, axes = figures.new(8.2, 4.4, columns=2, sharey=True)
    for axis, unit in zip(axes, ("document", "sentence"), strict=True):
        part = drawn[drawn["unit"] == unit]
        for method, shift in ((NAMES_ONLY, 0.18), (AUTOMATIC, -0.18)):
            for place, code in enumerate(codes):
                _dot(axis, part[(part["method"] == method) & (part["code"] == code)].iloc[0], place + shift, method)
        axis.axvline(reach[unit], color=GREY, linestyle="--", linewidth=1)
        axis.annotate(
            f"asked: {reach[unit]:.2f}", (reach[unit], 1), (-3, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", fontsize=9, color="#444444", ha="center",
        )  # fmt: skip
        n = part.loc[part["code"] == "all", "n"].max()
        axis.set(xlabel=f"F1, partner of the {unit} (n = {n})", ylim=(len(codes) - 0.5, -0.6))
        axis.grid(axis="y", visible=False)
    axes[0].set_yticks(range(len(codes)), ["all partners", *[figures.partner_name(c) for c in codes[1:]]])
    left = min(drawn["low"].min() - 0.09, 0.9)
    for axis in axes:
        axis.set_xlim(left, 1.005)
    sentence = drawn[(drawn["unit"] == "sentence") & (drawn["code"] == "all")].set_index("method")["value"]
    _title(
        figure,
        f"The rules find a sentence's partner with F1 {sentence[AUTOMATIC]:.2f}, country names alone with "
        f"{sentence[NAMES_ONLY]:.2f}",
    )
    told = "; ".join(
        f"{r.unit}, {r.code}, {r.method}: {r.value:.3f} ({r.low:.3f} to {r.high:.3f})" for r in drawn.itertuples()
    )
    figures.show(
        figure,
        "validation/partners",
        alt=f"Dots with intervals: F1 of the partner on the {half} half. {told}.",
        caption=f"F1 on the {half} half; filled: the rules, hollow: country names and demonyms alone. Lines are 95% "
        "intervals from a bootstrap over documents; n counts partners of documents (writers' coding) and of sentences "
        "(consensus of two coders). The dashed line is the F1 asked for.",
        data=drawn,
    )


def _title(figure, text: str) -> None:
    """Put the finding above the whole figure, where long row labels leave it room."""
    figure.suptitle(text, fontsize=12, fontweight="bold", x=0.01, ha="left")


def _dot(axis, row: pd.Series, height: float, method: str) -> None:
    colour = figures.colour(row["code"]) if row["code"] != "all" else BLACK
    filled = method == AUTOMATIC
    axis.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2.2 if filled else 1.2)
    shape = figures.marker(row["code"]) if row["code"] != "all" else "D"
    axis.plot(
        row["value"], height, marker=shape, color=colour, markersize=7, markerfacecolor=colour if filled else "white"
    )
    axis.annotate(
        f"{row['value']:.2f}", (row["low"], height), (-4, 0), textcoords="offset points", ha="right", va="center",
        fontsize=9, color="#222222" if filled else "#555555",
    )  # fmt: skip


def instruments(confusion: pd.DataFrame, agreement: pd.DataFrame, half: str = "test") -> None:
    """Show where coders' and automatic instruments differ, as a heat map with counts."""
    part = confusion[confusion["split"] == half]
    codes = [c for c in gold.INSTRUMENTS if c in set(part["true"]) | set(part["coded"])]
    counts = part.pivot_table(index="true", columns="coded", values="sentences", aggfunc="sum", fill_value=0)
    given = [c for c in codes if c in set(part["true"])]
    counts = counts.reindex(index=given, columns=codes, fill_value=0)
    total = counts.sum(axis=1).clip(lower=1)
    figure, axis = figures.new(7.6, 5.6)
    axis.imshow(counts.div(total, axis=0), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(counts.to_numpy()):
        for x, n in enumerate(row):
            if n:
                dark = n / total.iloc[y] > 0.55
                axis.text(x, y, str(n), ha="center", va="center", fontsize=10, color="white" if dark else "black")
    axis.set_xticks(range(len(codes)), codes, fontsize=10)
    axis.set_yticks(range(len(given)), [f"{INSTRUMENT_NAMES[c]}  {c}" for c in given], fontsize=10)
    axis.grid(visible=False)
    axis.set(xlabel="automatic", ylabel="coders")
    wrong = part[part["true"] != part["coded"]].sort_values(
        ["sentences", "true", "coded"], ascending=[False, True, True]
    )
    scored = agreement.query(
        "target == 'instrument' and unit == 'sentence' and reference == 'consensus' and measure == 'accuracy'"
    )
    reached = scored[scored["split"] == half].iloc[0]
    worst = ""
    if len(wrong):
        first = wrong.iloc[0]
        worst = f"; most often {first['true']} is read as {first['coded']}"
    where = "" if half == "all" else f" on the {half} half"
    _title(figure, f"{reached['value']:.0%} of instruments are right{where}{worst}")
    cells = ", ".join(f"{r.true} as {r.coded} {r.sentences}" for r in wrong.head(8).itertuples())
    figures.show(
        figure,
        "validation/instruments",
        alt=f"Heat map of coders' against automatic instruments, {int(part['sentences'].sum())} sentences, "
        f"{reached['value']:.0%} on the diagonal. Largest errors: {cells}.",
        caption=f"Coded sentences ({'both halves' if half == 'all' else half + ' half'}) on which two coders agree that a "
        f"compared partner is engaged, n = {int(part['sentences'].sum())}; shade is the share of the row. Accuracy "
        f"{reached['value']:.2f} ({reached['low']:.2f} to {reached['high']:.2f}).",
        data=part,
    )


def recovery_summary(recovery: pd.DataFrame) -> pd.DataFrame:
    """Return per number of topics and document length the topics' cosine: median, quartiles, share of at least 0.8."""
    grouped = recovery.groupby(["num_topics", "length_factor"])
    cosine = grouped["cosine"].quantile([0.25, 0.5, 0.75]).unstack()
    return pd.DataFrame(
        {
            "tokens": grouped["tokens"].mean(),
            "topics": grouped.size(),
            "low": cosine[0.25],
            "median": cosine[0.5],
            "high": cosine[0.75],
            "recovered": grouped["cosine"].agg(lambda c: (c >= 0.8).mean()),
            "correlation": grouped["correlation"].median(),
        }
    ).reset_index()


def recovery(frame: pd.DataFrame, num_topics: int) -> None:
    """Show how well planted topics are found, by document length and by number of topics."""
    drawn = recovery_summary(frame)
    drawn["label"] = [
        f"{r.tokens:.0f} tokens, {r.num_topics} topics"
        + (" (as here)" if (r.num_topics, r.length_factor) == (num_topics, 1) else "")
        for r in drawn.itertuples()
    ]
    drawn = drawn.sort_values(["tokens", "num_topics"], ignore_index=True)
    figure, axis = figures.new(7.6, 0.55 * len(drawn) + 1.6)
    for place, row in enumerate(drawn.itertuples()):
        here = (row.num_topics, row.length_factor) == (num_topics, 1)
        every = frame[(frame["num_topics"] == row.num_topics) & (frame["length_factor"] == row.length_factor)]["cosine"]
        axis.plot(every, np.full(len(every), place), "|", color=GREY, markersize=9, alpha=0.5)
        axis.plot([row.low, row.high], [place, place], color=BLUE if here else ORANGE, linewidth=4, alpha=0.7)
        axis.plot(row.median, place, "o", color=BLUE if here else ORANGE, markersize=8)
        axis.annotate(
            f"{row.recovered:.0%}", (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9
        )
    axis.axvline(0.8, color=GREY, linestyle="--", linewidth=1)
    axis.set_yticks(range(len(drawn)), drawn["label"], fontsize=10)
    axis.set(xlabel="cosine of planted and found topic", ylim=(len(drawn) - 0.5, -0.5), xlim=(None, 1.0))
    axis.grid(axis="y", visible=False)
    own = drawn[(drawn["num_topics"] == num_topics) & (drawn["length_factor"] == 1)].iloc[0]
    _title(figure, f"In a corpus of this size {own['recovered']:.0%} of planted topics are found again")
    told = "; ".join(f"{r.label}: median {r.median:.2f}, {r.recovered:.0%} at least 0.8" for r in drawn.itertuples())
    figures.show(
        figure,
        "validation/recovery",
        alt=f"Cosine of planted and found topics by document length and number of topics. {told}.",
        caption=f"Simulated corpora of {frame['simulation'].nunique()} draws per row with as many documents as the real one, "
        "topics planted and as many fitted. Ticks are topics, dots medians, bars the middle half; at the right, "
        "the share of topics with a cosine of at least 0.8 (dashed).",
        data=drawn,
    )


METHOD_LOOK = {
    OUTLET: ("o", BLUE, "outlets resampled (as published)"),
    DOCUMENT: ("s", GREEN, "documents resampled"),
    KNOWN: ("D", ORANGE, "outlets, were topic shares seen"),
    SENTENCE: ("X", GREY, "sentences as if independent"),
}


def coverage(frame: pd.DataFrame) -> None:
    """Show how many intervals hold the truth, beside what they promise."""
    rows = list(frame[["quantity", "kind", "documents"]].drop_duplicates().itertuples(index=False, name=None))
    rows.sort(key=lambda row: (row[0], row[1] != "level", row[2]))
    methods = [m for m in METHOD_LOOK if m in set(frame["method"])]
    figure, axis = figures.new(8.2, 0.62 * len(rows) + 1.6)
    for row in frame.itertuples():
        shape, colour, _ = METHOD_LOOK[row.method]
        height = rows.index((row.quantity, row.kind, row.documents)) + 0.17 * (methods.index(row.method) - 1.5)
        spread = [max(row.coverage - 1.96 * row.error, 0), min(row.coverage + 1.96 * row.error, 1)]
        axis.plot(spread, [height, height], color=colour, linewidth=1.6)
        axis.plot(row.coverage, height, shape, color=colour, markersize=7)
    axis.axvline(frame["nominal"].iloc[0], color=BLACK, linestyle="--", linewidth=1)
    for shape, colour, name in (METHOD_LOOK[m] for m in methods):
        axis.plot([], [], shape, color=colour, label=name)
    kinds = {"level": "of a partner", "difference": "difference"}
    axis.set_yticks(range(len(rows)), [f"{q}, {kinds[k]},\n{d} documents" for q, k, d in rows], fontsize=10)
    axis.set(xlabel="share of 95% intervals that hold the truth", ylim=(len(rows) - 0.5, -0.5), xlim=(None, 1.005))
    axis.grid(axis="y", visible=False)
    figure.legend(loc="outside lower left", ncols=2, fontsize=10, handletextpad=0.2, columnspacing=1.5)
    own = frame[frame["method"] == OUTLET]
    _title(
        figure,
        f"The published 95% intervals hold the truth in {own['coverage'].min():.0%} to {own['coverage'].max():.0%} of cases",
    )
    told = "; ".join(
        f"{r.quantity}, {r.kind}, {r.documents} documents, {r.method}: {r.coverage:.3f}" for r in frame.itertuples()
    )
    figures.show(
        figure,
        "validation/coverage",
        alt=f"Share of 95% intervals that hold the true value in simulated corpora. {told}.",
        caption=f"Simulated corpora with the real one's segments and known shares, {frame['simulations'].max()} per row; "
        "lines show the simulation's own 95% error. Dashed: 95%.",
        data=frame,
    )
