"""A bad document is refused with reason and remedy; its neighbours stay, and nothing is dropped silently."""

import hashlib
import json

import pytest

from engagement import reporting
from engagement.corpus import readers


def only_refusal(scratch, *collections):
    """Return the one refusal of a build that has accepted the document `good`."""
    built = scratch.build(*collections)
    assert list(built.documents["document_id"]) == ["good"]
    assert len(built.rejected) == 1
    refusal = built.rejected.iloc[0]
    assert refusal["remedy"]
    return refusal


BAD_RECORDS = {
    "no date": ({"date": ...}, "no date"),
    "empty date": ({"date": " "}, "no date"),
    "date that is none": ({"date": "26 January 2016"}, "cannot be read"),
    "day that is none": ({"date": "2016-02-30"}, "cannot be read"),
    "month that is none": ({"date": "2016-13"}, "cannot be read"),
    "date as a decimal": ({"date": 2016.5}, "cannot be read"),
    "too early": ({"date": "2007-12-31"}, "outside 2008-01-01 to 2025-12-31"),
    "too late": ({"date": "2026-01-01"}, "outside 2008-01-01 to 2025-12-31"),
    "year before the span": ({"date": "1901"}, "outside"),
    "no text": ({"text": ...}, "no text"),
    "null text": ({"text": None}, "no text"),
    "empty text": ({"text": " \n\t\u00a0"}, "empty text"),
    "text as a list": ({"text": ["a", "b"]}, "text is not text but list"),
    "text as a number": ({"text": 5}, "text is not text but int"),
    "title as an object": ({"title": {"en": "x"}}, "title is not text but dict"),
    "no title": ({"title": ...}, "no title"),
    "null character": ({"text": "The text of the\0 minister"}, "null character"),
    "half a character": ({"text": "The minister \ud83d spoke"}, "lone surrogate"),
    "half a character in a source": ({"sources": [{"url": "\udc00"}]}, "lone surrogate"),
    "stated language": ({"language": "km"}, "language 'km' is stated"),
    "broken checksum": ({"sha256": "0" * 64}, "checksum broken"),
}


@pytest.mark.parametrize(("changes", "reason"), BAD_RECORDS.values(), ids=BAD_RECORDS)
def test_bad_record(scratch, good, changes, reason):
    scratch.lines(good("bad", **changes), good("good"))
    refusal = only_refusal(scratch, "lines")
    assert reason in refusal["reason"]
    assert (refusal["file"], refusal["record"], refusal["document_id"]) == ("texts.jsonl", 1, "bad")


@pytest.mark.parametrize("name", ["", "a b", "../bad", "a/b", "a#1", "<b>", "é", "-a", "x" * 151])
def test_bad_name(scratch, good, name):
    scratch.lines(good(name), good("good"))
    assert "document_id" in only_refusal(scratch, "lines")["reason"]


def test_name_that_is_a_number(scratch, good):
    scratch.lines(good(5), good("good"))
    assert "document_id is not text but int" in only_refusal(scratch, "lines")["reason"]


def test_broken_line_names_its_place(scratch, good):
    scratch.lines(good("good"), "", '{"document_id": "b", ')
    refusal = only_refusal(scratch, "lines")
    assert refusal["record"] == 3 and "not JSON at character" in refusal["reason"]


@pytest.mark.parametrize("line", ["[1, 2]", '"text"', "5", "null", "[" * 100_000])
def test_line_that_is_no_object(scratch, good, line):
    scratch.lines(line, good("good"))
    assert "JSON" in only_refusal(scratch, "lines")["reason"]


def test_undecodable_line_names_the_byte(scratch, good):
    scratch.lines(good("good"), b'{"document_id": "caf\xe9"}')
    refusal = only_refusal(scratch, "lines")
    assert refusal["record"] == 2 and "byte 20 (0xe9) is not UTF-8" in refusal["reason"]


def test_second_document_of_a_name(scratch, good):
    scratch.lines(good("good", title="first"), good("good", title="second"))
    refusal = only_refusal(scratch, "lines")
    assert refusal["record"] == 2 and "taken by an earlier document of collection lines" in refusal["reason"]
    assert scratch.build("lines").documents["title"].item() == "first"


def test_the_first_collection_keeps_the_name(scratch, good):
    scratch.lines(good("good", title="a"), collection="a")
    scratch.lines(good("good", title="b"), collection="b")
    assert scratch.build("b", "a").documents["title"].item() == "b"
    assert only_refusal(scratch, "a", "b")["collection"] == "b"


