"""Sums of money in the attributed sentences: how much, from whom, for whom, and how far along.

`money_text` finds the sums; this module reads the roles around each from the syntax near it, with the cues of
`data/reference/money_cues.csv`, and converts to US dollars with yearly rates (`money_rates`). The giver is the party whose
money it is: "US$10 million from China" is China's whatever else the sentence names. The rule that found the giver stands
in `giver_rule`; traded goods, costs without a payer and losses have no giver.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from engagement import project
from engagement.attribution.coding_lexicon import Hit, Matcher, read_cues
from engagement.attribution.money_rates import Rates
from engagement.attribution.money_text import Sum, find

HOME = "KH"
GIVEN = ("grant", "aid", "loan", "debt", "investment", "")
STAGES = ("pledge", "sign", "start", "deliver", "complete", "undone", "")
COLUMNS = [
    "sentence_id",
    "document_id",
    "start",
    "end",
    "surface",
    "value",
    "low",
    "high",
    "currency",
    "bound",
    "restated_value",
    "restated_currency",
    "value_usd",
    "constant_usd",
    "kind",
    "stage",
    "flow",
    "recipient",
    "partner",
    "giver_start",
    "giver_end",
    "giver_rule",
    "shared",
]

_CLAUSE = re.compile(
    r"[;:()]|\s[–—]\s|, (?:while|but|and|with|against|which|after|as|most|of which)\b|\bwhile\b|\bwhereas\b"
)
_FROM = re.compile(
    r"\b(?:from|by|of|courtesy of|thanks to)\s+(?:the\s+|its\s+|his\s+|her\s+|their\s+|a\s+|an\s+|[a-z-]+\s+){0,3}$",
    re.I,
)
_FROM_STRICT = re.compile(r"\b(?:from|by)\s+(?:the\s+|its\s+|[A-Za-z-]+\s+){0,4}$", re.I)
_ADJECTIVE = re.compile(r"^\s*(?:in|of|worth of|worth in)?\s*(?:the\s+|[a-z-]+\s+){0,2}$")
_AID_NOUN = re.compile(
    r"^(?:['’]s)?\s+(?:[a-z-]+\s+){0,3}(?:aid|assistance|loans?|grants?|credits?|fund(?:s|ing)?|money|investments?|donations?|"
    r"help|support|packages?|cash|financing|gifts?|capital|lending|contributions?|taxpayers?|pledges?|commitments?|backing|"
    r"tranche|instal?ments?|injections?|budget|relief|programmes?|programs?|projects?|banks?|firms?|compan(?:y|ies)|investors?)\b"
)
_HEAD = re.compile(
    r"^(?:['’]s?|[a-z])?[^,;:]{0,40}?\b(?:aid|assistance|loans?|grants?|credits?|fund(?:s|ing)?|money|investments?|donations?|gifts?|"
    r"packages?|injections?|contributions?|pledges?|promises?|offers?|support|help|project|line of credit|bill|instal?ments?|financing)"
    r"\s+(?:of|worth|for|totall?ing|amounting to|valued at|put at|met|covers?|covered|came to|reached|exceeded|to|was|is|amounts? to|stood at)?"
    r"[^,;:.]{0,40}$"
)
_OBJECT = re.compile(
    r"\b(?:to|for|in|with|between|against|on|at|into|towards?|of|near|than|about|that|over)\s+(?:the\s+|its\s+|[a-z-]+\s+){0,2}$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Actor:
    """A mention inside a sentence: offsets in the sentence, country or body, kind."""

    start: int
    end: int
    country: str


@dataclass(frozen=True, slots=True)
class Role:
    """The giver read from the syntax: countries, offsets of the wording, the rule."""

    givers: tuple[str, ...]
    start: int
    end: int
    rule: str


NOBODY = Role((), -1, -1, "")


def matcher() -> Matcher:
    """Return the automaton over the cues of money."""
    return Matcher(read_cues(project.reference("money_cues.csv"), "money"))


def _clause(text: str, item: Sum) -> tuple[int, int]:
    """Return the bounds of the clause around a sum, so far as punctuation and conjunctions show it."""
    begin, end = 0, len(text)
    low, high = max(0, item.start - 300), min(len(text), item.end + 300)
    for match in _CLAUSE.finditer(text, low, high):
        if match.end() <= item.start:
            begin = match.end()
        elif match.start() >= item.end:
            end = match.start()
            break
    return begin, end


def nearest(
    hits: Sequence[Hit], item: Sum, bounds: tuple[int, int], others: Sequence[Sum], after: float = 0.7, reach: int = 120
) -> Hit | None:
    """Return the cue nearest to a sum within its clause; distance behind the sum counts `after` times that before it.

    A cue on the far side of another sum belongs to that one and counts three times as far.
    """
    best, best_distance = None, float(reach)
    for hit in hits:
        if hit.start < bounds[0] or hit.end > bounds[1] or hit.start < item.end and hit.end > item.start:
            continue
        distance = (hit.start - item.end) * after if hit.start >= item.end else float(item.start - hit.end)
        low, high = min(hit.start, item.start), max(hit.end, item.end)
        if any(o is not item and o.start >= low and o.end <= high for o in others):
            distance *= 3
        if round(distance, 6) < round(best_distance, 6):
            best, best_distance = hit, distance
    return best


def giver(
    text: str, item: Sum, others: Sequence[Sum], actors: Sequence[Actor], hits: Mapping[str, Sequence[Hit]], kind: str
) -> Role:
    """Return whose money a sum is, by the first rule that holds (see docs/codebook.md, giver)."""
    bounds = _sentence_part(item, others)
    before = [a for a in actors if bounds[0] <= a.start and a.end <= item.start]
    after = [a for a in actors if item.end <= a.start and a.end <= bounds[1]]
    adjective = _adjective(text, item, after)
    if adjective:
        return adjective
    if kind in ("trade", "loss"):
        return NOBODY
    received = _from(text, item, after, 110)
    if received:
        return received
    possessor = _possessor(text, item, before)
    if possessor:
        return possessor
    subject = _subject(text, item, before, hits)
    if subject:
        return subject
    # "From Tokyo came …": a source named before the sum.
    for actor in reversed(before):
        if actor.country != HOME and _FROM_STRICT.search(text[max(0, actor.start - 60) : actor.start]):
            return Role((actor.country,), actor.start, actor.end, "from-before")
    return NOBODY


def _sentence_part(item: Sum, others: Sequence[Sum]) -> tuple[int, int]:
    """Return how far a sum's giver may be sought: the whole sentence before it, up to the next sum behind it."""
    later = [o.start for o in others if o.start >= item.end]
    return 0, min(later) if later else 10**9


