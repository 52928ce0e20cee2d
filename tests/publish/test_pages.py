"""What stands on the pages: nothing that runs, captions and alternative text kept, quotations within their licence."""

import re
import sys
from html import unescape

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import publish
from engagement.publish import check, notebook, results
from engagement.reporting import display


@pytest.fixture
def reports(pipeline):
    return publish.publish()


def test_a_title_that_is_a_script_is_shown_as_text(reports):
    for page in sorted(reports.rglob("*.html")):
        html = page.read_text(encoding="utf-8")
        scripts = re.findall(r"<script[^>]*>", html)
        assert len(scripts) == (page.parent.name == "evidence"), page
        assert "javascript:" not in re.sub(r"<td>javascript:alert\(1\)</td>", "", html)
    index = (reports / "index.html").read_text(encoding="utf-8")
    assert "They differ &lt;script&gt;alert(1)&lt;/script&gt;." in index
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (reports / "evidence" / "US.html").read_text(encoding="utf-8")


def test_a_figure_keeps_its_words_and_leads_to_numbers_and_sentences(reports):
    html = (reports / "06-comparison.html").read_text(encoding="utf-8")
    figure = re.search(r"<figure>.*?</figure>", html, flags=re.DOTALL)[0]
    assert 'alt="Two points: 1 and 2."' in figure
    assert '<figcaption>Documents a year. <span class="data">Numbers: ' in figure
    assert 'href="figures/comparison/years.csv"' in figure and 'href="evidence/US.html"' in figure
    assert 'width="750"' in figure and re.search(r'height="4\d\d"', figure)
    profile = (reports / "07-partner-JP.html").read_text(encoding="utf-8")
    assert "Japan: title of partner</h1>" in profile
    assert 'href="evidence/JP.html"' in profile and 'href="figures/partner/JP/years.csv"' in profile


def test_a_figure_of_differences_leads_to_both_partners(finished, monkeypatch):
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(finished))
    show = sys.modules["engagement.figures.show"]
    both = pd.DataFrame({"first": ["US", "US"], "second": ["JP", ""], "difference": [1.0, 2.0]})
    assert show._evidence("comparison/x", both).count("<a ") == 2
    assert show._evidence("comparison/x", pd.DataFrame({"year": [2016], "JP": [1]})).count("JP.html") == 1
    assert show._evidence("corpus/x", pd.DataFrame({"country": ["US", "KH"]})) == ""


def test_a_quotation_leads_to_its_sentence(finished, monkeypatch):
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(finished))
    shown = []
    monkeypatch.setattr(display, "display", lambda html: shown.append(html.data))
    row = {
        "text": "word " * 40,
        "date": pd.Timestamp("2016-01-01"),
        "sentence_id": "open#000",
        "outlet": "<b>",
        "url": "x",
    }
    display.quotes(pd.DataFrame([row | {"partner": "US", "licence": "CC BY 4.0"}] * 2))
    assert 'href="evidence/US.html#open%23000"' in shown[0] and "&lt;b&gt;" in shown[0]
    assert [quote.count("word") for quote in shown[0].split("</blockquote>")] == [40, 40, 0]
    display.quotes(pd.DataFrame([row]))
    assert shown[1].count("word") == 25 and "<a " not in shown[1]


def test_a_page_tells_how_it_was_made(reports):
    html = (reports / "07-partner-JP.html").read_text(encoding="utf-8")
    assert "engagement run partner --partner JP" in html
    assert "<td><code>seed</code></td><td><code>1</code></td>" in html
    assert re.search(r"data/reference/actors.csv</code></td><td><code>[0-9a-f]{64}", html)


def test_third_party_sentences_are_cut_and_open_ones_are_whole(reports):
    closed = (reports / "evidence" / "JP.html").read_text(encoding="utf-8")
    assert "word24 …" in closed and "word25" not in closed
    assert "word39" in (reports / "evidence" / "US.html").read_text(encoding="utf-8")
    assert 'id="JP-2016"' in closed and 'id="closed#000"' in closed
    assert 'href="https://example.org/a?b=1&amp;c=2"' in closed and "The &lt;b&gt;Post&lt;/b&gt;" in closed


@pytest.mark.parametrize(
    ("licence", "whole"),
    [("CC BY 4.0", True), ("cc-by-sa-4.0", True), ("CC0 1.0", True), ("public domain", True)]
    + [("third-party, all rights reserved", False), ("all rights reserved", False), ("", False), ("cctv", False)],
)
def test_what_is_not_known_to_be_open_is_cut(licence, whole):
    assert (display.excerpt("word " * 30, licence) == "word " * 30) == whole


@settings(deadline=None)
@given(st.text(max_size=400))
def test_an_excerpt_is_the_beginning_and_no_more_than_25_words(text):
    kept = display.excerpt(text, "third-party")
    assert len(re.findall(r"\w+", kept)) <= 25
    assert kept == text or text.startswith(kept.removesuffix(" …"))


