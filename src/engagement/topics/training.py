"""Training of `CollapsedLda`: CVB0 where the responsibilities fit into memory, mini-batches (SCVB0) where not.

Everything here is exact or elementwise arithmetic in a written order; the loops that matter are in `kernels.py`.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from engagement.topics import kernels
from engagement.topics.cells import Cells
from engagement.topics.lanes import LANES

# A topic that no document needs keeps this much prior, so that no division runs away.
LEAST_ALPHA = 1e-4
# Alpha is left alone while the topics form, then takes one step of its fixed point every so many sweeps.
ALPHA_AFTER = 10
ALPHA_EVERY = 5
# Sweeps before the relative change may end the training: it is small too while topics are still alike, or share one
# subject between them before one of them leaves for another.
LEAST_SWEEPS = 60
# The topics are recounted after each of so many parts of the documents instead of once a sweep, which saves a third of
# the sweeps (as incremental EM: Neal and Hinton 1998). A property of the method, not of the machine.
PARTS = 4
# Most sweeps over a document within a mini-batch, and the share of its tokens below whose change they end.
INNER_SWEEPS = 20
INNER_TOLERANCE = 1e-2
# Threads take the work in pieces of at least so many responsibilities, below which a call costs more than it saves.
_WORTH_A_CALL = 200_000
# Cells whose responsibilities are held at a time where they are not kept (64 MiB).
_HELD = 2**24


@dataclass(frozen=True)
class Plan:
    """What a training needs to know besides the corpus.

    `prior` is eta by rank of word (words x padded topics, float32), plus the counts of earlier documents if any.
    """

    topics: int
    alpha: np.ndarray
    learn_alpha: bool
    prior: np.ndarray
    passes: int
    tolerance: float
    memory: int
    chunksize: int


@dataclass
class Result:
    """Expected counts by rank of word (words x topics, float64) and by document (float32), alpha and the trace."""

    counts: np.ndarray
    documents: np.ndarray
    alpha: np.ndarray
    trace: list[float]
    converged: bool


def train(
    cells: Cells, key: np.ndarray, plan: Plan, workers: int, progress: Callable[[float], object] | None = None
) -> Result:
    """Fit topics to documents in canonical order; `key` seeds each document's random start.

    `progress` is called with the trace's number after every sweep or mini-batch.
    """
    with ThreadPoolExecutor(max(1, workers - 1)) as pool:
        threads = Threads(pool, workers)
        most = plan.memory // (4 * padded_width(plan.topics))
        report = progress or (lambda change: None)
        if len(cells.rank) <= most:
            fit = Batch(cells, key, plan, threads)
            fit.run(report)
            return fit.result()
        return in_batches(cells, key, plan, threads, max(most, 1), report)


@dataclass(frozen=True)
class Threads:
    """Worker threads; the calling thread takes a share of the work itself."""

    pool: ThreadPoolExecutor
    number: int

    def spread(self, bounds: np.ndarray, width: int, kernel: Callable, *arguments) -> None:
        """Run `kernel(first, last, ...)` over all units, in pieces of about the same number of cells.

        `bounds` are the cells at which the units (documents or blocks of words) begin, and the end of the last one.
        """
        units, cells = len(bounds) - 1, int(bounds[-1] - bounds[0])
        flat = [item.reshape(-1) if isinstance(item, np.ndarray) else item for item in arguments]
        pieces = 1 if self.number == 1 else min(4 * self.number, cells * width // _WORTH_A_CALL)
        if pieces <= 1:
            kernel(0, units, *flat)
            return
        goals = bounds[0] + np.arange(1, pieces) * cells // pieces
        cuts = [0, *np.searchsorted(bounds, goals).tolist(), units]
        left = deque(pair for pair in zip(cuts[:-1], cuts[1:], strict=True) if pair[0] < pair[1])

        def work() -> None:
            while left:
                try:
                    first, last = left.popleft()
                except IndexError:  # another thread was faster
                    return
                kernel(first, last, *flat)

        jobs = [self.pool.submit(work) for _ in range(self.number - 1)]
        work()
        for job in jobs:
            # One that the machine never found time for is not waited for; another hands on its error.
            if not job.cancel():
                job.result()

    def blocks(self, pointer: np.ndarray, width: int, kernel: Callable, *arguments) -> None:
        """Run a kernel over blocks of documents or words; `pointer` bounds the cells of each document or word."""
        bounds = np.append(pointer[: -1 : kernels.BLOCK], pointer[-1])
        self.spread(bounds, width, kernel, pointer, *arguments)


class Batch:
    """CVB0: every cell keeps its responsibilities, one token of which is left out of the counts it is updated from."""

    def __init__(self, cells: Cells, key: np.ndarray, plan: Plan, threads: Threads):
        self.cells, self.plan, self.threads = cells, plan, threads
        words, self.width = plan.prior.shape
        self.alpha = padded(plan.alpha)
        self.trace: list[float] = []
        self.converged = False
        self.gamma = np.zeros((len(cells.rank), self.width), np.float32)
        self.documents = np.zeros((cells.documents, self.width), np.float32)
        self.counts = np.zeros((words, self.width))
        self.weights = plan.prior.copy()
        self.totals = np.zeros((blocks_of(words), self.width))
        self.change = np.zeros(blocks_of(words))
        self.tokens = cells.lengths().sum()
        start = partial(threads.spread, cells.pointer, self.width, kernels.start)
        start(cells.pointer, cells.rank, key, plan.topics, self.width, plan.prior, self.gamma)
        goals = np.arange(PARTS + 1) * len(cells.rank) // PARTS
        cuts = np.searchsorted(cells.pointer, goals)
        cuts[-1] = cells.documents
        # Bounds of documents, cells by word, and the part's own counts.
        self.parts = [
            (a, b, *cells.by_word(words, a, b), np.zeros((words, self.width), np.float32))
            for a, b in zip(cuts[:-1], cuts[1:], strict=True)
            if a < b
        ]

    def run(self, report: Callable[[float], object]) -> None:
        """Sweep over all documents until few tokens change topic."""
        for part in self.parts:
            self._collect(part)
        for number in range(1, self.plan.passes + 1):
            moved = 0.0
            for part in self.parts:
                self._sweep(part)
                moved += self._collect(part)
            self.trace.append(float(moved / 2 / self.tokens))
            report(self.trace[-1])
            self.converged = number >= LEAST_SWEEPS and self.trace[-1] < self.plan.tolerance
            if self.converged:
                break
            if self.plan.learn_alpha and number >= ALPHA_AFTER and number % ALPHA_EVERY == 0:
                self.alpha = fitted_alpha(self.cells, self.gamma, self.alpha, self.plan.topics, self.threads)

    def _sweep(self, part: tuple) -> None:
        first, last = part[:2]
        pointer = self.cells.pointer[first : last + 1]
        total = added(self.totals).astype(np.float32)
        total[self.plan.topics :] = np.inf  # padding: responsibilities of exactly 0
        given = (self.cells.rank, self.cells.count, self.width, self.gamma, self.weights, total, self.alpha)
        self.threads.spread(pointer, self.width, kernels.sweep, pointer, *given, self.documents[first:last])

    def _collect(self, part: tuple) -> float:
        pointer, numbers, own = part[2:]
        given = (numbers, self.cells.count, self.width, self.gamma, self.plan.prior)
        found = (own, self.counts, self.weights, self.totals, self.change)
        self.threads.blocks(pointer, self.width, kernels.collect, *given, *found)
        return added(self.change[:, None])[0]

    def result(self) -> Result:
        """Return what was found, without the padding."""
        topics = self.plan.topics
        counts, documents = self.counts[:, :topics], self.documents[:, :topics]
        return Result(counts, documents, self.alpha[:topics], self.trace, self.converged)


def in_batches(
    cells: Cells, key: np.ndarray, plan: Plan, threads: Threads, most: int, report: Callable[[float], object]
) -> Result:
    """Fit topics without keeping responsibilities (SCVB0, Foulds et al. 2013).

    CVB0 on as many documents as memory allows (their order is random, being that of their keys) gives the topics to
    start from; one pass in mini-batches moves them towards the whole corpus; a last pass counts it with them.
    """
    _, sample = next(portions(cells.pointer, most))
    fit = Batch(cells.taken(np.arange(sample)), key[:sample], plan, threads)
    fit.run(report)
    alpha, trace, counts, sampled = fit.alpha, fit.trace, fit.counts, fit.tokens
    del fit
    width, topics = len(alpha), plan.topics
    tokens = cells.lengths().sum()
    counts *= tokens / sampled
    documents = np.zeros((cells.documents, width), np.float32)
    known = sampled / tokens * cells.documents / plan.chunksize  # the sample's worth in mini-batches
    for number, first in enumerate(range(0, cells.documents, plan.chunksize)):
        rows = documents[first : first + plan.chunksize]
        batch = cells.taken(np.arange(first, first + len(rows)))
        if not len(batch.rank):
            continue
        gamma = np.empty((len(batch.rank), width), np.float32)
        probabilities = probability(counts + plan.prior)
        fold(batch, probabilities, alpha, INNER_SWEEPS, INNER_TOLERANCE, gamma, rows, threads)
        # The average over mini-batches with weights that grow in proportion to their number.
        step = 2.0 / (number + known + 2.0)
        found = recounted(batch, gamma, plan.prior.shape[0], threads) * (tokens / batch.lengths().sum())
        trace.append(float(step * added(np.abs(found - counts)).sum() / 2 / tokens))
        counts += step * (found - counts)
        if plan.learn_alpha:
            alpha += np.float32(step) * (fitted_alpha(batch, gamma, alpha, topics, threads) - alpha)
        report(trace[-1])
    probabilities = probability(counts + plan.prior)
    counts[:] = 0
    for first, last in portions(cells.pointer, _HELD // width):
        batch = cells.taken(np.arange(first, last))
        gamma = np.empty((len(batch.rank), width), np.float32)
        fold(batch, probabilities, alpha, INNER_SWEEPS, INNER_TOLERANCE, gamma, documents[first:last], threads)
        counts += recounted(batch, gamma, plan.prior.shape[0], threads)
    return Result(counts[:, :topics], documents[:, :topics], alpha[:topics], trace, False)


def recounted(cells: Cells, gamma: np.ndarray, words: int, threads: Threads) -> np.ndarray:
    """Return the expected counts of the cells' words (words x topics, float64)."""
    width = gamma.shape[1]
    pointer, numbers = cells.by_word(words, 0, cells.documents)
    counts, nothing = np.zeros((words, width)), np.zeros((words, width), np.float32)
    part, weights = nothing.copy(), nothing.copy()
    totals, change = np.zeros((blocks_of(words), width)), np.zeros(blocks_of(words))
    given = (numbers, cells.count, width, gamma, nothing)
    threads.blocks(pointer, width, kernels.collect, *given, part, counts, weights, totals, change)
    return counts