def _list_of(text: str, actors: Sequence[Actor], first: Actor) -> tuple[tuple[str, ...], int]:
    """Return the countries of a list beginning at an actor ("Japan and the United States") and its end."""
    codes, end = [first.country], first.end
    for actor in actors:
        if actor.start >= end and re.fullmatch(
            r"(?:['’]s)?,?\s*(?:and|,|&|as well as)\s*(?:the\s+)?", text[end : actor.start]
        ):
            if actor.country not in codes:
                codes.append(actor.country)
            end = actor.end
    return tuple(c for c in codes if c != HOME) or tuple(codes), end


def _adjective(text: str, item: Sum, after: Sequence[Actor]) -> Role | None:
    """ "$10 million in Chinese aid", "an $83 million Japanese loan"."""
    for actor in after[:1]:
        if _ADJECTIVE.match(text[item.end : actor.start]) and _AID_NOUN.match(text[actor.end : actor.end + 60]):
            codes, end = _list_of(text, after, actor)
            return Role(codes, actor.start, end, "adjective")
    return None


def _from(text: str, item: Sum, after: Sequence[Actor], reach: int) -> Role | None:
    """ "$10 million from China", "$10 million lent by Japan"."""
    for actor in after:
        gap = text[item.end : actor.start]
        if len(gap) > reach:
            break
        if _FROM_STRICT.search(gap) and not re.search(
            r"\b(?:imports?|bought|purchases?|visitors|tourists)\s+from\b", gap
        ):
            codes, end = _list_of(text, after, actor)
            return Role(codes, actor.start, end, "from")
    return None


