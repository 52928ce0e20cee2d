"""Score the whole coding, rule for rule, against everything people coded by hand."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagement.validation import agreement, align, gold, scores, units, visits
from engagement.validation.agreement import Comparison

AUTOMATIC, NAMES_ONLY, CODERS = "automatic", "names only", "coders"
CONSENSUS, EACH_OTHER = "consensus", "each other"
METHODS = {AUTOMATIC: "coded", NAMES_ONLY: "named"}  # the columns of `units.sentences` that hold their partners
METRICS = {"instrument": ["nominal"], "stance": ["nominal", "ordinal", "interval"]}  # of Krippendorff's alpha
NONE = "none"  # in the misclassification table: no compared partner


@dataclass(frozen=True)
class Material:
    """The pipeline's results to be scored."""

    documents: pd.DataFrame
    sentences: pd.DataFrame
    engagements: pd.DataFrame
    amounts: pd.DataFrame
    mentions: pd.DataFrame

    def held(self) -> list[str]:
        """Return the documents that have sentences: neither refused nor dropped as duplicates."""
        return sorted(self.sentences["document_id"].unique())


@dataclass(frozen=True)
class Rules:
    """How scores are made: partners compared, least share of a document's sentences, bootstrap samples, start of the draws."""

    partners: tuple[str, ...]
    document_share: float
    draws: int
    seed: int

    def comparison(self, target: str, unit: str, method: str, reference: str) -> Comparison:
        """Return what is compared with what, with these rules' draws."""
        return Comparison(target, unit, method, reference, self.draws, self.seed)


def rules(partners: list[str], document_share: float, draws: int, seed: int) -> Rules:
    """Return the rules of scoring; partners nobody has coded by hand are left out."""
    return Rules(tuple(p for p in partners if p in gold.CODED_PARTNERS), document_share, draws, seed)


def coded_sentences(material: Material, rules: Rules, name: str = gold.SENTENCES) -> pd.DataFrame:
    """Return the coded sentences that are in the corpus, beside the automatic coding (see `units.sentences`).

    `name` is the file of coded sentences (see `gold.sentences`).
    """
    texts = dict(zip(material.documents["document_id"], material.documents["text"], strict=True))
    here = {document_id: texts[document_id] for document_id in material.held() if document_id in texts}
    placed = align.spans(gold.sentences(name), here, name)
    return units.sentences(placed, material.sentences, material.engagements, rules.partners)


def assess(
    material: Material, coded: pd.DataFrame, further: pd.DataFrame, visited: pd.DataFrame, rules: Rules
) -> pd.DataFrame:
    """Return the agreement table: every target, method, reference, half, code and measure (see `agreement.COLUMNS`).

    `coded` and `further` are what `coded_sentences` returns for the two files of `gold.sentences`, `visited` what `visits.check` returns.
    """
    rows = [
        *_documents(material, rules),
        *_sentences(coded, rules),
        *_coding(coded, "instrument", gold.INSTRUMENTS, rules),
        *_coding(coded, "stance", gold.STANCES, rules),
        *_further(further, rules),
        *_coders(coded, rules),
        *_amounts(material, rules),
        *_checked_amounts(checked_amounts(material), rules),
        *_people(material, rules),
        *_visits(visited, rules),
    ]
    return agreement.table(rows)


def _documents(material: Material, rules: Rules) -> list[dict]:
    coded = gold.documents()
    attributed = material.engagements.groupby("sentence_id")["partner"].agg(frozenset)
    named = material.sentences.set_index("sentence_id")["text"].map(units.named)
    rows = []
    for method, sets in ((AUTOMATIC, attributed), (NAMES_ONLY, named)):
        compared = units.documents(coded, material.sentences, sets, rules.partners, rules.document_share)
        rows += agreement.of_sets(rules.comparison("partner", "document", method, "writers"), compared, rules.partners)
    return rows


def _sentences(coded: pd.DataFrame, rules: Rules) -> list[dict]:
    nothing = coded["undecided"].map(lambda _: units.NOTHING)
    references = {
        CONSENSUS: (coded["reference"], coded["undecided"]),
        "coder a": (coded["a"], nothing),
        "coder b": (coded["b"], nothing),
    }
    return _partners(coded, references, rules)


def _partners(
    coded: pd.DataFrame, references: dict[str, tuple], rules: Rules, halves: Sequence[str] = scores.SPLITS
) -> list[dict]:
    """Score the partners by each method against references, given as name: (sets, undecided sets)."""
    rows = []
    for (method, column), (name, (reference, undecided)) in itertools.product(METHODS.items(), references.items()):
        frame = coded.assign(coded=coded[column], reference=reference, undecided=undecided)
        rows += agreement.of_sets(rules.comparison("partner", "sentence", method, name), frame, rules.partners, halves)
    return rows


