"""The stage's tables: their contracts, their order, and independence of how the input is arranged."""

import pandas as pd
import pytest

from engagement import attribution, tables
from engagement.attribution import trying
from engagement.attribution.engagements import event_day
from engagement.cleaning.sentences import split

READ = attribution.reader(weights=False)
TEXTS = {
    "b": ("2016-01-26", "day", "", "John Kerry met Hun Sen. The two sides discussed a $5 million grant."),
    "a": ("2019-06-01", "month", "Japan lends", "The loan is cheap. Vietnam and China watched."),
}


@pytest.fixture
def corpus() -> tuple[pd.DataFrame, pd.DataFrame]:
    documents = pd.DataFrame(
        [(name, pd.Timestamp(day), precision, title, text) for name, (day, precision, title, text) in TEXTS.items()],
        columns=["document_id", "date", "date_precision", "title", "text"],
    )
    sentences = pd.DataFrame(
        [
            (f"{name}#{n:03d}", name, n, start, end, text[start:end])
            for name, (_, _, _, text) in TEXTS.items()
            for n, (start, end) in enumerate(split(text))
        ],
        columns=["sentence_id", "document_id", "ordinal", "start", "end", "text"],
    )
    return documents, sentences


def test_tables_keep_their_contracts(corpus) -> None:
    mentions, engagements, amounts = attribution.build(*corpus, ["US", "JP", "CN"], READ)
    checked = tables.validated(mentions, "attribution/mentions.parquet")
    assert len(checked) == len(mentions)
    checked = tables.validated(engagements, "attribution/engagements.parquet")
    assert list(zip(checked["sentence_id"], checked["partner"], strict=True)) == [
        ("a#000", "JP"),
        ("a#001", "CN"),
        ("b#000", "US"),
        ("b#001", "US"),
    ]
    assert len(tables.validated(amounts, "attribution/amounts.parquet")) == 1


def test_spans_point_into_the_text(corpus) -> None:
    mentions, _ = attribution.attribute(*corpus, ["US"], READ)
    for m in mentions.itertuples():
        assert TEXTS[m.document_id][3][m.start : m.end] == m.surface


def test_only_partners_engage(corpus) -> None:
    _, engagements = attribution.attribute(*corpus, ["CN"], READ)
    assert set(engagements["partner"]) == {"CN"}


def test_the_order_of_the_input_changes_nothing(corpus) -> None:
    documents, sentences = corpus
    once = attribution.attribute(documents, sentences, ["US", "JP", "CN"], READ)
    turned = attribution.attribute(documents[::-1], sentences.sample(frac=1, random_state=1), ["CN", "US", "JP"], READ)
    for one, other in zip(once, turned, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_a_sentence_left_out_as_a_duplicate_is_left_out(corpus) -> None:
    documents, sentences = corpus
    mentions, engagements = attribution.attribute(documents, sentences[sentences["ordinal"] == 1], ["US", "JP"], READ)
    assert set(mentions["sentence_id"]) <= {"a#001", "b#001"} and "b#000" not in set(engagements["sentence_id"])


@pytest.mark.parametrize(
    "day, precision, expected",
    [("2019-06-07", "day", "2019-06-07"), ("2019-06-01", "month", "2019-06-15"), ("2019-01-01", "year", "2019-07-01")],
)
def test_the_day_offices_are_dated_by(day: str, precision: str, expected: str) -> None:
    assert event_day(pd.Timestamp(day), precision) == expected


def test_a_long_text_of_many_documents_gives_what_one_gives() -> None:
    text = TEXTS["b"][3]
    alone = trying.code(text, "2016-01-26", read=READ).engagements.drop(columns="document_id")
    again = trying.code(text, "2016-01-26", read=READ).engagements.drop(columns="document_id")
    pd.testing.assert_frame_equal(alone, again)
