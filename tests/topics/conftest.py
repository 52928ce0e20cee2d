"""A corpus with known topics: three subjects of eight words each, and names that say which partner a text is about."""

import numpy as np
import pandas as pd
import pytest

SUBJECTS = {
    "ships": "admiral anchor crew deck fleet harbour navy vessel",
    "loans": "bank bridge credit loan lend repay road yen",
    "votes": "ballot campaign candidate elect poll seat tally vote",
}
NAMES = {"US": "american", "JP": "japanese", "CN": "chinese"}


def planted(documents: int = 30, sentences: int = 4, words: int = 10, seed: int = 3) -> dict[str, pd.DataFrame]:
    """Return tokens, vocabulary, mentions and engagements of a generated corpus, as the earlier stages write them.

    A document has one main subject (nine words in ten) and one partner, whose name opens each sentence.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    subjects = [s.split() for s in SUBJECTS.values()]
    tokens, mentions, engagements = [], [], []
    for d in range(documents):
        partner, main, offset = list(NAMES)[d % 3], (d // 3) % 3, 0
        for s in range(sentences):
            sentence = f"doc-{d:03d}#{s:03d}"
            chosen = [main if rng.random() < 0.9 else int(rng.integers(3)) for _ in range(words)]
            row = [NAMES[partner], *[subjects[k][int(rng.integers(8))] for k in chosen]]
            for position, term in enumerate(row):
                end = offset + len(term)
                tokens.append((sentence, position, offset, end, term, term, True, term, end))
                if position == 0:
                    mentions.append((sentence, f"doc-{d:03d}", offset, end, term, partner))
                offset = end + 1
            engagements.append((sentence, f"doc-{d:03d}", partner, ["defence", "economy", "politics"][main]))
    columns = ["sentence_id", "position", "start", "end", "token", "lemma", "kept", "term", "term_end"]
    frame = pd.DataFrame(tokens, columns=columns)
    terms = sorted(frame["term"].unique())
    return {
        "tokens": frame,
        "vocabulary": pd.DataFrame({"term": terms, "documents": 9, "tokens": 9, "kept": True, "reason": ""}),
        "mentions": pd.DataFrame(
            mentions, columns=["sentence_id", "document_id", "start", "end", "surface", "country"]
        ),
        "engagements": pd.DataFrame(engagements, columns=["sentence_id", "document_id", "partner", "field"]),
    }


@pytest.fixture(scope="session")
def corpus() -> dict[str, pd.DataFrame]:
    """The planted corpus."""
    return planted()