def _further(further: pd.DataFrame, rules: Rules) -> list[dict]:
    """Score the test documents outside the sample; all of them are of the test half."""
    name, halves = f"{CONSENSUS}{agreement.OTHER}", [scores.TEST]
    rows = _partners(further, {name: (further["reference"], further["undecided"])}, rules, halves)
    scored = further[attributed(further)]
    for target, metrics in METRICS.items():
        frame = _compared(scored, target, "reference")
        for unit, part in (("sentence", frame), ("attributed sentence", frame[_found(scored)])):
            rows += agreement.of_values(rules.comparison(target, unit, AUTOMATIC, name), part, metrics, halves)
    return rows + _coders(further, rules, f"{EACH_OTHER}{agreement.OTHER}", halves)


def attributed(coded: pd.DataFrame) -> pd.Series:
    """Return which coded sentences both coders give to a compared partner: those whose way of engaging is scored.

    A sentence the rules failed to attribute stays in, coded NONE: the score is of the whole chain.
    """
    return coded["reference"].map(bool)


def _coding(coded: pd.DataFrame, target: str, codes: tuple, rules: Rules) -> list[dict]:
    metrics = METRICS[target]
    scored = coded[attributed(coded)]
    rows = []
    for reference in ("reference", "a", "b"):
        name = CONSENSUS if reference == "reference" else f"coder {reference}"
        frame = _compared(scored, target, reference)
        what = rules.comparison(target, "sentence", AUTOMATIC, name)
        rows += agreement.of_values(what, frame, metrics)
        if reference == "reference":
            rows += _per_code(what, frame[frame["reference"].notna()], codes)
            alone = rules.comparison(target, "attributed sentence", AUTOMATIC, name)
            rows += agreement.of_values(alone, frame[_found(scored)], metrics)
    return rows


def _found(scored: pd.DataFrame) -> list[bool]:
    """Return which sentences the rules give to a partner that is the coders', too."""
    return [bool(r & c) for r, c in zip(scored["reference"], scored["coded"], strict=True)]


def _compared(scored: pd.DataFrame, target: str, reference: str) -> pd.DataFrame:
    """Return the automatic codes of a target beside those of a reference (`reference`, `a` or `b`)."""
    return scored[["document_id"]].assign(reference=scored[f"{target}_{reference}"], coded=scored[target])


def _per_code(what: Comparison, frame: pd.DataFrame, codes: tuple) -> list[dict]:
    """Return precision, recall and F1 of each code; over all codes they equal accuracy and are left out."""
    singles = frame.assign(
        reference=frame["reference"].map(lambda v: frozenset([str(v)])),
        coded=frame["coded"].map(lambda v: frozenset([str(v)])),
        undecided=[units.NOTHING] * len(frame),
    )
    return [row for row in agreement.of_sets(what, singles, [str(c) for c in codes]) if row["code"] != "all"]


def _coders(
    coded: pd.DataFrame, rules: Rules, name: str = EACH_OTHER, halves: Sequence[str] = scores.SPLITS
) -> list[dict]:
    """Return the agreement of the two coders with each other."""
    documents = coded["document_id"]

    def alphas(target: str, ratings: list[tuple], metrics: list[str], code: str = "all") -> list[dict]:
        what = rules.comparison(target, "sentence", CODERS, name)
        return agreement.of_ratings(what, documents, ratings, metrics, code, halves)

    pairs = list(zip(coded["a"], coded["b"], strict=True))
    rows = alphas("partner", pairs, ["masi", "jaccard"])
    for code in rules.partners:
        rows += alphas("partner", [(code in a, code in b) for a, b in pairs], ["nominal"], code)
    for target, metrics in METRICS.items():
        rows += alphas(target, list(zip(coded[f"{target}_a"], coded[f"{target}_b"], strict=True)), metrics)
    return rows


def _amounts(material: Material, rules: Rules) -> list[dict]:
    found = units.amounts(gold.amounts(), material.amounts, material.held())
    what = rules.comparison("amount", "amount", AUTOMATIC, "writers")
    rows = []
    for code, part in [("all", found), *found.groupby("currency")]:
        counts = part[["hits", "false_alarms", "misses"]].to_numpy(dtype=np.int64)
        rows += agreement.of_counts(what, part["document_id"], counts, code)
    return rows


def checked_amounts(material: Material) -> pd.DataFrame:
    """Return the sums read by hand beside the automatic ones (see `units.checked_amounts`)."""
    texts = dict(zip(material.documents["document_id"], material.documents["text"], strict=True))
    held = {name: texts[name] for name in material.held() if name in texts}
    placed = align.spans(gold.checked_amounts(), held, "amounts_checked.csv", repeated=True)
    return units.checked_amounts(placed, material.sentences, material.amounts)


def _checked_amounts(sums: pd.DataFrame, rules: Rules) -> list[dict]:
    true, found = sums["true"].to_numpy(), sums["found"].to_numpy()
    counts = np.column_stack([true & found, found & ~true, true & ~found]).astype(np.int64)
    rows = agreement.of_counts(
        rules.comparison("amount", "sentence", AUTOMATIC, "read by hand"), sums["document_id"], counts
    )
    both = sums[true & found]
    what = rules.comparison("giver", "amount", AUTOMATIC, "read by hand")
    return rows + agreement.of_right(what, both["document_id"], both["giver_right"].to_numpy())


