"""Coding of each engagement: how (instrument), about what (field), what happened (event), on what terms (stance), and more.

Codes rest on cues from lexicons in `data/reference/`; the heaviest is kept in a column beside the code. Two multinomial logits
(McFadden 1974), one for the instrument and one for the stance, weigh the cues, the plain words and what the context model
(`context`) says; which of the three point to the code is kept as well. Their weights stand in `data/reference/coding_weights.csv` and `coding_words.csv`; they were fitted by
`coding_training` on sentences of the development half and on practice sentences, which this module never reads.
"""

import csv
import itertools
import math
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from engagement import project
from engagement.attribution import context
from engagement.attribution.coding_lexicon import Cue, Hit, Matcher, read_cues
from engagement.errors import ConfigurationError

INSTRUMENTS = ("DIP", "AGR", "GRA", "LOA", "TRA", "INV", "SEC", "EXC", "CUL", "PRE")
EVENTS = (
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "SANCTION",
    "COERCE",
    "MOBILIZE",
    "OTHER",
)
FIELDS = (
    "politics",
    "rights",
    "security",
    "transport",
    "energy",
    "communications",
    "water",
    "agriculture",
    "industry",
    "finance",
    "trade",
    "education",
    "health",
    "culture",
    "environment",
    "humanitarian",
    "history",
)
DIRECTIONS = ("to_cambodia", "from_cambodia", "mutual", "third_party", "")
FLAGS = ("historical", "future", "hypothetical", "negation", "undone", "against", "mutual", "passive")
LEXICONS = {
    "instruments": INSTRUMENTS,
    "fields": FIELDS,
    "events": EVENTS,
    "stance": (),
    "flags": FLAGS,
    "tone": (),
}
HOME = "KH"
Weights = Mapping[str, np.ndarray]  # by model: a weight per feature (`FEATURES`) and code
Words = Mapping[str, np.ndarray]  # by word: a weight per instrument, then per stance (-1, 0, 1)
STANCES = (-1, 0, 1)
WORD_COLUMNS = (*INSTRUMENTS, *map(str, STANCES))
# What the context model gives a number: the codes, and whether the sentence turns aside from the partner or engages it.
CODES = (*WORD_COLUMNS, "aside", "engaged")
CODED = [
    "instrument",
    "instrument_cue",
    "instrument_by",
    "field",
    "field_cue",
    "event",
    "event_cue",
    "score",
    "stance",
    "stance_cue",
    "stance_by",
    "tone",
]
CODED += ["direction", "level", "historical", "hypothetical", "negated"]

_ABSENCE = ("without", "instead of", "rather than", "lack of", "absence of", "neither", "nor", "hardly", "barely")
_WORD = re.compile(r"\w+")
# A word in lower case, or the first of the text.
_LOWER = re.compile(r"(?:(?<![\w])[a-z]|^[A-Z])[a-z]+(?!\w)")
_ROLE_WORD = re.compile(r"[a-z]{3,}")
_BE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+\s+){0,3}$")
_YEAR = re.compile(r"\b(?:1[0-9]\d\d|20[0-4]\d)\b(?!\s*(?:km|kilomet|hectare|people|worker|student|tonne))")
_DEBATED = re.compile(r"\b(?:tribunal|court|trial|debts?|loans?|anniversary|remembr|memorial|since|dating)\b", re.I)
_REPORTED = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:now|today|this (?:week|month|year)|last (?:week|month)|yesterday)\b",
    re.I,
)


@dataclass(slots=True)
class Reading:
    """What the lexicons find in one text: the hits per lexicon and the instrument scores summed from them."""

    text: str
    hits: Mapping[str, list[Hit]]
    instruments: dict[str, float] = field(default_factory=dict)
    fields: dict[str, float] = field(default_factory=dict)
    good: float = 0.0
    bad: float = 0.0
    stance_cues: list[tuple[float, Hit]] = field(default_factory=list)


def matcher(leave_out: Container[tuple[str, str]] = ()) -> Matcher:
    """Return the automaton over all the coding lexicons; `leave_out` holds (lexicon, cue) to do without.

    Raises
    ------
    ConfigurationError
        If a lexicon is malformed; see `read_cues`.
    """
    cues: list[Cue] = []
    for name, codes in LEXICONS.items():
        held = read_cues(project.reference(f"{name}.csv"), name, codes)
        cues += [c for c in held if (name, c.cue) not in leave_out]
    return Matcher(cues)


