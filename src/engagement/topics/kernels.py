"""Compiled loops of `CollapsedLda`; `docs/collapsed-lda.md` sets the equations beside them.

Three rules make the results the same bits on any x86-64 processor and with any number of threads:

- only + − × ÷, comparisons and integer operations, each correctly rounded and none fused (no fast-math);
- topics are handled eight at a time (`lanes.py`), so every sum over them has eight independent partial sums that are
  added in one written order, whatever the width of the processor's vectors;
- a call handles a range of documents or of blocks of words on its own; nothing is added across calls except by the
  caller, over blocks whose size does not depend on the number of threads.

Topics are padded with zeros to `width`, a multiple of eight, and arrays whose rows are topics are passed flat. Cells are the (document, word) pairs of the corpus:
cell c stands for `count[c]` tokens of `word[c]`, which share one row of responsibilities, `gamma[c * width : (c + 1) * width]`.
"""

import numpy as np

from engagement.compiling import compiled
from engagement.topics.lanes import LANES, across, larger, load, spread, store

# Documents or words per block: the unit of work of a thread and of the partial sums that the caller adds up.
BLOCK = 64
# Cells of one document that are updated from the same counts of the document, before these follow: their updates do not
# wait for each other, which is twice as fast as one at a time and takes no more sweeps (docs/collapsed-lda.md).
GROUP = 4
# What every topic gets of a cell at the start, against 1 for the most that it can get by chance.
EVEN = 0.02
# Tokens of one cell that are taken one by one when alpha is learned; further ones go in growing blocks.
SINGLE = 32

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TINY = np.float32(1e-12)
_ZERO = np.float32(0)
_ONE = np.float32(1)


