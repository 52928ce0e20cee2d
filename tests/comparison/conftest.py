"""A small invented corpus in the shape of the stage's inputs."""

import numpy as np
import pandas as pd
import pytest

from engagement import comparison
from engagement.comparison.inference import generator

INSTRUMENTS = list(comparison.INSTRUMENTS)
# How often each instrument is told about each partner: pressure marks US, grants JP, investment CN.
LEAN = {
    "US": [4, 1, 2, 1, 1, 1, 2, 1, 1, 8],
    "JP": [4, 1, 9, 1, 1, 1, 2, 1, 1, 1],
    "CN": [4, 1, 2, 1, 1, 9, 2, 1, 1, 1],
}
WORDS = {"US": "rights", "JP": "bridge", "CN": "casino"}


def corpus(size: int = 150, partners: tuple[str, ...] = ("US", "JP", "CN"), outlets: int = 30, seed: int = 1) -> dict:
    """Return documents, engagements, mentions, tokens, sentences, amounts and segment topics of an invented corpus."""
    random = generator(seed, "corpus")
    documents, engagements, mentions, tokens, texts, amounts, topics = [], [], [], [], [], [], []
    for number in range(size):
        name = f"d{number:04d}"
        date = pd.Timestamp(2008 + number % 18, 1 + number % 12, 1 + number % 28)
        documents.append(
            (name, date, "day", f"Title {number}", f"outlet {number % outlets}", f"https://example.org/{number}")
        )
        told = [p for i, p in enumerate(partners) if number % len(partners) == i or number % 7 == i]
        for partner in told:
            # Documents lean to instruments of their own, so that their sentences are not independent.
            lean = random.dirichlet(np.array(LEAN.get(partner, LEAN["US"])) / 3)
            mix = random.dirichlet([3, 1, 1] if partner == "US" else [1, 3, 1] if partner == "JP" else [1, 1, 3])
            topics.append((name, partner, *mix, 30))
            for ordinal in range(4):
                sentence = f"{name}#{told.index(partner) * 4 + ordinal:03d}"
                instrument = INSTRUMENTS[random.choice(10, p=lean)]
                stance = -1 if instrument == "PRE" else 1
                level = "L1" if ordinal == 0 and number % 5 == 0 else "L3"
                event = "CONSULT" if ordinal else "OTHER"
                engagements.append(
                    (sentence, name, partner, "name", 0.95, date, instrument, "health", event, 2.5 * stance, stance)
                    + ("to_cambodia", level, number % 50 == 49, False, False)
                )
                texts.append((sentence, name, ordinal, 0, 20, f"Invented sentence {ordinal} on {partner}."))
                mentions.append((sentence, name, 0, 6, f"Leader of {partner}", f"{partner}-1", f"Leader {partner}"))
                for place, word in enumerate(["leader", WORDS.get(partner, "talk"), "cooperation", "minister"]):
                    tokens.append((sentence, place, 10 * place, 10 * place + 5, word, 10 * place + 5))
            sentence = f"{name}#{told.index(partner) * 4:03d}"
            amounts.append((sentence, name, 1, 1e6 * (1 + number), "pledge", "single", "grant", partner, False))
            amounts.append((sentence, name, 2, 1e9, "pledge", "stock", "grant", partner, False))
    frame = pd.DataFrame
    mention_columns = ["sentence_id", "document_id", "start", "end", "surface", "actor_id", "name"]
    found = {
        "documents": frame(
            documents, columns=["document_id", "date", "date_precision", "title", "outlet", "url"]
        ).assign(licence="CC BY 4.0"),
        "engagements": frame(
            engagements,
            columns=[
                "sentence_id",
                "document_id",
                "partner",
                "rule",
                "confidence",
                "date",
                "instrument",
                "field",
                "event",
            ]
            + ["score", "stance", "direction", "level", "historical", "hypothetical", "negated"],
        ),
        "mentions": frame(mentions, columns=mention_columns).assign(kind="person", level="L1", role="President"),
        "tokens": frame(tokens, columns=["sentence_id", "position", "start", "end", "term", "term_end"]),
        "sentences": frame(texts, columns=["sentence_id", "document_id", "ordinal", "start", "end", "text"]),
        "amounts": frame(
            amounts,
            columns=["sentence_id", "document_id", "start", "value_usd", "stage", "flow", "kind", "partner", "shared"],
        ),
        "segment_topics": frame(topics, columns=["document_id", "partner", "topic_0", "topic_1", "topic_2", "tokens"]),
    }
    found["mentions"]["country"] = found["mentions"]["actor_id"].str[:2]
    return found


def settings(**changes) -> comparison.Settings:
    """Return settings small enough for a test."""
    given = {"seed": 1, "draws": 200, "permutations": 499, "level": 0.95, "min_documents": 5, "min_outlets": 20}
    return comparison.Settings(**(given | changes))


@pytest.fixture(scope="session")
def invented() -> dict:
    """The invented corpus."""
    return corpus()


@pytest.fixture(scope="session")
def segments(invented) -> comparison.Segments:
    """Its segments."""
    return comparison.gather(invented["engagements"], invented["documents"], ["US", "JP", "CN"], settings())


@pytest.fixture(scope="session")
def make_corpus():
    """The factory of invented corpora."""
    return corpus


@pytest.fixture(scope="session")
def make_settings():
    """The factory of small settings."""
    return settings
