"""Comparison: how the partners differ, how sure that is, and since when."""

from engagement.comparison import charts
from engagement.comparison.answer import instrument_answer, joined, named, span
from engagement.comparison.attention import years
from engagement.comparison.change import changes
from engagement.comparison.codes import INSTRUMENTS, PHASES, STANCES
from engagement.comparison.contrasts import OTHERS, compare, marks, means
from engagement.comparison.money import sums, totals
from engagement.comparison.segments import Segments, Settings, gather
from engagement.comparison.terms import key_terms, keyness, unmasked
from engagement.comparison.topics import aligned, over_time, prevalence
from engagement.comparison.visits import elite_days, persons

__all__ = [
    "INSTRUMENTS",
    "OTHERS",
    "PHASES",
    "STANCES",
    "Segments",
    "Settings",
    "aligned",
    "changes",
    "charts",
    "compare",
    "elite_days",
    "instrument_answer",
    "joined",
    "key_terms",
    "keyness",
    "marks",
    "means",
    "named",
    "over_time",
    "persons",
    "prevalence",
    "gather",
    "span",
    "sums",
    "totals",
    "unmasked",
    "years",
]
