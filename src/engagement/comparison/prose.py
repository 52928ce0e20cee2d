"""Sentences made from the numbers: the answer, the titles of figures and their alternative texts."""

import pandas as pd

from engagement import figures
from engagement.comparison.codes import DAGGER
from engagement.comparison.contrasts import OTHERS
from engagement.comparison.segments import Segments
from engagement.reporting.names import INSTRUMENTS

# Names that take the article in a sentence.
UNITED = ("United ", "Philippines", "Netherlands")


def named(partner: str) -> str:
    """Return a partner's name as it stands inside a sentence: "the United States", "Japan"."""
    name = figures.partner_name(partner)
    return f"the {name}" if name.startswith(UNITED) or name.endswith(" Union") else name


def joined(parts: list[str]) -> str:
    """Return parts as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def called(label: str) -> str:
    """Return a label as it stands in a sentence: one made of several words with commas is quoted."""
    return f"“{label}”" if "," in label else label


def capital(sentence: str) -> str:
    """Return a sentence with a capital letter at its beginning."""
    return sentence[:1].upper() + sentence[1:]


def span(low: float, high: float) -> str:
    """Return an interval of shares in words: "11% to 17%"; "too few documents" if there is none."""
    return "too few documents for an interval" if low != low or high != high else f"{low:.0%} to {high:.0%}"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, without sign."""
    return f"{100 * abs(difference):.0f} points"


def dollars(value: float) -> str:
    """Return a sum in short: $1 m, $2.5 bn; the space does not break."""
    for size, word in ((1e12, "\u00a0tn"), (1e9, "\u00a0bn"), (1e6, "\u00a0m")):
        if value >= size:
            return f"${value / size:.3g}{word}"
    return f"${value:,.0f}"


def basis(segments: Segments) -> dict[str, float | str]:
    """Return what the comparison rests on: sentences, documents, how many name an instrument, and what is resampled."""
    return {
        "sentences": int(segments.sentences["sentence_id"].nunique()),
        "documents": int(segments.frame["document_id"].nunique()),
        "named": float(segments.sentences["instrument"].isin(list(INSTRUMENTS)).mean())
        if len(segments.sentences)
        else 0.0,
        "unit": segments.level,
        "clusters": int(segments.frame["cluster"].nunique()),
    }


def answer(
    levels: pd.DataFrame, marking: pd.DataFrame, differences: pd.DataFrame, partners: list[str], level: float
) -> dict[str, str]:
    """Return the answer as plain text: which instrument marks each partner, by how much, and how sure that is.

    Keys: `answer` (one sentence with numbers), `answer_number` (its shortest form), `answer_figure` (where it is drawn).
    """
    result = {"answer_figure": "comparison/instruments"}
    if differences.empty:
        told = list(dict.fromkeys(levels.loc[levels["total"] > 0, "partner"]))
        only = f"only {joined([named(p) for p in told])}" if told else "no partner"
        text = f"The corpus tells enough about {only}, so there is nothing to compare."
        return result | {"answer": text, "answer_number": "no comparison"}
    if marking.empty:
        text = "No instrument is surely more common with one partner than with the others in this corpus."
        return result | {"answer": text, "answer_number": "no sure difference"}
    shares = levels.set_index(["partner", "instrument"])
    long, short = [], []
    for row in sorted(marking.itertuples(), key=lambda r: partners.index(r.first)):
        own = shares.loc[(row.first, row.instrument)]
        others = f"{max(own.share - row.difference, 0):.0%}"
        said = (
            f"({own.share:.0%}, {span(own.low, own.high)}, against {others})"
            if long
            else f"({own.share:.0%} of its sentences that name an instrument, {level:.0%} interval {span(own.low, own.high)}, against {others} for the "
            "others on average)"
        )
        long.append(f"{row.label} marks {named(row.first)} {said}")
        short.append(f"{figures.partner_name(row.first)}: {row.label} {own.share:.0%}")
    missing = [named(p) for p in partners if p not in set(marking["first"])]
    also = f"; no instrument surely marks {joined(missing)}" if missing else ""
    return result | {"answer": capital(f"{joined(long)}{also}."), "answer_number": " · ".join(short)}


