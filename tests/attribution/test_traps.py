"""Every row of `data/reference/traps.csv` is a test: its example must give what its last column expects."""

import csv

import pytest

from engagement import attribution, project
from engagement.attribution import trying
from engagement.attribution.naming import WEAK

# "expected" is the codes named outright, or `none`; what follows a blank is checked in the engagements and amounts.
DAY = "2016-01-26"
LATER = "2024-06-01"  # after Cambodia's change of prime minister


def rows() -> list[dict[str, str]]:
    with (project.root() / "data" / "reference" / "traps.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def read():
    return attribution.reader()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["surface"][:40])
def test_trap(row: dict[str, str], read) -> None:
    text = row["example"]
    codes, *further = row["expected"].split(" ", 1)
    (sentence,) = read.read(text, [(0, len(text))], LATER if "role=" in row["expected"] else "")
    named = {m.country for m in sentence.mentions if m.country and m.rule not in WEAK}
    pairs = {m.country for m in sentence.mentions if m.rule == "two outside states"}
    assert (";".join(sorted(named - pairs)) or "none") == codes
    if pairs:
        assert not sentence.engaged
    for fact in further:
        check(fact, trying.code(text, LATER if fact.startswith("role=") else DAY, read=read))


def check(fact: str, coded: trying.Coded) -> None:
    if fact == "historical":
        assert coded.engagements["historical"].all() and len(coded.engagements)
    elif fact == "out-of-office":
        assert (coded.mentions["rule"] == "full name, out of office").any()
    elif fact.startswith("role="):
        assert fact.removeprefix("role=") in set(coded.mentions["role"])
    elif fact == "no-sum":
        assert coded.amounts.empty
    elif fact == "shared":
        assert coded.amounts["shared"].all() and len(coded.amounts) > 1
    else:
        for condition in fact.split():
            column, value = condition.split("=")
            column = {"giver": "partner"}.get(column, column)
            assert set(coded.amounts[column]) == {value}


def test_every_row_has_an_example() -> None:
    for row in rows():
        assert row["example"] and row["expected"], row["surface"]
