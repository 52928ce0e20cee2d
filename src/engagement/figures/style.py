"""Colours, markers and names of the partners, the same in every figure.

The palette is Okabe and Ito's (2008), made to be told apart with any kind of colour vision; each partner has a marker
besides, so that a figure printed in grey still reads.
"""

import csv
from functools import cache
from pathlib import Path

import yaml

from engagement import project

BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
)
GREY = "#6B6B6B"

# The three partners of the question keep these for good; further ones take the next free look in params.yaml's order.
_FIXED = {"US": (BLUE, "o"), "JP": (GREEN, "s"), "CN": (VERMILLION, "^")}
_SPARE = [(PURPLE, "D"), (ORANGE, "v"), (SKY, "P"), (BLACK, "X")]


@cache
def _listed(parameters: str) -> tuple[str, ...]:
    return tuple(yaml.safe_load(parameters)["partners"])


def partners() -> tuple[str, ...]:
    """Return the partners' codes in the order of `params.yaml`."""
    return _listed((project.root() / "params.yaml").read_text(encoding="utf-8"))


@cache
def _looks(partners: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    further = [code for code in partners if code not in _FIXED]
    return _FIXED | {code: _SPARE[i % len(_SPARE)] for i, code in enumerate(further)}


def colour(partner: str) -> str:
    """Return a partner's colour as a hexadecimal code; grey for a code that is no partner."""
    return _looks(partners()).get(partner, (GREY, "."))[0]


def marker(partner: str) -> str:
    """Return a partner's Matplotlib marker."""
    return _looks(partners()).get(partner, (GREY, "."))[1]


@cache
def _names(actors: Path) -> dict[str, str]:
    with actors.open(encoding="utf-8", newline="") as file:
        return {row["country"]: row["name"] for row in csv.DictReader(file) if row["kind"] == "country"}


def partner_name(partner: str) -> str:
    """Return a partner's name for a reader: its `country` row in `data/reference/actors.csv`, else the code itself."""
    return _names(project.reference("actors.csv")).get(partner, partner)
