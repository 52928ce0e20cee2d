"""The model that weighs what a sentence refers to: its features by example, its arithmetic by hand, its weights anew."""

import csv
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import attribution
from engagement.attribution import carrying, carrying_training, coding_training, reference
from engagement.attribution.reference import Sentence
from engagement.errors import ConfigurationError
from engagement.validation import scores

# China is named in the first and last of four sentences; a rule proposes it for the second; the third names Japan and the UN.
TEXT = "China lent money. The loan is large. Japan told the UN. China left."
NAMED = [frozenset(["CN"]), frozenset(), frozenset(["JP", "UN"]), frozenset(["CN"])]


def sentences() -> list[Sentence]:
    spans = [(0, 17), (18, 36), (37, 55), (56, 67)]
    assert [TEXT[a:b] for a, b in spans][2] == "Japan told the UN."
    found = [Sentence(*span) for span in spans]
    for sentence, here in zip(found, NAMED, strict=True):
        sentence.engaged = dict.fromkeys(here, ("country name", 0.95))
    found[1].engaged = {"CN": ("act spoken of", 0.8)}
    return found


def weights(rule: float, word: float = 0.0) -> carrying.Weights:
    """Weights of what a rule proposes for a sentence that names nobody, of one where no rule speaks, and of a word."""
    return carrying.Weights({("rules", ("act spoken of", "")): rule, ("rules", ("", "")): rule}, {"loan": word})


PROPOSED = (("act spoken of", ""), *[0] * (len(carrying.FEATURES) - 1))


def test_a_proposed_partner_is_described_by_what_stands_around() -> None:
    found, _ = carrying.candidates(sentences(), NAMED, frozenset(["CN"]))
    assert found[:2] == (1, "CN")
    assert dict(zip(carrying.FEATURES, found[2], strict=True)) == {
        "rules": ("act spoken of", ""),
        # Named most; in two of three sentences that name a state, 5 × 2 // 4, and in two of four, 5 × 2 // 5.
        "document": (1, 2, 2),
        "around": (1, 2),
        "neighbours": ("it", "other"),
        "title": ("only", "act spoken of"),
        "place": 0,
        "length": 0,
    }


def test_where_no_rule_speaks_the_state_named_most_is_weighed() -> None:
    found = sentences()
    found[1].engaged = {}
    nobody, others = carrying.candidates(found, NAMED, frozenset())
    assert (*nobody[:2], nobody[2][0], nobody[2][4]) == (1, "CN", ("", ""), ("", ""))
    assert (*others[:2], others[2][0]) == (2, "CN", ("", "named"))
    assert not list(carrying.candidates(found[1:2], NAMED[1:2], frozenset()))


def test_another_partner_a_rule_proposes_is_told() -> None:
    found = sentences()
    found[1].engaged["JP"] = ("pronoun", 0.85)
    told = {country: values[0] for i, country, values in carrying.candidates(found, NAMED, frozenset()) if i == 1}
    assert told == {"CN": ("act spoken of", "pronoun"), "JP": ("pronoun", "act spoken of")}


def test_steps_to_the_next_naming_are_counted_both_ways() -> None:
    steps = [carrying._steps("010000010", i) for i in range(9)]
    assert [b for b, _ in steps] == [0, 0, 1, 2, 3, 4, 4, 4, 1]
    assert [a for _, a in steps] == [1, 3, 3, 3, 3, 2, 1, 0, 0]


@pytest.mark.parametrize("value", ["", "pronoun", 3, (1, 0), ("", "act spoken of"), ("it", "end")])
def test_a_value_of_the_table_reads_back(value: carrying.Value) -> None:
    assert carrying.value(carrying.shown(value)) == value


def test_the_probability_is_a_logit_of_summed_weights() -> None:
    model = weights(0.5, word=1.2)
    said = model.of_words([b"the", b"loan", b"is", b"large"])
    assert said == pytest.approx(120 / 2)
    assert model.probability(PROPOSED, said) == round(1 / (1 + math.exp(-(0.5 + 0.6))), 2)


@given(st.lists(st.sampled_from([b"loan", b"the", b"bridge", b"China"]), min_size=1, max_size=30), st.randoms())
def test_the_order_of_words_changes_no_bit(words: list[bytes], random) -> None:
    model = carrying.Weights({}, {"loan": 0.31, "the": -0.17, "bridge": 0.07})
    shuffled = list(words)
    random.shuffle(shuffled)
    assert model.of_words(words) == model.of_words(shuffled)


def test_no_sentence_is_too_long_or_too_strange() -> None:
    model = weights(0.0, word=-3.0)
    said = model.of_words(carrying.words("loan " * 2_000_000))
    assert model.probability(PROPOSED, said) == pytest.approx(0.0)
    assert carrying.words("loan \ud800 日本 loan") == [b"loan", b"loan"]


@given(st.text(max_size=200))
def test_words_are_plain_letters_and_digits(text: str) -> None:
    assert all(word.isalnum() and word.isascii() for word in carrying.words(text))


@pytest.mark.parametrize("rule, kept", [(-3.0, False), (3.0, True)])
def test_the_model_drops_what_it_doubts_and_keeps_the_rule_of_what_it_trusts(rule: float, kept: bool) -> None:
    found = sentences()
    carrying.weigh(TEXT, found, NAMED, frozenset(["CN"]), weights(rule))
    assert ("CN" in found[1].engaged) == kept
    if kept:
        assert found[1].engaged["CN"] == ("act spoken of", 0.95)
    assert [set(s.engaged) for s in found[2:]] == [{"JP", "UN"}, {"CN"}]  # what is named stays


