"""Compiled loops of `CollapsedLda`; `docs/collapsed-lda.md` sets the equations beside them.

Three rules make the results the same bits on any x86-64 processor and with any number of threads:

- only + − × ÷, comparisons and integer operations, each correctly rounded and none fused (no fast-math);
- every sum over topics has `LANES` independent partial sums that are added in one written order, so the compiler may
  use vector instructions of any width without changing a result;
- a call handles a range of documents or of blocks of words on its own; nothing is added across calls except by the
  caller, over blocks whose size does not depend on the number of threads.

Arrays over topics are padded with zeros to a multiple of `LANES`. Cells are the (document, word) pairs of the corpus:
cell c stands for `count[c]` tokens of `word[c]`, which share one row `gamma[c]` of responsibilities.
"""

import numpy as np
from numba import njit

LANES = 8
# Documents or words per block: the unit of work of a thread and of the partial sums that the caller adds up.
BLOCK = 64
# Tokens of one cell that are taken one by one when alpha is learned; further ones go in growing blocks.
SINGLE = 32

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TINY = np.float32(1e-12)
_ZERO = np.float32(0)
_ONE = np.float32(1)


def compiled(function):
    """Compile on first use and keep the machine code on disk where a folder for it can be written.

    numba looks beside the source, in the user's cache folder and in `NUMBA_CACHE_DIR`; its key holds the processor's
    name and features, so code for one processor is never run on another.
    """
    options = {"nogil": True, "error_model": "numpy", "fastmath": False, "boundscheck": False}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to write
        return njit(**options)(function)


