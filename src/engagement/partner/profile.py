"""What marks one partner, and who speaks for it."""

import pandas as pd

from engagement.comparison import OTHERS, Segments
from engagement.comparison.prose import called, capital, joined, named, span


def beside_others(partner: str, measured: dict[str, tuple[pd.DataFrame, pd.DataFrame]]) -> pd.DataFrame:
    """Return a partner's shares beside the mean of the other partners', as the comparison found them.

    Parameters
    ----------
    measured : by kind (instrument, field, topic), the comparison's tables of shares and of differences.

    Returns
    -------
    kind, category, label, amount, documents, share, low, high, others, difference, difference_low, difference_high, sure,
    evidence; without a comparison `others` and the differences are empty and nothing is sure.
    """
    parts = []
    for kind, (levels, differences) in measured.items():
        own = levels[levels["partner"] == partner].rename(columns={kind: "category"})
        against = differences[(differences["first"] == partner) & (differences["second"] == OTHERS)]
        against = against.rename(columns={kind: "category", "low": "difference_low", "high": "difference_high"})
        wanted = ["category", "difference", "difference_low", "difference_high", "sure"]
        part = own.merge(against[wanted], on="category", how="left")
        part["sure"] = part["sure"].eq(True)
        part["others"] = (part["share"] - part["difference"]).clip(lower=0)
        parts.append(part.assign(kind=kind, category=part["category"].astype(str)))
    names = ["kind", "category", "label", "amount", "documents", "share", "low", "high", "others", *wanted[1:]]
    return pd.concat(parts, ignore_index=True)[[*names, "evidence"]]


def people(segments: Segments, mentions: pd.DataFrame, partner: str) -> pd.DataFrame:
    """Return the persons of the partner's own country named in sentences on it.

    Columns: name, level (the highest held when named), roles (in order of time), documents, sentences, first, last (years).
    """
    own = segments.sentences[segments.sentences["partner"] == partner]
    persons = mentions[(mentions["kind"] == "person") & (mentions["country"] == partner) & (mentions["name"] != "")]
    named_in = own[["sentence_id", "document_id", "year", "document_date"]].merge(
        persons[["sentence_id", "name", "level", "role"]], on="sentence_id"
    )
    named_in["level"] = named_in["level"].replace("", "L4")
    found = named_in.groupby("name", as_index=False).agg(
        level=("level", "min"),
        documents=("document_id", "nunique"),
        sentences=("sentence_id", "nunique"),
        first=("year", "min"),
        last=("year", "max"),
    )
    spoken = named_in[named_in["role"] != ""].sort_values(["document_date", "sentence_id"], kind="stable")
    roles = spoken.drop_duplicates(["name", "role"]).groupby("name")["role"].agg("; ".join)
    found["roles"] = found["name"].map(roles).fillna("")
    return found[["name", "level", "roles", "documents", "sentences", "first", "last"]]


def answer(partner: str, profile: pd.DataFrame, segments: Segments) -> dict[str, object]:
    """Return the partner's answer: its sizes, its commonest instrument, and what surely marks it.

    Keys: sentences, documents, answer (plain text).
    """
    own = segments.sentences[segments.sentences["partner"] == partner]
    sizes = {"sentences": len(own), "documents": int(own["document_id"].nunique())}
    told = profile[(profile["kind"] == "instrument") & profile["share"].notna()]
    if told.empty:
        return sizes | {"answer": f"Nothing in this corpus tells how {named(partner)} engages."}
    ranked = told.assign(rank=-told["share"].round(9)).sort_values(["rank", "category"], kind="stable")
    top = ranked.iloc[0]
    text = f"Most sentences on {named(partner)} are about {top.label} ({top.share:.0%}, interval {span(top.low, top.high)})"
    marks = [marked(profile, kind) for kind in ("instrument", "field", "topic")]
    said = joined([m for m in marks if m])
    beside = f"; beside the others it is marked by {said}" if said else "; nothing marks it surely beside the others"
    return sizes | {"answer": capital(f"{text}{beside}.")}


def marked(profile: pd.DataFrame, kind: str) -> str:
    """Return in words the largest sure lead over the others of one kind; empty if there is none."""
    sure = profile[(profile["kind"] == kind) & profile["sure"] & (profile["difference_low"] > 0)]
    if sure.empty:
        return ""
    row = sure.assign(rank=-sure["difference"].round(9)).sort_values(["rank", "category"], kind="stable").iloc[0]
    return f"the {kind} {called(row.label)} ({row.share:.0%} against {row.others:.0%})"


def title(partner: str, profile: pd.DataFrame, kind: str) -> str:
    """Return the title of a figure of shares beside the others."""
    said = marked(profile, kind)
    if said:
        return capital(f"{named(partner)} is marked by {said}")
    told = profile[(profile["kind"] == kind) & profile["share"].notna()]
    if told.empty:
        return capital(f"{named(partner)}: no {kind} is told")
    row = told.assign(rank=-told["share"].round(9)).sort_values(["rank", "category"], kind="stable").iloc[0]
    return capital(f"no {kind} surely marks {named(partner)}; the commonest is {called(row.label)} ({row.share:.0%})")


def alt(partner: str, profile: pd.DataFrame, kind: str, most: int = 5) -> str:
    """Return the alternative text of a figure of shares beside the others: the largest shares."""
    told = profile[(profile["kind"] == kind) & profile["share"].notna()]
    ranked = told.assign(rank=-told["share"].round(9)).sort_values(["rank", "category"], kind="stable").head(most)
    said = [
        f"{r.label} {r.share:.0%} ({span(r.low, r.high)})"
        + (f", the others {r.others:.0%}" if r.others == r.others else "")
        for r in ranked.itertuples()
    ]
    return f"Dots with intervals beside the mean of the others. {capital(named(partner))}: {'; '.join(said) or 'nothing told'}."


def most_named(people: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the persons named in most documents (ties: most sentences, then by name)."""
    order = people.assign(d=-people["documents"], s=-people["sentences"]).sort_values(["d", "s", "name"], kind="stable")
    return order.drop(columns=["d", "s"]).head(count)
