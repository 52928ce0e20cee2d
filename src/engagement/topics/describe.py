"""What the topics are: their table, their typical texts, how they go together, and with which partner and field."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from gensim.models import LdaModel

from engagement.topics import bags as bagging
from engagement.topics import labels, quality, stability
from engagement.topics.bags import Bags, Words
from engagement.topics.fit import Fit, Settings, fit, fold_in, in_parallel, reordered, train

UNSTABLE_BELOW = 0.5  # mean share of a topic's ten top words that come back with another seed


@dataclass(frozen=True)
class Model:
    """The published model, its topics by prevalence, with the fits it was chosen from."""

    model: LdaModel
    words: Words
    bags: Bags
    shares: np.ndarray  # documents x topics
    seeds: tuple[int, ...]
    seed: int  # of the published fit: the medoid
    overlap: np.ndarray  # topics x other seeds: share of ten top words in common with the aligned topic

    @property
    def topics(self) -> np.ndarray:
        """Return the topics' distributions over terms (topics x terms)."""
        return self.model.get_topics()


def prevalence(shares: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return each topic's share of all tokens."""
    return (shares * tokens[:, None]).sum(axis=0) / tokens.sum()


def by_prevalence(topics: np.ndarray, shares: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Return the topics' numbers from the most to the least prevalent, ties by the first word."""
    first = quality.top_terms(topics, 1)[:, 0]
    return np.lexsort((first, -np.round(prevalence(shares, tokens), 9)))


def central(fits: list[Fit]) -> int:
    """Return the position of the fit most like all others."""
    mass = np.eye(len(fits))
    for a in range(len(fits)):
        for b in range(a):
            shared = stability.shared_mass(fits[a].topics, fits[b].topics)
            mass[a, b] = mass[b, a] = shared[
                np.arange(len(shared)), stability.align(fits[a].topics, fits[b].topics)
            ].mean()
    return stability.medoid(mass)


def build(words: Words, settings: Settings, seed: int, runs: int, workers: int | None = None) -> Model:
    """Fit the model from `runs` seeds, counted from `seed`, and return the one most like all others.

    Raises
    ------
    ConfigurationError
        If the corpus cannot carry that many topics.
    """
    bags = bagging.documents(words)
    bagging.check(bags, settings.num_topics)
    seeds = tuple(range(seed, seed + runs))
    # CVB0 spreads each fit over the processors by itself; starting processes would cost more than it brings.
    workers = workers or (1 if settings.inference == "cvb0" else None)
    fits = in_parallel(fit, (bags, settings), [(s,) for s in seeds], workers)
    chosen = central(fits)
    model = train(bags, settings, seeds[chosen])
    order = by_prevalence(fits[chosen].topics, fits[chosen].shares, bags.tokens)
    model = reordered(model, order)
    shares = fits[chosen].shares[:, order]
    own = (model.get_topics(), shares)
    alike = [stability.likeness(own, (f.topics, f.shares)) for i, f in enumerate(fits) if i != chosen]
    overlap = np.column_stack([a.words for a in alike]) if alike else np.ones((settings.num_topics, 0))
    return Model(model, words, bags, shares, seeds, seeds[chosen], overlap)


def published(model: Model, stored: LdaModel) -> Model:
    """Return the model as its stored copy gives it, so that tables agree with what a reader loads."""
    return replace(model, model=stored, shares=fold_in(stored, model.bags))


def numbers(model: Model, topics: pd.DataFrame) -> dict[str, float]:
    """Return the stage's headline numbers."""
    return {
        "topics": len(topics),
        "tokens": int(model.bags.tokens.sum()),
        "terms": len(model.bags.terms),
        "documents": len(model.bags.ids),
        "stability": float(topics["stability"].mean()),
        "unstable": int(topics["unstable"].sum()),
        "npmi": float(topics["npmi"].mean()),
        "diversity": quality.diversity(model.topics),
    }


def corpus_tokens(bags: Bags) -> np.ndarray:
    """Return how often each term occurs in the corpus."""
    return np.asarray(bags.counts.sum(axis=0)).ravel()


def table(model: Model, given: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return `topics/topics.csv` and a warning for each label of `topic_labels.csv` that no longer fits."""
    topics, terms, tokens = model.topics, model.bags.terms, corpus_tokens(model.bags)
    lists = {
        "words": labels.word_lists(topics, terms),
        "frex_words": labels.word_lists(labels.frex(topics, tokens), terms),
        "lift_words": labels.word_lists(labels.lift(topics, tokens), terms),
        "relevance_words": labels.word_lists(labels.relevance(topics, tokens), terms),
    }
    among = labels.word_lists(labels.frex(topics, tokens), terms, labels.AMONG)
    names, warnings = labels.labelled(among, labels.proposed(lists["frex_words"]), given)
    seen = quality.windows(model.words.frame, terms)
    stable = model.overlap.mean(axis=1) if model.overlap.size else np.full(len(topics), np.nan)
    frame = pd.DataFrame(
        {
            "topic": range(len(topics)),
            "label": names,
            "prevalence": prevalence(model.shares, model.bags.tokens),
            "npmi": quality.npmi(topics, seen),
            "exclusivity": quality.exclusivity(topics),
            "stability": stable,
            "unstable": np.round(stable, 9) < UNSTABLE_BELOW,
            "alpha": model.model.alpha,
            **lists,
        }
    )
    return frame, warnings


def top_words(model: Model, n: int = quality.TOP) -> pd.DataFrame:
    """Return each topic's n most probable words: `topic, rank, word, probability`."""
    topics = model.topics
    return pd.DataFrame(
        [
            {"topic": k, "rank": rank, "word": model.bags.terms[i], "probability": topics[k, i]}
            for k, row in enumerate(quality.top_terms(topics, n))
            for rank, i in enumerate(row, start=1)
        ]
    )


def overlap(model: Model) -> pd.DataFrame:
    """Return `topics/overlap.csv`: each topic's words that come back with each other seed."""
    others = [s for s in model.seeds if s != model.seed]
    frame = pd.DataFrame(model.overlap, columns=others).rename_axis("topic").reset_index()
    return frame.melt("topic", var_name="seed", value_name="overlap").astype({"seed": "int64"})


def share_columns(shares: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns topic_0 … topic_{K-1}."""
    return {f"topic_{k}": shares[:, k] for k in range(shares.shape[1])}


def document_topics(model: Model) -> pd.DataFrame:
    """Return `topics/document_topics.parquet`."""
    return pd.DataFrame({"document_id": model.bags.ids, **share_columns(model.shares), "tokens": model.bags.tokens})


def segment_topics(model: Model, engagements: pd.DataFrame) -> pd.DataFrame:
    """Return `topics/segment_topics.parquet`: shares of a document's sentences on one partner."""
    bags = bagging.segments(model.words, engagements, model.bags.terms)
    ids = pd.DataFrame(list(bags.ids), columns=["document_id", "partner"])
    return ids.assign(**share_columns(fold_in(model.model, bags)), tokens=bags.tokens)


def sentence_topics(model: Model, sentence_ids: pd.Series) -> pd.DataFrame:
    """Return `topics/sentence_topics.parquet`."""
    bags = bagging.sentences(model.words, sentence_ids, model.bags.terms)
    return pd.DataFrame({"sentence_id": bags.ids, **share_columns(fold_in(model.model, bags)), "tokens": bags.tokens})


def by_partner(segments: pd.DataFrame) -> pd.DataFrame:
    """Return each partner's topic shares over the tokens of its segments: `partner, topic, share`."""
    found = cross(segments.filter(regex=r"^topic_\d+$").to_numpy(), segments["tokens"].to_numpy(), segments["partner"])
    return found.rename_axis("partner").reset_index().melt("partner", var_name="topic", value_name="share")


def correlation_table(matrix: np.ndarray) -> pd.DataFrame:
    """Return `topics/correlation.csv`: each pair of topics once."""
    pairs = [(a, b, matrix[a, b]) for b in range(len(matrix)) for a in range(b)]
    return pd.DataFrame(pairs, columns=["topic_a", "topic_b", "correlation"])


def correlation(shares: np.ndarray) -> np.ndarray:
    """Return the correlation of topics over documents, of their centred log shares.

    Shares sum to 1, so raw shares correlate negatively by construction; the centred log-ratio (Aitchison 1986) takes
    most of that away.
    """
    logs = np.log(shares)
    return np.corrcoef(logs - logs.mean(axis=1, keepdims=True), rowvar=False)


def cross(shares: np.ndarray, tokens: np.ndarray, groups: pd.Series) -> pd.DataFrame:
    """Return each group's topic shares, weighted by tokens: a row per group in alphabetical order, a column per topic."""
    weighted = pd.DataFrame(shares * tokens[:, None]).groupby(groups.to_numpy()).sum()
    return weighted.div(weighted.sum(axis=1), axis=0)


def fields(sentences: pd.DataFrame, engagements: pd.DataFrame) -> pd.DataFrame:
    """Return `topics/fields.csv`: the topics of the sentences coded into each policy field.

    Parameters
    ----------
    sentences : `topics/sentence_topics.parquet`.
    engagements : `attribution/engagements.parquet`; a sentence on two partners counts once.
    """
    coded = engagements[["sentence_id", "field"]].drop_duplicates().merge(sentences, on="sentence_id")
    tokens = coded["tokens"].to_numpy()
    shares = coded.filter(regex=r"^topic_\d+$").to_numpy()
    expected = prevalence(shares, tokens)
    found = cross(shares, tokens, coded["field"])
    size = coded.groupby("field")["tokens"].sum()
    return pd.DataFrame(
        [
            {"field": field, "topic": k, "share": found.loc[field, k], "expected": expected[k], "tokens": size[field]}
            for field in found.index
            for k in found.columns
        ]
    )


def chosen_by_rule(shares: pd.Series, seed: int, name: str) -> dict[str, str]:
    """Return the text with the largest share, the one in the middle of the upper half, and one of that half by lot.

    `shares` is indexed by the texts' identifiers. The lot depends on the seed and the name alone; nobody picks by hand.
    """
    ordered = shares.rename("share").rename_axis("id").reset_index()
    ordered["share"] = quality.comparable(ordered["share"])
    ordered = ordered.sort_values(["share", "id"], ascending=[False, True], ignore_index=True)
    upper = ordered[: max((len(ordered) + 1) // 2, 1)]
    lot = int.from_bytes(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:8], "big") % len(upper)
    return {"top": upper["id"].iloc[0], "median": upper["id"].iloc[len(upper) // 2], "random": upper["id"].iloc[lot]}


def quotations(typical_: pd.DataFrame, topic: int, sentences: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Return each partner's top sentence of a topic in `typical.csv`, with text, date and source for `reporting.quotes`.

    A sentence on several partners stands once.
    """
    own = typical_[(typical_["topic"] == topic) & (typical_["rule"] == "top")].drop_duplicates("sentence_id")
    own = own.merge(sentences[["sentence_id", "document_id", "text"]], on="sentence_id")
    return own.merge(documents[["document_id", "date", "outlet", "url", "licence"]], on="document_id")


def typical(
    sentence_topics_: pd.DataFrame, engagements: pd.DataFrame, partners: list[str], seed: int, min_tokens: int = 6
) -> pd.DataFrame:
    """Return for each topic and partner three sentences chosen by rule: top, median and random.

    Of a partner's sentences with at least `min_tokens` tokens, those in which the topic is the largest are ranked by its
    share; where there are none the partner has no row. Columns `topic, partner, rule, sentence_id, share`.
    """
    shares = sentence_topics_.set_index("sentence_id").query("tokens >= @min_tokens").filter(regex=r"^topic_\d+$")
    largest = pd.Series(quality.comparable(shares).argmax(axis=1), index=shares.index)
    rows = []
    for topic in range(shares.shape[1]):
        for partner in partners:
            own = engagements.loc[engagements["partner"] == partner, "sentence_id"].drop_duplicates()
            ranked = shares.loc[largest.index[(largest == topic) & largest.index.isin(own)], f"topic_{topic}"]
            if len(ranked):
                found = chosen_by_rule(ranked, seed, f"{topic} {partner}")
                rows += [(topic, partner, rule, i, shares.loc[i, f"topic_{topic}"]) for rule, i in found.items()]
    return pd.DataFrame(rows, columns=["topic", "partner", "rule", "sentence_id", "share"])
