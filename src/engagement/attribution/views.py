"""What notebook 03 shows: rules per partner, the unresolved share, the commonest actors, sentences with their spans."""

import hashlib
from collections.abc import Sequence
from html import escape

import pandas as pd
from IPython.display import HTML, display

from engagement import figures
from engagement.attribution.carrying import NO_RULE
from engagement.attribution.reference import CONFIDENCE
from engagement.reporting.display import dated, excerpt, web_link

CARRIED = [*CONFIDENCE, NO_RULE]  # rules of sentences that do not name the partner


def numbers(sentences: pd.DataFrame, mentions: pd.DataFrame, engagements: pd.DataFrame) -> dict[str, float]:
    """Return the stage's headline numbers: sentences, those attributed, named or carried over, and the unresolved share."""
    outside = mentions[mentions["country"] != "KH"]
    carried = engagements["rule"].isin(CARRIED)
    attributed = engagements["sentence_id"].nunique()
    return {
        "sentences": len(sentences),
        "mentions": len(mentions),
        "engagements": len(engagements),
        "sentences_attributed": attributed,
        "share_attributed": attributed / max(len(sentences), 1),
        "share_carried": float(carried.mean()) if len(engagements) else 0.0,
        "unresolved": int((outside["rule"] == "unresolved").sum()),
        "share_unresolved": float((outside["rule"] == "unresolved").mean()) if len(outside) else 0.0,
    }


def by_rule(engagements: pd.DataFrame, partners: Sequence[str]) -> pd.DataFrame:
    """Return sentences per rule (rows, commonest first) and partner (columns), with `carried` telling the two sorts apart."""
    counts = pd.crosstab(engagements["rule"], engagements["partner"]).reindex(columns=list(partners), fill_value=0)
    counts = counts.assign(total=counts.sum(axis=1), carried=counts.index.isin(CARRIED)).reset_index()
    return counts.sort_values(["total", "rule"], ascending=[False, True], ignore_index=True)


