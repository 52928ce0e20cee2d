"""One pass over a text: every surface of the dictionary, leftmost and longest, at whole words.

Aho and Corasick's (1975) automaton finds all surfaces at once, so the time does not depend on the dictionary's size.
"""

from collections.abc import Mapping

import ahocorasick

from engagement.attribution.dictionary import WORDS_IN_CAPITALS, Actor, Surface, fold

Hit = tuple[int, int, Surface, tuple[Actor, ...]]


class Matcher:
    """The automaton over all surfaces of a dictionary."""

    def __init__(self, surfaces: Mapping[str, Surface]) -> None:
        """Build the automaton; keys are folded surfaces between spaces (`dictionary.key`)."""
        self._automaton = ahocorasick.Automaton()
        for folded in sorted(surfaces):
            self._automaton.add_word(folded, (len(folded) - 2, surfaces[folded]))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Hit]:
        """Return the hits of one text as (start, end, surface, actors), leftmost and longest, not overlapping.

        A surface whose letter case does not fit is passed over, so that a shorter one inside it may be found.
        `actors` is empty for protected phrases, referring expressions and surnames, which the surface tells apart.
        """
        # The automaton reports by last letter: `end` points at the space after the surface, one to the right of the text.
        found = [
            (end - length - 1, -length, surface) for end, (length, surface) in self._automaton.iter(f" {fold(text)} ")
        ]
        # No two surfaces share start and length, so the surfaces themselves are never compared.
        found.sort()
        capitals = text.isupper()
        hits: list[Hit] = []
        free = 0
        for start, length, surface in found:
            if start < free:
                continue
            end = start - length
            if surface.cue:
                # "the president" must not hide "President Obama": a referring expression takes no room.
                hits.append((start, end, surface, ()))
            elif (actors := readings(surface, text[start:end], capitals)) is not None:
                hits.append((start, end, surface, actors))
                free = end
        return hits


def readings(surface: Surface, written: str, capitals: bool) -> tuple[Actor, ...] | None:
    """Return the dictionary rows a surface stands for as it is written, or None if its letter case rules it out.

    An acronym counts in its own spelling only; a single word needs a capital first letter, so that `china` and `rice`
    are things; several words count in any case. In a text wholly in capitals an acronym that is also a word (`US`)
    counts for nobody.
    """
    if surface.protected:
        return ()
    if surface.exact:
        actors = surface.exact.get(written)
        if actors and not (capitals and written in WORDS_IN_CAPITALS):
            return actors
    if surface.capital and written[0].isupper():
        return surface.capital
    if surface.anycase:
        return surface.anycase
    if surface.expand and written[0].isupper():
        return ()
    if surface.surname_of and written[0].isupper() and (capitals or written[1:].islower() or not written.isupper()):
        return ()
    return None
