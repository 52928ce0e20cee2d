"""Sentences that refer to a partner without naming it: "the two leaders", "the loan", "the ambassador", "he".

A `Thread` follows one document. It keeps the countries last spoken of, the country each office ("the ambassador") was
given to, the countries each noun ("the loan") was told of, and the last person. A sentence that names no outside party
takes over what it refers to; one that names only a third party keeps the earlier partner where it plainly refers back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache

from engagement.attribution.dictionary import Surface
from engagement.attribution.naming import Mention, words_before
from engagement.attribution.referring import BITS

# Every rule that carries a partner over, with its confidence before the model of `carrying.py` weighs it: the share of its
# attributions that coders confirmed in the development half, to the nearest 0.05. `docs/attribution.md` says what each means.
CONFIDENCE = {
    "lead": 0.75,
    "both sides": 0.9,
    "office spoken of": 0.9,
    "act spoken of": 0.8,
    "relation spoken of": 0.85,
    "pronoun": 0.85,
    "same subject": 0.75,
    "place of a partner spoken of": 0.95,
}
MOST_LOOSE = 1  # sentences in a row that may go on without any referring expression
MOST_SENTENCES = 2  # background sentences that an act may reach back over

_BOTH, _RELATION, _ACT, _BACKGROUND, _OFFICE = (BITS[k] for k in ("both", "relation", "act", "background", "office"))
_PRONOUN, _PLURAL, _DEMONSTRATIVE, _ONWARD, _AFFAIRS = (
    BITS[k] for k in ("pronoun", "plural", "demonstrative", "onward", "home affairs")
)
_DEFINITE = frozenset(
    [
        "the",
        "this",
        "that",
        "these",
        "those",
        "his",
        "her",
        "its",
        "their",
        "such",
        "both",
        "visiting",
        "another",
        "latest",
    ]
)

# Bodies in which a partner acts with others: to name one does not by itself change the subject.
FORUMS = frozenset(["ASEAN", "EAS", "G7", "G20", "MRC", "RCEP", "UN", "UNESCO", "WHO", "WTO"])

_CLOSING = ".!?\"'”’)]…"
PLACE = "place of a partner spoken of"

Cue = tuple[int, int, Surface]


@dataclass(slots=True)
class Sentence:
    """A sentence of one document: its mentions, its referring expressions, and the countries it engages with their rule."""

    start: int
    end: int
    mentions: list[Mention] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    engaged: dict[str, tuple[str, float]] = field(default_factory=dict)
    home: bool = False  # names the country engaged with


class Thread:
    """Follows the subject of one document, sentence by sentence."""

    def __init__(
        self, text: str, headline: Sequence[str], named: Set[str], home: str, words: Mapping[str, frozenset[str]]
    ) -> None:
        """Begin a document; `headline` holds the outside countries its title names, `named` those its text names."""
        self.text, self.home, self.words = text, home, words
        self.headline = self.current = tuple(dict.fromkeys(headline))
        self.counts: Counter[str] = Counter()
        self.age = 0  # sentences since one was attributed
        self.first = True
        self.loose = 0  # sentences in a row that went on without any referring expression
        self.offices: dict[str, str] = {}
        self.nouns: dict[str, tuple[str, ...]] = {}
        self.known = named
        self.person, self.person_age = "", 9
        self.unresolved: list[tuple[int, int]] = []  # spans that refer to an outside party the text never named

    def follow(self, sentence: Sentence) -> None:
        """Add to the countries a sentence names those it refers to, each with its rule and confidence."""
        engaged = sentence.engaged
        named = bool(engaged)
        bits, opening, referred = self._refer(sentence)
        for country, rule in referred.items():
            engaged.setdefault(country, (rule, CONFIDENCE[rule]))
        at_home = False
        for m in sentence.mentions:
            if m.rule == "place" and m.country in self.known:
                engaged.setdefault(m.country, (PLACE, CONFIDENCE[PLACE]))
            elif m.country == self.home and m.kind in ("person", "organisation"):
                at_home = True
        rule = self._carry(bits, opening, engaged, named, at_home)
        if rule in ("lead", "same subject") and self.text[sentence.end - 1] not in _CLOSING:
            rule = ""  # a heading, a menu, a by-line
        self.loose = self.loose + 1 if rule == "same subject" else 0
        if rule:
            countries = self.current
            if rule == "act spoken of" and not named:
                countries = next((self.nouns[c[2].noun] for c in sentence.cues if c[2].noun in self.nouns), countries)
            for country in self._main(countries):
                engaged.setdefault(country, (rule, CONFIDENCE[rule]))
        if bits & _ONWARD and not sentence.home:
            engaged.clear()
        self._remember(engaged, sentence.cues)

    def _refer(self, sentence: Sentence) -> tuple[int, bool, dict[str, str]]:
        """Return the bits of a sentence's referring expressions, whether one opens it, and the countries they settle on."""
        bits, opening = 0, False
        referred: dict[str, str] = {}
        mentions = sentence.mentions
        seen, behind = 0, None
        pending, pending_end = "", 0
        person = self.person if self.person_age <= 2 else ""
        here = continued = False
        for begin, end, surface in (*sentence.cues, _NO_MORE):
            while seen < len(mentions) and mentions[seen].start < end:
                behind = mentions[seen]
                seen += 1
                if pending and behind.country and self.text[pending_end : behind.start].strip(" ,") in _LINKS:
                    self.offices[pending] = behind.country  # "Ambassador Kumamaru", "the embassy of Japan"
                pending = ""
                # The first person of a sentence is its subject as a rule, and whom "he" then speaks of.
                if behind.kind == "person" and not here:
                    person, here = behind.country, True
                if office := _office(behind.role if behind.kind == "person" else behind.name):
                    self.offices[office] = behind.country
            if surface is None:
                break
            kind = surface.cue
            if kind & _OFFICE:
                office = pending = surface.noun
                pending_end = end
                if behind and behind.country and _attached(self.text[behind.end : begin]):
                    self.offices[office] = behind.country
                    if office in _PERSONS and not here:
                        person, here = behind.country, True
                elif _is_definite(self.text, begin):
                    country = self.offices.get(office)
                    if country and country != self.home:
                        referred.setdefault(country, "office spoken of")
                    elif not country and office not in self.words["home"]:
                        bits |= _OFFICE
                        if not self.current:
                            self.unresolved.append((begin, end))
            if kind & _BACKGROUND:
                if surface.noun in self.nouns or _is_definite(self.text, begin):
                    bits |= _ACT
            elif kind & _PRONOUN:
                if person and person != self.home:
                    referred.setdefault(person, "pronoun")
                elif not here:
                    bits |= _PRONOUN
                continued = bool(person)
            bits |= kind & ~(_OFFICE | _PRONOUN | _BACKGROUND)
            # "That is Beijing's view" turns to somebody else; "It was built by Japan" goes on.
            if begin <= sentence.start + 1 and kind & (_PRONOUN | _PLURAL | _DEMONSTRATIVE):
                opening = True
        if here:
            self.person, self.person_age = person, 0
        else:
            self.person_age = 0 if continued else self.person_age + 1
        return bits, opening, referred

    def _carry(
        self, bits: int, opening: bool, engaged: Mapping[str, tuple[str, float]], named: bool, at_home: bool
    ) -> str:
        """Return the rule that takes over the current countries, or an empty text."""
        if not self.current:
            return ""
        if engaged:
            if self.first:
                # A lead that names others only is still about whom the headline names.
                return "lead" if len(self.headline) == 1 and self.headline[0] not in engaged else ""
            if self.age or not set(engaged).isdisjoint(self.current):
                return ""
            if FORUMS.issuperset(engaged) and bits & (_BOTH | _ACT | _RELATION):
                return "both sides" if bits & _BOTH else "act spoken of"
            if bits & _OFFICE:
                return "office spoken of"
            return "pronoun" if named and opening else ""
        if self.first:
            return "lead"
        if bits & _BOTH:
            return "both sides"
        if bits & _OFFICE:
            return "office spoken of"
        if bits & _ACT and self.age <= MOST_SENTENCES:
            return "act spoken of"
        if bits & _RELATION and self.age <= 1:
            return "relation spoken of"
        if self.age == 0 and (opening or bits & (_PRONOUN | _PLURAL)):
            return "pronoun"
        if self.age == 0 and self.loose < MOST_LOOSE and not bits & _AFFAIRS and not at_home:
            return "same subject"
        return ""

    def _main(self, countries: Sequence[str]) -> Sequence[str]:
        """Return those of several countries that the document is about: its headline's, else the one engaged most so far."""
        if len(countries) == 1:
            return countries
        if told := [c for c in countries if c in self.headline]:
            return told
        most = max(self.counts[c] for c in countries)
        return [c for c in countries if self.counts[c] == most]

    def _remember(self, engaged: Mapping[str, tuple[str, float]], cues: Sequence[Cue]) -> None:
        self.first = False
        if not engaged:
            self.age += 1
            return
        if self.current and FORUMS.issuperset(engaged) and not FORUMS.issuperset(self.current):
            self.age += 1  # a forum comes between and does not take over
            return
        self.age = 0
        self.current = tuple(sorted(engaged)) if len(engaged) > 1 else tuple(engaged)
        for country in self.current:
            self.counts[country] += 1
        for _, _, surface in cues:
            if surface.cue & (_ACT | _BACKGROUND):
                self.nouns[surface.noun] = self.current


