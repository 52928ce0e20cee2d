"""Coding per engagement: cue lexicons, the rules on top of them, and the two fitted models."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from engagement import attribution, project, tables
from engagement.attribution import coding, coding_training
from engagement.attribution.coding_lexicon import Cue, Matcher, plain, read_cues
from engagement.cleaning.sentences import split
from engagement.errors import ConfigurationError
from engagement.validation import scores

FIND = coding.matcher()
READER = attribution.reader()


def frames(*texts: str, title: str = "", date: str = "2016-05-02") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Documents and sentences of invented texts, one document each."""
    documents = pd.DataFrame(
        {
            "document_id": [f"d{n}" for n in range(len(texts))],
            "date": pd.to_datetime([date] * len(texts)),
            "date_precision": "day",
            "title": title,
            "text": list(texts),
        }
    )
    rows = [
        (f"d{n}#{k:03d}", f"d{n}", k, start, end, text[start:end])
        for n, text in enumerate(texts)
        for k, (start, end) in enumerate(split(text))
    ]
    return documents, pd.DataFrame(rows, columns=["sentence_id", "document_id", "ordinal", "start", "end", "text"])


def coded(*texts: str, title: str = "", date: str = "2016-05-02") -> pd.DataFrame:
    documents, sentences = frames(*texts, title=title, date=date)
    return attribution.build(documents, sentences, ["US", "JP", "CN"], READER)[1]


def one(text: str, **given: str) -> pd.Series:
    """The codes of a text that engages one partner in one sentence."""
    frame = coded(text, **given)
    assert len(frame) == 1, frame
    return frame.iloc[0]


# ------------------------------------------------------------------------------------------------------------- lexicons
def cue_file(folder: Path, *rows: str, header: str = "cue,code,weight,reason") -> Path:
    path = folder / "cues.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("loan,LOA,3,a reason", "loan,GRA,3,another"), "row 3: 'loan' is already in row 2"),
        (("loan,XXX,3,a reason",), "row 2: code 'XXX' is unknown"),
        (("loan,LOA,heavy,a reason",), "row 2: weight of 'loan' is not a number"),
        (("loan,LOA,3,",), "row 2: no reason is given"),
        (("lo*an,LOA,3,a reason",), "row 2: `*`"),
        (("soft* loan,LOA,3,a reason",), "row 2: `*`"),
        ((",LOA,3,a reason",), "row 2: '' is no cue"),
        (("Loan!,LOA,3,a reason",), "row 2: 'Loan!' is no cue"),
    ],
)
def test_a_malformed_lexicon_names_row_and_remedy(tmp_path: Path, rows: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_cues(cue_file(tmp_path, *rows), "instruments", coding.INSTRUMENTS)
    assert message in str(error.value) and "\n" not in str(error.value) and ";" in str(error.value)


def test_a_lexicon_without_reasons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no column 'reason'"):
        read_cues(cue_file(tmp_path, "loan,LOA", header="cue,code"), "instruments")


def words(*cues: str) -> Matcher:
    return Matcher([Cue("l", cue, "X", "", 1.0, n) for n, cue in enumerate(cues, start=2)])


@pytest.mark.parametrize(
    ("cues", "text", "found"),
    [
        (("loan",), "A loan, loans and loaned.", ["loan"]),
        (("loan*",), "A loan, loans and loaned.", ["loan", "loans", "loaned"]),
        (("trade", "trade war"), "The trade war cut trade.", ["trade war", "trade"]),
        (("joint venture",), "A joint-venture; a joint, venture", ["joint-venture"]),
        (("aid",), "He said they paid aid.", ["aid"]),
        (("us",), "US", ["US"]),
        (("charge d affaires",), "the chargé d'affaires", []),
    ],
)
def test_cues_are_found_as_whole_words_longest_first(cues: tuple[str, ...], text: str, found: list[str]) -> None:
    assert [text[h.start : h.end] for h in words(*cues).find(text).get("l", [])] == found


@given(st.text(max_size=300))
def test_offsets_hold_for_any_text(text: str) -> None:
    assert len(plain(text)) == len(text)
    for hits in FIND.find(text).values():
        assert all(0 <= h.start < h.end <= len(text) for h in hits)
        assert all(a.end <= b.start for a, b in zip(hits, hits[1:], strict=False))


def test_every_cue_finds_itself() -> None:
    for name, codes in coding.LEXICONS.items():
        for cue in read_cues(coding.project.reference(f"{name}.csv"), name, codes):
            text = cue.cue.rstrip("*")
            spans = {(h.start, h.end) for h in FIND.find(text)[name]}
            assert (0, len(text)) in spans, (name, cue.cue)


# ------------------------------------------------------------------------------------------------- instrument and stance
def golden() -> list[dict[str, str]]:
    path = Path(__file__).parent / "golden" / "coding.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", golden(), ids=lambda r: r["text"][:40])
