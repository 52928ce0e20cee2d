"""Partner: one partner's profile beside the mean of the others."""

from engagement.partner.charts import versus, years
from engagement.partner.profile import alt, answer, beside_others, most_named, people, title
from engagement.partner.quotes import chosen, groups

__all__ = ["alt", "answer", "beside_others", "chosen", "groups", "most_named", "people", "title", "versus", "years"]