def marking_title(marking: pd.DataFrame, lagging: pd.DataFrame, partners: list[str], kind: str) -> str:
    """Return the title of a figure of shares: which category marks which partner, and what a partner without one lacks."""
    rows = sorted(marking.itertuples(), key=lambda r: partners.index(r.first))
    rare = [r for r in lagging.itertuples() if r.first not in set(marking["first"])]
    lacks = [
        f"{called(r.label)} is rare with {named(r.first)}" for r in sorted(rare, key=lambda r: partners.index(r.first))
    ]
    if not rows:
        return capital(joined([f"no {kind} surely marks a partner", *lacks]))
    first = f"{called(rows[0].label)} marks {named(rows[0].first)}"
    said = joined([first, *(f"{called(r.label)} {named(r.first)}" for r in rows[1:])])
    return capital("; ".join([said, *lacks]))


def levels_alt(levels: pd.DataFrame, most: int = 3) -> str:
    """Return the alternative text of a figure of shares: each partner's largest shares with their intervals."""
    said = []
    for partner, part in levels.groupby("partner", sort=False):
        top = part.assign(rank=-part["share"].round(9)).sort_values(["rank", "label"], kind="stable").head(most)
        rows = [f"{r.label} {r.share:.0%} ({span(r.low, r.high)})" for r in top.itertuples() if r.share == r.share]
        said.append(f"{figures.partner_name(partner)}: {', '.join(rows) or 'nothing'}")
    return f"Dots with intervals. The largest shares: {'; '.join(said)}."


def differences_title(differences: pd.DataFrame) -> str:
    """Return the title of a figure of pairwise differences: how many are sure, and the largest sure one."""
    pairs = differences[differences["second"] != OTHERS]
    sure = pairs[pairs["sure"].astype(bool)]
    counted = f"{len(sure)} of {len(pairs)} differences survive correction"
    if sure.empty:
        return counted
    row = sure.loc[sure["difference"].abs().round(9).idxmax()]
    more, less = (row["first"], row["second"]) if row["difference"] > 0 else (row["second"], row["first"])
    return f"{counted}; the largest: {called(row.label)}, {named(more)} over {named(less)} by {points(row.difference)}"


def differences_alt(differences: pd.DataFrame, most: int = 6) -> str:
    """Return the alternative text of a figure of pairwise differences: the sure ones, largest first."""
    pairs = differences[differences["second"] != OTHERS]
    sure = pairs[pairs["sure"].astype(bool)]
    ranked = sure.assign(rank=-sure["difference"].abs().round(9)).sort_values(["rank", "first", "second", "label"])
    said = [
        f"{r.label}, {named(r.first)} minus {named(r.second)} {100 * r.difference:+.0f} points "
        f"({100 * r.low:+.0f} to {100 * r.high:+.0f}, p {r.p_holm:.2g})"
        for r in ranked.head(most).itertuples()
    ]
    return f"{len(sure)} of {len(pairs)} differences survive Holm's correction{': ' if said else ''}{'; '.join(said)}."


def robustness_title(table: pd.DataFrame) -> str:
    """Return the title of the figure of variants: in how many of them every lead stands."""
    if table.empty:
        return "No lead to check"
    stands = table.groupby("variant")["low"].min() > 0
    if stands.all():
        return f"Every lead stands under all {len(stands)} ways of computing it"
    return f"All leads stand under {int(stands.sum())} of {len(stands)} ways of computing them"


def robustness_alt(table: pd.DataFrame) -> str:
    """Return the alternative text of the figure of variants: the range of each lead."""
    said = [
        f"{figures.partner_name(p)}, {part['label'].iloc[0]}: lead of {100 * part['difference'].min():.0f} to "
        f"{100 * part['difference'].max():.0f} points, lowest lower end {100 * part['low'].min():.0f}"
        for p, part in table.groupby("partner", sort=False)
    ]
    return f"Dots with intervals, one panel per partner, one row per way of computing. {'; '.join(said) or 'none'}."


def years_title(years: pd.DataFrame, partners: list[str]) -> str:
    """Return the title of the figure of years: each partner's share of all documents."""
    total = years.drop_duplicates("year")["documents_of_year"].sum()
    counted = years.groupby("partner", sort=False)["documents"].sum()
    said = [f"{counted.get(p, 0) / max(total, 1):.0%} are about {named(p)}" for p in partners]
    return f"Of {total:,} documents {joined(said)}"