_NO_MORE = (1 << 60, 1 << 60, None)  # stands after the last cue, so that the mentions behind it are seen too
_LINKS = frozenset(["", "of", "of the", "for", "for the", "at the", "from", "from the"])
_PERSONS = frozenset(
    ["ambassador", "spokesperson", "president", "premier", "minister", "general", "senator", "official"]
)
_HEADS = {
    "ambassador": "ambassador",
    "charge d'affaires": "ambassador",
    "prime minister": "premier",
    "premier": "premier",
    "minister": "minister",
    "secretary": "minister",
    "president": "president",
    "emperor": "president",
    "spokesperson": "spokesperson",
    "administrator": "agency",
    "commander": "general",
    "embassy": "embassy",
    "bank": "company",
    "corporation": "company",
    "company": "company",
    "group": "company",
    "agency": "agency",
}


@cache
def _office(role: str) -> str:
    """Return the office that a role or a name speaks of: `Foreign Minister` is "the minister"; empty if none."""
    return next((head for word, head in _HEADS.items() if word in role.lower()), "")


def _is_definite(text: str, begin: int) -> bool:
    """Return whether one of the two words before makes a noun a definite one: `the`, `his new`."""
    return text.endswith(("the ", "The "), 0, begin) or bool(_DEFINITE.intersection(words_before(text, begin)[-2:]))


def _attached(between: str) -> bool:
    """Return whether only a possessive and up to two plain words stand between a country and an office."""
    words = between.replace("'s", "").replace("’s", "").split()
    return len(words) <= 2 and not set(between).intersection(",.;:") and not _BREAKS.intersection(words)


_BREAKS = frozenset(
    ["and", "or", "to", "in", "with", "by", "on", "that", "as", "said", "told", "asked", "from", "when", "the", "a"]
)
