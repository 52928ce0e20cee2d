"""Krippendorff's alpha against published worked examples, its definition, and its properties."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.validation.reliability import alpha_from, coincidences, distinct, krippendorff_alpha

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": four observers, twelve units, missing codes.
FOUR_OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def units(rows: list[str]) -> list[tuple]:
    return list(zip(*[[None if c == "." else int(c) for c in row.split()] for row in rows], strict=True))


@pytest.mark.parametrize(("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_four_observers_with_missing_codes(metric, published):
    assert krippendorff_alpha(units(FOUR_OBSERVERS), metric) == pytest.approx(published, abs=5e-4)


def test_two_observers_binary_example():
    assert krippendorff_alpha(list(zip("0100000010", "1110010000", strict=True))) == pytest.approx(0.095, abs=5e-4)


def test_two_observers_nominal_example():
    assert krippendorff_alpha(list(zip("aabbdcccedda", "babbbccceddd", strict=True))) == pytest.approx(0.692, abs=5e-4)


def test_coincidences_of_the_binary_example():
    ratings = list(zip("0100000010", "1110010000", strict=True))
    total = coincidences(ratings, distinct(ratings)).sum(axis=0)
    assert total.tolist() == [[10, 4], [4, 2]]


def test_by_definition_over_all_pairs():
    """Alpha is 1 - mean squared difference within units over mean squared difference of all pairable values."""
    ratings = [(1, 2, 2), (3, 3, None), (5, 1, 4), (2, None, None)]
    paired = [[v for v in unit if v is not None] for unit in ratings]
    paired = [unit for unit in paired if len(unit) > 1]
    everything = [v for unit in paired for v in unit]
    n = len(everything)
    within = sum((a - b) ** 2 / (len(unit) - 1) for unit in paired for a, b in permutations(unit, 2)) / n
    between = sum((a - b) ** 2 for a, b in permutations(everything, 2)) / (n * (n - 1))
    assert krippendorff_alpha(ratings, "interval") == pytest.approx(1 - within / between)


def test_sets_partial_overlap_is_better_than_none_and_worse_than_equal():
    a, b, ab, nothing = frozenset("a"), frozenset("b"), frozenset("ab"), frozenset()
    rest = [(a, a), (b, b), (ab, ab), (nothing, nothing)]
    equal, overlap, apart = (krippendorff_alpha([*rest, pair], "masi") for pair in ((ab, ab), (ab, a), (a, b)))
    assert apart < overlap < equal == 1


def test_masi_of_known_pair():
    """{a} within {a, b}: Jaccard 1/2 times monotonicity 2/3 is 1/3, so the distance is 2/3 (Passonneau 2006)."""
    a, ab = frozenset("a"), frozenset("ab")
    # Observed 2/3 in one of two units; expected over the values a, a, a, ab: 6 of 12 ordered pairs differ by 2/3.
    assert krippendorff_alpha([(a, a), (a, ab)], "masi") == pytest.approx(1 - (1 / 2 * 2 / 3) / (6 / 12 * 2 / 3))


def test_undefined_without_variation_or_pairs():
    assert np.isnan(krippendorff_alpha([(1, 1), (1, 1)]))
    assert np.isnan(krippendorff_alpha([(1, None), (None, 2)]))
    assert np.isnan(krippendorff_alpha([]))


codes = st.one_of(st.none(), st.integers(1, 4))
tables = st.integers(2, 4).flatmap(lambda m: st.lists(st.tuples(*[codes] * m), min_size=1, max_size=12))


@given(tables, st.sampled_from(["nominal", "ordinal", "interval"]), st.randoms(use_true_random=False))
def test_order_of_units_and_coders_does_not_matter(ratings, metric, random):
    coders = list(range(len(ratings[0])))
    random.shuffle(coders)
    shuffled = [tuple(unit[c] for c in coders) for unit in ratings]
    random.shuffle(shuffled)
    assert krippendorff_alpha(shuffled, metric) == pytest.approx(krippendorff_alpha(ratings, metric), nan_ok=True)


@given(tables, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_at_most_one_and_one_only_without_disagreement(ratings, metric):
    alpha = krippendorff_alpha(ratings, metric)
    agree = all(len({v for v in unit if v is not None}) <= 1 for unit in ratings)
    if not np.isnan(alpha):
        assert alpha <= 1 + 1e-12
        assert (alpha > 1 - 1e-12) == agree


@given(tables)
def test_units_with_one_code_change_nothing(ratings):
    alone = tuple([3] + [None] * (len(ratings[0]) - 1))
    assert krippendorff_alpha([*ratings, alone]) == pytest.approx(krippendorff_alpha(ratings), nan_ok=True)


@given(tables, st.integers(-3, 3), st.integers(1, 5))
def test_interval_is_unchanged_by_shift_and_scale_ordinal_by_any_increasing_map(ratings, shift, scale):
    moved = [tuple(None if v is None else shift + scale * v for v in unit) for unit in ratings]
    stretched = [tuple(None if v is None else v**3 for v in unit) for unit in ratings]
    assert krippendorff_alpha(moved, "interval") == pytest.approx(krippendorff_alpha(ratings, "interval"), nan_ok=True)
    assert krippendorff_alpha(stretched, "ordinal") == pytest.approx(
        krippendorff_alpha(ratings, "ordinal"), nan_ok=True
    )


@settings(max_examples=20)
@given(tables)
def test_summed_coincidences_stand_for_the_table(ratings):
    values = distinct(ratings)
    if values:
        twice = coincidences(ratings + ratings, values).sum(axis=0)
        assert np.allclose(twice, 2 * coincidences(ratings, values).sum(axis=0))
        assert float(alpha_from(twice, values, "nominal")) == pytest.approx(
            krippendorff_alpha(ratings + ratings), nan_ok=True
        )


def test_random_coders_agree_as_by_chance():
    random = np.random.Generator(np.random.PCG64(7))
    assert abs(krippendorff_alpha(random.integers(0, 3, (4000, 2)).tolist())) < 0.05