def fitted_alpha(cells: Cells, gamma: np.ndarray, alpha: np.ndarray, topics: int, threads: Threads) -> np.ndarray:
    """Return alpha after one step of its fixed point (Minka 2000) on the expected counts, padded."""
    width = len(alpha)
    evidence = np.zeros((blocks_of(cells.documents), width))
    threads.blocks(cells.pointer, width, kernels.alpha_evidence, cells.count, width, gamma, alpha, evidence)
    now = alpha[:topics].astype(np.float64)
    lengths, documents = np.unique(cells.lengths().astype(np.int64), return_counts=True)
    against = kernels.harmonic_total(added(now[:, None])[0], lengths, documents)
    ratio = added(evidence)[:topics] / against
    # The fixed point creeps; twice its step in logarithms ends at the same place in half the steps.
    return padded(np.maximum(now * ratio * ratio, LEAST_ALPHA))


def fold(
    cells: Cells,
    topics: np.ndarray,
    alpha: np.ndarray,
    sweeps: int,
    tolerance: float,
    gamma: np.ndarray,
    counts: np.ndarray,
    threads: Threads,
) -> None:
    """Infer the documents given topics (words x padded topics); fills responsibilities and the documents' counts."""
    given = (cells.pointer, cells.rank, cells.count, len(alpha), topics, alpha)
    limits = (sweeps, np.float32(tolerance))
    threads.spread(cells.pointer, len(alpha), kernels.fold, *given, *limits, gamma, counts)


