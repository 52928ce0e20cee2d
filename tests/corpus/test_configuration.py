"""A broken configuration stops the run with one line that names the file, the row and the remedy."""

import pytest

from engagement.errors import ConfigurationError


def error(scratch, *collections, **changes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        scratch.build(*collections, **changes)
    message = str(caught.value)
    assert "\n" not in message and ";" in message, "one line, with a remedy after a semicolon"
    return message


@pytest.fixture
def lines(scratch, good):
    scratch.lines(good("good"))
    return scratch


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"language": "km"}, "corpus.language: 'km'"),
        ({"start": "2008"}, "corpus.start: '2008'"),
        ({"end": "31.12.2025"}, "corpus.end: '31.12.2025'"),
        ({"start": "2020-01-01", "end": "2019-01-01"}, "corpus.start: 2020-01-01 is after corpus.end 2019-01-01"),
    ],
)
def test_parameters(lines, changes, expected):
    assert expected in error(lines, "lines", **changes)


def test_collections(lines):
    assert "corpus.collections: empty" in error(lines)
    assert "'lines' is named twice" in error(lines, "lines", "lines")
    assert "no folder data/raw/other; there are: lines" in error(lines, "other")
    with pytest.raises(ConfigurationError, match="'../lines' is not a folder name"):
        lines.build("../lines")


def test_empty_corpus(lines, good):
    assert "no document accepted from lines; first of 1 refused: date" in error(lines, "lines", start="2020-01-01")
    lines.lines()
    assert "no document accepted from lines; widen" in error(lines, "lines")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"licence": ...}, "no entry 'licence'"),
        ({"documents": ...}, "no entry 'documents'"),
        ({"documents": []}, "no entry 'documents'"),
        ({"documents": "texts.jsonl"}, "documents must be a list"),
        ({"documents": [5]}, "documents must be a list"),
        ({"documents": ["texts.docx"]}, "no reader for 'texts.docx'; use .csv, .jsonl, .parquet, .txt"),
        ({"documents": ["page.html"]}, "no reader for 'page.html'"),
        ({"documents": ["../texts.jsonl"]}, "'../texts.jsonl' leads out of the folder"),
        ({"documents": ["/etc/texts.csv"]}, "leads out of the folder"),
        ({"documents": ["**/*.jsonl"]}, "too wide"),
        ({"documents": ["missing.jsonl"]}, "no file 'missing.jsonl'"),
        ({"documents": ["*.txt"]}, "manifest goes with plain text (.txt) and only with it; add"),
        ({"manifest": "manifest.csv"}, "manifest goes with plain text (.txt) and only with it; remove"),
        ({"language": False}, "no entry 'language'"),
        ({"rights": 5}, "rights must be text"),
        ({"licenze": "CC0"}, "unknown entry 'licenze'"),
    ],
)
def test_collection_file(lines, changes, expected):
    lines.about("lines", **({"documents": ["texts.jsonl"]} | changes))
    message = error(lines, "lines")
    assert message.startswith("data/raw/lines/collection.yaml") and expected in message


def test_collection_file_is_missing_or_no_yaml(lines):
    path = lines.write("lines/collection.yaml", "title: a\n  - b: [\n")
    assert "data/raw/lines/collection.yaml, line 2" in error(lines, "lines")
    lines.write("lines/collection.yaml", b"title: \xff")
    assert "UTF-8" in error(lines, "lines")
    lines.write("lines/collection.yaml", "- a\n")
    assert "`name: value` lines" in error(lines, "lines")
    path.unlink()
    assert "collection.yaml: not there" in error(lines, "lines")


@pytest.fixture
def texts(scratch, good):
    scratch.texts({"a.txt": good("a")["text"]})
    return scratch


ROW = {
    "document_id": "a",
    "file": "a.txt",
    "title": "A",
    "outlet": "",
    "published": "2016",
    "url": "",
    "licence": "",
    "sha256": "0",
}


