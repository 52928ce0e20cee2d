"""Who a surface stands for in its document, and which countries a sentence engages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from engagement.attribution import reference
from engagement.attribution.dictionary import Actor, Surface, fold
from engagement.attribution.matching import Matcher

DESIGNATE_DAYS = 60  # an appointment is news about two months before it begins

# What each rule of a mention means; `docs/attribution.md` lists them.
CONFIDENCE = {
    "country name": 0.95,
    "full name": 1.0,
    "full name, out of office": 0.8,
    "surname after full name": 0.9,
    "title and surname": 0.85,
    "person introduced": 0.75,
    "organisation": 0.95,
    "programme": 0.9,
    "media": 0.4,
    "acronym by cue": 0.9,
    "acronym by default": 0.7,
    "capital as government": 0.85,
    "place": 0.3,
    "unresolved": 0.0,
}
# Mentions that do not by themselves make their country a party to the sentence.
WEAK = frozenset({"place", "media", "unresolved"})

TITLES = frozenset(
    "president premier minister pm secretary ambassador administrator representative senator congressman chancellor emperor king "
    "princess prince general admiral colonel spokesman spokeswoman spokesperson envoy diplomat councillor councilor chairman "
    "affaires attorney counsellor counselor vice".split()
)
_LOCATIVE = frozenset(
    "in at near outside around across throughout within visiting visited left leaving reached to toward towards via".split()
)
_BEYOND = frozenset(
    "closer close near nearer friendly hostile tilt pivot turn turned belongs given loyal beholden debt owed owes oppose opposed".split()
)
CAPITALS = frozenset({"Washington", "Beijing", "Tokyo"})


@dataclass(frozen=True)
class Mention:
    """One span that names an actor. `country` is empty where the surface stays unresolved."""

    start: int
    end: int
    surface: str
    actor_id: str
    name: str
    kind: str
    country: str
    level: str
    role: str
    rule: str
    confidence: float


@dataclass
class Sentence:
    """What a sentence of one document is attributed to: its mentions, its countries with rule and confidence."""

    start: int
    end: int
    mentions: list[Mention] = field(default_factory=list)
    bits: int = 0
    engaged: dict[str, tuple[str, float]] = field(default_factory=dict)


class Reader:
    """Reads documents one at a time; holds nothing of a document once it has been read."""

    def __init__(self, surfaces: dict[str, Surface], home: str = "KH") -> None:
        """Build the automaton. `home` is the country engaged with, never a partner."""
        self.matcher = Matcher(surfaces)
        self.home = home
        self.countries = frozenset(
            a.country for s in surfaces.values() for a in (*s.anycase, *s.capital) if a.kind == "country"
        )

    def read(self, text: str, spans: Sequence[tuple[int, int]], day: str = "", title: str = "") -> list[Sentence]:
        """Return the sentences of a document with their mentions and the countries they engage.

        Parameters
        ----------
        text : the document's text.
        spans : start and end of each sentence, in order.
        day : date of the event (ISO), empty where unknown; offices are then not dated.
        title : headline; gives names and the first partner, is no sentence itself.
        """
        memory = _Memory(text, day)
        headline = [m for hit in self.matcher.find(title) if (m := memory.mention(title, *hit))] if title else []
        sentences = [Sentence(*span) for span in spans]
        ordered = iter(sentences)
        sentence = next(ordered, None)
        for start, end, surface, actors in self.matcher.find(text):
            while sentence and start >= sentence.end:
                sentence = next(ordered, None)
            if sentence is None:
                break
            if surface.cue:
                sentence.bits |= surface.cue
            elif not surface.protected and start >= sentence.start:
                mention = memory.mention(text, start, end, surface, actors)
                if mention:
                    sentence.mentions.append(mention)
        carry([m.country for m in headline if m.rule not in WEAK], sentences, self.home)
        return sentences


class _Memory:
    """What a document has said so far: which persons were named in full."""

    def __init__(self, text: str, day: str) -> None:
        self.text, self.day, self.folded = text, day, ""
        self.named: dict[str, Actor] = {}  # full name -> the row last used
        self.designate = (date.fromisoformat(day) + timedelta(days=DESIGNATE_DAYS)).isoformat() if day else ""

    def in_office(self, actors: Sequence[Actor]) -> Actor | None:
        """Return the row whose office covers the day, or begins within sixty days of it; None if there is none."""
        if not self.day:
            return actors[0]
        for actor in actors:
            if actor.start <= self.day and (not actor.end or self.day <= actor.end):
                return actor
        for actor in actors:
            if actor.start and self.day < actor.start <= self.designate:
                return actor
        return None

    def mention(self, text: str, start: int, end: int, surface: Surface, actors: tuple[Actor, ...]) -> Mention | None:
        """Return the mention a hit makes, or None if it is nobody."""
        if surface.cue or surface.protected:
            return None
        written = text[start:end]
        if surface.expand:
            return self._expanded(surface, actors, start, end, written)
        if actors:
            return self._named(actors, text, start, end, written)
        return self._surname(surface.surname_of, text, start, end, written)

    def _named(self, actors: tuple[Actor, ...], text: str, start: int, end: int, written: str) -> Mention:
        actor = actors[0] if len(actors) == 1 and actors[0].kind != "person" else self.in_office(actors)
        rule = actor.kind if actor else "person"
        if rule == "person":
            rule = "full name" if actor else "full name, out of office"
            actor = actor or actors[0]
            self.named[actor.name] = actor
        elif rule == "country":
            rule = "country name"
            if actor.country != actor.name and written in _SEATS and _is_locative(text, start):
                rule = "place"
        elif rule == "place":
            agent = actor.name in CAPITALS and not _is_locative(text, start)
            rule = "capital as government" if agent else "place"
        return _mention(actor, start, end, written, rule)

    def _surname(self, persons: tuple[Actor, ...], text: str, start: int, end: int, written: str) -> Mention | None:
        for person in persons:
            if person.name in self.named:
                return _mention(self.named[person.name], start, end, written, "surname after full name")
        before = _words_before(text, start)
        if before and before[-1] in TITLES and self.day:
            actor = self.in_office(persons)
            if actor:
                self.named[actor.name] = actor
                return _mention(actor, start, end, written, "title and surname")
        return None

    def _expanded(
        self, surface: Surface, actors: tuple[Actor, ...], start: int, end: int, written: str
    ) -> Mention | None:
        if not self.folded:
            self.folded = f" {fold(self.text)} "
        for country, words in surface.expand:
            default = words == ("*",)
            if default or any(f" {fold(w).strip()} " in self.folded for w in words):
                rows = [a for a in actors if a.country == country]
                actor = self.in_office(rows) or rows[0] if rows else None
                rule = "acronym by default" if default else "acronym by cue"
                if actor and actor.kind == "person":
                    self.named[actor.name] = actor
                if actor:
                    return _mention(actor, start, end, written, rule)
                return Mention(
                    start, end, written, "", written, "organisation", country, "L3", "", rule, CONFIDENCE[rule]
                )
        return Mention(start, end, written, "", written, "organisation", "", "L0", "", "unresolved", 0.0)


_SEATS = frozenset(
    "Hanoi Bangkok Vientiane Jakarta Manila Seoul Pyongyang Canberra Moscow Brussels Taipei Berlin Ottawa Naypyidaw".split()
) | {
    "New Delhi",
    "Kuala Lumpur",
}
_WORD = re.compile(r"[A-Za-z]+")


def _words_before(text: str, start: int) -> list[str]:
    """Return the last four words before a position, in lower case, within the sentence."""
    return [w.lower() for w in _WORD.findall(text[max(0, start - 40) : start].rpartition(". ")[2])][-4:]


def _is_locative(text: str, start: int) -> bool:
    """Return whether a place name stands after a preposition of place, so that it is where and not who."""
    before = _words_before(text, start)
    if not before or before[-1] not in _LOCATIVE:
        return False
    return not (before[-1] in ("to", "toward", "towards") and _BEYOND.intersection(before))


def _mention(actor: Actor, start: int, end: int, written: str, rule: str) -> Mention:
    return Mention(
        start,
        end,
        written,
        actor.actor_id,
        actor.name,
        actor.kind,
        actor.country,
        actor.level,
        actor.role,
        rule,
        CONFIDENCE[rule],
    )


def carry(headline: list[str], sentences: list[Sentence], home: str) -> None:
    """Fill `engaged` of each sentence: the countries it names, else those of what it refers to."""
    current = [c for c in dict.fromkeys(headline) if c != home]
    for sentence in sentences:
        for mention in sentence.mentions:
            if mention.country not in ("", home) and mention.rule not in WEAK:
                known = sentence.engaged.get(mention.country)
                if known is None or known[1] < mention.confidence:
                    sentence.engaged[mention.country] = (mention.rule, mention.confidence)
        if sentence.engaged:
            current = sorted(sentence.engaged)
        elif current and (kind := reference.carried(sentence.bits)):
            sentence.engaged = {c: (reference.RULES[kind], reference.CONFIDENCE[kind]) for c in current}
