"""A small invented project: three documents, coded by hand and by "rules"."""

import pandas as pd
import pytest

from engagement.validation import Material

TEXTS = {
    "a": "Tokyo lent money for a bridge. The envoy praised it. Rain fell in Takeo.",
    "b": "China sent a frigate. The crew trained sailors for $5 million. America objected.",
    "c": "Farmers in Pursat planted rice.",
}
CODING = "document_id,partners,event_types,stance,location\na,JP,loan,cooperative,\nb,CN;US,military,mixed,\nc,OTHER,other,neutral,\n"
SENTENCES = """document_id,ordinal,sentence,partners_a,partners_b,instrument_a,instrument_b,stance_a,stance_b
a,0,Tokyo lent money for a bridge.,JP,JP,LOA,LOA,1,1
a,1,The envoy praised it.,JP,JP,DIP,DIP,1,0
a,2,Rain fell in Takeo.,,,NONE,NONE,0,0
b,0,China sent a frigate.,CN,CN,SEC,SEC,1,1
b,1,The crew trained sailors for $5 million.,CN,CN;US,SEC,EXC,1,1
b,2,America objected.,US,US,PRE,PRE,-1,-1
"""
FURTHER = """document_id,ordinal,sentence,partners_a,partners_b,instrument_a,instrument_b,stance_a,stance_b
b,0,China sent a frigate.,CN,CN,SEC,SEC,0,0
b,2,America objected.,US,US,PRE,PRE,-1,-1
c,0,Farmers in Pursat planted rice.,,,NONE,NONE,0,0
"""
AMOUNTS = "document_id,value,currency,what\nb,5000000,USD,training\nb,700000,EUR,fuel\n"
CHECKED = """document_id,ordinal,sentence,low,high,currency,giver
b,1,The crew trained sailors for $5 million.,5000000,5000000,USD,CN;KH
b,1,The crew trained sailors for $5 million.,70,80,EUR,
c,0,Farmers in Pursat planted rice.,,,,
"""
PEOPLE = "document_id,name,country,role\nb,Li Wei,CN,captain\nb,Ann Smith,US,envoy\n"


def spans(document_id: str) -> list[tuple[int, int]]:
    text, found, start = TEXTS[document_id], [], 0
    for part in text.split(". "):
        end = text.index(part, start) + len(part)
        end += text[end : end + 1] == "."
        found.append((text.index(part, start), end))
        start = end
    return found


@pytest.fixture
def project_root(tmp_path, monkeypatch, root):
    """A project folder with the coded tables and the real list of countries."""
    raw, reference = tmp_path / "data" / "raw" / "chronicle", tmp_path / "data" / "reference"
    raw.mkdir(parents=True)
    reference.mkdir(parents=True)
    (tmp_path / "params.yaml").write_text("partners: [US, JP, CN]\nseed: 1\n")
    for name, text in (
        ("coding.csv", CODING),
        ("sentences_coded.csv", SENTENCES),
        ("sentences_test.csv", FURTHER),
        ("amounts_coded.csv", AMOUNTS),
        ("amounts_checked.csv", CHECKED),
        ("actors_coded.csv", PEOPLE),
    ):
        (raw / name).write_text(text)
    (reference / "actors.csv").write_bytes((root / "data" / "reference" / "actors.csv").read_bytes())
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def material() -> Material:
    """The pipeline's tables: JP carried to the second sentence, US missed, an engagement too many in b#001."""
    sentences = [
        (f"{d}#{i:03d}", d, i, start, end, TEXTS[d][start:end])
        for d in TEXTS
        for i, (start, end) in enumerate(spans(d))
    ]
    engagements = [
        ("a#000", "a", "JP", "name", 1.0, "LOA", 1),
        ("a#001", "a", "JP", "carried", 0.6, "DIP", 1),
        ("b#000", "b", "CN", "name", 1.0, "SEC", 1),
        ("b#001", "b", "CN", "carried", 0.6, "GRA", 1),
        ("b#001", "b", "JP", "carried", 0.5, "SEC", -1),
    ]
    return Material(
        pd.DataFrame(
            {
                "document_id": list(TEXTS),
                "date": pd.to_datetime(["2016-03-01", "2016-03-04", "2016-03-20"]),
                "date_precision": ["day", "day", "month"],
                "title": ["A bridge", "A ship", "Rice"],
                "text": list(TEXTS.values()),
            }
        ),
        pd.DataFrame(sentences, columns=["sentence_id", "document_id", "ordinal", "start", "end", "text"]),
        pd.DataFrame(
            engagements, columns=["sentence_id", "document_id", "partner", "rule", "confidence", "instrument", "stance"]
        ),
        pd.DataFrame(
            {
                "sentence_id": ["b#001", "b#001", "b#002"],
                "document_id": ["b", "b", "b"],
                "start": [30, 30, 62],
                "value": [5e6, 5e6, 9e6],
                "low": [5e6, 5e6, 9e6],
                "high": [5e6, 5e6, 9e6],
                "currency": ["USD", "USD", "USD"],
                "partner": ["CN", "", ""],
            }
        ),
        pd.DataFrame({"document_id": ["b"], "surface": ["Captain Li"], "name": ["Li Wei"], "country": ["CN"]}),
    )
