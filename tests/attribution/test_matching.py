"""One pass over the text: whole words, longest first, letter case, any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import attribution
from engagement.attribution.dictionary import Actor, surfaces
from engagement.attribution.matching import Matcher


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return attribution.reader().matcher


def actor(name: str, *aliases: str, kind: str = "organisation") -> Actor:
    return Actor(name, "XX", kind, name, aliases, "", "L3", "", "", "", "yes")


def names(matcher: Matcher, text: str) -> list[str]:
    return [text[start:end] for start, end, surface, actors in matcher.find(text) if actors]


@pytest.mark.parametrize(
    "text, found",
    [
        ("Indochina and machinations", []),
        ("China's loan, China-built, (China)", ["China", "China", "China"]),
        ("they gave us fine china", []),
        ("the US and U.S. troops and USA", ["US", "U.S", "USA"]),
        ("Bank of China lends", ["Bank of China"]),
        ("South China Sea", []),
        ("US$5 million and US dollars", []),
        ("the Chinese Embassy in", ["Chinese Embassy"]),
        ("中国China合作 កម្ពុជាJapanខ្មែរ", ["China", "Japan"]),
        ("Chinaâ€™s and Japan’s and Japan`s and Japan�s", ["China", "Japan", "Japan", "Japan"]),
        ("Préah Sihanouk", ["Préah Sihanouk"]),
    ],
)
def test_surfaces(matcher: Matcher, text: str, found: list[str]) -> None:
    assert names(matcher, text) == found


def test_a_longer_name_wins() -> None:
    found = Matcher(surfaces([actor("Red Star"), actor("Red Star Bank"), actor("Bank of Red Star")], []))
    assert names(found, "Red Star Bank of Red Star") == ["Red Star Bank", "Red Star"]


def test_a_name_that_does_not_fit_lets_a_shorter_one_in() -> None:
    found = Matcher(surfaces([actor("China", kind="country"), actor("Fine China Ltd")], []))
    assert names(found, "fine China") == ["China"]


def test_dictionary_rows_are_plain_text() -> None:
    odd = [actor(".*"), actor("(a+)+$ zz"), actor("<b>Bold</b> Bank"), actor("[US]{2,} Corp")]
    found = Matcher(surfaces(odd, []))
    assert names(found, "anything at all, aaaaaaaaaaaaaaaaaaaaaa!") == []
    assert names(found, "the <b>Bold</b> Bank said") == ["b>Bold</b> Bank"]


@given(st.text(alphabet="US CHINAchina Japn.'-$’ខ中\n", max_size=200))
def test_hits_lie_in_the_text_in_order_and_apart(text: str) -> None:
    hits = [(start, end) for start, end, surface, actors in READY.find(text) if not surface.cue]
    assert all(0 <= start < end <= len(text) for start, end in hits)
    assert all(before[1] <= after[0] for before, after in zip(hits, hits[1:], strict=False))


READY = attribution.reader().matcher
