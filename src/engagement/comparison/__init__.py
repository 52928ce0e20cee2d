"""Comparison: how the partners differ, how sure that is, and since when."""

from engagement.comparison import charts, prose
from engagement.comparison.attention import years
from engagement.comparison.change import changes
from engagement.comparison.codes import PHASES
from engagement.comparison.contrasts import OTHERS, both_ends, compare, headline, marks, means
from engagement.comparison.money import sums, totals
from engagement.comparison.quotes import behind, candidates, examples, or_none
from engagement.comparison.robustness import robustness
from engagement.comparison.segments import Segments, Settings, field_names, gather
from engagement.comparison.terms import key_terms, keyness, unmasked
from engagement.comparison.topics import UNSTABLE, aligned, over_time, prevalence, topic_names
from engagement.comparison.visits import elite_days, persons
from engagement.reporting.names import INSTRUMENTS, STANCES

__all__ = [
    "INSTRUMENTS",
    "OTHERS",
    "PHASES",
    "STANCES",
    "UNSTABLE",
    "Segments",
    "Settings",
    "aligned",
    "behind",
    "both_ends",
    "candidates",
    "changes",
    "charts",
    "compare",
    "elite_days",
    "examples",
    "field_names",
    "gather",
    "headline",
    "key_terms",
    "keyness",
    "marks",
    "means",
    "or_none",
    "over_time",
    "persons",
    "prevalence",
    "prose",
    "robustness",
    "sums",
    "topic_names",
    "totals",
    "unmasked",
    "years",
]
