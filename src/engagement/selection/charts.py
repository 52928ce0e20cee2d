"""The figures of stage selection; each takes tables, draws them and shows the figure with its words."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from engagement import figures
from engagement.figures.style import partners as partners_in_order

INK, SOFT, MARK = "#333333", "#9A9A9A", "#CC79A7"
MEASURES = {
    "heldout": "Held-out likelihood\n(nats per token, higher is better)",
    "npmi": "Coherence (NPMI)\n(higher is better)",
    "exclusivity": "Exclusivity\n(0 to 10, higher is better)",
    "overlap": "Top words shared by two seeds\n(share, higher is better)",
    "dispersion": "Residual dispersion\n(1 is enough topics)",
    "clear_kept": "Clear partner contrasts that keep\ntheir sign with another seed (share)",
}


def _spread(ax: Axes, values: pd.DataFrame, measure: str, chosen: int) -> None:
    """Draw every fit as a dot, the means as a line and the chosen number of topics as a dashed line."""
    known = values.dropna(subset=[measure])
    means = known.groupby("num_topics")[measure].mean()
    ax.axvline(chosen, color=MARK, linestyle="--", linewidth=1.4, zorder=1)
    ax.plot(known["num_topics"], known[measure], "o", color=SOFT, alpha=0.5, markersize=4, zorder=2)
    ax.plot(means.index, means.to_numpy(), "-s", color=INK, markersize=5, zorder=3)
    ax.set_title(MEASURES[measure], fontsize=10, fontweight="normal")


def panel(grid: pd.DataFrame, pairs: pd.DataFrame, means: pd.DataFrame, chosen: int) -> None:
    """Show six measures against the number of topics, a dot per fit (for overlap, per pair of fits)."""
    figure, axes = figures.new(10.5, 6.2, 2, 3, sharex=True)
    for ax, measure in zip(axes.flat, MEASURES, strict=True):
        _spread(ax, pairs if measure == "overlap" else grid, measure, chosen)
    for ax in axes[1]:
        ax.set_xlabel("Number of topics")
        ax.set_xticks(sorted(grid["num_topics"].unique()))
    axes[0, 0].annotate(
        f"chosen: {chosen}",
        (chosen, 0.04),
        xycoords=("data", "axes fraction"),
        xytext=(0, 0),
        textcoords="offset points",
        ha="center",
        color="#8F3568",
        fontsize=10,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
    best = {m: int(means.loc[means[m].round(6).idxmax(), "num_topics"]) for m in ("heldout", "npmi", "overlap")}
    figure.suptitle(
        f"Held-out likelihood is best at {best['heldout']} topics, coherence at {best['npmi']}, "
        f"agreement of seeds at {best['overlap']}",
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    at = means.set_index("num_topics")
    lines = [
        f"{k} topics: held-out {at.heldout[k]:.3f}, NPMI {at.npmi[k]:.3f}, exclusivity {at.exclusivity[k]:.2f}, "
        f"shared words {at.overlap[k]:.2f}, clear contrasts that keep their sign {at.clear_kept[k]:.2f}"
        for k in at.index
    ]
    runs = grid["seed"].nunique()
    figures.show(
        figure,
        "selection/panel",
        alt=f"Six small line charts of quality against the number of topics. {'; '.join(lines)}.",
        caption=f"Dots: the {runs} fits of each number of topics, from {runs} seeds (shared words: all pairs of fits, their "
        "topics aligned). Line: mean. Dashed: the number in params.yaml. Held-out: half of the tokens of a tenth of the documents.",
        data=grid.merge(means[["num_topics", "overlap", "documents"]], on="num_topics"),
    )


def smoothness(smoothing: pd.DataFrame, chosen: float) -> None:
    """Show four measures against eta, a dot per fit."""
    measures = {name: MEASURES[name].partition("\n")[0] for name in ("heldout", "npmi", "exclusivity", "overlap")}
    figure, axes = figures.new(10.5, 3.0, 1, 4)
    means = smoothing.groupby("eta")[list(measures)].mean()
    for ax, (measure, title) in zip(axes, measures.items(), strict=True):
        ax.axvline(chosen, color=MARK, linestyle="--", linewidth=1.4, zorder=1)
        ax.plot(smoothing["eta"], smoothing[measure], "o", color=SOFT, alpha=0.5, markersize=4)
        ax.plot(means.index, means[measure], "-s", color=INK, markersize=5)
        ax.set_xscale("log")
        ax.set_xticks(means.index, [f"{eta:g}" for eta in means.index], fontsize=8)
        ax.minorticks_off()
        ax.set_xlabel("eta")
        ax.set_title(title, fontsize=9.5, fontweight="normal")
    best = means["heldout"].round(6).idxmax()
    figure.suptitle(
        f"Hidden words are predicted best at eta = {best:g}", x=0.01, ha="left", fontsize=12, fontweight="bold"
    )
    figures.show(
        figure,
        "selection/smoothing",
        alt="Four small line charts of quality against eta. "
        + "; ".join(
            f"eta {eta:g}: held-out {r.heldout:.3f}, NPMI {r.npmi:.3f}, exclusivity {r.exclusivity:.2f}, shared words {r.overlap:.2f}"
            for eta, r in means.iterrows()
        )
        + ".",
        caption=f"Dots: the {smoothing['seed'].nunique()} fits of each eta at the chosen number of topics; line: mean; dashed: eta in "
        "params.yaml. Shared words: mean over a fit's pairs with the other fits.",
        data=smoothing,
    )


def frontier(grid: pd.DataFrame, means: pd.DataFrame, chosen: int) -> None:
    """Show coherence against exclusivity: a small dot per fit, a numbered mark per number of topics."""
    figure, ax = figures.new(7.5, 5.0)
    ax.plot(grid["npmi"], grid["exclusivity"], ".", color=SOFT, alpha=0.45, markersize=6, zorder=1)
    spread = 2 * grid.groupby("num_topics")[["npmi", "exclusivity"]].sem().loc[means["num_topics"]]
    ax.errorbar(
        means["npmi"],
        means["exclusivity"],
        xerr=spread["npmi"],
        yerr=spread["exclusivity"],
        fmt="none",
        ecolor=INK,
        elinewidth=1.2,
        zorder=2,
    )
    for row in means.itertuples():
        face = INK if row.frontier else "white"
        ring = MARK if row.num_topics == chosen else INK
        width = 3.5 if row.num_topics == chosen else 1.2
        ax.plot(row.npmi, row.exclusivity, "o", color=face, markeredgecolor=ring, markeredgewidth=width, markersize=19)
        ax.text(
            row.npmi,
            row.exclusivity,
            str(row.num_topics),
            ha="center",
            va="center",
            color="white" if row.frontier else INK,
            fontsize=10,
            zorder=5,
        )
    ax.set_xlabel("Coherence (NPMI, mean over topics)")
    ax.set_ylabel("Exclusivity (0 to 10, mean over topics)")
    on = bool(means.loc[means["num_topics"] == chosen, "frontier"].item())
    ax.set_title(f"{chosen} topics: {'on' if on else 'off'} the frontier of coherence and exclusivity")
    figures.show(
        figure,
        "selection/frontier",
        alt="Scatter plot of coherence and exclusivity with a mark per number of topics. "
        + "; ".join(
            f"{r.num_topics} topics: NPMI {r.npmi:.3f}, exclusivity {r.exclusivity:.2f}, {'on' if r.frontier else 'off'} the frontier"
            for r in means.itertuples()
        )
        + f". The chosen {chosen} topics are {'on' if on else 'off'} it.",
        caption="Small dots: single fits. Numbered marks: means over seeds, bars two standard errors. Filled: on the frontier, no "
        "other number of topics is clearly (by more than two standard errors) better in both. Ringed: the number in params.yaml.",
        data=means[["num_topics", "npmi", "exclusivity", "frontier"]],
    )


def contrast_strip(contrasts: pd.DataFrame, grid: pd.DataFrame, num_topics: int) -> None:
    """Show each topic's contrast of each partner: the reference's interval, and a dot per other seed."""
    own = contrasts[contrasts["num_topics"] == num_topics]
    reference = grid.loc[grid["reference"] & (grid["num_topics"] == num_topics), "seed"].item()
    partners = sorted(own["partner"].unique(), key=partners_in_order().index)
    figure, axes = figures.new(10.5, 1.4 + 0.34 * num_topics, 1, len(partners), sharey=True, sharex=True)
    for ax, partner in zip(np.atleast_1d(axes), partners, strict=True):
        rows = own[own["partner"] == partner]
        base = rows[rows["seed"] == reference].sort_values("topic")
        other = rows[rows["seed"] != reference]
        ax.axvline(0, color=INK, linewidth=0.8)
        ax.hlines(base["topic"], base["low"], base["high"], color=figures.colour(partner), linewidth=6, alpha=0.3)
        ax.plot(other["contrast"], other["topic"], ".", color=SOFT, markersize=5)
        ax.plot(
            base["contrast"], base["topic"], figures.marker(partner), color=figures.colour(partner), linestyle="none"
        )
        ax.set_title(figures.partner_name(partner), color=figures.colour(partner))
        ax.set_yticks(base["topic"], base["words"], fontsize=9)
        ax.set_xlabel("Contrast of mean share")
    np.atleast_1d(axes)[0].invert_yaxis()
    shown = ["sign_kept", "clear_kept", "within_interval"]
    kept, sure, inside = grid.loc[grid["num_topics"] == num_topics, shown].mean()
    figure.suptitle(
        f"Another seed keeps the sign of {kept:.0%} of the contrasts, {sure:.0%} of those clear of zero",
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    base = own[own["seed"] == reference]
    clear = base[(base["low"] > 0) | (base["high"] < 0)].sort_values(["partner", "topic"])
    figures.show(
        figure,
        "selection/contrasts",
        alt=f"Dot and interval chart of {num_topics} topics for {len(partners)} partners. {kept:.0%} of the contrasts under other "
        f"seeds keep the reference's sign, {sure:.0%} of those clear of zero; {inside:.0%} lie in its interval. Intervals clear of zero: "
        + ("; ".join(f"{r.partner} {r.words} {r.contrast:+.2f}" for r in clear.itertuples()) or "none")
        + ".",
        caption="Mark and bar: the reference fit with its 95% interval (bootstrap over documents); grey dots: the aligned topic "
        "under the other seeds. Contrast: mean share in the partner's segments less that in all others.",
        data=own,
    )
