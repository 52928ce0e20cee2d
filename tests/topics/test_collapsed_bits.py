"""The kernels: right against plain formulas, and the same bits whatever the machine, the threads or the order."""

import hashlib
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy.special import digamma

from engagement import compiling
from engagement.topics import cells as bags
from engagement.topics import kernels, training
from engagement.topics.collapsed import CollapsedLda

WORDS = 90


def corpus(documents=240, seed=11):
    rng = np.random.Generator(np.random.PCG64(seed))
    shares, topics = rng.dirichlet(np.full(5, 0.2), documents), rng.dirichlet(np.full(WORDS, 0.1), 5)
    counts = [rng.multinomial(30 + d % 50, row) for d, row in enumerate(shares @ topics)]
    return [[(int(w), int(row[w])) for w in np.flatnonzero(row)] for row in counts]


NAMES = {i: f"word{i:02d}" for i in range(WORDS)}


def digest(model):
    """Return a hash of the topics, alpha, trace, and the shares in training and by fold-in."""
    found = hashlib.sha256()
    for array in (model.get_topics(), model.alpha, np.array(model.trace), model.document_topics()):
        found.update(np.ascontiguousarray(array).tobytes())
    found.update(model.inference(corpus())[0].tobytes())
    return found.hexdigest()


# Right


def reference(cells, key, topics, words, eta, alpha, sweeps):
    """CVB0 as its equation says, in double precision; documents by parts and cells by groups as documented."""
    width = training.padded_width(topics)
    gamma = np.zeros((len(cells.rank), width), np.float32)
    prior = training.padded(np.full((words, topics), eta))
    kernels.start(0, cells.documents, cells.pointer, cells.rank, key, topics, width, prior.ravel(), gamma.ravel())
    gamma, cuts = gamma[:, :topics].astype(float), np.arange(training.PARTS + 1) * len(cells.rank) // training.PARTS
    cuts = np.searchsorted(cells.pointer, cuts)
    cuts[-1] = cells.documents
    for _ in range(sweeps):
        for a, b in zip(cuts[:-1], cuts[1:], strict=True):
            counts = np.zeros((words, topics))
            np.add.at(counts, cells.rank, cells.count[:, None] * gamma)
            total = counts.sum(axis=0) + words * eta
            for d in range(a, b):
                own = slice(cells.pointer[d], cells.pointer[d + 1])
                for first in range(own.start, own.stop, kernels.GROUP):
                    group = slice(first, min(first + kernels.GROUP, own.stop))
                    document = cells.count[own] @ gamma[own]
                    old, word = gamma[group], cells.rank[group]
                    new = (document - old + alpha) * (counts[word] - old + eta) / (total - old)
                    gamma[group] = new / new.sum(axis=1, keepdims=True)
    counts = np.zeros((words, topics))
    np.add.at(counts, cells.rank, cells.count[:, None] * gamma)
    return counts


def test_the_kernel_does_what_the_equation_says():
    documents = corpus(60)
    rank = bags.ranks([NAMES[i] for i in range(WORDS)])
    cells = bags.read(documents, rank, whole=True)
    key = bags.keys(bags.digests(cells, None, 0))
    topics, alpha = 5, np.array([0.1, 0.2, 0.1, 0.3, 0.4])
    prior = training.padded(np.full((WORDS, topics), 0.1))
    plan = training.Plan(topics, alpha, False, prior, passes=6, tolerance=0.0, memory=2**30, chunksize=10)
    found = training.train(cells, key, plan, workers=1)
    expected = reference(cells, key, topics, WORDS, 0.1, alpha, sweeps=6)
    assert found.counts == pytest.approx(expected, abs=2e-3)
    assert found.counts.sum() == pytest.approx(cells.count.sum(), rel=1e-6)
    assert found.documents.sum(axis=1) == pytest.approx(cells.lengths(), rel=1e-5)


@settings(deadline=None, max_examples=40)
@given(st.floats(1e-4, 1e4), st.integers(0, 10**7))
def test_the_harmonic_sum_is_a_difference_of_digammas(start, terms):
    expected = digamma(start + terms) - digamma(start)
    assert kernels.harmonic(start, terms) == pytest.approx(expected, rel=2e-5, abs=1e-12)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6), st.floats(0.01, 5))
def test_evidence_for_alpha_is_a_difference_of_digammas_where_topics_are_certain(counts, alpha):
    gamma = np.zeros((len(counts), 8), np.float32)
    gamma[:, 2] = 1
    evidence, prior = np.zeros(8), np.full(8, alpha, np.float32)
    pointer = np.array([0, len(counts)], np.int64)
    kernels.alpha_evidence(0, 1, pointer, np.array(counts, np.float32), 8, gamma.ravel(), prior, evidence)
    assert evidence[2] == pytest.approx(digamma(alpha + sum(counts)) - digamma(alpha), rel=0.03)
    assert not evidence[[0, 1, 3]].any()


