"""Quality measures against the packages that define them, and against worked examples."""

import numpy as np
import pandas as pd
import pytest
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from engagement.topics import bags, quality
from engagement.topics.bags import Bags

TERMS = tuple("abcdefgh")


def reading(texts):
    return pd.DataFrame(
        [(f"d{i:02d}", term) for i, text in enumerate(texts) for term in text], columns=["document_id", "term"]
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=40), min_size=2, max_size=6), st.randoms())
def test_npmi_is_gensims(texts, random):
    """Any texts, long or short, with repeated words: the same number as gensim's c_npmi, window 10."""
    texts = [list(t) for t in texts] + [list(TERMS)]  # every term occurs, as gensim demands
    topics = np.array([[random.random() + 0.01 for _ in TERMS] for _ in range(2)])
    tops = [[TERMS[i] for i in row] for row in quality.top_terms(topics, 4)]
    model = CoherenceModel(
        topics=tops,
        texts=texts,
        dictionary=Dictionary(texts),
        coherence="c_npmi",
        window_size=10,
        topn=4,
        processes=1,
    )
    found = quality.npmi(topics, quality.windows(reading(texts), TERMS), 4)
    assert found == pytest.approx(model.get_coherence_per_topic(), abs=1e-12)


def test_top_terms_break_ties_by_the_alphabet():
    assert quality.top_terms(np.array([[0.2, 0.3, 0.3, 0.2]]), 3).tolist() == [[1, 2, 0]]
    # The last bits of a double do not decide.
    assert quality.top_terms(np.array([[0.3, 0.3 + 1e-16, 0.4]]), 3).tolist() == [[2, 0, 1]]


def test_diversity_counts_different_top_words():
    topics = np.array([[4.0, 3, 2, 1], [1, 3, 4, 2], [4, 3, 2, 1]])
    assert quality.diversity(topics, 2) == pytest.approx(3 / 6)


def test_exclusivity_is_stms():
    """Worked by hand after stm's exclusivity(): ranks over 4 words, weight 0.7 on exclusivity, two top words."""
    topics = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.3, 0.2, 0.4]])
    first = 1 / (0.7 / (4 / 4) + 0.3 / (4 / 4)) + 1 / (0.7 / (2.5 / 4) + 0.3 / (3 / 4))
    assert quality.exclusivity(topics, 2) == pytest.approx([first, first])


def test_dispersion_is_one_at_the_truth_and_larger_when_topics_are_missing():
    rng = np.random.Generator(np.random.PCG64(1))
    topics = rng.dirichlet(np.full(30, 0.3), 2)
    shares = rng.dirichlet([0.5, 0.5], 40)
    counts = np.array([rng.multinomial(600, p) for p in shares @ topics])
    corpus = Bags(tuple(range(40)), tuple(map(str, range(30))), sparse.csr_array(counts))
    true = quality.residual_dispersion(topics, shares, corpus)
    one = counts.sum(axis=0) / counts.sum()
    poor = quality.residual_dispersion(np.array([one, one]), shares, corpus)
    assert 0.8 < true < 1.3 and poor > 5 * true


def test_dispersion_is_empty_without_degrees_of_freedom():
    corpus = Bags((0, 1), TERMS, sparse.csr_array(np.eye(2, 8, dtype=np.int64)))
    assert np.isnan(quality.residual_dispersion(np.full((2, 8), 0.125), np.full((2, 2), 0.5), corpus))


def documents(corpus):
    tables = {name: corpus[name] for name in ("tokens", "vocabulary", "mentions")}
    return bags.documents(bags.words(**tables, mask_actors=True, mask_share=0.5, min_documents=1))


def test_completion_hides_half_of_the_tokens_of_a_tenth_of_the_documents(corpus):
    whole = documents(corpus)
    split = quality.completion(whole, seed=5)
    assert len(split.hidden.ids) == 3 and split.hidden.ids == split.visible.ids
    assert split.hidden.tokens.tolist() == [20, 20, 20] == split.visible.tokens.tolist()
    rows = [whole.ids.index(i) for i in split.hidden.ids]
    together = split.hidden.counts.toarray() + split.visible.counts.toarray()
    assert np.array_equal(together, whole.counts.toarray()[rows])
    assert split.training.tokens.sum() == whole.tokens.sum() - 60


def test_completion_of_a_document_does_not_depend_on_the_others(corpus):
    whole = documents(corpus)
    a = quality.completion(whole, seed=5, share=0.5)
    b = quality.completion(whole.rows(np.arange(0, 30, 2)), seed=5, share=1.0)
    hidden = dict(zip(b.hidden.ids, b.hidden.counts.toarray().tolist(), strict=True))
    both = [i for i in a.hidden.ids if i in hidden]
    assert both
    for i, row in zip(a.hidden.ids, a.hidden.counts.toarray().tolist(), strict=True):
        assert i not in hidden or row == hidden[i]


def test_heldout_is_the_mean_log_probability():
    topics = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    shares = np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    hidden = Bags(("a", "b", "c"), ("x", "y", "z"), sparse.csr_array(np.array([[2, 0, 0], [0, 1, 0], [0, 0, 0]])))
    per_token, per_document = quality.heldout(topics, shares, hidden)
    assert per_token == pytest.approx((2 * np.log(0.5) + np.log(0.25)) / 3)
    assert per_document == pytest.approx((np.log(0.5) + np.log(0.25)) / 2)
