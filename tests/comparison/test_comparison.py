"""The comparison finds what was put into an invented corpus, and survives corpora in which there is little to find."""

import numpy as np
import pandas as pd
import pytest

from engagement import comparison, tables
from engagement.comparison import prose
from engagement.errors import ConfigurationError

PARTNERS = ["US", "JP", "CN"]
LABELS = {0: "rights, vote", 1: "bridge, road", 2: "casino, zone †"}


def instruments(segments):
    """The comparison of instruments."""
    amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
    return comparison.compare(segments, amounts, comparison.INSTRUMENTS, "instrument", "instruments")


def test_segments_hold_every_sentence_that_is_not_history(invented, segments):
    kept = invented["engagements"].query("not historical")
    assert len(segments.sentences) == len(kept)
    assert len(segments.frame) == len(kept.drop_duplicates(["document_id", "partner"]))
    again = segments.frame.loc[segments.sentences["segment"], ["document_id", "partner"]].to_numpy()
    assert (again == segments.sentences[["document_id", "partner"]].to_numpy()).all()


def test_outlets_are_resampled_where_there_are_enough(invented, make_settings):
    few = comparison.gather(invented["engagements"], invented["documents"], PARTNERS, make_settings(min_outlets=31))
    many = comparison.gather(invented["engagements"], invented["documents"], PARTNERS, make_settings(min_outlets=30))
    assert (few.level, few.frame["cluster"].nunique()) == ("document", few.frame["document_id"].nunique())
    assert (many.level, many.frame["cluster"].nunique()) == ("outlet", 30)


def test_documents_without_outlet_stand_for_themselves(invented, make_settings):
    unnamed = invented["documents"].assign(outlet="")
    found = comparison.gather(invented["engagements"], unnamed, PARTNERS, make_settings())
    assert found.frame["cluster"].nunique() == found.frame["document_id"].nunique()


def test_each_partner_is_marked_by_what_was_put_in(segments):
    levels, differences = instruments(segments)
    marking, lagging = comparison.both_ends(differences, "instrument")
    assert dict(zip(marking["first"], marking["instrument"], strict=True)) == {"US": "PRE", "JP": "GRA", "CN": "INV"}
    assert (lagging["difference"] < 0).all() and (lagging["high"] < 0).all()
    told = levels.dropna(subset=["low"])
    assert ((told["low"] <= told["share"]) & (told["share"] <= told["high"])).all()
    assert np.allclose(levels.groupby("partner")["share"].sum(), 1)
    assert (differences["p"] <= differences["p_bh"]).all() and (differences["p_bh"] <= differences["p_holm"]).all()
    answer = prose.answer(levels, marking, differences, PARTNERS, 0.95)
    assert answer["answer"].startswith("Pressure marks the United States (")
    assert answer["answer_number"].count("%") == 3


def test_differences_are_the_differences_of_the_levels(segments):
    levels, differences = instruments(segments)
    shares = levels.set_index(["partner", "instrument"])["share"]
    row = differences.query("first == 'US' and second == 'CN' and instrument == 'PRE'").iloc[0]
    assert row.difference == pytest.approx(shares["US", "PRE"] - shares["CN", "PRE"])
    row = differences.query("first == 'US' and second == 'others' and instrument == 'PRE'").iloc[0]
    mean = (shares["JP", "PRE"] + shares["CN", "PRE"]) / 2
    assert row.difference == pytest.approx(shares["US", "PRE"] - mean)


