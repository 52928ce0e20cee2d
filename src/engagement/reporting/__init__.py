"""What a notebook shows a reader besides figures: prose with numbers from the data, tables, headline numbers."""

from engagement.reporting.display import metrics, quotes, say, table

__all__ = ["metrics", "quotes", "say", "table"]
