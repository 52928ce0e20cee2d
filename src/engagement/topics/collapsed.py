"""`CollapsedLda`: gensim's LDA, trained by collapsed variational inference with the same bits everywhere.

`docs/collapsed-lda.md` explains the method beside the code; `kernels.py` holds the compiled loops.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gensim.matutils import dirichlet_expectation
from gensim.models import LdaModel
from gensim.models.ldamodel import LdaState
from gensim.utils import FakeDict, get_random_state

from engagement.topics import cells as bags
from engagement.topics import kernels, storage, training
from engagement.topics.fit import draws

# Where learning alpha starts: well above what news ends at, so that documents try several topics before they settle.
START_ALPHA = 0.5
DEFAULT_ETA = 0.1
LEAST_PRIOR = 1e-9


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
    eta : prior of words in a topic: None is 0.1; a number, 'symmetric' (1/K), one per word, or topics x words (seeded
        topics).
    passes : most sweeps over the corpus, or over the sample that mini-batches start from.
    tolerance : training ends when less than this share of tokens changed topic in a sweep.
    iterations, gamma_threshold : most sweeps over one new document, and the share of its tokens below whose change it ends.
    random_state : seed, a whole number; None is 0.
    document_ids : one unique text per document; seeds its random start. Without them its content does.
    workers : threads; by default all processors this process may use, one inside a worker process.
    memory : bytes that the responsibilities may take (4 bytes x topics x cells); beyond it mini-batches are used.
    chunksize : documents per mini-batch.
    minimum_probability, minimum_phi_value, per_word_topics, dtype : as in gensim.
    progress : whether to show a progress bar.
    update_every, decay, offset, eval_every : taken so that gensim's calls work, without a meaning here.

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
        **gensims,
    ):
        _refuse_gensims(gensims)
        if corpus is None and id2word is None:
            raise ValueError("give a corpus or id2word: without both the vocabulary is unknown")
        if id2word is None:
            corpus = list(corpus)
            id2word = FakeDict(1 + max((int(word) for document in corpus for word, _ in document), default=-1))
        self.id2word = id2word
        self.num_terms = 1 + max(id2word.keys()) if len(id2word) else 0
        if self.num_terms == 0:
            raise ValueError("the vocabulary is empty: nothing to find topics in")
        known = dict.fromkeys(id2word.keys())
        # Each word id's place in the sorted vocabulary: sums over words follow it, not the ids.
        self.rank = bags.ranks([str(id2word[i]) if i in known else "" for i in range(self.num_terms)])
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
        rank = self.rank
        cells = bags.read(corpus, rank, whole=True)
        names = _names(document_ids, cells.documents)
        if not len(cells.rank):
            raise ValueError(f"the corpus has no tokens ({cells.documents} documents, all empty)")
        digests = bags.digests(cells, names, self.seed)
        order = np.array(sorted(range(cells.documents), key=lambda d: (digests[d], d)), np.int64)
        by_rank = np.argsort(rank)
        earlier = self.state.sstats.T[by_rank] if self.state.sstats.any() else None
        prior = np.broadcast_to(self.eta, (self.num_topics, self.num_terms)).T[by_rank]
        prior = training.padded(prior if earlier is None else prior + earlier)
        plan = training.Plan(
            topics=self.num_topics,
            alpha=self.alpha,
            learn_alpha=self.optimize_alpha,
            prior=prior,
            passes=self.passes,
            tolerance=self.tolerance,
            memory=self.memory,
            chunksize=self.chunksize,
        )
        with _bar(self.progress, self.passes) as report:
            fit = training.train(cells.taken(order), bags.keys(digests)[order], plan, self.workers, report)
        self.alpha = fit.alpha.astype(self.dtype)
        counts = fit.counts if earlier is None else fit.counts + earlier
        self.state.sstats = np.ascontiguousarray(counts[rank].T).astype(self.dtype)
        self.state.numdocs += cells.documents
        self.num_updates += cells.documents
        self.trace, self.converged = fit.trace, fit.converged
        self.document_ids = names
        self.document_counts = np.empty((cells.documents, self.num_topics), np.float32)
        self.document_counts[order] = fit.documents
        self.sync_state()

    def sync_state(self, current_Elogbeta=None) -> None:
        """Bring what is derived from the topic-word counts up to date."""
        if current_Elogbeta is None:
            current_Elogbeta = dirichlet_expectation(self.state.get_lambda())
        self.expElogbeta = np.exp(current_Elogbeta)
        self._given = training.padded(self.get_topics().T[np.argsort(self.rank)])

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
        weights = self.state.get_lambda().astype(np.float64)
        return kernels.normalised(weights[:, np.argsort(self.rank)])[:, self.rank].astype(self.dtype)

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
        cells = bags.read(chunk, self.rank, whole=False)
        limits = (self.iterations, self.gamma_threshold, self.workers)
        counts, sstats = training.fold_all(cells, self._given, self.alpha, *limits, collect=collect_sstats)
        gamma = self.alpha + counts.astype(self.dtype)
        return gamma, np.ascontiguousarray(sstats[self.rank].T).astype(self.dtype) if collect_sstats else None

    def draw_shares(self, gamma: np.ndarray, number: int, seed: int) -> np.ndarray:
        """Return draws of topic shares from Dirichlet(gamma), shape (number, documents, topics).

        `gamma` is what `inference` returns or the attribute `gamma`; see `engagement.topics.draws`.
        """
        gamma = np.asarray(gamma, np.float64)
        shares, prior = kernels.normalised(gamma), np.zeros(1)
        return draws(shares, gamma.sum(axis=1), prior, np.random.Generator(np.random.PCG64(seed)), number)

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


def _processors() -> int:
    """Return the processors this process may use; one in a worker process, whose siblings use the others."""
    return 1 if multiprocessing.parent_process() is not None else len(os.sched_getaffinity(0))


@contextmanager
def _bar(shown: bool, passes: int) -> Iterator[Callable[[float], object] | None]:
    """Give a function that shows the trace's number and one step of the passes, or None."""
    if not shown:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("topics"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[change]}"), transient=True) as bar:
        task = bar.add_task("topics", total=passes, change="")
        yield lambda change: bar.update(task, advance=1, change=f"{change:.2%} of tokens moved")


def _refuse_gensims(options: dict) -> None:
    """Take gensim's options that have no meaning here; refuse those whose effect would be missed, and unknown ones."""
    for name, value in options.items():
        if name in ("distributed", "callbacks", "ns_conf") and value:
            raise ValueError(f"{name}: not supported; use gensim's LdaModel")
        if name not in ("distributed", "callbacks", "ns_conf", "update_every", "decay", "offset", "eval_every"):
            raise TypeError(f"CollapsedLda has no option {name!r}")


def _whole(value, name: str, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name}: {value!r} is not a whole number of at least {least}")
    return int(value)


def _share(value, name: str) -> float:
    if not (isinstance(value, (int, float, np.number)) and 0 <= value <= 1):
        raise ValueError(f"{name}: {value!r} is not a number from 0 to 1")
    return float(value)


def _positive(prior: np.ndarray, name: str) -> np.ndarray:
    # Below the least, single precision could lose a topic altogether. NaN fails both comparisons.
    if not ((prior >= LEAST_PRIOR).all() and (prior < bags.MOST).all()):
        raise ValueError(f"{name}: every number must be from {LEAST_PRIOR:g} to 2^31 (no NaN)")
    return prior


def _alpha(alpha, topics: int, dtype) -> tuple[np.ndarray, bool]:
    alpha = "auto" if alpha is None else alpha
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
        prior = np.asarray(alpha, np.float64)
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
