"""Bags of words: what is masked, what is counted, what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.errors import ConfigurationError
from engagement.topics import bags


def words(corpus, mask_actors=True, mask_share=0.5, min_documents=1, **replaced):
    tables = {name: replaced.get(name, corpus[name]) for name in ("tokens", "vocabulary", "mentions")}
    return bags.words(**tables, mask_actors=mask_actors, mask_share=mask_share, min_documents=min_documents)


def test_names_are_masked_by_default_and_kept_on_request(corpus):
    assert "american" not in bags.terms_of(words(corpus))
    assert "american" in bags.terms_of(words(corpus, mask_actors=False))
    lost = len(words(corpus, mask_actors=False).frame) - len(words(corpus).frame)
    assert lost == len(corpus["mentions"])


def test_a_term_mostly_inside_names_is_dropped_everywhere(corpus):
    # Every second "vessel" is part of a name, as in the name of a ship; no other term is.
    vessels = corpus["tokens"][corpus["tokens"]["term"] == "vessel"].iloc[::2]
    mentions = vessels.assign(document_id=vessels["sentence_id"].str[:7])
    assert "vessel" not in bags.terms_of(words(corpus, mentions=mentions))
    strict = words(corpus, mentions=mentions, mask_share=0.9)
    kept = (strict.frame["term"] == "vessel").sum()
    assert kept == (corpus["tokens"]["term"] == "vessel").sum() - len(vessels)
    assert strict.masked.set_index("term").loc["vessel", "masked"] == len(vessels)


def test_a_phrase_is_masked_when_a_name_touches_any_of_its_words(corpus):
    tokens = corpus["tokens"].copy()
    # The token before a name now opens a phrase that reaches into it.
    tokens["term_end"] = tokens["end"]
    row = tokens.index[(tokens["sentence_id"] == "doc-000#000") & (tokens["position"] == 10)][0]
    tokens.loc[row, "term_end"] += 4
    assert len(words(corpus, tokens=tokens).frame) == len(words(corpus).frame) - 1


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 9)), max_size=12),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(1, 6)), min_size=1, max_size=20),
)
def test_masking_agrees_with_comparing_every_token_with_every_name(names, places):
    frame = lambda rows: pd.DataFrame(  # noqa: E731
        [(f"d{d}", start, start + size) for d, start, size in rows], columns=["document_id", "start", "end"]
    )
    mentions, tokens = frame(names), frame(places)
    expected = [
        any(m.document_id == t.document_id and m.start < t.end and m.end > t.start for m in mentions.itertuples())
        for t in tokens.itertuples()
    ]
    assert bags.is_named(tokens, mentions).tolist() == expected


def test_counts_add_up_over_documents_segments_and_sentences(corpus):
    seen = words(corpus)
    documents = bags.documents(seen)
    assert list(documents.ids) == sorted(documents.ids) and len(documents.ids) == 30
    assert documents.tokens.sum() == len(seen.frame) == 30 * 4 * 10
    segments = bags.segments(seen, corpus["engagements"], documents.terms)
    assert segments.ids[0] == ("doc-000", "US") and segments.tokens.sum() == len(seen.frame)
    sentences = bags.sentences(seen, pd.Series(["doc-000#001", "doc-000#000", "silent#000"]), documents.terms)
    assert sentences.ids == ("doc-000#000", "doc-000#001", "silent#000") and sentences.tokens.tolist() == [10, 10, 0]
    assert sentences.corpus()[2] == []
    assert sum(n for _, n in documents.corpus()[0]) == 40


def test_a_sentence_on_two_partners_stands_in_both_segments(corpus):
    second = corpus["engagements"].iloc[[0]].assign(partner="CN")
    twice = pd.concat([corpus["engagements"], second, second])
    found = bags.segments(words(corpus), twice, bags.terms_of(words(corpus)))
    assert dict(zip(found.ids, found.tokens, strict=True))[("doc-000", "CN")] == 10


def test_order_of_rows_does_not_matter(corpus):
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in corpus.items()}
    a, b = bags.documents(words(corpus)), bags.documents(words(shuffled))
    assert a.terms == b.terms and np.array_equal(a.counts.toarray(), b.counts.toarray())


@pytest.mark.parametrize("number", [1, 25, 31])
def test_more_topics_than_documents_or_terms_is_refused(corpus, number):
    with pytest.raises(ConfigurationError, match=r"params.yaml: topics.num_topics: .* choose from 2"):
        bags.check(bags.documents(words(corpus)), number)


def test_an_empty_corpus_is_refused(corpus):
    with pytest.raises(ConfigurationError, match="no token of the vocabulary is left"):
        words(corpus, tokens=corpus["tokens"].iloc[:0])


def test_a_vocabulary_emptied_by_masking_is_refused(corpus):
    everything = corpus["tokens"].assign(document_id=corpus["tokens"]["sentence_id"].str[:7])
    with pytest.raises(ConfigurationError, match="set topics.mask_actors to false"):
        words(corpus, mentions=everything)
    with pytest.raises(ConfigurationError, match="lower topics.min_documents"):
        words(corpus, min_documents=31)


def test_one_partner_is_refused(corpus):
    with pytest.raises(ConfigurationError, match="sentences on US only; a comparison needs two partners"):
        bags.check_partners(corpus["engagements"].query("partner == 'US'"))
    with pytest.raises(ConfigurationError, match="no partner only"):
        bags.check_partners(corpus["engagements"].iloc[:0])
    bags.check_partners(corpus["engagements"])
