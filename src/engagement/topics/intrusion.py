"""Do readers recognise the topics? Tasks for people, and their scores.

Four tasks, the first three with the rules of R's oolong (Chan and Sältzer 2020):

- `word`: five top words of a topic and one intruder; which word does not belong? (Chang et al. 2009)
- `topic`: a document, its three largest topics and one of its smallest; which topic does not belong? (Chang et al. 2009)
- `set`: three sets of four top words of one topic and one set of another; which set does not belong? (Ying et al. 2022)
- `label`: a document typical of one topic and four labels; which fits best? (Ying et al. 2022, "optimal label")
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
import numpy as np
import pandas as pd
from scipy.stats import binomtest, combine_pvalues

from engagement.errors import ConfigurationError
from engagement.topics import quality
from engagement.validation.reliability import krippendorff_alpha

TASKS = {
    "word": "Which word does not belong with the others?",
    "set": "Which group of words does not belong with the others?",
    "topic": "Which group of words does not belong with the text?",
    "label": "Which label fits the text best?",
}
OPTIONS = [f"option_{i}" for i in range(1, 7)]
WORDS_SHOWN, BELOW, SET_WORDS, SET_SIZE, LABEL_WORDS, RANDOM_CODERS = 5, 0.6, 20, 4, 8, 1500
SHEET_COLUMNS = ["item", "task", "question", "text", *OPTIONS]
KEY_COLUMNS = ["item", "task", "topic", "right", "options", "theta", "fingerprint"]


@dataclass(frozen=True)
class Material:
    """What the tasks are made of; texts and shares of the documents in the same order."""

    topics: np.ndarray  # topics x terms
    terms: tuple[str, ...]
    labels: tuple[str, ...]
    texts: tuple[str, ...]
    shares: np.ndarray  # documents x topics
    seed: int


def _random(material: Material, *names: object) -> np.random.Generator:
    digest = hashlib.sha256("\n".join(map(str, (material.seed, *names))).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def _words(material: Material, topic: int, n: int) -> list[str]:
    return [material.terms[i].replace("_", " ") for i in quality.top_terms(material.topics[[topic]], n)[0]]


def _item(task: str, topic: int, text: str, options: list[str], right: int, rng, theta: Sequence[float] = ()) -> dict:
    """Return one item with its options in random order; `right` is the place of the right one before."""
    order = rng.permutation(len(options))
    return {
        "task": task,
        "topic": topic,
        "question": TASKS[task],
        "text": text,
        "shown": [options[i] for i in order],
        "right": int(np.flatnonzero(order == right)[0]) + 1,
        "theta": [float(theta[i]) for i in order] if len(theta) else [],
    }


def word_items(material: Material, intruder: str = "rare") -> list[dict]:
    """Return one word intrusion item per topic.

    `rare` draws the intruder from the topic's words below the 60th percentile of its ranks, as oolong does; `other` from
    those of them that are among the ten top words of another topic, as Chang et al. do, which is harder for the coder to tell
    by the word's rareness alone.
    """
    items = []
    for topic in range(len(material.topics)):
        rng = _random(material, "word", topic)
        ranked = quality.top_terms(material.topics[[topic]], len(material.terms))[0]
        below = ranked[max(math.ceil((1 - BELOW) * len(ranked)), WORDS_SHOWN) :]
        if intruder == "other":
            others = np.delete(np.arange(len(material.topics)), topic)
            high = np.unique(quality.top_terms(material.topics[others]))
            below = below[np.isin(below, high)] if np.isin(below, high).any() else below
        stranger = material.terms[below[int(rng.integers(len(below)))]].replace("_", " ")
        items.append(_item("word", topic, "", [*_words(material, topic, WORDS_SHOWN), stranger], WORDS_SHOWN, rng))
    return items


def set_items(material: Material) -> list[dict]:
    """Return one word set intrusion item per topic (R4WSI)."""
    items = []
    for topic in range(len(material.topics)):
        rng = _random(material, "set", topic)
        other = int(rng.choice(np.delete(np.arange(len(material.topics)), topic)))
        own = rng.permutation(_words(material, topic, SET_WORDS))[: 3 * SET_SIZE].reshape(3, SET_SIZE)
        foreign = [w for w in _words(material, other, SET_WORDS) if w not in _words(material, topic, SET_WORDS)]
        if len(foreign) >= SET_SIZE:
            sets = [*own, rng.permutation(foreign)[:SET_SIZE]]
            items.append(_item("set", topic, "", [", ".join(s) for s in sets], 3, rng))
    return items


def topic_items(material: Material, n: int) -> list[dict]:
    """Return n topic intrusion items: documents drawn at random, the intruder from the lower half of their topics."""
    rng = _random(material, "topic")
    items = []
    for document in np.sort(rng.permutation(len(material.texts))[:n]):
        ranked = np.argsort(-quality.comparable(material.shares[document]), kind="stable")
        low = ranked[max(len(ranked) // 2, 3) :]
        shown = [*ranked[:3], int(rng.choice(low))]
        options = [", ".join(_words(material, int(k), LABEL_WORDS)) for k in shown]
        theta = material.shares[document, shown]
        items.append(_item("topic", int(shown[3]), material.texts[document], options, 3, rng, theta))
    return items


def label_items(material: Material, per_topic: int = 2) -> list[dict]:
    """Return label items: for each topic documents drawn from the ten in which its share is largest."""
    items = []
    for topic in range(len(material.topics)):
        rng = _random(material, "label", topic)
        top = np.argsort(-quality.comparable(material.shares[:, topic]), kind="stable")[:10]
        for document in rng.permutation(top)[:per_topic]:
            others = [k for k in range(len(material.labels)) if material.labels[k] != material.labels[topic]]
            drawn = rng.permutation(others)[:3]
            options = [material.labels[topic], *(material.labels[int(k)] for k in drawn)]
            items.append(_item("label", topic, material.texts[document], options, 0, rng))
    return items


def export(material: Material, documents: int, intruder: str = "rare") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sheet for coders and the key that scores it.

    Items of one task follow each other, their topics in random order. Nothing in the sheet tells the answer or the topic.

    Raises
    ------
    ConfigurationError
        If there are fewer than four topics: a task needs three to show and one intruder.
    """
    if len(material.topics) < 4:
        raise ConfigurationError(
            f"params.yaml: topics.num_topics: {len(material.topics)} topics make no intrusion task; use at least 4"
        )
    sheet, key = [], []
    mark = fingerprint(material)
    made = {
        "word": word_items(material, intruder),
        "set": set_items(material),
        "topic": topic_items(material, documents),
        "label": label_items(material),
    }
    for task, items in made.items():
        for place in _random(material, "order", task).permutation(len(items)):
            item = items[place]
            shown = item.pop("shown")
            row = {"item": len(sheet) + 1, "task": task}
            sheet.append(row | item | dict(zip(OPTIONS, shown + [""] * (len(OPTIONS) - len(shown)), strict=True)))
            theta = " ".join(f"{t:.6g}" for t in item["theta"])
            key.append(row | item | {"options": len(shown), "theta": theta, "fingerprint": mark})
    return pd.DataFrame(sheet)[SHEET_COLUMNS], pd.DataFrame(key)[KEY_COLUMNS]