def test_invented_sentences_get_their_codes(row: dict[str, str]) -> None:
    frame = coded(row["text"])
    found = frame[frame["partner"] == row["partner"]].iloc[0]
    wanted = {c: row[c] for c in ("instrument", "stance", "event", "field", "direction") if row[c]}
    assert {c: str(found[c]) for c in wanted} == wanted


def test_a_sentence_without_cues_takes_the_instrument_of_its_text() -> None:
    frame = coded("Japan lent Cambodia 10 billion yen for a port. Tokyo asked for nothing in return.")
    assert list(frame["instrument"]) == ["LOA", "LOA"]
    assert frame["instrument_cue"].iloc[0] == "lent" and frame["instrument_cue"].iloc[1] == ""


def test_the_title_helps() -> None:
    text = "Washington spoke of it on Monday."
    assert one(text, title="New sanctions on Cambodian generals")["instrument"] == "PRE"


def test_partners_of_one_sentence_may_differ() -> None:
    frame = coded(
        "Japan donated vaccines to Cambodia, while the United States imposed sanctions on two Cambodian generals."
    )
    assert dict(zip(frame["partner"], frame["instrument"], strict=True)) == {"JP": "GRA", "US": "PRE"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("donated", 3),
        ("did not donate", -1),
        ("cut aid", -1),
        ("suspended military aid", -1),
        ("lifted the sanctions", 1),
        ("sanctions", -3),
        ("a strike against trafficking", 0),
        ("without help", 0),
        ("rejected the criticism", 0),
    ],
)
def test_stance_cues_are_turned(text: str, value: int) -> None:
    last = coding.read(text, FIND).stance_cues[-1][0]
    assert np.sign(last) == np.sign(value)


def test_a_cue_inside_a_name_says_nothing_of_the_stance() -> None:
    assert not coding.read("The Cambodia National Rescue Party met.", FIND).good > 1
    assert coding.read("They came to rescue him.", FIND).good > 1


# ------------------------------------------------------------------------------------------------------------- the rules
@pytest.mark.parametrize(
    ("text", "event", "mode"),
    [
        ("China will provide helicopters.", "AGREE", "promise"),
        ("China donated helicopters.", "AID", "give"),
        ("The armies began a joint exercise.", "COOPERATE", "military"),
        ("China deployed warships.", "MOBILIZE", "force"),
        ("Washington wrote off the debt.", "AID", "give"),
        ("Hun Sen asked Tokyo to lend more.", "REQUEST", "ask"),
        ("Washington urged Cambodia to release prisoners.", "REQUEST", "ask"),
        ("Cambodia refused the request.", "REJECT", "refuse"),
        ("Washington suspended its programme.", "SANCTION", "withdraw"),
        ("Washington halted military assistance.", "SANCTION", "withdraw"),
        ("Japan did not donate the trucks.", "REJECT", "refuse"),
        ("The embassy criticised the arrests.", "ACCUSE", "word"),
        ("Xi telephoned Hun Sen.", "CONSULT", "phone"),
        ("Clinton visited Phnom Penh.", "CONSULT", "visit"),
        ("Washington lifted the ban.", "CONCEDE", "ease"),
        ("Beijing praised the premier.", "SUPPORT", "word"),
        ("It rained.", "OTHER", "none"),
    ],
)
def test_events_follow_plover(text: str, event: str, mode: str) -> None:
    assert coding.choose_event(coding.read(text, FIND))[:2] == (event, mode)


