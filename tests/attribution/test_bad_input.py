"""Strange texts and dictionaries: no crash, no injection, documented behaviour."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import attribution
from engagement.attribution import trying, views
from engagement.attribution.partners import Reader
from engagement.cleaning.sentences import split
from engagement.errors import ConfigurationError

READ = attribution.reader()


def countries(text: str, day: str = "2016-01-26") -> list[set[str]]:
    return [set(s.engaged) for s in READ.read(text, split(text), day)]


def test_text_in_capitals() -> None:
    assert countries("JAPAN AND CHINA GIVE AID TO CAMBODIA") == [{"JP", "CN"}]
    assert countries("CHINA WILL HELP US, SAYS HUN SEN") == [{"CN"}]
    assert countries("U.S. ENVOY JOHN KERRY VISITS PHNOM PENH") == [{"US"}]


def test_text_in_lower_case() -> None:
    # Several words are found in any case; a single word or acronym is not: `china` may be porcelain, `us` a pronoun.
    assert countries("john kerry met hun sen in phnom penh") == [{"US"}]
    assert countries("they gave us fine china") == [set()]


@pytest.mark.parametrize("mark", ["'", "’", "`", "´", "�", "â€™", "?"])
def test_broken_apostrophes(mark: str) -> None:
    assert countries(f"Japan{mark}s loan and China{mark}s road") == [{"JP", "CN"}]


def test_other_scripts_mixed_in() -> None:
    assert countries("រាជរដ្ឋាភិបាល Japan បានផ្តល់ជំនួយ 中国 China 援助柬埔寨") == [{"JP", "CN"}]


def test_a_sentence_of_a_hundred_thousand_characters() -> None:
    text = "The loan from Japan pays for the road and " * 2400
    assert len(text) > 100_000
    (sentence,) = READ.read(text, [(0, len(text))], "2016-01-26")
    assert set(sentence.engaged) == {"JP"} and len(sentence.mentions) == 2400


@pytest.mark.parametrize("day", ["", "1850-01-01", "2999-12-31"])
def test_a_day_outside_every_office_or_none(day: str) -> None:
    text = "John Kerry and Xi Jinping met. Kerry left."
    rules = [m.rule for s in READ.read(text, split(text), day) for m in s.mentions]
    if day == "2999-12-31":
        assert rules[0] == "full name, out of office"
    elif day:
        assert rules[:2] == ["full name, out of office"] * 2
    else:
        assert rules[:2] == ["full name"] * 2
    assert countries(text, day)[0] == {"US", "CN"}


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00\x1b[31m", "…", "US", "." * 5000, "(" * 5000])
def test_hardly_a_text(text: str) -> None:
    assert len(READ.read(text, split(text), "2016-01-26")) == len(split(text))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Japan's",
                "US",
                "U.S.",
                "he",
                "the loan",
                "they",
                "Kerry",
                "John Kerry",
                ".",
                "\n",
                "China-",
                "Xi",
                "ខ្មែរ",
                "<b>",
                "&",
                "”",
                "Beijing",
                "in",
            ]
        )
    )
)
def test_any_heap_of_words(words: list[str]) -> None:
    text = " ".join(words)
    for sentence in READ.read(text, split(text), "2016-01-26", text):
        for m in sentence.mentions:
            assert sentence.start <= m.start < m.end <= len(text) and text[m.start : m.end] == m.surface
        assert READ.home not in sentence.engaged and "" not in sentence.engaged


def test_the_same_text_gives_the_same_result_whatever_was_read_before() -> None:
    text = "Kerry came. The loan is small. Wang spoke."
    before = countries(text)
    countries("John Kerry and Wang Yi of China gave a loan.")
    assert countries(text) == before


def test_a_dictionary_of_patterns_and_html(tmp_path: Path, root: Path) -> None:
    for name in ("traps.csv", "referring.csv"):
        (tmp_path / name).write_bytes((root / "data" / "reference" / name).read_bytes())
    (tmp_path / "actors.csv").write_text(
        "actor_id,country,kind,name,aliases,role,level,start,end,source,sure\n"
        "kh,KH,country,Cambodia,,,L0,,,,yes\n"
        "xx,XX,country,Xland,(a+)+$;.*x;[A-Z]{9},,L0,,,,yes\n"
        'xx-h,XX,organisation,"<img src=x onerror=alert(1)>","<script>alert(1)</script>",,L3,,,,yes\n',
        encoding="utf-8",
    )
    with pytest.raises(
        ConfigurationError, match=r"row 3: '\(a\+\)\+\$' has fewer than two Latin letters|row 3: '\.\*x'"
    ):
        attribution.reader(tmp_path)
    fixed = (tmp_path / "actors.csv").read_text(encoding="utf-8").replace("(a+)+$;.*x;", "(ab+)+$;.*xy;")
    (tmp_path / "actors.csv").write_text(fixed, encoding="utf-8")
    read = attribution.reader(tmp_path)
    text = "a" * 5000 + " ABCDEFGHI <img src=x onerror=alert(1)> spoke."
    (sentence,) = read.read(text, [(0, len(text))])
    assert [m.surface for m in sentence.mentions] == ["img src=x onerror=alert(1"]


def test_marked_html_is_escaped() -> None:
    text = 'Japan <script>alert("1")</script> & China'
    shown = views.marked(text, 0, [(0, 5, "JP", '"><script>'), (36, 41, "CN", "country name")])
    assert "<script>" not in shown and "&lt;script&gt;" in shown and "&amp;" in shown
    assert shown.count("<mark") == shown.count("</mark>") == 2


def test_spans_outside_the_shown_text_are_left_out() -> None:
    assert views.marked("Japan", 100, [(0, 5, "JP", "x"), (103, 400, "CN", "x")]) == "Japan"


def test_the_terminal_is_not_steered(capsys) -> None:
    trying.show(trying.code("\x1b[2J Japan [bold]gave[/bold] a loan \x07", "2016-01-26", read=READ))
    out = capsys.readouterr().out
    assert "\x1b[2J" not in out and "\x07" not in out and "[bold]gave[/bold]" in out
    assert "Japan" in out and "country name (0.95)" in out


def test_no_day_and_a_wrong_day() -> None:
    assert len(trying.code("Japan gave a loan.", read=READ).engagements) == 1
    with pytest.raises(ConfigurationError, match="'26/1/2016' is no day"):
        trying.code("Japan gave a loan.", "26/1/2016", read=READ)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not readable"):
        trying.load(tmp_path / "none.txt")
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        trying.load(tmp_path / "latin.txt")


def test_an_empty_corpus() -> None:
    documents = pd.DataFrame(columns=["document_id", "date", "date_precision", "title", "text"])
    sentences = pd.DataFrame(columns=["sentence_id", "document_id", "ordinal", "start", "end"])
    mentions, engagements = attribution.attribute(documents, sentences, ["US"], READ)
    assert mentions.empty and engagements.empty


def test_documents_are_held_one_at_a_time() -> None:
    given_out = []

    def documents():
        for n in range(50):
            given_out.append(n)
            yield f"d{n}", "", "Japan gave a loan. It is cheap.", "2016-01-26", [("s", 0, 18), ("t", 19, 31)]

    stream = attribution.stream(READ, documents())
    next(stream)
    assert given_out == [0]
    assert isinstance(READ, Reader) and sum(1 for _ in stream) == 149  # title and two sentences each
