"""Stage topics: what are the topics?"""

from engagement.topics.fit import Settings, draws, fold_in, read

__all__ = ["Settings", "draws", "fold_in", "read"]
