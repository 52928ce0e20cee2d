"""The figures: drawn from tables, with words that hold for the numbers in them."""

import json

import numpy as np
import pandas as pd
import pytest

from engagement.topics import charts

TOPICS = pd.DataFrame(
    {
        "topic": [0, 1],
        "label": ["Naval visits", "Loans for roads, bridges and other works of long duration"],
        "prevalence": [0.6, 0.4],
        "stability": [0.8, 0.3],
        "unstable": [False, True],
        "words": ["navy ship", "road human_right"],
    }
)


@pytest.fixture
def alt(tmp_path, monkeypatch):
    """Return the alternative text of a figure shown into a scratch folder."""
    monkeypatch.setenv("ENGAGEMENT_OUTPUT", str(tmp_path))
    return lambda name: json.loads((tmp_path / "figures" / f"{name}.json").read_text())["alt"]


def test_long_labels_are_cut_at_a_word_and_unstable_topics_marked():
    names = charts.axis_names(TOPICS, 24)
    assert names == ["0 Naval visits", "1 Loans for roads … †"]


def test_cards_tell_each_topics_words(alt):
    words = pd.DataFrame(
        {
            "topic": [0, 0, 1, 1],
            "rank": [1, 2, 1, 2],
            "word": ["navy", "ship", "road", "human_right"],
            "probability": 0.1,
        }
    )
    charts.cards(TOPICS, words)
    assert "Topic 1: road human right." in alt("cards")


def test_prevalence_names_the_widest_gap(alt):
    partners = pd.DataFrame({"partner": ["US", "US", "JP", "JP"], "topic": [0, 1, 0, 1], "share": [0.9, 0.1, 0.2, 0.8]})
    charts.prevalence(TOPICS, partners)
    assert "Naval visits: 60.0% of all tokens (JP 20.0%, US 90.0%)" in alt("prevalence")


def test_stability_and_correlation_tell_their_numbers(alt):
    charts.stability(TOPICS, pd.DataFrame({"topic": [0, 1], "seed": 7, "overlap": [0.8, 0.3]}))
    assert "Naval visits: 8.0 of 10" in alt("stability")
    charts.correlation(TOPICS, np.array([[1.0, -0.25], [-0.25, 1.0]]))
    assert "with Naval visits -0.25" in alt("correlation")


def test_masking_compares_the_leading_partners(alt):
    rows = [
        (names, topic, "a b", partner, share)
        for names, lead in (("kept", 0.9), ("masked", 0.5))
        for topic in (0, 1)
        for partner, share in (("US", lead), ("JP", 1 - lead))
    ]
    charts.masking(pd.DataFrame(rows, columns=["names", "topic", "words", "partner", "share"]))
    assert "holds 90% of a topic with names kept and 50% with names masked" in alt("masking")


def test_fields_name_the_largest_topic_of_each(alt):
    table = pd.DataFrame(
        {"field": ["", "", "trade", "trade"], "topic": [0, 1, 0, 1], "share": [0.7, 0.3, 0.4, 0.6], "tokens": 50}
    )
    charts.fields(TOPICS, table)
    assert "no field: Naval visits 70%" in alt("fields")
