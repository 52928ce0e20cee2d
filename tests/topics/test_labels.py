"""Words and labels of topics."""

import numpy as np
import pandas as pd
import pytest

from engagement.errors import ConfigurationError
from engagement.topics import labels

TOPICS = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.3, 0.2, 0.4]])
COUNTS = np.array([5, 100, 2, 1])


def stms_shrinkage(given, count):
    """stm's js.estimate, word by word, in plain steps."""
    if count <= 1:
        return [1 / len(given)] * len(given)
    variance = [p * (1 - p) / (count - 1) for p in given]
    deviation = sum((p - 1 / len(given)) ** 2 for p in given)
    if deviation == 0:
        return list(given)
    weight = min(max(sum(variance) / deviation, 0), 1)
    return [weight / len(given) + (1 - weight) * p for p in given]


def test_shrinkage_is_stms():
    given = TOPICS / TOPICS.sum(axis=0)
    expected = np.array([stms_shrinkage(given[:, w], COUNTS[w]) for w in range(4)]).T
    assert labels.shrunk_exclusivity(TOPICS, COUNTS) == pytest.approx(expected)


def test_frex_weighs_ranks_as_stm_does():
    # Topic 0 by frequency: ranks 4, 3, 2, 1. By shrunk exclusivity word 0 leads; the others are all at one half or below.
    exclusive = labels.shrunk_exclusivity(TOPICS, COUNTS)[0]
    order = pd.Series(exclusive.astype(np.float32)).rank().to_numpy() / 4
    expected = 1 / (0.5 / (np.array([4, 3, 2, 1]) / 4) + 0.5 / order)
    assert labels.frex(TOPICS, COUNTS)[0] == pytest.approx(expected)
    # At weight 1 only frequency counts.
    assert labels.frex(TOPICS, COUNTS, weight=1.0)[0] == pytest.approx(np.array([4, 3, 2, 1]) / 4)


def test_lift_and_relevance():
    share = COUNTS / COUNTS.sum()
    assert labels.lift(TOPICS, COUNTS) == pytest.approx(TOPICS / share)
    expected = 0.6 * np.log(TOPICS) + 0.4 * np.log(TOPICS / share)
    assert labels.relevance(TOPICS, COUNTS) == pytest.approx(expected)
    assert labels.word_lists(labels.lift(TOPICS, COUNTS), ("p", "q", "r", "s"), 2)[0] == "r s"  # a tie


def test_labels_are_proposed_from_frex_words():
    assert labels.proposed(["road bridge concessional_loan repay"]) == ["road, bridge, concessional loan"]


def given(*rows):
    return pd.DataFrame(rows, columns=["words", "label"])


def test_a_label_follows_its_words_not_the_number():
    words = ["road bridge loan yen grant", "navy ship fleet port crew"]
    moved, warnings = labels.labelled(words, ["x", "y"], given(("ship navy crew port captain", "Naval visits")))
    assert moved == ["x", "Naval visits"] and not warnings


def test_a_label_that_no_longer_fits_is_named():
    words = ["road bridge loan yen grant"]
    kept, warnings = labels.labelled(words, ["x"], given(("road poll seat vote ballot", "Elections")))
    assert kept == ["x"]
    assert "row 2: label 'Elections' no longer fits a topic (at most 20%" in warnings[0]


def test_two_labels_do_not_take_one_topic():
    words = ["a b c d e"]
    both = given(("a b c d e", "First"), ("a b c d f", "Second"))
    assert labels.labelled(words, ["x"], both)[0] == ["First"]
    assert "row 3: label 'Second'" in labels.labelled(words, ["x"], both)[1][0]


@pytest.mark.parametrize(
    ("content", "message"),
    [("words\na b\n", "row 1: no column 'label'"), ("words,label\na b,First\nc d,\n", "row 3: label is empty")],
)
def test_a_broken_label_file_is_refused(tmp_path, content, message):
    path = tmp_path / "topic_labels.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        labels.read(path)