def test_evidence_for_alpha_is_near_its_mean_over_draws():
    rng = np.random.Generator(np.random.PCG64(3))
    gamma = rng.dirichlet(np.full(8, 0.3), 40).astype(np.float32)
    alpha, evidence = np.full(8, 0.2, np.float32), np.zeros(8)
    kernels.alpha_evidence(
        0, 1, np.array([0, 40], np.int64), np.ones(40, np.float32), 8, gamma.ravel(), alpha, evidence
    )
    counts = (rng.random((4000, 40, 8)) < gamma).sum(axis=1)
    assert evidence == pytest.approx((digamma(counts + 0.2) - digamma(0.2)).mean(axis=0), rel=0.15)


def test_start_is_random_by_document_and_word_and_sums_to_one():
    key, pointer = np.array([5, 6], np.uint64), np.array([0, 3, 6], np.int64)
    word, prior = np.array([0, 1, 2, 0, 1, 2], np.int32), np.ones(3 * 24, np.float32)
    gamma = np.zeros((6, 24), np.float32)
    kernels.start(0, 2, pointer, word, key, 20, 24, prior, gamma.ravel())
    assert gamma.sum(axis=1) == pytest.approx(np.ones(6)) and not gamma[:, 20:].any()
    assert len(np.unique(gamma[:, :20])) > 115


# The same bits


def test_neither_order_nor_numbering_nor_threads_matter():
    documents, ids = corpus(), [f"doc-{d:03d}" for d in range(240)]
    options = {"num_topics": 20, "random_state": 3, "passes": 40}
    first = CollapsedLda(documents, id2word=NAMES, document_ids=ids, workers=1, **options)
    order = np.random.Generator(np.random.PCG64(1)).permutation(240)
    shuffled = CollapsedLda(
        [documents[d][::-1] for d in order], id2word=NAMES, document_ids=[ids[d] for d in order], workers=2, **options
    )
    assert np.array_equal(first.get_topics(), shuffled.get_topics())
    assert np.array_equal(first.document_topics()[order], shuffled.document_topics())
    number = np.random.Generator(np.random.PCG64(2)).permutation(WORDS)
    renamed = [[(int(number[w]), n) for w, n in document] for document in documents]
    words = {int(number[w]): name for w, name in NAMES.items()}
    other = CollapsedLda(renamed, id2word=words, document_ids=ids, workers=3, **options)
    assert np.array_equal(first.get_topics(), other.get_topics()[:, number])
    assert np.array_equal(first.inference(documents)[0], other.inference(renamed)[0])


@pytest.mark.parametrize("memory", [2**31, 40_000])
def test_order_does_not_matter_without_ids_either(memory):
    documents = [*corpus(), *corpus(20)]  # some documents twice
    options = {"num_topics": 6, "id2word": NAMES, "memory": memory, "chunksize": 32}
    order = np.random.Generator(np.random.PCG64(1)).permutation(len(documents))
    first = CollapsedLda(documents, workers=1, **options)
    second = CollapsedLda([documents[d] for d in order], workers=2, **options)
    assert np.array_equal(first.get_topics(), second.get_topics())
    assert np.array_equal(first.document_topics()[order], second.document_topics())


def test_seeds_and_ids_do_matter():
    documents = corpus()
    ids = [f"doc-{d:03d}" for d in range(240)]
    models = [
        CollapsedLda(documents, num_topics=5, id2word=NAMES, random_state=seed, document_ids=names, passes=3)
        for seed, names in ((1, ids), (2, ids), (1, ids[::-1]))
    ]
    assert len({digest(model) for model in models}) == 3


SCRIPT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("bits", sys.argv[1])
bits = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bits)
print(*bits.both_forms(workers=1))
"""
PLAIN = {"NUMBA_CPU_NAME": "generic", "OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"}


def both_forms(workers):
    """Return the hashes of a fit by CVB0 and of one in mini-batches."""
    options = {"num_topics": 20, "id2word": NAMES, "chunksize": 50, "workers": workers}
    return [digest(CollapsedLda(corpus(), memory=memory, **options)) for memory in (2**31, 60_000)]


def test_processor_and_threads_do_not_matter(tmp_path, monkeypatch):
    """This processor's instructions on two threads against plain SSE2 on one, compiled afresh."""
    monkeypatch.setattr(training, "_WORTH_A_CALL", 1000)
    here = both_forms(workers=2)
    environment = os.environ | PLAIN | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", SCRIPT, __file__]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == here and len(set(here)) == 2


def test_no_multiplication_is_fused_with_an_addition():
    CollapsedLda(corpus(20), num_topics=3, id2word=NAMES, passes=12)
    for kernel in (kernels.sweep, kernels.collect, kernels.fold, kernels.alpha_evidence, kernels.normalised):
        fresh = njit(nogil=True, error_model="numpy")(kernel.py_func)
        fresh.compile(kernel.signatures[0])
        assert not re.search("vf[n]?m(add|sub)", next(iter(fresh.inspect_asm().values())))
        code = next(iter(fresh.inspect_llvm().values()))
        assert not re.search(r"= f(add|sub|mul|div) (fast|contract|reassoc|arcp|afn|nnan|ninf|nsz)", code)


def test_kernels_compile_where_nothing_can_be_kept(monkeypatch):
    def refuse(cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(compiling, "njit", refuse)
    assert compiling.compiled(len) is len