def test_order_of_input_rows_changes_nothing(invented, segments, make_settings):
    shuffled = invented["engagements"].sample(frac=1, random_state=1)
    again = comparison.gather(shuffled, invented["documents"].iloc[::-1], PARTNERS, make_settings())
    for one, other in zip(instruments(segments), instruments(again), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_another_partner_leaves_the_shares_as_they_are(segments, make_corpus, make_settings):
    found = make_corpus()
    third = comparison.gather(found["engagements"], found["documents"], ["US", "JP"], make_settings())
    both = [instruments(s)[0].set_index(["partner", "instrument"])["share"] for s in (segments, third)]
    assert both[0]["US"].equals(both[1]["US"])


def test_topics_follow_what_was_put_in(invented, segments):
    theta, tokens = comparison.aligned(segments, invented["segment_topics"])
    levels, differences = comparison.prevalence(segments, theta, tokens, 1.0, LABELS)
    marking = comparison.marks(differences, "topic")
    assert dict(zip(marking["first"], marking["topic"], strict=True)) == {"US": 0, "JP": 1, "CN": 2}
    assert prose.marking_title(marking, marking.head(0), PARTNERS, "topic").startswith(
        "“rights, vote” marks the United States"
    )
    over_time = comparison.over_time(segments, theta, tokens, 1.0, LABELS, 6)
    assert over_time[["start", "end"]].drop_duplicates().to_numpy().tolist() == [
        [2008, 2013],
        [2014, 2019],
        [2020, 2025],
    ]
    tables.validated(tables.rounded(over_time), "comparison/topics_over_time.csv")


def test_a_segment_without_topic_words_weighs_nothing(invented, segments):
    first = segments.frame.iloc[0]
    topics = invented["segment_topics"]
    left = topics[~((topics["document_id"] == first.document_id) & (topics["partner"] == first.partner))]
    theta, tokens = comparison.aligned(segments, left)
    assert tokens[0] == 0 and np.allclose(theta.sum(axis=1), 1)


def test_thin_cells_have_no_interval(make_corpus, make_settings):
    found = make_corpus(size=60)
    segments = comparison.gather(found["engagements"], found["documents"], PARTNERS, make_settings(min_documents=4))
    theta, tokens = comparison.aligned(segments, found["segment_topics"])
    table = comparison.over_time(segments, theta, tokens, 1.0, LABELS, 1)
    thin = table["documents"] < 4
    assert thin.any() and table.loc[thin, ["share", "low", "high"]].isna().all(axis=None)
    assert table.loc[~thin, ["share", "low", "high"]].notna().all(axis=None)


def test_years_count_documents_and_sentences(invented, segments):
    table = comparison.years(segments, invented["documents"])
    told = segments.sentences
    for row in table.sample(10, random_state=0).itertuples():
        own = told[(told["partner"] == row.partner) & (told["year"] == row.year)]
        assert (row.sentences, row.documents) == (len(own), own["document_id"].nunique())
        assert row.share == row.documents / row.documents_of_year
        assert row.evidence == f"evidence/{row.partner}.html#{row.partner}-{row.year}"
    tables.validated(tables.rounded(table), "comparison/years.csv")


def test_a_year_without_documents_is_a_gap(invented, make_settings):
    documents = invented["documents"][invented["documents"]["date"].dt.year != 2012]
    segments = comparison.gather(invented["engagements"], documents, PARTNERS, make_settings())
    table = comparison.years(segments, documents)
    gap = table[table["year"] == 2012]
    assert len(gap) == 3 and gap[["share", "low", "high"]].isna().all(axis=None)
    assert (gap["documents_of_year"] == 0).all()
    comparison.charts.years(table, PARTNERS, prose.years_title(table, PARTNERS))


def test_a_planted_change_is_dated(make_corpus, make_settings):
    found = make_corpus(size=400)
    engagements = found["engagements"].copy()
    late = (engagements["date"].dt.year >= 2016) & (engagements["partner"] == "US")
    # From 2016 on, every second sentence on the US tells of pressure.
    engagements.loc[late & (np.arange(len(engagements)) % 2 == 0), "instrument"] = "PRE"
    segments = comparison.gather(engagements, found["documents"], PARTNERS, make_settings())
    amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
    table = comparison.changes(segments, {"instrument": (amounts, comparison.INSTRUMENTS)})
    row = table.query("partner == 'US' and category == 'PRE'").iloc[0]
    assert abs(row.year - 2016) <= 2 and row.year_low <= 2016 <= row.year_high and row.sure
    assert row.difference == pytest.approx(row.after - row.before) and row.low > 0
    assert table.query("partner != 'US'")["sure"].mean() < 0.1
    tables.validated(tables.rounded(table), "comparison/changes.csv")


def test_change_p_values_pay_for_the_search(make_corpus, make_settings):
    """Without any change, no more than the stated share of p-values is small, although the best of many years is taken."""
    small = []
    for seed in range(12):
        found = make_corpus(size=120, seed=seed)
        segments = comparison.gather(
            found["engagements"], found["documents"], PARTNERS, make_settings(draws=5, permutations=199)
        )
        amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
        small += list(comparison.changes(segments, {"instrument": (amounts, comparison.INSTRUMENTS)})["p"] <= 0.1)
    assert 0.04 <= np.mean(small) <= 0.16


def test_means_weigh_sentences_and_skip_acts_of_no_type(segments):
    table = comparison.means(segments, "event_score", "scores").set_index("partner")
    told = segments.sentences[(segments.sentences["partner"] == "US") & (segments.sentences["event"] != "OTHER")]
    assert table.loc["US", "mean"] == pytest.approx(told["score"].mean())
    assert table.loc["US", "sentences"] == len(told)
    assert (table["low"] <= table["mean"]).all() and (table["mean"] <= table["high"]).all()


def test_occasions_within_three_days_are_one(make_settings):
    date = pd.to_datetime(["2016-01-26", "2016-01-28", "2016-02-10"])
    documents = pd.DataFrame({"document_id": ["a", "b", "c"], "date": date, "date_precision": "day", "title": "T"})
    documents = documents.assign(outlet=["x", "y", "z"], url="", licence="")
    told = [("a#000", "a"), ("b#000", "b"), ("b#001", "b"), ("c#000", "c")]
    engagements = pd.DataFrame(told, columns=["sentence_id", "document_id"]).assign(
        partner="US", instrument="DIP", level="L1", historical=False, event="CONSULT", score=2.5, date=date[0]
    )
    mentions = pd.DataFrame({"sentence_id": ["a#000", "b#000", "c#000"], "document_id": ["a", "b", "c"]}).assign(
        kind="person", level="L1", name="A Leader", country="US"
    )
    segments = comparison.gather(engagements, documents, ["US"], make_settings())
    days = comparison.elite_days(segments, mentions)
    assert days["document_id"].tolist() == ["b", "c"]  # b tells more than a
    assert days["documents"].tolist() == [2, 1]
    assert days["persons"].tolist() == ["A Leader", "A Leader"]


def test_sums_leave_out_stocks_and_repeats(invented, segments):
    found = comparison.sums(segments, pd.concat([invented["amounts"]] * 2))
    told = invented["amounts"].merge(segments.frame[["document_id", "partner"]])
    assert len(found) == (told["flow"] == "single").sum()
    totals = comparison.totals(segments, found)
    own = found[found["partner"] == "JP"]
    row = totals.query("partner == 'JP' and phase == 'pledged'").iloc[0]
    assert row.median_usd == own["value_usd"].median() and row.low <= row.median_usd <= row.high
    assert totals.query("phase == 'delivered'")["amounts"].eq(0).all()
    tables.validated(tables.rounded(totals), "comparison/amount_totals.csv")


def test_dollars_read_well():
    assert [prose.dollars(x) for x in (5, 2_500, 1e6, 237_400_000, 1.5e9, 2e12)] == [
        "$5",
        "$2,500",
        "$1\u00a0m",
        "$237\u00a0m",
        "$1.5\u00a0bn",
        "$2\u00a0tn",
    ]


def test_examples_are_of_different_documents_and_repeatable(invented, segments):
    found = comparison.candidates(segments, invented["sentences"])
    first = comparison.examples(found[found["partner"] == "JP"], 1, "test", 5)
    again = comparison.examples(found[found["partner"] == "JP"].iloc[::-1], 1, "test", 5)
    assert first["sentence_id"].tolist() == again["sentence_id"].tolist()
    assert first["document_id"].is_unique and len(first) == 5


@pytest.mark.parametrize(
    ("name", "value"), [("draws", 0), ("permutations", 0), ("level", 1.0), ("min_documents", 0), ("min_outlets", -1)]
)
def test_impossible_settings_are_named(make_settings, name, value):
    with pytest.raises(ConfigurationError, match=f"params.yaml: comparison.{name} "):
        make_settings(**{name: value})


def everything(found, partners, settings):
    """Run every step of the notebook, with its figures, and return the answer and the tables."""
    segments = comparison.gather(found["engagements"], found["documents"], partners, settings)
    amounts = segments.totals("instrument", list(comparison.INSTRUMENTS))
    levels, differences = comparison.compare(segments, amounts, comparison.INSTRUMENTS, "instrument", "instruments")
    marking, lagging = comparison.both_ends(differences, "instrument")
    list(comparison.behind(comparison.candidates(segments, found["sentences"]), marking, partners, 1))
    theta, tokens = comparison.aligned(segments, found["segment_topics"])
    prevalence, topic_differences = comparison.prevalence(segments, theta, tokens, 1.0, LABELS)
    over_time = comparison.over_time(segments, theta, tokens, 1.0, LABELS, 3)
    changes = comparison.changes(
        segments, {"instrument": (amounts, comparison.INSTRUMENTS), "topic": (theta * tokens[:, None], LABELS)}
    )
    stances, _ = comparison.compare(
        segments, segments.totals("stance", list(comparison.STANCES)), comparison.STANCES, "stance", "stance"
    )
    scores = comparison.means(segments, "event_score", "scores")
    terms = comparison.unmasked(found["tokens"], found["mentions"])
    keyness = comparison.keyness(segments, terms, 500, 5)
    key = comparison.key_terms(keyness, 5)
    timeline = comparison.elite_days(segments, found["mentions"])
    sums = comparison.sums(segments, found["amounts"])
    totals = comparison.totals(segments, sums)
    years = comparison.years(segments, found["documents"])
    written = {
        "years": years, "instruments": levels, "instrument_differences": differences, "topics": prevalence,
        "topic_differences": topic_differences, "topics_over_time": over_time, "changes": changes, "stance": stances,
        "scores": scores, "keyness": keyness, "timeline": timeline, "amounts": sums.drop(columns="segment"),
        "amount_totals": totals,
    }  # fmt: skip
    for name, table in written.items():
        written[name] = tables.rounded(tables.validated(table, f"comparison/{name}.csv"))
    draw = comparison.charts
    pairs = written["instrument_differences"].query("second != 'others'")
    for figure, alt in [
        (draw.years(years, partners, prose.years_title(years, partners)), prose.years_alt(years)),
        (
            draw.levels(
                written["instruments"],
                "instrument",
                partners,
                prose.marking_title(marking, lagging, partners, "instrument"),
                "x",
            ),
            prose.levels_alt(levels),
        ),
        (draw.differences(pairs, "instrument", partners, prose.differences_title(pairs)), prose.differences_alt(pairs)),
        (draw.over_time(over_time, partners, prose.over_time_title(over_time)), prose.over_time_alt(over_time)),
        (draw.changes(written["changes"], prose.changes_title(changes)), prose.changes_alt(changes)),
        (draw.stance(stances, scores, partners, prose.stance_title(stances)), prose.levels_alt(stances)),
        (draw.keyness(key, partners, prose.keyness_title(key, partners)), prose.keyness_alt(key)),
        (
            draw.timeline(timeline, partners, prose.timeline_title(timeline, partners)),
            prose.timeline_alt(timeline, partners),
        ),
        (draw.amounts(sums, totals, partners, prose.amounts_title(totals, partners)), prose.amounts_alt(totals)),
    ]:
        figure.canvas.draw()
        assert alt.strip()
    comparison.headline(segments, levels, {"instruments": differences, "changes": changes})
    assert not comparison.or_none(key, timeline).empty
    return prose.answer(levels, marking, differences, partners, settings.level), written


def test_every_step_on_a_whole_corpus(invented, make_settings):
    answer, written = everything(invented, PARTNERS, make_settings())
    assert "pressure" in answer["answer"].lower()
    assert {"rights", "bridge", "casino"} == set(written["keyness"].query("sure")["term"])


def test_a_corpus_with_one_partner_cannot_be_compared(make_corpus, make_settings):
    answer, written = everything(make_corpus(size=60, partners=("JP",)), PARTNERS, make_settings())
    assert answer["answer"] == "The corpus tells enough about only Japan, so there is nothing to compare."
    assert written["instrument_differences"].empty and written["keyness"].empty


def test_params_may_list_one_partner(make_corpus, make_settings):
    answer, _ = everything(make_corpus(size=60), ["JP"], make_settings())
    assert "nothing to compare" in answer["answer"]


def test_a_partner_without_engagements_is_left_out_of_differences(make_corpus, make_settings):
    answer, written = everything(make_corpus(partners=("US", "CN")), PARTNERS, make_settings())
    assert set(written["instrument_differences"]["first"]) == {"US", "CN"}
    assert written["instruments"].query("partner == 'JP'")["share"].isna().all()
    assert "no instrument surely marks Japan" in answer["answer"]


def test_a_handful_of_documents(make_corpus, make_settings):
    answer, written = everything(make_corpus(size=4), PARTNERS, make_settings())
    assert "nothing to compare" in answer["answer"]
    assert written["instruments"]["low"].isna().all()


def test_a_single_document(make_corpus, make_settings):
    everything(make_corpus(size=1), PARTNERS, make_settings())


def test_a_corpus_in_which_no_partner_is_engaged(make_corpus, make_settings):
    found = make_corpus(size=10)
    found["engagements"] = found["engagements"].head(0)
    answer, _ = everything(found, PARTNERS, make_settings())
    assert "no partner" in answer["answer"]


def test_same_numbers_in_another_order_of_cores(invented, make_settings, monkeypatch):
    """The tables are the same whatever the block size, and so whatever the order of additions a machine prefers."""
    from engagement.comparison import change, inference

    _, first = everything(invented, PARTNERS, make_settings())
    monkeypatch.setattr(inference, "CHUNK", 17)
    monkeypatch.setattr(change, "CHUNK", 17)
    _, again = everything(invented, PARTNERS, make_settings())
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_leads_under_other_choices(invented, segments, make_settings):
    names = list(comparison.INSTRUMENTS)
    _, differences = instruments(segments)
    marking, _ = comparison.both_ends(differences, "instrument")
    table = tables.validated(comparison.robustness(segments, marking, "instrument", names), "comparison/robustness.csv")
    assert table.groupby("partner").size().eq(7).all()
    published = table[table["variant"] == "as published"].set_index("partner")["difference"]
    assert published.to_dict() == pytest.approx(marking.set_index("first")["difference"].to_dict())
    alone = segments.sentences[~segments.sentences["sentence_id"].duplicated(keep=False)]
    own = alone[alone["partner"] == "US"]
    row = table[(table["variant"] == "sentences on one partner only") & (table["partner"] == "US")].iloc[0]
    assert row.share == pytest.approx((own["instrument"] == "PRE").mean())
    assert comparison.robustness(segments, marking.head(0), "instrument", names).empty
    comparison.charts.robustness(table, PARTNERS, prose.robustness_title(table)).canvas.draw()


def test_permutations_suffice_for_the_correction():
    from engagement.comparison.inference import enough_permutations

    for tests in (1, 36, 300):
        assert tests / (enough_permutations(99, tests, 0.95) + 1) < 0.05
    assert enough_permutations(5000, 36, 0.95) == 5000


def test_four_partners(make_corpus, make_settings):
    four = ["US", "JP", "CN", "KR"]
    answer, written = everything(make_corpus(size=120, partners=tuple(four)), four, make_settings())
    pairs = written["instrument_differences"].query("second != 'others'")
    assert len(pairs[["first", "second"]].drop_duplicates()) == 6
    assert "pressure" in answer["answer"].lower()


def test_quoted_sentences_stand_behind_the_answer(invented, segments):
    _, differences = instruments(segments)
    marking, _ = comparison.both_ends(differences, "instrument")
    found = comparison.candidates(segments, invented["sentences"])
    quoted = list(comparison.behind(found, marking, PARTNERS, 1, count=3))
    assert [introduction for introduction, _ in quoted] == [
        "United States, pressure",
        "Japan, grant or in-kind aid",
        "China, investment and business",
    ]
    for (_, part), partner in zip(quoted, PARTNERS, strict=True):
        assert (part["partner"] == partner).all() and part["document_id"].is_unique and len(part) == 3
