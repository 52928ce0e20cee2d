"""Tokens, their normalised forms, lemmas, and what is left out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.cleaning.tokens import Lexicon, normalise, tokenise
from engagement.errors import ConfigurationError


def words(text: str) -> list[str]:
    return [normalise(text[a:b]) for a, b in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cambodia's ports", ["cambodia", "'s", "ports"]),
        ("Cambodia’s PORTS", ["cambodia", "'s", "ports"]),
        ("They don’t, O'Neill", ["they", "don't", "o'neill"]),
        ("the ministers’ cars", ["the", "ministers", "cars"]),
        ("US-Cambodia anti-corruption", ["us", "cambodia", "anti", "corruption"]),
        ("the U.S. Navy", ["the", "u.s.", "navy"]),
        ("$3,500.50 and 15m", ["3,500.50", "and", "15m"]),
        ("COVID-19, G20, the 1990s", ["covid", "19", "g20", "the", "1990s"]),
        ("attaché attache\u0301", ["attaché", "attaché"]),
        ("co\u00adoperation zero\u200bwidth", ["cooperation", "zerowidth"]),
        ("ﬁrst ＡＢＣ", ["first", "abc"]),
        ("e-mail: a@b.org", ["e", "mail", "a", "b", "org"]),
        ("snake_case", ["snake", "case"]),
        ("–— … !?", []),
        ("", []),
    ],
)
def test_tokens(text, expected):
    assert words(text) == expected


@given(st.text(max_size=200))
def test_any_text(text):
    spans = tokenise(text)
    covered = set()
    for start, end in spans:
        assert start < end
        covered |= set(range(start, end))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(i in covered for i, c in enumerate(text) if c.isalnum()), "no letter or digit is lost"


@pytest.mark.parametrize("piece", ["a.", "1.", "1,", "a'", "a'b", "a-", " ", "\u0301", "a\u0301", "é", "_", "ab "])
def test_time_is_linear_in_the_length(piece):
    """A quadratic rule needs minutes here: 100,000 characters of one kind."""
    for text in (piece * (100_000 // len(piece)), piece * (100_000 // len(piece)) + "x"):
        assert sum(b - a for a, b in tokenise(text)) >= sum(c.isalnum() for c in text)


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("token", "lemma"),
    [
        ("loans", "loan"),
        ("signed", "sign"),
        ("media", "media"),
        ("customs", "customs"),
        ("carat", "carat"),
        ("thanked", "thank"),
        ("developed", "develop"),
        ("growing", "grow"),
        ("cancelled", "cancel"),
        ("defence", "defence"),
        ("defense", "defence"),
        ("organizations", "organisation"),
        ("cambodians", "cambodian"),
        ("meetings", "meeting"),
        ("met", "meet"),
        ("tokyo", "tokyo"),
        ("xyzzyx", "xyzzyx"),
    ],
)
def test_lemmas(token, lemma):
    assert Lexicon().lemma(token) == lemma


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("the", "stop word: article"),
        ("said", "stop word: reporting"),
        ("monday", "stop word: calendar"),
        ("don't", "stop word: contraction"),
        ("us", "stop word: pronoun"),
        ("2016", "number"),
        ("15m", "number"),
        ("ab", "short"),
        ("u.s.", "short"),
        ("'s", "stop word: contraction"),
        ("mine", ""),
        ("mines", ""),
        ("wells", ""),
        ("loan", ""),
        ("aid", ""),
    ],
)
def test_why_left_out(token, why):
    assert Lexicon().why_dropped(token) == why


def test_the_lists_change_no_kept_lemma_into_a_chain():
    """A corrected lemma is final: it is not itself corrected into another word."""
    lexicon = Lexicon()
    for word, lemma in lexicon.lemmas.items():
        assert lexicon.lemmas.get(lemma, lemma) == lemma, word


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("word,group\n", "row 1: no column reason"),
        ("word,group,reason\nthe,article,\n", "row 2: needs word, group, reason"),
        ("word,group,reason\nthe,article,grammar,more\n", "row 2: needs word, group, reason"),
        ("word,group,reason\nThe,article,grammar\n", "row 2: 'The' can never match; write 'the'"),
        ("word,group,reason\nthe,article,grammar\nthe,article,grammar\n", "row 3: repeats 'the'"),
        (None, "not there"),
    ],
)
def test_broken_list_of_stop_words(tmp_path, monkeypatch, content, expected):
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(tmp_path))
    (tmp_path / "params.yaml").write_text("{}")
    (tmp_path / "data" / "reference").mkdir(parents=True)
    if content is not None:
        (tmp_path / "data/reference/stop_words.csv").write_text(content)
    with pytest.raises(ConfigurationError, match="data/reference/stop_words.csv") as caught:
        Lexicon()
    assert expected in str(caught.value)
