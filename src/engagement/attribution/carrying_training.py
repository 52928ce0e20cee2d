"""Fit the weights of the model that says which partners a sentence engages without naming them.

    python -m engagement.attribution.carrying_training

Three sources, none of them of the test half: the sentences of the development half that two coders coded, all its other
sentences (`sentences_development.csv`), and `practice_sentences.csv`, invented news on which nothing else was tuned but
some names of the dictionary.
A partner that one coder gave and the other did not is left out. Writes `carrying_weights.csv`, `carrying_words.csv` and
`carrying_training.csv`: F1 of all partners of a sentence by the rules alone, with the model, and with the context model's
answer, on documents they have not seen (cross-validation by document). Run `context_training` first.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import minimize

from engagement import figures, project, tables
from engagement.attribution import carrying, coding_training, engagements
from engagement.attribution.partners import Reader

FEATURE_PENALTY = 1.7
WORD_PENALTY = 0.15  # half or twice either penalty changed F1 in cross-validation by less than 0.003
CORPUS_WEIGHT = 3  # of a sentence of the corpus beside one of practice, of which there are several times as many
LEAST = 4  # candidates a word must stand in to have a weight


@dataclass(frozen=True)
class Case:
    """A sentence and a partner: whether coders and rules say it is engaged; features and words where it is not named."""

    document_id: str
    sentence_id: str
    partner: str
    source: str
    truth: bool
    by_rules: bool
    values: carrying.Values = ()
    words: tuple[bytes, ...] = ()


def cases(
    coded: pd.DataFrame, documents: pd.DataFrame, sentences: pd.DataFrame, partners: Sequence[str], rules: Reader
) -> list[Case]:
    """Return the cases of coded sentences; a partner only one coder gave makes none.

    Parameters
    ----------
    coded : `sentence_id, parties_a, parties_b, source`.
    documents : `document_id, date, date_precision, title, text`.
    sentences : all sentences of the documents: `sentence_id, document_id, ordinal, start, end`.
    rules : the reader.
    """
    told = {r.sentence_id: r for r in coded.itertuples()}
    held = sentences[
        sentences["document_id"].isin(set(sentences.loc[sentences["sentence_id"].isin(told), "document_id"]))
    ]
    texts = documents.set_index("document_id")
    found = []
    for document_id, group in held.sort_values(["document_id", "ordinal"]).groupby("document_id", sort=True):
        d = texts.loc[document_id]
        spans = list(zip(group["start"], group["end"], strict=True))
        day = engagements.event_day(d["date"], d["date_precision"])
        read, named, heading = rules.by_rules(d["text"], spans, day, d["title"])
        titled = frozenset(heading.engaged)
        possible = {(i, country): values for i, country, values in carrying.candidates(read, named, titled)}
        for i, (sentence, sentence_id) in enumerate(zip(read, group["sentence_id"], strict=True)):
            if sentence_id not in told:
                continue
            r = told[sentence_id]
            words = tuple(carrying.words(d["text"][sentence.start : sentence.end]))
            for partner in partners:
                given = (partner in r.parties_a) + (partner in r.parties_b)
                if given == 1:
                    continue
                case = (document_id, sentence_id, partner, r.source, given == 2, partner in sentence.engaged)
                if (i, partner) in possible:
                    found.append(Case(*case, possible[i, partner], words))
                elif given or partner in sentence.engaged:
                    found.append(Case(*case))
    return found


def examples(partners: Sequence[str]) -> list[Case]:
    """Return the cases of all three sources."""
    documents = tables.read("corpus/documents.parquet")
    corpus = coding_training.coded_of_corpus()
    sentences = tables.read("cleaning/sentences.parquet")
    practice, texts = coding_training.practice_texts()
    coded = practice.assign(source=coding_training.PRACTICE)
    return [
        *cases(corpus, documents, sentences, partners, engagements.reader(weights=False)),
        *cases(coded, texts, practice, partners, coding_training.practice_reader(weights=False)),
    ]


# ------------------------------------------------------------------------------------------------------------- the model
Fitted = tuple[dict[tuple[str, carrying.Value], float], dict[str, float]]


def fit(given: Sequence[Case]) -> Fitted:
    """Return the weights of features and of words, rounded as the pipeline reads them."""
    some = [c for c in given if c.values]
    counts = Counter(w for c in some for w in set(c.words) if w.islower())
    features = sorted({(f, v) for c in some for f, v in zip(carrying.FEATURES, c.values, strict=True)}, key=str)
    words = sorted(w for w, n in counts.items() if n >= LEAST)
    place: dict[object, int] = {name: n for n, name in enumerate([*features, *words])}
    rows, columns, values = [], [], []
    for n, case in enumerate(some):
        share = 1 / np.sqrt(len(case.words) or 1)
        held = [*((place[f], 1.0) for f in zip(carrying.FEATURES, case.values, strict=True))]
        held += [(place[w], share) for w in case.words if w in place]
        rows += [n] * len(held)
        columns += [c for c, _ in held]
        values += [v for _, v in held]
    table = sparse.csr_matrix((values, (rows, columns)), shape=(len(some), len(place)))
    truth = np.array([c.truth for c in some], dtype=float)
    penalty = np.repeat([FEATURE_PENALTY, WORD_PENALTY], [len(features), len(words)])
    weight = np.array([1 if c.source == coding_training.PRACTICE else CORPUS_WEIGHT for c in some])

    def loss(t: np.ndarray) -> tuple[float, np.ndarray]:
        utility = table @ t
        error = weight * (1 / (1 + np.exp(-utility)) - truth)
        value = weight @ (np.logaddexp(0, utility) - truth * utility) + penalty @ t**2
        return value, table.T @ error + 2 * penalty * t

    t = minimize(loss, np.zeros(len(place)), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    fitted = np.round(t, 2) + 0.0
    told = fitted[len(features) :].tolist()
    return (
        dict(zip(features, fitted[: len(features)].tolist(), strict=True)),
        {w.decode(): v for w, v in zip(words, told, strict=True) if v},
    )


def probability(case: Case, weights: carrying.Weights) -> float:
    """Return the probability that rules and model give a sentence and a partner it does not name; 1 or 0 where it names it."""
    if not case.values:
        return float(case.by_rules)
    return weights.probability(case.values, weights.of_words(case.words))


def unseen(given: Sequence[Case]) -> list[float]:
    """Return the probability of every case by models that never saw its document."""
    places = np.array([coding_training.fold(c.document_id) for c in given])
    found = [0.0] * len(given)
    for n in sorted(set(places)):
        weights = carrying.Weights(*fit([given[i] for i in np.flatnonzero(places != n)]))
        for i in np.flatnonzero(places == n):
            found[i] = probability(given[i], weights)
    return found


def decided(case: Case, probability: float) -> bool:
    """Return whether rules and model together give the sentence to the partner."""
    return probability >= (carrying.KEEP if case.by_rules else carrying.ADD)


# ----------------------------------------------------------------------------------------------------------- the context
def heard(given: Sequence[Case]) -> list[float]:
    """Return what the context model, which never saw the document, says for each case; NaN where it was not asked."""
    said = pd.read_csv(project.reference("context_training.csv"), keep_default_na=False)
    told = dict(
        zip(zip(said["sentence_id"], said["partner"], strict=True), said["engaged"] - said["aside"], strict=True)
    )
    return [told.get((c.sentence_id, c.partner), float("nan")) for c in given]


def fit_confirm(given: Sequence[Case], probabilities: Sequence[float], said: Sequence[float]) -> list[float]:
    """Return the weights of `carrying.CONFIRM` from the cases on which the context model is asked."""
    asked = [
        (math.log(p / (1 - p)), s, 1.0, c.truth, 1 if c.source == coding_training.PRACTICE else CORPUS_WEIGHT)
        for c, p, s in zip(given, np.clip(probabilities, 0.01, 0.99), said, strict=True)
        if c.values and p >= carrying.DOUBTFUL and not math.isnan(s)
    ]
    table = np.array(asked, dtype=float)
    x, truth, weight = table[:, :3], table[:, 3], table[:, 4]

    def loss(t: np.ndarray) -> float:
        utility = x @ t
        return weight @ (np.logaddexp(0, utility) - truth * utility) + t @ t

    return [round(v, 2) + 0.0 for v in minimize(loss, np.zeros(3)).x.tolist()]


def confirmed(
    given: Sequence[Case], probabilities: Sequence[float], said: Sequence[float], weights: carrying.Weights
) -> list[bool]:
    """Return whether rules, model and context together give each sentence to the partner, as `carrying.confirmed` does."""
    return [
        case.by_rules
        if not case.values
        else p >= carrying.DOUBTFUL and not math.isnan(s) and weights.confirmation(p, s) >= carrying.CONFIRMED
        for case, p, s in zip(given, probabilities, said, strict=True)
    ]


def confirmed_by_fold(given: Sequence[Case], probabilities: Sequence[float], said: Sequence[float]) -> list[bool]:
    """Return decisions for every case with weights of `carrying.CONFIRM` that were fitted without its document."""
    places = np.array([coding_training.fold(c.document_id) for c in given])
    found = [False] * len(given)
    for n in sorted(set(places)):
        inside, outside = np.flatnonzero(places != n), np.flatnonzero(places == n)
        told = fit_confirm(*([values[i] for i in inside] for values in (given, probabilities, said)))
        weights = carrying.Weights(confirm_rows(told), {})
        some = confirmed(*([values[i] for i in outside] for values in (given, probabilities, said)), weights)
        for i, decision in zip(outside, some, strict=True):
            found[i] = decision
    return found


def confirm_rows(told: Sequence[float]) -> dict[tuple[str, carrying.Value], float]:
    """Return the weights of `carrying.CONFIRM` as rows of the table of weights."""
    return {("confirm", name): weight for name, weight in zip(carrying.CONFIRM, told, strict=True)}


def measures(variant: str, given: Sequence[Case], found: Sequence[bool]) -> Iterator[tuple]:
    """Yield precision, recall and F1 by source."""
    for source in coding_training.SOURCES:
        pairs = [(c.truth, f) for c, f in zip(given, found, strict=True) if c.source == source]
        hits = sum(t and f for t, f in pairs)
        told, true = sum(f for _, f in pairs), sum(t for t, _ in pairs)
        for name, value in (("precision", hits / told), ("recall", hits / true), ("f1", 2 * hits / (told + true))):
            yield variant, source, name, round(value, 3), true


# ------------------------------------------------------------------------------------------------------------ the command
REASONS = {
    "rules": "the rule that proposes the partner, and another party the sentence names or a rule proposes; empty where none",
    "document": "whether no other state is named in more sentences; the share of the sentences naming a state, and of all, in fifths",
    "around": "sentences back to the last that names the partner, and on to the next; 0 if none does",
    "neighbours": "whether the sentences before and after name the partner alone (it), with others, or only others",
    "title": "whether the title names the partner alone, among others, or only others; and the proposing rule",
    "place": "a place or outlet of the partner in the sentence",
    "length": "characters of the sentence, in fifties",
    "confirm": "in the last word: the log-odds of the probability, what the context model says for the partner, and a constant",
}


def write(fitted: Fitted, reached: Sequence[tuple]) -> None:
    """Write the weights and what was reached into data/reference/."""
    features, words = fitted
    told = ((f, carrying.shown(v), f"{w:g}", REASONS[f]) for (f, v), w in features.items())
    coding_training.write_table("carrying_weights.csv", ("feature", "value", "weight", "reason"), told)
    heard = ((word, f"{w:g}") for word, w in words.items())
    coding_training.write_table("carrying_words.csv", ("word", "weight"), heard)
    head = ("variant", "sentences_of", "measure", "value", "engagements")
    coding_training.write_table("carrying_training.csv", head, reached)


def main() -> None:
    """Fit, cross-validate and write; prints what was reached."""
    given = examples(list(figures.style.partners()))
    probabilities, said = unseen(given), heard(given)
    reached = [*measures("rules alone", given, [c.by_rules for c in given])]
    reached += measures("rules and words", given, [decided(c, p) for c, p in zip(given, probabilities, strict=True)])
    reached += measures("rules, words and context", given, confirmed_by_fold(given, probabilities, said))
    features, words = fit(given)
    write((features | confirm_rows(fit_confirm(given, probabilities, said)), words), reached)
    print(f"{sum(bool(c.values) for c in given)} candidates of {len({c.document_id for c in given})} documents")
    for row in reached:
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
