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
    r"[;:()]|\s[–—]\s|(?:,|;) (?:while|but|yet|and|with|against|which|after|as|most|of which)\b|\bwhile\b|\bwhereas\b"
)
# "from China", "lent by its Japanese partner", "met with a Japanese loan", "came out of Cambodia's own budget"
_GAVE = (
    r"(?:given|lent|provided|donated|paid|paying|funded|financed|pledged|offered|promised|supplied|contributed|granted|put up|committed|spent|"
    r"approved|announced|extended|supported|invested|backed|awarded|delivered|signed|released|set aside|earmarked|covered|met|borne|"
    r"handed over|made available|sponsored|allocated|injected|disbursed|concluded)"
)
_FROM = re.compile(
    rf"(?:\bfrom\s+(?:the\s+|its\s+|[A-Za-z-]+\s+){{0,4}}|^\s*by\s+(?:the\s+)?|\b{_GAVE}\s+(?:[a-z]+\s+){{0,4}}?by\s+(?:the\s+|its\s+|[A-Za-z-]+\s+){{0,4}}"
    r"|\b(?:met|paid|financed|covered|funded)\s+(?:with|through|out of)\s+(?:an?\s+)?|\bout of\s+)$",
    re.I,
)
_THAT = re.compile(r"\b(?:that|which)\s+(?:the\s+)?(?:[A-Z][a-z]+\s+){0,3}$")
_GIVES = re.compile(
    r"^\s+(?:has |had |have |will |would |is |was )?(?:also |recently |already |now )?(?:promis|pledg|g[ai]v|grant|offer|announc|approv|provid|suppl|"
    r"donat|len[dt]|commit|earmark|set aside|put|financ|fund|pa(?:id|ying|ys)|spen[dt]|agreed|invest|contribut)"
)
_BUDGET = re.compile(r"^['’]?s?\s+(?:own |national |state )?(?:budget|treasury|coffers|government|ministry)")
_IMPORTED = re.compile(r"\b(?:imports?|bought|purchases?|visitors|tourists|arrivals|goods)\s+from\b", re.I)
_BETWEEN_SUM_AND_ADJECTIVE = re.compile(r"^\s*(?:in|of|worth of|worth in)?\s*(?:the\s+|[a-z-]+\s+){0,2}$")
_GIVEN_NOUNS = (
    r"(?:aid|assistance|loans?|grants?|credits?|fund(?:s|ing)?|money|investments?|donations?|gifts?|help|support|packages?|cash|"
    r"financing|capital|lending|contributions?|taxpayers?|pledges?|promises?|offers?|commitments?|backing|tranche|instal?ments?|"
    r"injections?|donors?|budget|relief|programmes?|programs?|projects?|lines? of credit|bill|outlays?|gear|hand-?outs?|subsid(?:y|ies))"
)
_NOUN_BEHIND = re.compile(
    rf"^(?:['’]s)?\s+(?:[a-z-]+\s+){{0,3}}(?:{_GIVEN_NOUNS}|banks?|firms?|compan(?:y|ies)|investors?)\b"
)
_OWNED = re.compile(r"^['’]s?\s+(?:[a-z-]+\s+){0,6}$")
_OWNED_AT_HOME = re.compile(r"^['’]s?\s+(?:[a-z-]+\s+)?$")
_ADJECTIVE = re.compile(r"^\s+(?:[a-z]+ly\s+)?$")
_DEMONYM = re.compile(r"(?:ese|ian|ean|can|ish|ch|US|U\.S\.|American|German|Thai|Dutch|Swiss)$")
_HEADED = re.compile(
    rf"^(?:['’]s?)?[^,;:]{{0,40}}?\b{_GIVEN_NOUNS}\b(?:\s+(?:of|worth|for|totall?ing|amounting|valued|put|met|covers?|covered|came|reached|"
    r"exceeded|has exceeded|to|was|is|amounts?|amounted|stood|at))*[^,;:.]{0,30}$"
)
_TO = re.compile(r"\b(?:to|for|in)\s+(?:the\s+)?$", re.I)
_COSTS = re.compile(r"\bcost(?:s|ing)?\s+(?:the\s+)?$")
_FROM_WHICH = re.compile(r"^,?\s+from (?:which|whom)\b[^,;:.]{0,40}$")
_WHOLE = re.compile(r"\b(?:of|out of)\s+(?:the|a|an|its|that)\s+(?:about |some |nearly )?$")
_PART = re.compile(r"\b(?:third|half|quarter|percent|per cent|part|share|most)\s+of\b[^.;,]{0,60}$")
_BE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+\s+)?$")
_WITH = re.compile(r"\bwith\s+(?:about |around |some |nearly |almost |over |more than )?$")
_BODY_IN = re.compile(r"\b(?:ministry|government|authorities|cabinet|officials|council)\s+in\s+$", re.I)
_APPOSED = re.compile(r",\s+(?:an?|the|its)\s+$")  # ", a $3.8 billion scheme" describes what stands before the comma
_OWN_CURRENCY = {"JPY": "JP", "CNY": "CN", "AUD": "AU", "KRW": "KR", "GBP": "GB", "THB": "TH", "VND": "VN", "INR": "IN"}
_GAPPED = re.compile(r"\b(?:and|while|,)\s+(?:the\s+)?$")
_OBJECT = re.compile(
    r"\b(?:[Tt]o|[Ff]or|[Ii]n|[Ww]ith|[Bb]etween|[Aa]gainst|[Oo]n|[Aa]t|[Ii]nto|[Tt]owards?|near|as)\s+(?:the\s+|its\s+|[a-z-]+\s+){0,2}$"
)
# ", and" may begin another clause unless a list is under way.
_AND = re.compile(r"(?:['’]s)?(?:\s+(?:and|&|as well as)\s+|,\s+)(?:the\s+)?")
_AND_TOO = re.compile(r"(?:['’]s)?(?:,?\s+(?:and|&|as well as)\s+|,\s+)(?:the\s+)?")
_MANY = re.compile(
    r"\b[Dd]onors\b|\boverall total\b|\bforeign (?:help|aid|assistance|donors)\b|\bWestern (?:states|governments|countries)\b"
)
_GETS = re.compile(r"^[^,;.]{0,45}\b(?:gets?|got|receiv\w+|won|secured|obtained)\b")
_HIS_GOVERNMENT = re.compile(r"\b(?:his|her|its|their|whose) (?:government|country|ministry)\s+$")
_UNIT = re.compile(
    r"^\s*(?:per\s+(?!year|month|annum)|apiece\b|each\b(?! (?:way|year))|an? (?:hectare|tonne|ton|kilo\w*|barrel|person|head|ticket|hour|square|"
    r"unit|piece|lit(?:re|er)|visitor|night|bag|kwh)\b)",
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
WHOLE = Role((), -1, -1, "whole")  # a total that the text splits up; nobody gives it alone


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
    """Return whose money a sum is, by the first rule that holds (docs/codebook.md: giver)."""
    later = [o.start for o in others if o.start >= item.end]
    before = [a for a in actors if a.end <= item.start]
    after = [a for a in actors if item.end <= a.start and a.end <= min(later, default=len(text))]
    lead = text[max(0, item.start - 40) : item.start]
    if (
        any(o.end <= item.start for o in others)
        and _WHOLE.search(lead)
        or kind == "debt"
        and _PART.search(text[max(0, item.start - 80) : item.start])
    ):
        return WHOLE  # "met $83 million of the $107 million bill", "a third of an $11 billion debt"
    role = _adjective(text, item, after) or _from(text, item, after) or _gapped(text, item, others, before)
    if role is None and kind != "trade":
        role = _bringing(text, item, before) or _possessor(text, item, before)
        role = role or _subject(text, item, before, hits)
    if role is None and kind not in ("trade", "loss", "cost"):
        role = _source(text, before)
    if role and kind == "debt" and role.givers == (HOME,):
        return NOBODY  # "Cambodia's debt": the debtor is not the giver
    return role or NOBODY


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
        gap = text[item.end : actor.start]
        if _BETWEEN_SUM_AND_ADJECTIVE.match(gap) and _NOUN_BEHIND.match(text[actor.end : actor.end + 60]):
            codes, end = _list_of(text, after, actor)
            return Role(codes, actor.start, end, "adjective")
    return None


def _from(text: str, item: Sum, after: Sequence[Actor], reach: int = 110) -> Role | None:
    """ "$10 million from China", "$10 million lent by Japan", "$10 million that Japan promised"."""
    for actor in after:
        gap = text[item.end : actor.start]
        if len(gap) > reach:
            break
        if _THAT.search(gap) and _GIVES.match(text[actor.end : actor.end + 40]):
            return Role((actor.country,), actor.start, actor.end, "relative")
        budget = (
            actor.country != HOME
            or gap.endswith(("out of ", "by ", "by the "))
            or _BUDGET.match(text[actor.end : actor.end + 30])
        )
        if budget and _FROM.search(gap) and not _IMPORTED.search(gap):
            codes, end = _list_of(text, after, actor)
            return Role(codes, actor.start, end, "from")
    return None


def _gapped(text: str, item: Sum, others: Sequence[Sum], before: Sequence[Actor]) -> Role | None:
    """ "The World Bank lent $564 million and Japan $262 million": the verb is left out the second time."""
    earlier = [o for o in others if o.end <= item.start]
    if not earlier or not before or before[-1].start < earlier[-1].end:
        return None
    actor = before[-1]
    if not _ADJECTIVE.match(text[actor.end : item.start]) or not _GAPPED.search(text[: actor.start]):
        return None
    outside = [a for a in before if a.country != HOME]
    taken = [a for a in outside if a.end <= earlier[-1].start and _ADJECTIVE.match(text[a.end : earlier[-1].start])]
    if taken:
        return None  # "gave Laos $5 million and Vietnam $6 million": receivers
    return Role((actor.country,), actor.start, actor.end, "gapped")


def _bringing(text: str, item: Sum, before: Sequence[Actor]) -> Role | None:
    """ "Japan stayed close to where it had been with $113 million": the sum is what the party comes with."""
    if not before or not _WITH.search(text[max(0, item.start - 24) : item.start]):
        return None
    actor = before[-1]
    gap = text[actor.end : item.start]
    if actor.country == HOME or len(gap) > 80 or re.search(r"[;:.]|\d", gap):
        return None
    return Role((actor.country,), actor.start, actor.end, "with")


def _possessor(text: str, item: Sum, before: Sequence[Actor]) -> Role | None:
    """ "China's $10 million", "a Japanese grant of $131 million", "a loan from Beijing met $83 million"."""
    for actor in reversed(before[-3:]):
        gap = text[actor.end : item.start]
        if len(gap) > 90:
            break
        demonym = _DEMONYM.search(text[actor.start : actor.end]) and actor.country != HOME
        owned = (_OWNED_AT_HOME if actor.country == HOME else _OWNED).match(gap)
        if owned or _ADJECTIVE.match(gap) and (demonym or _COSTS.search(text[: actor.start][-20:])):
            return Role((actor.country,), actor.start, actor.end, "possessor")
        if actor.country != HOME and _FROM_WHICH.match(gap):
            return Role((actor.country,), actor.start, actor.end, "from")
        if (
            actor.country != HOME
            and _HEADED.match(gap)
            and not _TO.search(text[max(0, actor.start - 12) : actor.start])
        ):
            return Role((actor.country,), actor.start, actor.end, "possessor")
    return None


def _subject(text: str, item: Sum, before: Sequence[Actor], hits: Mapping[str, Sequence[Hit]]) -> Role | None:
    """ "Japan gave Cambodia $10 million"; of "Cambodia received $10 million" the giver is the other party named."""
    verbs = sorted(
        (h.start, h.end, group)
        for group in ("give", "receive", "announce")
        for h in hits.get(group, ())
        if h.end <= item.start and item.start - h.end <= 140
    )
    if _APPOSED.search(text[max(0, item.start - 10) : item.start]):
        return None
    for start, _, voice in reversed(verbs[-5:]):
        subjects = [a for a in before if a.end <= start and _may_act(text, a)]
        if not subjects:
            continue
        near = subjects[-1]
        if voice != "receive" and not text.startswith("to ", start) and _BE.search(text[max(0, start - 16) : start]):
            continue  # "will be financed": the subject does not give
        if voice == "receive":
            others = [a for a in before if a.country not in (near.country, HOME)]
            if near.country == HOME and others:
                return Role((others[-1].country,), others[-1].start, others[-1].end, "receiver")
            if near.country == HOME:
                return None
            continue
        beside = text[start:].startswith("add") and (start - near.end <= 2 or _HIS_GOVERNMENT.search(text[:start]))
        if near.country == HOME and not beside and (voice == "announce" or start - near.end > 30):
            continue  # a host announces, but seldom with money of his own
        for actor in subjects[:-1]:
            listed, stop = _list_of(text, subjects, actor)
            if stop == near.end and len(listed) > 1:
                return Role(listed, actor.start, stop, "subject")
        return Role((near.country,), near.start, near.end, "subject")
    return None


def _may_act(text: str, actor: Actor) -> bool:
    """Tell whether an actor may be a subject: no preposition before it, but "the ministry in Phnom Penh" acts."""
    lead = text[max(0, actor.start - 40) : actor.start]
    return not _OBJECT.search(lead) or bool(_BODY_IN.search(lead))


def _source(text: str, before: Sequence[Actor]) -> Role | None:
    """ "With help from Tokyo, … $5 million": a source named before the sum."""
    for actor in reversed(before):
        if actor.country != HOME and _FROM.search(text[max(0, actor.start - 60) : actor.start]):
            return Role((actor.country,), actor.start, actor.end, "from-before")
    return None


def amounts(
    sentences: pd.DataFrame, mentions: pd.DataFrame, engagements: pd.DataFrame, documents: pd.DataFrame
) -> pd.DataFrame:
    """Return the sums named in the sentences, one row per sum and giver (several givers: `shared`).

    Parameters
    ----------
    sentences : columns sentence_id, document_id, start, text.
    mentions : sentence_id, document_id, start, end (in the document's text), country.
    engagements : sentence_id, document_id, partner.
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
    main = _main_parties(mentions, engagements)
    chosen = sentences[sentences["text"].str.contains(_MAYBE)]
    named = _actors(mentions)
    ordered = sentences.sort_values(["document_id", "start"], kind="stable")
    places = {i: n for n, i in enumerate(ordered["sentence_id"])}
    owners = list(ordered["document_id"])
    outsiders = [frozenset(c for *_, c in named.get(i, ()) if c != HOME) for i in ordered["sentence_id"]]

    def nearby(place: int) -> str:
        """Return the one outside party that the nearest of the two sentences before names; empty if it names several."""
        for earlier in (place - 1, place - 2):
            if earlier >= 0 and owners[earlier] == owners[place] and outsiders[earlier]:
                return min(outsiders[earlier]) if len(outsiders[earlier]) == 1 else ""
        return ""

    carried: dict[str, tuple[int, tuple[str, ...]]] = {}
    chosen = chosen.sort_values(["document_id", "start"], kind="stable")
    rows: list[tuple] = []
    columns = (chosen[c] for c in ("sentence_id", "document_id", "start", "text"))
    for sentence_id, document_id, offset, text in zip(*columns, strict=True):
        actors = [Actor(s - offset, e - offset, c) for s, e, c in named.get(sentence_id, ())]
        partners = engaged.get(sentence_id, ())
        countries = {a.country for a in actors}
        sums = find(text, yuan="CN" in countries and "JP" not in countries)
        hits = cues.find(text) if sums else {}
        year = int(years[document_id]) if pd.notna(years[document_id]) else 0
        place = places[sentence_id]
        last = None
        for item in sums:
            described = _described(text, item, sums, hits)
            role = giver(text, item, sums, actors, hits, described["kind"])
            if not role.rule and last:
                role = _continued(text, item, last[0], last[1], actors, described["kind"])
            if not role.rule:
                context = Context(partners, carried.get(document_id), nearby(place), main.get(document_id, ""), place)
                role = _only(text, item, actors, described, context)
            last = (item, role)
            if role.givers:
                carried[document_id] = (place, role.givers)
            rows += _rows(sentence_id, document_id, offset, text, item, described, role, rates, year)
    return pd.DataFrame(rows, columns=COLUMNS)


_MAYBE = re.compile(r"[$¥€£₩฿៛₫₹₽₱₭￥＄￡]|[0-9០-៩][\s-]?[A-Za-z]|\b(?:[A-Z]{3}|dollars?|yen|yuan|won|riels?|baht|euros?|pounds)\b|dollar", re.I)  # fmt: skip


def _continued(text: str, item: Sum, last: Sum | None, role: Role, actors: Sequence[Actor], kind: str) -> Role:
    """ "200 million yen for a station and 339 million yen for scholarships": the giver of the sum before goes on."""
    if not role.givers or _MANY.search(text) or kind not in GIVEN or item.start - last.end > 120:
        return NOBODY
    if any(last.end <= a.start and a.end <= item.start for a in actors) or ";" in text[last.end : item.start]:
        return NOBODY
    return Role(role.givers, role.start, role.end, "continued")


@dataclass(frozen=True, slots=True)
class Context:
    """What the sentence and its surroundings tell of a giver that the syntax does not name.

    `engaged` are the sentence's partners; `carried` the sentence and the givers of the last sum before; `nearby` the one party named
    just before; `main` the document's main outside party; `place` the sentence's number.
    """

    engaged: tuple[str, ...]
    carried: tuple[int, tuple[str, ...]] | None
    nearby: str
    main: str
    place: int


def _only(text: str, item: Sum, actors: Sequence[Actor], described: Mapping[str, str], context: Context) -> Role:
    """Return the only party that could be the giver: of the sentence, of those just before, or of the whole document."""
    kind, stage = described["kind"], described["stage"]
    if kind not in (*GIVEN, "cost") or _MANY.search(text):
        return NOBODY
    if kind == "debt" and _PART.search(text[max(0, item.start - 80) : item.start]):
        return NOBODY
    receivers = {a.country for a in actors if a.end <= item.start and _GETS.match(text[a.end : item.start])}
    outside = sorted({a.country for a in actors} - {HOME, ""} - (receivers - set(context.engaged)))
    before = [a for a in actors if a.country in outside and a.end <= item.start]
    own = _OWN_CURRENCY.get(item.currency, "")
    if own and own in (*context.engaged, *outside, context.main, context.nearby):
        return Role((own,), -1, -1, "currency")
    if not (kind or stage):
        return NOBODY
    if len(context.engaged) == 1 and {a.country for a in before} <= set(context.engaged):
        return Role(context.engaged, -1, -1, "sentence")
    if kind == "cost":
        return NOBODY
    if before:
        if len(outside) == 1 and not context.engaged:
            return Role(tuple(outside), before[-1].start, before[-1].end, "only-named")
        return NOBODY
    if context.carried and context.place - context.carried[0] <= 3:
        return Role(context.carried[1], -1, -1, "carried")
    if context.nearby:
        return Role((context.nearby,), -1, -1, "nearby")
    if context.main and kind in ("grant", "aid", "loan"):
        return Role((context.main,), -1, -1, "document")
    return NOBODY


def _main_parties(mentions: pd.DataFrame, engagements: pd.DataFrame) -> dict[str, str]:
    """Return the main outside party of each document.

    It is named at least twice and more often than all others together, or else is the only partner engaged, in at least
    two sentences.
    """
    named: dict[str, dict[str, int]] = {}
    for document_id, country in zip(mentions["document_id"], mentions["country"], strict=True):
        if country not in (HOME, ""):
            counts = named.setdefault(document_id, {})
            counts[country] = counts.get(country, 0) + 1
    engaged: dict[str, list[str]] = {}
    for document_id, partner in zip(engagements["document_id"], engagements["partner"], strict=True):
        engaged.setdefault(document_id, []).append(partner)
    main = {d: p[0] for d, p in engaged.items() if len(p) > 1 and len(set(p)) == 1}
    for document_id, counts in named.items():
        most = max(sorted(counts), key=counts.__getitem__)
        if counts[most] > 1 and 2 * counts[most] > sum(counts.values()):
            main[document_id] = most
    return main


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

    kind = value("kind", after=0.5)
    flow = value("flow", after=0.5, reach=60, wide=False)
    if flow == "period":
        flow = "flow" if kind in ("trade", "investment", "loss", "") else ""
    stage = value("stage", after=2.0)
    if _UNIT.match(text[item.end : item.end + 24]):
        flow = "price"
    return {
        "kind": kind,
        "stage": stage if kind in GIVEN or kind == "cost" and stage in ("start", "complete") else "",
        "flow": flow or "single",
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
