"""Attribution: which sentence is about which partner, doing what, with how much money."""

from engagement.attribution.engagements import attribute, build, reader, stream

__all__ = ["attribute", "build", "reader", "stream"]
