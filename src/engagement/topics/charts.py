"""The figures of stage topics; each takes tables, draws them and shows the figure with its words."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from engagement import figures
from engagement.figures.style import partners as partners_in_order

INK, BAR, PALE = "#333333", "#56789A", "#BBBBBB"
_WIDTH = 40


def short(label: str, width: int = _WIDTH) -> str:
    """Return a label cut at a word's end so that it fits beside a mark."""
    if len(label) <= width:
        return label
    return label[: width - 1].rpartition(" ")[0].rstrip(",;") + " …"


def axis_names(topics: pd.DataFrame, width: int = _WIDTH) -> list[str]:
    """Return each topic's number and label, a dagger marking the unstable ones."""
    return [f"{row.topic} {short(row.label, width)}{' †' if row.unstable else ''}" for row in topics.itertuples()]


def cards(topics: pd.DataFrame, words: pd.DataFrame) -> None:
    """Show one small bar chart per topic: its ten most probable words.

    `words` has `topic, rank, word, probability`.
    """
    columns = 4 if len(topics) > 6 else 3
    lines = -(-len(topics) // columns)
    figure, axes = figures.new(11.5, 2.55 * lines, lines, columns, squeeze=False)
    for ax in axes.flat[len(topics) :]:
        ax.set_visible(False)
    largest = words["probability"].max()
    for ax, row in zip(axes.flat, topics.itertuples(), strict=False):
        own = words[words["topic"] == row.topic].sort_values("rank")
        ax.barh(range(len(own)), own["probability"], color=PALE if row.unstable else BAR)
        for rank, (word, probability) in enumerate(zip(own["word"], own["probability"], strict=True)):
            ax.text(probability + largest * 0.02, rank, word.replace("_", " "), va="center", fontsize=9, color=INK)
        ax.set_xlim(0, largest * 1.65)
        ax.set_yticks([])
        ax.set_xticks([])
        ax.grid(False)
        ax.spines[["bottom"]].set_visible(False)
        ax.invert_yaxis()
        ax.set_title(f"{row.topic} {short(row.label, 33)}{' †' if row.unstable else ''}", fontsize=9.5)
    lost = int(topics["unstable"].sum())
    figure.suptitle(
        f"{len(topics)} topics by their most probable words" + (f"; {lost} unstable (†)" if lost else ""),
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    figures.show(
        figure,
        "topics/cards",
        alt="A small bar chart of the ten most probable words for each topic. "
        + " ".join(f"Topic {r.topic}: {r.words.replace('_', ' ')}." for r in topics.itertuples()),
        caption="Bars: probability of the word in the topic, on one scale. Above: number and label. † unstable: on average fewer "
        "than half of the ten words come back with another seed.",
        data=words,
    )


def prevalence(topics: pd.DataFrame, partners: pd.DataFrame) -> None:
    """Show each topic's share of all tokens as a bar, and of each partner's segments as a mark.

    `partners` has `partner, topic, share`.
    """
    figure, ax = figures.new(8.5, 1.2 + 0.36 * len(topics))
    ax.barh(topics["topic"], topics["prevalence"], color=PALE, height=0.62)
    for partner in [code for code in partners_in_order() if code in set(partners["partner"])]:
        own = partners[partners["partner"] == partner]
        ax.plot(
            own["share"],
            own["topic"],
            figures.marker(partner),
            color=figures.colour(partner),
            linestyle="none",
            markersize=7,
            label=figures.partner_name(partner),
        )
    ax.set_yticks(topics["topic"], axis_names(topics))
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)
    ax.xaxis.set_major_locator(MultipleLocator(0.05))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_xlabel("Share of tokens (bar: all documents; marks: sentences on a partner)")
    ax.legend(loc="lower right")
    wide = partners.pivot(index="topic", columns="partner", values="share")
    gap = (wide.max(axis=1) - wide.min(axis=1)).round(6)
    widest = topics.loc[gap.idxmax()]
    ax.set_title(f"Partners differ most in “{short(widest['label'], 40)}”")
    figures.show(
        figure,
        "topics/prevalence",
        alt="Bar chart of topic prevalence with a mark per partner. "
        + "; ".join(
            f"{r.label}: {r.prevalence:.1%} of all tokens ("
            + ", ".join(f"{code} {wide.loc[r.topic, code]:.1%}" for code in wide.columns)
            + ")"
            for r in topics.itertuples()
        )
        + ".",
        caption="Bars: share of all documents' tokens. Marks: share of the tokens of sentences on a partner. No intervals here: "
        "the comparison draws them. † unstable topic.",
        data=partners.merge(topics[["topic", "label", "prevalence"]], on="topic"),
    )


def _squares(ax, values: np.ndarray, written: np.ndarray, cmap: str, low: float, high: float) -> None:
    """Draw a table of coloured squares with the numbers in them, dark on light and light on dark."""
    ax.imshow(values, cmap=cmap, vmin=low, vmax=high, aspect="auto")
    ax.grid(False)
    for (row, column), value in np.ndenumerate(values):
        depth = (value - low) / (high - low)
        dark = abs(depth - 0.5) > 0.36 if cmap == "RdBu_r" else depth > 0.58
        ax.text(column, row, written[row, column], ha="center", va="center", fontsize=8, color="white" if dark else INK)


def stability(topics: pd.DataFrame, overlap: pd.DataFrame) -> None:
    """Show the heat map of topics by seeds: the share of ten top words that come back; the mean at the right."""
    wide = overlap.pivot(index="topic", columns="seed", values="overlap")
    figure, ax = figures.new(max(4.2 + 0.4 * wide.shape[1], 7), 1.6 + 0.34 * len(topics))
    values = np.column_stack([wide.to_numpy(), topics["stability"].to_numpy()])
    _squares(ax, values, np.vectorize(lambda v: f"{10 * v:.0f}" if v < 1 else "10")(values), "Blues", 0, 1)
    ax.axvline(wide.shape[1] - 0.5, color="white", linewidth=4)
    ax.set_xticks(range(wide.shape[1] + 1), [*wide.columns, "mean"], rotation=45, ha="right")
    ax.set_yticks(range(len(topics)), axis_names(topics))
    ax.set_xlabel("Seed of the other fit")
    steady = int((topics["stability"] >= 0.7).sum())
    ax.set_title(f"{steady} of {len(topics)} topics keep 7 or more\nof 10 words with another seed")
    figures.show(
        figure,
        "topics/stability",
        alt="Heat map of the words that come back, topics by seeds. Means over seeds: "
        + "; ".join(f"{r.label}: {10 * r.stability:.1f} of 10" for r in topics.itertuples())
        + ".",
        caption="How many of a topic's ten most probable words are among the ten of its counterpart in a fit from another seed "
        "(topics aligned one to one by shared probability).",
        data=overlap,
    )


def correlation(topics: pd.DataFrame, matrix: np.ndarray) -> None:
    """Show the correlation of topics over documents as a lower triangle."""
    size = len(topics)
    figure, ax = figures.new(max(4.2 + 0.42 * size, 7), 1.6 + 0.36 * size)
    shown = np.where(np.tri(size, k=-1, dtype=bool), matrix, np.nan)
    written = np.vectorize(lambda v: "" if np.isnan(v) else f"{v:.1f}".replace("-0.0", "0.0").replace("0.", "."))(shown)
    _squares(ax, shown, written, "RdBu_r", -0.6, 0.6)
    ax.set_xticks(range(size), topics["topic"])
    ax.set_yticks(range(size), axis_names(topics))
    ax.set_xlabel("Topic")
    pairs = pd.DataFrame(
        [(a, b, matrix[a, b]) for a in range(size) for b in range(a)], columns=["topic_a", "topic_b", "correlation"]
    )
    top = pairs.loc[pairs["correlation"].round(6).idxmax()]
    together = [short(topics["label"].iloc[int(top[end])], 44) for end in ("topic_b", "topic_a")]
    ax.set_title(f"Most often together: “{together[0]}”\nand “{together[1]}” (r = {top['correlation']:.2f})")
    largest = pairs.sort_values("correlation", ascending=False).head(3)
    figures.show(
        figure,
        "topics/correlation",
        alt="Triangle of correlations between topics. The largest: "
        + "; ".join(
            f"{topics.label[r.topic_a]} with {topics.label[r.topic_b]} {r.correlation:.2f}"
            for r in largest.itertuples()
        )
        + ".",
        caption="Pearson correlation over documents of the centred log shares (raw shares sum to 1 and so correlate negatively "
        "by construction). Red: found in the same documents; blue: apart.",
        data=pairs,
    )


def masking(composition: pd.DataFrame) -> None:
    """Show the partners' shares of each topic, names kept beside names masked; `composition` as in `masking`."""
    partners = [code for code in partners_in_order() if code in set(composition["partner"])]
    figure, axes = figures.new(11.5, 1.5 + 0.34 * (composition["topic"].max() + 1), 1, 2)
    for ax, names in zip(axes, ("kept", "masked"), strict=True):
        wide = composition[composition["names"] == names].pivot(
            index=["topic", "words"], columns="partner", values="share"
        )[partners]
        # The most one-sided topics first, ties by number.
        wide = wide.iloc[np.lexsort((np.arange(len(wide)), -np.round(wide.max(axis=1).to_numpy(), 6)))]
        left = np.zeros(len(wide))
        for partner in partners:
            ax.barh(
                range(len(wide)),
                wide[partner],
                left=left,
                color=figures.colour(partner),
                height=0.72,
                edgecolor="white",
            )
            for y, (x, value) in enumerate(zip(left, wide[partner], strict=True)):
                if value >= 0.16:
                    ax.text(x + value / 2, y, partner, ha="center", va="center", color="white", fontsize=8.5, zorder=4)
            left += wide[partner].to_numpy()
        ax.set_yticks(range(len(wide)), [words.replace("_", " ") for _, words in wide.index], fontsize=8.5)
        ax.axvline(1 / len(partners), color="white", linestyle=":", linewidth=1.2, zorder=2)
        ax.axvline(1 - 1 / len(partners), color="white", linestyle=":", linewidth=1.2, zorder=2)
        ax.set_xlim(0, 1)
        ax.invert_yaxis()
        ax.grid(False)
        ax.set_title(f"Names {names}")
        ax.set_xlabel("Share of the topic")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    most = composition.groupby(["names", "topic"])["share"].max().groupby("names").mean()
    figure.suptitle(
        f"The leading partner's share of a topic: {most['kept']:.0%} with names, {most['masked']:.0%} without",
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    figures.show(
        figure,
        "topics/masking",
        alt="Stacked bars of the partners' shares of each topic, with names kept at the left and masked at the right. On average "
        f"the leading partner holds {most['kept']:.0%} of a topic with names kept and {most['masked']:.0%} with names masked; "
        f"equal shares would be {1 / len(partners):.0%}.",
        caption="Each partner's sentences weigh the same in total. Dotted: equal shares. Topics are sorted by how one-sided they "
        "are and named by four FREX words; the two fits have topics of their own.",
        data=composition,
    )


def fields(topics: pd.DataFrame, table: pd.DataFrame) -> None:
    """Show the heat map of coded fields by topics: the topic's share of the field's tokens, in percent."""
    wide = table.pivot(index="field", columns="topic", values="share")
    figure, ax = figures.new(2.6 + 0.62 * wide.shape[1], 2.8 + 0.36 * len(wide))
    values = wide.to_numpy()
    _squares(ax, values, np.vectorize(lambda v: f"{100 * v:.0f}")(values), "Blues", 0, float(values.max()))
    ax.set_xticks(range(wide.shape[1]), axis_names(topics, 32), rotation=40, ha="right", fontsize=9)
    sizes = table.drop_duplicates("field").set_index("field")["tokens"]
    ax.set_yticks(range(len(wide)), [f"{field or 'no field'} (n = {sizes[field]:,})" for field in wide.index])
    top = table.loc[table.groupby("field")["share"].idxmax()]
    leading = top.loc[top["share"].round(6).idxmax()]
    ax.set_title(
        f"No field is one topic: the largest share is {leading['share']:.0%}"
        if leading["share"] < 0.5
        else f"“{leading['field']}” goes to one topic by {leading['share']:.0%}"
    )
    figures.show(
        figure,
        "topics/fields",
        alt="Heat map of topic shares in the sentences of each coded field. The largest in each: "
        + "; ".join(f"{r.field or 'no field'}: {topics.label[r.topic]} {r.share:.0%}" for r in top.itertuples())
        + ".",
        caption="Percent of the field's tokens in each topic; a row sums to 100. n: tokens of the topic vocabulary in the field's "
        "sentences. Fields are coded by attribution from cue words.",
        data=table,
    )
