"""Sheets for human coders, and what comes back from them."""

from engagement.coders.commands import app

__all__ = ["app"]
