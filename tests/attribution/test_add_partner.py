"""`docs/add-a-partner.md` works as typed: its rows and its line make South Korea a partner."""

import re
from pathlib import Path

import pandas as pd
import pytest

from engagement import attribution
from engagement.cleaning.sentences import split
from engagement.errors import ConfigurationError


@pytest.fixture
def extended(root: Path, tmp_path: Path) -> Path:
    """The reference tables with the rows of the guide added."""
    guide = (root / "docs" / "add-a-partner.md").read_text(encoding="utf-8")
    (rows,) = re.findall(r"```csv\n(.*?)```", guide, re.DOTALL)
    for name in ("actors.csv", "traps.csv", "referring.csv"):
        (tmp_path / name).write_bytes((root / "data" / "reference" / name).read_bytes())
    with (tmp_path / "actors.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    return tmp_path


def attributed(text: str, partners: list[str], folder: Path | None = None) -> pd.DataFrame:
    spans = split(text)
    documents = pd.DataFrame(
        {
            "document_id": ["d"],
            "date": [pd.Timestamp("2024-05-16")],
            "date_precision": ["day"],
            "title": [""],
            "text": [text],
        }
    )
    sentences = pd.DataFrame(
        [(f"d#{n:03d}", "d", n, start, end) for n, (start, end) in enumerate(spans)],
        columns=["sentence_id", "document_id", "ordinal", "start", "end"],
    )
    return attribution.attribute(documents, sentences, partners, attribution.reader(folder))[1]


def test_the_guide_makes_a_fourth_partner(extended: Path) -> None:
    text = "KOICA opened a school in Takeo. President Yoon Suk Yeol promised another. The loan comes from the EDCF."
    found = attributed(text, ["US", "JP", "CN", "KR"], extended)
    assert list(found["partner"]) == ["KR"] * 3
    assert list(found["rule"]) == ["organisation", "full name", "organisation"]


def test_north_korea_stays_apart(extended: Path) -> None:
    assert attributed("North Korea closed its restaurant in Siem Reap.", ["KR"], extended).empty


def test_the_guide_s_line_is_a_list_of_known_codes(root: Path, extended: Path) -> None:
    (line,) = re.findall(r"partners: \[(.*?)\]", (root / "docs" / "add-a-partner.md").read_text(encoding="utf-8"))
    assert line.split(", ") == ["US", "JP", "CN", "KR"]


@pytest.mark.parametrize("code", ["ZZ", "KH", "us"])
def test_an_unknown_partner_is_refused(code: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"params.yaml: partners: '{code}' has no row of kind country"):
        attributed("Japan came.", ["US", code])
