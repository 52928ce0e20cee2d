"""The published model and its tables, on a corpus with known topics."""

import numpy as np
import pandas as pd
import pytest

from engagement import tables
from engagement.errors import ConfigurationError
from engagement.topics import bags, describe, fit, masking
from engagement.topics.fit import Settings

NO_LABELS = pd.DataFrame({"words": [], "label": []}, dtype=str)


def words(corpus, mask_actors=True):
    given = {name: corpus[name] for name in ("tokens", "vocabulary", "mentions")}
    return bags.words(**given, mask_actors=mask_actors, mask_share=0.5, min_documents=1)


@pytest.fixture(scope="module")
def model(corpus):
    return describe.build(words(corpus), Settings(3), seed=1, runs=3, workers=1)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write tables into a scratch folder, through their contracts."""
    monkeypatch.setenv("ENGAGEMENT_OUTPUT", str(tmp_path))
    return tables.write


def test_topics_come_by_prevalence_and_are_stable(model, written):
    topics, warnings = describe.table(model, NO_LABELS)
    topics = written(topics, "topics/topics.csv")
    assert topics["prevalence"].is_monotonic_decreasing and topics["prevalence"].sum() == pytest.approx(1, abs=1e-5)
    assert topics["stability"].min() >= 0.5 and not topics["unstable"].any() and not warnings
    assert len(topics["words"].iloc[0].split()) == 10
    assert topics["alpha"].to_numpy() == pytest.approx(model.model.alpha, rel=1e-5)


def test_ties_of_prevalence_go_by_the_first_word():
    topics = np.array([[0.1, 0.9], [0.9, 0.1]])
    assert describe.by_prevalence(topics, np.full((4, 2), 0.5), np.ones(4)).tolist() == [1, 0]


def test_rows_of_shares_sum_to_one_after_rounding(model, corpus, written):
    frames = {
        "document": describe.document_topics(model),
        "segment": describe.segment_topics(model, corpus["engagements"]),
        "sentence": describe.sentence_topics(model, corpus["tokens"]["sentence_id"]),
    }
    for name, frame in frames.items():
        stored = written(frame, f"topics/{name}_topics.parquet")
        assert stored.filter(regex="^topic_").sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
        assert stored["tokens"].sum() == 1200
    assert len(frames["sentence"]) == 120 and len(frames["segment"]) == 30


def test_a_segment_that_is_the_whole_document_has_its_shares(model, corpus):
    segments = describe.segment_topics(model, corpus["engagements"])
    columns = [c for c in segments if c.startswith("topic_")]
    assert segments[columns].to_numpy() == pytest.approx(model.shares, abs=1e-6)


def test_the_stored_model_carries_the_order_of_topics(model, tmp_path):
    fit.write(model.model, tmp_path, {"seed": model.seed})
    again = describe.published(model, fit.read(tmp_path))
    assert again.topics == pytest.approx(model.topics) and again.shares == pytest.approx(model.shares, abs=1e-6)


def test_the_number_of_processes_changes_nothing(corpus):
    one, two = (describe.build(words(corpus), Settings(3), seed=1, runs=3, workers=w) for w in (1, 2))
    assert one.seed == two.seed and np.array_equal(one.topics, two.topics) and np.array_equal(one.overlap, two.overlap)


def test_too_many_topics_are_refused(corpus):
    with pytest.raises(ConfigurationError, match="topics.num_topics: 25 topics for 24 terms"):
        describe.build(words(corpus), Settings(25), seed=1, runs=2, workers=1)


def test_overlap_has_a_row_per_topic_and_other_seed(model, written):
    overlap = written(describe.overlap(model), "topics/overlap.csv")
    assert len(overlap) == 6 and model.seed not in set(overlap["seed"])
    means = overlap.groupby("topic")["overlap"].mean().to_numpy()
    assert means == pytest.approx(describe.table(model, NO_LABELS)[0]["stability"], abs=1e-5)


def test_fields_are_shares_of_their_tokens(model, corpus, written):
    sentences = describe.sentence_topics(model, corpus["tokens"]["sentence_id"])
    fields = written(describe.fields(sentences, corpus["engagements"]), "topics/fields.csv")
    assert fields.groupby("field")["share"].sum().to_numpy() == pytest.approx(1, abs=1e-5)
    # In this corpus, unlike a real one, a field is a topic.
    assert fields.groupby("field")["share"].max().min() > 0.6


def test_a_sentence_on_two_partners_counts_once_in_its_field(model, corpus):
    sentences = describe.sentence_topics(model, corpus["tokens"]["sentence_id"])
    twice = pd.concat([corpus["engagements"], corpus["engagements"].assign(partner="XX")])
    assert describe.fields(sentences, twice).equals(describe.fields(sentences, corpus["engagements"]))


def test_correlation_takes_out_the_sum_to_one(model, written):
    matrix = describe.correlation(model.shares)
    assert np.diag(matrix) == pytest.approx(1) and matrix == pytest.approx(matrix.T)
    assert len(written(describe.correlation_table(matrix), "topics/correlation.csv")) == 3


def test_texts_are_chosen_by_rule():
    shares = pd.Series([0.9, 0.5, 0.7, 0.7, 0.1], index=["e", "a", "d", "b", "c"])
    found = describe.chosen_by_rule(shares, 1, "0 US")
    # Upper half: e 0.9, then b and d (a tie, by name).
    assert found["top"] == "e" and found["median"] == "b" and found["random"] in {"e", "b", "d"}
    assert found == describe.chosen_by_rule(shares.sort_index(), 1, "0 US")


def test_typical_sentences_are_the_partners_own(model, corpus, written):
    sentences = describe.sentence_topics(model, corpus["tokens"]["sentence_id"])
    typical = written(describe.typical(sentences, corpus["engagements"], ["US", "JP"], 1), "topics/typical.csv")
    assert set(typical["partner"]) == {"US", "JP"} and len(typical) == 3 * 2 * 3
    partner = corpus["engagements"].set_index("sentence_id")["partner"]
    assert (partner[typical["sentence_id"]].to_numpy() == typical["partner"].to_numpy()).all()
    top = typical[typical["rule"] == "top"].set_index(["topic", "partner"])["share"]
    assert (top >= typical.set_index(["topic", "partner"])["share"].groupby(level=[0, 1]).max()).all()


def test_bits_measure_what_topics_tell_about_the_partner():
    partners = np.array(["US", "US", "JP", "JP"])
    apart, alike = np.array([[9.0, 0], [9, 0], [0, 9], [0, 9]]), np.full((4, 2), 3.0)
    assert masking.bits(apart, partners) == pytest.approx(1) and masking.bits(alike, partners) == pytest.approx(0)


def test_names_in_the_vocabulary_make_topics_tell_more_about_the_partner(model, corpus, written):
    seen = describe.build(words(corpus, mask_actors=False), Settings(3), seed=1, runs=2, workers=1)
    rows = [masking.row(m, corpus["engagements"], n, 1) for m, n in ((model, "masked"), (seen, "kept"))]
    table = written(pd.DataFrame(rows), "topics/masking.csv").set_index("names")
    assert table.loc["kept", "terms"] == 27 and table.loc["masked", "terms"] == 24
    assert table.loc["kept", "partner_bits"] >= table.loc["masked", "partner_bits"]
    both = masking.compositions({True: model, False: seen}, corpus["engagements"])
    assert both.groupby(["names", "topic"])["share"].sum().to_numpy() == pytest.approx(1)
