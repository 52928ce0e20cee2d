"""Yearly exchange rates and the deflator that turn sums into US dollars of their year and of one base year."""

import csv
from dataclasses import dataclass
from pathlib import Path

from engagement import project
from engagement.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Rates:
    """Units of currency per US dollar by currency and year, and the price level by year (base year = 100)."""

    per_dollar: dict[tuple[str, int], float]
    level: dict[int, float]

    @classmethod
    def load(cls) -> "Rates":
        """Read `exchange_rates.csv` and `deflators.csv`.

        Raises
        ------
        ConfigurationError
            If a rate or price level is not a positive number, or one is given twice; the message names the row.
        """
        per_dollar: dict[tuple[str, int], float] = {}
        for where, row in _rows(project.reference("exchange_rates.csv")):
            key = (row["currency"], int(row["year"]))
            per_dollar[key] = _positive(where, row["per_usd"], key in per_dollar)
        level: dict[int, float] = {}
        for where, row in _rows(project.reference("deflators.csv")):
            year = int(row["year"])
            level[year] = _positive(where, row["level"], year in level)
        return cls(per_dollar, level)

    def usd(self, value: float, currency: str, year: int) -> float:
        """Return the value in US dollars of its year; not a number where no rate is known."""
        if currency == "USD":
            return value
        rate = self.per_dollar.get((currency, year))
        return value / rate if rate else float("nan")

    def constant(self, usd: float, year: int) -> float:
        """Return dollars of a year in dollars of the base year; not a number where the year's price level is unknown."""
        level = self.level.get(year)
        return usd * 100 / level if level else float("nan")


def _rows(path: Path) -> list[tuple[str, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(f"data/reference/{path.name}, row {n}", r) for n, r in enumerate(csv.DictReader(file), start=2)]


def _positive(where: str, text: str, again: bool) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if again or not 0 < value < float("inf"):
        problem = "is given twice; delete one row" if again else f"{text!r} is no positive number; correct it"
        raise ConfigurationError(f"{where}: {problem}")
    return value