def years_alt(years: pd.DataFrame) -> str:
    """Return the alternative text of the figure of years: each partner's highest and lowest year."""
    said = []
    for partner, part in years.dropna(subset=["share"]).groupby("partner", sort=False):
        order = part.assign(rank=part["share"].round(9)).sort_values(["rank", "year"], kind="stable")
        low, high = order.iloc[0], order.iloc[-1]
        said.append(
            f"{figures.partner_name(partner)} lowest {low.share:.0%} in {low.year}, highest {high.share:.0%} in {high.year} "
            f"(interval {span(high.low, high.high)})"
        )
    return f"One line with interval per partner, by year. {'; '.join(said)}."


def over_time_title(table: pd.DataFrame) -> str:
    """Return the title of the figure of topics over time: the largest move of a stable topic from first to last period."""
    known = table.dropna(subset=["share"]).sort_values(["partner", "topic", "start"], kind="stable")
    stable = known[~known["label"].astype(str).str.endswith(DAGGER)]
    known = known if stable.empty else stable
    ends = known.groupby(["partner", "topic", "label"], as_index=False).agg(
        first=("share", "first"), last=("share", "last"), periods=("share", "size")
    )
    ends = ends[ends["periods"] > 1].reset_index(drop=True)
    if ends.empty:
        return "Too few documents to follow the topics over time"
    row = ends.loc[(ends["last"] - ends["first"]).abs().round(9).idxmax()]
    return (
        f"The largest move from the first to the last period: {called(row.label)} with {named(row.partner)}, "
        f"{row['first']:.0%} to {row['last']:.0%}"
    )


def over_time_alt(table: pd.DataFrame) -> str:
    """Return the alternative text of the figure of topics over time: the largest share of each partner."""
    said = []
    for partner, part in table.dropna(subset=["share"]).groupby("partner", sort=False):
        order = part.assign(rank=-part["share"].round(9)).sort_values(["rank", "start", "topic"], kind="stable")
        row = order.iloc[0]
        said.append(
            f"{figures.partner_name(partner)}: {row.label} {row.share:.0%} in {row.start} to {row.end} "
            f"(interval {span(row.low, row.high)})"
        )
    return (
        f"A panel per topic, a line with intervals per partner. The largest share of each: {'; '.join(said) or 'none'}."
    )


def surest(changes: pd.DataFrame) -> list[str]:
    """Return the sure changes in words, those of instruments and stable topics first, then by p-value."""
    sure = changes[changes["sure"].astype(bool)]
    order = sure.assign(shaky=sure["label"].astype(str).str.endswith(DAGGER))
    return [
        f"{called(r.label)} with {named(r.partner)} {'up' if r.difference > 0 else 'down'} from {r.year}"
        for r in order.sort_values(["shaky", "p", "partner", "category"], kind="stable").itertuples()
    ]


def since(changes: pd.DataFrame) -> str:
    """Return in a sentence since when shares have changed: the first sure change with its numbers."""
    sure = changes[changes["sure"].astype(bool)]
    if sure.empty:
        return f"Of {len(changes)} shares followed over the years, none surely changes."
    order = sure.assign(shaky=sure["label"].astype(str).str.endswith(DAGGER))
    row = order.sort_values(["shaky", "p", "partner", "category"], kind="stable").iloc[0]
    return (
        f"Of {len(changes)} shares followed over the years, {len(sure)} surely {'changes' if len(sure) == 1 else 'change'}; first "
        f"{called(row.label)} with {named(row.partner)}, from {row.before:.0%} before {row.year} to {row.after:.0%} since "
        f"({row.year_low} to {row.year_high} are plausible years)."
    )


def changes_title(changes: pd.DataFrame) -> str:
    """Return the title of the figure of changes: how many are sure, and which."""
    said = surest(changes)
    if not said:
        return f"None of {len(changes)} shares changes surely between two stretches of years"
    counted = f"{len(said)} of {len(changes)} shares {'changes' if len(said) == 1 else 'change'} surely"
    return f"{counted}, {'among them ' if len(said) > 2 else ''}{joined(said[:2])}"


