"""Tasks for people: what is asked, that the sheet hides the answer, and how answers are scored."""

import math

import numpy as np
import pandas as pd
import pytest

from engagement.coders import topic_tasks
from engagement.errors import ConfigurationError
from engagement.topics import intrusion
from engagement.topics.intrusion import Material

LETTERS = "abcdefgh"


@pytest.fixture(scope="module")
def material() -> Material:
    """Five topics, each with thirty words of its own named after it, and twenty documents."""
    terms = tuple(f"{LETTERS[k]}{i:02d}" for k in range(5) for i in range(30))
    rng = np.random.Generator(np.random.PCG64(1))
    topics = np.full((5, 150), 0.0001)
    for k in range(5):
        topics[k, 30 * k : 30 * k + 30] = np.linspace(2, 1, 30)
    topics /= topics.sum(axis=1, keepdims=True)
    shares = rng.dirichlet(np.full(5, 0.3), 20)
    labels = tuple(f"label {c}" for c in LETTERS[:5])
    return Material(topics, terms, labels, tuple(f"text <b>{d}</b>" for d in range(20)), shares, 7)


@pytest.fixture(scope="module")
def exported(material):
    return intrusion.export(material, documents=6)


def options(row):
    return [row[o] for o in intrusion.OPTIONS if row[o]]


def test_a_word_item_has_five_top_words_and_one_intruder(exported, material):
    sheet, key = exported
    for row, answer in zip(sheet.to_dict("records"), key.to_dict("records"), strict=True):
        if row["task"] == "word":
            own = LETTERS[answer["topic"]]
            strange = options(row)[answer["right"] - 1]
            assert sorted(set(options(row)) - {strange}) == [f"{own}{i:02d}" for i in range(5)]
            assert not strange.startswith(own) or int(strange[1:]) >= 30
    assert (sheet["task"] == "word").sum() == 5


def test_changs_intruders_are_top_words_of_another_topic(material):
    for item in intrusion.word_items(material, "other"):
        strange = item["shown"][item["right"] - 1]
        assert strange[0] != LETTERS[item["topic"]] and int(strange[1:]) < 10


def test_a_set_item_has_one_foreign_set(exported):
    sheet, key = exported
    for row, answer in zip(sheet.to_dict("records"), key.to_dict("records"), strict=True):
        if row["task"] == "set":
            own = [s for i, s in enumerate(options(row), start=1) if i != answer["right"]]
            letters = {word[0] for s in own for word in s.split(", ")}
            assert letters == {LETTERS[answer["topic"]]}
            foreign = {word[0] for word in options(row)[answer["right"] - 1].split(", ")}
            assert len(foreign) == 1 and foreign != letters and len(options(row)) == 4


def test_a_topic_items_intruder_is_a_small_topic_of_the_text(exported, material):
    sheet, key = exported
    found = sheet.merge(key, on=["item", "task"]).query("task == 'topic'")
    assert len(found) == 6 and found["text"].is_unique
    for row in found.to_dict("records"):
        theta = [float(t) for t in row["theta"].split()]
        assert theta[row["right"] - 1] == min(theta) and len(theta) == 4


def test_a_label_items_right_answer_is_the_topics_label(exported, material):
    sheet, key = exported
    for row, answer in zip(sheet.to_dict("records"), key.to_dict("records"), strict=True):
        if row["task"] == "label":
            assert options(row)[answer["right"] - 1] == material.labels[answer["topic"]]
            assert len(set(options(row))) == 4


def test_the_sheet_tells_no_answers_and_is_repeatable(exported, material):
    sheet, key = exported
    assert list(sheet.columns) == intrusion.SHEET_COLUMNS
    again = intrusion.export(material, documents=6)
    pd.testing.assert_frame_equal(again[0], sheet)
    # The right answer is not always in one place.
    assert key["right"].nunique() > 2


def test_the_page_escapes_texts_and_asks_for_nothing_from_outside(exported):
    page = intrusion.to_html(*exported)
    assert "text &lt;b&gt;" in page and "<b>0</b>" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page


def answered(key, right):
    """A coder who answers the items in `right` rightly and takes the next option for the others."""
    wrong = key["right"] % key["options"] + 1
    answers = np.where(key["item"].isin(right), key["right"], wrong)
    return pd.DataFrame({"item": key["item"], "answer": answers, "fingerprint": key["fingerprint"]}).astype(str)


