"""How good a fitted model is: coherence, exclusivity, diversity, held-out likelihood, residual dispersion.

Definitions follow the packages whose numbers are compared: NPMI as gensim's `c_npmi`, exclusivity, document completion and
residual dispersion as R's stm.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import rankdata

from engagement.topics.bags import Bags

TOP = 10
WINDOW = 10
_EPSILON = 1e-12  # gensim's


def comparable(values: np.ndarray) -> np.ndarray:
    """Return the values in single precision, for comparing and ranking.

    The last bits of a double depend on the processor; an order must not.
    """
    return np.asarray(values).astype(np.float32)


def top_terms(weights: np.ndarray, n: int = TOP) -> np.ndarray:
    """Return the column numbers of each row's n largest values, ties by column (terms are in alphabetical order)."""
    return np.argsort(-comparable(weights), axis=1, kind="stable")[:, :n]


@dataclass(frozen=True)
class Windows:
    """In how many sliding windows each term, and each pair of terms, stands."""

    total: int
    together: sparse.csr_array  # terms x terms; the diagonal counts the single terms


def windows(frame: pd.DataFrame, terms: tuple[str, ...], size: int = WINDOW) -> Windows:
    """Count co-occurrence of terms in windows of `size` tokens sliding over each document, as gensim does.

    A document shorter than the window is one window. gensim (4.4, `WordOccurrenceAccumulator`) forgets a term when one
    of its tokens leaves the window even if a later token of it is still inside; published coherence values rest on
    that, so it is done here as well.

    Parameters
    ----------
    frame : tokens in their order of reading, with `document_id` and `term`; all terms must be in `terms`.
    """
    document = pd.factorize(frame["document_id"])[0]
    term = pd.Index(terms).get_indexer(frame["term"])
    length = np.bincount(document)
    begin = np.cumsum(length) - length
    position = np.arange(len(frame)) - begin[document]
    number = np.maximum(length - size + 1, 1)  # windows of each document
    first_window = np.cumsum(number) - number
    # A token enters at window `enter`; its term is counted until the first token of that term then inside leaves.
    stride = int(length.max()) + 1
    line = (document * len(terms) + term) * stride
    ordered = np.sort(line + position)
    enter = np.maximum(position - size + 1, 0)
    leaves = ordered[np.searchsorted(ordered, line + enter)] - line
    last = np.minimum(leaves, number[document] - 1)
    spans = np.maximum(last - enter + 1, 0)
    within = np.arange(int(spans.sum())) - np.repeat(np.cumsum(spans) - spans, spans)
    row = np.repeat(first_window[document] + enter, spans) + within
    present = sparse.coo_array(
        (np.ones(len(row), dtype=np.int32), (row, np.repeat(term, spans))), shape=(int(number.sum()), len(terms))
    ).tocsr()
    present.sum_duplicates()
    present.data[:] = 1
    return Windows(int(number.sum()), (present.T @ present).tocsr())


def npmi(topics: np.ndarray, seen: Windows, n: int = TOP) -> np.ndarray:
    """Return each topic's normalised pointwise mutual information, the mean over pairs of its n top terms.

    Bouma 2009; Aletras and Stevenson 2013; equal to gensim's `c_npmi` with the training texts as reference.
    """
    return np.array([_npmi_of(top, seen) for top in top_terms(topics, n)])


def _npmi_of(top: np.ndarray, seen: Windows) -> float:
    together = seen.together[top][:, top].toarray() / seen.total
    single = np.diag(together)
    a, b = np.triu_indices(len(top), k=1)
    joint = together[a, b] + _EPSILON
    return float(np.mean(np.log(joint / (single[a] * single[b])) / -np.log(joint)))


def diversity(topics: np.ndarray, n: int = TOP) -> float:
    """Return the share of different terms among all topics' n top terms (Dieng, Ruiz and Blei 2020)."""
    top = top_terms(topics, n)
    return len(np.unique(top)) / top.size


def exclusivity(topics: np.ndarray, n: int = TOP, weight: float = 0.7) -> np.ndarray:
    """Return each topic's exclusivity, from 0 to n, as stm's `exclusivity()` (Roberts et al. 2014).

    The sum over the topic's n top terms of the weighted harmonic mean of two ranks in the vocabulary: of the term's
    exclusivity to the topic (weight 0.7) and of its probability in the topic. Here the weight is that of exclusivity; in
    `labels.frex` it is that of frequency: stm names both `w`.
    """
    exclusive = topics / topics.sum(axis=0)
    ranks = [rankdata(comparable(m), axis=1) / topics.shape[1] for m in (exclusive, topics)]
    score = 1 / (weight / ranks[0] + (1 - weight) / ranks[1])
    return np.take_along_axis(score, top_terms(topics, n), axis=1).sum(axis=1)