def test_published_tables_keep_to_the_licence():
    long = " ".join(f"word{i}" for i in range(30))
    table = f"sentence_id,text\na#001,{long}\nb#000,{long}\nc#000,short\n".encode()
    kept = results.within_licence(table, {"a": "CC BY 4.0", "b": "third-party"}).decode().splitlines()
    assert kept[1] == f"a#001,{long}"
    assert kept[2].endswith("word24 …")
    assert kept[3] == "c#000,short"
    assert results.within_licence(b"year,text_length\n2016,3\n", {}) == b"year,text_length\n2016,3\n"


def test_colours_are_kept_and_what_loads_is_not():
    html = '<mark style="border-bottom:3px solid #123456;background:red">a</mark>'
    assert notebook.safe_html(html) == '<mark style="border-bottom:3px solid #123456;">a</mark>'
    assert "url" not in notebook.safe_html('<span style="color: url(http://example.org/x)">a</span>')


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=60))
def test_no_value_becomes_markup(value):
    html = notebook.prose(f"Said {display.plain(value)} here.")
    shown = " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
    assert shown == " ".join(f"Said {' '.join(value.split())} here.".split())
    assert set(re.findall(r"<\s*/?\s*(\w+)", html)) <= {"p", "a"}
    assert all(re.match(r"https?://|mailto:", link) for link in re.findall(r'href="([^"]*)"', html))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_address_but_the_webs_becomes_a_link(url):
    made = display.web_link(url)
    assert ("<a " in made) == bool(re.fullmatch(r"https?://[^\s\"'<>]+", url))
    assert "<script" not in made


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.12345, "0.123"),
        (0.0, "0.000"),
        (0.0001, "&lt;0.001"),
        (-0.0001, "&gt;-0.001"),
        (2016, "2016"),
        (True, "yes"),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_cells_are_written_for_reading(value, shown):
    assert display._cell(value, "x") == shown


@pytest.mark.parametrize(
    ("numbers", "decimals"),
    [([1234567.8, 0.5], 0), ([-250.0], 1), ([12.5, 1.25], 2), ([0.3, 0.0001], 3), ([0.00012], 6), ([0.0], 0), ([], 0)],
)
def test_a_columns_numbers_have_the_decimals_its_largest_asks_for(numbers, decimals):
    assert display._decimals(pd.Series(numbers, dtype=float)) == decimals


def test_dates_are_as_precise_as_they_are_known():
    day = pd.Timestamp("2016-10-01")
    assert [display.dated(day, p) for p in ("day", "month", "year")] == ["2016-10-01", "2016-10", "2016"]


GOOD = '<html lang="en"><title>T</title><main><h1 id="a">A</h1><p><a href="#a">x</a></p></main>'


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("lang", "data-lang"), "has no language"),
        (("<title>T</title>", ""), "has no title"),
        (("<main>", "<div>"), "has 0 <main>"),
        (("</h1>", "</h1><h1>B</h1>"), "has 2 first-level headings"),
        (("</h1>", "</h1><h3>B</h3>"), "jumps from a heading of level 1 to one of level 3"),
        (("<p>", '<p><img src="data:image/png;base64,AA">'), "without alternative text"),
        (("<p>", '<p><img alt=" " src="data:image/png;base64,AA">'), "without alternative text"),
        (("<p>", '<p><img alt="x" src="http://example.org/x.png">'), "loads http://example.org/x.png"),
        (("<p>", '<p><script src="x.js"></script>'), "loads x.js"),
        (("<p>", '<link rel="stylesheet" href="https://example.org/x.css"><p>'), "loads https://example.org/x.css"),
        (("<p>", "<style>p { background: url(x.png) }</style><p>"), "loads x.png"),
        (("<p>", "<style>@import 'x.css';</style><p>"), "loads x.css"),
        (("<p>", '<p style="background: url(//example.org/x)">'), "loads //example.org/x"),
        (("<p>", "<table><tr><td>1</td></tr></table><p>"), "without a caption"),
        (("<p>", '<p id="a">'), "anchor 'a' 2 times"),
        (("#a", "#b"), "links to #b, but the page has no such anchor"),
        (("#a", "gone.html"), "links to gone.html, which is not there"),
    ],
)
def test_the_checks_notice(tmp_path, change, complaint):
    page = tmp_path / "page.html"
    page.write_text(GOOD, encoding="utf-8")
    assert check.problems(tmp_path) == []
    page.write_text(GOOD.replace(*change), encoding="utf-8")
    assert any(complaint in problem for problem in check.problems(tmp_path)), check.problems(tmp_path)


def test_the_evidence_of_a_tables_rows_is_there(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "page.html").write_text(GOOD, encoding="utf-8")
    table = tmp_path / "tables" / "x.csv"
    table.write_text("n,evidence\n1,page.html#a\n2,\n", encoding="utf-8")
    assert check.problems(tmp_path) == []
    table.write_text("n,evidence\n1,page.html#b\n", encoding="utf-8")
    assert check.problems(tmp_path) == ["tables/x.csv: links to page.html#b, but the page has no such anchor"]


def test_a_picture_needs_its_numbers_beside_it(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "x.png").write_bytes(b"")
    assert check.problems(tmp_path) == ["figures/x.png: has no numbers beside it"]
