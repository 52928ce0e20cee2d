"""Who a surface stands for in its document: dated offices, surnames, ambiguous acronyms, capitals as governments."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from engagement.attribution.dictionary import Actor, Surface, fold, is_acronym

DESIGNATE_DAYS = 60  # an appointment is news about two months before it begins

# Every rule that settles a mention, with its confidence; `docs/attribution.md` says what each means.
CONFIDENCE = {
    "country name": 0.95,
    "full name": 1.0,
    "full name, out of office": 0.8,
    "surname after full name": 0.9,
    "title and surname": 0.85,
    "introduced in the text": 0.75,
    "organisation": 0.95,
    "programme": 0.9,
    "media": 0.4,
    "media as actor": 0.8,
    "acronym by cue": 0.9,
    "acronym by default": 0.7,
    "capital as government": 0.85,
    "two outside states": 0.6,
    "place as agent": 0.8,
    "place": 0.3,
    "unresolved": 0.0,
}
# Mentions that do not by themselves make their country a party to the sentence.
WEAK = frozenset({"place", "media", "unresolved"})
# Two outside states in one word, "US-China": a matter of theirs unless Cambodia stands beside it.
PAIR = "two outside states"


class Mention(NamedTuple):
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


class Memory:
    """What a document has said so far: who was named in full, and what day it is."""

    def __init__(self, text: str, day: str, words: Mapping[str, frozenset[str]]) -> None:
        """Begin a document; `day` is ISO or empty, `words` are the lists of `referring.csv`."""
        self.text, self.day, self.words, self.folded = text, day, words, ""
        self.seats = words["seat"]
        self.named: dict[str, Actor] = {}  # full name -> the row last used
        self.designate = (date.fromisoformat(day) + timedelta(days=DESIGNATE_DAYS)).isoformat() if day else ""

    def in_office(self, actors: Sequence[Actor]) -> Actor | None:
        """Return the row whose dates cover the day, or begin within sixty days of it; None if there is none.

        Without a day the first row answers.
        """
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
        written = text[start:end]
        if surface.expand:
            return self._ambiguous(surface, actors, start, end, written)
        if actors:
            return self._named(actors, text, start, end, written)
        return self._surname(surface.surname_of, text, start, end, written)

    def _named(self, actors: tuple[Actor, ...], text: str, start: int, end: int, written: str) -> Mention:
        actor = actors[0]
        rule = actor.kind
        if rule == "country":
            if written.lower() in self.seats:
                where = self._is_where(text, start)
            else:
                where = written == actor.name and text.endswith(_INSIDE, 0, start) or _is_border(text, start, end)
            rule = _of_place(text, start, end) if where else "country name"
        elif rule == "person":
            actor = self.in_office(actors)
            rule = "full name" if actor else "full name, out of office"
            actor = actor or actors[0]
            self.named[actor.name] = actor
        elif rule == "media":
            if _MEDIA_ACTS.search(text, max(0, start - 24), end + 32):
                rule = "media as actor"
        elif rule == "place":
            seat = actor.name.lower() in self.seats and not self._is_where(text, start)
            rule = "capital as government" if seat else _of_place(text, start, end)
        elif len(actors) > 1:
            actor = self.in_office(actors) or actor
        return mention(actor, start, end, written, rule)

    def _surname(self, persons: tuple[Actor, ...], text: str, start: int, end: int, written: str) -> Mention | None:
        if _other_name(text, start, end, self.words["title"]):
            return None
        for person in persons:
            if person.name in self.named:
                return mention(self.named[person.name], start, end, written, "surname after full name")
        before = words_before(text, start)
        if self.day and before and before[-1] in self.words["title"] and (actor := self.in_office(persons)):
            self.named[actor.name] = actor
            return mention(actor, start, end, written, "title and surname")
        return None

    def _ambiguous(
        self, surface: Surface, actors: tuple[Actor, ...], start: int, end: int, written: str
    ) -> Mention | None:
        if not self.folded:
            self.folded = f" {fold(self.text)} "
        for country, cues in surface.expand:
            default = cues == ("*",)
            if default or any(self._stands(cue) for cue in cues):
                rule = "acronym by default" if default else "acronym by cue"
                rows = [a for a in actors if a.country == country]
                if rows:
                    actor = self.in_office(rows) or rows[0]
                    if actor.kind == "person":
                        self.named[actor.name] = actor
                    return mention(actor, start, end, written, rule)
                return Mention(
                    start, end, written, "", written, "organisation", country, "L3", "", rule, CONFIDENCE[rule]
                )
        return Mention(start, end, written, "", written, "organisation", "", "L0", "", "unresolved", 0.0)

    def _stands(self, cue: str) -> bool:
        """Return whether a cue stands in the document: an acronym in its own spelling (`US`, not `us` or `US$`), else any case."""
        if is_acronym(cue):
            return re.search(rf"(?<![\w$]){re.escape(cue)}(?![\w$])", self.text) is not None
        return f" {fold(cue).strip()} " in self.folded

    def _is_where(self, text: str, start: int) -> bool:
        """Return whether a seat of government stands after a preposition of place: where it happened, not who acted."""
        before = words_before(text, start)
        if not before or before[-1] not in self.words["where"]:
            return False
        return not (before[-1] in ("to", "toward", "towards") and self.words["lean"].intersection(before))


# A broadcaster is told of, and not quoted, beside these words.
_MEDIA_ACTS = re.compile(
    r"\b(?:journalists?|reporters?|bureau|offices?|broadcasts?|broadcaster|stations?|programmes?|staff|employees|licen[cs]es?|closure"
    r"|closed?|closing|shut|silenced?|banned?|blocked|funding|cuts?|frequencies|airwaves|radio service|Khmer service)\b"
)
# People, firms and offices whom a place name says the home of: "a Tianjin company", "buyers from Hunan".
_OF_A_PLACE = frozenset(
    [
        "authorities",
        "bank",
        "banks",
        "builder",
        "builders",
        "businessman",
        "businessmen",
        "businesspeople",
        "businesswoman",
        "buyer",
        "buyers",
        "charities",
        "charity",
        "church",
        "churches",
        "companies",
        "company",
        "congressman",
        "congresswoman",
        "contractor",
        "contractors",
        "court",
        "courts",
        "delegates",
        "delegation",
        "delegations",
        "developer",
        "developers",
        "doctors",
        "engineers",
        "firm",
        "firms",
        "foundation",
        "foundations",
        "government",
        "governor",
        "governors",
        "holidaymakers",
        "hospital",
        "hospitals",
        "importer",
        "importers",
        "investor",
        "investors",
        "judge",
        "judges",
        "lawmaker",
        "lawmakers",
        "legislators",
        "maker",
        "makers",
        "manufacturer",
        "manufacturers",
        "mayor",
        "mayors",
        "museum",
        "museums",
        "officials",
        "police",
        "prefectural",
        "prefecture",
        "prosecutors",
        "provincial",
        "retailer",
        "retailers",
        "senator",
        "senators",
        "surgeons",
        "tourists",
        "traders",
        "universities",
        "university",
        "volunteers",
    ]
)
# And those who act where they are: "officials in Tokyo", "a firm based in Guangxi".
_IN_A_PLACE = frozenset(
    [
        "based",
        "court",
        "courts",
        "diplomats",
        "government",
        "headquartered",
        "headquarters",
        "judge",
        "judges",
        "jury",
        "lawmakers",
        "legislators",
        "many",
        "ministries",
        "ministry",
        "officials",
        "prosecutors",
        "registered",
        "some",
    ]
)
_OWN = ("-based ", "-registered ", "-owned ", "-born ", "'s ", "’s ")
_INSIDE = (" in ", " in the ", "In ", "In the ")
_BORDER_AFTER, _BORDER_BEFORE = (" border", " frontier"), ("border with ", "frontier with ")


def _of_place(text: str, start: int, end: int) -> str:
    """Return whether a place name says where something happened, or whose people or firms acted."""
    after = [w.strip(",.;:") for w in text[end : end + 40].split()[:2]]
    before = text[max(0, start - 32) : start].lower().split()
    if before and before[-1] == "the":
        before.pop()
    link, noun = (before[-1], before[-2]) if len(before) > 1 else ("", "")
    if (
        text.startswith(_OWN, end)
        or (text[end : end + 1] == " " and not _OF_A_PLACE.isdisjoint(after))
        or (link == "in" and noun in _IN_A_PLACE)
        or (link in ("from", "of") and noun in _OF_A_PLACE)
    ):
        return "place as agent"
    return "place"


def _is_border(text: str, start: int, end: int) -> bool:
    """Return whether a country only names a border: `the Vietnamese border`, `the frontier with Thailand`."""
    if text[start - 1 : start] == "-":
        return False
    return text.startswith(_BORDER_AFTER, end) or text.endswith(_BORDER_BEFORE, 0, start)


_WORD = re.compile(r"[A-Za-z']+")
_CAPITALISED = re.compile(r"\s([A-Z][a-z]+)")
_PREVIOUS = re.compile(r"([A-Z][A-Za-z]*)\s$")
# Words that open a sentence before a surname and are no first names.
_OPENERS = frozenset(
    [
        "after",
        "although",
        "and",
        "as",
        "because",
        "before",
        "besides",
        "both",
        "but",
        "dr",
        "even",
        "for",
        "from",
        "how",
        "if",
        "in",
    ]
    + [
        "like",
        "madam",
        "mr",
        "mrs",
        "ms",
        "nor",
        "now",
        "of",
        "on",
        "once",
        "only",
        "or",
        "since",
        "so",
        "sir",
        "then",
        "though",
    ]
    + ["to", "unlike", "until", "what", "when", "where", "whether", "while", "why", "with", "yet"]
    + [
        "earlier",
        "later",
        "meanwhile",
        "yesterday",
        "today",
        "instead",
        "still",
        "however",
        "also",
        "there",
        "here",
        "thus",
        "nevertheless",
    ]
)


def words_before(text: str, start: int) -> list[str]:
    """Return the last four words before a position, in lower case, within the sentence."""
    return [w.lower() for w in _WORD.findall(text[max(0, start - 40) : start].rpartition(". ")[2])][-4:]


def _other_name(text: str, start: int, end: int, titles: frozenset[str]) -> bool:
    """Return whether a capitalised neighbour makes a surname part of somebody else's name: `Eleanor Wang`, `Hong Sok Hour`."""
    if _CAPITALISED.match(text, end, end + 20):
        return True
    found = _PREVIOUS.search(text, max(0, start - 24), start)
    return bool(found) and found[1].lower() not in titles and found[1].lower() not in _OPENERS


