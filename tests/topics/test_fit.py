"""Fitting, folding in, drawing, storing, and fits in parallel."""

import numpy as np
import pandas as pd
import pytest

from engagement.errors import ConfigurationError
from engagement.topics import bags, fit, stability
from engagement.topics.fit import Settings


@pytest.fixture(scope="module")
def documents(corpus):
    tables = {name: corpus[name] for name in ("tokens", "vocabulary", "mentions")}
    return bags.documents(bags.words(**tables, mask_actors=True, mask_share=0.5, min_documents=1))


@pytest.fixture(scope="module", params=fit.INFERENCES)
def fitted(request, documents):
    return fit.train(documents, Settings(3, request.param), seed=1)


def test_the_planted_subjects_are_found(fitted, documents):
    subjects = ["admiral anchor crew", "bank bridge credit", "ballot campaign candidate"]
    topic_of = fitted.get_topics().argmax(axis=0)
    found = [{int(topic_of[documents.terms.index(word)]) for word in words.split()} for words in subjects]
    assert all(len(topics) == 1 for topics in found) and len(set.union(*found)) == 3


def test_shares_are_a_function_of_the_text_alone(fitted, documents):
    whole = fit.fold_in(fitted, documents)
    assert whole.sum(axis=1) == pytest.approx(np.ones(30))
    assert np.array_equal(whole, fit.fold_in(fitted, documents))
    some = fit.fold_in(fitted, documents.rows(np.array([7, 2])))
    assert some == pytest.approx(whole[[7, 2]], abs=1e-9)


def test_a_text_without_tokens_has_the_priors_shares(fitted, documents):
    empty = bags.count(
        pd.DataFrame({"document_id": [], "term": []}, dtype=str), ["nothing"], documents.terms, "document_id"
    )
    assert fit.fold_in(fitted, empty)[0] == pytest.approx(fitted.alpha / fitted.alpha.sum())


def test_a_stored_model_gives_the_same_shares(fitted, documents, tmp_path):
    fit.write(fitted, tmp_path / "model", {"seed": 1})
    stored = fit.read(tmp_path / "model")
    assert stored.get_topics() == pytest.approx(fitted.get_topics(), abs=1e-6)
    assert fit.fold_in(stored, documents) == pytest.approx(fit.fold_in(fitted, documents), abs=1e-5)
    assert not [p for p in (tmp_path / "model").rglob("*") if p.suffix in {".pkl", ".pickle", ".gensim"}]


def test_storing_twice_gives_the_same_bytes(documents, tmp_path):
    for inference in fit.INFERENCES:
        for run in "ab":
            fit.write(fit.train(documents, Settings(3, inference), 1), tmp_path / inference / run, {"seed": 1})
        for file in sorted((tmp_path / inference / "a").iterdir()):
            assert file.read_bytes() == (tmp_path / inference / "b" / file.name).read_bytes()


def test_a_model_of_another_format_or_none_is_refused(fitted, tmp_path):
    with pytest.raises(ConfigurationError, match="no model here; run `engagement run topics`"):
        fit.read(tmp_path)
    fit.write(fitted, tmp_path, {})
    about = tmp_path / "about.json"
    about.write_text(about.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ConfigurationError, match="format 99, needs 1"):
        fit.read(tmp_path)


def test_reordering_moves_topics_and_shares_together(documents):
    for inference in fit.INFERENCES:
        model = fit.train(documents, Settings(3, inference), 1)
        topics, shares = model.get_topics(), fit.fold_in(model, documents)
        order = np.array([2, 0, 1])
        moved = fit.reordered(model, order)
        assert moved.get_topics() == pytest.approx(topics[order])
        assert fit.fold_in(moved, documents) == pytest.approx(shares[:, order], abs=1e-6)


def test_draws_have_the_posteriors_mean_and_spread():
    shares, tokens, alpha = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2]]), np.array([8, 200]), np.array([0.5, 0.3, 0.2])
    drawn = fit.draws(shares, tokens, alpha, np.random.Generator(np.random.PCG64(1)), 20000)
    assert drawn.shape == (20000, 2, 3) and drawn.sum(axis=2) == pytest.approx(np.ones((20000, 2)))
    assert drawn.mean(axis=0) == pytest.approx(shares, abs=0.01)
    spread = np.sqrt(shares * (1 - shares) / (alpha.sum() + tokens[:, None] + 1))
    assert drawn.std(axis=0) == pytest.approx(spread, rel=0.05)


def test_draws_of_texts_without_tokens_are_the_priors():
    alpha = np.full(20, 0.001)
    drawn = fit.draws(np.full((1, 20), 0.05), np.array([0]), alpha, np.random.Generator(np.random.PCG64(1)), 500)
    assert np.isfinite(drawn).all() and drawn.sum(axis=2) == pytest.approx(np.ones((500, 1)))


@pytest.mark.parametrize("inference", fit.INFERENCES)
def test_fits_do_not_depend_on_the_number_of_processes(documents, inference):
    jobs = [(s,) for s in range(3)]
    one, two = (fit.in_parallel(fit.fit, (documents, Settings(3, inference)), jobs, workers) for workers in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert a.seed == b.seed and np.array_equal(a.topics, b.topics) and np.array_equal(a.shares, b.shares)


def test_vb_takes_the_order_of_documents_from_the_seed(documents):
    a, b = (fit.fit(documents, Settings(3, "vb"), seed) for seed in (1, 2))
    assert not np.array_equal(a.topics, b.topics)
    back = documents.rows(np.arange(30)[::-1])
    assert back.ids[0] == "doc-029"
    assert stability.shared_mass(a.topics, b.topics).max() > 0.8


def test_an_unknown_inference_is_refused():
    with pytest.raises(ConfigurationError, match="topics.inference: 'gibbs' is unknown; choose cvb0 or vb"):
        Settings(3, "gibbs")