@pytest.mark.parametrize("rule, added", [(0.5, False), (3.0, True)])
def test_without_a_rule_only_a_high_probability_adds(rule: float, added: bool) -> None:
    found = sentences()
    found[1].engaged = {}
    carrying.weigh(TEXT, found, NAMED, frozenset(["CN"]), weights(rule))
    assert found[1].engaged == ({"CN": (carrying.NO_RULE, 0.95)} if added else {})


def test_what_is_not_improbable_is_left_for_the_context_model() -> None:
    found = sentences()
    found[1].engaged = {}
    carrying.weigh(TEXT, found, NAMED, frozenset(["CN"]), weights(-1.5), doubtful=True)
    assert found[1].engaged == {"CN": (carrying.NO_RULE, 0.18)}
    found[1].engaged = {}
    carrying.weigh(TEXT, found, NAMED, frozenset(["CN"]), weights(-3.0), doubtful=True)
    assert found[1].engaged == {}


def test_the_context_model_drops_and_confirms_what_is_carried_over_only() -> None:
    model = carrying.Weights(dict(zip([("confirm", v) for v in carrying.CONFIRM], (1.0, 0.5, 0.0), strict=True)), {})
    said = [4.0, -4.0, -4.0, 0.0]
    rules, before = ["pronoun", "pronoun", "country name", carrying.NO_RULE], [0.4, 0.6, 0.95, 0.5]
    assert carrying.confirmed(rules, before, said, model).tolist() == [0.83, 0.0, 0.95, 0.5]
    assert carrying.confirmed(rules, before, said, None).tolist() == before


def test_a_table_without_the_last_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "carrying_weights.csv").write_text("feature,value,weight,reason\nplace,1,0.5,x\n", encoding="utf-8")
    (tmp_path / "carrying_words.csv").write_text("word,weight\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no row for confirm, probability; fit the model anew"):
        carrying.read(tmp_path / "carrying_weights.csv", tmp_path / "carrying_words.csv")


def test_a_weight_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "carrying_weights.csv").write_text("feature,value,weight,reason\nplace,1,much,x\n", encoding="utf-8")
    (tmp_path / "carrying_words.csv").write_text("word,weight\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"carrying_weights\.csv, row 2"):
        carrying.read(tmp_path / "carrying_weights.csv", tmp_path / "carrying_words.csv")


def test_every_rule_has_a_weight_and_every_weight_a_reason(root: Path) -> None:
    with (root / "data" / "reference" / "carrying_weights.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {r["feature"] for r in rows} == {*carrying.FEATURES, "confirm"} and all(r["reason"] for r in rows)
    assert {r["value"] for r in rows if r["feature"] == "confirm"} == set(carrying.CONFIRM)
    proposing = {carrying.value(r["value"])[0] for r in rows if r["feature"] == "rules"}
    assert proposing == {"", *reference.CONFIDENCE}


@pytest.fixture(scope="module")
def cases() -> list[carrying_training.Case]:
    return carrying_training.examples(["US", "JP", "CN"])


def test_the_shipped_weights_are_those_the_training_gives(cases, root: Path) -> None:
    features, words = carrying_training.fit(cases)
    folder = root / "data" / "reference"
    shipped = carrying.read(folder / "carrying_weights.csv", folder / "carrying_words.csv")
    fitted = carrying.Weights(features, words)
    for ours, theirs in zip((*fitted.features, fitted.words), (*shipped.features, shipped.words), strict=True):
        assert max(abs(ours.get(k, 0) - theirs.get(k, 0)) for k in {*ours, *theirs}) <= 2  # hundredths


def test_no_test_document_is_trained_on(cases) -> None:
    documents = {c.document_id for c in cases if c.source != coding_training.PRACTICE}
    assert documents and {scores.split(d) for d in documents} == {"development"}


def test_a_partner_only_one_coder_gave_is_left_out() -> None:
    text = "China lent money. The loan is large."
    documents = pd.DataFrame(
        [("d", pd.Timestamp("2015-01-01"), "day", "", text)],
        columns=["document_id", "date", "date_precision", "title", "text"],
    )
    spans = pd.DataFrame(
        [("d#0", "d", 0, 0, 17), ("d#1", "d", 1, 18, 36)],
        columns=["sentence_id", "document_id", "ordinal", "start", "end"],
    )
    china = frozenset(["CN"])
    coded = pd.DataFrame(
        {"sentence_id": ["d#0", "d#1"], "parties_a": [china, china], "parties_b": [china, frozenset()]}
    )
    rules = attribution.reader(weights=False)
    (case,) = carrying_training.cases(coded.assign(source="x"), documents, spans, ["CN"], rules)
    assert (case.truth, case.by_rules, case.values) == (True, True, ())
    both = coded.assign(source="x", parties_b=[china, china])
    _, case = carrying_training.cases(both, documents, spans, ["CN"], rules)
    assert case.truth and case.by_rules and case.values[0] == ("act spoken of", "")
    assert case.words == (b"The", b"loan", b"is", b"large")


def test_the_model_pays_on_documents_it_has_not_seen(root: Path) -> None:
    reached = pd.read_csv(root / "data" / "reference" / "carrying_training.csv")
    f1 = reached[reached["measure"] == "f1"].pivot(index="sentences_of", columns="variant", values="value")
    rules, words, context = (f1[v] for v in ("rules alone", "rules and words", "rules, words and context"))
    assert words["practice sentences"] > rules["practice sentences"] + 0.02
    assert words["development half"] >= rules["development half"]
    assert (context > words)[["practice sentences", "development half"]].all()
