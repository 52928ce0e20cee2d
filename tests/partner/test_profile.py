"""A profile says of one partner what the comparison found, and its sentences are chosen by rule."""

import pandas as pd
import pytest

from engagement import comparison, partner, tables

PARTNERS = ["US", "JP", "CN"]


@pytest.fixture(scope="module")
def profile(segments):
    """The profile of Japan's instruments."""
    amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
    return partner.beside_others(
        "JP", {"instrument": comparison.compare(segments, amounts, comparison.INSTRUMENTS, "instrument", "instruments")}
    )


def test_profile_repeats_the_comparison(profile, segments):
    tables.validated(tables.rounded(profile), "partner/profile.csv")
    row = profile.set_index("category").loc["GRA"]
    assert row.sure and row.others == pytest.approx(row.share - row.difference)
    answer = partner.answer("JP", profile, segments)
    assert answer["sentences"] == (segments.sentences["partner"] == "JP").sum()
    assert "the instrument grant or in-kind aid" in answer["answer"]
    assert partner.title("JP", profile, "instrument").startswith(
        "Japan is marked by the instrument grant or in-kind aid"
    )
    assert "Japan: grant or in-kind aid" in partner.alt("JP", profile, "instrument")
    partner.versus(profile, "JP", "instrument", "title").canvas.draw()


def test_profile_without_comparison(segments):
    amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
    levels, differences = comparison.compare(segments, amounts, comparison.INSTRUMENTS, "instrument", "instruments")
    alone = partner.beside_others("JP", {"instrument": (levels, differences.head(0))})
    tables.validated(alone, "partner/profile.csv")
    assert alone["others"].isna().all() and not alone["sure"].any()
    assert "nothing marks it surely" in partner.answer("JP", alone, segments)["answer"]
    partner.versus(alone, "JP", "instrument", partner.title("JP", alone, "instrument")).canvas.draw()


def test_partner_that_nothing_is_told_about(segments, invented):
    amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
    levels, differences = comparison.compare(segments, amounts, comparison.INSTRUMENTS, "instrument", "instruments")
    levels.loc[levels["partner"] == "JP", ["amount", "share", "low", "high"]] = [0, None, None, None]
    empty = partner.beside_others("JP", {"instrument": (levels, differences.query("first != 'JP'"))})
    none = comparison.gather(
        invented["engagements"].query("partner != 'JP'"), invented["documents"], PARTNERS, comparison.Settings.plain(1)
    )
    assert partner.answer("JP", empty, none)["answer"] == "Nothing in this corpus tells how Japan engages."
    assert partner.title("JP", empty, "instrument") == "Japan: no instrument is told"
    assert partner.people(none, invented["mentions"], "JP").empty
    assert partner.chosen(none, invented["sentences"], empty, "JP", 6).empty
    partner.versus(empty, "JP", "instrument", "title").canvas.draw()


def test_people_are_the_partners_own(segments, invented):
    people = partner.people(segments, invented["mentions"], "JP")
    assert people["name"].tolist() == ["Leader JP"]
    own = segments.sentences[segments.sentences["partner"] == "JP"]
    assert people["sentences"].iloc[0] == own["sentence_id"].nunique()
    assert people["roles"].iloc[0] == "President" and people["first"].iloc[0] == own["year"].min()
    tables.validated(people, "partner/people.csv")


def test_roles_stand_in_order_of_time(segments):
    own = segments.sentences[segments.sentences["partner"] == "JP"].sort_values("document_date")
    first, last = own.iloc[0], own.iloc[-1]
    mentions = pd.DataFrame(
        {
            "sentence_id": [last.sentence_id, first.sentence_id],
            "name": "N",
            "level": ["L1", "L2"],
            "role": ["Prime Minister", "Foreign Minister"],
        }
    ).assign(kind="person", country="JP")
    row = partner.people(segments, mentions, "JP").iloc[0]
    assert (row.roles, row.level) == ("Foreign Minister; Prime Minister", "L1")


def test_sentences_are_chosen_by_rule(profile, segments, invented):
    quotes = partner.chosen(segments, invented["sentences"], profile, "JP", 6)
    assert quotes["rule"].tolist() == ["top", "median", "random"] * 2
    assert quotes["document_id"].is_unique and quotes["year"].is_unique
    assert (quotes["partner"] == "JP").all()
    ranked = profile.sort_values(["share", "category"], ascending=[False, True])
    assert quotes["instrument"].tolist() == [c for c in ranked["category"].head(2) for _ in range(3)]
    again = partner.chosen(segments, invented["sentences"].iloc[::-1], profile, "JP", 6)
    assert again["sentence_id"].tolist() == quotes["sentence_id"].tolist()
    kept = ["instrument", "rule", "sentence_id", "document_id", "date"]
    tables.validated(quotes[kept], "partner/quotes.csv")
    assert [len(part) for _, part in partner.groups(quotes)] == [3, 3]


def test_most_named_breaks_ties_by_name():
    people = pd.DataFrame({"name": ["B", "A", "C"], "documents": [2, 2, 3], "sentences": [4, 4, 3]})
    assert partner.most_named(people, 2)["name"].tolist() == ["C", "A"]
