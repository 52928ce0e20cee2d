"""Bring the spellings, reposts and mirrors of an outlet together, and look up where it is and who pays for it."""

import csv
import re
from dataclasses import dataclass

from engagement import project
from engagement.errors import ConfigurationError

COLUMNS = ("name", "publisher", "country", "kind", "website")
KINDS = ("government", "organisation", "private media", "publicly funded media")
UNKNOWN = "not listed"

# Between the outlet a text comes from and the page that passed it on: "Reuters via a blog", "AP / The Star", "VOA (repost)".
_PARTS = re.compile(r",?\s+via\s+|\s*/\s*(?!\d)|\s*[()]\s*", re.IGNORECASE)
_PASSED_ON = re.compile(
    r"\((?:\w+ )?(?:repost|reprint|republished|mirror|excerpt|summary|caption|archived|background)\)", re.IGNORECASE
)
# News agencies whose copy others print: where one is named, the text is taken for its own.
_AGENCIES = frozenset(
    {
        "AFP",
        "Agence Kampuchea Presse",
        "Jiji Press",
        "Kyodo News",
        "Reuters",
        "The Associated Press",
        "Xinhua",
        "dpa",
    }
)


@dataclass(frozen=True)
class Publisher:
    """Who published a text: name, country code (empty where unknown) and kind, one of `KINDS` or `UNKNOWN`."""

    name: str
    country: str
    kind: str


class Directory:
    """The publishers listed in `data/reference/outlets.csv`, by each name they go by."""

    def __init__(self) -> None:
        path = project.reference("outlets.csv")
        if not path.is_file():
            raise ConfigurationError("data/reference/outlets.csv: not there; restore it from the project")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
            if missing:
                raise ConfigurationError(f"data/reference/outlets.csv, row 1: no column {', '.join(missing)}; add it")
            rows = list(reader)
        self._listed: dict[str, Publisher] = {}
        for number, row in enumerate(rows, start=2):
            where = f"data/reference/outlets.csv, row {number}"
            if row["kind"] not in KINDS:
                raise ConfigurationError(f"{where}: kind {row['kind']!r} is unknown; use one of {', '.join(KINDS)}")
            if not row["publisher"] or _key(row["name"]) in self._listed:
                raise ConfigurationError(f"{where}: {row['name']!r} repeats a row or names no publisher; correct it")
            self._listed[_key(row["name"])] = Publisher(row["publisher"], row["country"], row["kind"])

    def find(self, outlet: str) -> Publisher:
        """Return the publisher behind an outlet as a page names it.

        Of several parts ("Reuters via The Cambodia Daily") a listed news agency counts first, then the first listed
        name, then the first name as it is.
        """
        parts = [part for part in _PARTS.split(_PASSED_ON.sub("", " ".join(outlet.split()))) if part.strip()]
        listed = [self._listed[_key(part)] for part in parts if _key(part) in self._listed]
        agencies = [publisher for publisher in listed if publisher.name in _AGENCIES]
        for publisher in agencies + listed:
            return publisher
        return Publisher(parts[0].strip() if parts else outlet.strip(), "", UNKNOWN)


def _key(name: str) -> str:
    return name.strip().lower().removeprefix("the ")