def test_every_event_and_mode_has_a_score() -> None:
    scores = coding.event_scores()
    modes = {(c.code, c.mode) for c in read_cues(coding.project.reference("events.csv"), "events", coding.EVENTS)}
    assert modes <= set(scores) and ("OTHER", "none") in scores
    assert scores["ACCUSE", "word"] == -3 and scores["AID", "give"] == 10 and scores["COERCE", "force"] == -7


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Japan gave Cambodia ten trucks.", "to_cambodia"),
        ("Cambodia thanked Japan for the trucks.", "from_cambodia"),
        ("Cambodia was given ten trucks by Japan.", "to_cambodia"),
        ("Two Cambodian officials were sanctioned by the United States.", "to_cambodia"),
        ("Japan and Cambodia exchanged notes; the two sides praised their bilateral ties.", "mutual"),
        ("Japan accused Thailand of delays in the talks on Cambodia.", "to_cambodia"),
    ],
)
def test_direction(text: str, direction: str) -> None:
    frame = coded(text)
    assert frame.loc[frame["partner"].isin(["JP", "US"]), "direction"].iloc[0] == direction


def test_levels_take_the_highest_mention() -> None:
    assert one("President Barack Obama met the Cambodian minister.", date="2012-11-19")["level"] == "L1"
    assert one("The United States gave Cambodia trucks.")["level"] == "L0"


@pytest.mark.parametrize(
    ("text", "flag", "value"),
    [
        ("Japan could lend Cambodia the money.", "hypothetical", True),
        ("Japan lent Cambodia the money in May.", "hypothetical", False),
        ("China armed the Khmer Rouge during the Khmer Rouge era.", "historical", True),
        ("On Monday China spoke of the Khmer Rouge era.", "historical", False),
        ("In 1969 the United States bombed Cambodia.", "historical", True),
        ("In 2015 the United States visited Cambodia.", "historical", False),
        ("Japan did not help Cambodia.", "negated", True),
        ("Japan helped Cambodia.", "negated", False),
    ],
)
def test_flags(text: str, flag: str, value: bool) -> None:
    assert bool(one(text)[flag]) is value


def test_tone_is_not_stance() -> None:
    found = one("Japan donated mine detectors as a gift to Cambodia after a blast had killed three poor farmers.")
    assert found["stance"] == 1 and found["tone"] < 0


# -------------------------------------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    "text",
    [
        "JAPAN DONATED TEN TRUCKS TO CAMBODIA.",
        "Japan donated ten trucks to Cambodia. " + "ប្រទេសជប៉ុន 日本 \u200b",
        "Japan " + "donated trucks and " * 5000 + "left.",
        "Japan's <script>alert(1)</script> aid.",
    ],
)
def test_strange_texts_are_coded(text: str) -> None:
    frame = coded(text)
    assert len(frame) >= 1 and frame["instrument"].iloc[0] == "GRA"


def test_nothing_to_code() -> None:
    frame = coded("It rained in Kampot.")
    assert frame.empty and set(coding.CODED) <= set(frame.columns)


def test_no_date_is_no_history() -> None:
    documents, sentences = frames("In 1969 the United States bombed Cambodia.")
    documents["date"] = pd.Series([pd.NaT], dtype="datetime64[us]")
    assert not attribution.build(documents, sentences, ["US"], READER)[1]["historical"].any()


def test_the_table_meets_its_contract_and_order_does_not_matter() -> None:
    text = "Japan lent Cambodia money. China's premier praised Hun Sen, and Washington criticised him. He was glad."
    given = frames(text, text)
    straight, turned = (
        tables.validated(attribution.build(*some, ["US", "JP", "CN"], READER)[1], "attribution/engagements.parquet")
        for some in (given, [f.sample(frac=1, random_state=7) for f in given])
    )
    pd.testing.assert_frame_equal(straight, turned)


# ------------------------------------------------------------------------------------------------------------ the models
def weight(model: str, feature: str, code: str) -> float:
    codes = {"instrument": list(coding.INSTRUMENTS), "stance": list(map(str, coding.STANCES))}[model]
    return float(coding.model_weights()[model][coding.FEATURES[model].index(feature), codes.index(code)])