def unresolved(text: str, start: int, end: int) -> Mention:
    """Return the mention of an outside party that nothing tells the country of."""
    written = text[start:end]
    return Mention(start, end, written, "", written, "organisation", "", "L0", "", "unresolved", 0.0)


def introduction(text: str, start: int, end: int, name: str, country: str) -> Mention:
    """Return the mention of a person whom the text itself introduces as a country's."""
    rule = "introduced in the text"
    return Mention(start, end, text[start:end], "", name, "person", country, "L3", "", rule, CONFIDENCE[rule])


def mention(actor: Actor, start: int, end: int, written: str, rule: str) -> Mention:
    """Return the mention of a dictionary row."""
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


_NAME = r"([A-Z][a-z]+(?: [A-Z]\.)?(?: (?:de |van |der )?[A-Z][a-zA-Z'-]+){1,2})"
_NO_NAME = r"(?! (?:Corporation|Company|Co|Ltd|Group|Bank|University|Ministry|Institute|Association|Council|Bureau|Foundation|Center|Centre|Commission|Committee|Department|Agency|Party|Airlines|Airport|Street|School|Hospital|Fund|Initiative|Act|Forum|Summit|Province))"
_TITLES = r"(?:(?:Foreign|Prime|Vice|Deputy|Acting|Defen[cs]e|Assistant|Under|Trade|Finance|Commerce|Health|Interior|Transport|Education|Army|Navy|Air Force|Special|Chief|House|Senior|First|State|Attorney|[A-Z][a-z]+an) ){0,3}(?:(?:President|Premier|Minister|Secretary|Ambassador|Senator|Representative|Congressman|Governor|General|Admiral|Colonel|Captain|Speaker|Envoy|Attorney|Consul|Chairman|Director|Republican|Democrat|Gen\.|Adm\.|Lt\.|Col\.|Capt\.|Sen\.|Rep\.|Dr\.?|Mr\.?|Ms\.?|Mrs\.?) )*"
_AFTER = re.compile(
    r"(?:['’]s)?(?: (?!and |or |but |in |to |on |by |with |that |as |at |when |while |from |is |was |has |had |will |for |than |said )[a-z][a-z-]*){0,4} "
    + _TITLES
    + _NAME
    + _NO_NAME
)
_BEFORE = re.compile(
    _NAME
    + r"(?: of (?:the )?|, (?:of|from) (?:the )?|, (?:the |an? |whose |who (?:heads|leads|runs|chairs) )?(?:[a-z-]+ ){0,4}(?:(?:of|for|at|from) )?(?:the )?)$"
)
_MAY_FOLLOW = re.compile(r"(?:['’]s)?(?: [a-z][a-z-]*){0,4},? [A-Z]")
# Capitalised words that make no person's name.
NO_NAME_WORDS = frozenset(
    [
        "Minister",
        "President",
        "Ambassador",
        "Secretary",
        "Embassy",
        "Ministry",
        "Government",
        "House",
        "Senate",
        "Congress",
        "State",
    ]
    + [
        "Asian",
        "African",
        "European",
        "Western",
        "Eastern",
        "Northern",
        "Southern",
        "Southeast",
        "East",
        "West",
        "North",
        "South",
    ]
    + [
        "Nations",
        "Sea",
        "Ocean",
        "River",
        "Peninsula",
        "Island",
        "Islands",
        "City",
        "Province",
        "Road",
        "National",
        "International",
    ]
    + [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
    ]
    + [
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
        "New",
        "Year",
        "Day",
        "World",
        "War",
        "Covid",
    ]
)


def introduced(text: str, found: Mention) -> Iterator[tuple[str, int, int]]:
    """Yield (name, start, end) of persons whom a text introduces beside a country or body: `JICA's Senya Mori`."""
    if _MAY_FOLLOW.match(text, found.end, found.end + 60) and (match := _AFTER.match(text, found.end, found.end + 90)):
        yield match[1], *match.span(1)
    offset = max(0, found.start - 80)
    before = text[offset : found.start]
    # A name stands before the last comma or "of"; the pattern is tried only where a capital does.
    cut = max(before.rfind(","), before.rfind(" of "))
    if cut > 0 and before[before.rfind(" ", 0, cut) + 1].isupper() and (match := _BEFORE.search(before)):
        yield match[1], match.start(1) + offset, match.end(1) + offset
