"""Whom a surface stands for: dated offices, surnames, ambiguous acronyms, capitals, persons a text introduces."""

import pytest

from engagement import attribution
from engagement.attribution.naming import CONFIDENCE
from engagement.attribution.partners import Reader


@pytest.fixture(scope="module")
def read() -> Reader:
    return attribution.reader()


def mentions(read: Reader, text: str, day: str = "2016-01-26") -> list[tuple[str, str, str]]:
    (sentence,) = read.read(text, [(0, len(text))], day)
    return [(m.surface, m.country, m.rule) for m in sentence.mentions]


def roles(read: Reader, text: str, day: str) -> list[str]:
    (sentence,) = read.read(text, [(0, len(text))], day)
    return [m.role for m in sentence.mentions]


@pytest.mark.parametrize(
    "day, role, rule",
    [
        ("2015-06-01", "Vice President", "full name"),
        ("2022-06-01", "President", "full name"),
        ("2020-12-15", "President", "full name"),  # designate: office begins within sixty days
        ("2025-06-01", None, "full name, out of office"),
        ("", None, "full name"),
    ],
)
def test_an_office_is_dated_by_the_event(read: Reader, day: str, role: str | None, rule: str) -> None:
    (found,) = read.read("Joe Biden spoke.", [(0, 16)], day)[0].mentions
    assert (found.country, found.rule) == ("US", rule)
    assert role is None or found.role == role


def test_two_foreign_ministers_share_a_name_over_time(read: Reader) -> None:
    assert roles(read, "Taro Kono spoke.", "2018-05-01") == ["Minister for Foreign Affairs"]
    assert roles(read, "Taro Kono spoke.", "2020-05-01") == ["Minister of Defense"]


@pytest.mark.parametrize(
    "text, found",
    [
        ("Kerry came.", []),
        (
            "John Kerry came. Kerry left.",
            [("John Kerry", "US", "full name"), ("Kerry", "US", "surname after full name")],
        ),
        ("Envoy Kritenbrink came.", []),  # not in office in 2016
        ("Envoy Russel came.", [("Russel", "US", "title and surname")]),
        ("Rice was sold and Power was cut.", []),
        ("Wang Yi, a shop owner, spoke.", [("Wang Yi", "", "unresolved")]),
        (
            "China sent Wang Yi. Wang smiled.",
            [
                ("China", "CN", "country name"),
                ("Wang Yi", "CN", "acronym by cue"),
                ("Wang", "CN", "surname after full name"),
            ],
        ),
        (
            "China sent Wang Yi. Eleanor Wang smiled.",
            [("China", "CN", "country name"), ("Wang Yi", "CN", "acronym by cue")],
        ),
    ],
)
def test_surnames_need_the_full_name_or_a_title(read: Reader, text: str, found: list) -> None:
    assert mentions(read, text) == found


@pytest.mark.parametrize(
    "text, found",
    [
        ("The CDC approved it.", ("CDC", "KH", "acronym by default")),
        ("The CDC in Atlanta approved it.", ("CDC", "US", "acronym by cue")),
        ("The MCC met.", ("MCC", "", "unresolved")),
        ("The MCC signed a Millennium compact.", ("MCC", "US", "acronym by cue")),
        ("An Exim Bank loan.", ("Exim Bank", "", "unresolved")),
    ],
)
def test_ambiguous_acronyms(read: Reader, text: str, found: tuple) -> None:
    assert found in mentions(read, text)


@pytest.mark.parametrize(
    "text, rule",
    [
        ("Beijing promised a road.", "capital as government"),
        ("They met in Beijing.", "place"),
        ("He flew to Tokyo.", "place"),
        ("Cambodia moved closer to Beijing.", "capital as government"),
        ("Washington's envoy spoke.", "capital as government"),
        ("He studied in Shanghai.", "place"),
    ],
)
def test_a_capital_acts_only_where_it_is_no_place(read: Reader, text: str, rule: str) -> None:
    assert rule in [rule for _, _, rule in mentions(read, text)]


@pytest.mark.parametrize(
    "text, name, country",
    [
        ("JICA's Kenta Sato opened a school. Sato smiled.", "Sato", "JP"),
        ("Paula Reyes of the US embassy spoke. Reyes smiled.", "Reyes", "US"),
        ("Chinese envoy Gao Ming spoke. Gao smiled.", "Gao", "CN"),  # the surname comes first
    ],
)
def test_a_text_introduces_persons_itself(read: Reader, text: str, name: str, country: str) -> None:
    assert (name, country, "introduced in the text") in mentions(read, text)


def test_other_parties_have_codes_of_their_own(read: Reader) -> None:
    text = "Taiwan, Hong Kong, Macau, the ADB, the AIIB, the World Bank, Vietnam and ASEAN came."
    assert [c for _, c, _ in mentions(read, text)] == ["TW", "HK", "MO", "ADB", "AIIB", "WB", "VN", "ASEAN"]


def test_source_credits_name_nobody(read: Reader) -> None:
    for text in ("He told Xinhua so.", "It was dear, VOA Khmer wrote.", "The Washington Post and China Daily said so."):
        assert mentions(read, text) == [], text


def test_every_mention_keeps_span_row_rule_and_confidence(read: Reader) -> None:
    text = "Ambassador William Heidt and JICA met Hun Sen in Beijing."
    (sentence,) = read.read(text, [(0, len(text))], "2017-01-01")
    assert len(sentence.mentions) == 4
    for m in sentence.mentions:
        assert text[m.start : m.end] == m.surface and m.actor_id and m.confidence == CONFIDENCE[m.rule]
