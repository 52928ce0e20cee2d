"""Dates of which sometimes only the month or the year is known."""

import re
from datetime import date

from engagement.errors import ConfigurationError

# A time of day may follow a full date; the day is taken as written, without moving it to another time zone.
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\d{2}:\d{2}\S*)?)?)?", re.ASCII)


def parse(value: str) -> tuple[date, str] | None:
    """Return the first day of `YYYY`, `YYYY-MM` or `YYYY-MM-DD` and what is known of it; None where it is no date."""
    match = _DATE.fullmatch(value.strip())
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return first, "day" if day else "month" if month else "year"


def bound(value: str, name: str) -> date:
    """Return a parameter that must be a full date.

    Raises
    ------
    ConfigurationError
        If it is not written `YYYY-MM-DD`.
    """
    parsed = parse(str(value))
    if parsed is None or parsed[1] != "day":
        raise ConfigurationError(f'params.yaml: corpus.{name}: {value!r} is no date; write it as "2008-01-31"')
    return parsed[0]
