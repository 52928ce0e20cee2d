"""`CollapsedLda`: what it finds, that gensim's usage works on it, and what it does with bad input."""

import numpy as np
import pytest
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel, LdaModel
from scipy.optimize import linear_sum_assignment

from engagement.topics.collapsed import CollapsedLda

TOPICS, WORDS = 4, 60


def generated(documents=150, length=40, topics=TOPICS, words=WORDS, seed=5, alpha=0.15):
    """Return bags of words drawn from LDA, with its topics (topics x words) and shares (documents x topics)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    truth = rng.dirichlet(np.full(words, 0.1), topics)
    shares = rng.dirichlet(np.broadcast_to(alpha, topics), documents)
    drawn = [rng.multinomial(length, row) for row in shares @ truth]
    return [[(int(w), int(counts[w])) for w in np.flatnonzero(counts)] for counts in drawn], truth, shares


def matched(found, truth):
    """Return the mean cosine of topics matched one to one."""
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (found, truth)]
    cosine = unit[0] @ unit[1].T
    return cosine[linear_sum_assignment(-cosine)].mean()


@pytest.fixture(scope="module")
def corpus():
    return generated()[0]


@pytest.fixture(scope="module")
def names():
    return {i: f"w{i:02d}" for i in range(WORDS)}


@pytest.fixture(scope="module")
def model(corpus, names):
    return CollapsedLda(corpus, num_topics=TOPICS, id2word=names, random_state=1)


# What it finds


def test_planted_topics_and_shares_are_recovered():
    corpus, truth, shares = generated(documents=400, length=60)
    model = CollapsedLda(corpus, num_topics=TOPICS, id2word={i: f"w{i}" for i in range(WORDS)})
    found = model.get_topics()
    assert matched(found, truth) > 0.97
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (found, truth)]
    order = linear_sum_assignment(-(unit[1] @ unit[0].T))[1]
    assert np.abs(model.document_topics()[:, order] - shares).mean() < 0.06


def test_learned_alpha_is_near_the_planted_one():
    true = np.array([0.05, 0.1, 0.2, 0.4])
    corpus = generated(documents=1500, length=60, words=300, alpha=true)[0]
    options = {"num_topics": 4, "id2word": {i: f"w{i:03d}" for i in range(300)}}
    model = CollapsedLda(corpus, **options)
    assert np.sort(model.alpha) == pytest.approx(true, abs=0.04)
    fixed = CollapsedLda(corpus[:100], **options, alpha=0.3)
    assert fixed.alpha == pytest.approx(np.full(4, 0.3))


def test_seed_words_in_eta_choose_the_number_of_the_topic(corpus, names):
    truth = generated()[1]
    for chosen in (0, 3):
        eta = np.full((TOPICS, WORDS), 0.05)
        eta[chosen, np.argsort(-truth[2])[:5]] = 20
        seeded = CollapsedLda(corpus, num_topics=TOPICS, id2word=names, eta=eta)
        assert np.argmax(seeded.get_topics() @ truth[2]) == chosen


def test_trace_falls_and_says_whether_it_converged(corpus, names):
    long = CollapsedLda(corpus, num_topics=TOPICS, id2word=names, passes=500)
    assert long.converged and long.trace[-1] < 0.0025 <= max(long.trace)
    short = CollapsedLda(corpus, num_topics=TOPICS, id2word=names, passes=3)
    assert not short.converged and len(short.trace) == 3


def test_mini_batches_find_the_same_topics():
    corpus, truth, _ = generated(documents=1200, length=40)
    options = {"num_topics": TOPICS, "id2word": {i: f"w{i}" for i in range(WORDS)}}
    whole = CollapsedLda(corpus, **options)
    small = CollapsedLda(iter(corpus), **options, memory=32 * 3000, chunksize=100)
    assert matched(small.get_topics(), truth) > matched(whole.get_topics(), truth) - 0.01
    assert small.state.sstats.sum() == pytest.approx(1200 * 40, rel=1e-5)
    assert small.document_counts.sum(axis=1) == pytest.approx(np.full(1200, 40), rel=1e-4)


def test_further_documents_are_added_to_the_counts(corpus, names):
    model = CollapsedLda(corpus[:100], num_topics=TOPICS, id2word=names)
    before = model.get_topics()
    model.update(corpus[100:])
    assert model.state.numdocs == 150
    assert model.state.sstats.sum() == pytest.approx(150 * 40, rel=1e-5)
    assert matched(model.get_topics(), before) > 0.98


# gensim's own usage


def test_it_is_a_gensim_model(model):
    assert isinstance(model, LdaModel)
    topics = model.get_topics()
    assert topics.shape == (TOPICS, WORDS) and topics.sum(axis=1) == pytest.approx(np.ones(TOPICS))


def test_gensims_call_works_or_says_what_is_missing(corpus, names):
    usual = {
        "distributed": False,
        "update_every": 1,
        "decay": 0.5,
        "offset": 1.0,
        "eval_every": None,
        "callbacks": None,
    }
    model = CollapsedLda(corpus, 2, names, passes=3, chunksize=100, alpha="asymmetric", eta="symmetric", **usual)
    assert model.alpha.sum() == pytest.approx(1) and model.alpha[0] > model.alpha[1]
    assert model.eta == pytest.approx(np.full(WORDS, 0.5))
    with pytest.raises(ValueError, match="distributed: not supported"):
        CollapsedLda(corpus, 2, names, distributed=True)
    with pytest.raises(TypeError, match="no option 'number_of_topics'"):
        CollapsedLda(corpus, id2word=names, number_of_topics=3)


def test_topics_are_shown_as_gensim_shows_them(model):
    shown = model.show_topics(num_topics=TOPICS, num_words=5, formatted=False)
    assert [k for k, _ in shown] == list(range(TOPICS))
    for k, words in shown:
        assert [w for w, _ in words] == [w for w, _ in model.show_topic(k, topn=5)]
        assert [p for _, p in words] == pytest.approx([p for _, p in model.show_topic(k, topn=5)])
        assert [w for w, _ in words] == [f"w{i:02d}" for i, _ in model.get_topic_terms(k, topn=5)]
    assert all(f'"{words[0][0]}"' in text for (_, text), (_, words) in zip(model.print_topics(4), shown, strict=True))
    assert model.print_topics(2) == model.print_topics(2)


def test_document_topics_are_the_same_at_every_call(model, corpus):
    first = model.get_document_topics(corpus[0], minimum_probability=0)
    model.print_topics(2)
    assert first == model.get_document_topics(corpus[0], minimum_probability=0)
    assert first == model.get_document_topics(corpus[0], minimum_probability=0)
    assert sum(p for _, p in first) == pytest.approx(1)
    whole = list(model.get_document_topics(corpus[:3], minimum_probability=0))
    assert whole[0] == first
    topics, words, phis = model.get_document_topics(corpus[0], per_word_topics=True)
    assert [w for w, _ in words] == [w for w, _ in corpus[0]]
    assert sum(v for _, pairs in phis for _, v in pairs) == pytest.approx(40, rel=0.1)
    assert topics == model[corpus[0]]


def test_inference_returns_alpha_plus_expected_counts(model, corpus):
    gamma, counts = model.inference(corpus, collect_sstats=True)
    assert gamma.sum(axis=1) == pytest.approx(np.full(150, 40 + model.alpha.sum()), rel=1e-5)
    assert counts.sum(axis=1) == pytest.approx((gamma - model.alpha).sum(axis=0), rel=1e-5)
    words = np.zeros(WORDS)
    for document in corpus:
        for w, n in document:
            words[w] += n
    assert counts.sum(axis=0) == pytest.approx(words, rel=1e-5)
    assert model.inference(corpus)[1] is None


def test_fold_in_agrees_with_training(model, corpus):
    gamma, _ = model.inference(corpus)
    assert np.abs(gamma / gamma.sum(axis=1, keepdims=True) - model.document_topics()).mean() < 0.02
    assert model.gamma == pytest.approx(model.alpha + model.document_counts)


def test_fold_in_solves_its_equation(model, corpus):
    """gamma_dwk ∝ topic_kw (N_dk − gamma_dwk + alpha_k), one document, single precision."""
    model = CollapsedLda(corpus, num_topics=TOPICS, id2word=model.id2word, gamma_threshold=0.0, iterations=2000)
    document = corpus[7]
    gamma, counts = model.inference([document], collect_sstats=True)
    ids, tokens = np.array(document).T
    share = counts[:, ids] / tokens
    right = model.get_topics()[:, ids] * (gamma[0][:, None] - share)
    assert share == pytest.approx(right / right.sum(axis=0), abs=1e-4)


def test_words_and_likelihood(model, corpus):
    word = model.show_topic(2, 1)[0]
    assert dict(model.get_term_topics(int(word[0][1:]), minimum_probability=0.001))[2] == pytest.approx(word[1])
    bound = model.log_perplexity(corpus)
    assert -np.log(WORDS) - 1 < bound < 0 and bound == model.log_perplexity(corpus)


def test_coherence_and_difference(corpus, names):
    texts = [[names[w] for w, n in document for _ in range(n)] for document in corpus]
    dictionary = Dictionary(texts)
    bags = [dictionary.doc2bow(text) for text in texts]
    model = CollapsedLda(bags, num_topics=TOPICS, id2word=dictionary, random_state=1)
    options = {"model": model, "texts": texts, "dictionary": dictionary, "topn": 5, "processes": 1}
    assert -1 <= CoherenceModel(coherence="c_npmi", **options).get_coherence() <= 1
    assert len(model.top_topics(bags, topn=5)) == TOPICS
    distance, words = model.diff(model, distance="jaccard", num_words=10)
    assert distance.shape == (TOPICS, TOPICS) and np.diag(distance) == pytest.approx(np.zeros(TOPICS))
    assert dict(model.get_term_topics(dictionary[0])) == dict(model.get_term_topics(0))


def test_save_and_load(model, corpus, tmp_path):
    model.save(str(tmp_path / "lda"))
    loaded = CollapsedLda.load(str(tmp_path / "lda"))
    assert np.array_equal(loaded.get_topics(), model.get_topics())
    assert np.array_equal(loaded.inference(corpus)[0], model.inference(corpus)[0])


def test_pyldavis_prepares_it(corpus, names):
    prepare = pytest.importorskip("pyLDAvis.gensim_models").prepare
    dictionary = Dictionary([[names[w] for w in range(WORDS)]])
    model = CollapsedLda(corpus, num_topics=TOPICS, id2word=dictionary)
    assert len(prepare(model, corpus, dictionary, mds="mmds").topic_coordinates) == TOPICS


def test_draws_of_shares_have_gammas_mean_and_spread(model):
    gamma = model.gamma[:2]
    drawn = model.draw_shares(gamma, 20000, seed=3)
    mean, total = gamma / gamma.sum(axis=1, keepdims=True), gamma.sum(axis=1, keepdims=True)
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.01)
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(mean * (1 - mean) / (total + 1)), abs=0.01)
    assert np.array_equal(drawn, model.draw_shares(gamma, 20000, seed=3))


def test_reordering_moves_everything(corpus, names):
    eta = np.random.Generator(np.random.PCG64(1)).uniform(0.01, 0.1, (TOPICS, WORDS))
    model = CollapsedLda(corpus, num_topics=TOPICS, id2word=names, eta=eta)
    topics, shares, order = model.get_topics(), model.document_topics(), [2, 0, 3, 1]
    model.reorder_topics(order)
    assert np.array_equal(model.get_topics(), topics[order])
    assert model.document_topics() == pytest.approx(shares[:, order])


# Unusual and bad input


def test_empty_documents_keep_their_place_and_get_the_prior(corpus, names):
    with_gap = [corpus[0], [], [(3, 0)], *corpus[1:]]
    model = CollapsedLda(with_gap, num_topics=TOPICS, id2word=names, random_state=1)
    assert model.document_topics()[1] == pytest.approx(model.alpha / model.alpha.sum())
    assert model.inference([[]])[0][0] == pytest.approx(model.alpha)
    assert [p for _, p in model.get_document_topics([])] == pytest.approx(model.alpha / model.alpha.sum())
    assert len(model.inference([])[0]) == 0


def test_one_word_and_more_topics_than_documents_or_words():
    model = CollapsedLda([[(0, 3)], [(0, 1)]], num_topics=7, id2word={0: "aid"})
    assert model.get_topics() == pytest.approx(np.ones((7, 1)))
    assert model.document_topics().sum(axis=1) == pytest.approx(np.ones(2))
    one = CollapsedLda([[(0, 3), (1, 2)]], num_topics=1, id2word={0: "aid", 1: "road"}, eta=1e-6)
    assert one.get_topics()[0] == pytest.approx([0.6, 0.4], abs=1e-5)


def test_very_large_counts_are_fine_up_to_the_limit(names):
    model = CollapsedLda([[(0, 2**31 - 1), (1, 5)], [(1, 4)]], num_topics=2, id2word=names)
    assert np.isfinite(model.get_topics()).all() and np.isfinite(model.alpha).all()
    assert model.state.sstats.sum() == pytest.approx(2**31 + 8, rel=1e-6)


def test_repeated_words_are_added_and_zeros_left_out(names):
    options = {"num_topics": 2, "id2word": names}
    once = CollapsedLda([[(0, 3), (5, 2)], [(7, 1)]], **options)
    twice = CollapsedLda([[(5, 1), (0, 3), (9, 0), (5, 1)], [(7, 1)]], **options)
    assert np.array_equal(once.get_topics(), twice.get_topics())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([(0, -1)], "document 1: word id 0, count -1: counts must not be negative"),
        ([(0, 2**31)], "must be below 2\\^31"),
        ([(0, 2**30), (0, 2**30)], "2\\^31 times or more"),
        ([(0, float("nan"))], "must be finite"),
        ([(0, float("inf"))], "must be finite"),
        ([(0, 1.5)], "whole counts"),
        ([(WORDS, 1)], "word ids must be whole numbers from 0 to 59"),
        ([(-1, 1)], "word ids must be"),
        ([3], "not a list of"),
        ([(1, 2, 3)], "not a list of"),
        (["ab"], "not a list of"),
        (None, "not a list of"),
    ],
)
def test_bad_documents_are_named(names, document, message):
    with pytest.raises(ValueError, match=message):
        CollapsedLda([[(0, 1)], document], num_topics=2, id2word=names)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eta": float("nan")}, "eta: every number must be from 1e-09 to 2"),
        ({"eta": np.full((2, WORDS), np.nan)}, "eta: every number"),
        ({"eta": 0.0}, "eta: every number"),
        ({"eta": [0.1, 0.2]}, "eta: shape"),
        ({"eta": "auto"}, "eta: 'auto' is unknown"),
        ({"alpha": [0.1, -0.1]}, "alpha: every number"),
        ({"alpha": [0.1]}, "alpha: shape"),
        ({"alpha": "best"}, "alpha: 'best' is unknown"),
        ({"num_topics": 0}, "num_topics"),
        ({"num_topics": 2.5}, "num_topics"),
        ({"random_state": -1}, "random_state"),
        ({"random_state": "x"}, "random_state"),
        ({"workers": 0}, "workers"),
        ({"passes": 0}, "passes"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"document_ids": ["a", "b"]}, "3 documents"),
        ({"document_ids": ["a", "b", "a"]}, "'a' occurs more than once"),
    ],
)
def test_bad_arguments_are_named(names, options, message):
    with pytest.raises(ValueError, match=message):
        CollapsedLda([[(0, 1)], [(1, 1)], [(2, 2)]], **{"num_topics": 2, "id2word": names, **options})


def test_nothing_to_learn_from_is_an_error(names):
    for corpus in ([], [[], []], [[(0, 0)]]):
        with pytest.raises(ValueError, match="no tokens"):
            CollapsedLda(corpus, num_topics=2, id2word=names)
    for options in ({"corpus": []}, {"id2word": {}}):
        with pytest.raises(ValueError, match="vocabulary is empty"):
            CollapsedLda(**options)
    with pytest.raises(ValueError, match="give a corpus or id2word"):
        CollapsedLda()


def test_progress_writes_only_when_asked(names, corpus, capsys):
    CollapsedLda(corpus, num_topics=2, id2word=names, passes=2)
    assert capsys.readouterr() == ("", "")
    CollapsedLda(corpus, num_topics=2, id2word=names, passes=2, progress=True)
