"""Stage selection: how many topics, and do the same ones come back with another seed?"""

from engagement.selection.charts import contrast_strip, frontier, panel, smoothness
from engagement.selection.grid import chosen, explore, on_frontier, summary, verdict

__all__ = [
    "chosen",
    "contrast_strip",
    "explore",
    "frontier",
    "on_frontier",
    "panel",
    "smoothness",
    "summary",
    "verdict",
]
