"""The publisher behind the names a page gives."""

import csv

import pytest

from engagement.corpus.outlets import UNKNOWN, Directory


@pytest.mark.parametrize(
    ("outlet", "name", "country"),
    [
        ("The Phnom Penh Post", "The Phnom Penh Post", "KH"),
        ("Phnom Penh Post", "The Phnom Penh Post", "KH"),
        ("The Phnom Penh Post (repost)", "The Phnom Penh Post", "KH"),
        ("the phnom penh post via Khmernz blog", "The Phnom Penh Post", "KH"),
        ("Reuters via The Cambodia Daily", "Reuters", "GB"),
        ("Bangkok Post / Kyodo", "Kyodo News", "JP"),
        ("Bangkok Post / Khmer Times", "Bangkok Post", "TH"),
        ("A blog (Xinhua)", "Xinhua", "CN"),
        ("Agence Kampuchea Presse, via Cambodia News Gazette", "Agence Kampuchea Presse", "KH"),
        ("The Mirror (repost)", "The Mirror", "KH"),
        ("US Embassy (repost)", "US Embassy in Cambodia", "US"),
        ("An Unheard-of Paper (reprint)", "An Unheard-of Paper", ""),
        ("Perspective 2020/132 via Docslib", "Perspective 2020/132", ""),
        ("(repost)", "(repost)", ""),
        ("", "", ""),
    ],
)
def test_publisher(outlet, name, country):
    found = Directory().find(outlet)
    assert (found.name, found.country) == (name, country)
    assert (found.kind == UNKNOWN) == (country == "")


def test_a_publisher_has_one_country_and_kind(root):
    with (root / "data/reference/outlets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    looks = {}
    for row in rows:
        assert looks.setdefault(row["publisher"], (row["country"], row["kind"])) == (row["country"], row["kind"])
        assert row["website"] == "" or row["website"].startswith("http")
