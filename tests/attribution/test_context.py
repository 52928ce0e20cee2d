"""The context model: what it reads, that it never sees a country's name, and that its numbers are exact."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from engagement import attribution, project
from engagement.attribution import coding, context, engagements
from engagement.attribution.context import HOME_MARK as HOME
from engagement.attribution.context import OTHER_MARK as OTHER
from engagement.attribution.context import PARTNER_MARK as PARTNER
from engagement.attribution.context import Passage
from engagement.attribution.dictionary import actors
from engagement.errors import ConfigurationError
from engagement.validation import scores

VOCABULARY = {piece: n for n, piece in enumerate(["[CLS]", "[SEP]", "[UNK]", *context.MARK_PIECES])}
VOCABULARY |= {
    p: n for n, p in enumerate(["lo", "loan", "##an", "##s", "ed", "##ed", ",", "1", "##2"], len(VOCABULARY))
}
READER = attribution.reader()
# Start, end, country, level, kind, role.
ACTORS = [(0, 5, "JP", "L0", "country", ""), (11, 18, "KH", "L2", "person", "Prime Minister"), (24, 26, "", "", "", "")]


# ------------------------------------------------------------------------------------------------------------------- text
def test_names_give_way_to_whose_they_are_and_what_they_are() -> None:
    text = "Japan told Hun Sen that EU aid comes"
    assert context.masked(text, ACTORS, "JP", "KH", {}) == f"{PARTNER} told {HOME} prime minister that EU aid comes"
    assert context.masked(text, ACTORS, "CN", "KH", {}).startswith(f"{OTHER} told {HOME} ")


def test_what_an_actor_is_does_not_tell_whose() -> None:
    role = "Chinese Communist Party general secretary; naval base China built"
    assert (
        context.masked("X", [(0, 1, "CN", "L1", "person", role)], "CN", "KH", {})
        == f"{PARTNER} party general secretary"
    )
    for actor in actors(project.reference("actors.csv")):
        told = context.masked("X", [(0, 1, actor.country, "", "", actor.role)], actor.country, "KH", {})
        assert not re.search("china|chinese|japan|america|usaid|jica|state", told), actor


def test_names_of_countries_and_currencies_give_way_where_no_actor_was_found() -> None:
    masked = context.masked(
        "The Chinese giant in the South China Sea paid 5 yuan", [], "CN", "KH", {"Chinese": "CN", "China": "CN"}
    )
    assert masked == f"The {PARTNER} giant in the South {PARTNER} Sea paid 5 dollars"


def test_a_text_cannot_forge_a_mark() -> None:
    named = [(1, 6, "JP", "L0", "country", "")]
    assert context.masked(f"{PARTNER}Japan{HOME}", named, "JP", "KH", {}) == PARTNER


def passages(title: str, texts: list[str], pairs: list[tuple[int, str]]) -> list[Passage]:
    """What is read of the sentences (by place) and partners."""
    text = " ".join(texts)
    starts = [text.index(t) for t in texts]
    sentences = pd.DataFrame(
        {"sentence_id": [f"d#{n}" for n in range(len(texts))], "document_id": "d", "ordinal": range(len(texts))}
    ).assign(start=starts, text=texts, end=[s + len(t) for s, t in zip(starts, texts, strict=True)])
    document = {"document_id": "d", "date": pd.Timestamp("2016-05-02"), "date_precision": "day", "title": title}
    documents = pd.DataFrame([document | {"text": text}])
    mentions, _, titles = engagements.attribute_titles(documents, sentences, ["JP"], READER)
    wanted = pd.DataFrame([(f"d#{n}", "d", p) for n, p in pairs], columns=["sentence_id", "document_id", "partner"])
    return context.passages(sentences, wanted, mentions, documents, titles, READER.home, READER.country_names)


def test_a_passage_holds_the_two_sentences_before_and_the_opening() -> None:
    texts = ["Japan lent money.", "It rained.", "He left.", "They sang."]
    last, first = passages("Wen Jiabao and Tokyo pay", texts, [(3, "JP"), (0, "CN")])
    title = f"{OTHER} premier and {PARTNER} pay"
    assert last == Passage("They sang.", "It rained. He left.", f"{title} {PARTNER} lent money.")
    assert first == Passage(f"{OTHER} lent money.", "", f"{PARTNER} premier and {OTHER} pay")


def test_a_sentence_of_a_hundred_thousand_letters_is_cut() -> None:
    (passage,) = passages("", ["Japan lent " + "money " * 20_000], [(0, "JP")])
    assert len(passage.sentence) == context.LETTERS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Loans, loaned", ["loan", "##s", ",", "loan", "##ed"]),
        ("lóan 12", ["loan", "1", "##2"]),
        ("x loan", ["[UNK]", "loan"]),
        (f"{HOME} lo", ["[unused1]", "lo"]),
        ("", []),
    ],
)
def test_words_are_cut_into_the_longest_known_pieces(text: str, found: list[str]) -> None:
    assert context.pieces(text, VOCABULARY) == [VOCABULARY[piece] for piece in found]


@given(st.text(), st.text(), st.text())
def test_any_text_is_encoded_within_its_length(sentence: str, before: str, opening: str) -> None:
    ids = context.encoded(Passage(sentence * 50, before * 50, opening * 50), VOCABULARY)
    assert ids[0] == 0 and ids.count(1) == 3 and len(ids) <= context.LONGEST


# ---------------------------------------------------------------------------------------------------------------- network
def arrays(seed: int, width: int = 96, layers: int = 2, pieces: int = 60) -> dict[str, np.ndarray]:
    """Return a random network in floating point; its wide layer fills more than one chunk."""
    draw = np.random.Generator(np.random.PCG64(seed))

    def normal(*shape: int, spread: float = 0.2) -> np.ndarray:
        return draw.normal(0, spread, shape).astype(np.float32)

    held = {"words": normal(pieces, width), "places": normal(context.LONGEST, width), "gain": 1 + normal(width)}
    held |= {"shift": normal(width), "head.weight": normal(15, width), "head.bias": normal(context.OUTPUTS)}
    sizes = dict.fromkeys(("query", "key", "value", "out"), (width, width))
    sizes |= {"widen": (5 * width, width), "narrow": (width, 5 * width)}
    for n in range(layers):
        for name, (rows, columns) in sizes.items():
            held |= {f"{n}.{name}.weight": normal(rows, columns), f"{n}.{name}.bias": normal(rows)}
        for norm in "12":
            held |= {f"{n}.gain_{norm}": 1 + normal(width), f"{n}.shift_{norm}": normal(width)}
    return held


def plain(held: dict[str, np.ndarray], ids: list[int], layers: int = 2) -> np.ndarray:
    """Return the network's numbers as a textbook has them, in double precision."""
    held = {name: value.astype(np.float64) for name, value in held.items()}

    def norm(x: np.ndarray, gain: str, shift: str) -> np.ndarray:
        off = x - x.mean(axis=1, keepdims=True)
        return off / np.sqrt((off**2).mean(axis=1, keepdims=True) + 1e-12) * held[gain] + held[shift]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ held[f"{name}.weight"].T + held[f"{name}.bias"]

    x = norm(held["words"][ids] + held["places"][: len(ids)], "gain", "shift")
    for n in range(layers):
        parts = [np.split(linear(x, f"{n}.{name}"), context.HEADS, axis=1) for name in ("query", "key", "value")]
        attended = []
        for q, k, v in zip(*parts, strict=True):
            share = np.exp(q @ k.T / np.sqrt(q.shape[1]))
            attended.append(share / share.sum(axis=1, keepdims=True) @ v)
        x = norm(x + linear(np.hstack(attended), f"{n}.out"), f"{n}.gain_1", f"{n}.shift_1")
        wide = linear(x, f"{n}.widen")
        wide = wide / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
        x = norm(x + linear(wide, f"{n}.narrow"), f"{n}.gain_2", f"{n}.shift_2")
    return linear(x.mean(axis=0, keepdims=True), "head")[0]