def to_html(sheet: pd.DataFrame, key: pd.DataFrame) -> str:
    """Return the sheet as one page that needs no network and saves the answers as CSV; whatever comes from a text is
    escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("engagement.topics", "."), autoescape=True, undefined=jinja2.StrictUndefined
    )
    items = [row | {"options": [row[o] for o in OPTIONS if row[o]]} for row in sheet.to_dict("records")]
    return environment.get_template("tasks.html.j2").render(items=items, fingerprint=key["fingerprint"].iloc[0])


def fingerprint(material: Material) -> str:
    """Return twelve characters that stand for this model's topics; answers to another model's tasks are refused."""
    tops = "\n".join(" ".join(_words(material, k, quality.TOP)) for k in range(len(material.topics)))
    return hashlib.sha256(f"{material.seed}\n{tops}".encode()).hexdigest()[:12]


def checked(answers: pd.DataFrame, key: pd.DataFrame, file: str) -> pd.DataFrame:
    """Return one coder's answers joined to the key: `item, task, topic, right, options, theta, answer`; blanks left out.

    Raises
    ------
    ConfigurationError
        With file and row, if a column is missing, an item is unknown or answered twice, an answer is no number of an
        option, or the answers belong to another model's tasks.
    """
    for column in ("item", "answer", "fingerprint"):
        if column not in answers:
            raise ConfigurationError(f"{file}, row 1: no column {column!r}; send back the file that the page saved")
    by_item = key.set_index("item")
    seen: set[int] = set()
    rows = []
    for number, row in enumerate(answers.itertuples(), start=2):
        if not str(row.answer).strip():
            continue
        where = f"{file}, row {number}"
        if row.fingerprint != by_item["fingerprint"].iloc[0]:
            raise ConfigurationError(f"{where}: answers to another model's tasks; import them with that model's key")
        item = int(row.item) if str(row.item).isdigit() else -1
        if item not in by_item.index or item in seen:
            raise ConfigurationError(f"{where}: item {row.item!r} is unknown or answered twice; keep one row per item")
        seen.add(item)
        known = by_item.loc[item]
        if not str(row.answer).isdigit() or not 1 <= int(row.answer) <= known["options"]:
            raise ConfigurationError(f"{where}: answer {row.answer!r} is no option; use 1 to {known['options']}")
        rows.append({"item": item, **known.to_dict(), "answer": int(row.answer)})
    return pd.DataFrame(rows, columns=[*KEY_COLUMNS, "answer"])


def log_odds(row: pd.Series) -> float:
    """Return the topic log odds of one answer: log share of the true intruder less that of the chosen; 0 is best."""
    theta = [float(t) for t in row["theta"].split()]
    return math.log(theta[row["right"] - 1]) - math.log(theta[row["answer"] - 1])


def random_log_odds(items: pd.DataFrame, seed: int) -> np.ndarray:
    """Return the median topic log odds of 1,500 coders who choose at random."""
    rng = np.random.Generator(np.random.PCG64(seed))
    options = [
        np.log(float(row.theta.split()[row.right - 1])) - np.log([float(t) for t in row.theta.split()])
        for row in items.itertuples()
    ]
    return np.median([[rng.choice(odds) for odds in options] for _ in range(RANDOM_CODERS)], axis=1)


def scores(coders: dict[str, pd.DataFrame], seed: int) -> pd.DataFrame:
    """Return the scores of each task.

    Columns
    -------
    task, coders, answers : how many.
    precision : share of right answers (model precision).
    chance : the share that guessing would give.
    p : one-sided binomial test against chance per coder, pooled over coders by Fisher's method, as oolong does.
    alpha_right : Krippendorff's alpha of right and wrong (oolong's).
    alpha_answer : Krippendorff's alpha of the options chosen.
    log_odds, log_odds_p : median topic log odds, and the share of random coders whose median is at least as high;
        empty but for `topic`.
    """
    everything = pd.concat([frame.assign(coder=name) for name, frame in sorted(coders.items())], ignore_index=True)
    rows = []
    for task in [t for t in TASKS if t in set(everything["task"])]:
        own = everything[everything["task"] == task]
        right = own["answer"] == own["right"]
        chance = float((1 / own["options"]).mean())
        each = [
            binomtest(int(g.sum()), len(g), chance, alternative="greater").pvalue
            for _, g in right.groupby(own["coder"])
        ]
        row = {
            "task": task,
            "coders": own["coder"].nunique(),
            "answers": len(own),
            "precision": float(right.mean()),
            "chance": chance,
            "p": float(combine_pvalues(each, method="fisher").pvalue),
            "alpha_right": krippendorff_alpha(_ratings(own.assign(value=right))),
            "alpha_answer": krippendorff_alpha(_ratings(own.assign(value=own["answer"]))),
            "log_odds": float("nan"),
            "log_odds_p": float("nan"),
        }
        if task == "topic":
            row["log_odds"] = float(own.apply(log_odds, axis=1).median())
            drawn = random_log_odds(own.drop_duplicates("item"), seed)
            row["log_odds_p"] = float(np.mean(np.round(drawn, 9) >= round(row["log_odds"], 9)))
        rows.append(row)
    return pd.DataFrame(rows)


def _ratings(own: pd.DataFrame) -> list[list]:
    """Return a row per item and a cell per coder; None where a coder did not answer."""
    wide = own.pivot(index="item", columns="coder", values="value").astype(object)
    return [[None if pd.isna(v) else v for v in row] for row in wide.to_numpy()]


def by_topic(coders: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the share of right answers per topic over the tasks about that topic: `topic, answers, precision`."""
    everything = pd.concat(coders.values(), ignore_index=True).query("task != 'topic'")
    right = (everything["answer"] == everything["right"]).groupby(everything["topic"])
    return pd.DataFrame({"answers": right.size(), "precision": right.mean()}).rename_axis("topic").reset_index()