def _possessor(text: str, item: Sum, before: Sequence[Actor]) -> Role | None:
    """ "China's $10 million", "a Japanese grant of $131 million", "a loan from Beijing met $83 million"."""
    for actor in reversed(before[-3:]):
        gap = text[actor.end : item.start]
        if len(gap) > 90:
            break
        if re.fullmatch(r"['’]s?\s+(?:[a-z-]+\s+){0,3}(?:worth\s+)?", gap) or re.fullmatch(r"\s+(?:[a-z]+ly\s+)?", gap):
            return Role((actor.country,), actor.start, actor.end, "possessor")
        if actor.country != HOME and _HEAD.match(gap):
            lead = text[max(0, actor.start - 12) : actor.start].lower()
            if not re.search(r"\b(?:to|for|in)\s+(?:the\s+)?$", lead):
                return Role((actor.country,), actor.start, actor.end, "possessor")
    return None


def _subject(text: str, item: Sum, before: Sequence[Actor], hits: Mapping[str, Sequence[Hit]]) -> Role | None:
    """ "Japan gave Cambodia $10 million"; of "Cambodia received $10 million" the giver is the other party named."""
    verbs = sorted(
        [(h.start, h.end, "give") for h in hits.get("give", ()) if h.end <= item.start]
        + [(h.start, h.end, "receive") for h in hits.get("receive", ()) if h.end <= item.start]
    )
    for start, end, voice in reversed(verbs[-4:]):
        subjects = [a for a in before if a.end <= start and not _OBJECT.search(text[max(0, a.start - 40) : a.start])]
        if not subjects or item.start - end > 140:
            continue
        if voice == "receive":
            others = [a for a in before if a.country != subjects[-1].country and a.country != HOME]
            if subjects[-1].country == HOME and others:
                return Role((others[-1].country,), others[-1].start, others[-1].end, "receiver")
            return None
        near = subjects[-1]
        first = near
        codes, finish = (near.country,), near.end
        for actor in subjects[:-1]:
            listed, stop = _list_of(text, subjects, actor)
            if stop == near.end and len(listed) > 1:
                first, codes, finish = actor, listed, stop
                break
        return Role(codes, first.start, finish, "subject")
    return None


def amounts(
    sentences: pd.DataFrame, mentions: pd.DataFrame, engagements: pd.DataFrame, documents: pd.DataFrame
) -> pd.DataFrame:
    """Return the sums named in the sentences, one row per sum and giver (several givers: `shared`).

    Parameters
    ----------
    sentences : columns sentence_id, document_id, start, text.
    mentions : sentence_id, start, end (in the document's text), country.
    engagements : sentence_id, partner.
    documents : document_id, date.

    Returns
    -------
    Columns `COLUMNS`; offsets in the document's text; `value` in the currency's units (a range's midpoint between `low`
    and `high`); `value_usd` in US dollars at the year's mean rate, `constant_usd` in dollars of the deflator's base year,
    both missing where no rate is known; `partner` is the giver's country code, empty where unknown.
    """
    cues, rates = matcher(), Rates.load()
    years = dict(zip(documents["document_id"], pd.to_datetime(documents["date"]).dt.year, strict=True))
    engaged = engagements.groupby("sentence_id")["partner"].agg(lambda p: tuple(sorted(set(p)))).to_dict()
    chosen = sentences[sentences["text"].str.contains(_MAYBE)]
    named = _actors(mentions[mentions["sentence_id"].isin(chosen["sentence_id"])])
    rows: list[tuple] = []
    columns = (chosen[c] for c in ("sentence_id", "document_id", "start", "text"))
    for sentence_id, document_id, offset, text in zip(*columns, strict=True):
        actors = [Actor(s - offset, e - offset, c) for s, e, c in named.get(sentence_id, ())]
        partners = engaged.get(sentence_id, ())
        countries = {a.country for a in actors}
        sums = find(text, yuan="CN" in countries and "JP" not in countries)
        hits = cues.find(text) if sums else {}
        year = int(years[document_id]) if pd.notna(years[document_id]) else 0
        for item in sums:
            described = _described(text, item, sums, hits)
            role = giver(text, item, sums, actors, hits, described["kind"])
            if not role.givers and described["kind"] in GIVEN and len(partners) == 1:
                role = _by_sentence(partners[0], countries, described)
            rows += _rows(sentence_id, document_id, offset, text, item, described, role, rates, year)
    return pd.DataFrame(rows, columns=COLUMNS)


