"""Fit the weights of the instrument and stance models on coded sentences.

    pip download --no-deps --only-binary :all: --platform manylinux2014_x86_64 wordllama==0.4.0.post1
    python -m engagement.attribution.coding_training wordllama-0.4.0.post1-….whl

Last of three: `context_training`, then `carrying_training`, `engagement reproduce` up to attribution, and this.

Three sources, none of them of the test half: the sentences of the development half that two coders coded; those of
`sentences_development.csv`; and `practice_sentences.csv`, invented news on which nothing else was tuned but some
names of the dictionary. A weight of a word is the sum of its own, which only training sentences can teach, and of what its
vector tells, so that words never seen in training count as their neighbours in meaning do. The vectors (WordLlama, MIT
licence) are read from the package's wheel and are needed here only: the pipeline reads the finished table. Writes
`coding_weights.csv`, `coding_words.csv` and `coding_training.csv`: how well the models do on documents they have not seen
(cross-validation by document) beside the cues alone, which need no fitting. Run the stages up to attribution first.
"""

import argparse
import csv
import hashlib
import itertools
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import minimize

from engagement import figures, project, tables
from engagement.attribution import coding, dictionary, engagements
from engagement.attribution.partners import Reader
from engagement.errors import ConfigurationError
from engagement.validation import align, gold, scores
from engagement.validation.reliability import krippendorff_alpha

FOLDS = 6
LEAST = 4  # engagements a word must stand in to have a weight of its own
# Penalties. Half or twice the first two changed what was reached in cross-validation by less than two points.
WORD_PENALTY = 0.2  # of the words' own weights
VECTOR_PENALTY = 140.0  # of the weights of the vectors' dimensions, scaled to a variance of one
INSTRUMENT_PENALTY, STANCE_PENALTY = 0.25, 1.0  # of the other features
BIAS_PENALTY = 3.0  # close to zero: another corpus mixes the instruments differently
RARE = 1e-3  # a word this frequent counts half in the vectors (Arora, Liang & Ma 2017)
WHEEL_SHA256 = "42c2c88907ace0b0681ac6f9092d6a300a6409a5d2d61071a3fb5e7159370c97"
SOURCES = TWO_CODERS, DEVELOPMENT, PRACTICE = "two coders", "development half", "practice sentences"


def fold(document_id: str) -> int:
    """Return the fold of a document, from its name alone."""
    return int(hashlib.sha256(f"fold {document_id}".encode()).hexdigest(), 16) % FOLDS


# ------------------------------------------------------------------------------------------------------------ word vectors
@dataclass(frozen=True)
class Vectors:
    """Vectors of words: where each word stands in `table` (words × dimensions), which has mean zero and longer rare words."""

    place: dict[str, int]
    table: np.ndarray

    def pooled(self, words: Sequence[str]) -> np.ndarray:
        """Return the sum of the words' vectors over the root of the number of words."""
        held = [self.place[w] for w in words if w in self.place]
        return self.table[held].sum(axis=0) / np.sqrt(max(len(words), 1))


def read_vectors(wheel: Path, texts: Sequence[Sequence[str]]) -> Vectors:
    """Return vectors of the words of the texts and of the words the wheel's tokenizer knows as one piece.

    A word of several pieces has the mean of theirs.

    Raises
    ------
    ConfigurationError
        If the file is not the wheel these weights were fitted with.
    """
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise ConfigurationError(f"{wheel}: is not the pinned wheel; download it as this module's first lines say")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read("wordllama/weights/l2_supercat_256.safetensors")
        pieces = json.loads(archive.read("wordllama/tokenizers/l2_supercat_tokenizer_config.json"))["model"]
    header = int.from_bytes(data[:8], "little")
    ((_, entry),) = [(k, v) for k, v in json.loads(data[8 : 8 + header]).items() if k != "__metadata__"]
    start, end = entry["data_offsets"]
    table = np.frombuffer(data[8 + header + start : 8 + header + end], np.float16).reshape(entry["shape"]).astype(float)
    ranks = {tuple(m.split(" ")) if isinstance(m, str) else tuple(m): n for n, m in enumerate(pieces["merges"])}
    places = pieces["vocab"]
    counts = Counter(w for text in texts for w in text)
    whole = {p[1:] for p in places if p[0] == "▁" and len(p) > 3 and p[1:].isalpha() and p[1:].isascii()}
    words = sorted({w for w in whole if w.islower()} | set(counts))
    split = [[places[p] for p in byte_pairs(f"▁{word}", ranks) if p in places] for word in words]
    vectors = np.array([table[ids].mean(axis=0) if ids else np.zeros(table.shape[1]) for ids in split])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    share = np.array([counts[w] for w in words]) / max(sum(counts.values()), 1)
    place = {w: n for n, w in enumerate(words)}
    return Vectors(place, (vectors - vectors.mean(axis=0)) * (RARE / (RARE + share))[:, None])


