"""Key terms: the log-odds of Monroe, Colaresi and Quinn against a hand-made example, and what may not become a key term."""

import numpy as np
import pandas as pd
import pytest

from engagement import comparison
from engagement.comparison.terms import log_odds

PARTNERS = ["US", "JP", "CN"]


def test_log_odds_by_hand():
    # Two terms. First group: 8 and 2; second: 3 and 7; prior: 1 and 1.
    value, deviation = log_odds(np.array([8.0, 2.0]), np.array([3.0, 7.0]), np.array([1.0, 1.0]))
    assert value[0] == pytest.approx(np.log(9 / 3) - np.log(4 / 8))
    assert value[1] == pytest.approx(-value[0])
    assert deviation[0] == pytest.approx(np.sqrt(1 / 9 + 1 / 4))


def test_a_stronger_prior_shrinks():
    first, second, prior = np.array([8.0, 2.0]), np.array([3.0, 7.0]), np.array([1.0, 1.0])
    values = [log_odds(first, second, prior * strength)[0][0] for strength in (1, 10, 100)]
    assert values == sorted(values, reverse=True) and values[-1] > 0


def test_names_offices_dates_and_currencies_are_left_out():
    terms = ["embassy", "bridge", "prime_minister", "monday", "yen", "aid"]
    tokens = pd.DataFrame({"sentence_id": "a#000", "start": np.arange(6) * 10, "term": terms})
    tokens["term_end"] = tokens["start"] + 8
    mentions = pd.DataFrame({"sentence_id": ["a#000", "b#000"], "start": [4, 10], "end": [9, 20]})
    assert comparison.unmasked(tokens, mentions)["term"].tolist() == ["bridge", "aid"]


def test_one_busy_document_makes_no_key_term(invented, segments):
    terms = comparison.unmasked(invented["tokens"], invented["mentions"])
    one = segments.sentences.query("partner == 'US'")["sentence_id"].iloc[0]
    shouted = pd.concat([terms, pd.DataFrame({"sentence_id": [one] * 200, "term": "shout"})], ignore_index=True)
    table = comparison.keyness(segments, shouted, 500, 1)
    assert not table.query("term == 'shout'")["sure"].any()
    assert comparison.key_terms(table, 3).query("partner == 'US'")["term"].tolist() == ["rights"]


def test_counts_and_dispersion(invented, segments):
    terms = comparison.unmasked(invented["tokens"], invented["mentions"])
    table = comparison.keyness(segments, terms, 500, 5)
    row = table.query("partner == 'CN' and term == 'casino'").iloc[0]
    alone = segments.sentences[~segments.sentences["sentence_id"].duplicated(keep=False)]
    own = alone[alone["partner"] == "CN"]
    assert row.tokens == len(own) and row.documents == own["document_id"].nunique()
    assert row.outlets == own["outlet"].nunique()
    assert row.rate_others == 0 and row.low > 0 and row.sure
    assert not table.query("term == 'cooperation'")["sure"].any()
