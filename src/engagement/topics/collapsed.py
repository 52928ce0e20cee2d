"""`CollapsedLda`: gensim's LDA, trained by collapsed variational inference with the same bits everywhere.

`docs/collapsed-lda.md` explains the method beside the code; `kernels.py` holds the compiled loops.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
from gensim.matutils import dirichlet_expectation
from gensim.models import LdaModel
from gensim.models.ldamodel import LdaState
from gensim.utils import FakeDict, get_random_state

from engagement.topics import cells as bags
from engagement.topics import kernels, storage
from engagement.topics.cells import Cells
from engagement.topics.lanes import LANES

# Starting alpha per topic, and eta where none is given: a sparse prior, as suits topics of news (docs/benchmarks.md).
START_ALPHA = 0.1
DEFAULT_ETA = 0.05
# A topic that no document needs keeps this much prior, so that no division runs away.
LEAST_ALPHA = 1e-4
# Alpha is left alone while the topics form, then takes one step of its fixed point every so many sweeps.
ALPHA_AFTER = 10
ALPHA_EVERY = 5
# Sweeps before the relative change may end the training: the first ones move little, the topics being alike.
LEAST_SWEEPS = 20
# Below this many responsibilities a second thread costs more than it saves.
_WORTH_THREADS = 200_000


class CollapsedLda(LdaModel):
    """Latent Dirichlet allocation by CVB0, as a drop-in for gensim's `LdaModel`.

    The result depends on the counts, the words, the document ids and the seed: not on the order of documents, the
    numbering of words, the number of threads or the processor.

    Parameters
    ----------
    corpus : iterable of lists of (word id, count), read once; counts are whole numbers. A count of 0 is left out, an
        empty document keeps its place and gets the prior's shares. Without a corpus the model waits for `update`.
    num_topics : number of topics; may exceed the documents or words, superfluous topics then stay near the prior.
    id2word : mapping from word id to word, e.g. a gensim `Dictionary`; without it word ids name themselves.
    alpha : prior of topics in a document: 'auto' (default) learns one number per topic (Wallach et al. 2009); a number,
        a vector, 'symmetric' (1/K) or 'asymmetric' (gensim's fixed series) stays as it is.
    eta : prior of words in a topic: None is 0.05; a number, 'symmetric' (1/K), one per word, or topics x words (seeded
        topics).
    passes : most sweeps over the corpus (CVB0) or most passes over it (mini-batches; then at most `BATCH_PASSES`).
    tolerance : training ends when less than this share of tokens changed topic in a sweep.
    iterations, gamma_threshold : most sweeps over one new document, and the share of its tokens below whose change it ends.
    random_state : seed, a whole number; None is 0.
    document_ids : one unique text per document; seeds its random start. Without them its content does.
    workers : threads; by default all processors this process may use, one inside a worker process.
    memory : bytes that the responsibilities may take (4 bytes x topics x cells); beyond it mini-batches are used.
    chunksize : documents per mini-batch.
    minimum_probability, minimum_phi_value, per_word_topics, dtype : as in gensim.
    progress : whether to show a progress bar.

    Attributes
    ----------
    trace : share of tokens that changed topic, one number per sweep (or mini-batch).
    converged : whether the training ended by `tolerance`.
    document_ids : ids of the training documents, in the order given (None if there were none).
    document_counts : their expected tokens per topic (documents x topics, float32), in the order given.

    Raises
    ------
    ValueError
        For a count, word id, prior, id or number that cannot be used.
    """

    def __init__(
        self,
        corpus: Iterable | None = None,
        num_topics: int = 100,
        id2word: dict | None = None,
        *,
        alpha="auto",
        eta=None,
        passes: int = 200,
        tolerance: float = 0.0025,
        iterations: int = 200,
        gamma_threshold: float = 1e-4,
        random_state: int | None = None,
        document_ids: Sequence | None = None,
        workers: int | None = None,
        memory: int = 2**31,
        chunksize: int = 4096,
        minimum_probability: float = 0.01,
        minimum_phi_value: float = 0.01,
        per_word_topics: bool = False,
        dtype=np.float64,
        progress: bool = False,
    ):
        if corpus is None and id2word is None:
            raise ValueError("give a corpus or id2word: without both the vocabulary is unknown")
        if id2word is None:
            corpus = list(corpus)
            id2word = FakeDict(1 + max((int(word) for document in corpus for word, _ in document), default=-1))
        self.id2word = id2word
        self.num_terms = 1 + max(id2word.keys()) if len(id2word) else 0
        if self.num_terms == 0:
            raise ValueError("the vocabulary is empty: nothing to find topics in")
        self.num_topics = _whole(num_topics, "num_topics")
        self.passes = _whole(passes, "passes")
        self.iterations = _whole(iterations, "iterations")
        self.chunksize = _whole(chunksize, "chunksize")
        self.memory = _whole(memory, "memory")
        self.workers = _whole(_processors() if workers is None else workers, "workers")
        self.seed = _whole(0 if random_state is None else random_state, "random_state", least=0)
        self.tolerance = _share(tolerance, "tolerance")
        self.gamma_threshold = _share(gamma_threshold, "gamma_threshold")
        self.minimum_probability = minimum_probability
        self.minimum_phi_value = minimum_phi_value
        self.per_word_topics = per_word_topics
        self.progress = progress
        self.dtype = np.finfo(dtype).dtype
        self.alpha, self.optimize_alpha = _alpha(alpha, self.num_topics, self.dtype)
        self.eta, self.optimize_eta = _eta(eta, self.num_topics, self.num_terms, self.dtype), False
        self._gensim_constants()
        self.trace: list[float] = []
        self.converged = False
        self.document_ids: list[str] | None = None
        self.document_counts = np.zeros((0, self.num_topics), np.float32)
        self.state = LdaState(self.eta, (self.num_topics, self.num_terms), dtype=self.dtype)
        self.sync_state()
        if corpus is not None:
            self.update(corpus, document_ids=document_ids)

    def _gensim_constants(self) -> None:
        """Set what gensim's own methods read and training does not use."""
        self.random_state = get_random_state(self.seed)
        self.distributed, self.dispatcher, self.numworkers = False, None, 1
        self.decay, self.offset, self.update_every, self.eval_every = 0.5, 1.0, 0, None
        self.num_updates, self.callbacks = 0, None

    # Training

    def update(self, corpus: Iterable, document_ids: Sequence | None = None) -> None:
        """Train on the documents; a trained model keeps its counts and adds those of the new documents to them.

        Raises
        ------
        ValueError
            For a bad count or word id, ids that are not one per document and unique, or a corpus without a token.
        """
        rank = bags.ranks(self._words())
        cells = bags.read(corpus, rank, whole=True)
        names = _names(document_ids, cells.documents)
        if not len(cells.rank):
            raise ValueError(f"the corpus has no tokens ({cells.documents} documents, all empty)")
        digests = bags.digests(cells, names, self.seed)
        order = np.array(sorted(range(cells.documents), key=lambda d: (digests[d], d)), np.int64)
        earlier = self.state.sstats.T[np.argsort(rank)] if self.state.sstats.any() else None
        prior = self._padded(self._eta_by_word()[np.argsort(rank)])
        if earlier is not None:
            prior += self._padded(earlier)
        with self._threads() as threads:
            training = Training(self, cells.taken(order), bags.keys(digests)[order], prior, threads)
            counts, documents = training.run()
        self.alpha = training.alpha[: self.num_topics].astype(self.dtype)
        counts = counts[:, : self.num_topics].astype(np.float64)
        if earlier is not None:
            counts += earlier
        self.state.sstats = np.ascontiguousarray(counts[rank].T).astype(self.dtype)
        self.state.numdocs += cells.documents
        self.num_updates += cells.documents
        self.trace, self.converged = training.trace, training.converged
        self.document_ids = names
        self.document_counts = np.empty((cells.documents, self.num_topics), np.float32)
        self.document_counts[order] = documents[:, : self.num_topics]
        self.sync_state()

    def _words(self) -> list[str]:
        known = dict.fromkeys(self.id2word.keys())
        return [str(self.id2word[i]) if i in known else "" for i in range(self.num_terms)]

    def _eta_by_word(self) -> np.ndarray:
        return np.broadcast_to(self.eta, (self.num_topics, self.num_terms)).T

    def _padded(self, rows: np.ndarray) -> np.ndarray:
        """Return rows x topics as float32 with topics padded to whole lanes."""
        padded = np.zeros((len(rows), padded_width(self.num_topics)), np.float32)
        padded[:, : self.num_topics] = rows
        return padded

    def _threads(self):
        return ThreadPoolExecutor(self.workers) if self.workers > 1 else nullcontext()

    def sync_state(self, current_Elogbeta=None) -> None:
        """Bring what is derived from the topic-word counts up to date."""
        if current_Elogbeta is None:
            current_Elogbeta = dirichlet_expectation(self.state.get_lambda())
        self.expElogbeta = np.exp(current_Elogbeta)

    def reorder_topics(self, order: Sequence[int]) -> None:
        """Renumber the topics: new topic i is the old topic order[i]."""
        order = np.asarray(order)
        self.state.sstats = np.ascontiguousarray(self.state.sstats[order])
        self.alpha = self.alpha[order]
        if self.eta.ndim == 2:
            self.eta = self.state.eta = self.eta[order]
        self.document_counts = np.ascontiguousarray(self.document_counts[:, order])
        self.sync_state()

    # Reading results

    def get_topics(self) -> np.ndarray:
        """Return the words' probabilities in each topic (topics x words), the mean of their posterior."""
        return kernels.normalised(self.state.get_lambda().astype(np.float64)).astype(self.dtype)

    @property
    def gamma(self) -> np.ndarray:
        """Return alpha + expected counts of the training documents: their shares are Dirichlet(gamma) distributed."""
        return self.alpha + self.document_counts.astype(self.dtype)

    def document_topics(self) -> np.ndarray:
        """Return the topic shares of the training documents (documents x topics), in the order given."""
        return kernels.normalised(self.gamma.astype(np.float64))

    def inference(self, chunk: Iterable, collect_sstats: bool = False) -> tuple[np.ndarray, np.ndarray | None]:
        """Fold in documents: CVB0 with the topics fixed, started from the prior, so the same at every call.

        Returns
        -------
        gamma : alpha + expected tokens per topic (documents x topics). Given the topics, a document's shares are
            Dirichlet(gamma) distributed. An empty document gets alpha. Counts may be fractions (weights).
        sstats : expected tokens of each word per topic (topics x words) summed over documents, or None.
        """
        rank = bags.ranks(self._words())
        cells = bags.read(chunk, rank, whole=False)
        topics = self._padded(self.get_topics().T[np.argsort(rank)])
        alpha, width = _lanes(self.alpha), padded_width(self.num_topics)
        counts = np.zeros((cells.documents, width), np.float32)
        sstats = np.zeros((self.num_terms, self.num_topics)) if collect_sstats else None
        most = max(1, 2**26 // (4 * width))  # cells at a time: 64 MiB of responsibilities
        with self._threads() as threads:
            for a, b in _portions(cells.pointer, most):
                part = cells.taken(np.arange(a, b))
                shared = np.empty((len(part.rank), width), np.float32)
                _fold(threads, part, topics, alpha, self.iterations, self.gamma_threshold, shared, counts[a:b])
                if collect_sstats:
                    np.add.at(sstats, part.rank, part.count[:, None] * shared[:, : self.num_topics])
        gamma = self.alpha + counts[:, : self.num_topics].astype(self.dtype)
        return gamma, np.ascontiguousarray(sstats[rank].T).astype(self.dtype) if collect_sstats else None

    def draw_shares(self, gamma: np.ndarray, draws: int, seed: int) -> np.ndarray:
        """Return draws of topic shares from Dirichlet(gamma), shape (draws, documents, topics)."""
        rng = np.random.Generator(np.random.PCG64(seed))
        return np.stack([rng.dirichlet(row, draws) for row in np.asarray(gamma, np.float64)], axis=1)

    def show_topics(self, num_topics: int = 10, num_words: int = 10, log: bool = False, formatted: bool = True):
        """As gensim's, but showing fewer than all topics neither varies nor changes the model."""
        self.random_state = get_random_state(self.seed)
        return super().show_topics(num_topics, num_words, log, formatted)

    def get_term_topics(self, word_id, minimum_probability: float | None = None) -> list[tuple[int, float]]:
        """Return the topics in which the word's probability is at least the minimum, by topic number."""
        least = max(self.minimum_probability if minimum_probability is None else minimum_probability, 1e-8)
        if isinstance(word_id, str):
            word_id = self.id2word.doc2bow([word_id])[0][0]
        return [(k, float(p)) for k, p in enumerate(self.get_topics()[:, word_id]) if p >= least]

    # Keeping

    def write(self, folder: Path) -> None:
        """Write the model into the folder: `state.npz`, `model.json` and their checksums, no pickle."""
        storage.write(self, Path(folder))

    @classmethod
    def read(cls, folder: Path) -> "CollapsedLda":
        """Return a model written by `write`.

        Raises
        ------
        ConfigurationError
            If the folder holds no model, one of another version, or one with a changed byte.
        """
        return storage.read(cls, Path(folder))


class Training:
    """One run of CVB0 over cells in canonical order."""

    def __init__(self, model: CollapsedLda, cells: Cells, key: np.ndarray, prior: np.ndarray, threads):
        self.model, self.cells, self.key, self.prior, self.threads = model, cells, key, prior, threads
        self.words, self.width = prior.shape
        self.alpha = _lanes(model.alpha)
        self.trace: list[float] = []
        self.converged = False
        lengths = cells.lengths().astype(np.int64)
        self.tokens = int(lengths.sum())
        self.lengths, self.documents_of = np.unique(lengths, return_counts=True)

    def run(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the expected counts (words x topics, float64) and those of the documents (float32)."""
        return self.batch()

    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        """Sweep over all documents until few tokens change topic."""
        model, cells, width = self.model, self.cells, self.width
        gamma = np.zeros((len(cells.rank), width), np.float32)
        documents = np.zeros((cells.documents, width), np.float32)
        pointer, numbers = cells.by_word(self.words)
        counts = np.zeros((self.words, width))
        weights = np.zeros((self.words, width), np.float32)
        blocks = _blocks(self.words)
        totals, change = np.zeros((blocks, width)), np.zeros(blocks)
        self._documents(kernels.start, cells.rank, self.key, model.num_topics, width, gamma)
        collected = (numbers, cells.count, width, gamma, self.prior, counts, weights, totals, change)
        with _bar(model) as advance:
            for number in range(model.passes + 1):
                self._blocks(kernels.collect, pointer, *collected)
                if number:
                    self.trace.append(_added(change[:, None])[0] / 2 / self.tokens)
                    advance(self.trace[-1])
                    self.converged = number >= LEAST_SWEEPS and self.trace[-1] < model.tolerance
                if self.converged or number == model.passes:
                    break
                if model.optimize_alpha and number >= ALPHA_AFTER and number % ALPHA_EVERY == 0:
                    self._learn_alpha(gamma)
                total = _added(totals).astype(np.float32)
                total[model.num_topics :] = 1
                frozen = (weights, total, self.alpha)
                self._documents(kernels.sweep, cells.rank, cells.count, width, gamma, *frozen, documents)
        return counts, documents

    def _learn_alpha(self, gamma: np.ndarray) -> None:
        """Take one step of the fixed point of alpha (Minka 2000) on the expected counts."""
        topics, cells = self.model.num_topics, self.cells
        evidence = np.zeros((_blocks(cells.documents), self.width))
        self._blocks(kernels.alpha_evidence, cells.pointer, cells.count, self.width, gamma, self.alpha, evidence)
        now = self.alpha[:topics].astype(np.float64)
        against = kernels.harmonic_total(_added(now[:, None])[0], self.lengths, self.documents_of)
        self.alpha[:topics] = np.maximum(now * (_added(evidence)[:topics] / against), LEAST_ALPHA)

    def _documents(self, kernel: Callable, *arguments) -> None:
        pointer = self.cells.pointer
        _spread(self.threads, pointer, self.width, kernel, pointer, *arguments)

    def _blocks(self, kernel: Callable, pointer: np.ndarray, *arguments) -> None:
        bounds = np.append(pointer[: -1 : kernels.BLOCK], pointer[-1])
        _spread(self.threads, bounds, self.width, kernel, pointer, *arguments)


def padded_width(topics: int) -> int:
    """Return the number of topics padded to whole lanes."""
    return -(-topics // LANES) * LANES


def _lanes(alpha: np.ndarray) -> np.ndarray:
    padded = np.zeros(padded_width(len(alpha)), np.float32)
    padded[: len(alpha)] = alpha
    return padded


def _blocks(things: int) -> int:
    return -(-things // kernels.BLOCK)


def _spread(threads, bounds: np.ndarray, width: int, kernel: Callable, *arguments) -> None:
    """Run `kernel(first, last, ...)` over all units, each thread on about the same number of cells (`bounds` per unit)."""
    units, cells = len(bounds) - 1, int(bounds[-1])
    flat = [item.reshape(-1) if isinstance(item, np.ndarray) else item for item in arguments]
    if threads is None or cells * width < _WORTH_THREADS:
        kernel(0, units, *flat)
        return
    cuts = np.searchsorted(bounds, np.linspace(0, cells, threads._max_workers + 1)[1:-1]).tolist()
    cuts = [0, *cuts, units]
    jobs = [threads.submit(kernel, a, b, *flat) for a, b in zip(cuts[:-1], cuts[1:], strict=True) if a < b]
    for job in jobs:
        job.result()  # hands on an error of the thread


def _fold(threads, cells: Cells, topics, alpha, sweeps, tolerance, gamma, counts) -> None:
    """Run `kernels.fold` over all documents; fills `gamma` and `counts`."""
    given = (cells.pointer, cells.rank, cells.count, len(alpha), topics, alpha)
    _spread(threads, cells.pointer, len(alpha), kernels.fold, *given, sweeps, np.float32(tolerance), gamma, counts)


def _added(rows: np.ndarray) -> np.ndarray:
    """Return the sum over rows (float64), added one after the other."""
    total = np.zeros(rows.shape[1])
    for row in rows:
        total += row
    return total


def _portions(pointer: np.ndarray, most: int) -> Iterable[tuple[int, int]]:
    """Yield ranges of documents with at most `most` cells each (or one document)."""
    first, documents = 0, len(pointer) - 1
    while first < documents:
        last = int(np.searchsorted(pointer, pointer[first] + most, side="right")) - 1
        last = min(max(last, first + 1), documents)
        yield first, last
        first = last


def _processors() -> int:
    """Return the processors this process may use; one in a worker process, whose siblings use the others."""
    return 1 if multiprocessing.parent_process() is not None else len(os.sched_getaffinity(0))


@contextmanager
def _bar(model: CollapsedLda):
    """Give a function to call once per sweep, which shows a progress bar if the model asks for one."""
    if not model.progress:
        yield lambda change: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[change]}"), transient=True) as bar:
        task = bar.add_task("topics", total=model.passes, change="")
        yield lambda change: bar.update(task, advance=1, change=f"{change:.2%} of tokens moved")


def _whole(value, name: str, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name}: {value!r} is not a whole number of at least {least}")
    return int(value)


def _share(value, name: str) -> float:
    if not (isinstance(value, (int, float, np.number)) and 0 <= value <= 1):
        raise ValueError(f"{name}: {value!r} is not a number from 0 to 1")
    return float(value)


def _positive(prior: np.ndarray, name: str) -> np.ndarray:
    if not (np.isfinite(prior).all() and (prior > 0).all() and (prior < bags.MOST).all()):
        raise ValueError(f"{name}: every number must be finite, above 0 and below 2^31 (no NaN)")
    return prior


def _alpha(alpha, topics: int, dtype) -> tuple[np.ndarray, bool]:
    if isinstance(alpha, str):
        named = {
            "auto": np.full(topics, START_ALPHA),
            "symmetric": np.full(topics, 1 / topics),
            "asymmetric": 1 / (np.arange(topics) + np.sqrt(topics)),
        }
        if alpha not in named:
            raise ValueError(f"alpha: {alpha!r} is unknown; choose 'auto', 'symmetric', 'asymmetric' or numbers")
        prior = named[alpha] / named[alpha].sum() if alpha == "asymmetric" else named[alpha]
    else:
        prior = np.asarray(START_ALPHA if alpha is None else alpha, np.float64)
        prior = np.full(topics, float(prior)) if prior.ndim == 0 else prior
        if prior.shape != (topics,):
            raise ValueError(f"alpha: shape {prior.shape}, needs one number or {topics}, one per topic")
    return _positive(prior, "alpha").astype(dtype), isinstance(alpha, str) and alpha == "auto"


def _eta(eta, topics: int, words: int, dtype) -> np.ndarray:
    if isinstance(eta, str):
        if eta != "symmetric":
            raise ValueError(f"eta: {eta!r} is unknown; choose None, 'symmetric' or numbers (eta is not learned)")
        eta = 1 / topics
    prior = np.asarray(DEFAULT_ETA if eta is None else eta, np.float64)
    prior = np.full(words, float(prior)) if prior.ndim == 0 else prior
    if prior.shape not in ((words,), (topics, words)):
        raise ValueError(f"eta: shape {prior.shape}, needs one number, {words} (words) or {topics} x {words}")
    return _positive(prior, "eta").astype(dtype)


def _names(document_ids: Sequence | None, documents: int) -> list[str] | None:
    if document_ids is None:
        return None
    names = [str(name) for name in document_ids]
    if len(names) != documents:
        raise ValueError(f"document_ids: {len(names)} ids for {documents} documents")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"document_ids: {name!r} occurs more than once")
        seen.add(name)
    return names
