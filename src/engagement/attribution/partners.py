"""The reading of one document: its mentions, and the outside countries each sentence engages."""

from bisect import insort
from collections.abc import Iterator, Sequence
from operator import attrgetter

from engagement.attribution import carrying, naming
from engagement.attribution.dictionary import SURNAME_FIRST, Surface
from engagement.attribution.matching import Matcher
from engagement.attribution.naming import NO_NAME_WORDS, PAIR, WEAK, Memory, Mention
from engagement.attribution.reference import Sentence, Thread
from engagement.attribution.referring import Referring

LEAD_SENTENCES = 3


class Reader:
    """Reads documents one at a time; holds nothing of a document once it has been read."""

    def __init__(
        self,
        surfaces: dict[str, Surface],
        referring: Referring,
        weights: carrying.Weights | None = None,
        home: str = "KH",
    ) -> None:
        """Build the automaton.

        `weights` are those of the model that weighs what a sentence refers to; without it the rules alone decide. `home` is
        the country engaged with, never a partner.
        """
        self.weights = weights
        referring.add_to(surfaces)
        self.words = referring.words
        self.matcher = Matcher(surfaces)
        self.home = home
        countries = [
            a
            for s in surfaces.values()
            for a in (*s.anycase, *s.capital, *sum(s.exact.values(), ()))
            if a.kind == "country"
        ]
        self.countries = frozenset(a.country for a in countries)
        # Names, demonyms and capitals of one word, with the country's code.
        self.country_names = {name: a.country for a in countries for name in a.surfaces() if name.isalpha()}

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], day: str = "", title: str = "", doubtful: bool = False
    ) -> list[Sentence]:
        """Return the sentences of a document with their mentions and the outside countries they engage.

        Parameters
        ----------
        text : the document's text.
        spans : start and end of each sentence, in order.
        day : date of the event (ISO), empty where unknown; offices are then not dated.
        title : headline; gives the first subject, is no sentence itself.
        doubtful : whether to keep what the context model has yet to judge (`carrying.weigh`).
        """
        return self.with_heading(text, spans, day, title, doubtful)[0]

    def with_heading(
        self, text: str, spans: Sequence[tuple[int, int]], day: str = "", title: str = "", doubtful: bool = False
    ) -> tuple[list[Sentence], Sentence]:
        """Return what `read` does, and the title as a sentence with its mentions."""
        sentences, named, heading = self.by_rules(text, spans, day, title)
        if self.weights:
            carrying.weigh(text, sentences, named, frozenset(heading.engaged), self.weights, doubtful)
        return sentences, heading

    def by_rules(
        self, text: str, spans: Sequence[tuple[int, int]], day: str = "", title: str = ""
    ) -> tuple[list[Sentence], list[frozenset[str]], Sentence]:
        """Return the sentences as the rules read them, the outside parties each names, and the title as a sentence."""
        memory = Memory(text, day, self.words)
        sentences = [Sentence(*span) for span in spans]
        self._fill(memory, text, sentences)
        # After the text, because headlines use surnames that only the text gives in full.
        heading = Sentence(0, len(title))
        self._fill(memory, title, [heading])
        named = [frozenset(self._name(s)) for s in sentences]
        # A lead that names nobody opens the story of whom the next sentences name first.
        titled = frozenset(self._name(heading))
        headline = titled or next((n for n in named[: LEAD_SENTENCES + 1] if n), ())
        thread = Thread(text, sorted(headline), frozenset().union(*named), self.home, self.words)
        for sentence in sentences:
            thread.follow(sentence)
            for start, end in thread.unresolved:
                sentence.mentions.append(naming.unresolved(text, start, end))
            thread.unresolved.clear()
        return sentences, named, heading

    def _name(self, sentence: Sentence) -> dict[str, tuple[str, float]]:
        """Fill and return the outside countries a sentence names as parties, each with its surest rule."""
        engaged = sentence.engaged
        pairs = []
        for m in sentence.mentions:
            country, rule = m.country, m.rule
            if country == self.home:
                sentence.home = True
            elif rule == PAIR:
                pairs.append(m)
            elif country and rule not in WEAK and (country not in engaged or engaged[country][1] < m.confidence):
                engaged[country] = (rule, m.confidence)
        # A pair such as "US-China" deals with itself unless Cambodia stands beside it.
        if sentence.home:
            for m in pairs:
                engaged.setdefault(m.country, (PAIR, m.confidence))
        return engaged

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
        before[-1] = other._replace(rule=PAIR, confidence=naming.CONFIDENCE[PAIR])
        return found._replace(rule=PAIR, confidence=naming.CONFIDENCE[PAIR])

    def _introduce(self, text: str, sentences: list[Sentence], taken: list[Mention]) -> None:
        people: dict[str, tuple[str, Mention, int]] = {}
        spans = {m.start for m in taken}
        for beside in taken:
            if beside.kind in ("country", "organisation") and beside.country not in ("", self.home):
                for name, start, end in naming.introduced(text, beside):
                    words = name.split()
                    surname = words[0] if beside.country in SURNAME_FIRST else words[-1]
                    known = any(start <= s < end for s in spans) or not NO_NAME_WORDS.isdisjoint(words)
                    if not known and surname not in people:
                        people[surname] = (name, beside, start)
        for surname, (name, beside, first) in people.items():
            for start, end in _occurrences(text, name, surname, first):
                place = next((s for s in sentences if s.start <= start < s.end), None)
                if place and not any(m.start < end and start < m.end for m in place.mentions):
                    found = naming.introduction(text, start, end, name, beside.country)
                    insort(place.mentions, found, key=attrgetter("start"))


def _occurrences(text: str, name: str, surname: str, first: int) -> Iterator[tuple[int, int]]:
    """Yield where a person is named, in full or by surname, from where the text introduces the person."""
    start = text.find(surname, first)
    while start >= 0:
        end = start + len(surname)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            whole = start - name.index(surname)
            yield (whole, whole + len(name)) if text.startswith(name, max(whole, 0)) else (start, end)
        start = text.find(surname, end)
