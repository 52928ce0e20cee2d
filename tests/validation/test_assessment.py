"""The agreement table from a small corpus whose scores can be counted by hand."""

import pandas as pd
import pytest

from engagement import tables, validation
from engagement.errors import ConfigurationError
from engagement.validation import align, assessment, gold, units, visits

PARTNERS = ["US", "JP", "CN"]


@pytest.fixture
def rules():
    return validation.rules(PARTNERS, 0.0, 100, 1)


@pytest.fixture
def coded(project_root, material, rules):
    return validation.coded_sentences(material, rules)


@pytest.fixture
def further(project_root, material, rules):
    return validation.coded_sentences(material, rules, validation.FURTHER)


@pytest.fixture
def visited():
    rows = [("US", "Ann Smith", "found"), ("JP", "Ken Mori", "missed"), ("CN", "Li Wei", "absent")]
    frame = pd.DataFrame(rows, columns=["partner", "person", "outcome"])
    return frame.assign(start=pd.Timestamp("2016-03-01"))


def score(agreement, **where):
    found = agreement
    for column, value in ({"split": "all", "code": "all", "method": "automatic"} | where).items():
        found = found[found[column] == value]
    assert len(found) == 1
    return found.iloc[0]


def test_scores_by_hand(material, coded, further, visited, rules, monkeypatch):
    monkeypatch.setattr(assessment.scores, "split", lambda name: "test")
    agreement = validation.assess(material, coded, further, visited, rules)
    # Documents: coded JP; CN US; none of ours. Found JP; CN JP; none. Hits 2, one false alarm, one miss.
    document = {"target": "partner", "unit": "document", "reference": "writers"}
    assert score(agreement, measure="precision", **document)["value"] == pytest.approx(2 / 3)
    assert score(agreement, measure="recall", **document)["value"] == pytest.approx(2 / 3)
    assert score(agreement, measure="accuracy", **document)["value"] == pytest.approx(2 / 3)
    # Sentences: JP JP CN CN US by consensus (US in b 1 is disputed); found JP JP CN CN and a false JP.
    sentence = {"target": "partner", "unit": "sentence", "reference": "consensus"}
    assert score(agreement, measure="precision", **sentence)["value"] == pytest.approx(4 / 5)
    assert score(agreement, measure="recall", **sentence)["value"] == pytest.approx(4 / 5)
    assert score(agreement, measure="recall", **sentence | {"code": "US"})["value"] == 0
    assert score(agreement, measure="recall", **sentence | {"reference": "coder b"})["value"] == pytest.approx(4 / 6)
    # Names alone: "Tokyo" is no country name; China and America are.
    assert score(agreement, measure="recall", **sentence | {"method": "names only"})["value"] == pytest.approx(2 / 5)
    # Instruments agreed on: LOA DIP SEC PRE, found LOA DIP SEC NONE; b 1 is disputed.
    assert score(agreement, target="instrument", unit="sentence", reference="consensus", measure="accuracy")[
        "value"
    ] == pytest.approx(3 / 4)
    # Stances agreed on: 1 1 1 -1 found 1 1 0 (partners differ) 0; a 1 is disputed.
    assert score(agreement, target="stance", unit="sentence", reference="consensus", measure="accuracy")[
        "value"
    ] == pytest.approx(2 / 4)
    # The other test documents: CN found, US missed, nothing to find; instruments SEC right, PRE missed.
    other = {"unit": "sentence", "reference": f"consensus{validation.OTHER}", "split": "test"}
    assert score(agreement, target="partner", measure="recall", **other)["value"] == pytest.approx(1 / 2)
    assert score(agreement, target="partner", measure="precision", **other)["value"] == 1
    assert score(agreement, target="instrument", measure="accuracy", **other)["value"] == pytest.approx(1 / 2)
    assert score(agreement, target="stance", measure="accuracy", **other)["value"] == 0
    assert score(agreement, target="amount", unit="amount", measure="recall")["value"] == pytest.approx(1 / 2)
    assert score(agreement, target="amount", unit="amount", measure="precision")["value"] == pytest.approx(1 / 2)
    # Read by hand in b 1: five million dollars, found with its giver, and a range in euros, missed.
    assert score(agreement, target="amount", unit="sentence", measure="recall")["value"] == pytest.approx(1 / 2)
    assert score(agreement, target="giver", measure="accuracy")["value"] == 1
    assert score(agreement, target="person", measure="recall", code="CN")["value"] == 1
    assert score(agreement, target="person", measure="recall", code="US")["value"] == 0
    assert score(agreement, target="visit", measure="recall")["value"] == pytest.approx(1 / 2)
    between = score(agreement, target="partner", method="coders", measure="alpha_nominal", code="JP")
    assert between["value"] == 1


