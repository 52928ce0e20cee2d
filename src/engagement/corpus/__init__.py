"""From folders of raw text to one table of documents; what is refused is written down with its remedy."""

from engagement.corpus.accept import Corpus, build
from engagement.corpus.figures import outlets, precision, years
from engagement.corpus.summary import collections, numbers, publisher_kinds, state_voices, thin_years

__all__ = [
    "Corpus",
    "build",
    "collections",
    "numbers",
    "outlets",
    "precision",
    "publisher_kinds",
    "state_voices",
    "thin_years",
    "years",
]
