"""Sentences without a name: whom they refer to, and where a change of subject stops them."""

import pytest

from engagement import attribution
from engagement.attribution import carrying, naming, reference
from engagement.attribution.partners import Reader
from engagement.cleaning.sentences import split


@pytest.fixture(scope="module")
def read() -> Reader:
    return attribution.reader(weights=False)


def engaged(read: Reader, text: str, title: str = "", day: str = "2016-01-26") -> list[dict[str, str]]:
    sentences = read.read(text, split(text), day, title)
    return [{country: rule for country, (rule, _) in s.engaged.items()} for s in sentences]


@pytest.mark.parametrize(
    "second, country, rule",
    [
        ("The two leaders signed ten papers.", "CN", "both sides"),
        ("The loan runs for twenty years.", "CN", "act spoken of"),
        ("Relations have never been warmer.", "CN", "relation spoken of"),
        ("The embassy declined to comment.", "CN", "office spoken of"),
        ("He promised to come again.", "CN", "pronoun"),
        ("Ten hamlets will get light.", "CN", "same subject"),
    ],
)
def test_a_sentence_refers_back(read: Reader, second: str, country: str, rule: str) -> None:
    first = "Premier Li Keqiang offered Cambodia a loan through the Chinese Embassy."
    assert engaged(read, f"{first} {second}")[1] == {country: rule}


@pytest.mark.parametrize(
    "second",
    [
        "Vietnam opened a bank in Takeo.",
        "Opposition parties lost seats in the election.",
        "Hun Manet opened a pagoda.",
    ],
)
def test_a_change_of_subject_stops_it(read: Reader, second: str) -> None:
    assert "JP" not in engaged(read, f"Japan opened a school in Takeo. {second}")[1]


def test_nothing_is_carried_across_a_change_of_subject(read: Reader) -> None:
    text = "Japan opened a school. Vietnam offered a loan. The loan runs for ten years."
    assert engaged(read, text)[2] == {"VN": "act spoken of"}


def test_an_office_belongs_to_whom_the_text_gave_it(read: Reader) -> None:
    text = "The Japanese ambassador praised the port. China objected. The ambassador did not answer."
    assert engaged(read, text)[2] == {"JP": "office spoken of"}
    own = "The US paid. The Cambodian ambassador thanked it. The ambassador then left for home."
    assert "office spoken of" not in engaged(read, own)[2].values()


def test_background_goes_on_for_one_sentence_only(read: Reader) -> None:
    text = "Japan opened a school. Rooms are bright. Walls are blue. Roofs are red."
    assert [bool(e) for e in engaged(read, text)] == [True, True, False, False]


def test_a_lead_takes_the_headline_or_the_next_sentence(read: Reader) -> None:
    assert engaged(read, "Lanterns lit the quay.", "Japan gives lamps") == [{"JP": "lead"}]
    assert engaged(read, "Lanterns lit the quay. Japan had paid for them.")[0] == {"JP": "lead"}
    assert engaged(read, "Lanterns lit the quay. Nobody had paid.")[0] == {}


def test_a_headline_may_use_a_surname_of_the_text(read: Reader) -> None:
    assert engaged(read, "Rain fell. John Kerry came.", "Kerry in the rain")[0] == {"US": "lead"}


def test_a_scene_is_no_party_unless_the_text_deals_with_it(read: Reader) -> None:
    assert engaged(read, "Thai and Cambodian players met in Beijing.")[0].keys() == {"TH"}
    text = "China paid for the trip. Cambodian students arrived in Kunming."
    assert engaged(read, text)[1] == {"CN": "place of a partner spoken of"}


def test_a_pair_of_outside_states_is_their_own_matter(read: Reader) -> None:
    assert engaged(read, "The US-China quarrel grew.") == [{}]
    assert engaged(read, "Cambodia fears the US-China quarrel.")[0].keys() == {"CN", "US"}


def test_the_journey_beyond_is_left_out(read: Reader) -> None:
    assert engaged(read, "John Kerry left Phnom Penh. Kerry flew on to China.")[1] == {}


def test_of_several_countries_the_one_told_of_is_taken(read: Reader) -> None:
    text = "Japan lends what China would not. The loan is cheap."
    assert engaged(read, text, "Japan lends to Cambodia")[1] == {"JP": "act spoken of"}


def test_a_text_without_outside_party_engages_nobody(read: Reader) -> None:
    text = "Floods hit Kandal. The minister came. He asked for help. The ambassador of nowhere spoke."
    assert all(not e for e in engaged(read, text))


def test_an_office_of_nobody_is_kept_as_unresolved(read: Reader) -> None:
    text = "Nobody knew what the embassy wanted."
    (sentence,) = read.read(text, split(text), "2016-01-26")
    assert [(m.surface, m.country, m.rule) for m in sentence.mentions] == [("embassy", "", "unresolved")]


def test_rules_are_told_apart_and_explained(root) -> None:
    assert not set(naming.CONFIDENCE) & set(reference.CONFIDENCE)
    explained = (root / "docs" / "attribution.md").read_text(encoding="utf-8")
    for rule in (*naming.CONFIDENCE, *reference.CONFIDENCE, carrying.NO_RULE):
        assert f"`{rule}`" in explained, rule
