"""Bring the spellings, reposts and mirrors of an outlet together."""

import re

# What a page says about how it came by a text is not the outlet: "Reuters via a blog", "AP (repost)".
_VIA = re.compile(r"\s+via\s+.*|\s*\([^)]*\)|^the\s+", re.IGNORECASE)


def publisher(outlet: str) -> str:
    """Return an outlet without how the page was passed on: "The Phnom Penh Post (repost)" gives "Phnom Penh Post"."""
    return _VIA.sub("", outlet).split(" / ")[0].strip() or outlet.strip()