_MAYBE = re.compile(r"[$¥€£₩฿៛₫₹₽₱₭￥＄￡]|[0-9០-៩][\s-]?[A-Za-z]|\b(?:[A-Z]{3}|dollars?|yen|yuan|won|riels?|baht|euros?|pounds)\b|dollar", re.I)  # fmt: skip


def _by_sentence(partner: str, countries: set[str], described: Mapping[str, str]) -> Role:
    """Return the sentence's one partner as giver where nobody else is named who could be it."""
    if countries - {HOME, partner, ""}:
        return NOBODY
    return Role((partner,), -1, -1, "sentence") if described["kind"] or described["stage"] == "pledge" else NOBODY


def _actors(mentions: pd.DataFrame) -> dict[str, list[tuple[int, int, str]]]:
    named: dict[str, list[tuple[int, int, str]]] = {}
    columns = (mentions[c] for c in ("sentence_id", "start", "end", "country"))
    for sentence_id, start, end, country in zip(*columns, strict=True):
        if country:
            named.setdefault(sentence_id, []).append((start, end, country))
    return {k: sorted(v) for k, v in named.items()}


def _described(text: str, item: Sum, sums: Sequence[Sum], hits: Mapping[str, Sequence[Hit]]) -> dict[str, str]:
    """Return kind, stage, flow and recipient of a sum from the cues around it."""
    bounds = _clause(text, item)
    whole = (0, len(text))

    def value(group: str, after: float = 0.7, reach: int = 120, wide: bool = True) -> str:
        found = nearest(hits.get(group, ()), item, bounds, sums, after, reach)
        if found is None and wide:
            found = nearest(hits.get(group, ()), item, whole, sums, after, reach)
        return found.cue.code if found else ""

    return {
        "kind": value("kind", after=0.5),
        "stage": value("stage", after=2.0),
        "flow": value("flow", after=0.5, reach=60, wide=False) or "single",
        "recipient": "region" if value("region", after=1.0, reach=70, wide=False) else "Cambodia",
    }


def _rows(
    sentence_id: str,
    document_id: str,
    offset: int,
    text: str,
    item: Sum,
    described: Mapping[str, str],
    role: Role,
    rates: Rates,
    year: int,
) -> list[tuple]:
    usd = rates.usd(item.value, item.currency, year)
    constant = rates.constant(usd, year)
    span = (offset + role.start, offset + role.end) if role.start >= 0 else (-1, -1)
    recipient = described["recipient"]
    if role.givers == (HOME,):
        recipient = ""
    return [
        (
            sentence_id,
            document_id,
            offset + item.start,
            offset + item.end,
            text[item.start : item.end],
            item.value,
            item.low,
            item.high,
            item.currency,
            item.bound,
            item.restated_value,
            item.restated_currency,
            usd,
            constant,
            described["kind"],
            described["stage"],
            described["flow"],
            recipient,
            code,
            *span,
            role.rule,
            len(role.givers) > 1,
        )
        for code in (role.givers or ("",))
    ]
