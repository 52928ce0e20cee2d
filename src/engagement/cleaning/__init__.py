"""From documents to sentences, tokens and terms, with every offset kept and every loss counted."""

from engagement.cleaning.clean import Cleaned, clean
from engagement.cleaning.figures import curve, flow, lengths
from engagement.cleaning.summary import dropped, extremes, numbers, reasons
from engagement.cleaning.vocabulary import pruning

__all__ = ["Cleaned", "clean", "curve", "dropped", "extremes", "flow", "lengths", "numbers", "pruning", "reasons"]
