"""Simulated coverage: the truth is the truth, sound intervals hold it, and intervals that ignore nesting do not."""

import numpy as np
import pandas as pd
import pytest

from engagement.comparison.inference import generator
from engagement.validation import coverage

MEANS = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]])


@pytest.fixture
def real():
    documents = np.repeat(np.arange(60), 2)
    return coverage.Skeleton(documents // 3, documents, np.tile([0, 1], 60), np.tile([6, 3], 60), np.tile([40, 15], 60))


def test_simulated_segments_scatter_around_the_stated_truth(real):
    frame = real.of(60, generator(1, "a"))
    drawn = np.mean([coverage.mixtures(MEANS, frame, generator(i, "b")) for i in range(300)], axis=0)
    for partner in (0, 1):
        found = drawn[frame.partners == partner].mean(axis=0)
        assert found == pytest.approx(coverage.expected(MEANS)[partner], abs=0.02)


def test_truth_and_simulated_shares_sum_to_one(real):
    assert coverage.expected(MEANS).sum(axis=1) == pytest.approx(1)
    assert coverage.mixtures(MEANS, real, generator(1, "c")).sum(axis=1) == pytest.approx(1)


def test_drawn_documents_are_new_ones_that_keep_their_segments(real):
    frame = real.of(100, generator(1, "d"))
    assert len(np.unique(frame.documents)) == 100
    assert np.bincount(frame.documents).tolist() == [2] * 100
    assert set(frame.outlets) <= set(real.outlets)


def test_nested_intervals_hold_and_independent_ones_do_not(real):
    rows = pd.DataFrame(coverage.simulate("instrument share", coverage.instruments, MEANS, real, 150, 60, 200, 3))
    held = rows[rows["kind"] == "difference"].set_index("method")["coverage"]
    assert held["by document"] > 0.88
    assert held["by sentence"] < held["by document"] - 0.08
    assert rows.set_index(["method", "kind"])["slope"].to_numpy() == pytest.approx(1, abs=0.15)


def test_covering_is_judged_cell_by_cell():
    drawn = np.stack([np.full((2, 2), v) for v in np.linspace(0.4, 0.6, 101)])
    estimate = coverage.Estimate(np.full((2, 2), 0.5), drawn)
    truth = np.array([[0.5, 0.9], [0.41, 0.59]])
    cells = coverage.scored(estimate, truth, np.array([50, 50]))
    assert cells["level"]["covered"].tolist() == [True, False, True, True]
    # All draws of a difference are 0, the true differences 0.09 and 0.31.
    assert cells["difference"]["covered"].tolist() == [False, False]


def test_skeleton_takes_sentences_words_and_outlets_from_the_tables():
    segments = pd.DataFrame(
        {
            "document_id": ["a", "a", "b", "c"],
            "partner": ["US", "CN", "US", "US"],
            "topic_0": 1.0,
            "tokens": [9, 4, 7, 0],
        }
    )
    engagements = pd.DataFrame(
        {"document_id": ["a", "a", "a", "b", "c"], "partner": ["US", "US", "CN", "US", "US"], "instrument": ["DIP"] * 5}
    )
    documents = pd.DataFrame({"document_id": ["a", "b", "c"], "outlet": ["Post", "", "Post"]})
    frame = coverage.skeleton(segments, engagements, documents, ["US", "CN"])
    assert frame.partners.tolist() == [1, 0, 0]  # a: CN, US; b: US; c has no words
    assert frame.sentences.tolist() == [1, 2, 1]
    assert frame.tokens.tolist() == [4, 9, 7]
    assert len(set(frame.outlets)) == 2
    topics, instruments = coverage.means(segments, engagements, ["US", "CN"])
    assert topics.tolist() == [[1.0], [1.0]]
    assert instruments.tolist() == [[1.0], [1.0]]


def test_topic_contrasts_shrink_in_short_texts_unless_shares_could_be_seen(real):
    from engagement.topics.fit import Settings, train
    from engagement.validation.recovery import planted_corpus, planted_topics

    ranks = 1 / np.arange(1, 201)
    truth = planted_topics(3, ranks / ranks.sum(), 0.1, generator(1, "topics"))
    bags, _ = planted_corpus(truth, 1.0, np.full(200, 80), generator(1, "corpus"))
    model = train(bags, Settings(3), 1)
    short = coverage.Skeleton(real.outlets, real.documents, real.partners, real.sentences, real.tokens // 6)
    rows = pd.DataFrame(
        coverage.simulate("topic share", lambda *given: coverage.topics(model, *given), MEANS, short, 150, 20, 100, 3)
    )
    slope = rows[rows["kind"] == "difference"].set_index("method")["slope"]
    assert slope[coverage.KNOWN] == pytest.approx(1, abs=0.2)
    assert slope[coverage.OUTLET] < slope[coverage.KNOWN] - 0.1


def test_a_partner_without_documents_is_left_out():
    """A rare fourth partner may be in none of the simulated documents; the others are judged all the same."""
    truth = np.array([[0.5, 0.5], [0.2, 0.8], [0.4, 0.6]])
    value = np.array([[0.5, 0.5], [0.2, 0.8], [np.nan, np.nan]])
    drawn = np.stack([value - 0.05, value, value + 0.05])
    cells = coverage.scored(coverage.Estimate(value, drawn), truth, np.array([50, 50, 0]))
    assert len(cells["level"]) == 4 and cells["level"]["covered"].all()
    assert len(cells["difference"]) == 2