def test_cues_speak_for_their_own_code() -> None:
    for code in coding.INSTRUMENTS:
        told = {
            c: weight("instrument", f"own {code}", c) + weight("instrument", f"share {code}", c)
            for c in coding.INSTRUMENTS
        }
        # The context model says most of what a cue says, so what is left need not be the most.
        assert told[code] > max(0, sum(told.values()) / len(told)), (code, told)
        said = {c: weight("instrument", f"context {code}", c) for c in coding.INSTRUMENTS}
        assert max(said, key=said.__getitem__) == code, (code, said)
    # A cue also moves the balance, so the grades are judged beside each other.
    up = {f: weight("stance", f, "1") - weight("stance", f, "-1") for f in (*coding.GRADES, "own", "title")}
    assert up["own"] > 0 < up["title"]
    assert up["good3"] > 0 > up["bad3"] and up["good2"] > up["bad2"] and up["good1"] > 0 > up["bad1"] and up["bad2"] < 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("stance,bias,0,", "stance,zeal,0,", "no row for stance, bias, 0"),
        ("stance,bias,0,", "stance,zeal,0,1,x\nstance,bias,0,", "a row of no feature, stance, zeal, 0"),
        ("stance,bias,0,", "stance,bias,0,much", "is not a number"),
    ],
)
def test_a_table_of_weights_with_a_row_wrong_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, said: str
) -> None:
    broken = project.reference("coding_weights.csv").read_text(encoding="utf-8").replace(before, after)
    (tmp_path / "coding_weights.csv").write_text(broken, encoding="utf-8")
    monkeypatch.setattr(coding.project, "reference", lambda name: tmp_path / name)
    with pytest.raises(ConfigurationError, match=rf"coding_weights\.csv.*{said}"):
        coding.model_weights()


def test_the_stance_is_the_sign_of_a_clear_expectation() -> None:
    nothing = coding.with_codes([0.0] * 14, "DIP", "OTHER")
    weights = {"stance": np.zeros((len(nothing), 3))}
    ways = np.zeros(len(coding.INSTRUMENTS))

    def chosen(*shares: float) -> int:
        return coding.choose_stance(nothing, np.concatenate([ways, np.log(shares)]), weights)

    assert chosen(1, 1, 1) == 0
    assert chosen(0.05, 0.5, 0.45) == 1 and chosen(0.45, 0.5, 0.05) == -1  # the likeliest is 0, the expectation 0.4
    assert chosen(0.3, 0.1, 0.6) == 0  # the likeliest is 1, but much speaks for -1


def test_each_voice_is_named_that_points_to_the_code_by_itself() -> None:
    names = coding.FEATURES["stance"]
    weights = {"stance": np.zeros((len(names), 3))}
    for feature, code in (("good3", 2), ("context 1", 2), ("bias", 0)):
        weights["stance"][names.index(feature), code] = 1.0
    features = [float(f in ("good3", "context 1", "bias")) for f in names]
    assert coding.voices("stance", features, np.array([0.0, 0.1, 0.0]), weights, 2) == "cues, context"
    assert coding.voices("stance", features, np.array([0.0, 0.1, 0.0]), weights, 1) == "words"
    assert coding.voices("stance", [0.0] * len(names), np.zeros(3), weights, 0) == ""  # silence points nowhere


def test_plain_words_leave_names_out() -> None:
    text = "Japanese engineers lent Kampong Cham the engineers' pumps."
    assert coding.plain_words(text, [(0, 8)]) == ("engineers", "lent", "pumps", "the")
    assert coding.plain_words("ALL IN CAPITALS") == ()


def test_words_of_a_long_text_weigh_less_each() -> None:
    table = {"loan": np.ones(len(coding.WORD_COLUMNS))}
    assert coding.word_scores(("loan",), table)[0] == 1
    assert coding.word_scores(("a", "b", "c", "loan"), table)[0] == 0.5
    assert not coding.word_scores((), table).any()


