"""Stage selection: how many topics, and do the same ones come back with another seed?"""

from engagement.selection.grid import chosen, explore, on_frontier, summary

__all__ = ["chosen", "explore", "on_frontier", "summary"]