@compiled
def mixed(state):
    """Return the output function of splitmix64 (Steele, Lea and Flood 2014) for a counter."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@compiled
def start(first, last, pointer, word, key, topics, gamma):
    """Fill `gamma` with responsibilities proportional to u³, u uniform and drawn from the document's key and the word.

    The cube makes a few topics stand out in each cell, enough to break the symmetry between topics.
    """
    for d in range(first, last):
        for c in range(pointer[d], pointer[d + 1]):
            counter = mixed(key[d] + _GOLDEN * np.uint64(word[c] + 1))
            total = 0.0
            for k in range(topics):
                counter += _GOLDEN
                uniform = np.float64(mixed(counter) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
                cube = np.float32(uniform * uniform * uniform)
                gamma[c, k] = cube
                total += np.float64(cube)
            scale = np.float32(1.0 / total) if total > 0.0 else _ZERO
            for k in range(topics):
                gamma[c, k] = gamma[c, k] * scale if total > 0.0 else np.float32(1.0 / topics)


@compiled
def lane_sum(values):
    """Return the sum of a padded float32 vector: eight partial sums, then one fixed tree."""
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = _ZERO
    for b in range(values.shape[0] // LANES):
        k = b * LANES
        a0 += values[k]
        a1 += values[k + 1]
        a2 += values[k + 2]
        a3 += values[k + 3]
        a4 += values[k + 4]
        a5 += values[k + 5]
        a6 += values[k + 6]
        a7 += values[k + 7]
    return ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7))


@compiled
def sweep(first, last, pointer, word, count, gamma, weights, totals, alpha, document_counts):
    """Update the responsibilities of documents first to last once, in place (CVB0, Asuncion et al. 2009, eq. 9).

    `weights` is the topic-word count plus eta (words x topics) and `totals` its sum over words, both frozen during the
    sweep; the document's own counts follow each cell. One token of the cell, `gamma[c]`, is left out of all three.
    """
    width = gamma.shape[1]
    new = np.empty(width, np.float32)
    own = np.empty(width, np.float32)
    for d in range(first, last):
        own[:] = _ZERO
        for c in range(pointer[d], pointer[d + 1]):
            tokens = count[c]
            old = gamma[c]
            for k in range(width):
                own[k] += tokens * old[k]
        for c in range(pointer[d], pointer[d + 1]):
            tokens = count[c]
            given = weights[word[c]]
            old = gamma[c]
            for k in range(width):
                left_out = old[k]
                # Rounding may leave a difference just below zero where the cell is all there is.
                document = own[k] - left_out
                document = (document if document > _ZERO else _ZERO) + alpha[k]
                topic = given[k] - left_out
                topic = topic if topic > _TINY else _TINY
                new[k] = document * topic / (totals[k] - left_out)
            scale = _ONE / lane_sum(new)
            for k in range(width):
                value = new[k] * scale
                own[k] += tokens * (value - old[k])
                old[k] = value
        for k in range(width):
            document_counts[d, k] = own[k]


@compiled
def collect(first, last, pointer, cell, count, gamma, eta, counts, weights, totals, change):
    """Recount topics over words for the blocks first to last, each word's cells in the order of documents.

    Writes `counts` (words x topics, float64), `weights` = counts + eta (float32), and per block `totals` (the sum of
    weights) and `change` (the sum of absolute changes of counts).
    """
    words, width = counts.shape
    row = np.empty(width, np.float64)
    for block in range(first, last):
        totals[block, :] = 0.0
        moved = 0.0
        for w in range(block * BLOCK, min((block + 1) * BLOCK, words)):
            row[:] = 0.0
            for i in range(pointer[w], pointer[w + 1]):
                c = cell[i]
                tokens = np.float64(count[c])
                for k in range(width):
                    row[k] += tokens * np.float64(gamma[c, k])
            for k in range(width):
                moved += abs(row[k] - counts[w, k])
                counts[w, k] = row[k]
                weight = np.float32(row[k] + np.float64(eta[w, k]))
                weights[w, k] = weight
                totals[block, k] += np.float64(weight)
        change[block] = moved


@compiled
def alpha_evidence(first, last, pointer, count, gamma, alpha, evidence):
    """Add up, per block of documents, what the fixed point of alpha needs (`evidence`: blocks x topics, float64).

    For assigned topics it would be Σ_{j<n} 1/(α+j), n the topic's tokens in the document (= ψ(n+α) − ψ(α)). Here n is
    uncertain, so each token adds gamma·E[1/(α+N)], N the topic's count among the tokens before it: z/α for the chance z
    that there was none, and for the rest 1/(α+N) at N's mean given that it is not zero (as Teh et al. 2007).
    """
    width = gamma.shape[1]
    before = np.empty(width, np.float32)
    none = np.empty(width, np.float32)
    absent = np.empty(width, np.float32)
    documents = pointer.shape[0] - 1
    for block in range(first, last):
        evidence[block, :] = 0.0
        for d in range(block * BLOCK, min((block + 1) * BLOCK, documents)):
            before[:] = _ZERO
            none[:] = _ONE
            for c in range(pointer[d], pointer[d + 1]):
                row = gamma[c]
                done = 0
                left = np.int64(count[c])
                while left > 0:
                    # Blocks of tokens, each a power of two at most half of what is done, seen from their middle.
                    size = 1
                    while done >= SINGLE and size * 4 <= done and size * 2 <= left:
                        size *= 2
                    for k in range(width):
                        absent[k] = _ONE - row[k]
                    power = 1
                    while power < size:
                        for k in range(width):
                            absent[k] *= absent[k]
                        power *= 2
                    tokens = np.float32(size)
                    middle = np.float32((size - 1) * 0.5)
                    for k in range(width):
                        some = _ONE - none[k]
                        prior = alpha[k]
                        mean = before[k] + middle * row[k]
                        weight = none[k] / (prior + _TINY) + some * some / (prior * some + mean + _TINY)
                        evidence[block, k] += np.float64(tokens * row[k] * weight)
                        before[k] += tokens * row[k]
                        none[k] *= absent[k]
                    done += size
                    left -= size


@compiled
def harmonic(start_at, terms):
    """Return Σ_{i<terms} 1/(start_at + i) = ψ(start_at + terms) − ψ(start_at), to about 1e-6 of itself.

    Added one by one up to 128 terms, then in blocks of at most 1/64 of what is done, seen from their middle.
    """
    total = 0.0
    done = 0
    while done < terms:
        size = 1 if done < 128 else min(done // 64, terms - done)
        total += size / (start_at + done + (size - 1) * 0.5)
        done += size
    return total


@compiled
def harmonic_total(start_at, lengths, documents):
    """Return the sum of `harmonic(start_at, lengths[i])` over documents, `documents[i]` of each length."""
    total = 0.0
    for i in range(lengths.shape[0]):
        total += documents[i] * harmonic(start_at, lengths[i])
    return total


@compiled
def fold(first, last, pointer, word, count, topics, alpha, sweeps, tolerance, gamma, document_counts):
    """Infer documents first to last given `topics` (words x topics, probabilities), as CVB0 does but with them fixed.

    Starts from the `document_counts` passed in (zero for new documents), so the result has no random part. Stops a
    document after `sweeps`, or when less than `tolerance` of its tokens changed topic. Fills `gamma` and
    `document_counts`.
    """
    width = gamma.shape[1]
    new = np.empty(width, np.float32)
    own = np.empty(width, np.float32)
    moved = np.empty(width, np.float32)
    for d in range(first, last):
        length = _ZERO
        for k in range(width):
            moved[k] = document_counts[d, k] + alpha[k]
            own[k] = _ZERO
        for c in range(pointer[d], pointer[d + 1]):
            tokens = count[c]
            length += tokens
            given = topics[word[c]]
            for k in range(width):
                new[k] = moved[k] * given[k]
            scale = _ONE / lane_sum(new)
            for k in range(width):
                value = new[k] * scale
                gamma[c, k] = value
                own[k] += tokens * value
        for _ in range(sweeps):
            for k in range(width):
                moved[k] = own[k]
            for c in range(pointer[d], pointer[d + 1]):
                tokens = count[c]
                given = topics[word[c]]
                old = gamma[c]
                for k in range(width):
                    document = own[k] - old[k]
                    new[k] = ((document if document > _ZERO else _ZERO) + alpha[k]) * given[k]
                scale = _ONE / lane_sum(new)
                for k in range(width):
                    value = new[k] * scale
                    own[k] += tokens * (value - old[k])
                    old[k] = value
            for k in range(width):
                moved[k] = abs(own[k] - moved[k])
            if lane_sum(moved) <= tolerance * length:
                break
        own[:] = _ZERO
        for c in range(pointer[d], pointer[d + 1]):
            tokens = count[c]
            for k in range(width):
                own[k] += tokens * gamma[c, k]
        for k in range(width):
            document_counts[d, k] = own[k]


@compiled
def normalised(rows):
    """Return float64 rows divided by their sums; each sum has eight partial sums added in one order."""
    height, width = rows.shape
    shares = np.empty((height, width), np.float64)
    partial = np.empty(LANES, np.float64)
    for i in range(height):
        partial[:] = 0.0
        for j in range(width):
            partial[j % LANES] += rows[i, j]
        low = (partial[0] + partial[4]) + (partial[2] + partial[6])
        high = (partial[1] + partial[5]) + (partial[3] + partial[7])
        total = low + high
        for j in range(width):
            shares[i, j] = rows[i, j] / total
    return shares