def test_words_never_seen_in_training_have_weights_by_their_meaning() -> None:
    table = coding.word_weights()
    place = {c: n for n, c in enumerate(coding.WORD_COLUMNS)}
    seen = {w for row in coding_training.practice().sentence for w in coding.plain_words(row)}
    told = [("lend", "LOA"), ("museum", "CUL"), ("vessel", "SEC"), ("tariff", "TRA")]
    for word, code in told:
        ways = table[word][: len(coding.INSTRUMENTS)]
        assert ways.argmax() == place[code], (word, dict(zip(coding.INSTRUMENTS, ways, strict=True)))
    assert len(set(table) - seen) > 5000


def test_only_the_development_half_was_used(root: Path) -> None:
    with (root / "data" / "raw" / "chronicle" / "sentences_development.csv").open(encoding="utf-8", newline="") as file:
        documents = {r["document_id"] for r in csv.DictReader(file)}
    assert documents and all(scores.split(d) == "development" for d in documents)


def test_practice_sentences_are_coded_twice_and_put_words_in_nobodys_mouth() -> None:
    given = coding_training.practice()  # refuses unknown codes
    assert given["document_id"].str.startswith("practice-").all()
    for _, document in given.groupby("document_id"):
        text = " ".join(document["sentence"])
        found = READER.read(text, [(0, len(text))], document["date"].iloc[0])[0]
        assert [m.surface for m in found.mentions if m.kind == "person"] == []


def test_the_fitted_models_beat_the_cues_alone(root: Path) -> None:
    reached = pd.read_csv(root / "data" / "reference" / "coding_training.csv")
    value = reached.set_index(["variant", "sentences_of", "target"])["value"]
    alone, words, crossed = (value[v] for v in ("cues alone", "cues and words", "cues, words and context"))
    assert (crossed > alone).all() and (words > alone).all()
    assert (crossed > words)[["development half", "practice sentences"]].all()
    # Floors below what was reached on documents not seen, to notice a list that got worse.
    assert crossed["two coders", "instrument"] >= 0.70 and crossed["two coders", "stance"] >= 0.55
    assert crossed["practice sentences", "instrument"] >= 0.65 and crossed["practice sentences", "stance"] >= 0.40


