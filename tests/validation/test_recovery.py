"""Planted topics: drawn as asked for, and found again where the text suffices."""

import numpy as np
import pytest

from engagement import tables
from engagement.comparison.inference import generator
from engagement.topics.fit import Settings
from engagement.validation import recovery


@pytest.fixture
def frequencies():
    ranks = 1 / np.arange(1, 301)
    return ranks / ranks.sum()


@pytest.mark.parametrize("likeness", [0.1, 0.3, 0.6])
def test_planted_topics_are_as_alike_as_asked(frequencies, likeness):
    topics = recovery.planted_topics(40, frequencies, likeness, generator(1, "test"))
    assert np.allclose(topics.sum(axis=1), 1)
    alike = recovery.cosines(topics, topics)[np.triu_indices(40, k=1)]
    assert alike.mean() == pytest.approx(likeness, abs=0.12)


def test_planted_corpus_has_the_lengths_and_the_shares_asked_for(frequencies):
    topics = recovery.planted_topics(4, frequencies, 0.2, generator(1, "test"))
    lengths = np.array([5, 50, 2000])
    bags, shares = recovery.planted_corpus(topics, 1.0, lengths, generator(2, "test"))
    assert bags.tokens.tolist() == lengths.tolist()
    assert np.allclose(shares.sum(axis=1), 1)
    expected = shares[2] @ topics
    seen = bags.counts.toarray()[2] / 2000
    assert np.abs(seen - expected).sum() < 0.4  # total variation of 2,000 draws over 300 terms


def test_cosine_of_a_topic_with_itself_and_with_a_stranger():
    topics = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    assert recovery.cosines(topics, topics) == pytest.approx(np.eye(2))


def test_long_texts_give_the_topics_back_and_short_ones_do_not(frequencies):
    real = recovery.Sizes(np.full(150, 60), frequencies, 0.1, 1.0)
    frame = recovery.table(real, Settings(4), [0.1, 4.0], 1, 7)
    tables.validated(frame, "validation/recovery.csv")
    cosine = frame.groupby(["num_topics", "length_factor"])["cosine"].median()
    assert cosine[4, 4.0] > 0.9
    assert cosine[4, 0.1] < cosine[4, 4.0]
    assert {2, 8} <= set(frame["num_topics"])
    found = frame.groupby(["num_topics", "length_factor", "simulation"])[["share", "share_found"]].sum()
    assert found.to_numpy() == pytest.approx(1, abs=1e-6)


def test_same_seed_same_corpus(frequencies):
    real = recovery.Sizes(np.full(60, 30), frequencies, 0.2, 1.0)
    first, again = (recovery.recover(real, 3, 1.0, Settings(3), 0, 5) for _ in range(2))
    assert first.equals(again)