def test_sums_read_by_hand_meet_each_automatic_sum_once(material, project_root):
    sums = assessment.checked_amounts(material).set_index("currency")
    assert sums.loc["USD", ["true", "found", "giver_right"]].tolist() == [True, True, True]
    assert sums.loc["USD", "givers"] == {"CN"}  # Cambodia's own share is left out
    assert sums.loc["EUR", ["low", "high", "true", "found", "giver_right"]].tolist() == [70, 80, True, False, False]
    # A sum found where a reader saw none, and a second copy of one read once, are false alarms.
    extra = material.amounts.assign(sentence_id=["b#001", "c#000", "b#001"], start=[30, 0, 40])
    more = validation.Material(material.documents, material.sentences, material.engagements, extra, material.mentions)
    assert assessment.checked_amounts(more)["true"].tolist().count(False) == 2


def test_table_keeps_its_contract(material, coded, further, visited, rules, tmp_path):
    for name, frame in (
        ("agreement", validation.assess(material, coded, further, visited, rules)),
        ("misclassification", validation.misclassification(coded, further)),
        ("confusion", validation.confusion(coded)),
        ("errors", validation.errors(coded, material)),
    ):
        assert len(tables.validated(frame, f"validation/{name}.csv")) == len(frame)


def test_misclassification_sums_to_the_decided_sentences(coded, further, monkeypatch):
    monkeypatch.setattr(assessment.scores, "split", lambda name: "test")
    matrix = validation.misclassification(coded, further)
    other = matrix[(matrix["reference"] == f"consensus{validation.OTHER}") & (matrix["method"] == "automatic")]
    assert other["split"].unique().tolist() == ["test"] and other["sentences"].sum() == 3
    whole = matrix[
        (matrix["split"] == "all") & (matrix["method"] == "automatic") & (matrix["reference"] == "consensus")
    ]
    assert whole["sentences"].sum() == 5  # six less the disputed one
    cell = whole[(whole["true"] == "US") & (whole["coded"] == "none")]
    assert cell["sentences"].tolist() == [1]


def test_errors_never_show_the_test_half(coded, material, monkeypatch):
    monkeypatch.setattr(assessment.scores, "split", lambda name: "development")
    everything = validation.errors(coded, material)
    assert everything["automatic"].tolist() == ["CN;JP", "none"]
    assert everything["rule"].tolist() == ["CN: carried; JP: carried", "no rule fired"]
    monkeypatch.setattr(assessment.scores, "split", lambda name: "test")
    assert validation.errors(coded, material).empty


def test_a_document_left_out_by_the_pipeline_is_not_scored(project_root, material, rules):
    kept = material.sentences[material.sentences["document_id"] != "b"]
    less = validation.Material(material.documents, kept, material.engagements, material.amounts, material.mentions)
    assert set(validation.coded_sentences(less, rules)["document_id"]) == {"a"}


def test_partner_nobody_coded_is_left_out():
    assert validation.rules(["US", "KR"], 0.0, 10, 1).partners == ("US",)


def test_sentence_split_in_two_is_matched_with_both_halves():
    coded = pd.DataFrame({"document_id": ["a"], "ordinal": [0], "start": [0], "end": [20]})
    parts = pd.DataFrame(
        {
            "document_id": ["a"] * 3,
            "sentence_id": ["a#000", "a#001", "a#002"],
            "start": [0, 11, 21],
            "end": [10, 20, 30],
        }
    )
    assert align.matched(coded, parts)["sentence_id"].tolist() == ["a#000", "a#001"]


