"""Fit the weights of the instrument and stance models on hand-coded sentences: `python -m engagement.attribution.coding_training`.

Only documents of the development half are used (first hex digit of the SHA-256 of the document's name below 8): the sentences that
two coders coded, where they agree, and those of `sentences_development.csv`, coded once. Writes `coding_weights.csv`, which
the pipeline reads, and `coding_training.csv`, how well the models do on documents they have not seen (nested cross-validation
by document) beside the cues alone, which need no fitting. Run the stages up to attribution first.
"""

import csv
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from engagement import project, tables
from engagement.attribution import coding
from engagement.validation.reliability import krippendorff_alpha

FOLDS = 10
INNER_FOLDS = 4
PENALTIES = (0.3, 1.0)
WORD_PENALTIES = (3.0, 6.0)
LEAST = 5  # engagements a word must stand in to be weighed
STANCES = (-1, 0, 1)


def development(document_id: str) -> bool:
    """Tell whether a document belongs to the half that may be tuned on."""
    return hashlib.sha256(document_id.encode()).hexdigest()[0] < "8"


def fold(document_id: str, folds: int = FOLDS) -> int:
    """Return the fold of a document, from its name alone."""
    return int(hashlib.sha256(f"fold {document_id}".encode()).hexdigest(), 16) % folds