@pytest.mark.parametrize(
    "name",
    ["../a.txt", "b/../../a.txt", "/etc/a.txt", "C:\\a.txt", "C:a.txt", "..\\a.txt", "~/a.txt", "b\\a.txt"],
)
def test_manifest_leads_out_of_the_folder(texts, name):
    texts.manifest([ROW, ROW | {"document_id": "b", "file": name}])
    message = error(texts, "texts")
    assert message.startswith("data/raw/texts/manifest.csv, row 3") and "leads out of the folder" in message


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{k: v for k, v in ROW.items() if k != "sha256"}], "row 1: no column sha256"),
        ([ROW, ROW], "row 3: repeats the document_id or file of row 2"),
        ([ROW, ROW | {"file": "b.txt"}], "row 3: repeats the document_id or file of row 2"),
        ([ROW, ROW | {"document_id": "b"}], "row 3: repeats the document_id or file of row 2"),
        ([ROW | {"file": ""}], "row 2: empty document_id or file"),
        ([ROW | {"file": "a.pdf"}], "row 2: 'a.pdf' is none of the documents"),
        ([ROW | {"file": "sub/a.txt"}], "row 2: 'sub/a.txt' is none of the documents"),
    ],
)
def test_manifest_rows(texts, rows, expected):
    texts.manifest(rows)
    assert expected in error(texts, "texts")


def test_manifest_cells_and_encoding(texts):
    header = ",".join(ROW)
    texts.write("texts/manifest.csv", f"{header}\na,a.txt,A title, with a comma,o,2016,u,l,s\n")
    assert "row 2: not 8 cells" in error(texts, "texts")
    texts.write("texts/manifest.csv", f"{header}\na,a.txt\n")
    assert "row 2: not 8 cells" in error(texts, "texts")
    texts.write("texts/manifest.csv", header.replace(",", ";"))
    assert "row 1: no column document_id" in error(texts, "texts")
    texts.write("texts/manifest.csv", header.encode() + b"\n\xff")
    assert "is not UTF-8" in error(texts, "texts")
    texts.write("texts/manifest.csv", f"{header}\n{'x' * 200_000},a.txt,A,o,2016,u,l,s\n")
    assert "not readable as CSV" in error(texts, "texts")
    (texts.folder / "data/raw/texts/manifest.csv").unlink()
    assert "manifest.csv: not there" in error(texts, "texts")


def test_links_out_of_the_folder(texts, tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("The secret of the minister")
    link = texts.folder / "data/raw/texts/b.txt"
    link.symlink_to(outside)
    assert "data/raw/texts/b.txt: is a link out of the folder" in error(texts, "texts")
    link.unlink()
    link.symlink_to(texts.folder / "data/raw/texts/nowhere.txt")
    assert "is a link to nothing" in error(texts, "texts")


def test_manifest_that_is_a_link(texts, tmp_path):
    manifest = texts.folder / "data/raw/texts/manifest.csv"
    outside = tmp_path / "manifest.csv"
    manifest.rename(outside)
    manifest.symlink_to(outside)
    assert "manifest.csv: is a link out of the folder" in error(texts, "texts")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_table_without_a_column(lines, name):
    import pandas as pd

    lines.about("table", [name])
    frame = pd.DataFrame({"document_id": ["a"], "date": ["2016"], "text": ["The text"]})
    path = lines.write(f"table/{name}", frame.to_csv(index=False))
    if name.endswith("parquet"):
        frame.to_parquet(path)
    message = error(lines, "table")
    assert message.startswith(f"data/raw/table/{name}") and "no column title" in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name,publisher\n", "row 1: no column country"),
        ("name,publisher,country,kind,website\nA,A,KH,paper,\n", "row 2: kind 'paper' is unknown"),
        ("name,publisher,country,kind,website\nA,A,KH,government,\nThe A,A,KH,government,\n", "row 3: 'The A' repeats"),
    ],
)
def test_list_of_outlets(lines, content, expected):
    (lines.folder / "data/reference/outlets.csv").write_text(content)
    assert expected in error(lines, "lines")
