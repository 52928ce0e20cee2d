"""The figures of the cleaning stage."""

import pandas as pd

from engagement import figures
from engagement.figures.style import BLACK, GREY, ORANGE, SKY


def flow(steps: pd.DataFrame) -> None:
    """Show how many tokens each step of the cleaning leaves, with the documents and sentences still in play."""
    figure, axes = figures.new(8.0, 3.8)
    places = range(len(steps))
    first, last = steps.iloc[0], steps.iloc[-1]
    axes.barh(places, steps["tokens"], color=[*[SKY] * (len(steps) - 1), GREY], height=0.7)
    for place, step in zip(places, steps.itertuples(), strict=True):
        axes.annotate(
            f"{step.tokens:,}", (step.tokens, place), (5, 0), textcoords="offset points", va="center", fontsize=10
        )
    words = [f"{step.sentences:,} sent. · {step.documents:,} doc." for step in steps.itertuples()]
    for place, word in zip(places, words, strict=True):
        axes.annotate(word, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    axes.set_yticks(places, steps["step"], fontsize=10)
    axes.invert_yaxis()
    axes.set(xlabel="tokens left", xlim=(0, first.tokens * 1.22))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_title(f"Topics are made from {last.tokens / first.tokens:.0%} of the tokens")
    axes.grid(axis="y", visible=False)
    axes.set_axisbelow(True)
    left = "; ".join(f"{s.step}: {s.tokens} tokens, {s.documents} documents" for s in steps.itertuples())
    figures.show(
        figure,
        "cleaning/flow",
        alt=f"Bar chart of the tokens left after each step. {left}.",
        caption="What each step leaves: tokens (bars), sentences and documents with at least one token left (right). "
        "The attribution reads whole sentences; only the topics are made from what the last step leaves.",
        data=steps,
    )


def curve(costs: pd.DataFrame, chosen: int) -> None:
    """Show what share of terms, tokens and documents each threshold for rare terms keeps, the chosen one marked."""
    whole = costs.iloc[0]
    shares = costs[["terms", "tokens", "documents"]] / whole[["terms", "tokens", "documents"]]
    row = costs.set_index("min_documents").loc[chosen]
    figure, axes = figures.new(7.5, 4.0)
    looks = {"documents": (GREY, "s"), "tokens": (BLACK, "o"), "terms": (ORANGE, "^")}
    for name, (colour, marker) in looks.items():
        axes.plot(costs["min_documents"], shares[name], color=colour, marker=marker, markersize=4)
        axes.annotate(
            name,
            (costs["min_documents"].iloc[-1], shares[name].iloc[-1]),
            (6, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            annotation_clip=False,
        )
    axes.axvline(chosen, color="black", linewidth=1, linestyle="--")
    axes.annotate(f"chosen: {chosen}", (chosen, 0.5), (5, 0), textcoords="offset points", fontsize=10)
    axes.set(xlabel="a term must occur in at least … documents", ylabel="share left", ylim=(0, 1.05))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlim(costs["min_documents"].iloc[0] - 0.3, costs["min_documents"].iloc[-1] + 0.3)
    axes.set_xticks([1, *range(5, costs["min_documents"].iloc[-1] + 1, 5)])
    axes.set_title(f"{row.terms / whole.terms:.0%} of the terms carry {row.tokens / whole.tokens:.0%} of the tokens")
    figures.show(
        figure,
        "cleaning/curve",
        alt=f"Lines of the share of documents, tokens and terms left by the threshold for rare terms. At {chosen} "
        f"documents {row.terms} of {whole.terms} terms, {row.tokens} of {whole.tokens} tokens and {row.documents} of "
        f"{whole.documents} documents are left; at {costs['min_documents'].iloc[-1]}, {costs['terms'].iloc[-1]} terms and "
        f"{costs['tokens'].iloc[-1]} tokens.",
        caption="What leaving out rare terms costs, as shares of what a threshold of 1 leaves; ubiquitous terms are left "
        "out throughout.",
        data=costs,
    )


def lengths(sentences: pd.DataFrame, tokens: pd.DataFrame) -> None:
    """Show how long the sentences are, in tokens."""
    counts = tokens.groupby("sentence_id").size().reindex(sentences["sentence_id"], fill_value=0)
    bins = counts.clip(upper=60).value_counts().sort_index().rename_axis("tokens").rename("sentences").reset_index()
    figure, axes = figures.new(7.5, 3.2)
    axes.bar(bins["tokens"], bins["sentences"], color=SKY, width=0.8)
    axes.axvline(counts.median(), color="black", linewidth=1, linestyle="--")
    axes.annotate(
        f"median {counts.median():g}",
        (counts.median(), axes.get_ylim()[1] * 0.93),
        (5, 0),
        textcoords="offset points",
        fontsize=10,
    )
    longest = "60 stands for 60 or more" if (counts > 60).any() else f"longest {counts.max()}"
    axes.set(xlabel=f"tokens in the sentence ({longest})", ylabel="sentences")
    axes.set_title(f"Half of the sentences have {counts.quantile(0.25):g} to {counts.quantile(0.75):g} tokens")
    axes.grid(axis="x", visible=False)
    axes.set_axisbelow(True)
    figures.show(
        figure,
        "cleaning/lengths",
        alt=f"Histogram of tokens per sentence: median {counts.median():g}, half of the sentences have "
        f"{counts.quantile(0.25):g} to {counts.quantile(0.75):g}, the longest {counts.max()}; "
        f"{(counts < 4).sum()} have fewer than 4, {(counts >= 60).sum()} have 60 or more.",
        caption=f"Sentences by number of tokens, n = {len(counts)}. A heap at the left would point to headlines and "
        "remains of web pages, a tail at the right to sentence ends that were missed.",
        data=bins,
    )