def test_repeated_sentence_and_changed_white_space_are_found_in_order():
    coded = pd.DataFrame({"document_id": ["a", "a"], "ordinal": [0, 1], "sentence": ["He said no.", "He said no."]})
    placed = align.spans(coded, {"a": "He said  no. He said\nno."}, "x.csv")
    assert placed[["start", "end"]].to_numpy().tolist() == [[0, 12], [13, 24]]


def test_coded_sentence_not_in_its_document_is_named():
    coded = pd.DataFrame({"document_id": ["a"], "ordinal": [0], "sentence": ["Never written."]})
    with pytest.raises(ConfigurationError, match=r"x\.csv, row 2: .*correct or remove"):
        align.spans(coded, {"a": "Something else."}, "x.csv")


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("The United States and Japan", {"US", "JP"}),
        ("U.S. officials", {"US"}),
        ("they told us about US$5 million", set()),
        ("Chinese and American firms", {"CN", "US"}),
        ("Indochina, Japanesque", set()),
    ],
)
def test_names_only_baseline(text, partners):
    assert units.named(text) == partners


@pytest.mark.parametrize(
    ("coded", "written", "same"),
    [
        (3.305e9, 3.3e9, True),
        (23.502e9, 23.5e9, True),
        (1.4e6, 1e6, False),
        (5e6, 5e6, True),
        (5e6, 5.1e6, False),
        (5e6, 5e9, False),
        (5e6, float("nan"), False),
    ],
)
def test_same_sum_allows_rounding_by_the_text_only(coded, written, same):
    assert units.same_sum(coded, written) is same


def test_range_counts_by_its_ends():
    coded = pd.DataFrame({"document_id": ["a"], "value": [15e9], "currency": ["USD"]})
    found = pd.DataFrame({"document_id": ["a"], "value": [14.5e9], "low": [14e9], "high": [15e9], "currency": ["USD"]})
    assert units.amounts(coded, found, ["a"])[["hits", "false_alarms", "misses"]].to_numpy().tolist() == [[1, 0, 0]]


def test_document_share_asks_for_more_than_one_passing_word(material, project_root):
    attributed = pd.Series([frozenset({"US"})] + [frozenset({"CN"})] * 2, index=["b#000", "b#001", "b#002"])
    coded = gold.documents()
    low, high = (units.documents(coded, material.sentences, attributed, PARTNERS, least) for least in (0.0, 0.5))
    assert low.set_index("document_id").loc["b", "coded"] == {"US", "CN"}
    assert high.set_index("document_id").loc["b", "coded"] == {"CN"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("coding.csv", "document_id,partners,event_types,stance\na,XX,,\n", r"coding.csv, row 2: partners holds 'XX'"),
        ("coding.csv", "document_id,stance\n", r"coding.csv, row 1: no column partners"),
        ("coding.csv", "", r"coding.csv: not a CSV"),
        ("amounts_coded.csv", "document_id,value,currency\nb,much,USD\n", r"amounts_coded.csv, row 2: value 'much'"),
        (
            "amounts_checked.csv",
            "document_id,ordinal,sentence,low,high,currency,giver\nb,0,x,1,two,USD,\n",
            r"amounts_checked.csv, row 2: high 'two' is no number",
        ),
    ],
)
def test_bad_coding_names_file_row_and_remedy(project_root, name, text, message):
    (project_root / "data" / "raw" / "chronicle" / name).write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        {"coding.csv": gold.documents, "amounts_coded.csv": gold.amounts}.get(name, gold.checked_amounts)()


def test_missing_coding_is_named(project_root):
    (project_root / "data" / "raw" / "chronicle" / "coding.csv").unlink()
    with pytest.raises(ConfigurationError, match="coding.csv: not there"):
        gold.documents()


