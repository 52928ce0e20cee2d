"""Fitting topic models: one, or many in parallel processes with the same results as one after the other."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from gensim.models import LdaModel
from scipy.special import digamma

from engagement.errors import ConfigurationError
from engagement.topics.bags import Bags

INFERENCES = ("cvb0", "vb")
FORMAT = 1
# gensim's variational Bayes needs several passes to settle; more changed nothing that a reader would see.
_VB_PASSES = 20
_VB_CHUNK = 256
_VB_FOLD_IN = {"iterations": 200, "threshold": 1e-6}


@dataclass(frozen=True)
class Settings:
    """What defines a fit besides the corpus and the seed; `eta` is the prior weight of each term in each topic."""

    num_topics: int
    inference: str = "cvb0"
    eta: float = 0.3

    def __post_init__(self):
        if not 0 < self.eta < 100:
            raise ConfigurationError(f"params.yaml: topics.eta: {self.eta} is no usable prior; choose from 0.01 to 1")
        if self.inference not in INFERENCES:
            raise ConfigurationError(
                f"params.yaml: topics.inference: {self.inference!r} is unknown; choose {' or '.join(INFERENCES)}"
            )


@dataclass(frozen=True)
class Fit:
    """A fitted model as plain arrays."""

    settings: Settings
    seed: int
    topics: np.ndarray  # topics x terms, rows sum to 1
    shares: np.ndarray  # documents x topics, rows sum to 1
    iterations: int


def train(bags: Bags, settings: Settings, seed: int) -> LdaModel:
    """Return a model fitted to the bags.

    With `cvb0` neither the order of documents nor the number of threads changes a bit. gensim's `vb` depends on the
    order as much as on the seed, so each seed also takes its own order; its last bits depend on the processor.
    """
    if settings.inference == "cvb0":
        # Compiled code, so imported only where it is used.
        from engagement.topics.collapsed import CollapsedLda

        return CollapsedLda(
            bags.corpus(),
            id2word=dict(enumerate(bags.terms)),
            num_topics=settings.num_topics,
            eta=settings.eta,
            random_state=seed,
            document_ids=list(bags.ids),
        )
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(bags.ids))
    return LdaModel(
        bags.rows(order).corpus(),
        id2word=dict(enumerate(bags.terms)),
        num_topics=settings.num_topics,
        random_state=seed,
        passes=_VB_PASSES,
        chunksize=_VB_CHUNK,
        alpha="auto",
        eval_every=None,  # gensim's perplexity would draw from the same random numbers and change the fit
        minimum_probability=0.0,
        dtype=np.float64,
    )


def reordered(model: LdaModel, order: np.ndarray) -> LdaModel:
    """Return the model with its topics in another order; `order` names the old number of each new topic."""
    if hasattr(model, "reorder_topics"):
        model.reorder_topics(order)
        return model
    model.state.sstats = model.state.sstats[order]
    model.alpha = model.alpha[order]
    if np.ndim(model.eta) == 2:
        model.eta = model.state.eta = model.eta[order]
    model.sync_state()
    return model


def fold_in(model: LdaModel, bags: Bags) -> np.ndarray:
    """Return each unit's topic shares given the fitted topics, rows sum to 1 (units x topics).

    The posterior of a unit's shares is Dirichlet with these shares as its mean and `alpha.sum() + tokens` as its sum
    (`draws`). A unit without tokens gets the prior's shares. The result depends on nothing but the model and the bag.
    """
    gamma = model.inference(bags.corpus())[0] if hasattr(model, "write") else _variational(model, bags)
    return gamma / gamma.sum(axis=1, keepdims=True)


def _variational(model: LdaModel, bags: Bags) -> np.ndarray:
    """Return gamma by gensim's E step, started from the prior instead of at random, so that two calls agree."""
    gamma = np.tile(model.alpha, (len(bags.ids), 1))
    words = model.expElogbeta
    for row, (a, b) in enumerate(zip(bags.counts.indptr[:-1], bags.counts.indptr[1:], strict=True)):
        if a == b:
            continue
        counts, given = bags.counts.data[a:b], words[:, bags.counts.indices[a:b]]
        now = model.alpha + counts.sum() / model.num_topics
        for _ in range(_VB_FOLD_IN["iterations"]):
            weight = np.exp(digamma(now) - digamma(now.sum()))
            before, now = now, model.alpha + weight * (given @ (counts / (weight @ given)))
            if np.abs(now - before).mean() < _VB_FOLD_IN["threshold"]:
                break
        gamma[row] = now
    return gamma