def changes_alt(changes: pd.DataFrame) -> str:
    """Return the alternative text of the figure of changes: the three with the smallest p-values."""
    rows = changes.sort_values(["p", "partner", "category"], kind="stable").head(3).itertuples()
    said = [
        f"{figures.partner_name(r.partner)}, {r.label}: {r.before:.0%} before {r.year}, {r.after:.0%} since "
        f"(year between {r.year_low} and {r.year_high}, corrected p {r.p_holm:.2g})"
        for r in rows
    ]
    return f"Years of change with intervals, strongest first. {'; '.join(said)}."


def stance_title(stances: pd.DataFrame) -> str:
    """Return the title of the figure of stance: the partners with most and least conflictual sentences."""
    told = stances[(stances["stance"] == -1) & stances["share"].notna()]
    if told.empty:
        return "No stance to compare"
    order = told.assign(rank=told["share"].round(9)).sort_values(["rank", "partner"], kind="stable")
    low, high = order.iloc[0], order.iloc[-1]
    if len(order) == 1:
        return f"{high.share:.0%} of the sentences on {named(high.partner)} are conflictual"
    return f"{high.share:.0%} of the sentences on {named(high.partner)} are conflictual, {low.share:.0%} on {named(low.partner)}"


def keyness_title(terms: pd.DataFrame, partners: list[str], most: int = 3) -> str:
    """Return the title of the figure of key terms: each partner's first ones."""
    said = []
    for partner in partners:
        words = terms.loc[terms["partner"] == partner, "term"].head(most).str.replace("_", " ")
        if len(words):
            said.append(f"{figures.partner_name(partner)}: {', '.join(words)}")
    return f"Words that mark a partner. {' · '.join(said)}" if said else "No word surely marks a partner"


def keyness_alt(terms: pd.DataFrame) -> str:
    """Return the alternative text of the figure of key terms."""
    said = [
        f"{figures.partner_name(p)}: "
        + ", ".join(
            f"{r.term.replace('_', ' ')} {r.log_odds:.1f} ({r.low:.1f} to {r.high:.1f})" for r in part.itertuples()
        )
        for p, part in terms.groupby("partner", sort=False)
    ]
    return f"Log-odds with intervals, one panel per partner. {'; '.join(said) or 'No term is sure'}."


def timeline_title(timeline: pd.DataFrame, partners: list[str]) -> str:
    """Return the title of the timeline: occasions by partner."""
    counted = [f"{named(p)} on {int((timeline['partner'] == p).sum())}" for p in partners]
    return f"Leaders or ministers appear in elite diplomacy: {joined(counted)} occasions"


def timeline_alt(timeline: pd.DataFrame, partners: list[str]) -> str:
    """Return the alternative text of the timeline: counts by level and the busiest year of each partner."""
    said = []
    for partner in partners:
        part = timeline[timeline["partner"] == partner]
        if part.empty:
            said.append(f"{figures.partner_name(partner)}: none")
            continue
        busiest = part["date"].dt.year.value_counts().sort_index().idxmax()
        heads = int((part["level"] == "L1").sum())
        said.append(
            f"{figures.partner_name(partner)}: {len(part)} occasions, {heads} with a head of state or government, "
            f"most in {busiest}"
        )
    return f"Dated marks, one lane per partner. {'; '.join(said)}."


def amounts_title(totals: pd.DataFrame, partners: list[str]) -> str:
    """Return the title of the figure of sums: the median pledge of each partner."""
    rows = totals[(totals["phase"] == "pledged") & (totals["amounts"] > 0)]
    median = rows.set_index("partner")["median_usd"]
    said = [f"{named(p)} {dollars(median[p])}" for p in partners if p in median]
    return f"The median sum pledged or signed: {joined(said)}" if said else "No sum of money names a partner as giver"


def amounts_alt(totals: pd.DataFrame) -> str:
    """Return the alternative text of the figure of sums."""
    said = [
        f"{figures.partner_name(r.partner)} {r.phase}: {r.amounts} sums, median {dollars(r.median_usd)}"
        + (f" ({dollars(r.low)} to {dollars(r.high)})" if r.low == r.low else "")
        for r in totals[totals["amounts"] > 0].itertuples()
    ]
    return f"Sums on a logarithmic axis with medians. {'; '.join(said) or 'none'}."
