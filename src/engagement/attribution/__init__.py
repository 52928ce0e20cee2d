"""Attribution: which sentence is about which partner, doing what, with how much money."""

from engagement.attribution.engagements import attribute, reader, stream

__all__ = ["attribute", "reader", "stream"]