@compiled
def mixed(state):
    """Return the output function of splitmix64 (Steele, Lea and Flood 2014) for a counter."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


@compiled
def uniform(counter):
    """Return a number between 0 and 1, neither included, for a counter: 53 random bits and a half."""
    return (np.float64(mixed(counter) >> np.uint64(11)) + 0.5) * (1.0 / 9007199254740992.0)


@compiled
def start(first, last, pointer, word, key, topics, width, prior, gamma):
    """Fill `gamma` with responsibilities proportional to prior·(EVEN + v⁶·u³), v and u uniform.

    v is drawn for each document and topic and makes a few topics stand out in the document, u for each cell and topic;
    both come from the document's key. So a topic starts from a few documents and not from a thin slice of all of them,
    which finds rare topics more often (docs/collapsed-lda.md). The prior (words x topics: eta, and the counts of
    earlier documents) lets seed words begin in their topic.
    """
    lead = np.empty(topics, np.float64)
    for d in range(first, last):
        counter = mixed(key[d])
        for k in range(topics):
            counter += _GOLDEN
            v = uniform(counter)
            lead[k] = v * v * v * v * v * v
        for c in range(pointer[d], pointer[d + 1]):
            row = gamma[c * width : c * width + topics]
            given = prior[np.int64(word[c]) * width : np.int64(word[c]) * width + topics]
            counter = mixed(key[d] + _GOLDEN * np.uint64(word[c] + 1))
            total = 0.0
            for k in range(topics):
                counter += _GOLDEN
                u = uniform(counter)
                weight = np.float32(np.float64(given[k]) * (EVEN + lead[k] * u * u * u))
                row[k] = weight
                total += np.float64(weight)
            for k in range(topics):
                row[k] = np.float32(np.float64(row[k]) / total)


@compiled
def sweep(first, last, pointer, word, count, width, gamma, weights, totals, alpha, document_counts):
    """Update the responsibilities of documents first to last once, in place (CVB0, Asuncion et al. 2009, eq. 9).

    `weights` is the topic-word count plus eta (words x topics) and `totals` its sum over words, both frozen during the
    sweep; the document's own counts follow every `GROUP` cells. One token of the cell is left out of all three.
    """
    new = np.empty(width, np.float32)
    own = np.empty(width, np.float32)  # alpha + the document's expected counts
    shift = np.empty(width, np.float32)
    zero = spread(_ZERO)
    # Rounding may leave a difference at or below zero where the cell is all there is.
    tiny = spread(_TINY)
    for d in range(first, last):
        for k in range(0, width, LANES):
            store(own, k, load(alpha, k))
        for c in range(pointer[d], pointer[d + 1]):
            tokens = spread(count[c])
            for k in range(0, width, LANES):
                store(own, k, load(own, k) + tokens * load(gamma, c * width + k))
        for group in range(pointer[d], pointer[d + 1], GROUP):
            for k in range(0, width, LANES):
                store(shift, k, zero)
            for c in range(group, min(group + GROUP, pointer[d + 1])):
                row = c * width
                given = np.int64(word[c]) * width
                total = zero
                for k in range(0, width, LANES):
                    left_out = load(gamma, row + k)
                    document = larger(load(own, k) - left_out, tiny)
                    topic = larger(load(weights, given + k) - left_out, tiny)
                    value = document * topic / (load(totals, k) - left_out)
                    store(new, k, value)
                    total = total + value
                scale = spread(_ONE / across(total))
                tokens = spread(count[c])
                for k in range(0, width, LANES):
                    value = load(new, k) * scale
                    store(shift, k, load(shift, k) + tokens * (value - load(gamma, row + k)))
                    store(gamma, row + k, value)
            for k in range(0, width, LANES):
                store(own, k, load(own, k) + load(shift, k))
        for k in range(0, width, LANES):
            store(document_counts, d * width + k, load(own, k) - load(alpha, k))


@compiled
def collect(first, last, pointer, cell, count, width, gamma, eta, part, counts, weights, totals, change):
    """Recount topics over words for the blocks first to last, each word's cells in the order of documents.

    The cells are those of one part of the documents, whose counts `part` (words x topics, float32) are replaced, within
    the corpus's `counts` (float64) too. Keeps `weights` = counts + eta (float32), and writes per block `totals` (the sum of
    weights) and `change` (the sum of absolute changes of counts). A word's cells are added in single precision in runs
    of `BLOCK` and the runs in double precision.
    """
    words = pointer.shape[0] - 1
    row = np.empty(width, np.float64)
    run = np.empty(width, np.float32)
    zero = spread(_ZERO)
    for block in range(first, last):
        total = totals[block * width : (block + 1) * width]
        total[:] = 0.0
        moved = 0.0
        for w in range(block * BLOCK, min((block + 1) * BLOCK, words)):
            if pointer[w] == pointer[w + 1]:  # no cell in this part: nothing changes
                for k in range(width):
                    total[k] += np.float64(weights[w * width + k])
                continue
            row[:] = 0.0
            for begin in range(pointer[w], pointer[w + 1], BLOCK):
                for k in range(0, width, LANES):
                    store(run, k, zero)
                for i in range(begin, min(begin + BLOCK, pointer[w + 1])):
                    c = np.int64(cell[i])
                    tokens = spread(count[c])
                    for k in range(0, width, LANES):
                        store(run, k, load(run, k) + tokens * load(gamma, c * width + k))
                for k in range(width):
                    row[k] += np.float64(run[k])
            for k in range(width):
                place = w * width + k
                now = np.float64(np.float32(row[k]))
                difference = now - np.float64(part[place])
                part[place] = np.float32(now)
                moved += abs(difference)
                kept = counts[place] + difference
                counts[place] = kept if kept > 0.0 else 0.0
                weight = np.float32(counts[place] + np.float64(eta[place]))
                weights[place] = weight
                total[k] += np.float64(weight)
        change[block] = moved


@compiled
def alpha_evidence(first, last, pointer, count, width, gamma, alpha, evidence):
    """Add up, per block of documents, what the fixed point of alpha needs (`evidence`: blocks x topics, float64).

    For assigned topics it would be Σ_{j<n} 1/(α+j), n the topic's tokens in the document (= ψ(n+α) − ψ(α)). Here n is
    uncertain, so each token adds gamma·E[1/(α+N)], N the topic's count among the tokens before it: z/α for the chance z
    that there was none, and for the rest 1/(α+N) at N's mean given that it is not zero (as Teh et al. 2007).
    """
    before = np.empty(width, np.float32)
    none = np.empty(width, np.float32)
    found = np.empty(width, np.float32)
    zero, one, tiny = spread(_ZERO), spread(_ONE), spread(_TINY)
    documents = pointer.shape[0] - 1
    for block in range(first, last):
        sums = evidence[block * width : (block + 1) * width]
        sums[:] = 0.0
        for d in range(block * BLOCK, min((block + 1) * BLOCK, documents)):
            for k in range(0, width, LANES):
                store(before, k, zero)
                store(found, k, zero)
                store(none, k, one)
            for c in range(pointer[d], pointer[d + 1]):
                done = 0
                left = np.int64(count[c])
                while left > 0:
                    # Blocks of tokens, each a power of two at most half of what is done, seen from their middle.
                    size = 1
                    while done >= SINGLE and size * 4 <= done and size * 2 <= left:
                        size *= 2
                    tokens = spread(np.float32(size))
                    middle = spread(np.float32((size - 1) * 0.5))
                    for k in range(0, width, LANES):
                        share, prior, without = load(gamma, c * width + k), load(alpha, k), load(none, k)
                        some = one - without
                        mean = load(before, k) + middle * share
                        expected = without / (prior + tiny) + some * some / (prior * some + mean + tiny)
                        store(found, k, load(found, k) + tokens * share * expected)
                        store(before, k, load(before, k) + tokens * share)
                        absent = one - share
                        power = 1
                        while power < size:
                            absent = absent * absent
                            power *= 2
                        store(none, k, without * absent)
                    done += size
                    left -= size
            for k in range(width):
                sums[k] += np.float64(found[k])


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
def fold(first, last, pointer, word, count, width, topics, alpha, sweeps, tolerance, gamma, document_counts):
    """Infer documents first to last given `topics` (words x topics, probabilities), as CVB0 does but with them fixed.

    Starts from the `document_counts` passed in (zero for new documents), so the result has no random part. Stops a
    document after `sweeps`, or when less than `tolerance` of its tokens changed topic. Fills `gamma` and
    `document_counts`.
    """
    new = np.empty(width, np.float32)
    own = np.empty(width, np.float32)
    shift = np.empty(width, np.float32)
    before = np.empty(width, np.float32)
    zero, tiny = spread(_ZERO), spread(_TINY)
    for d in range(first, last):
        length = _ZERO
        for k in range(0, width, LANES):
            store(before, k, load(document_counts, d * width + k) + load(alpha, k))
            store(own, k, load(alpha, k))
        for c in range(pointer[d], pointer[d + 1]):
            length += count[c]
            given = np.int64(word[c]) * width
            total = zero
            for k in range(0, width, LANES):
                value = load(before, k) * load(topics, given + k)
                store(new, k, value)
                total = total + value
            scale = spread(_ONE / across(total))
            tokens = spread(count[c])
            for k in range(0, width, LANES):
                value = load(new, k) * scale
                store(gamma, c * width + k, value)
                store(own, k, load(own, k) + tokens * value)
        for _ in range(sweeps):
            for k in range(0, width, LANES):
                store(before, k, load(own, k))
            for group in range(pointer[d], pointer[d + 1], GROUP):
                for k in range(0, width, LANES):
                    store(shift, k, zero)
                for c in range(group, min(group + GROUP, pointer[d + 1])):
                    row = c * width
                    given = np.int64(word[c]) * width
                    total = zero
                    for k in range(0, width, LANES):
                        value = larger(load(own, k) - load(gamma, row + k), tiny) * load(topics, given + k)
                        store(new, k, value)
                        total = total + value
                    scale = spread(_ONE / across(total))
                    tokens = spread(count[c])
                    for k in range(0, width, LANES):
                        value = load(new, k) * scale
                        store(shift, k, load(shift, k) + tokens * (value - load(gamma, row + k)))
                        store(gamma, row + k, value)
                for k in range(0, width, LANES):
                    store(own, k, load(own, k) + load(shift, k))
            total = zero
            for k in range(0, width, LANES):
                difference = load(own, k) - load(before, k)
                total = total + larger(difference, zero - difference)
            if across(total) <= tolerance * length:
                break
        for k in range(0, width, LANES):
            store(own, k, zero)
        for c in range(pointer[d], pointer[d + 1]):
            tokens = spread(count[c])
            for k in range(0, width, LANES):
                store(own, k, load(own, k) + tokens * load(gamma, c * width + k))
        for k in range(0, width, LANES):
            store(document_counts, d * width + k, load(own, k))


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


@compiled
def added(rows):
    """Return the sum over rows (float64), added one after the other."""
    total = np.zeros(rows.shape[1], np.float64)
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            total[j] += rows[i, j]
    return total
