"""Sheets for coders: what is drawn, that nothing in a text can act, and what comes back."""

import csv
import io
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from engagement import cli
from engagement.coders import returned, sample, sheet
from engagement.errors import ConfigurationError

PARTNERS = ["US", "JP", "CN"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NASTY = '=HYPERLINK("x") <script>alert(1)</script> & "quotes" </textarea>'


@pytest.fixture
def documents():
    frame = pd.DataFrame({"document_id": [f"d{i}" for i in range(8)], "title": "A <b>title</b>"})
    return frame.assign(date=pd.Timestamp("2016-03-01"), date_precision="month")


@pytest.fixture
def sentences(documents):
    rows = [
        (f"{d}#{i:03d}", d, i, NASTY if i == 1 else f"Sentence {i}\nof {d}.")
        for d in documents["document_id"]
        for i in range(5)
    ]
    return pd.DataFrame(rows, columns=["sentence_id", "document_id", "ordinal", "text"])


@pytest.fixture
def drawn(sentences, documents):
    return sample.draw(sentences, documents, 12, 7)


def test_draw_is_repeatable_nested_and_without_repetition(sentences, documents, drawn):
    again = sample.draw(sentences.sample(frac=1, random_state=1), documents, 12, 7)
    pd.testing.assert_frame_equal(again, drawn)
    larger = sample.draw(sentences, documents, 20, 7)
    assert larger["sentence_id"][:12].tolist() == drawn["sentence_id"].tolist()
    assert larger["sentence_id"].is_unique
    assert sample.draw(sentences, documents, 12, 8)["sentence_id"].tolist() != drawn["sentence_id"].tolist()


def test_every_sentence_is_as_likely(sentences, documents):
    times = pd.concat(
        [sample.draw(sentences, documents, 10, seed)["sentence_id"] for seed in range(400)]
    ).value_counts()
    expected = 400 * 10 / len(sentences)
    assert len(times) == len(sentences)
    assert ((times - expected) ** 2 / expected).sum() < 80  # chi-squared with 39 degrees of freedom: p < 0.0002


def test_sheet_shows_context_but_no_automatic_code(drawn, sentences):
    row = drawn[drawn["sentence_id"].str.endswith("#002")].iloc[0]
    name = row["sentence_id"].partition("#")[0]
    assert row["before"].startswith(f"Sentence 0 of {name}.")
    assert row["after"] == f"Sentence 3 of {name}. Sentence 4 of {name}."
    assert row["date"] == "2016-03"
    assert not drawn[["partners", "instrument", "stance", "note"]].to_numpy().any()
    assert float(row["probability"]) == pytest.approx(12 / len(sentences))


def test_long_context_is_cut_at_words(documents):
    texts = ["word " * 400, "The sentence.", "later " * 400]
    frame = pd.DataFrame(
        {"sentence_id": [f"d0#{i:03d}" for i in range(3)], "document_id": "d0", "ordinal": range(3), "text": texts}
    )
    row = sample.draw(frame, documents, 3, 1).set_index("sentence_id").loc["d0#001"]
    assert re.fullmatch(r"… (word )+word", row["before"])
    assert re.fullmatch(r"(later )+…", row["after"])
    assert len(row["before"]) <= sample.CONTEXT + 2


@pytest.mark.parametrize("n", [0, 41])
def test_impossible_size_is_refused(sentences, documents, n):
    with pytest.raises(ConfigurationError, match="choose 1 to 40"):
        sample.draw(sentences, documents, n, 1)


def test_csv_holds_no_formula(drawn):
    rows = list(csv.DictReader(io.StringIO(sheet.to_csv(drawn))))
    assert len(rows) == 12
    for row in rows:
        assert not any(row[c].startswith(("=", "+", "-", "@")) for c in ("title", "before", "sentence", "after"))


def test_form_escapes_every_text_and_asks_nothing_of_the_network(drawn):
    page = sheet.to_html(drawn, "# Code <script>alert(2)</script>\n\n`US` & more", PARTNERS)
    assert "<script>alert" not in page
    assert "<b>title" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<script>") == 1
    outside = r"""(?:src|href)\s*=\s*["'](?!#)|https?://|url\(|@import|fetch\(|XMLHttp"""
    assert not re.search(outside, page)
    assert "default-src 'none'" in page


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
def test_form_in_a_browser_gives_a_file_that_import_takes(drawn, sentences, tmp_path):
    page = sheet.to_html(drawn, "# Codebook", PARTNERS)
    clicks = """<script>
    const pick = (item, name, value) => document.querySelector(`[name="${name}-${item}"][value="${value}"]`).click();
    coder.value = "Ada";
    pick(1, "partners", "US"); pick(1, "partners", "CN"); pick(1, "instrument", "LOA"); pick(1, "stance", "-1");
    pick(2, "partners", "US"); pick(2, "partners", "NONE");
    document.querySelector('[name="note-1"]').value = 'so "called"';
    show();
    const out = document.createElement("pre"); out.id = "result";
    out.textContent = csvText() + "|" + document.getElementById("progress").textContent;
    document.body.append(out);
    </script></body>"""
    path = tmp_path / "form.html"
    path.write_text(page.replace("</body>", clicks), encoding="utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
        "--dump-dom",
        path.as_uri(),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    result = re.search(r'<pre id="result">(.*?)\|(.*?)</pre>', shown, re.S)
    assert result[2] == "2 of 12 coded"
    filled = tmp_path / "coded.csv"
    filled.write_text(result[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), encoding="utf-8")
    coded = returned.read(filled, sentences, PARTNERS)
    assert coded[["coder", "partners", "instrument", "stance"]].to_numpy().tolist()[:1] in (
        [["Ada", "CN;US", "LOA", "-1"]],
        [["Ada", "NONE", "NONE", "0"]],
    )
    assert sorted(coded["partners"]) == ["CN;US", "NONE"]


def filled(drawn, **codes) -> pd.DataFrame:
    """Return the sheet coded all alike."""
    return drawn.assign(**({"partners": "US", "instrument": "DIP", "stance": "1"} | codes))


def put(frame, path):
    path.write_text(frame.to_csv(index=False), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ({"partners": "XX"}, r"a\.csv, row 2: partner 'XX' is unknown; use US, JP, CN, OTHER, NONE"),
        ({"partners": "US;NONE"}, r"row 2: NONE stands beside US"),
        ({"instrument": "WAR"}, r"row 2: instrument is 'WAR'; use one of DIP"),
        ({"instrument": ""}, r"row 2: instrument is ''"),
        ({"stance": "2"}, r"row 2: stance is '2'; use one of -1, 0, 1"),
        ({"sentence_id": "d9#000"}, r"row 2: sentence 'd9#000' is not in the corpus"),
        ({"fingerprint": "0" * 12}, r"row 2: .* reads differently now; draw a new sheet"),
        ({"probability": "two"}, r"row 2: probability is 'two'"),
        ({"coder": [f"c{i % 2}" for i in range(12)]}, r"several coders \(c0, c1\)"),
    ],
)
def test_bad_sheet_names_file_row_and_remedy(drawn, sentences, tmp_path, codes, message):
    with pytest.raises(ConfigurationError, match=message):
        returned.read(put(filled(drawn, **codes), tmp_path / "a.csv"), sentences, PARTNERS)


def test_sentence_coded_twice_is_refused(drawn, sentences, tmp_path):
    frame = filled(drawn)
    with pytest.raises(ConfigurationError, match=r"row 14: .* coded twice"):
        returned.read(put(pd.concat([frame, frame.head(1)]), tmp_path / "a.csv"), sentences, PARTNERS)


@pytest.mark.parametrize(("text", "message"), [("a,b\n1,2\n", "row 1: no column sentence_id"), ("", "not a CSV")])
def test_what_is_no_sheet_is_refused(sentences, tmp_path, text, message):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        returned.read(path, sentences, PARTNERS)


def test_file_in_another_encoding_is_refused(sentences, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("sentence_id,ü\n".encode("utf-16"))
    with pytest.raises(ConfigurationError, match=r"a\.csv: not a CSV in UTF-8"):
        returned.read(path, sentences, PARTNERS)


def test_rows_not_coded_yet_are_left_out_and_an_empty_sheet_refused(drawn, sentences, tmp_path):
    frame = filled(drawn, partners=["US; JP"] * 3 + ["NONE"] + [""] * 8)
    coded = returned.read(put(frame, tmp_path / "ada.csv"), sentences, PARTNERS)
    assert coded["coder"].unique().tolist() == ["ada"]
    assert coded["partners"].tolist() == ["JP;US"] * 3 + ["NONE"]
    with pytest.raises(ConfigurationError, match="no sentence is coded"):
        returned.read_all([put(drawn, tmp_path / "b.csv")], sentences, PARTNERS)


def test_two_files_of_one_coder_are_refused(drawn, sentences, tmp_path):
    paths = [put(filled(drawn, coder="ada"), tmp_path / name) for name in ("a.csv", "b.csv")]
    with pytest.raises(ConfigurationError, match=r"b\.csv: coder 'ada' has another file"):
        returned.read_all(paths, sentences, PARTNERS)


@pytest.fixture
def engagements(sentences):
    """The rules give every sentence to the US, as cooperative diplomacy."""
    frame = sentences[["sentence_id", "document_id"]].assign(partner="US", instrument="DIP", stance=1, confidence=1.0)
    return frame


def value(measured, target, measure, method="automatic", code="all"):
    found = measured.query("target == @target and measure == @measure and method == @method and code == @code")
    return found["value"].item()


def test_scores_by_hand(drawn, sentences, engagements, tmp_path):
    a = put(filled(drawn, partners=["US"] * 6 + ["CN"] * 6, stance=["1"] * 10 + ["0"] * 2), tmp_path / "a.csv")
    b = put(filled(drawn, partners=["US"] * 6 + ["CN"] * 5 + ["US"], stance=["1"] * 10 + ["0"] * 2), tmp_path / "b.csv")
    coded = returned.read_all([a, b], sentences, PARTNERS)
    measured = returned.scores(coded, engagements, PARTNERS, 100, 1)
    # The twelfth sentence is disputed: 6 hits, 5 false alarms of US, 5 misses of CN.
    assert value(measured, "partner", "precision") == pytest.approx(6 / 11)
    assert value(measured, "partner", "recall", code="CN") == 0
    assert value(measured, "stance", "accuracy") == pytest.approx(10 / 11)
    assert 0.8 < value(measured, "partner", "alpha_nominal", "coders", "US") < 0.9
    assert value(measured, "stance", "alpha_ordinal", "coders") == 1
    assert np.isnan(value(measured, "instrument", "alpha_nominal", "coders"))


def test_one_coder_gives_scores_but_no_agreement(drawn, sentences, engagements, tmp_path):
    coded = returned.read_all([put(filled(drawn), tmp_path / "a.csv")], sentences, PARTNERS)
    measured = returned.scores(coded, engagements, PARTNERS, 50, 1)
    assert set(measured["method"]) == {"automatic"}
    assert value(measured, "partner", "f1") == 1


def test_coders_may_have_coded_different_sentences(drawn, sentences, engagements, tmp_path):
    a = put(filled(drawn, partners=["US"] * 8 + [""] * 4), tmp_path / "a.csv")
    b = put(filled(drawn, partners=[""] * 4 + ["CN"] + ["US"] * 7), tmp_path / "b.csv")
    coded = returned.read_all([a, b], sentences, PARTNERS)
    measured = returned.scores(coded, engagements, PARTNERS, 50, 1)
    assert value(measured, "partner", "recall") == 1
    assert measured.query("method == 'automatic' and measure == 'accuracy' and target == 'partner'")["n"].item() == 11


def test_sample_is_kept_without_text_and_replaced_by_coder(drawn, sentences, tmp_path):
    kept = tmp_path / "sample.csv"
    for partners, coder in (("US", "ada"), ("CN", "bob"), ("JP", "ada")):
        frame = filled(drawn, partners=partners, coder=coder)
        sample_ = returned.keep(returned.read(put(frame, tmp_path / "a.csv"), sentences, PARTNERS), kept)
    assert len(sample_) == 24
    assert set(sample_.loc[sample_["coder"] == "ada", "partners"]) == {"JP"}
    text = kept.read_text()
    assert "Sentence" not in text
    assert "HYPERLINK" not in text
    assert not list(tmp_path.glob("*.partial"))


def test_command_line(drawn, sentences, documents, engagements, tmp_path, monkeypatch):
    held = {
        "cleaning/sentences.parquet": sentences,
        "corpus/documents.parquet": documents,
        "attribution/engagements.parquet": engagements,
    }
    monkeypatch.setattr("engagement.tables.read", held.__getitem__)
    run = CliRunner()
    folder = tmp_path / "coding"
    made = run.invoke(cli.app, ["coders", "sheet", "--n", "12", "--seed", "7", "--folder", str(folder)])
    assert made.exit_code == 0, made.output
    again = run.invoke(cli.app, ["coders", "sheet", "--n", "12", "--folder", str(folder)])
    assert isinstance(again.exception, ConfigurationError)
    assert "already" in str(again.exception)
    frame = pd.read_csv(folder / "sheet.csv", dtype=str, keep_default_na=False)
    paths = [
        str(put(filled(frame, partners=p), tmp_path / f"{name}.csv")) for name, p in (("ada", "US"), ("bob", "CN"))
    ]
    done = run.invoke(cli.app, ["coders", "import", *paths, "--into", str(tmp_path / "sample.csv")])
    assert done.exit_code == 0, done.output
    assert "12 sentences by 2 coder(s): ada, bob" in done.output
    assert len(pd.read_csv(tmp_path / "sample.csv")) == 24


def test_the_projects_codebook_names_every_code(root):
    codebook = (root / "docs" / "codebook.md").read_text(encoding="utf-8")
    for code in (
        "US",
        "JP",
        "CN",
        "OTHER",
        "NONE",
        "DIP",
        "AGR",
        "GRA",
        "LOA",
        "TRA",
        "INV",
        "SEC",
        "EXC",
        "CUL",
        "PRE",
    ):
        assert f"`{code}`" in codebook
