"""The reading of one document: its mentions, and the outside countries each sentence engages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from engagement.attribution import naming
from engagement.attribution.dictionary import SURNAME_FIRST, Surface
from engagement.attribution.matching import Matcher
from engagement.attribution.naming import PAIR, WEAK, Memory, Mention
from engagement.attribution.reference import Cue, Thread
from engagement.attribution.referring import Referring

LEAD_SENTENCES = 2


@dataclass(slots=True)
class Sentence:
    """A sentence of one document: its mentions, its referring expressions, and the countries it engages with their rule."""

    start: int
    end: int
    mentions: list[Mention] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    engaged: dict[str, tuple[str, float]] = field(default_factory=dict)


class Reader:
    """Reads documents one at a time; holds nothing of a document once it has been read."""

    def __init__(self, surfaces: dict[str, Surface], referring: Referring, home: str = "KH") -> None:
        """Build the automaton. `home` is the country engaged with, never a partner."""
        referring.add_to(surfaces)
        self.words = referring.words
        self.matcher = Matcher(surfaces)
        self.home = home
        self.countries = frozenset(
            a.country
            for s in surfaces.values()
            for a in (*s.anycase, *s.capital, *sum(s.exact.values(), ()))
            if a.kind == "country"
        )

    def read(self, text: str, spans: Sequence[tuple[int, int]], day: str = "", title: str = "") -> list[Sentence]:
        """Return the sentences of a document with their mentions and the outside countries they engage.

        Parameters
        ----------
        text : the document's text.
        spans : start and end of each sentence, in order.
        day : date of the event (ISO), empty where unknown; offices are then not dated.
        title : headline; gives the first subject, is no sentence itself.
        """
        memory = Memory(text, day, self.words)
        sentences = [Sentence(*span) for span in spans]
        self._fill(memory, text, sentences)
        # After the text, because headlines use surnames that only the text gives in full.
        heading = Sentence(0, len(title))
        self._fill(memory, title, [heading])
        headline = sorted(self._named(heading))
        named = [self._named(s) for s in sentences]
        if not headline:
            # A lead that names nobody opens the story of whom the next sentences name first.
            headline = sorted(next((n for n in named[: LEAD_SENTENCES + 1] if n), ()))
        thread = Thread(text, headline, frozenset().union(*named), self.home, self.words)
        for sentence in sentences:
            sentence.engaged = thread.follow(sentence.start, sentence.mentions, sentence.cues)
            for start, end in thread.unresolved:
                sentence.mentions.append(naming.unresolved(text, start, end))
            thread.unresolved.clear()
        return sentences

    def _named(self, sentence: Sentence) -> set[str]:
        """Return the outside countries a sentence names as parties; a pair of them only where Cambodia stands beside it."""
        left_out = WEAK if any(m.country == self.home for m in sentence.mentions) else WEAK | {PAIR}
        return {m.country for m in sentence.mentions if m.country not in ("", self.home) and m.rule not in left_out}

    def _fill(self, memory: Memory, text: str, sentences: list[Sentence]) -> None:
        """Put each hit into its sentence, and add the persons the text introduces itself."""
        ordered = iter(sentences)
        sentence = next(ordered, None)
        taken: list[Mention] = []
        for start, end, surface, actors in self.matcher.find(text):
            while sentence and start >= sentence.end:
                sentence = next(ordered, None)
            if sentence is None:
                break
            if start < sentence.start or surface.protected:
                continue
            if surface.cue:
                sentence.cues.append((start, end, surface))
            elif found := memory.mention(text, start, end, surface, actors):
                if sentence.mentions and text[start - 1] in "-–/":
                    found = self._dyad(sentence.mentions, found)
                sentence.mentions.append(found)
                taken.append(found)
        self._introduce(text, sentences, taken)

    def _dyad(self, before: list[Mention], found: Mention) -> Mention:
        """Return the mention; two outside states joined by a hyphen (`US-China`) are both marked as a pair of their own."""
        other = before[-1]
        pair = {other.country, found.country} - {self.home, ""}
        if other.end != found.start - 1 or len(pair) < 2 or any(len(code) > 2 for code in pair):
            return found
        before[-1] = replace(other, rule=PAIR, confidence=naming.CONFIDENCE[PAIR])
        return replace(found, rule=PAIR, confidence=naming.CONFIDENCE[PAIR])

    def _introduce(self, text: str, sentences: list[Sentence], taken: list[Mention]) -> None:
        people: dict[str, tuple[str, Mention, int]] = {}
        spans = {m.start for m in taken}
        for beside in taken:
            if beside.kind in ("country", "organisation") and beside.country not in ("", self.home):
                for name, start, end in naming.introduced(text, beside):
                    words = name.split()
                    surname = words[0] if beside.country in SURNAME_FIRST else words[-1]
                    known = any(start <= s < end for s in spans) or surname in naming.NO_SURNAME
                    if not known and surname not in people:
                        people[surname] = (name, beside, start)
        for surname, (name, beside, first) in people.items():
            for match in re.finditer(rf"(?:{re.escape(name)}|\b{re.escape(surname)})\b", text[first:]):
                start, end = match.start() + first, match.end() + first
                place = next((s for s in sentences if s.start <= start < s.end), None)
                if place and not any(m.start < end and start < m.end for m in place.mentions):
                    place.mentions.append(
                        Mention(
                            start,
                            end,
                            match[0],
                            "",
                            name,
                            "person",
                            beside.country,
                            "L3",
                            "",
                            "introduced in the text",
                            0.75,
                        )
                    )
                    place.mentions.sort(key=lambda m: m.start)