def dequantised(held: dict[str, np.ndarray], small: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the network whose matrices are those of the file."""
    scaled = {
        n: small[n] * small[f"{n.removesuffix('.weight')}.scale"][:, None]
        for n in small
        if n == "words" or n.endswith(".weight")
    }
    return held | scaled


@pytest.fixture(scope="module")
def pieces() -> list[str]:
    return [*VOCABULARY, *(f"w{n}" for n in range(60 - len(VOCABULARY)))]


PASSAGE = Passage(f"{PARTNER} loaned loans, 12 lo", "loan loans loaned " * 8, f"{HOME} lo, lo, {OTHER}")


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_transformer_of_the_textbook(seed: int, pieces: list[str]) -> None:
    held = arrays(seed)
    small = context.compact(held, pieces, 2)
    found = context.read([PASSAGE], context.network(small))[0]
    ids = context.encoded(PASSAGE, VOCABULARY)
    expected = plain(dequantised(held, small), ids)
    assert found == pytest.approx(expected, abs=0.03 * np.abs(expected).max())
    # The whole numbers of the file cost little against the network as trained.
    assert found == pytest.approx(plain(held, ids), abs=0.1 * np.abs(expected).max())


def test_products_are_exact() -> None:
    draw = np.random.Generator(np.random.PCG64(2))
    whole = draw.choice([-127, 127], size=(context.CHUNK, 7)).astype(np.float32)
    x = draw.choice([-context._LEVELS, context._LEVELS], size=(5, context.CHUNK)).astype(np.float32)
    x[:, :7] = whole.T[:5, :7]
    # Rows along and against a column, where the sums are as large as they get.
    x[0], x[1] = context._LEVELS * np.sign(whole[:, 0]), -context._LEVELS * np.sign(whole[:, 0])
    ((part, scale),) = context._whole(x)
    assert (part * scale[:, None] == x).all() and np.abs(part).max() == context._LEVELS
    one = context.Matrix((whole,), np.ones(7, np.float32), np.zeros(7, np.float32))
    exact = part.astype(np.int64) @ whole.astype(np.int64)
    assert np.abs(exact).max() == context.CHUNK * 127 * context._LEVELS < 2**24
    assert (context._times([(part, np.ones(5, np.float32))], one) == exact).all()


@given(
    st.lists(st.sampled_from(["loan", "loans", "lo", ",", "12", PARTNER]), max_size=30).map(" ".join), st.integers(0, 3)
)
@settings(max_examples=25, deadline=None)
def test_numbers_do_not_depend_on_what_is_read_beside(text: str, at: int) -> None:
    network = context.network(context.compact(arrays(1), [*VOCABULARY, *(f"w{n}" for n in range(45))], 2))
    others = [Passage("loans " * n, "lo", "") for n in (1, 40, 90)]
    mine = Passage(text, "", "loan")
    together = context.read([*others[:at], mine, *others[at:]], network)[at]
    assert together.tolist() == context.read([mine], network)[0].tolist()


def test_no_multiplication_is_fused_with_an_addition() -> None:
    context.read(
        [PASSAGE], context.network(context.compact(arrays(1), [*VOCABULARY, *(f"w{n}" for n in range(45))], 2))
    )
    # `_exp` has no machine code of its own: it is part of the others.
    for loop in (context._normalise, context._bend, context._attend, context._means_of):
        fresh = njit(**{name: loop.targetoptions[name] for name in ("nogil", "error_model", "fastmath")})(loop.py_func)
        fresh.compile(loop.signatures[0])
        code, machine = (next(iter(told.values())) for told in (fresh.inspect_llvm(), fresh.inspect_asm()))
        assert not re.search("vf[n]?m(add|sub)", machine)
        assert not re.search(r"= f(add|sub|mul|div) (fast|contract|reassoc|arcp|afn|nnan|ninf|nsz)", code)


def test_e_to_the_x_is_near_and_never_runs_over() -> None:
    x = np.linspace(-80, 80, 4001, dtype=np.float32)
    found = np.array([context._exp(v) for v in x], dtype=np.float64)
    assert found == pytest.approx(np.exp(x.astype(np.float64)), rel=2e-6)
    assert context._exp(np.float32(5000)) == context._exp(np.float32(80)) < np.inf


def test_a_file_that_is_no_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context.project, "reference", lambda name: tmp_path / name)
    context.load.cache_clear()
    try:
        for content in (None, b"PK no archive", b"PK\x03\x04 cut off", b""):
            if content is not None:
                (tmp_path / context.FILE).write_bytes(content)
            with pytest.raises(
                ConfigurationError, match=r"context_model\.npz: not readable .*take it from the repository"
            ):
                context.load()
    finally:
        context.load.cache_clear()


# ----------------------------------------------------------------------------------------------------------- as published
def numbers(text: str, partner: str) -> np.ndarray:
    """Return what the published network says of a sentence and a partner."""
    return context.read(passages("", [text], [(0, partner)]))[0]


@pytest.mark.parametrize(
    "sentence", ["{} will lend Cambodia $100 million for a road.", "{} criticised Cambodia's election."]
)
def test_the_same_deed_is_read_the_same_whoever_does_it(sentence: str) -> None:
    told = {
        p: numbers(sentence.format(name), p).tolist()
        for p, name in (("US", "America"), ("JP", "Japan"), ("CN", "China"))
    }
    assert told["US"] == told["JP"] == told["CN"]


def test_the_outputs_are_the_codes() -> None:
    assert len(coding.CODES) == context.OUTPUTS


def test_no_pair_was_read_twice_and_none_of_the_test_half() -> None:
    said = pd.read_csv(project.reference("context_training.csv"), keep_default_na=False)
    assert (
        list(said) == ["sentence_id", "partner", *coding.CODES]
        and not said.duplicated(["sentence_id", "partner"]).any()
    )
    documents = {i.split("#")[0] for i in said["sentence_id"] if not i.startswith("practice-")}
    assert documents and {scores.split(d) for d in documents} == {"development"}


def test_the_published_network_reads_plain_cases() -> None:
    told = [
        ("Japan will lend Cambodia $100 million for a road.", "LOA"),
        ("Japan's navy trained with Cambodian sailors for a week.", "SEC"),
        ("Japan's tariff on Cambodian rice will be lowered.", "TRA"),
    ]
    for text, way in told:
        assert coding.INSTRUMENTS[numbers(text, "JP")[: len(coding.INSTRUMENTS)].argmax()] == way, text