def event_scores() -> dict[tuple[str, str], float]:
    """Return the PLOVER score (−10..+10) per event and mode."""
    with project.reference("event_scores.csv").open(encoding="utf-8", newline="") as file:
        return {(r["code"], r["mode"]): float(r["score"]) for r in csv.DictReader(file)}


def word_weights() -> Words:
    """Return the fitted weights of single words, in the order of `WORD_COLUMNS`."""
    with project.reference("coding_words.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        if tuple(next(rows)) != ("word", *WORD_COLUMNS):
            raise ConfigurationError(
                "data/reference/coding_words.csv: columns differ from the codes; fit the models anew"
            )
        return {word: np.array(values, dtype=np.float64) for word, *values in rows}


# How much other words count beside those of the sentence. More for title and text made the instrument no better, the stance worse.
ROLES, TITLE, TEXT = 0.5, 0.4, 0.35


def plain_words(text: str, named: Iterable[tuple[int, int]] = ()) -> tuple[str, ...]:
    """Return the different words of a text in lower case, sorted; names are left out: mentions, and capitals inside it."""
    letters = list(text)
    for start, end in named:
        letters[max(start, 0) : end] = " " * (min(end, len(letters)) - max(start, 0))
    words = _LOWER.findall("".join(letters)) if not text.isupper() else []
    return tuple(sorted({w.lower() for w in words}))


def word_scores(words: Sequence[str], table: Words) -> np.ndarray:
    """Return the summed weights of the words, one per `WORD_COLUMNS`, over the root of their number.

    The root keeps a long text from speaking louder than its share of telling words.
    """
    total = np.zeros(len(WORD_COLUMNS))
    for word in words:
        if word in table:
            total += table[word]
    return total / math.sqrt(max(len(words), 1))


def model_weights() -> Weights:
    """Return the fitted weights of the models `instrument` and `stance`: features × codes, in the order of `FEATURES`.

    Raises
    ------
    ConfigurationError
        If a weight is missing or not a number, or a row is of no feature.
    """
    told = {}
    with project.reference("coding_weights.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                told[row["model"], row["feature"], row["code"]] = float(row["weight"])
            except ValueError:
                raise ConfigurationError(
                    f"data/reference/coding_weights.csv, row {number}: {row['weight']!r} is not a number; fit the models anew"
                ) from None
    needed = {
        model: [[(model, f, str(c)) for c in codes] for f in FEATURES[model]]
        for model, codes in (("instrument", INSTRUMENTS), ("stance", STANCES))
    }
    keys = {key for rows in needed.values() for row in rows for key in row}
    if wrong := sorted(keys.symmetric_difference(told)):
        what = "no row for" if wrong[0] in keys else "a row of no feature,"
        raise ConfigurationError(
            f"data/reference/coding_weights.csv: {what} {', '.join(wrong[0])}; fit the models anew"
        )
    return {model: np.array([[told[key] for key in row] for row in rows]) for model, rows in needed.items()}


def read(text: str, find: Matcher) -> Reading:
    """Look a text up in the lexicons and sum what points to each instrument, field and stance."""
    reading = Reading(text, find.find(text))
    negations = [h for h in reading.hits.get("flags", ()) if h.cue.code == "negation"]
    instruments = reading.hits.get("instruments", ())
    # "never interferes" is no pressure; with the other instruments a negation changes the stance, not the subject.
    told = [h for h in instruments if h.cue.code != "PRE" or not _preceded(text, h, negations, 2)]
    reading.instruments = _totals(text, told)
    reading.fields = _totals(text, reading.hits.get("fields", ()))
    reading.stance_cues = _turned(reading)
    reading.good = sum(v for v, _ in reading.stance_cues if v > 0)
    reading.bad = -sum(v for v, _ in reading.stance_cues if v < 0)
    return reading


def _totals(text: str, hits: Iterable[Hit]) -> dict[str, float]:
    """Return the summed weights by code; a repeated cue counts a third, one inside a name half."""
    totals: dict[str, float] = {}
    seen: dict[str, int] = {}
    for hit in hits:
        again = seen.get(hit.cue.cue, 0)
        seen[hit.cue.cue] = again + 1
        factor = (1 / 3 if again else 1.0) * (0.5 if _in_a_name(text, hit) else 1.0)
        totals[hit.cue.code] = totals.get(hit.cue.code, 0.0) + hit.cue.weight * factor
    return totals


def _turned(reading: Reading) -> list[tuple[float, Hit]]:
    """Return the stance cues with their values, turned where a negation or a word of stopping stands just before.

    "did not help" and "cut aid" turn help into its contrary; "lifted the sanctions" turns a penalty. A denied accusation
    is not praise, so a negated bad word counts for nothing, and so does one that is fought ("against crime").
    """
    turners = [h for h in reading.hits.get("flags", ()) if h.cue.code in ("negation", "undone", "against")]
    values = []
    for hit in reading.hits.get("stance", ()):
        if _in_a_name(reading.text, hit):
            continue
        value = hit.cue.weight
        for turner in turners:
            if turner.end > hit.start or hit.start - turner.end > 40:
                continue
            gap = reading.text[turner.end : hit.start]
            reach = 2 if turner.cue.code == "negation" else 3
            if any(c in gap for c in ",;:—.") or len(_WORD.findall(gap)) > reach:
                continue
            value = _turn(value, turner)
            break
        values.append((value, hit))
    return values


def _turn(value: float, turner: Hit) -> float:
    """Return the value of a stance cue behind a turning word."""
    if turner.cue.code == "against":
        return max(value, 0.0)
    if turner.cue.code == "undone":
        if value > 0:
            return -value
        if turner.cue.cue.startswith(("reject", "refus")):
            return 0.0  # "rejected the criticism": the refusal is a cue of its own
        return 2.0 if value <= -2 and _easing(turner) else value
    return 0.0 if value < 0 or turner.cue.cue in _ABSENCE else -0.7 * value


def _in_a_name(text: str, hit: Hit) -> bool:
    """Tell whether a cue is part of a name ("Rescue Party"): capitalised inside a sentence that is not all capitals."""
    if hit.start == 0 or not text[hit.start].isupper() or text[hit.start - 1] in "\"“‘'":
        return False
    letters = text[hit.start : hit.end]
    return not letters.isupper() and not text[max(0, hit.start - 2) : hit.start].startswith((".", "!", "?"))


def _easing(hit: Hit) -> bool:
    return hit.cue.cue.startswith(("lift", "eas", "end", "remov", "waiv", "drop"))


# ------------------------------------------------------------------------------------------------------------- instrument
def instrument_features(
    own: Mapping[str, float], previous: Mapping[str, float], title: Mapping[str, float], rest: Mapping[str, float]
) -> list[float]:
    """Return per instrument: own cues (log), own share, previous sentence, title, rest of the text.

    What the context model says and the bias are added by `heard`.
    """
    total = sum(own.values()) + 1.0
    total_rest = sum(rest.values()) + 1.0
    features = []
    for code in INSTRUMENTS:
        features += [
            math.log1p(own.get(code, 0.0)),
            own.get(code, 0.0) / total,
            math.log1p(previous.get(code, 0.0)),
            math.log1p(title.get(code, 0.0)),
            rest.get(code, 0.0) / total_rest,
        ]
    return features


def utilities(features: Sequence[float], weights: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return the utility of each code: the weighted features and the words' scores, to the sixth digit.

    Rows are added one after another, so that the sum is the same on every machine.
    """
    return np.round((np.array(features)[:, None] * weights).sum(axis=0) + scores, 6)


def voices(model: str, features: Sequence[float], scores: np.ndarray, weights: Weights, code: int) -> str:
    """Return which of cues, words and context point to a code (its place) by themselves, without the others and the bias."""
    told = np.array(features)[:, None] * weights[model]
    parts = {
        "cues": told[_CUES[model]].sum(axis=0),
        "words": scores,
        "context": told[_CONTEXT[model]].sum(axis=0),
    }
    rounded = {name: np.round(part, 6) for name, part in parts.items()}
    return ", ".join(name for name, part in rounded.items() if part.argmax() == code and part.any())


def choose_instrument(features: Sequence[float], scores: np.ndarray, weights: Weights) -> str:
    """Return the instrument of greatest utility; of equal ones the earlier in the list. For `scores` see `word_scores`."""
    return INSTRUMENTS[int(np.argmax(utilities(features, weights["instrument"], scores[: len(INSTRUMENTS)])))]


# ----------------------------------------------------------------------------------------------------------------- stance
GRADES = ("good1", "good2", "good3", "bad1", "bad2", "bad3")
CLEAR = 0.4  # of 0.33, 0.4 and 0.5 the best in cross-validation; an error of one grade weighs less than one of two
FEATURES = {
    "instrument": (
        *(f"{f} {c}" for c in INSTRUMENTS for f in ("own", "share", "previous", "title", "rest")),
        *(f"context {c}" for c in INSTRUMENTS),
        "bias",
    ),
    "stance": (
        *(*GRADES, "own", "previous", "title", "rest", "partners"),
        *(f"context {c}" for c in STANCES),
        *(f"instrument {c}" for c in INSTRUMENTS),
        *(f"event {c}" for c in EVENTS),
        "bias",
    ),
}
_CONTEXT = {model: np.array([f.startswith("context") for f in names]) for model, names in FEATURES.items()}
_NO_CUE = re.compile("context |instrument |partners|bias")
_CUES = {model: np.array([not _NO_CUE.match(f) for f in names]) for model, names in FEATURES.items()}


def stance_features(own: Reading, previous: Reading | None, title: Reading, rest: float, partners: int) -> list[float]:
    """Return the features of the stance model.

    The sentence's own cues by grade (log of one plus their number; `good3` is "praise", `good1` "meet"), the balance of
    cues in the sentence, the previous one, the title and the whole text (−1..1), and whether the sentence engages several
    partners. What the context model says is added by `heard`, instrument and event by `with_codes`.
    """
    counts = dict.fromkeys(GRADES, 0)
    for value, _ in own.stance_cues:
        grade = 3 if abs(value) >= 2.5 else 2 if abs(value) >= 1.5 else 1
        if value:
            counts[f"{'good' if value > 0 else 'bad'}{grade}"] += 1
    marks = [math.log1p(counts[g]) for g in GRADES]
    return [*marks, _balance(own), _balance(previous), _balance(title), rest, float(partners > 1)]


def _balance(reading: Reading | None) -> float:
    if reading is None:
        return 0.0
    return (reading.good - reading.bad) / (reading.good + reading.bad + 3.0)


def with_codes(features: Sequence[float], instrument: str, event: str) -> list[float]:
    """Return the features of the stance with one per instrument and event, and 1 for the bias."""
    return [*features, *(float(c == instrument) for c in INSTRUMENTS), *(float(c == event) for c in EVENTS), 1.0]


def choose_stance(features: Sequence[float], scores: np.ndarray, weights: Weights) -> int:
    """Return -1, 0 or 1: the sign of the expected stance where that is at least `CLEAR` from 0.

    `features` are those of `with_codes`; for `scores` see `word_scores`.
    """
    value = utilities(features, weights["stance"], scores[len(INSTRUMENTS) :])
    share = dict(zip(STANCES, (math.exp(v) for v in value - value.max()), strict=True))
    expected = round((share[1] - share[-1]) / sum(share.values()), 6)
    return (expected >= CLEAR) - (expected <= -CLEAR)


# ------------------------------------------------------------------------------------------------------------------ event
def choose_event(reading: Reading) -> tuple[str, str, Hit | None, bool]:
    """Return event, mode, the deciding cue and whether it is negated, by PLOVER's rules (docs/codebook.md).

    The heaviest cue decides, the earlier of equals: the outer verb ("urged Japan to lend") stands first in English.
    """
    hits = reading.hits.get("events", ())
    if not hits:
        return "OTHER", "none", None, False
    flags = reading.hits.get("flags", ())
    best = max(hits, key=lambda h: (_event_weight(reading.text, h, hits), -h.start))
    code, mode = best.cue.code, best.cue.mode
    negated = _preceded(reading.text, best, [h for h in flags if h.cue.code == "negation"], 3)
    if negated and code in ("AGREE", "AID", "COOPERATE", "CONCEDE", "SUPPORT"):
        return "REJECT", "refuse", best, True
    ahead = _preceded(reading.text, best, [h for h in flags if h.cue.code == "future"], 4)
    if code in ("AID", "COOPERATE") and mode != "economic" and ahead:
        return "AGREE", "promise", best, negated  # future cooperation is an agreement
    undone = [h for h in flags if h.cue.code == "undone"]
    if code == "AID" and _preceded(reading.text, best, undone, 3):
        return "SANCTION", "withdraw", best, negated  # help that is stopped is withdrawn
    if code == "SANCTION" and _preceded(reading.text, best, [h for h in undone if _easing(h)], 4):
        return "CONCEDE", "ease", best, negated  # "lifted its arms embargo"
    return code, mode, best, negated


_OUTER = ("REQUEST", "ACCUSE", "REJECT", "THREATEN", "SUPPORT")


def _event_weight(text: str, hit: Hit, hits: Sequence[Hit]) -> float:
    """Return the weight of an event cue: an outer verb of speech or promise governs what follows; in a name a word counts less."""
    weight = hit.cue.weight - (1.0 if _in_a_name(text, hit) else 0.0)
    governs = hit.cue.code in _OUTER or hit.cue.mode == "promise"
    outer = governs and all(h.start >= hit.start or h.cue.weight < 3 for h in hits)
    return weight + (1.5 if outer else 0.0)


def _preceded(text: str, hit: Hit, marks: Iterable[Hit], words: int) -> bool:
    """Tell whether one of the marks stands at most so many words before the hit, in the same clause."""
    for mark in marks:
        if mark.end <= hit.start and hit.start - mark.end <= 12 * words:
            gap = text[mark.end : hit.start]
            if not any(c in gap for c in ",;:—.") and len(_WORD.findall(gap)) < words:
                return True
    return False


# ------------------------------------------------------------------------------------------------------ direction, flags
def direction(reading: Reading, partner: str, actors: Sequence[tuple[int, int, str]], event: Hit | None) -> str:
    """Return who acts on whom: the actor named first acts, unless the verb is passive or "by" names a later one."""
    codes = {c for *_, c in actors}
    flags = reading.hits.get("flags", ())
    if codes - {HOME, partner, ""} and HOME not in codes and partner in codes:
        return "third_party"
    if partner in codes and any(h.cue.code == "mutual" for h in flags):
        return "mutual"
    ours = [a for a in actors if a[2] in (partner, HOME)]
    if not ours or ours[0][2] == partner:
        return "to_cambodia"
    if any(
        c == partner and any(h.cue.code == "passive" and 0 <= start - h.end <= 20 for h in flags)
        for start, _, c in ours
    ):
        return "to_cambodia"
    if (
        event is not None
        and event.cue.code in ("SANCTION", "COERCE", "ACCUSE", "AID")
        and _passive(reading.text, event)
    ):
        return "to_cambodia"
    if event is not None and event.cue.code == "CONSULT" and partner in codes:
        return "mutual"
    return "from_cambodia"


def _passive(text: str, event: Hit) -> bool:
    """Tell whether a form of "be" stands at most three words before the event's verb: "were added", "has been given"."""
    return bool(_BE.search(text[max(0, event.start - 40) : event.start]))


def is_historical(reading: Reading, year: int) -> bool:
    """Tell whether the sentence tells of a past long before its text: named regimes and wars, or years 15 or more back."""
    if _REPORTED.search(reading.text) or _DEBATED.search(reading.text):
        return False
    if any(h.cue.code == "historical" for h in reading.hits.get("flags", ())):
        return True
    years = [int(y) for y in _YEAR.findall(reading.text)]
    return bool(years) and max(years) <= year - 15


def is_hypothetical(reading: Reading, event: Hit | None) -> bool:
    """Tell whether the act is conditional or only wished: a word such as "would" or "if" stands before the deciding cue."""
    marks = [h for h in reading.hits.get("flags", ()) if h.cue.code == "hypothetical"]
    # The month May and the name are capitalised inside a sentence.
    marks = [h for h in marks if reading.text[h.start : h.end] != "May"]
    if event is None:
        return bool(marks)
    return _preceded(reading.text, event, marks, 6)


# -------------------------------------------------------------------------------------------------------------- the table
@dataclass(frozen=True, slots=True)
class Features:
    """The features and parts of one engagement, shared by coding and training."""

    sentence_id: str
    document_id: str
    partner: str
    instrument: list[float]
    stance: list[float]
    own: Reading
    words: tuple[str, ...]  # of the sentence
    title_words: tuple[str, ...]
    roles: tuple[str, ...]  # of the actors in the sentence
    text_words: tuple[str, ...]  # of the whole document
    event: tuple[str, str, Hit | None, bool]
    score: float
    actors: list[tuple[int, int, str]]
    levels: list[str]
    field_context: Mapping[str, float]

    def word_groups(self) -> tuple[tuple[tuple[str, ...], float], ...]:
        """Return the words of the sentence, its roles, the title and the text, and how much each group counts."""
        return (self.words, 1.0), (self.roles, ROLES), (self.title_words, TITLE), (self.text_words, TEXT)


def prepare(
    sentences: pd.DataFrame,
    engagements: pd.DataFrame,
    mentions: pd.DataFrame,
    documents: pd.DataFrame,
    find: Matcher | None = None,
) -> list[Features]:
    """Return the features of every engagement, in the order of the table; see `code` for the columns needed.

    `heard` adds those of the context model and the bias.
    """
    find, scores = find or matcher(), event_scores()
    wanted = set(engagements["document_id"])
    titles = {
        d: read(t, find) for d, t in zip(documents["document_id"], documents["title"], strict=True) if d in wanted
    }
    readings: dict[str, Reading] = {}
    before: dict[str, Reading | None] = {}
    begins: dict[str, int] = {}
    inside: dict[str, list[str]] = {}
    ordered = sentences.sort_values(["document_id", "ordinal"], kind="stable")
    columns = (ordered[c] for c in ("sentence_id", "document_id", "start", "text"))
    last_document, last = "", None
    for sentence_id, document_id, start, text in zip(*columns, strict=True):
        if document_id not in wanted:
            continue
        reading = read(text, find)
        readings[sentence_id], begins[sentence_id] = reading, start
        before[sentence_id] = last if document_id == last_document else None
        inside.setdefault(document_id, []).append(sentence_id)
        last_document, last = document_id, reading
    totals = {d: _document_totals([readings[i] for i in ids]) for d, ids in inside.items()}
    named = context.by_sentence(mentions, begins)
    # A headline begins with a name as a rule, and its mentions are not known: its first word is left out.
    heads = {d: plain_words(r.text, [(0, len(r.text.split(" ")[0]))]) for d, r in titles.items()}
    words = {i: plain_words(r.text, [(a[0], a[1]) for a in named.get(i, [])]) for i, r in readings.items()}
    text_words = {d: tuple(sorted({w for i in ids for w in words[i]})) for d, ids in inside.items()}
    partners = engagements.groupby("sentence_id")["partner"].nunique().to_dict()
    rows = []
    for sentence_id, document_id, partner in zip(
        engagements["sentence_id"], engagements["document_id"], engagements["partner"], strict=True
    ):
        own, previous, title = readings[sentence_id], before[sentence_id], titles[document_id]
        actors = named.get(sentence_id, [])
        several = partners[sentence_id] > 1
        scores_own = _near(own, partner, actors) if several else own.instruments
        here = words[sentence_id]
        if several and (elsewhere := _nearer_to_others(len(own.text), partner, actors)):
            here = plain_words(own.text, [*((a[0], a[1]) for a in actors), *elsewhere])
        rest, rest_stance, rest_fields = totals[document_id]
        around = {k: v - own.instruments.get(k, 0.0) for k, v in rest.items()}
        event = choose_event(own)
        score = scores.get((event[0], event[1]), 0.0)
        features = instrument_features(scores_own, previous.instruments if previous else {}, title.instruments, around)
        stance = stance_features(own, previous, title, rest_stance, partners[sentence_id])
        rows.append(
            Features(
                sentence_id,
                document_id,
                partner,
                features,
                stance,
                own,
                here,
                heads[document_id],
                role_words(actors, partner),
                text_words[document_id],
                event,
                score,
                [a[:3] for a in actors],
                [a[3] for a in actors if a[2] == partner],
                {
                    k: title.fields.get(k, 0.0) + 0.3 * rest_fields.get(k, 0.0)
                    for k in sorted({*title.fields, *rest_fields})
                },
            )
        )
    return rows


def heard(rows: Iterable[Features], said: np.ndarray) -> list[Features]:
    """Return the engagements with what the context model says of each among the features of both models.

    `said` holds a number for each of `CODES` (see `context.read`).
    """
    first, last = len(INSTRUMENTS), len(WORD_COLUMNS)
    return [
        replace(row, instrument=[*row.instrument, *told[:first], 1.0], stance=[*row.stance, *told[first:last]])
        for row, told in zip(rows, said.tolist(), strict=True)
    ]


def all_scores(rows: Iterable[Features], table: Words) -> Iterator[np.ndarray]:
    """Yield the words' scores of each engagement: those of its `word_groups` (see `word_scores`), weighted and summed."""
    # Engagements of a document follow each other and share its title and text.
    scores = lru_cache(maxsize=8)(lambda words: word_scores(words, table))
    for row in rows:
        yield sum(weight * scores(words) for words, weight in row.word_groups())


def _document_totals(group: list[Reading]) -> tuple[dict[str, float], float, dict[str, float]]:
    instruments: dict[str, float] = {}
    fields: dict[str, float] = {}
    for reading in group:
        for code, value in reading.instruments.items():
            instruments[code] = instruments.get(code, 0.0) + value
        for code, value in reading.fields.items():
            fields[code] = fields.get(code, 0.0) + value
    good, bad = sum(r.good for r in group), sum(r.bad for r in group)
    return instruments, (good - bad) / (good + bad + 3.0), fields


def role_words(actors: Iterable[context.Actor], partner: str) -> tuple[str, ...]:
    """Return whose actors a sentence names, and as what, sorted: `partner organisation L4`, `partner bank`, `home minister`.

    An actor is the partner's, Cambodia's (`home`) or another's; a role counts by its words.
    """
    found = set()
    for _, _, country, level, kind, role in actors:
        whose = "partner" if country == partner else "home" if country == HOME else "other"
        found.add(f"{whose} {kind} {level}")
        found.update(f"{whose} {word}" for word in _ROLE_WORD.findall(role.lower()))
    return tuple(sorted(found))


def _nearer_to_others(length: int, partner: str, actors: Sequence[context.Actor]) -> list[tuple[int, int]]:
    """Return the parts of a sentence that stand nearer to another outside party than to the partner, if it is named at all."""
    outside = [a for a in actors if a[2] not in (HOME, "")]
    if all(a[2] != partner for a in outside):
        return []
    borders = [(before[1] + after[0]) // 2 for before, after in itertools.pairwise(outside)]
    parts = zip([0, *borders], [*borders, length], outside, strict=True)
    return [(start, end) for start, end, a in parts if a[2] != partner]


def _near(reading: Reading, partner: str, actors: Sequence[context.Actor]) -> dict[str, float]:
    """Return the instrument scores with the cues that stand nearer to another partner halved."""
    own = [a for a in actors if a[2] == partner]
    other = [a for a in actors if a[2] not in (partner, HOME)]
    if not own or not other:
        return reading.instruments
    totals: dict[str, float] = {}
    for hit in reading.hits.get("instruments", ()):
        nearest = min(_distance(hit, a) for a in own)
        factor = 1.0 if nearest <= min(_distance(hit, a) for a in other) else 0.5
        totals[hit.cue.code] = totals.get(hit.cue.code, 0.0) + hit.cue.weight * factor
    return totals


def _distance(hit: Hit, actor: tuple[int, int, str, str]) -> int:
    return max(actor[0] - hit.end, hit.start - actor[1], 0)


def _level(levels: Sequence[str]) -> str:
    """Return the highest level among the partner's mentions, L1 to L4; L0 is a bare country name or no mention."""
    ranks = sorted(level for level in levels if level in ("L1", "L2", "L3", "L4"))
    return ranks[0] if ranks else "L0"


def _deciding(reading: Reading, lexicon: str, code: str) -> str:
    """Return the heaviest cue for the code as it stands in the text; empty where there is none."""
    hits = [h for h in reading.hits.get(lexicon, ()) if h.cue.code == code]
    if not hits:
        return ""
    best = max(hits, key=lambda h: (h.cue.weight, -h.start))
    return reading.text[best.start : best.end]


def _stance_cue(reading: Reading, stance: int) -> str:
    fitting = [(v, h) for v, h in reading.stance_cues if v * stance > 0]
    if not fitting:
        return ""
    best = max(fitting, key=lambda vh: (abs(vh[0]), -vh[1].start))[1]
    return reading.text[best.start : best.end]


def _field(row: Features) -> tuple[str, str]:
    """Return the field with the most cues in the sentence, else in title and text; empty where nothing points to one."""
    own = row.own.fields
    scores = {c: own.get(c, 0.0) + 0.25 * row.field_context.get(c, 0.0) for c in FIELDS}
    if not own:
        scores = {c: row.field_context.get(c, 0.0) for c in FIELDS}
    best = max(FIELDS, key=lambda c: (round(scores[c], 9), -FIELDS.index(c)))
    if scores[best] <= 0:
        return "", ""
    return best, _deciding(row.own, "fields", best)


def _tone(reading: Reading) -> float:
    """Return the tone of the wording, −1 (all dark words) to 1 (all bright words); 0 without such words."""
    hits = reading.hits.get("tone", ())
    return sum(h.cue.weight for h in hits) / len(hits) if hits else 0.0


def code(
    sentences: pd.DataFrame,
    engagements: pd.DataFrame,
    mentions: pd.DataFrame,
    documents: pd.DataFrame,
    said: np.ndarray,
) -> pd.DataFrame:
    """Return the engagements with instrument, field, event, score, stance, tone, direction, level and flags.

    Parameters
    ----------
    sentences : columns sentence_id, document_id, ordinal, start, text.
    engagements : one row per sentence and partner: sentence_id, document_id, partner, date.
    mentions : sentence_id, start, end (in the document's text), country, level, kind, role.
    documents : document_id, title.
    said : what the context model says of each engagement, for each of `CODES` (`context.read`).

    Returns
    -------
    The engagements' own columns and those of `CODED`; `…_cue` is the heaviest cue for the code, empty where none stands there.
    """
    weights, table = model_weights(), word_weights()
    out: dict[str, list] = {name: [] for name in CODED}
    years = pd.to_datetime(engagements["date"]).dt.year.fillna(0).astype(int)
    rows = heard(prepare(sentences, engagements, mentions, documents), said)
    for row, scores, year in zip(rows, all_scores(rows, table), years, strict=True):
        instrument = choose_instrument(row.instrument, scores, weights)
        features = with_codes(row.stance, instrument, row.event[0])
        stance = choose_stance(features, scores, weights)
        way, bearing = INSTRUMENTS.index(instrument), STANCES.index(stance)
        first = len(INSTRUMENTS)
        event, _, hit, negated = row.event
        topic, topic_cue = _field(row)
        out["instrument"].append(instrument)
        out["instrument_cue"].append(_deciding(row.own, "instruments", instrument))
        out["instrument_by"].append(voices("instrument", row.instrument, scores[:first], weights, way))
        out["field"].append(topic)
        out["field_cue"].append(topic_cue)
        out["event"].append(event)
        out["event_cue"].append(row.own.text[hit.start : hit.end] if hit else "")
        out["score"].append(row.score)
        out["stance"].append(stance)
        out["stance_cue"].append(_stance_cue(row.own, stance))
        out["stance_by"].append(voices("stance", features, scores[first:], weights, bearing))
        out["tone"].append(_tone(row.own))
        out["direction"].append(direction(row.own, row.partner, row.actors, hit))
        out["level"].append(_level(row.levels))
        out["historical"].append(is_historical(row.own, year))
        out["hypothetical"].append(is_hypothetical(row.own, hit))
        out["negated"].append(negated)
    return engagements.drop(columns=CODED, errors="ignore").assign(**out)
