"""What is accepted arrives unchanged, in one order, with every field where it belongs."""

import hashlib
import json
import random
from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement import tables
from engagement.corpus import dates, readers


def test_a_record_becomes_a_document(scratch, good):
    sources = [
        {"url": "https://example.org/1", "outlet": "Xinhua via a blog", "published": "2016-01-27"},
        {"url": "https://example.org/2", "outlet": "The Phnom Penh Post", "published": None},
    ]
    scratch.lines(good("one", sources=sources, date_inferred=True, date="2016-01", unknown="ignored"))
    document = scratch.build("lines").documents.iloc[0]
    text = good("x")["text"]
    assert document.to_dict() == {
        "document_id": "one",
        "collection": "lines",
        "date": pd.Timestamp("2016-01-01"),
        "date_precision": "month",
        "date_inferred": True,
        "title": "A bridge",
        "text": text,
        "outlet": "Xinhua via a blog",
        "publisher": "Xinhua",
        "publisher_kind": "publicly funded media",
        "outlet_country": "CN",
        "url": "https://example.org/1",
        "language": "en",
        "licence": "CC0",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "sources": json.dumps([sources[0], sources[1] | {"published": ""}], ensure_ascii=False),
    }


def test_a_plain_text_takes_its_fields_from_the_manifest(scratch, good):
    row = {
        "outlet": "A Paper",
        "outlet_country": "KH",
        "url": "https://example.org",
        "licence": "third-party copyright",
    }
    scratch.texts({"one.txt": good("x")["text"]}, **row, event_date="2016-01-20")
    document = scratch.build("texts").documents.iloc[0]
    assert {name: document[name] for name in row} == row
    assert document["date"] == pd.Timestamp("2016-01-20"), "the day of the event, not of publication"
    assert json.loads(document["sources"]) == [
        {"url": "https://example.org", "outlet": "A Paper", "published": "2016-01-26"}
    ]


def test_line_ends_and_byte_order_marks(scratch):
    text = "The first line of it\nand the second\n\nThe last"
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    scratch.texts({"one.txt": windows}, sha256=hashlib.sha256(text.encode()).hexdigest())
    assert scratch.build("texts").documents["text"].item() == text


def test_a_byte_order_mark_before_a_table_or_lines(scratch, good):
    scratch.lines(b"\xef\xbb\xbf" + json.dumps(good("a")).encode())
    scratch.about("table", ["t.csv"])
    scratch.write("table/t.csv", "\ufeffdocument_id,date,title,text\r\nb,2016,B,The text of it\r\n")
    assert list(scratch.build("lines", "table").documents["document_id"]) == ["a", "b"]


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_every_table_format_gives_the_same_documents(scratch, good, ending):
    text = 'He said: "The road, the bridge\nand the port of it"\n\nThe end – ភាសាខ្មែរ.'
    rows = [good("a", text=text, outlet="AKP"), good("b", date="2016", url="https://example.org")]
    scratch.lines(*rows)
    expected = scratch.build("lines").documents
    frame = pd.DataFrame(rows).fillna("")
    scratch.about("table", [f"t.{ending}"])
    path = scratch.write(f"table/t.{ending}", "")
    if ending == "csv":
        frame.to_csv(path, index=False)
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_json(path, orient="records", lines=True)
    found = scratch.build("table").documents
    pd.testing.assert_frame_equal(found.assign(collection="lines"), expected)


def test_parquet_dates_may_be_typed(scratch, good):
    rows = [good("a", date=date(2016, 1, 26)), good("b", date=date(2017, 2, 3))]
    scratch.about("table", ["*.parquet"])
    pd.DataFrame(rows).to_parquet(scratch.write("table/days.parquet", ""))
    times = [good("c", date=datetime(2018, 1, 26, 23, 59)), good("d", date=None, published="2019-01-01")]
    pd.DataFrame(times).to_parquet(scratch.write("table/times.parquet", ""))
    found = scratch.build("table").documents
    assert [f"{d:%Y-%m-%d}" for d in found["date"]] == ["2016-01-26", "2017-02-03", "2018-01-26", "2019-01-01"]


def test_order_of_files_and_lines_does_not_matter(scratch, good):
    rows = [good(f"d{i}", text=f"The text number {i} of the minister") for i in range(8)]
    scratch.lines(*rows)
    expected = scratch.build("lines").documents
    random.Random(1).shuffle(rows)
    scratch.lines(*rows)
    pd.testing.assert_frame_equal(scratch.build("lines").documents, expected)


def test_files_beside_the_documents_are_not_read(scratch, good):
    scratch.lines(good("a"))
    scratch.write("lines/coding.csv", b"\xff not a table")
    scratch.write("lines/more.jsonl", json.dumps(good("b")))
    built = scratch.build("lines")
    assert list(built.documents["document_id"]) == ["a"] and len(built.rejected) == 0


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2016-01-26", (date(2016, 1, 26), "day")),
        (" 2016-01-26 ", (date(2016, 1, 26), "day")),
        ("2016-01-26T23:59:00+07:00", (date(2016, 1, 26), "day")),
        ("2016-01-26 23:59", (date(2016, 1, 26), "day")),
        ("2016-02", (date(2016, 2, 1), "month")),
        ("2016", (date(2016, 1, 1), "year")),
        ("2016-2", None),
        ("16-01-26", None),
        ("2016-02-30", None),
        ("2016/01/26", None),
        ("0000", None),
        ("٢٠١٦", None),
        ("2016-01-26x", None),
        ("", None),
    ],
)
def test_dates(written, expected):
    assert dates.parse(written) == expected


@given(st.dates())
def test_every_day_is_read_back(day):
    assert dates.parse(day.isoformat()) == (day, "day")


def test_month_counts_from_its_first_day(scratch, good):
    scratch.lines(good("a", date="2016-01"), good("b", date="2016-01-26"))
    built = scratch.build("lines", start="2016-01-15")
    assert list(built.documents["document_id"]) == ["b"] and len(built.rejected) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(texts=st.lists(st.text(max_size=60), max_size=5), title=st.text(max_size=20))
def test_any_text_is_kept_as_it_is_or_refused(scratch, good, texts, title):
    """No text stops the run, none is lost, and none is changed except in its line ends."""
    opening = "The minister of the country said that it is to be "
    rows = [good(f"d{i}", text=opening + text, title=title) for i, text in enumerate(texts)]
    scratch.lines(good("good"), *rows)
    built = scratch.build("lines")
    assert len(built.documents) + len(built.rejected) == len(rows) + 1
    kept = built.documents.set_index("document_id")["text"].drop("good")
    for name, text in kept.items():
        assert text == readers.plain_lines(rows[int(name[1:])]["text"])


def test_the_tables_survive_being_written(scratch, good):
    title = '"Quoted", with <b>, \U0001f1f0\U0001f1ed and a\u2028line'
    scratch.lines(good("a", title=title), good("b", date="never, ever\n\n"))
    built = scratch.build("lines")
    for name, frame in (("documents.parquet", built.documents), ("rejected.csv", built.rejected)):
        tables.write(frame, f"corpus/{name}")
        pd.testing.assert_frame_equal(tables.read(f"corpus/{name}"), frame)