def test_the_logit_recovers_weights_of_classes() -> None:
    random = np.random.Generator(np.random.PCG64(4))
    x = random.normal(size=(3000, 2))
    true = np.array([[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    p = np.exp(x @ true)
    y = np.eye(3)[(p.cumsum(axis=1) / p.sum(axis=1, keepdims=True) < random.random((3000, 1))).sum(axis=1)]
    own = coding_training.fit_logit([x[:, :1], sparse.csr_matrix(x[:, 1:])], y, np.full(2, 1e-3))
    assert own - own.mean(axis=1, keepdims=True) == pytest.approx(true, abs=0.15)


def test_a_penalty_holds_weights_near_zero() -> None:
    x = np.eye(3)[[0, 1, 2] * 50]
    free, held = (coding_training.fit_logit([x], x, np.full(3, p)) for p in (0.1, 1000.0))
    assert (free.argmax(axis=1) == [0, 1, 2]).all() and np.abs(held).max() < 0.05 < 1 < np.abs(free).max()


def test_two_coders_who_differ_count_half_each() -> None:
    x = np.ones((3, 1))
    disputed = np.array([[1.0, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0]])  # the last coded NONE by one of them
    weights = coding_training.fit_logit([x], disputed, np.full(1, 1e-6))
    share = np.exp(weights[0]) / np.exp(weights[0]).sum()
    assert share == pytest.approx([1.5 / 2.5, 1 / 2.5, 0], abs=1e-3)


def test_what_is_fitted_is_what_is_summed() -> None:
    # `incidence` and `all_scores` must weigh each group of words alike, or the fitted weights mean something else in use.
    text = (
        "China lent money for the road. Prime Minister Hun Sen welcomed the loan. It is a large loan for a long road."
    )
    documents, sentences = frames(*[text] * 5, title="China pays for a road")
    mentions, engagements = attribution.attribute(documents, sentences, ["CN"], READER)
    some = coding.prepare(sentences, engagements, mentions, documents)
    known, table = coding_training.incidence(some)
    assert {"lent", "pays", "home minister", "loan"} <= set(known)
    random = np.random.Generator(np.random.PCG64(5)).normal(size=(len(known), len(coding.WORD_COLUMNS)))
    summed = np.array(list(coding.all_scores(some, dict(zip(known, random, strict=True)))))
    assert table @ random == pytest.approx(summed)


def test_words_are_split_by_the_best_ranked_pair_first() -> None:
    ranks = {("o", "a"): 0, ("l", "oa"): 1, ("loa", "n"): 2, ("n", "s"): 3}
    assert coding_training.byte_pairs("loans", ranks) == ["loan", "s"]
    assert coding_training.byte_pairs("xyz", ranks) == ["x", "y", "z"]


def test_another_file_than_the_pinned_vectors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.whl").write_bytes(b"PK")
    with pytest.raises(ConfigurationError, match=r"other\.whl: is not the pinned wheel"):
        coding_training.read_vectors(tmp_path / "other.whl", [])


def test_a_cue_of_one_document_is_not_trained_on() -> None:
    sentences = pd.DataFrame(
        {"document_id": ["a", "a", "b"], "text": ["a soft loan", "a soft loan and a museum", "a museum"]}
    )
    once = coding_training.seen_once(sentences)
    assert ("instruments", "soft loan") in once and not any(c.startswith("museum") for _, c in once)
    (left,) = coding.matcher(once).find("a soft loan")["instruments"]
    assert left.cue.cue == "loan"  # stands in no text by itself, so nothing says it was taken from one


def test_each_coder_gives_half_of_a_code_and_only_what_both_gave_is_scored() -> None:
    both = frozenset(["CN", "US"])
    rows = [("s1", "GRA", "GRA", 1, 1), ("s2", "GRA", "NONE", 1, 0), ("s3", "GRA", "LOA", 1, 1)]
    coded = pd.DataFrame(rows, columns=["sentence_id", "instrument_a", "instrument_b", "stance_a", "stance_b"])
    source = coding_training.TWO_CODERS
    coded = coded.assign(
        document_id="d", source=source, parties_a=[both] * 3, parties_b=[frozenset(["CN", "OTHER"])] * 3
    )
    found = coding_training.engaged(coded, ["US", "CN"])
    assert found["partner"].tolist() == ["CN"] * 3
    nothing = coding_training.Vectors({}, np.zeros((0, 1)))
    examples = coding_training.Examples(found, [], nothing, np.zeros((3, 1)))
    instruments, stances = coding_training.shares(found)
    assert instruments[:, [coding.INSTRUMENTS.index(c) for c in ("GRA", "LOA")]].tolist() == [
        [1, 0],
        [0.5, 0],
        [0.5, 0.5],
    ]
    assert stances.tolist() == [[0, 0, 1], [0, 0.5, 0.5], [0, 0, 1]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coding_training, "SOURCES", (source,))
        accuracy, alpha = coding_training.measures([("GRA", 1), ("DIP", -1), ("DIP", 1)], examples, "x")
    assert accuracy[-2:] == (1.0, 1) and alpha[-1] == 2


ACTORS = [
    (0, 5, "JP", "L0", "country", ""),
    (20, 30, "KH", "L2", "person", "Finance Minister"),
    (40, 53, "US", "L4", "organisation", "bank"),
]


def test_roles_tell_whose_actors_a_sentence_names() -> None:
    assert coding.role_words(ACTORS, "US") == (
        "home finance",
        "home minister",
        "home person L2",
        "other country L0",
        "partner bank",
        "partner organisation L4",
    )
    assert "partner country L0" in coding.role_words(ACTORS, "JP") and "other bank" in coding.role_words(ACTORS, "JP")


def test_words_nearer_to_another_party_are_left_out() -> None:
    assert coding._nearer_to_others(80, "JP", ACTORS) == [(22, 80)]
    assert coding._nearer_to_others(80, "US", ACTORS) == [(0, 22)]
    assert coding._nearer_to_others(80, "CN", ACTORS) == []  # not named: nothing is nearer to it


def test_folds_keep_documents_whole_and_are_used() -> None:
    names = [f"document-{n}" for n in range(200)]
    assert {coding_training.fold(n) for n in names} == set(range(coding_training.FOLDS))
    share = np.mean([scores.split(n) == "development" for n in names])
    assert 0.35 < share < 0.65