def fit_instrument(
    x: np.ndarray, words: np.ndarray, y: np.ndarray, penalty: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return feature weights, instrument biases and word weights of a conditional logit with quadratic penalties.

    `x` is sentences × instruments × features, `words` sentences × words (0 or 1), `y` the place of the true instrument;
    `penalty` that of features and of words. The biases are held close to zero: another corpus mixes the instruments
    differently.
    """
    n, k, f = x.shape
    truth = np.eye(k)[y]
    held = np.concatenate([np.full(f, penalty[0]), np.full(k, 3.0), np.full(words.shape[1] * k, penalty[1])])

    def loss(t: np.ndarray) -> tuple[float, np.ndarray]:
        utility = x @ t[:f] + t[f : f + k] + words @ t[f + k :].reshape(-1, k)
        utility -= utility.max(axis=1, keepdims=True)
        p = np.exp(utility)
        p /= p.sum(axis=1, keepdims=True)
        error = p - truth
        slope = [np.einsum("nk,nkf->f", error, x), error.sum(axis=0), (words.T @ error).ravel()]
        return -np.log(p[np.arange(n), y]).sum() + held @ t**2, np.concatenate(slope) + 2 * held * t

    t = minimize(loss, np.zeros(len(held)), jac=True, method="L-BFGS-B").x
    return t[:f], t[f : f + k], t[f + k :].reshape(-1, k)


def fit_stance(x: np.ndarray, y: np.ndarray, penalty: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return weights and the two thresholds of a proportional-odds logit; `y` is −1, 0 or 1, `penalty` one per feature."""
    f = x.shape[1]

    def loss(t: np.ndarray) -> tuple[float, np.ndarray]:
        gap = np.exp(t[f + 1])
        score = x @ t[:f]
        low, high = _logistic(t[f] - score), _logistic(t[f] + gap - score)
        p = np.maximum(np.select([y == -1, y == 0], [low, high - low], 1 - high), 1e-12)
        slope_low = np.select([y == -1, y == 0], [1.0, -1.0], 0.0) * low * (1 - low) / p
        slope_high = np.select([y == 0, y == 1], [1.0, -1.0], 0.0) * high * (1 - high) / p
        both = slope_low + slope_high
        slope = np.concatenate([both @ x + 2 * penalty * t[:f], [-both.sum(), -(slope_high * gap).sum()]])
        return -np.log(p).sum() + penalty @ t[:f] ** 2, slope

    t = minimize(loss, np.concatenate([np.zeros(f), [-1.0, 0.5]]), jac=True, method="L-BFGS-B").x
    return t[:f], float(t[f]), float(t[f] + np.exp(t[f + 1]))


def _logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


Model = tuple[coding.Weights, dict[str, dict[str, float]]]


def vocabulary(rows: Sequence[coding.Features], leave_out: frozenset[str] = frozenset()) -> list[str]:
    """Return the stems that stand in at least `LEAST` of the engagements, sorted."""
    counts = Counter(w for r in rows for w in r.words)
    return sorted(w for w, n in counts.items() if n >= LEAST and w not in leave_out)


@cache
def stop_words() -> frozenset[str]:
    """Return the stems of the cleaning stage's stop words."""
    with project.reference("stop_words.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(coding.stem(next(iter(r.values())).lower()) for r in csv.DictReader(file))


def incidence(rows: Sequence[coding.Features], words: Sequence[str]) -> np.ndarray:
    """Return engagements × words: 1 where the word stands in the sentence."""
    place = {w: n for n, w in enumerate(words)}
    table = np.zeros((len(rows), len(words)))
    for n, row in enumerate(rows):
        table[n, [place[w] for w in row.words if w in place]] = 1
    return table


def instrument_model(rows: Sequence[coding.Features], y: np.ndarray, penalty: tuple[float, float]) -> Model:
    """Return the fitted instrument model as the tables the pipeline reads."""
    words = vocabulary(rows)
    w, b, m = fit_instrument(np.array([r.instrument for r in rows]), incidence(rows, words), y, penalty)
    table = {
        ("instrument", name, ""): round(float(v), 3) for name, v in zip(coding.INSTRUMENT_FEATURES, w, strict=True)
    }
    table |= {("instrument", "bias", code): round(float(v), 3) for code, v in zip(coding.INSTRUMENTS, b, strict=True)}
    return table, {
        word: {c: round(float(v), 2) for c, v in zip(coding.INSTRUMENTS, row, strict=True)}
        for word, row in zip(words, m, strict=True)
    }


def stance_model(
    rows: Sequence[coding.Features], instruments: Sequence[str], y: np.ndarray, penalty: tuple[float, float]
) -> Model:
    """Return the fitted stance model as the tables the pipeline reads; `instruments` are those the first model chose."""
    # "for" or "and" tell a writer's style rather than a stance; for the instrument "he" and "said" do tell diplomacy.
    words = vocabulary(rows, stop_words())
    own = np.array(
        [[*r.stance, *(float(i == c) for c in coding.INSTRUMENTS)] for r, i in zip(rows, instruments, strict=True)]
    )
    held = np.concatenate([np.full(own.shape[1], penalty[0]), np.full(len(words), penalty[1])])
    w, low, high = fit_stance(np.hstack([own, incidence(rows, words)]), y, held)
    names = [("stance", f, "") for f in coding.STANCE_FEATURES] + [
        ("stance", "instrument", c) for c in coding.INSTRUMENTS
    ]
    table = {name: round(float(v), 3) for name, v in zip(names, w, strict=False)}
    table |= {("stance", "threshold", "-1|0"): round(low, 3), ("stance", "threshold", "0|1"): round(high, 3)}
    return table, {word: {"stance": round(float(v), 2)} for word, v in zip(words, w[len(names) :], strict=True)}


def examples() -> pd.DataFrame:
    """Return the coded sentences of the development half: `sentence_id, document_id, partner, instrument, stance, source`.

    An instrument or stance the coders left open or dispute is missing.
    """
    from engagement.validation import align, consensus, gold

    documents = tables.read("corpus/documents.parquet")
    texts = dict(zip(documents["document_id"], documents["text"], strict=True))
    parts = tables.read("cleaning/sentences.parquet")
    engaged = tables.read("attribution/engagements.parquet")[["sentence_id", "document_id", "partner"]]
    coded = gold.sentences()
    coded = align.spans(coded[coded["document_id"].map(development)], texts, "sentences_coded.csv")
    rows = []
    placed = coded.merge(align.matched(coded, parts), on=["document_id", "ordinal"])
    for r in placed.drop_duplicates(["document_id", "ordinal"]).itertuples():
        agreed = sorted((r.parties_a & r.parties_b) & set(engaged["partner"]))
        instrument = consensus.of_values((r.instrument_a, r.instrument_b))
        stance = consensus.of_values((r.stance_a, r.stance_b))
        rows += [(r.sentence_id, r.document_id, p, instrument, stance, "two coders") for p in agreed]
    once = pd.read_csv(project.raw("chronicle") / "sentences_development.csv", keep_default_na=False)
    if not once["document_id"].map(development).all():
        raise ValueError("sentences_development.csv holds a document of the test half")
    once = align.spans(once, texts, "sentences_development.csv")
    placed = once.merge(align.matched(once, parts), on=["document_id", "ordinal"]).drop_duplicates(
        ["document_id", "ordinal"]
    )
    for r in placed.merge(engaged, on=["sentence_id", "document_id"]).itertuples():
        stance = int(r.stance) if r.stance != "" else None
        rows.append((r.sentence_id, r.document_id, r.partner, r.instrument or None, stance, "one coder"))
    return pd.DataFrame(rows, columns=["sentence_id", "document_id", "partner", "instrument", "stance", "source"])


def _places(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the true instrument's place (−1 unknown) and the stance (9 unknown)."""
    places = {c: n for n, c in enumerate(coding.INSTRUMENTS)}
    instruments = np.array([places.get(i, -1) for i in frame["instrument"]])
    stances = np.array([9 if pd.isna(v) else int(v) for v in frame["stance"]])
    return instruments, stances


Penalties = tuple[tuple[float, float], tuple[float, float]]


def fit(rows: Sequence[coding.Features], frame: pd.DataFrame, penalties: Penalties) -> Model:
    """Return the weights of both models fitted on these sentences."""
    instruments, stances = _places(frame)
    known = instruments >= 0
    weights, words = instrument_model(
        [r for r, k in zip(rows, known, strict=True) if k], instruments[known], penalties[0]
    )
    # The stance model sees what it will see in use: the chosen instrument, not the coders'.
    chosen = [coding.choose_instrument(r.instrument, r.words, weights, words) for r in rows]
    told = stances != 9
    kept = [(r, c) for r, c, k in zip(rows, chosen, told, strict=True) if k]
    more, stance_words = stance_model([r for r, _ in kept], [c for _, c in kept], stances[told], penalties[1])
    return weights | more, {w: words.get(w, {}) | stance_words.get(w, {}) for w in sorted({*words, *stance_words})}


def predicted(rows: Sequence[coding.Features], model: Model) -> list[tuple[str, int]]:
    """Return instrument and stance of each row under these weights."""
    chosen = [coding.choose_instrument(r.instrument, r.words, *model) for r in rows]
    return [
        (c, coding.choose_stance(r.stance, r.words, c, r.event[0], *model)) for r, c in zip(rows, chosen, strict=True)
    ]


def cues_alone(row: coding.Features) -> tuple[str, int]:
    """Return what the cues say without any fitted weight: the most cues win, else the previous sentence's, else the text's."""
    table = np.array(row.instrument)
    order = table[:, 0] + 1e-3 * table[:, 2] + 1e-6 * table[:, 4]
    sign = int(np.sign(round(row.own.good - row.own.bad, 6)))
    return coding.INSTRUMENTS[int(np.argmax(np.round(order, 9)))], sign


def _by_fold(
    rows: Sequence[coding.Features],
    frame: pd.DataFrame,
    penalties: Callable[[np.ndarray], Penalties],
    folds: int = FOLDS,
) -> list[tuple[str, int]]:
    """Return predictions for every row by models that never saw its document."""
    places = np.array([fold(d, folds) for d in frame["document_id"]])
    found: list[tuple[str, int] | None] = [None] * len(rows)
    for n in sorted(set(places)):
        inside = np.flatnonzero(places != n)
        model = fit([rows[i] for i in inside], frame.iloc[inside], penalties(inside))
        for i in np.flatnonzero(places == n):
            found[i] = predicted([rows[i]], model)[0]
    return [f for f in found if f is not None]


def choose_penalties(rows: Sequence[coding.Features], frame: pd.DataFrame) -> Penalties:
    """Return the penalties of both models that do best in cross-validation by document."""
    instruments, stances = _places(frame)
    reached = []
    for penalty in itertools.product(PENALTIES, WORD_PENALTIES):
        found = _by_fold(rows, frame, lambda _, p=penalty: (p, p), INNER_FOLDS)
        names = np.array([coding.INSTRUMENTS.index(i) for i, _ in found])
        right = np.mean(names[instruments >= 0] == instruments[instruments >= 0])
        told = np.array([s for _, s in found])
        distance = np.mean(np.abs(told - stances)[stances != 9])
        reached.append((round(float(right), 6), round(-float(distance), 6), penalty))
    return _strongest([(r, p) for r, _, p in reached]), _strongest([(d, p) for _, d, p in reached])


def _strongest(reached: Sequence[tuple[float, tuple[float, float]]]) -> tuple[float, float]:
    """Return the strongest penalty that does within half a point of the best: smaller differences are chance."""
    best = max(value for value, _ in reached)
    return max(penalty for value, penalty in reached if value >= best - 0.005)


def measures(found: Sequence[tuple[str, int]], frame: pd.DataFrame, variant: str) -> list[tuple]:
    """Return accuracy of the instrument and alpha of the stance, by who coded."""
    instruments, stances = _places(frame)
    rows = []
    for source in ("two coders", "one coder"):
        mine = (frame["source"] == source).to_numpy()
        known, told = mine & (instruments >= 0), mine & (stances != 9)
        right = [coding.INSTRUMENTS.index(found[i][0]) == instruments[i] for i in np.flatnonzero(known)]
        pairs = [(int(stances[i]), found[i][1]) for i in np.flatnonzero(told)]
        rows.append((variant, source, "instrument", "accuracy", round(float(np.mean(right)), 3), len(right)))
        rows.append(
            (variant, source, "stance", "alpha_ordinal", round(krippendorff_alpha(pairs, "ordinal"), 3), len(pairs))
        )
    return rows


REASONS = {
    "own": "cues in the sentence (log of one plus their weights)",
    "most": "share of the sentence's cues",
    "previous": "cues in the previous sentence",
    "title": "cues in the title",
    "rest": "share of the cues in the rest of the text",
    "bias": "how common the instrument is besides its cues",
    "good1": "number of weak good cues",
    "good2": "number of good cues",
    "good3": "number of strong good cues",
    "bad1": "number of weak bad cues",
    "bad2": "number of bad cues",
    "bad3": "number of strong bad cues",
    "partners": "several partners in one sentence",
    "instrument": "shift of the scale where this is the instrument",
    "event": "shift of the scale where this is the event",
    "threshold": "below the first the stance is -1, above the second 1",
}


def write(model: Model, reached: Sequence[tuple]) -> None:
    """Write the weights and what was reached into data/reference/."""
    weights, words = model
    with project.reference("coding_weights.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["model", "feature", "code", "weight", "reason"])
        for (model, feature, code), weight in weights.items():
            out.writerow([model, feature, code, weight + 0.0, REASONS.get(feature, "")])
    with project.reference("coding_words.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        columns = [*coding.INSTRUMENTS, "stance"]
        out.writerow(["stem", *columns])
        out.writerows([word, *(row.get(c, 0.0) + 0.0 for c in columns)] for word, row in words.items())
    with project.reference("coding_training.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["variant", "coded_by", "target", "measure", "value", "engagements"])
        out.writerows(reached)


def main() -> None:
    """Fit, cross-validate and write; prints what was reached."""
    frame = examples()
    dates = tables.read("corpus/documents.parquet")
    frame["date"] = frame["document_id"].map(dict(zip(dates["document_id"], dates["date"], strict=True)))
    mentions = tables.read("attribution/mentions.parquet")
    rows = coding.prepare(tables.read("cleaning/sentences.parquet"), frame, mentions, dates)
    nested = _by_fold(rows, frame, lambda inside: choose_penalties([rows[i] for i in inside], frame.iloc[inside]))
    reached = measures([cues_alone(r) for r in rows], frame, "cues alone")
    reached += measures(nested, frame, "fitted, nested cross-validation")
    penalties = choose_penalties(rows, frame)
    write(fit(rows, frame, penalties), reached)
    print(f"penalties {penalties}; {len(frame)} engagements of {frame['document_id'].nunique()} documents")
    for row in reached:
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
