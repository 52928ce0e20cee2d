"""The statistics do what they claim: checked on worlds whose truth is known, on hand-made numbers, and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.comparison import inference


def test_one_purpose_one_stream():
    first = inference.generator(1, "a").random(5)
    assert (first == inference.generator(1, "a").random(5)).all()
    assert not (first == inference.generator(1, "b").random(5)).any()
    assert not (first == inference.generator(2, "a").random(5)).any()


@given(st.integers(1, 40), st.integers(1, 30))
def test_bootstrap_draws_one_cluster_less_than_there_are(clusters, draws):
    weights = inference.cluster_weights(clusters, draws, inference.generator(0, "weights"))
    assert weights.shape == (draws, clusters)
    assert (weights.sum(axis=1) == max(clusters - 1, 1)).all()


def test_drawing_one_less_gives_the_unbiased_variance_of_a_mean():
    values = np.array([1.0, 4.0, 2.0, 9.0, 3.0])
    weights = inference.cluster_weights(5, 200_000, inference.generator(0, "variance"))
    means = weights @ values / weights.sum(axis=1)
    assert means.var() == pytest.approx(values.var(ddof=1) / 5, rel=0.02)


def nested_world(random, documents, outlets=None):
    """Sentences in documents (in outlets): each document leans to one of three categories of its own."""
    truth = np.array([0.5, 0.3, 0.2])
    lean = random.dirichlet(truth * 2, size=documents)
    size = random.integers(3, 12, size=documents)
    return truth, np.array([random.multinomial(n, p) for n, p in zip(size, lean, strict=True)], dtype=float)


def test_intervals_of_nested_data_cover_the_truth():
    """95 % intervals by document hold the truth in 93 to 97 % of worlds; intervals that take sentences as independent do not."""
    by_document, by_sentence = [], []
    for world in range(1500):
        random = inference.generator(world, "coverage")
        truth, amounts = nested_world(random, 120)
        groups = np.zeros(len(amounts), dtype=int)
        weights = inference.cluster_weights(len(amounts), 300, random)
        drawn = inference.share_draws(amounts, groups, 1, weights)[:, 0]
        low, high = inference.interval(drawn, 0.95)
        by_document.append((low <= truth) & (truth <= high))
        share = amounts.sum(axis=0) / amounts.sum()
        half = 1.96 * np.sqrt(share * (1 - share) / amounts.sum())
        by_sentence.append(np.abs(share - truth) <= half)
    assert 0.93 <= np.mean(by_document) <= 0.97
    assert np.mean(by_sentence) < 0.90


def test_resampling_outlets_covers_where_outlets_differ_and_resampling_documents_does_not():
    by_outlet, by_document = [], []
    for world in range(500):
        random = inference.generator(world, "outlets")
        truth = np.array([0.6, 0.4])
        outlet = np.repeat(np.arange(50), random.integers(2, 9, size=50))
        lean = random.dirichlet(truth * 4, size=50)[outlet]
        amounts = np.array([random.multinomial(5, p) for p in lean], dtype=float)
        groups = np.zeros(len(amounts), dtype=int)
        for clusters, covered in ((outlet, by_outlet), (np.arange(len(amounts)), by_document)):
            weights = inference.cluster_weights(clusters.max() + 1, 300, random)[:, clusters]
            low, high = inference.interval(inference.share_draws(amounts, groups, 1, weights)[:, 0], 0.95)
            covered.append((low[0] <= truth[0]) & (truth[0] <= high[0]))
    assert 0.92 <= np.mean(by_outlet) <= 0.98
    assert np.mean(by_document) < 0.88


def test_topic_intervals_cover_the_truth_and_grow_when_texts_are_short():
    truth = np.array([0.4, 0.3, 0.2, 0.1])
    covered, widths = [], {15: [], 300: []}
    for length, found in widths.items():
        for world in range(120):
            random = inference.generator(world, f"topics {length}")
            own = random.dirichlet(truth * 5, size=60)
            counts = np.array([random.multinomial(length, p) for p in own])
            theta = (counts + 0.5 * truth) / (length + 0.5)
            tokens = np.full(60, float(length))
            weights = inference.cluster_weights(60, 300, random)
            groups = np.zeros(60, dtype=int)
            drawn = inference.topic_draws(theta, tokens, 0.5, groups, 1, weights, random)[:, 0]
            low, high = inference.interval(drawn, 0.95)
            covered.append((low <= truth) & (truth <= high))
            found.append((high - low).mean())
            assert drawn.min() >= 0 and np.allclose(drawn.sum(axis=1), 1)
    assert 0.93 <= np.mean(covered) <= 0.985
    assert np.mean(widths[15]) > 1.1 * np.mean(widths[300])


def test_drawing_topics_does_not_depend_on_the_chunk(monkeypatch):
    def draw():
        random = inference.generator(3, "chunk")
        theta = random.dirichlet(np.ones(3), size=8)
        weights = inference.cluster_weights(8, 50, random)
        groups = np.array([0, 0, 0, 1, 1, 1, 1, 0])
        return inference.topic_draws(theta, np.arange(8.0), 1.0, groups, 2, weights, random)

    whole = draw()
    monkeypatch.setattr(inference, "CHUNK", 7)
    assert np.array_equal(whole, draw(), equal_nan=True)


def test_shares_of_a_group_without_amounts_are_undefined():
    found = inference.shares(np.array([[1.0, 3.0], [0.0, 0.0]]), np.array([0, 1]), 3)
    assert found[0].tolist() == [0.25, 0.75]
    assert np.isnan(found[1:]).all()


def test_interval_ignores_undefined_samples():
    drawn = np.array([[0.0, np.nan], [1.0, np.nan], [np.nan, np.nan]])
    low, high = inference.interval(drawn, 0.5)
    assert (low[0], high[0]) == (0.25, 0.75)
    assert np.isnan(low[1]) and np.isnan(high[1])


def test_a_share_of_zero_has_the_exact_upper_limit():
    low, high = inference.bounded(
        np.array([0.0, 1.0, 0.4]), np.array([0.0, 1, 0]), np.array([0, 1, 0.5]), np.array([20, 20, 20]), 0.95
    )
    assert high[0] == pytest.approx(0.1684, abs=1e-4)  # the 97.5 % Clopper-Pearson limit of 0 in 20
    assert low[1] == pytest.approx(1 - 0.1684, abs=1e-4)
    assert (low[2], high[2]) == (0, 0.5)


LABELS = st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=2, max_size=25)


@given(LABELS)
def test_permutation_keeps_documents_whole(sets):
    documents = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    labels = np.array([label for s in sets for label in sorted(s)])
    for row in inference.permuted_labels(labels, documents, 5, inference.generator(0, "keep")):
        assert sorted(row) == sorted(labels)  # as many segments of each partner
        for document in range(len(sets)):
            own = row[documents == document]
            assert len(set(own)) == len(own)  # no partner twice
        before = sorted(tuple(sorted(labels[documents == d])) for d in range(len(sets)))
        after = sorted(tuple(sorted(row[documents == d])) for d in range(len(sets)))
        assert before == after  # the same sets of partners


def test_permutation_p_is_uniform_when_the_label_means_nothing():
    """Also where a third of the documents are on two partners, whose segments then resemble each other."""
    found = []
    for world in range(600):
        random = inference.generator(world, "null")
        _, amounts = nested_world(random, 30)
        documents = np.concatenate([np.arange(30), np.arange(10)])
        labels = random.integers(0, 2, size=30)
        labels = np.concatenate([labels, 1 - labels[:10]])
        amounts = np.concatenate([amounts, amounts[:10][:, [1, 0, 2]] * 0.5 + amounts[:10] * 0.5])
        observed = inference.shares(amounts, labels, 2)
        shuffled = inference.permuted_labels(labels, documents, 199, random)
        permuted = inference.permuted_shares(amounts, shuffled, 2)
        found.append(inference.permutation_p(observed[0] - observed[1], permuted[:, 0] - permuted[:, 1])[2])
    found = np.array(found)
    for level in (0.05, 0.2, 0.5, 0.8):
        assert abs((found <= level).mean() - level) < 3 * np.sqrt(level * (1 - level) / len(found))


def test_permutation_finds_a_difference_that_is_there():
    random = inference.generator(1, "power")
    labels = np.repeat([0, 1], 30)
    lean = np.where(labels[:, None] == 0, [0.8, 0.2], [0.3, 0.7])
    amounts = np.array([random.multinomial(6, p) for p in lean], dtype=float)
    shuffled = inference.permuted_labels(labels, np.arange(60), 999, random)
    observed, permuted = inference.shares(amounts, labels, 2), inference.permuted_shares(amounts, shuffled, 2)
    p = inference.permutation_p(observed[0] - observed[1], permuted[:, 0] - permuted[:, 1])
    assert p.max() == 0.001  # 1 of 1,000: the smallest that 999 permutations can give


def test_holm_and_benjamini_hochberg_on_known_values():
    p = np.array([0.01, 0.04, 0.03, 0.005])
    assert inference.holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])  # R: p.adjust(p, "holm")
    assert inference.benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])  # R: p.adjust(p, "BH")


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30))
def test_corrections_keep_order_and_bounds(values):
    p = np.array(values, dtype=float)
    known = ~np.isnan(p)
    holm, bh = inference.holm(p), inference.benjamini_hochberg(p)
    assert (np.isnan(holm) == ~known).all() and (np.isnan(bh) == ~known).all()
    assert (p[known] <= bh[known] + 1e-12).all() and (bh[known] <= holm[known] + 1e-12).all()
    assert (holm[known] <= 1).all()
    order = np.argsort(p[known], kind="stable")
    assert (np.diff(holm[known][order]) >= 0).all() and (np.diff(bh[known][order]) >= -1e-15).all()


def test_normal_p():
    assert inference.normal_p(np.array([0.0, 1.959964, -1.959964])) == pytest.approx([1, 0.05, 0.05], abs=1e-6)
