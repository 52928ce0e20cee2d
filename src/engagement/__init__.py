"""How outside powers engage with a country: from raw text to rendered, verified reports."""

__version__ = "0.1.0"
