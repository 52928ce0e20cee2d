"""The grid of topic numbers and seeds on a small generated corpus."""

import numpy as np
import pandas as pd
import pytest

from engagement import selection, tables
from engagement.errors import ConfigurationError
from engagement.selection import grid
from engagement.topics import bags
from engagement.topics.bags import Bags, Words
from engagement.topics.fit import Settings

SUBJECTS = [
    s.split() for s in ("anchor crew deck fleet navy", "bridge loan lend road yen", "ballot poll seat tally vote")
]


@pytest.fixture(scope="module")
def words() -> Words:
    """Thirty documents of 24 words on one of three subjects, one word in ten from another."""
    rng = np.random.Generator(np.random.PCG64(3))
    rows = []
    for d in range(30):
        for position in range(24):
            k = d % 3 if rng.random() < 0.9 else int(rng.integers(3))
            rows.append((f"d{d:02d}", f"d{d:02d}#000", position, SUBJECTS[k][int(rng.integers(5))]))
    return Words(pd.DataFrame(rows, columns=["document_id", "sentence_id", "position", "term"]), pd.DataFrame())


@pytest.fixture(scope="module")
def engagements(words) -> pd.DataFrame:
    """The first half of the documents on ships are American, the rest is spread over three partners."""
    ids = sorted(words.frame["document_id"].unique())
    partner = ["US" if d % 3 == 0 and d < 24 else ["CN", "JP", "US"][d % 2 + (d % 5 == 0)] for d in range(30)]
    return pd.DataFrame({"sentence_id": [f"{i}#000" for i in ids], "document_id": ids, "partner": partner})


def explore(words, engagements, inference="cvb0", **changed):
    given = {"grid": [2, 3], "etas": [0.1], "runs": 3, "seed": 5, "workers": 1} | changed
    found = selection.explore(words, engagements, Settings(3, inference, 0.3), **given)
    return found.grid, found.stability, found.contrasts, found.smoothing


@pytest.fixture(scope="module")
def explored(words, engagements):
    return explore(words, engagements)


def test_the_tables_keep_their_contracts(explored, tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGEMENT_OUTPUT", str(tmp_path))
    fits, pairs, contrasts, smoothing = (
        tables.write(frame, f"selection/{name}.csv")
        for frame, name in zip(explored, ("grid", "stability", "contrasts", "smoothing"), strict=True)
    )
    assert len(fits) == 6 and fits.groupby("num_topics")["reference"].sum().tolist() == [1, 1]
    assert len(pairs) == 2 * 3 and pairs["seed_a"].lt(pairs["seed_b"]).all()
    assert len(contrasts) == 3 * 3 * (2 + 3)
    assert smoothing["eta"].tolist() == [0.1] * 3 + [0.3] * 3
    # The chosen eta stands in both tables, with the same fits.
    assert smoothing["heldout"].tolist()[3:] == fits.query("num_topics == 3")["heldout"].tolist()
    means = tables.write(selection.summary(fits, pairs), "selection/frontier.csv")
    assert means["frontier"].any()


def test_the_true_number_of_topics_predicts_best_and_comes_back(explored):
    fits, pairs, _, _ = explored
    means = selection.summary(fits, pairs).set_index("num_topics")
    assert means.loc[3, "heldout"] > means.loc[2, "heldout"]
    assert means.loc[3, "documents"] >= means.loc[2, "documents"]
    assert means.loc[3, "sign_kept"] == 1


@pytest.mark.parametrize("inference", ["cvb0", "vb"])
def test_results_do_not_depend_on_the_number_of_processes(words, engagements, inference):
    one, two = (explore(words, engagements, inference, grid=[3], runs=2, workers=w) for w in (1, 2))
    for a, b in zip(one, two, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_the_order_of_the_grid_and_repeats_change_nothing(words, engagements, explored):
    again = explore(words, engagements, grid=[3, 2, 3])
    for a, b in zip(explored, again, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_contrasts_are_differences_of_means():
    shares = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    partner = np.array(["US", "US", "JP"])
    assert grid.contrasts(shares, partner) == pytest.approx(np.array([[-0.6, 0.6], [0.6, -0.6]]))
    weighted = grid.contrasts(shares, partner, np.array([3.0, 1.0, 1.0]))
    assert weighted[0] == pytest.approx([-0.65, 0.65])


def test_the_interval_keeps_a_documents_segments_together():
    # Ten documents, each told twice: as twenty independent texts the interval would be narrower.
    rng = np.random.Generator(np.random.PCG64(1))
    share = rng.random(10)
    shares = np.repeat(np.column_stack([share, 1 - share]), 2, axis=0)
    ids = [(f"d{d // 2}", "US" if d < 10 else "JP") for d in range(20)]
    apart = [(f"d{d}", p) for d, (_, p) in enumerate(ids)]

    def width(names):
        low, high = grid.contrast_interval(shares, Bags(tuple(names), (), None), seed=1)
        return float((high - low)[0, 0])

    assert width(ids) > 1.2 * width(apart)


def fits_with(**means):
    """Three fits per number of topics, 0.01 apart in both measures around the given means."""
    return pd.DataFrame(
        [
            {"num_topics": int(k.removeprefix("k")), "npmi": npmi + shift, "exclusivity": exclusivity + shift}
            for k, (npmi, exclusivity) in means.items()
            for shift in (-0.01, 0.0, 0.01)
        ]
    )


def test_the_frontier_leaves_out_what_another_clearly_beats():
    fits = fits_with(k6=(0.10, 9.0), k8=(0.20, 9.2), k10=(0.205, 9.21), k12=(0.15, 9.5))
    # 8 beats 6 in both; 10 is a hair better than 8 in both, which is less than the seeds' spread.
    assert selection.on_frontier(fits).tolist() == [False, True, True, True]
    assert selection.on_frontier(fits_with(k6=(0.1, 9.0), k8=(0.1, 9.0))).tolist() == [True, True]


def test_the_verdict_warns_off_the_frontier():
    means = pd.DataFrame({"num_topics": [6, 8, 10], "frontier": [True, False, True]})
    assert selection.verdict(means, 8).startswith("**Warning:** `topics.num_topics: 8`")
    assert "Choose from 6, 10" in selection.verdict(means, 8) and "Warning" not in selection.verdict(means, 6)


def test_a_grid_the_corpus_cannot_carry_is_refused(words, engagements):
    with pytest.raises(ConfigurationError, match=r"params.yaml: selection.grid: 31 topics for 30 documents"):
        explore(words, engagements, grid=[3, 31])
    with pytest.raises(ConfigurationError, match="selection.runs: 1 shows no spread"):
        explore(words, engagements, runs=1)
    with pytest.raises(ConfigurationError, match="a comparison needs two partners"):
        explore(words, engagements.query("partner == 'US'"))
    assert bags.documents(words).ids[0] == "d00"
