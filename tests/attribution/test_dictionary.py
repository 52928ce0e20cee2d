"""The actor dictionary: what it accepts, what it refuses and how it says so."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import project
from engagement.attribution import dictionary
from engagement.errors import ConfigurationError

HEADER = ",".join(dictionary.COLUMNS)
LAND = "xx,XX,country,Xland,Xish,,L0,,,,yes"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "actors.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_shipped_dictionary_is_accepted() -> None:
    actors = dictionary.actors(project.root() / "data" / "reference" / "actors.csv")
    countries = [a.country for a in actors if a.kind == "country"]
    assert {"US", "JP", "CN", "KH", "TW", "HK", "MO", "VN", "TH", "KR", "UN", "ASEAN"} <= set(countries)
    assert len({a.actor_id for a in actors}) == len(actors) > 800


@pytest.mark.parametrize("role, country", [("President", "US"), ("Prime Minister", "JP"), ("Premier", "CN")])
def test_heads_cover_every_day_of_the_corpus(role: str, country: str) -> None:
    held = [
        (a.start, a.end or "9999")
        for a in dictionary.actors(project.root() / "data" / "reference" / "actors.csv")
        if a.country == country and a.role == role
    ]
    for year in range(2008, 2026):
        for month in range(1, 13):
            day = f"{year}-{month:02d}-15"
            assert sum(start <= day < end for start, end in held) == 1, day


@pytest.mark.parametrize(
    "row, complaint",
    [
        ("a,XX,person,Ann Bee,Bee;;Cee,Envoy,L3,,,,yes", "an alias is empty"),
        ("a,XX,person,Ann Bee,,Envoy,L3,2020-13-01,,,yes", "start '2020-13-01' is no day"),
        ("a,XX,person,Ann Bee,,Envoy,L3,2021-01-01,2020-01-01,,yes", "ends on 2020-01-01, before it starts"),
        ("a,YY,person,Ann Bee,,Envoy,L3,,,,yes", "country 'YY' is unknown"),
        ("xx,XX,person,Ann Bee,,Envoy,L3,,,,yes", "actor_id 'xx' is row 2's already"),
        ("a,XX,human,Ann Bee,,Envoy,L3,,,,yes", "kind 'human' is unknown"),
        ("a,XX,person,Ann Bee,,Envoy,L9,,,,yes", "level 'L9' is unknown"),
        ("a,XX,person,Ann Bee,,Envoy,L3,,,,perhaps", "write yes or no"),
        ("a,XX,person,习近平,,Envoy,L3,,,,yes", "fewer than two Latin letters"),
        ("a,XX,person,,,Envoy,L3,,,,yes", "name is empty"),
        (",XX,person,Ann Bee,,Envoy,L3,,,,yes", "actor_id is empty"),
        ("a,XX,country,Xania,,,L0,,,,yes", "has its row already"),
        ("a,XX,person,Ann Bee,,Envoy,L3,,,,yes,more", "more cells than the header"),
        ("a,XX,person", "fewer cells than the header"),
    ],
)
def test_a_broken_row_is_named_with_the_remedy(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(complaint)) as error:
        dictionary.actors(write(tmp_path, LAND, row))
    message = str(error.value)
    assert message.startswith("data/reference/actors.csv, row 3: ") and "\n" not in message
    assert ";" in message  # the remedy follows


def test_overlapping_offices_are_refused(tmp_path: Path) -> None:
    first = "a,XX,person,Ann Bee,,Prime Minister,L1,2010-01-01,2015-01-01,,yes"
    second = "b,XX,person,Cy Dee,,Prime Minister,L1,{},,,yes"
    dictionary.actors(write(tmp_path, LAND, first, second.format("2015-01-01")))
    with pytest.raises(
        ConfigurationError, match="row 4: Cy Dee is Prime Minister from 2014-12-31 while row 3 has Ann Bee"
    ):
        dictionary.actors(write(tmp_path, LAND, first, second.format("2014-12-31")))


def test_shared_offices_may_overlap(tmp_path: Path) -> None:
    rows = [f"{n},XX,person,Ann {n}bee,,Senator,L3,2010-01-01,2015-01-01,,yes" for n in "abc"]
    assert len(dictionary.actors(write(tmp_path, LAND, *rows))) == 4


def test_a_missing_column_or_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text("country,name\nXX,Xland\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="row 1: no column 'actor_id'"):
        dictionary.actors(tmp_path / "actors.csv")
    with pytest.raises(ConfigurationError, match="not there"):
        dictionary.actors(tmp_path / "nothing.csv")
    (tmp_path / "latin.csv").write_bytes("é".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        dictionary.actors(tmp_path / "latin.csv")


@pytest.mark.parametrize(
    "kind, forms, cues, complaint",
    [
        ("guess", "a b", "", "kind 'guess' is unknown"),
        ("protected", "", "", "needs forms"),
        ("protected", "a (b|c", "", "a bracket is not closed"),
        ("expand", "ABC", "", "needs cues"),
        ("expand", "ABC", "US", "has no words"),
    ],
)
def test_a_broken_trap_is_named(tmp_path: Path, kind: str, forms: str, cues: str, complaint: str) -> None:
    path = tmp_path / "traps.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(dictionary.TRAP_COLUMNS)
        writer.writerow(["a", "b", "c", "d", kind, forms, cues, "e", "none"])
    with pytest.raises(ConfigurationError, match=complaint):
        dictionary.traps(path)


@given(st.text())
def test_folding_keeps_offsets(text: str) -> None:
    assert len(dictionary.fold(text)) == len(text)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_folding_leaves_only_plain_characters(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9$ ]*", dictionary.fold(text))


@pytest.mark.parametrize(
    "surface, acronym", [("US", True), ("U.S.", True), ("JICA", True), ("MoU", True), ("China", False), ("Xi", False)]
)
def test_acronyms(surface: str, acronym: bool) -> None:
    assert dictionary.is_acronym(surface) is acronym


def test_alternatives_in_a_pattern() -> None:
    assert list(dictionary.expand("(Latin|South) America")) == ["Latin America", "South America"]
    assert list(dictionary.expand("US$")) == ["US$"]