def _people(material: Material, rules: Rules) -> list[dict]:
    found = units.people(gold.people(), material.mentions, material.held(), rules.partners)
    what = rules.comparison("person", "person", AUTOMATIC, "writers")
    rows = []
    for code, part in [("all", found), *found.groupby("country")]:
        hit = part["found"].to_numpy()
        counts = np.column_stack([hit, np.zeros(len(hit), dtype=bool), ~hit]).astype(np.int64)
        rows += agreement.of_counts(what, part["document_id"], counts, code)
    # The writers named some people, not all, so only recall means anything.
    return [row for row in rows if row["measure"] == "recall"]


def _visits(visited: pd.DataFrame, rules: Rules) -> list[dict]:
    """Return the recall of known visits that the corpus tells of; each visit is resampled for itself."""
    told = visited[visited["outcome"].isin([visits.FOUND, visits.MISSED])]
    hit = told["outcome"].eq(visits.FOUND).to_numpy()
    counts = np.column_stack([hit, np.zeros(len(hit), dtype=bool), ~hit]).astype(np.int64)
    names = told["person"] + told["start"].dt.strftime(" %Y-%m-%d")
    what = rules.comparison("visit", "visit", AUTOMATIC, "outside list")
    rows = agreement.of_counts(what, names, counts, halves=["all"])
    return [row for row in rows if row["measure"] == "recall"]


def misclassification(coded: pd.DataFrame, further: pd.DataFrame) -> pd.DataFrame:
    """Return how many sentences of each true set of partners were given each automatic set.

    `coded` and `further` are as for `assess`. Sentences on which two coders differ are left out. Sets are joined by semicolons;
    `none` is the empty set. Divided by its true row's total, a cell is the chance of that coding: what a correction of the
    comparisons for coding error needs.

    Returns
    -------
    `split, method, reference, true, coded, sentences, documents`.
    """
    parts = []
    for reference, frame, halves in (
        (CONSENSUS, coded, scores.SPLITS),
        (f"{CONSENSUS}{agreement.OTHER}", further, [scores.TEST]),
    ):
        decided = frame[frame["undecided"].map(len).eq(0)]
        for half, (method, column) in itertools.product(halves, METHODS.items()):
            part = decided[scores.in_split(decided["document_id"], half)]
            pairs = {"true": part["reference"].map(label), "coded": part[column].map(label)}
            cells = part.assign(split=half, method=method, reference=reference, **pairs)
            cells = cells.groupby(["split", "method", "reference", "true", "coded"])["document_id"]
            parts.append(cells.agg(sentences="size", documents="nunique").reset_index())
    return pd.concat(parts, ignore_index=True)


def label(partners: frozenset[str]) -> str:
    """Return a set of partners as one text, `CN;US`, or `none`."""
    return ";".join(sorted(partners)) or NONE


def confusion(coded: pd.DataFrame) -> pd.DataFrame:
    """Return coders' against automatic instruments: `split, true, coded, sentences`; undecided sentences are left out."""
    scored = coded[attributed(coded) & coded["instrument_reference"].notna()]
    parts = []
    for half in scores.SPLITS:
        part = scored[scores.in_split(scored["document_id"], half)]
        pairs = pd.DataFrame({"true": part["instrument_reference"].astype(str), "coded": part["instrument"]})
        parts.append(pairs.value_counts().rename("sentences").reset_index().assign(split=half))
    return pd.concat(parts, ignore_index=True)


def errors(coded: pd.DataFrame, material: Material) -> pd.DataFrame:
    """Return the development half's misattributed sentences; the test half's stay unseen, or it would test nothing.

    Returns
    -------
    `document_id, ordinal, coders, automatic, rule, text`, sorted by document and place.
    """
    wrong = coded[
        scores.in_split(coded["document_id"], "development")
        & [
            (r ^ c) - u != frozenset()
            for r, c, u in zip(coded["reference"], coded["coded"], coded["undecided"], strict=True)
        ]
    ]
    texts = dict(zip(material.documents["document_id"], material.documents["text"], strict=True))
    where = gold.sentences()
    placed = align.spans(where[where["document_id"].isin(wrong["document_id"])], texts, "sentences_coded.csv")
    pairs = align.matched(placed, material.sentences).merge(
        material.engagements[["sentence_id", "partner", "rule"]], on="sentence_id"
    )
    fired = (pairs["partner"] + ": " + pairs["rule"]).groupby([pairs["document_id"], pairs["ordinal"]])
    rules_of = fired.agg(lambda r: "; ".join(sorted(set(r))))
    keys = list(zip(wrong["document_id"], wrong["ordinal"], strict=True))
    return pd.DataFrame(
        {
            "document_id": wrong["document_id"].to_numpy(),
            "ordinal": wrong["ordinal"].to_numpy(),
            "coders": wrong["reference"].map(label).to_numpy(),
            "automatic": wrong["coded"].map(label).to_numpy(),
            "rule": [rules_of.get(key, "no rule fired") for key in keys],
            "text": wrong["sentence"].to_numpy(),
        }
    )


def developed(coded: pd.DataFrame) -> int:
    """Return how many of the coded sentences are in the development half."""
    return int(scores.in_split(coded["document_id"], "development").sum())
