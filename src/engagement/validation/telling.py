"""The figures to reach, beside what was reached: for the notebook's first table and the README."""

import pandas as pd

from engagement import project, reporting
from engagement.validation import scores
from engagement.validation.agreement import OTHER

# What is asked of the coding, on the half of the documents that no rule was tuned on.
_PARTNER = {"target": "partner", "method": "automatic", "measure": "f1"}
_SENTENCE = {"unit": "sentence", "reference": "consensus"}
SENTENCES = [
    ("Partner of the sentence, F1", _PARTNER | _SENTENCE, 0.94),
    *[
        (f"Partner of the sentence, F1: {code}", _PARTNER | _SENTENCE | {"code": code}, 0.92)
        for code in ("US", "JP", "CN")
    ],
    (
        "Partner of the sentence, F1, from country names alone",
        _PARTNER | _SENTENCE | {"method": "names only"},
        float("nan"),
    ),
    ("Instrument, accuracy", _SENTENCE | {"target": "instrument", "measure": "accuracy"}, 0.75),
    (
        "Instrument, accuracy where a right partner was found",
        _SENTENCE | {"unit": "attributed sentence", "target": "instrument", "measure": "accuracy"},
        float("nan"),
    ),
    (
        "Stance, Krippendorff's alpha (ordinal)",
        _SENTENCE | {"target": "stance", "measure": "alpha_ordinal"},
        0.65,
    ),
]
# The same on all other documents of the test half: many more sentences, so narrower intervals. Nothing is asked of them.
_OTHER_NAME = " (all other test documents)"
FURTHER = [
    (f"{name}{_OTHER_NAME}", chosen | {"reference": f"{chosen['reference']}{OTHER}"}, float("nan"))
    for name, chosen, _ in SENTENCES
]
TARGETS: list[tuple[str, dict[str, str], float]] = [
    ("Partner of the document, F1", _PARTNER | {"unit": "document"}, 0.97),
    *SENTENCES,
    *FURTHER,
    (
        "Amounts read by hand (both halves), found with value and currency",
        {"target": "amount", "unit": "sentence", "measure": "recall", "split": "all"},
        0.97,
    ),
    (
        "Amounts found in the same sentences, right (both halves)",
        {"target": "amount", "unit": "sentence", "measure": "precision", "split": "all"},
        0.97,
    ),
    ("Giver of these amounts, right (both halves)", {"target": "giver", "measure": "accuracy", "split": "all"}, 0.92),
    (
        "Amounts named by the writers, found",
        {"target": "amount", "unit": "amount", "measure": "recall"},
        float("nan"),
    ),
    (
        "Known visits found, of those the corpus tells of (both halves)",
        {"target": "visit", "measure": "recall", "split": "all"},
        1.0,
    ),
]


