"""Scores and their intervals: whole documents are resampled, and an interval without errors still has a width."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.validation import scores


def test_split_is_fixed_by_the_identifier():
    # A change of the rule would silently move documents between the halves.
    halves = [scores.split(f"document-{i}") for i in range(200)]
    assert {*halves} == {"development", "test"}
    assert 70 < halves.count("test") < 130
    assert scores.split("a") == "test"  # ca978112…
    assert scores.split("abcd") == "test"  # 88d4266f…
    assert scores.split("b") == "development"  # 3e23e816…


def test_in_split_partitions():
    names = pd.Series([f"d{i}" for i in range(50)])
    development, test, everything = (scores.in_split(names, half) for half in ("development", "test", "all"))
    assert everything.all()
    assert (development ^ test).all()


def test_hits_false_alarms_misses_and_undecided():
    units = pd.DataFrame(
        {
            "reference": [frozenset({"US"}), frozenset({"JP"}), frozenset()],
            "coded": [frozenset({"US", "CN"}), frozenset(), frozenset({"US"})],
            "undecided": [frozenset(), frozenset(), frozenset({"US"})],
        }
    )
    counts = scores.hits(units, ["US", "JP", "CN"]).astype(int)
    assert counts[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert counts[1].tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert counts[2].tolist() == [[0, 0, 0]] * 3


def test_by_hand():
    counts = np.array([[6, 2, 4]])
    assert scores.precision(counts) == pytest.approx(0.75)
    assert scores.recall(counts) == pytest.approx(0.6)
    assert scores.f1(counts) == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert np.isnan(scores.f1(np.zeros((1, 3)))).all()


counted = st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=15)


@given(counted)
def test_f1_is_the_harmonic_mean_and_lies_between(rows):
    counts = np.array(rows).sum(axis=0, keepdims=True)
    p, r, f = (float(measure(counts)[0]) for measure in (scores.precision, scores.recall, scores.f1))
    if not np.isnan(p + r) and p + r > 0:
        assert f == pytest.approx(2 * p * r / (p + r))
        assert min(p, r) - 1e-12 <= f <= max(p, r) + 1e-12


@given(counted)
def test_interval_lies_in_the_unit_and_holds_an_extreme_value(rows):
    value, low, high = scores.with_interval(np.array(rows), scores.f1, 50, 1, "test")
    if not np.isnan(value):
        assert 0 <= low <= high <= 1
        assert low <= value or value not in (0, 1)


def test_interval_is_wider_where_errors_cluster_in_documents():
    spread = np.array([[9, 1]] * 40)
    clustered = np.array([[10, 0]] * 36 + [[0, 10]] * 4)
    widths = [
        high - low
        for _, low, high in (scores.with_interval(c, scores.accuracy, 500, 1, "x") for c in (spread, clustered))
    ]
    assert widths[0] < 0.02 < 0.1 < widths[1]


def test_no_error_in_twenty_documents_is_no_certainty():
    value, low, high = scores.with_interval(np.array([[5, 0]] * 20), scores.accuracy, 100, 1, "x")
    assert (value, high) == (1, 1)
    assert low == pytest.approx(0.025 ** (1 / 20))  # Clopper and Pearson: 0.832


def test_same_seed_and_name_same_interval_other_name_other():
    counts = np.array([[i % 4, i % 3, 1] for i in range(30)])
    first = scores.with_interval(counts, scores.f1, 200, 1, "x")
    assert scores.with_interval(counts, scores.f1, 200, 1, "x") == first
    assert scores.with_interval(counts, scores.f1, 200, 1, "y") != first


def test_sums_by_document():
    sums = scores.by_document(pd.Series(["b", "a", "b"]), np.array([[1, 0], [2, 2], [3, 1]]))
    assert sums.tolist() == [[2, 2], [4, 1]]


def test_count_ratio_lets_errors_cancel():
    assert scores.count_ratio(np.array([[5, 3, 3], [5, 0, 5]])).tolist() == [1.0, 0.5]


def test_a_score_that_is_no_share_gets_no_interval_where_all_samples_are_alike():
    value, low, high = scores.with_interval(np.array([[4, 0, 0]] * 9), scores.count_ratio, 50, 1, "x", proportion=False)
    assert value == 1
    assert np.isnan(low)
    assert np.isnan(high)
    mixed = np.array([[4, 1, 0], [4, 0, 1]] * 9)
    value, low, high = scores.with_interval(mixed, scores.count_ratio, 50, 1, "x", proportion=False)
    assert low < value == 1 < high