def draws(shares: np.ndarray, tokens: np.ndarray, alpha: np.ndarray, rng: np.random.Generator, n: int) -> np.ndarray:
    """Return n draws of the topic shares of each unit from their posterior, shape (n, units, topics).

    Given the topics, a unit's shares are Dirichlet distributed with parameters alpha + expected counts of its topics, which
    is `shares * (alpha.sum() + tokens)`. Drawing them anew for each regression or bootstrap carries their uncertainty
    into the result (method of composition: Treier and Jackman 2008; Roberts et al. 2014, "Local"). A sentence of ten
    words is as uncertain as it should be: the spread falls with the number of tokens.

    Parameters
    ----------
    shares : units x topics, rows sum to 1 (to the rounding of the tables, 1e-5).
    tokens : number of tokens behind each unit's shares.
    alpha : the model's prior, one number per topic (column `alpha` of `topics/topics.csv`).
    """
    shape = shares * (alpha.sum() + tokens)[:, None]
    # Gamma(a) is Gamma(a + 1) * U^(1/a); in logarithms, so that a small a does not round to a row of zeros.
    size = (n, *shape.shape)
    logs = np.log(rng.standard_gamma(shape + 1, size)) + np.log1p(-rng.random(size)) / shape
    weights = np.exp(logs - logs.max(axis=2, keepdims=True))
    return weights / weights.sum(axis=2, keepdims=True)


def write(model: LdaModel, folder: Path, note: dict) -> None:
    """Write a model without pickle; `note` goes into `about.json` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    if hasattr(model, "write"):
        model.write(folder)
    else:
        # Single precision: variational Bayes does not agree on the last bits between processors.
        arrays = {"sstats": model.state.sstats, "alpha": model.alpha, "eta": np.asarray(model.eta)}
        np.savez(folder / "state.npz", **{name: array.astype(np.float32) for name, array in arrays.items()})
        terms = [model.id2word[i] for i in range(model.num_terms)]
        (folder / "terms.json").write_text(json.dumps(terms, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    about = {"format": FORMAT, "inference": "cvb0" if hasattr(model, "write") else "vb"} | note
    (folder / "about.json").write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read(folder: Path) -> LdaModel:
    """Return a model written by `write`.

    Raises
    ------
    ConfigurationError
        If the folder holds no model, or one of another format.
    """
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"{folder.name}/about.json: no model here; run `engagement run topics`") from None
    if about.get("format") != FORMAT:
        raise ConfigurationError(
            f"{folder.name}/about.json: format {about.get('format')}, needs {FORMAT}; run `engagement run topics`"
        )
    if about["inference"] == "cvb0":
        from engagement.topics.collapsed import CollapsedLda

        return CollapsedLda.read(folder)
    terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
    with np.load(folder / "state.npz", allow_pickle=False) as file:
        sstats, alpha, eta = (file[name].astype(np.float64) for name in ("sstats", "alpha", "eta"))
    model = LdaModel(
        id2word=dict(enumerate(terms)), num_topics=len(sstats), alpha=alpha, eta=eta, dtype=np.float64, eval_every=None
    )
    model.state.sstats = sstats
    model.sync_state()
    return model


def fit(bags: Bags, settings: Settings, seed: int) -> Fit:
    """Return one fit as plain arrays, its shares by fold-in."""
    model = train(bags, settings, seed)
    return Fit(settings, seed, model.get_topics(), fold_in(model, bags), passes(model))


def passes(model: LdaModel) -> int:
    """Return how many passes over the corpus the training took."""
    return len(model.trace) if hasattr(model, "trace") else model.passes


_shared: dict = {}


def _share(function: Callable, common: tuple) -> None:
    """Give a worker process what all its jobs have in common, once."""
    _shared.update(function=function, common=common)


def _work(job: tuple) -> object:
    return _shared["function"](*_shared["common"], *job)


def in_parallel(function: Callable, common: tuple, jobs: list[tuple], workers: int | None = None) -> list:
    """Return `function(*common, *job)` for each job, in the order of the jobs, computed in parallel processes.

    Each job is computed alone and the results are taken in the order of the jobs, so they do not depend on the number
    of processes. `workers` is the number of processes, by default the processors this process may use.
    """
    workers = min(workers or len(os.sched_getaffinity(0)), len(jobs))
    if workers <= 1:
        return [function(*common, *job) for job in jobs]
    # Fresh processes: a forked one inherits the threads' state of compiled code, which it must not use.
    with ProcessPoolExecutor(workers, get_context("spawn"), _share, (function, common)) as pool:
        return list(pool.map(_work, jobs))