def byte_pairs(word: str, ranks: dict[tuple[str, ...], int]) -> list[str]:
    """Return the pieces of a word by byte-pair encoding (Sennrich, Haddow & Birch 2016): the best ranked pair joins first."""
    parts = list(word)
    while len(parts) > 1:
        pairs = [(ranks.get(pair, len(ranks)), n) for n, pair in enumerate(itertools.pairwise(parts))]
        rank, n = min(pairs)
        if rank == len(ranks):
            break
        parts[n : n + 2] = [parts[n] + parts[n + 1]]
    return parts


# ------------------------------------------------------------------------------------------------------------- the models
def fit_logit(tables: Sequence[np.ndarray | sparse.csr_matrix], truth: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Return the weights (features × classes) of a multinomial logit with quadratic penalties.

    `tables` are rows × features, side by side, `truth` rows × classes: what share of the coders gave each class; a row whose
    shares sum to a half counts half. `penalty` is one number per feature.
    """
    k = truth.shape[1]
    ends = np.cumsum([0, *(table.shape[1] for table in tables)])
    counted = truth.sum(axis=1, keepdims=True)
    held = np.repeat(penalty, k)

    def loss(t: np.ndarray) -> tuple[float, np.ndarray]:
        weights = t.reshape(-1, k)
        utility = sum(table @ weights[a:b] for table, a, b in zip(tables, ends, ends[1:], strict=False))
        utility -= utility.max(axis=1, keepdims=True)
        p = np.exp(utility)
        total = p.sum(axis=1, keepdims=True)
        error = counted * p / total - truth
        slope = np.concatenate([(table.T @ error).ravel() for table in tables])
        return (truth * (np.log(total) - utility)).sum() + held @ t**2, slope + 2 * held * t

    t = minimize(loss, np.zeros(len(held)), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    return t.reshape(-1, k)


Model = tuple[coding.Weights, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Examples:
    """Coded engagements (columns `COLUMNS`), their features, and the vectors of words, by word and pooled by row."""

    frame: pd.DataFrame
    rows: list[coding.Features]
    vectors: Vectors
    pooled: np.ndarray

    def at(self, places: np.ndarray) -> "Examples":
        """Return some of them."""
        return Examples(self.frame.iloc[places], [self.rows[i] for i in places], self.vectors, self.pooled[places])


def shares(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of the two coders who gave each instrument, and each stance (rows × codes); NONE is no code."""

    def of(name: str, codes: Sequence) -> np.ndarray:
        given = frame[[f"{name}_a", f"{name}_b"]].to_numpy()
        return np.array([[(row == code).mean() for code in codes] for row in given])

    return of("instrument", coding.INSTRUMENTS), of("stance", coding.STANCES)


def incidence(rows: Sequence[coding.Features]) -> tuple[list[str], sparse.csr_matrix]:
    """Return the words and roles that stand in at least `LEAST` sentences or titles, and their weight in each row.

    A row sums each group of its words (`Features.word_groups`) over the root of their number.
    """
    counts = Counter(w for r in rows for w in {*r.words, *r.roles, *r.title_words})
    known = sorted(w for w, n in counts.items() if n >= LEAST)
    place = {w: n for n, w in enumerate(known)}
    at, columns, values = [], [], []
    for n, row in enumerate(rows):
        for words, weight in row.word_groups():
            held = [place[w] for w in words if w in place]
            at += [n] * len(held)
            columns += held
            values += [weight / np.sqrt(max(len(words), 1))] * len(held)
    # What stands in two groups of a row is summed.
    return known, sparse.csr_matrix((values, (at, columns)), shape=(len(rows), len(known)))


def _fit(
    given: Examples, features: np.ndarray, truth: np.ndarray, penalty: float
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the weights of the features, of which the last is the bias (features × classes), and those of every word."""
    known, table = incidence(given.rows)
    scale = float(given.pooled.std())
    first = features.shape[1]
    sizes = [first - 1, 1, len(known), given.pooled.shape[1]]
    penalties = np.repeat([penalty, BIAS_PENALTY, WORD_PENALTY, VECTOR_PENALTY], sizes)
    weights = fit_logit([features, table, given.pooled / scale], truth, penalties)
    told = given.vectors.table @ weights[first + len(known) :] / scale
    words = {w: told[n] for w, n in given.vectors.place.items()}
    for w, more in zip(known, weights[first : first + len(known)], strict=True):
        words[w] = words.get(w, 0.0) + more
    return weights[:first], words


def fit(given: Examples) -> Model:
    """Return the weights of both models, rounded as the pipeline reads them."""
    instruments, stances = shares(given.frame)
    known = np.flatnonzero(instruments.any(axis=1))
    some = given.at(known)
    features = np.array([r.instrument for r in some.rows])
    own, ways = _fit(some, features, instruments[known], INSTRUMENT_PENALTY)
    weights = {"instrument": np.round(own, 3) + 0.0}
    # The stance model sees what it will see in use: the chosen instrument, not the coders'.
    table = {w: np.concatenate([v, np.zeros(len(coding.STANCES))]) for w, v in ways.items()}
    all_words = coding.all_scores(given.rows, table)
    chosen = [
        coding.choose_instrument(r.instrument, words, weights) for r, words in zip(given.rows, all_words, strict=True)
    ]
    features = np.array([coding.with_codes(r.stance, c, r.event[0]) for r, c in zip(given.rows, chosen, strict=True)])
    own, terms = _fit(given, features, stances, STANCE_PENALTY)
    weights["stance"] = np.round(own, 3) + 0.0
    none = np.zeros(len(coding.INSTRUMENTS))
    zero = np.zeros(len(coding.STANCES))
    table = {w: np.concatenate([ways.get(w, none), terms.get(w, zero)]) for w in sorted({*ways, *terms})}
    return weights, {w: np.round(v, 2) + 0.0 for w, v in table.items()}


def predicted(rows: Sequence[coding.Features], model: Model) -> list[tuple[str, int]]:
    """Return instrument and stance of each row under these weights."""
    weights, table = model
    found = []
    for row, words in zip(rows, coding.all_scores(rows, table), strict=True):
        way = coding.choose_instrument(row.instrument, words, weights)
        features = coding.with_codes(row.stance, way, row.event[0])
        found.append((way, coding.choose_stance(features, words, weights)))
    return found


def cues_alone(row: coding.Features) -> tuple[str, int]:
    """Return what the cues say without any fitted weight: the most cues win, else the previous sentence's, else the text's."""
    table = np.array(row.instrument[: 5 * len(coding.INSTRUMENTS)]).reshape(len(coding.INSTRUMENTS), -1)
    order = table[:, 0] + 1e-3 * table[:, 2] + 1e-6 * table[:, 4]
    sign = int(np.sign(round(row.own.good - row.own.bad, 6)))
    return coding.INSTRUMENTS[int(np.argmax(np.round(order, 9)))], sign


# ------------------------------------------------------------------------------------------------------------- the examples
CODED = ["instrument_a", "instrument_b", "stance_a", "stance_b"]
COLUMNS = ["sentence_id", "document_id", "partner", *CODED, "source"]


def engaged(coded: pd.DataFrame, partners: Sequence[str]) -> pd.DataFrame:
    """Return the engagements (columns `COLUMNS`) of coded sentences: of the partners both coders gave, with each one's codes.

    `coded` : `sentence_id, document_id, source`, and per coder a and b parties, instrument, stance.
    """
    among = set(partners)
    both = [sorted(a & b & among) for a, b in zip(coded["parties_a"], coded["parties_b"], strict=True)]
    return coded.assign(partner=both).explode("partner").dropna(subset="partner")[COLUMNS].reset_index(drop=True)


def seen_once(sentences: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the cues (lexicon, cue) that stand in the sentences of one document only.

    The lists were written with development sentences in view. A cue of one document may have been taken from it, and then
    tells its code better than any cue tells that of a fresh text; so the models are fitted without it.
    """
    find = coding.matcher()
    places: dict[tuple[str, str], set[str]] = {}
    for document_id, text in zip(sentences["document_id"], sentences["text"], strict=True):
        for name, hits in find.find(text).items():
            for hit in hits:
                places.setdefault((name, hit.cue.cue), set()).add(document_id)
    return {cue for cue, documents in places.items() if len(documents) == 1}


def coded_of_corpus() -> pd.DataFrame:
    """Return the coded sentences of the development half, placed in the corpus: `sentence_id, document_id`, codes, source."""
    documents = tables.read("corpus/documents.parquet")
    texts = dict(zip(documents["document_id"], documents["text"], strict=True))
    parts = tables.read("cleaning/sentences.parquet")
    frames = []
    for name, source in ((gold.SENTENCES, TWO_CODERS), (gold.DEVELOPMENT, DEVELOPMENT)):
        coded = gold.sentences(name)
        half = scores.in_split(coded["document_id"], "development")
        if source == DEVELOPMENT and not half.all():
            raise ConfigurationError(f"{name} holds a document of the test half; take it out")
        coded = align.spans(coded[half], texts, name)
        placed = coded.merge(align.matched(coded, parts), on=["document_id", "ordinal"])
        frames.append(placed.drop_duplicates(["document_id", "ordinal"]).assign(source=source))
    return pd.concat(frames, ignore_index=True)


def of_corpus(partners: Sequence[str]) -> tuple[pd.DataFrame, list[coding.Features]]:
    """Return the coded engagements of the development half with their features (columns `COLUMNS`)."""
    documents = tables.read("corpus/documents.parquet")
    parts = tables.read("cleaning/sentences.parquet")
    frame = engaged(coded_of_corpus(), partners)
    own = parts[scores.in_split(parts["document_id"], "development")]
    find = coding.matcher(seen_once(own))
    return frame, coding.prepare(own, frame, tables.read("attribution/mentions.parquet"), documents, find)


def practice() -> pd.DataFrame:
    """Return the practice sentences with their date and title, coded by coders a and b (see `gold.coded_twice`)."""
    return gold.coded_twice(project.reference("practice_sentences.csv"), ("date", "title"))


def practice_reader(weights: bool = True) -> Reader:
    """Return a reader that also knows the people of the practice sentences: `USN1` stands for some holder of an office."""
    with project.reference("practice_people.csv").open(encoding="utf-8", newline="") as file:
        people = [
            dictionary.Actor(r["name"], r["country"], "person", r["name"], (), r["role"], r["level"], "", "", "", "no")
            for r in csv.DictReader(file)
        ]
    return engagements.reader(weights=weights, others=people)


def practice_texts() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the practice sentences as the cleaning stage would (and their codes), and their documents."""
    given = practice().rename(columns={"sentence": "text"})
    given["sentence_id"] = given["document_id"] + "#" + given["ordinal"].map("{:03d}".format)
    # A text is its sentences, a space between them.
    length = given["text"].str.len() + 1
    given["start"] = length.groupby(given["document_id"]).cumsum() - length
    given["end"] = given["start"] + length - 1
    texts = given.groupby("document_id", sort=True).agg(
        date=("date", "first"), title=("title", "first"), text=("text", " ".join)
    )
    return given, texts.reset_index().assign(date=lambda f: pd.to_datetime(f["date"]), date_precision="day")


def of_practice(partners: Sequence[str]) -> tuple[pd.DataFrame, list[coding.Features]]:
    """Return the practice engagements with their features."""
    given, documents = practice_texts()
    mentions, _ = engagements.attribute(documents, given, partners, practice_reader())
    frame = engaged(given.assign(source=PRACTICE), partners)
    return frame, coding.prepare(given, frame, mentions, documents)


def engagements_of(partners: Sequence[str]) -> tuple[pd.DataFrame, list[coding.Features]]:
    """Return all coded engagements, corpus and practice, with their features."""
    (corpus, rows), (practice, more) = of_corpus(partners), of_practice(partners)
    return pd.concat([corpus, practice], ignore_index=True), [*rows, *more]


def said_unseen(frame: pd.DataFrame) -> np.ndarray:
    """Return what the context model says of each engagement (rows × codes): from a network that never saw its document.

    Raises
    ------
    ConfigurationError
        If `context_training.csv` lacks one of them.
    """
    keys = ["sentence_id", "partner"]
    held = pd.read_csv(project.reference("context_training.csv"), keep_default_na=False)
    said = frame[keys].merge(held, how="left", on=keys, validate="many_to_one")
    if said.isna().any(axis=None):
        raise ConfigurationError(
            "data/reference/context_training.csv: of other engagements; run context_training first"
        )
    return said[list(coding.WORD_COLUMNS)].to_numpy()


def examples(wheel: Path, partners: Sequence[str]) -> Examples:
    """Return all coded engagements with their features, but those of the context model, and the vectors of their words."""
    frame, rows = engagements_of(partners)
    texts = {r.document_id: r.text_words for r in rows}
    vectors = read_vectors(wheel, [texts[d] for d in sorted(texts)])
    pool = cache(vectors.pooled)  # a document's words pool once
    pooled = np.array([sum(weight * pool(words) for words, weight in r.word_groups()) for r in rows])
    return Examples(frame, rows, vectors, pooled)


# ------------------------------------------------------------------------------------------------------- cross-validation
def by_fold(given: Examples) -> list[tuple[str, int]]:
    """Return predictions for every row by models that never saw its document."""
    places = np.array([fold(d) for d in given.frame["document_id"]])
    found: list[tuple[str, int]] = [("", 0)] * len(given.rows)
    for n in sorted(set(places)):
        model = fit(given.at(np.flatnonzero(places != n)))
        outside = np.flatnonzero(places == n)
        for i, codes in zip(outside, predicted(given.at(outside).rows, model), strict=True):
            found[i] = codes
    return found


def measures(found: Sequence[tuple[str, int]], given: Examples, variant: str) -> list[tuple]:
    """Return accuracy of the instrument and alpha of the stance where both coders agree, by source."""
    instruments, stances = shares(given.frame)
    rows = []
    for source in SOURCES:
        mine = (given.frame["source"] == source).to_numpy()
        agreed = np.flatnonzero(mine & (instruments == 1).any(axis=1))
        right = [found[i][0] == coding.INSTRUMENTS[instruments[i].argmax()] for i in agreed]
        told = np.flatnonzero(mine & (stances == 1).any(axis=1))
        pairs = [(coding.STANCES[stances[i].argmax()], found[i][1]) for i in told]
        rows.append((variant, source, "instrument", "accuracy", round(float(np.mean(right)), 3), len(right)))
        rows.append(
            (variant, source, "stance", "alpha_ordinal", round(krippendorff_alpha(pairs, "ordinal"), 3), len(pairs))
        )
    return rows


# ------------------------------------------------------------------------------------------------------------ the command
REASONS = {
    "own": "cues in the sentence (instrument: log of one plus their weights; stance: balance of good and bad)",
    "share": "share of the sentence's cues",
    "previous": "cues in the previous sentence",
    "title": "cues in the title",
    "rest": "share of the cues in the rest of the text",
    "context": "what the context model says for this code",
    "bias": "how common the code is besides its cues",
    "good1": "number of weak good cues",
    "good2": "number of good cues",
    "good3": "number of strong good cues",
    "bad1": "number of weak bad cues",
    "bad2": "number of bad cues",
    "bad3": "number of strong bad cues",
    "partners": "several partners in one sentence",
    "instrument": "where this is the instrument",
    "event": "where this is the event",
}


def write_table(name: str, head: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Write a table into data/reference/."""
    with project.reference(name).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(head)
        out.writerows(rows)


def write(model: Model, reached: Sequence[tuple]) -> None:
    """Write the weights and what was reached."""
    weights, words = model
    told = [
        (name, feature, code, weight, REASONS[feature.split()[0]])
        for name, codes in (("instrument", coding.INSTRUMENTS), ("stance", coding.STANCES))
        for feature, row in zip(coding.FEATURES[name], weights[name].tolist(), strict=True)
        for code, weight in zip(codes, row, strict=True)
    ]
    write_table("coding_weights.csv", ("model", "feature", "code", "weight", "reason"), told)
    heard = ([word, *(f"{v:g}" for v in row)] for word, row in words.items() if np.abs(row).max() > 0)
    write_table("coding_words.csv", ("word", *coding.WORD_COLUMNS), heard)
    head = ("variant", "sentences_of", "target", "measure", "value", "engagements")
    write_table("coding_training.csv", head, reached)


def main() -> None:
    """Cross-validate with and without the context model, fit and write; prints what was reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="the wheel with the word vectors")
    given = examples(parser.parse_args().wheel, list(figures.style.partners()))
    said = said_unseen(given.frame)
    deaf, full = (replace(given, rows=coding.heard(given.rows, numbers)) for numbers in (0 * said, said))
    reached = measures([cues_alone(r) for r in given.rows], given, "cues alone")
    reached += measures(by_fold(deaf), given, "cues and words")
    reached += measures(by_fold(full), given, "cues, words and context")
    write(fit(full), reached)
    print(f"{len(given.frame)} engagements of {given.frame['document_id'].nunique()} documents")
    for row in reached:
        print(*row, sep=" | ")


if __name__ == "__main__":
    main()