def summary(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return what was reached for each figure to reach, on the test half unless it has none.

    `agreement` is `validation/agreement.csv`; a figure that was not measured has no row.

    Returns
    -------
    `target, reached, reach` (NaN: reported only)`, met` (yes, no or empty)`, low, high, n, split`.
    """
    rows = []
    for name, chosen, reach in TARGETS:
        where = {"code": "all", "split": "test"} | chosen
        found = agreement
        for column, value in where.items():
            found = found[found[column] == value]
        if found.empty:
            continue
        row = found.iloc[0]
        met = "" if pd.isna(reach) else "yes" if round(row["value"], 6) >= reach else "no"
        rows.append((name, row["value"], reach, met, row["low"], row["high"], row["n"], row["split"]))
    return pd.DataFrame(rows, columns=["target", "reached", "reach", "met", "low", "high", "n", "split"])


def halves(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return each figure on the half the rules were tuned on and on the other; a gap tells how much was learnt by heart.

    Returns
    -------
    `target, development, test, gap` (development less test)`, n` (of the test half).
    """
    rows = []
    for name, chosen, _ in TARGETS:
        where = {"code": "all"} | {k: v for k, v in chosen.items() if k != "split"}
        found = agreement
        for column, value in where.items():
            found = found[found[column] == value]
        by = found.set_index("split")
        if {"development", "test"} <= set(by.index):
            tuned, fresh = by.loc["development", "value"], by.loc["test", "value"]
            rows.append((name.replace(" (both halves)", ""), tuned, fresh, tuned - fresh, by.loc["test", "n"]))
    return pd.DataFrame(rows, columns=["target", "development", "test", "gap", "n"])


def answer(reached: pd.DataFrame) -> None:
    """Say in prose how far the coding reaches what is asked of it (`reached` as from `summary`)."""
    asked = reached[reached["met"] != ""]
    below = asked[asked["met"] == "no"]
    first = reached.set_index("target")
    reporting.say(
        "On documents no rule was tuned on, the partner of a sentence is right with F1 {rules:.2f} ({low:.2f} to {high:.2f}), where "
        "country names alone reach {names:.2f}; {met} of {asked} figures asked for are reached.",
        rules=first.loc["Partner of the sentence, F1", "reached"],
        low=first.loc["Partner of the sentence, F1", "low"],
        high=first.loc["Partner of the sentence, F1", "high"],
        names=first.loc["Partner of the sentence, F1, from country names alone", "reached"],
        met=len(asked) - len(below),
        asked=len(asked),
    )
    if len(below):
        short = [f"{row.target} {row.reached:.3f} ({row.reach:.2f})" for row in below.itertuples()]
        reporting.say("Not reached, with what was asked in brackets: {short}.", short="; ".join(short))


def partner_table(agreement: pd.DataFrame, half: str = "all") -> pd.DataFrame:
    """Return precision, recall and F1 of the partner of the sentence by method, reference and code."""
    part = agreement[
        (agreement["target"] == "partner") & (agreement["unit"] == "sentence") & (agreement["split"] == half)
    ]
    part = part[part["measure"].isin(["precision", "recall", "f1"])]
    wide = part.pivot_table(index=["method", "reference", "code"], columns="measure", values="value", sort=True)
    return wide[["precision", "recall", "f1"]].reset_index()


def models() -> pd.DataFrame:
    """Return what the fitted models reached on documents they had not seen, beside the rules or cues alone.

    From `carrying_training.csv` and `coding_training.csv`, which the training writes (cross-validation by document).

    Returns
    -------
    `target, sentences_of, alone, with_words, with_context, n`.
    """
    partner = pd.read_csv(project.reference("carrying_training.csv")).query("measure == 'f1'").assign(target="partner")
    told = pd.concat([partner, pd.read_csv(project.reference("coding_training.csv"))], ignore_index=True)
    column = (
        told["variant"].str.split().str[-1].map({"alone": "alone", "words": "with_words", "context": "with_context"})
    )
    names = {"f1": "F1", "accuracy": "accuracy", "alpha_ordinal": "alpha (ordinal)"}
    told = told.assign(target=told["target"] + ", " + told["measure"].map(names), column=column)
    keys = ["target", "sentences_of"]
    n = told[told["column"] == "with_words"].set_index(keys)["engagements"].rename("n")
    table = told.pivot(index=keys, columns="column", values="value").join(n)
    order = told[keys].drop_duplicates()
    return table.loc[list(order.itertuples(index=False, name=None))].reset_index()[
        [*keys, "alone", "with_words", "with_context", "n"]
    ]


def alphas(agreement: pd.DataFrame, half: str = "all", of: str = "") -> pd.DataFrame:
    """Return Krippendorff's alpha with its interval: of the coders, and of the rules with their consensus.

    `of` is `agreement.OTHER` for the test documents outside the sample.
    """
    part = agreement[agreement["measure"].str.startswith("alpha_") & (agreement["split"] == half)]
    part = part[part["reference"].isin([f"each other{of}", f"consensus{of}"]) & (part["unit"] == "sentence")]
    part = part.assign(metric=part["measure"].str.removeprefix("alpha_"))
    return part[["target", "code", "metric", "method", "n", "value", "low", "high"]].sort_values(
        ["target", "code", "metric", "method"], ignore_index=True
    )


def matrix(
    misclassification: pd.DataFrame, method: str = "automatic", half: str = "all", reference: str = "consensus"
) -> pd.DataFrame:
    """Return sentences by true set of partners (rows) and automatic set (columns)."""
    part = misclassification[misclassification["method"].eq(method) & misclassification["split"].eq(half)]
    part = part[part["reference"].eq(reference)]
    wide = part.pivot_table(index="true", columns="coded", values="sentences", aggfunc="sum", fill_value=0)
    return wide.reset_index().rename(columns={"true": "coders"}).rename_axis(columns=None)


def count_bias(agreement: pd.DataFrame, half: str = "all") -> pd.DataFrame:
    """Return how many sentences each method gives a partner per sentence the coders give it, with its interval."""
    part = agreement[
        (agreement["target"] == "partner")
        & (agreement["unit"] == "sentence")
        & (agreement["split"] == half)
        & (agreement["reference"] == "consensus")
        & (agreement["measure"] == "count_ratio")
    ]
    return part[["method", "code", "n", "value", "low", "high"]].reset_index(drop=True)


def tell_amounts(sums: pd.DataFrame) -> None:
    """Say how many sums read by hand were found, how many others, and how often the giver is right."""
    found = sums[sums["true"] & sums["found"]]
    reporting.say(
        "Of {n} sums read by hand in {documents} documents {found} were found with value and currency, and {more} that are none; the "
        "giver is right for {right:.0%} of those found, and missing for {missing:.0%}.",
        n=int(sums["true"].sum()),
        documents=sums["document_id"].nunique(),
        found=len(found),
        more=int((~sums["true"]).sum()),
        right=found["giver_right"].mean(),
        missing=(~found["giver_right"] & found["found_givers"].map(len).eq(0)).mean(),
    )


def wrong_givers(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the development half's sums whose giver is wrong or that only one side found; never the test half's."""
    shown = sums[scores.in_split(sums["document_id"], "development") & ~sums["giver_right"]]
    givers = {
        name: shown[c].map(lambda g: ";".join(sorted(g))) for name, c in (("read", "givers"), ("found", "found_givers"))
    }
    amount = [
        f"{r.currency} {r.low:,.0f}" + ("" if r.low == r.high else f" to {r.high:,.0f}") for r in shown.itertuples()
    ]
    return pd.DataFrame(
        {
            "document": shown["document_id"],
            "amount": amount,
            "giver read": givers["read"],
            "giver found": givers["found"],
            "sentence": shown["sentence"],
        }
    )


def tell_visits(visited: pd.DataFrame) -> None:
    """Say how many known visits were found, missed, absent from the corpus or outside its span."""
    counts = visited["outcome"].value_counts()
    reporting.say(
        "Of {n} known visits {found} are found and {missed} missed; no document tells of {absent}, and {outside} lie outside the "
        "corpus's span.",
        n=len(visited),
        **{name: int(counts.get(name, 0)) for name in ("found", "missed", "absent", "outside")},
    )


def tell_coverage(covered: pd.DataFrame) -> None:
    """Say how far intervals hold, what they would be if sentences were independent, and how much contrasts shrink."""
    largest = covered[covered["documents"] == covered["documents"].max()].set_index(["quantity", "kind", "method"])
    topic = largest.loc[("topic share", "difference", "by outlet")]
    instrument = largest.loc[("instrument share", "difference", "by outlet")]
    naive = largest.loc[("instrument share", "difference", "by sentence")]
    reporting.say(
        "With {n} documents, 95% intervals of differences between partners hold the truth in {instrument:.1%} of cases for "
        "instruments and {topic:.1%} for topics; intervals that took sentences as independent would hold it in {naive:.1%}.",
        n=int(covered["documents"].max()),
        instrument=instrument["coverage"],
        topic=topic["coverage"],
        naive=naive["coverage"],
    )
    reporting.say(
        "Differences between partners' topic shares come out at {slope:.0%} (± {error:.0%}) of their true size: texts of few words "
        "are drawn towards the topics' overall shares. Contrasts of topics are therefore understated rather than invented; contrasts "
        "of instruments are not ({other:.0%}).",
        slope=topic["slope"],
        error=1.96 * topic["slope_error"],
        other=instrument["slope"],
    )


def headline(
    reached: pd.DataFrame, recovery: pd.DataFrame, coverage: pd.DataFrame, num_topics: int
) -> dict[str, float]:
    """Return the stage's headline numbers for `metrics.json`; a figure that was not measured is left out."""
    names = {
        "Partner of the document, F1": "partner_document_f1",
        "Partner of the sentence, F1": "partner_sentence_f1",
        "Partner of the sentence, F1: US": "partner_sentence_f1_US",
        "Partner of the sentence, F1: JP": "partner_sentence_f1_JP",
        "Partner of the sentence, F1: CN": "partner_sentence_f1_CN",
        "Partner of the sentence, F1, from country names alone": "partner_sentence_f1_names_only",
        "Instrument, accuracy": "instrument_accuracy",
        "Instrument, accuracy where a right partner was found": "instrument_accuracy_found",
        "Stance, Krippendorff's alpha (ordinal)": "stance_alpha",
        "Amounts read by hand (both halves), found with value and currency": "amount_recall",
        "Amounts found in the same sentences, right (both halves)": "amount_precision",
        "Giver of these amounts, right (both halves)": "giver_accuracy",
        "Amounts named by the writers, found": "amount_recall_writers",
        "Known visits found, of those the corpus tells of (both halves)": "visit_recall",
    }
    names |= {f"{name}{_OTHER_NAME}": f"{names[name]}_further" for name, *_ in SENTENCES}
    numbers = {names[row.target]: float(row.reached) for row in reached.itertuples() if pd.notna(row.reached)}
    own = recovery[(recovery["num_topics"] == num_topics) & (recovery["length_factor"] == 1)]
    if len(own):
        numbers["recovery_cosine"] = float(own["cosine"].median())
    for row in coverage[coverage["method"] == "by outlet"].groupby(["quantity", "kind"])["coverage"].mean().items():
        (quantity, kind), value = row
        numbers[f"coverage_{quantity.replace(' ', '_')}_{kind}"] = float(value)
    shrunk = coverage.query("quantity == 'topic share' and kind == 'difference' and method == 'by outlet'")
    if len(shrunk):
        numbers["topic_contrast_slope"] = float(shrunk.sort_values("documents")["slope"].iloc[-1])
    return numbers
