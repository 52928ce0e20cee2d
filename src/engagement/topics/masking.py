"""What masking names changes: the published model beside the one that sees, or does not see, names."""

import numpy as np
import pandas as pd

from engagement.topics import describe, labels, quality
from engagement.topics.describe import Model

PERMUTATIONS = 200


def joint(model: Model, engagements: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Return the expected tokens of each topic in each segment (segments x topics), and the segments' partners."""
    frame = describe.segment_topics(model, engagements)
    return frame.filter(regex=r"^topic_\d+$").to_numpy() * frame["tokens"].to_numpy()[:, None], frame["partner"]


def bits(tokens: np.ndarray, groups: np.ndarray) -> float:
    """Return the mutual information, in bits, of the topic and the group of a token.

    0 if topics say nothing about the group; at most the entropy of the groups.

    Parameters
    ----------
    tokens : expected tokens of each topic in each text (texts x topics).
    groups : the group of each text.
    """
    member = groups[:, None] == np.unique(groups)[None, :]
    table = member.T.astype(float) @ tokens
    table /= table.sum()
    apart = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    inside = table > 0
    return float((table[inside] * np.log2(table[inside] / apart[inside])).sum())


def partner_bits(model: Model, engagements: pd.DataFrame, seed: int) -> tuple[float, float]:
    """Return the information topics hold about the partner, in bits, and what chance alone would give.

    A table filled at random holds some information too, the more so the smaller the corpus: the second number is the mean
    over permutations of the partners between segments.
    """
    tokens, partner = joint(model, engagements)
    rng = np.random.Generator(np.random.PCG64(seed))
    codes = partner.to_numpy().astype(str)
    chance = [bits(tokens, rng.permutation(codes)) for _ in range(PERMUTATIONS)]
    return bits(tokens, codes), float(np.mean(chance))


def row(model: Model, engagements: pd.DataFrame, names: str, seed: int) -> dict:
    """Return one row of `topics/masking.csv`."""
    found, chance = partner_bits(model, engagements, seed)
    seen = quality.windows(model.words.frame, model.bags.terms)
    return {
        "names": names,
        "terms": len(model.bags.terms),
        "tokens": int(model.bags.tokens.sum()),
        "npmi": float(quality.npmi(model.topics, seen).mean()),
        "diversity": quality.diversity(model.topics),
        "stability": float(model.overlap.mean()),
        "partner_bits": found,
        "chance_bits": chance,
    }


def composition(model: Model, engagements: pd.DataFrame, names: str) -> pd.DataFrame:
    """Return the partners' shares of each topic's tokens, each partner weighted equally.

    Columns `names, topic, words, partner, share`; were topics about subjects alone, each share would be near one over
    the number of partners.
    """
    tokens, partner = joint(model, engagements)
    by_partner = pd.DataFrame(tokens).groupby(partner.to_numpy()).sum()
    equal = by_partner.div(by_partner.sum(axis=1), axis=0)
    shares = equal / equal.sum(axis=0)
    words = labels.word_lists(labels.frex(model.topics, describe.corpus_tokens(model.bags)), model.bags.terms, 4)
    return pd.DataFrame(
        [
            {"names": names, "topic": k, "words": words[k], "partner": code, "share": shares.loc[code, k]}
            for k in range(len(words))
            for code in shares.index
        ]
    )


def compositions(models: dict[bool, Model], engagements: pd.DataFrame) -> pd.DataFrame:
    """Return `composition` of both models; the dictionary says for each whether names are masked."""
    return pd.concat(
        [composition(models[m], engagements, "masked" if m else "kept") for m in (False, True)], ignore_index=True
    )
