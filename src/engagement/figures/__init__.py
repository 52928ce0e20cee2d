"""Figures: one look, one colour per partner, and never a picture without its words and its numbers."""

from engagement.figures.show import new, show
from engagement.figures.style import colour, marker, partner_name

__all__ = ["colour", "marker", "new", "partner_name", "show"]