def test_far_too_large_text(scratch, good, monkeypatch):
    monkeypatch.setattr(readers, "LARGEST_TEXT", 1000)
    scratch.lines(good("bad", text="the text of it " * 100), good("good"))
    assert "1500 characters, more than 1000" in only_refusal(scratch, "lines")["reason"]


def test_far_too_large_file(scratch, good, monkeypatch):
    scratch.lines(good("good"))
    scratch.about("big", ["big.jsonl"])
    scratch.write("big/big.jsonl", json.dumps(good("big")) * 100)
    monkeypatch.setattr(readers, "LARGEST_FILE", 5000)
    assert "larger than" in only_refusal(scratch, "lines", "big")["reason"]


def test_plain_texts(scratch, good):
    """Undecodable, empty, unlisted: each is refused, with the byte where there is one."""
    text = good("x")["text"]
    scratch.texts({"good.txt": text, "latin.txt": b"The caf\xe9 of the minister", "empty.txt": "  \n"})
    scratch.write("texts/unlisted.txt", text)
    built = scratch.build("texts")
    assert list(built.documents["document_id"]) == ["good"]
    reasons = built.rejected.set_index("file")["reason"]
    assert "byte 7 (0xe9) is not UTF-8" in reasons["latin.txt"]
    assert reasons["empty.txt"] == "empty text"
    assert "without a row in the manifest" in reasons["unlisted.txt"]
    assert list(built.rejected["document_id"]) == ["empty", "latin", ""]


def test_changed_text_breaks_its_checksum(scratch, good):
    text = good("x")["text"]
    scratch.texts({"good.txt": text, "bad.txt": text + " More."})
    scratch.write("texts/bad.txt", text + " Less.")
    refusal = only_refusal(scratch, "texts")
    found = hashlib.sha256((text + " Less.").encode()).hexdigest()
    assert found in refusal["reason"] and refusal["document_id"] == "bad"


def test_missing_checksum_is_told(scratch, good):
    """Whoever adds a text copies its checksum from the remedy."""
    text = good("x")["text"]
    scratch.lines(good("good"))
    scratch.texts({"new.txt": text}, sha256="")
    refusal = only_refusal(scratch, "lines", "texts")
    found = hashlib.sha256(text.encode()).hexdigest()
    assert found in refusal["remedy"] and "row 2" in refusal["remedy"]
    scratch.texts({"new.txt": text}, sha256=found)
    assert "new" in set(scratch.build("lines", "texts").documents["document_id"])


def test_bad_row_of_a_table(scratch):
    scratch.about("table", ["t.csv"])
    text = "The text of the first one"
    scratch.write("table/t.csv", f"document_id,date,title,text\ngood,2016,A,{text}\nbad,2016,A,one, two\nshort,2016\n")
    built = scratch.build("table")
    assert list(built.documents["document_id"]) == ["good"]
    assert list(built.rejected["record"]) == [3, 4]
    assert set(built.rejected["reason"]) == {"row does not have 4 cells"}


def test_undecodable_table(scratch, good):
    scratch.lines(good("good"))
    scratch.about("table", ["t.csv"])
    scratch.write("table/t.csv", b"document_id,date,title,text\na,2016,\xff,b\n")
    refusal = only_refusal(scratch, "lines", "table")
    assert refusal["record"] == 0 and "byte 35" in refusal["reason"]


def test_broken_parquet(scratch, good):
    scratch.lines(good("good"))
    scratch.about("table", ["t.parquet"])
    scratch.write("table/t.parquet", b"PAR1 nothing")
    assert "Parquet" in only_refusal(scratch, "lines", "table")["reason"]


def test_absent_text_is_no_refusal(scratch, good):
    scratch.lines(good("good"))
    scratch.texts({"here.txt": good("x")["text"], "there.txt": "The other text"})
    (scratch.folder / "data/raw/texts/there.txt").unlink()
    built = scratch.build("lines", "texts")
    assert set(built.documents["document_id"]) == {"good", "here"}
    assert len(built.rejected) == 0
    assert list(built.absent["document_id"]) == ["there"]


def test_markup_stays_text_and_is_escaped_when_shown(scratch, good, monkeypatch):
    title = "<script>alert(1)</script>"
    scratch.lines(good("good", title=title), good("<img src=x onerror=alert(1)>"))
    built = scratch.build("lines")
    assert built.documents["title"].item() == title
    shown = []
    monkeypatch.setattr("engagement.reporting.display.display", lambda html: shown.append(html.data))
    reporting.table(built.documents[["title"]], "accepted")
    reporting.table(built.rejected, "refused")
    assert "&lt;script&gt;" in shown[0] and "<script>" not in shown[0]
    assert "&lt;img" in shown[1] and "<img" not in shown[1]