def test_perfect_coders_score_one(exported):
    _, key = exported
    coders = {name: intrusion.checked(answered(key, key["item"]), key, "a.csv") for name in "ab"}
    found = intrusion.scores(coders, seed=1).set_index("task")
    assert found["precision"].eq(1).all() and found.loc["topic", "log_odds"] == 0
    assert found.loc["word", "chance"] == pytest.approx(1 / 6) and found.loc["set", "chance"] == 0.25
    # Nobody erred: agreement on right and wrong beyond chance cannot be told; on the options it is perfect.
    assert math.isnan(found.loc["word", "alpha_right"]) and found.loc["word", "alpha_answer"] == 1
    # Five right of five by chance: (1/6)^5 per coder.
    assert found.loc["word", "p"] < 1e-5


def test_half_right_is_scored_by_hand(exported):
    _, key = exported
    words = key.query("task == 'word'")["item"].tolist()
    one = intrusion.checked(answered(key, words[:3]), key, "a.csv")
    two = intrusion.checked(answered(key, words[:4]), key, "b.csv")
    found = intrusion.scores({"a": one, "b": two}, seed=1).set_index("task")
    assert found.loc["word", "precision"] == pytest.approx(7 / 10)
    # Right/wrong pairs: 3 rr, 1 wr, 1 ww; coincidences rr 6, rw 1, wr 1, ww 2; n = 10.
    assert found.loc["word", "alpha_right"] == pytest.approx(1 - 9 * 2 / (2 * 7 * 3))
    per_topic = intrusion.by_topic({"a": one, "b": two})
    assert set(per_topic["topic"]) == set(range(5))


def test_log_odds_compare_the_intruder_with_the_choice():
    row = pd.Series({"theta": "0.6 0.3 0.08 0.02", "right": 4, "answer": 1})
    assert intrusion.log_odds(row) == pytest.approx(math.log(0.02 / 0.6))
    items = pd.DataFrame([row])
    drawn = intrusion.random_log_odds(items, seed=3)
    assert len(drawn) == 1500 and set(np.round(drawn, 6)) == set(
        np.round(np.log(0.02 / np.array([0.6, 0.3, 0.08, 0.02])), 6)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "9"}, r"a.csv, row 2: answer '9' is no option"),
        ({"answer": "x"}, r"a.csv, row 2: answer 'x' is no option"),
        ({"item": "2"}, r"a.csv, row 3: item '2' is unknown or answered twice"),
        ({"item": "999"}, r"a.csv, row 2: item '999' is unknown"),
        ({"fingerprint": "0000"}, r"a.csv, row 2: answers to another model's tasks"),
    ],
)
def test_unusable_answers_name_file_and_row(exported, change, message):
    _, key = exported
    answers = answered(key, key["item"])
    for column, value in change.items():
        answers.loc[0, column] = value
    with pytest.raises(ConfigurationError, match=message):
        intrusion.checked(answers, key, "a.csv")


def test_missing_columns_and_blanks(exported):
    _, key = exported
    with pytest.raises(ConfigurationError, match="no column 'answer'"):
        intrusion.checked(answered(key, []).drop(columns="answer"), key, "a.csv")
    answers = answered(key, key["item"])
    answers.loc[3:, "answer"] = ""
    assert len(intrusion.checked(answers, key, "a.csv")) == 3


def test_too_few_topics_make_no_task(material):
    few = Material(material.topics[:3], material.terms, material.labels[:3], material.texts, material.shares[:, :3], 7)
    with pytest.raises(ConfigurationError, match="3 topics make no intrusion task"):
        intrusion.export(few, 5)


def test_answers_that_come_back_are_told_apart_and_scored(exported, tmp_path, capsys):
    _, key = exported
    key.to_csv(tmp_path / "key.csv", index=False)
    files = []
    for name in ("Ann", "Bo"):
        files.append(tmp_path / f"{name}.csv")
        answered(key, key["item"]).assign(coder=name).to_csv(files[-1], index=False)
    assert topic_tasks.are_answers(files)
    topic_tasks.score(files)
    shown = capsys.readouterr().out
    assert shown.splitlines()[1].split()[:4] == ["word", "2", "10", "1.0"]
    with pytest.raises(ConfigurationError, match=r"Ann.csv: coder Ann: give each coder one file"):
        topic_tasks.score([files[0], files[0]])
    (tmp_path / "sheet.csv").write_text("sentence_id,partners\n", encoding="utf-8")
    assert not topic_tasks.are_answers([tmp_path / "sheet.csv"])


def test_answers_without_their_key_are_refused(exported, tmp_path, monkeypatch):
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(tmp_path))
    (tmp_path / "params.yaml").write_text("seed: 1\n", encoding="utf-8")
    answered(exported[1], []).to_csv(tmp_path / "Ann.csv", index=False)
    with pytest.raises(ConfigurationError, match="key.csv: not beside Ann.csv"):
        topic_tasks.score([tmp_path / "Ann.csv"])