def fold_all(
    cells: Cells, topics: np.ndarray, alpha: np.ndarray, sweeps: int, tolerance: float, workers: int, collect: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return expected counts by document (float32) and, if asked for, by word (float64).

    `topics` are probabilities of words (words x padded topics, float32).
    """
    number, width = len(alpha), topics.shape[1]
    documents = np.zeros((cells.documents, width), np.float32)
    words = np.zeros((len(topics), width)) if collect else None
    with ThreadPoolExecutor(max(1, workers - 1)) as pool:
        threads = Threads(pool, workers)
        for first, last in portions(cells.pointer, _HELD // width):
            batch = cells.taken(np.arange(first, last))
            gamma = np.empty((len(batch.rank), width), np.float32)
            fold(batch, topics, padded(alpha), sweeps, tolerance, gamma, documents[first:last], threads)
            if words is not None:
                words += recounted(batch, gamma, len(topics), threads)
    return documents[:, :number], words[:, :number] if words is not None else None


def probability(weights: np.ndarray) -> np.ndarray:
    """Return weights (words x padded topics) divided by their sum over words, float32; padding stays 0."""
    total = added(weights)
    return (weights / np.where(total > 0, total, 1)).astype(np.float32)


def padded_width(topics: int) -> int:
    """Return the number of topics padded to whole lanes."""
    return -(-topics // LANES) * LANES


def padded(values: np.ndarray) -> np.ndarray:
    """Return the array as float32 with its last axis (topics) padded with zeros to whole lanes."""
    wide = np.zeros((*values.shape[:-1], padded_width(values.shape[-1])), np.float32)
    wide[..., : values.shape[-1]] = values
    return wide


def blocks_of(things: int) -> int:
    """Return the number of blocks that so many documents or words make."""
    return -(-things // kernels.BLOCK)


def added(rows: np.ndarray) -> np.ndarray:
    """Return the sum over rows (float64), added one after the other."""
    return kernels.added(rows)


def portions(pointer: np.ndarray, most: int) -> Iterable[tuple[int, int]]:
    """Yield ranges of documents with at most `most` cells each (or one document)."""
    first, documents = 0, len(pointer) - 1
    while first < documents:
        last = int(np.searchsorted(pointer, pointer[first] + most, side="right")) - 1
        last = min(max(last, first + 1), documents)
        yield first, last
        first = last