def residual_dispersion(topics: np.ndarray, shares: np.ndarray, bags: Bags, tolerance: float = 0.01) -> float:
    """Return the residual dispersion (Taddy 2012) as stm's `checkResiduals()`; well above 1 asks for more topics.

    NaN where the degrees of freedom are not positive, as with many short documents.
    """
    total, cells = 0.0, 0
    tokens = bags.tokens.astype(float)
    for row in range(len(bags.ids)):
        expected = shares[row] @ topics
        m = tokens[row]
        cells += int(np.sum(comparable(expected * m) > np.float32(tolerance)))
        a, b = bags.counts.indptr[row], bags.counts.indptr[row + 1]
        x, q = bags.counts.data[a:b], expected[bags.counts.indices[a:b]]
        if m > 0:
            total += float(np.sum((x**2 - 2 * x * q * m) / (m * q * (1 - q))) + np.sum(m * expected / (1 - expected)))
    n, (k, v) = len(bags.ids), topics.shape
    freedom = cells - v - (n * (k - 1) + k * (v - 1))
    return total / freedom if freedom > 0 else float("nan")


@dataclass(frozen=True)
class Completion:
    """A split for document completion: `training` holds all documents, `visible` and `hidden` the halves of the tested."""

    training: Bags
    visible: Bags
    hidden: Bags


def _stream(*names: object) -> np.random.Generator:
    digest = hashlib.sha256("\n".join(map(str, names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def completion(bags: Bags, seed: int, share: float = 0.1) -> Completion:
    """Hide half of the tokens of a share of the documents, as stm's `make.heldout` (Wallach et al. 2009).

    Which documents are tested and which tokens hidden depends on the seed and the document's identifier alone, so adding
    documents leaves the choice in the others as it is. Hidden terms that occur nowhere in training are not scored.
    """
    lengths = np.diff(bags.counts.indptr)
    able = [i for i in range(len(bags.ids)) if lengths[i] >= 2]
    drawn = sorted(able, key=lambda i: hashlib.sha256(f"{seed}\n{bags.ids[i]}".encode()).digest())
    tested = sorted(drawn[: max(int(share * len(bags.ids)), 1)])
    hidden = sparse.lil_array(bags.counts.shape, dtype=np.int64)
    for i in tested:
        a, b = bags.counts.indptr[i], bags.counts.indptr[i + 1]
        tokens = np.repeat(bags.counts.indices[a:b], bags.counts.data[a:b])
        chosen = _stream("completion", seed, bags.ids[i]).permutation(len(tokens))[: len(tokens) // 2]
        for term, n in zip(*np.unique(tokens[chosen], return_counts=True), strict=True):
            hidden[i, term] = n
    hidden = hidden.tocsr()
    training = (bags.counts - hidden).tocsr()
    training.eliminate_zeros()
    known = np.asarray(training.sum(axis=0)).ravel() > 0
    scored = hidden.multiply(known[None, :].astype(np.int64)).tocsr()
    scored.eliminate_zeros()
    parts = [Bags(bags.ids, bags.terms, sparse.csr_array(m)) for m in (training, scored)]
    for part in parts:
        part.counts.sort_indices()
    order = np.array(tested)
    return Completion(parts[0], parts[0].rows(order), parts[1].rows(order))


def heldout(topics: np.ndarray, shares: np.ndarray, hidden: Bags) -> tuple[float, float]:
    """Return the log-likelihood per hidden token in nats: the mean over tokens, and the mean over documents (stm's).

    `shares` are the topic shares of the visible halves, in the rows of `hidden`.
    """
    sums, lengths = [], []
    for row in range(len(hidden.ids)):
        a, b = hidden.counts.indptr[row], hidden.counts.indptr[row + 1]
        if a == b:
            continue
        probability = shares[row] @ topics[:, hidden.counts.indices[a:b]]
        sums.append(float(np.sum(hidden.counts.data[a:b] * np.log(probability))))
        lengths.append(int(hidden.counts.data[a:b].sum()))
    if not sums:
        return float("nan"), float("nan")
    return sum(sums) / sum(lengths), float(np.mean([s / n for s, n in zip(sums, lengths, strict=True)]))
