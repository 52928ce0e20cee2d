"""The whole cleaning: offsets, duplicates, phrases, vocabulary and the account of losses."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import cleaning, tables
from engagement.cleaning import duplicates, phrases
from engagement.errors import ConfigurationError

LOOSE = {"min_documents": 1, "max_share": 1.0, "phrase_min_count": 2, "phrase_npmi": 0.5}
TEXTS = {
    "a": "The naval base at the coast is old. Its pier was built in 2016.",
    "b": "A naval base needs a pier. The minister’s loan pays for it.",
    "c": "Naval bases and loans: the minister, again, spoke of a loan.\n\nNothing else.",
}


def clean(frame: pd.DataFrame, **changes) -> cleaning.Cleaned:
    """Clean and check every table against its schema."""
    cleaned = cleaning.clean(frame, **(LOOSE | changes))
    for name in ("sentences", "tokens"):
        tables.validated(getattr(cleaned, name), f"cleaning/{name}.parquet")
    for name in ("vocabulary", "phrases", "duplicates", "flow"):
        tables.validated(getattr(cleaned, name), f"cleaning/{name}.csv")
    return cleaned


def test_offsets_point_into_the_document(documents):
    cleaned = clean(documents(TEXTS))
    assert list(cleaned.sentences["sentence_id"]) == ["a#000", "a#001", "b#000", "b#001", "c#000", "c#001"]
    for sentence in cleaned.sentences.itertuples():
        assert TEXTS[sentence.document_id][sentence.start : sentence.end] == sentence.text
    for token in cleaned.tokens.itertuples():
        text = TEXTS[token.sentence_id.split("#")[0]]
        assert text[token.start : token.end].lower().replace("’", "'") == token.token
        if "_" in token.term:
            assert text[token.start : token.term_end].lower() in ("naval base", "naval bases")


@settings(deadline=None, max_examples=12)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_any_texts(texts):
    """Tables keep their contract whatever the texts hold."""
    named = {f"d{i}": text for i, text in enumerate(texts)} | {"z": "The bridge stands."}
    frame = pd.DataFrame({"document_id": list(named), "date": pd.Timestamp("2016-01-01"), "text": list(named.values())})
    cleaned = clean(frame)
    counted = cleaned.tokens[cleaned.tokens["term"] != ""]
    assert len(counted) == cleaned.vocabulary["tokens"].sum() == len(cleaned.terms)
    assert (cleaned.tokens["term_end"] >= cleaned.tokens["end"]).all()
    steps = cleaned.flow[["documents", "sentences", "tokens"]]
    assert (steps.diff().dropna() <= 0).all().all(), "no step adds anything"


def test_order_of_documents_does_not_matter(documents):
    frame = documents(TEXTS)
    forward, backward = clean(frame), clean(frame[::-1])
    for name in ("sentences", "tokens", "vocabulary", "phrases", "flow"):
        pd.testing.assert_frame_equal(getattr(forward, name), getattr(backward, name))


def test_phrases_are_joined_at_their_first_word(documents):
    cleaned = clean(documents(TEXTS), phrase_min_count=3)
    assert list(cleaned.phrases["phrase"]) == ["naval_base"]
    terms = cleaned.tokens.set_index(["sentence_id", "token"])["term"]
    assert terms["c#000", "naval"] == "naval_base" and terms["c#000", "bases"] == ""
    assert cleaned.tokens.set_index(["sentence_id", "token"])["kept"]["c#000", "bases"], "kept as a word all the same"
    vocabulary = cleaned.vocabulary.set_index("term")
    assert vocabulary.loc["naval_base", "tokens"] == 3 and "naval" not in vocabulary.index


def test_phrases_do_not_cross_punctuation_stop_words_or_sentences(documents):
    texts = {
        "a": "Naval, base. Naval. Base. A naval and base.",
        "b": "Naval (base) naval the base.",
        "c": "Naval-base naval  base naval\u00a0base",
    }
    cleaned = clean(documents(texts), phrase_npmi=-1.0)
    assert set(cleaned.tokens.loc[cleaned.tokens["term"] == "naval_base", "sentence_id"]) == {"c#000"}


def test_npmi_by_hand():
    """Two words always together score 1; by chance 0: p(xy) = p(x) p(y) with 4 of 16 tokens each gives 1 pair."""
    together = phrases.find([["hun", "sen"]] * 5 + [["road"]] * 10, 2, -1)
    assert together["npmi"].item() == pytest.approx(1.0)
    runs = [["x", "y"]] * 1 + [["x"], ["y"]] * 3 + [["z"]] * 8
    chance = phrases.find(runs, 1, -1)
    assert chance["npmi"].item() == pytest.approx(0.0)


def test_phrases_need_their_count():
    runs = [["hun", "sen"]] * 3 + [["very", "very"]] * 9
    assert len(phrases.find(runs, 4, -1)) == 0, "three are too few, and a word with itself is none"
    assert list(phrases.find(runs, 3, -1)["phrase"]) == ["hun_sen"]
    assert len(phrases.find([], 2, 0)) == 0


def test_a_pair_whose_words_stronger_pairs_take_is_left_out():
    runs = [["minister", "hun", "sen"]] * 6 + [["minister", "road"], ["hun", "sen"]] * 2
    found = phrases.find(runs, 3, 0.2)
    assert found.set_index("phrase")[["tokens", "joined"]].to_dict("index") == {"hun_sen": {"tokens": 8, "joined": 8}}


def test_the_stronger_pair_is_joined():
    scores = {("minister", "hun"): 0.7, ("hun", "sen"): 0.95, ("prime", "minister"): 0.87}
    assert phrases.join(["prime", "minister", "hun", "sen", "met"], scores) == [
        "prime_minister",
        "",
        "hun_sen",
        "",
        "met",
    ]
    assert phrases.join(["minister", "hun", "sen"], scores) == ["minister", "hun_sen", ""]
    assert phrases.join(["a", "a", "a"], {("a", "a"): 1.0}) == ["a_a", "", "a"]


@given(
    st.lists(st.sampled_from("abcd"), max_size=12),
    st.dictionaries(st.tuples(*[st.sampled_from("abcd")] * 2), st.floats(0, 1)),
)
def test_joining_loses_no_word(run, scores):
    terms = phrases.join(run, scores)
    assert len(terms) == len(run)
    assert [word for term in terms if term for word in term.split("_")] == run


def test_duplicates_are_left_out(documents):
    texts = {
        "late": "The bridge, over the river, IS open.",
        "z": "the Bridge over the river is open!",
        "other": "The bridge over the river is closed.",
    }
    frame = documents(texts).assign(date=pd.to_datetime(["2016-01-03", "2016-01-02", "2016-01-01"]))
    cleaned = clean(frame)
    assert cleaned.duplicates.to_dict("records") == [{"document_id": "late", "duplicate_of": "z", "kind": "exact"}]
    assert set(cleaned.sentences["document_id"]) == {"z", "other"}
    assert list(cleaned.flow["documents"].head(2)) == [3, 2]
    assert not cleaned.tokens["sentence_id"].str.startswith("late").any()


def test_of_duplicates_of_one_day_the_first_name_stays(documents):
    frame = documents({"b": "Same words.", "c": "Same words.", "a": "Same words."}).assign(
        date=pd.Timestamp("2016-01-01")
    )
    found = duplicates.exact(frame)
    assert dict(zip(found["document_id"], found["duplicate_of"], strict=True)) == {"b": "a", "c": "a"}


def test_every_term_left_out_has_its_reason(documents):
    cleaned = clean(documents(TEXTS), min_documents=2, max_share=0.7, phrase_min_count=3)
    table = cleaned.vocabulary.set_index("term")
    assert table.loc["naval_base", "reason"] == "in more than 70% of documents"
    assert table.loc["coast", "reason"] == "in fewer than 2 documents"
    assert table.loc["loan"].to_dict() == {"documents": 2, "tokens": 3, "kept": True, "reason": ""}
    assert ((table["reason"] == "") == table["kept"]).all()


def test_the_curve_agrees_with_the_vocabulary(documents):
    cleaned = clean(documents(TEXTS))
    curve = cleaning.pruning(cleaned.terms, range(1, 4), 1.0).set_index("min_documents")
    for threshold, row in curve.iterrows():
        final = clean(documents(TEXTS), min_documents=threshold)
        assert row["terms"] == final.vocabulary["kept"].sum()
        assert list(row[["documents", "tokens"]]) == list(final.flow[["documents", "tokens"]].iloc[-1])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"min_documents": 0}, "cleaning.min_documents: 0"),
        ({"max_share": 0.0}, "cleaning.max_share: 0"),
        ({"max_share": 1.5}, "cleaning.max_share: 1.5"),
        ({"phrase_min_count": 1}, "cleaning.phrase_min_count: 1"),
        ({"phrase_npmi": 2.0}, "cleaning.phrase_npmi: 2"),
        ({"min_documents": 4}, "cleaning.min_documents: 4 and max_share 1.0 leave none of"),
    ],
)
def test_parameters_out_of_range(documents, changes, expected):
    with pytest.raises(ConfigurationError, match="params.yaml") as caught:
        clean(documents(TEXTS), **changes)
    assert expected in str(caught.value) and ";" in str(caught.value)


def test_one_short_document_is_enough(documents):
    cleaned = clean(documents({"a": "Bridge"}))
    assert list(cleaned.vocabulary["term"]) == ["bridge"] and len(cleaned.phrases) == 0


def test_a_corpus_without_words_says_so(documents):
    with pytest.raises(ConfigurationError, match="leave none of 0 terms"):
        clean(documents({"a": "The of and 2016", "b": "..."}))
