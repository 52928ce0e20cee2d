"""Alignment of topics and the medoid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.topics import stability


@given(st.integers(2, 8), st.integers(0, 1000), st.randoms())
def test_alignment_undoes_a_permutation(size, seed, random):
    topics = np.random.Generator(np.random.PCG64(seed)).dirichlet(np.full(40, 0.05), size)
    order = random.sample(range(size), size)
    aligned = topics[order][stability.align(topics, topics[order])]
    assert np.array_equal(aligned, topics)


def test_shared_mass_is_one_less_half_the_distance():
    a, b = np.array([[0.5, 0.5, 0.0]]), np.array([[0.0, 0.5, 0.5], [0.5, 0.5, 0.0]])
    assert stability.shared_mass(a, b) == pytest.approx(np.array([[0.5, 1.0]]))


def test_likeness_counts_shared_words_and_documents():
    rng = np.random.Generator(np.random.PCG64(2))
    topics, shares = rng.dirichlet(np.full(60, 0.1), 3), rng.dirichlet(np.ones(3), 50)
    same = stability.likeness((topics, shares), (topics[[2, 0, 1]], shares[:, [2, 0, 1]]))
    assert same.partner.tolist() == [1, 2, 0]
    assert same.words.tolist() == [1, 1, 1] == same.documents.tolist() and same.mass == pytest.approx([1, 1, 1])
    far = stability.shared_top(np.eye(2, 30)[:, ::-1], np.eye(2, 30), 10)
    assert far.tolist() == [0.9, 0.9]  # one large column each; the ties go to the first columns


def test_the_medoid_is_the_fit_most_like_the_others():
    mass = np.array([[1, 0.5, 0.2], [0.5, 1, 0.6], [0.2, 0.6, 1]])
    assert stability.medoid(mass) == 1
    assert stability.medoid(np.ones((3, 3))) == 0