def visit(**changes) -> pd.DataFrame:
    row = {
        "partner": "JP",
        "person": "Ken Mori",
        "direction": "to Cambodia",
        "start": "2016-03-03",
        "end": "2016-03-03",
    }
    frame = pd.DataFrame([row | {"level": "minister"} | changes])
    return frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))


@pytest.mark.parametrize(
    ("text", "changes", "outcome"),
    [
        ("Foreign Minister Mori arrived.", {}, "found"),
        ("Ken Taro Mori arrived.", {}, "found"),
        ("Someone arrived.", {}, "absent"),
        ("Mori arrived.", {"partner": "CN"}, "absent"),
        ("Ken Mori arrived.", {"start": "2016-03-09", "end": "2016-03-09"}, "absent"),
        ("Ken Mori arrived.", {"start": "2026-03-09", "end": "2026-03-09"}, "outside"),
    ],
)
def test_known_visit(material, text, changes, outcome):
    documents = material.documents.assign(text=[text, *material.documents["text"][1:]])
    checked = visits.check(visit(**changes), documents, material.engagements, 3)
    assert checked["outcome"].tolist() == [outcome]
    assert checked["evidence"].tolist() == ["a#001" if outcome == "found" else ""]


def test_visit_told_but_not_as_diplomacy_is_missed(material):
    documents = material.documents.assign(text=["Ken Mori arrived.", *material.documents["text"][1:]])
    coded = material.engagements.assign(instrument="LOA")
    assert visits.check(visit(), documents, coded, 3)["outcome"].tolist() == ["missed"]


def test_visits_list_is_read_and_checked(project_root):
    path = project_root / "data" / "reference" / "visits.csv"
    head = "partner,person,direction,start,end,level\n"
    path.write_text(
        head
        + "Japan,Ken Mori,to Cambodia,2016-03-03,2016-03-04,minister\nFrance,X Y,to Cambodia,2016-03-03,2016-03-04,head\n"
    )
    assert visits.known(PARTNERS)["partner"].tolist() == ["JP"]
    path.write_text(head + "Japan,Ken Mori,to Cambodia,March,2016-03-04,minister\n")
    with pytest.raises(ConfigurationError, match=r"visits.csv, row 2: start 'March'"):
        visits.known(PARTNERS)
    path.write_text(head + "Japan,Ken Mori,to Cambodia,2016-03-05,2016-03-04,minister\n")
    with pytest.raises(ConfigurationError, match=r"visits.csv, row 2: ends before"):
        visits.known(PARTNERS)


def test_summary_reads_the_test_half_and_says_what_falls_short():
    row = {"target": "partner", "unit": "document", "method": "automatic", "reference": "writers", "code": "all"}
    rows = [
        row | {"split": s, "measure": "f1", "n": 9, "value": v, "low": 0.9, "high": 1.0}
        for s, v in (("test", 0.96), ("all", 0.99))
    ]
    table = validation.summary(pd.DataFrame(rows))
    assert table[["target", "reached", "reach", "met"]].to_numpy().tolist() == [
        ["Partner of the document, F1", 0.96, 0.97, "no"]
    ]


def test_halves_show_what_was_learnt_by_heart():
    row = {"target": "partner", "unit": "document", "method": "automatic", "reference": "writers", "code": "all"}
    values = (("development", 1.0), ("test", 0.75), ("all", 0.9))
    rows = [row | {"split": s, "measure": "f1", "n": 9, "value": v, "low": 0.5, "high": 1.0} for s, v in values]
    table = validation.halves(pd.DataFrame(rows))
    assert table.to_numpy().tolist() == [["Partner of the document, F1", 1.0, 0.75, 0.25, 9]]


def test_the_models_stand_beside_what_they_improve() -> None:
    table = validation.models()
    assert set(table["target"]) == {"partner, F1", "instrument, accuracy", "stance, alpha (ordinal)"}
    assert len(table) == 9 and table.notna().all(axis=None)
    practice = table[table["sentences_of"] == "practice sentences"]
    assert (practice["with_context"] > practice["with_words"]).all() and (
        practice["with_words"] > practice["alone"]
    ).all()