def rules(engagements: pd.DataFrame, partners: Sequence[str]) -> None:
    """Show which rules attribute how many sentences to each partner."""
    counts = by_rule(engagements, partners)
    figure, axes = figures.new(7.5, 0.8 + 0.34 * len(counts))
    rows = range(len(counts), 0, -1)
    axes.hlines(
        rows, counts[list(partners)].min(axis=1), counts[list(partners)].max(axis=1), color="#BBBBBB", linewidth=1
    )
    for partner in partners:
        axes.plot(
            counts[partner],
            rows,
            linestyle="",
            marker=figures.marker(partner),
            color=figures.colour(partner),
            label=figures.partner_name(partner),
        )
    names = [
        f"{rule} (carried)" if carried else rule
        for rule, carried in zip(counts["rule"], counts["carried"], strict=True)
    ]
    axes.set_yticks(list(rows), names)
    share = counts.loc[counts["carried"], "total"].sum() / counts["total"].sum()
    axes.set(xlabel="sentences", xlim=(0, None))
    figure.suptitle(
        f"{share:.0%} of attributions rest on what a sentence refers to, not on a name",
        x=0.01,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    axes.legend(loc="lower right")
    listed = "; ".join(
        f"{row['rule']}: " + ", ".join(f"{p} {row[p]}" for p in partners) for row in counts.to_dict("records")
    )
    figures.show(
        figure,
        "attribution/rules",
        alt=f"Dot plot of sentences per rule and partner. {listed}.",
        caption=f"Sentences attributed to each partner by the rule that did it, n = {counts['total'].sum()} sentence–partner pairs.",
        data=counts,
    )


def by_year(
    mentions: pd.DataFrame, sentences: pd.DataFrame, engagements: pd.DataFrame, documents: pd.DataFrame
) -> pd.DataFrame:
    """Return per year: sentences, shares of them naming a partner, carried over, and referring to somebody unresolved."""
    years = documents.set_index("document_id")["date"].dt.year
    frame = pd.DataFrame({"year": sentences["document_id"].map(years), "sentence_id": sentences["sentence_id"]})
    carried = engagements["rule"].isin(CARRIED)
    frame["named"] = frame["sentence_id"].isin(engagements.loc[~carried, "sentence_id"])
    frame["carried"] = frame["sentence_id"].isin(engagements.loc[carried, "sentence_id"]) & ~frame["named"]
    frame["unresolved"] = frame["sentence_id"].isin(mentions.loc[mentions["rule"] == "unresolved", "sentence_id"])
    grouped = frame.groupby("year")
    return grouped[["named", "carried", "unresolved"]].mean().assign(sentences=grouped.size()).reset_index()


def years(mentions: pd.DataFrame, sentences: pd.DataFrame, engagements: pd.DataFrame, documents: pd.DataFrame) -> None:
    """Show, per year, how many sentences name a partner, refer to one, or stay unresolved."""
    table = by_year(mentions, sentences, engagements, documents)
    figure, axes = figures.new(7.5, 3.8)
    for column, colour, marker, label in (
        ("named", "#0072B2", "o", "a partner named"),
        ("carried", "#E69F00", "s", "referred to only"),
        ("unresolved", "#6B6B6B", "^", "unresolved"),
    ):
        axes.plot(table["year"], table[column], color=colour, marker=marker)
        axes.annotate(
            label,
            (table["year"].iloc[-1], table[column].iloc[-1]),
            (8, 6 if column == "unresolved" else 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontsize=10,
        )
    axes.set(ylim=(-0.02, 0.8), xlabel="year of the event", ylabel="share of sentences")
    axes.set_xlim(
        table["year"].min() - 0.5, table["year"].max() + (table["year"].max() - table["year"].min() + 1) * 0.28
    )
    axes.set_xticks(list(table["year"]), [f"’{y % 100:02d}" for y in table["year"]])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    low, high = table["named"].min(), table["named"].max()
    axes.set_title(f"{low:.0%} to {high:.0%} of sentences name a partner, depending on the year")
    listed = "; ".join(
        f"{r.year}: {r.named:.0%} named, {r.carried:.0%} referred to, {r.unresolved:.1%} unresolved"
        for r in table.itertuples()
    )
    figures.show(
        figure,
        "attribution/years",
        alt=f"Line chart of shares of sentences per year. {listed}.",
        caption=f"Shares of all {table['sentences'].sum()} sentences by year of the event; what is missing to 100% is about no partner.",
        data=table,
    )


def commonest(mentions: pd.DataFrame, partner: str, most: int = 12) -> pd.DataFrame:
    """Return a partner's actors mentioned most: name, kind, mentions, documents; bare country names left out."""
    chosen = mentions[(mentions["country"] == partner) & (mentions["kind"] != "country")]
    grouped = chosen.groupby(["name", "kind"])
    counts = grouped.size().rename("mentions").reset_index()
    counts["documents"] = grouped["document_id"].nunique().to_numpy()
    return counts.sort_values(["mentions", "name"], ascending=[False, True], ignore_index=True).head(most)


def unresolved(mentions: pd.DataFrame, most: int = 15) -> pd.DataFrame:
    """Return the commonest surfaces that no rule settled: surface, mentions, documents."""
    grouped = mentions[mentions["rule"] == "unresolved"].groupby("surface")
    counts = grouped.size().rename("mentions").reset_index()
    counts["documents"] = grouped["document_id"].nunique().to_numpy()
    return counts.sort_values(["mentions", "surface"], ascending=[False, True], ignore_index=True).head(most)


def drawn(engagements: pd.DataFrame, n: int, seed: int) -> list[str]:
    """Return `n` sentence ids in an order fixed by the seed and the id alone."""
    ids = sorted(set(engagements["sentence_id"]))
    return sorted(ids, key=lambda i: hashlib.sha256(f"{seed} {i}".encode()).hexdigest())[:n]


def marked(text: str, offset: int, spans: Sequence[tuple[int, int, str, str]]) -> str:
    """Return a text as HTML with its spans marked; everything from the text is escaped.

    `spans` are (start, end, country, rule) with offsets in the document; `offset` is the text's own start there.
    """
    out, at = [], 0
    for start, end, country, rule in sorted(spans):
        start, end = start - offset, end - offset
        if at <= start < end <= len(text):
            colour = figures.colour(country)
            out.append(
                f'{escape(text[at:start])}<mark style="background:none;border-bottom:3px solid {colour}" '
                f'title="{escape(rule)}">{escape(text[start:end])}<sub style="color:{colour}">{escape(country or "?")}</sub></mark>'
            )
            at = end
    return "".join(out) + escape(text[at:])


def sample(
    ids: Sequence[str],
    sentences: pd.DataFrame,
    mentions: pd.DataFrame,
    engagements: pd.DataFrame,
    documents: pd.DataFrame,
) -> None:
    """Display sentences with their spans marked, and under each what it was attributed to, by which rule, how surely."""
    told = sentences.set_index("sentence_id").loc[list(ids)].reset_index()
    told = told.merge(
        documents[["document_id", "date", "date_precision", "outlet", "url", "licence"]], on="document_id"
    )
    spans = {
        i: list(zip(g["start"], g["end"], g["country"], g["rule"], strict=True))
        for i, g in mentions[mentions["sentence_id"].isin(ids)].groupby("sentence_id")
    }
    results = {
        i: "; ".join(
            f"{figures.partner_name(r.partner)}: {r.rule} ({r.confidence:.2f}) · {r.instrument} · {r.event}"
            for r in g.itertuples()
        )
        for i, g in engagements[engagements["sentence_id"].isin(ids)].groupby("sentence_id")
    }
    display(
        HTML(
            "".join(
                f"<blockquote><p>{marked(excerpt(s.text, s.licence), s.start, spans.get(s.sentence_id, []))}</p>"
                f"<p><b>{escape(results.get(s.sentence_id, 'no partner'))}</b></p>"
                f"<p><cite>{dated(s.date, s.date_precision)} · {escape(s.outlet)} · {web_link(s.url)} · "
                f"<code>{escape(s.sentence_id)}</code></cite></p></blockquote>\n"
                for s in told.itertuples()
            )
        )
    )


def doubtful(sentences: pd.DataFrame, engagements: pd.DataFrame, n: int, seed: int) -> list[str]:
    """Return `n` sentences to distrust most: attributed with low confidence, drawn by the seed among the lowest tenth."""
    surest = engagements.groupby("sentence_id")["confidence"].max()
    lowest = surest[surest <= surest.quantile(0.1)]
    return drawn(engagements[engagements["sentence_id"].isin(lowest.index)], n, seed)
