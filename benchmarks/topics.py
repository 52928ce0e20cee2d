"""Measure `CollapsedLda` against gensim, tomotopy and R's stm, and write docs/benchmarks.md.

    python benchmarks/topics.py FOLDER            # or set ENGAGEMENT_BENCHMARKS=FOLDER
    python benchmarks/topics.py FOLDER --only bits planted
    python benchmarks/topics.py FOLDER --only scale --documents 1000000

FOLDER holds `BBC_News.tsv` (github.com/MIND-Lab/OCTIS, preprocessed_datasets/BBC_News/corpus.tsv) and `poliblog5k.RData`
(github.com/bstewart/stm, data/). What is absent, and peers that are not installed (tomotopy, rdata), are left out with a
message. Numbers are kept in benchmarks/results/topics.json, so parts may be measured one at a time; peers are always
measured in the same run, in turn, because other work on the machine slows all of them alike.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel, LdaModel
from scipy.optimize import linear_sum_assignment

from engagement.topics.collapsed import CollapsedLda

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "topics.json"
PAGE = ROOT / "docs" / "benchmarks.md"
SEEDS = range(5)
# Documents, tokens in each, topics, prior of topics in a document.
PLANTED = (
    (400, 50, 2, 0.3),
    (2000, 20, 10, 0.1),
    (800, 100, 10, 0.1),
    (2000, 50, 20, 0.1),
    (600, 200, 20, 0.1),
    (2000, 100, 50, 0.05),
    (500, 500, 50, 0.1),
)
# R's stm 1.3.8 on poliblog5k, K = 100, 10% of documents half hidden: its vignette's two numbers.
STM_PUBLISHED = (-6.81, -6.86)
TOMOTOPY, RDATA = "tomotopy", "rdata"


# Fits: each returns topics (K x words), shares (documents x K), the words, and seconds


def ours(texts: list[list[str]], topics: int, seed: int, **options) -> tuple:
    dictionary = Dictionary(texts)
    bags = [dictionary.doc2bow(text) for text in texts]
    start = time.perf_counter()
    model = CollapsedLda(bags, num_topics=topics, id2word=dictionary, random_state=seed, **options)
    seconds = time.perf_counter() - start
    return model.get_topics(), model.document_topics(), dictionary.token2id, seconds


def with_gensim(texts: list[list[str]], topics: int, seed: int) -> tuple:
    dictionary = Dictionary(texts)
    bags = [dictionary.doc2bow(text) for text in texts]
    options = {"passes": 20, "chunksize": 256, "random_state": seed, "eval_every": None}
    start = time.perf_counter()
    model = LdaModel(bags, num_topics=topics, id2word=dictionary, **options)
    seconds = time.perf_counter() - start
    gamma, _ = model.inference(bags)
    return model.get_topics(), gamma / gamma.sum(axis=1, keepdims=True), dictionary.token2id, seconds


def with_tomotopy(texts: list[list[str]], topics: int, seed: int, iterations: int) -> tuple:
    import tomotopy

    start = time.perf_counter()
    model = tomotopy.LDAModel(k=topics, seed=seed)
    for text in texts:
        model.add_doc(text)
    model.train(iterations, workers=1)
    seconds = time.perf_counter() - start
    words = {word: i for i, word in enumerate(model.used_vocabs)}
    found = np.array([model.get_topic_word_dist(k) for k in range(topics)])
    return found, np.array([document.get_topic_dist() for document in model.docs]), words, seconds


def peers() -> dict[str, Callable]:
    """Return the fits to compare by name, without those whose package is missing."""
    found = {"CollapsedLda": ours, "gensim, 20 passes": with_gensim}
    if installed(TOMOTOPY):
        found["tomotopy, 200 iterations"] = lambda *args: with_tomotopy(*args, 200)
        found["tomotopy, 1000 iterations"] = lambda *args: with_tomotopy(*args, 1000)
    return found


def installed(package: str) -> bool:
    if importlib.util.find_spec(package) is None:
        print(f"{package} is not installed: its rows are left out (pip install {package})", file=sys.stderr)
        return False
    return True


# Measures


def npmi(tops: list[list[str]], texts: list[list[str]], dictionary: Dictionary) -> float:
    options = {"texts": texts, "dictionary": dictionary, "topn": 10, "window_size": 10, "processes": 1}
    return float(CoherenceModel(topics=tops, coherence="c_npmi", **options).get_coherence())


def top_words(topics: np.ndarray, words: dict[str, int]) -> list[list[str]]:
    name = {i: word for word, i in words.items()}
    return [[name[i] for i in np.argsort(-row, kind="stable")[:10]] for row in topics]


def diversity(tops: list[list[str]]) -> float:
    return len({word for top in tops for word in top}) / (10 * len(tops))


def completion(texts: list[list[str]]) -> tuple[list[list[str]], dict[int, list[str]]]:
    """Hide half of the tokens of a tenth of the documents; return what is left and what is hidden by document."""
    rng = np.random.Generator(np.random.PCG64(0))
    chosen = sorted(rng.choice(len(texts), len(texts) // 10, replace=False).tolist())
    left, hidden = list(texts), {}
    for d in chosen:
        order = rng.permutation(len(texts[d]))
        half = len(order) // 2
        left[d] = [texts[d][i] for i in sorted(order[:half])]
        hidden[d] = [texts[d][i] for i in sorted(order[half:])]
    return left, hidden


def heldout(topics: np.ndarray, shares: np.ndarray, words: dict[str, int], hidden: dict[int, list[str]]) -> dict:
    """Return the log-likelihood of the hidden tokens in nats, per token and as the mean over documents."""
    logs = []
    for d, text in hidden.items():
        ids = [words[word] for word in text if word in words]
        if ids:
            logs.append(np.log(shares[d] @ topics[:, ids]))
    return {"heldout": float(np.concatenate(logs).mean()), "by_document": float(np.mean([x.mean() for x in logs]))}


def cosine(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the mean cosine of topics matched one to one."""
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (found, truth)]
    table = unit[0] @ unit[1].T
    return float(table[linear_sum_assignment(-table)].mean())


# Parts


def compare(texts: list[list[str]], topics: int, seeds: range, fits: dict[str, Callable]) -> dict:
    """Return, per fit and seed: seconds, NPMI and diversity on all texts, held-out on the halves."""
    dictionary, (left, hidden) = Dictionary(texts), completion(texts)
    rows: dict[str, list[dict]] = {name: [] for name in fits}
    for seed in seeds:
        for name, fit in fits.items():
            begin = time.process_time()
            found, _, words, seconds = fit(texts, topics, seed)
            busy = time.process_time() - begin
            tops = top_words(found, words)
            row = {"seconds": seconds, "cpu": busy, "npmi": npmi(tops, texts, dictionary), "diversity": diversity(tops)}
            row |= heldout(*fit(left, topics, seed)[:3], hidden)
            rows[name].append(row)
            print(f"K={topics} seed={seed} {name}: {row}", flush=True)
    return rows


def bbc_texts(folder: Path) -> list[list[str]] | None:
    path = folder / "BBC_News.tsv"
    if not path.is_file():
        print(f"{path.name} is not in the folder: its part is left out", file=sys.stderr)
        return None
    return [line.split("\t")[0].split() for line in path.read_text(encoding="utf-8").splitlines()]


def bbc(folder: Path, options: argparse.Namespace) -> dict | None:
    texts = bbc_texts(folder)
    if texts is None:
        return None
    ours(texts[:100], 20, 0)  # compile before the clock runs
    return compare(texts, 20, range(options.seeds), peers() | {"CollapsedLda, 1 thread": one_thread})


def one_thread(texts: list[list[str]], topics: int, seed: int) -> tuple:
    return ours(texts, topics, seed, workers=1)


def sizes(folder: Path, options: argparse.Namespace) -> dict | None:
    texts = bbc_texts(folder)
    if texts is None:
        return None
    ours(texts[:100], 20, 0)
    fits = {name: fit for name, fit in peers().items() if "1000" not in name}
    return {str(topics): compare(texts, topics, range(2), fits) for topics in (10, 50, 100)}


def bits(folder: Path, options: argparse.Namespace) -> dict | None:
    """Return a hash of topics and shares per setting, each in a fresh process."""
    if bbc_texts(folder) is None:
        return None
    plain = {"NUMBA_CPU_NAME": "generic", "OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"}
    settings = {
        "2 threads": ("2", {}),
        "2 threads, again": ("2", {}),
        "1 thread": ("1", {}),
        "3 threads, documents shuffled": ("3", {"SHUFFLED": "1"}),
        "2 threads, NUMBA_CPU_NAME=generic, plain BLAS and NumPy": ("2", plain),
        "1 thread, the same": ("1", plain),
    }
    found = {}
    for name, (workers, extra) in settings.items():
        command = [sys.executable, __file__, str(folder), "--hash", workers]
        run = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, check=True)
        found[name] = run.stdout.split()[-1]
        print(name, found[name], flush=True)
    return found


def print_hash(folder: Path, workers: int) -> None:
    texts = bbc_texts(folder)
    order = np.arange(len(texts))
    if os.environ.get("SHUFFLED"):
        order = np.random.Generator(np.random.PCG64(1)).permutation(len(texts))
    words = {word: i for i, word in enumerate(sorted({word for text in texts for word in text}))}
    dictionary = Dictionary.from_corpus([[(i, 1)] for i in range(len(words))], {i: word for word, i in words.items()})
    bags = [dictionary.doc2bow(texts[d]) for d in order]
    ids = [f"bbc-{d:04d}" for d in order]
    model = CollapsedLda(bags, num_topics=20, id2word=dictionary, document_ids=ids, workers=workers)
    shares = np.empty((len(texts), 20))
    shares[order] = model.document_topics()
    folded = np.empty((len(texts), 20))
    folded[order] = model.inference(bags)[0]
    found = hashlib.sha256()
    for array in (model.get_topics(), model.alpha, shares, folded):
        found.update(np.ascontiguousarray(array).tobytes())
    print(found.hexdigest())


def poliblog(folder: Path, options: argparse.Namespace) -> dict | None:
    path = folder / "poliblog5k.RData"
    if not path.is_file():
        print(f"{path.name} is not in the folder: its part is left out", file=sys.stderr)
        return None
    if not installed(RDATA):
        return None
    import rdata

    data = rdata.read_rda(path)
    words = [str(word) for word in data["poliblog5k.voc"]]
    texts = []
    for document in data["poliblog5k.docs"].values():
        ids, counts = np.asarray(document).astype(int)
        texts.append([words[i - 1] for i, count in zip(ids, counts, strict=True) for _ in range(count)])
    left, hidden = completion(texts)
    fits: dict[str, Callable] = {"CollapsedLda": ours}
    if installed(TOMOTOPY):
        fits["tomotopy, 500 iterations"] = lambda *args: with_tomotopy(*args, 500)
    rows = {}
    for name, fit in fits.items():
        found, shares, known, seconds = fit(left, 100, 0)
        rows[name] = {"seconds": seconds} | heldout(found, shares, known, hidden)
        print(name, rows[name], flush=True)
    return rows


def planted(folder: Path, options: argparse.Namespace) -> list[dict]:
    rows = []
    for documents, length, topics, alpha in PLANTED:
        texts, truth, words = generated(documents, length, topics, alpha)
        row = {"documents": documents, "length": length, "topics": topics, "CollapsedLda": [], "tomotopy": []}
        for seed in range(options.seeds):
            row["CollapsedLda"].append(cosine(spread(ours(texts, topics, seed), words), truth))
            if installed(TOMOTOPY):
                row["tomotopy"].append(cosine(spread(with_tomotopy(texts, topics, seed, 500), words), truth))
        print(row, flush=True)
        rows.append(row)
    return rows


def generated(documents: int, length: int, topics: int, alpha: float) -> tuple:
    """Return texts drawn from LDA, its topics and its words."""
    rng = np.random.Generator(np.random.PCG64(documents + topics))
    words = [f"w{i:04d}" for i in range(40 * topics + 200)]
    truth = rng.dirichlet(np.full(len(words), 0.05), topics)
    shares = rng.dirichlet(np.linspace(0.2, 1.8, topics) * alpha, documents)
    names = np.array(words)
    return [names[rng.choice(len(words), length, p=row)].tolist() for row in shares @ truth], truth, words


def spread(fit: tuple, words: list[str]) -> np.ndarray:
    """Return a fit's topics over all the words there are."""
    topics, _, known, _ = fit
    whole = np.zeros((len(topics), len(words)))
    for j, word in enumerate(words):
        if word in known:
            whole[:, j] = topics[:, known[word]]
    return whole


class Stream:
    """Generated documents of 60 to 140 tokens from 50 topics over 20,000 words, made anew while they are read."""

    def __init__(self, documents: int):
        self.documents = documents
        rng = np.random.Generator(np.random.PCG64(7))
        weights = rng.dirichlet(np.full(20_000, 0.02), 50)
        self.cumulated = [np.cumsum(row) / row.sum() for row in weights]

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        rng = np.random.Generator(np.random.PCG64(8))
        for _ in range(self.documents):
            shares = rng.multinomial(rng.integers(60, 141), rng.dirichlet(np.full(50, 0.05)))
            drawn = [np.searchsorted(self.cumulated[k], rng.random(n)) for k, n in enumerate(shares) if n]
            ids, counts = np.unique(np.concatenate(drawn), return_counts=True)
            yield list(zip(ids.tolist(), counts.tolist(), strict=True))


def scale(folder: Path, options: argparse.Namespace) -> list[dict]:
    """Return seconds and peak memory for growing corpora in mini-batches, each in a fresh process."""
    rows = []
    for documents in sorted({25_000, 50_000, 100_000, options.documents}):
        command = [sys.executable, __file__, str(folder), "--stream", str(documents)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(run.stdout.splitlines()[-1]))
        print(rows[-1], flush=True)
    return rows


def print_stream(documents: int) -> None:
    start = time.perf_counter()
    for _ in Stream(documents):
        pass
    making = time.perf_counter() - start
    names = {i: f"w{i:05d}" for i in range(20_000)}
    start = time.perf_counter()
    model = CollapsedLda(Stream(documents), num_topics=50, id2word=names, memory=budget(documents))
    seconds = time.perf_counter() - start - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    tokens = float(model.state.sstats.sum())
    truth = np.diff(np.array(Stream(1).cumulated), axis=1, prepend=0)
    row = {"documents": documents, "tokens": tokens, "seconds": seconds, "gib": peak}
    print(json.dumps(row | {"cosine": cosine(model.get_topics(), truth)}))


def budget(documents: int) -> int:
    """Return a budget for responsibilities that only a part of the corpus fits into, 128 MiB to 1 GiB."""
    return max(2**27, min(2**30, documents * 2**10))


# The page


def mean(rows: list[dict], name: str) -> float:
    return float(np.mean([row[name] for row in rows]))


def seconds(rows: list[dict]) -> float:
    """Return the least disturbed run: other work on the machine can only add to it."""
    return min(row["seconds"] for row in rows)


def comparison_table(rows: dict[str, list[dict]]) -> list[str]:
    base = seconds(rows["CollapsedLda"])
    lines = [
        "| | NPMI | diversity | held-out, nats/token | held-out, mean over documents | seconds | ÷ CollapsedLda | CPU seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, fits in rows.items():
        npmis = [row["npmi"] for row in fits]
        lines.append(
            f"| {name} | {np.mean(npmis):.4f} ({min(npmis):.3f} to {max(npmis):.3f}) | {mean(fits, 'diversity'):.3f} "
            f"| {mean(fits, 'heldout'):.4f} | {mean(fits, 'by_document'):.4f} | {seconds(fits):.2f} "
            f"| {seconds(fits) / base:.1f} | {np.median([row['cpu'] for row in fits]):.1f} |"
        )
    return lines


def bbc_lines(rows: dict) -> list[str]:
    seeds = len(rows["CollapsedLda"])
    return [
        "## BBC_News, K = 20",
        "",
        f"2,225 documents, {seeds} seeds (0 to {seeds - 1}); means over seeds (range of NPMI), seconds of the fastest seed (other work on the machine only adds), CPU seconds (median, all threads, with preparing the corpus). NPMI is gensim's "
        "`c_npmi` of the top 10 words, window 10, on the texts; diversity the share of different words among all top tens. "
        "Held-out: half of the tokens of a tenth of the documents hidden from training. tomotopy's topics and shares are those of its last Gibbs sample; averaging samples, which it does not offer, would narrow the gap.",
        "",
        *comparison_table(rows),
        "",
        *(f"- {line}" for line in verdicts(rows)),
    ]


def verdicts(rows: dict) -> list[str]:
    own = rows["CollapsedLda"]
    gensim = seconds(own) / seconds(rows["gensim, 20 passes"])
    found = [
        (mean(own, "npmi") >= 0.110, f"NPMI {mean(own, 'npmi'):.4f}, to reach 0.110"),
        (mean(own, "diversity") >= 0.80, f"diversity {mean(own, 'diversity'):.3f}, to reach 0.80"),
        (gensim <= 0.1, f"time {gensim:.3f} of gensim's, to reach 0.1"),
    ]
    if "tomotopy, 200 iterations" in rows:
        short, long = rows["tomotopy, 200 iterations"], rows["tomotopy, 1000 iterations"]
        ratio = seconds(own) / seconds(short)
        better = mean(own, "npmi") - mean(short, "npmi")
        loss = mean(own, "heldout") - mean(long, "heldout")
        found += [
            (ratio <= 0.25, f"time {ratio:.3f} of tomotopy's 200 iterations, to reach 0.25"),
            (better >= 0, f"NPMI {better:+.4f} against tomotopy's 200 iterations, to reach +0"),
            (loss >= -0.01, f"held-out {loss:+.4f} nats/token against tomotopy's 1000 iterations, to reach −0.01"),
        ]
    return [f"{'reached' if good else '**not reached**'}: {text}" for good, text in found]


def sizes_lines(rows: dict) -> list[str]:
    lines = ["## BBC_News, other numbers of topics", "", "Two seeds each."]
    for topics, table in rows.items():
        lines += ["", f"K = {topics}", "", *comparison_table(table)]
    return lines


def bits_lines(rows: dict) -> list[str]:
    same = len(set(rows.values())) == 1
    lines = [
        "## The same bits",
        "",
        f"sha256 of topics, alpha, shares in training and by fold-in on BBC_News, K = 20: "
        f"{'all identical' if same else '**they differ**'}.",
        "",
        "| setting | sha256 |",
        "|---|---|",
    ]
    return lines + [f"| {name} | `{value[:16]}…` |" for name, value in rows.items()]


def poliblog_lines(rows: dict) -> list[str]:
    lines = [
        "## poliblog5k, K = 100",
        "",
        "Half of the tokens of a tenth of the documents hidden. R's stm publishes "
        f"{STM_PUBLISHED[0]} and {STM_PUBLISHED[1]} nats per token (mean over documents) for its own split of this corpus; it also "
        "knows each post's date and side, which plain LDA does not.",
        "",
        "| | held-out, nats/token | held-out, mean over documents | seconds |",
        "|---|---|---|---|",
    ]
    return lines + [
        f"| {name} | {row['heldout']:.3f} | {row['by_document']:.3f} | {row['seconds']:.1f} |"
        for name, row in rows.items()
    ]


def planted_lines(rows: list[dict]) -> list[str]:
    lines = [
        "## Planted topics",
        "",
        "Corpora drawn from LDA with unequal topics; mean cosine of found and true topics, matched one to one (Hungarian), "
        f"{len(rows[0]['CollapsedLda'])} seeds. tomotopy: 500 iterations.",
        "",
        "| documents | tokens in each | topics | CollapsedLda | tomotopy |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        other = f"{np.mean(row['tomotopy']):.3f}" if row["tomotopy"] else ""
        lines.append(
            f"| {row['documents']} | {row['length']} | {row['topics']} | {np.mean(row['CollapsedLda']):.3f} | {other} |"
        )
    whole = [
        np.mean([np.mean(row[name]) for row in rows if row[name]] or [np.nan]) for name in ("CollapsedLda", "tomotopy")
    ]
    return [*lines, f"| mean | | | {whole[0]:.3f} | {whole[1]:.3f} |"]


def scale_lines(rows: list[dict]) -> list[str]:
    lines = [
        "## Scale",
        "",
        "Generated documents of 60 to 140 tokens, 20,000 words, K = 50, streamed, trained in mini-batches in a fresh process; "
        "seconds without those of generating; peak resident memory of the process, interpreter and generator included. The largest corpus is chosen by `--documents`.",
        "",
        "| documents | seconds | per 1,000 documents | GiB | cosine with the true topics |",
        "|---|---|---|---|---|",
    ]
    return lines + [
        f"| {row['documents']:,} | {row['seconds']:.0f} | {1000 * row['seconds'] / row['documents']:.2f} | {row['gib']:.2f} "
        f"| {row['cosine']:.3f} |"
        for row in rows
    ]


PARTS: dict[str, tuple[Callable, Callable]] = {
    "bbc": (bbc, bbc_lines),
    "sizes": (sizes, sizes_lines),
    "bits": (bits, bits_lines),
    "poliblog": (poliblog, poliblog_lines),
    "planted": (planted, planted_lines),
    "scale": (scale, scale_lines),
}


def machine() -> list[str]:
    names = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    packages = ("gensim", "numba", "llvmlite", "numpy", "scipy", TOMOTOPY, RDATA)
    versions = []
    for package in packages:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    processor = f"{names[0] if names else platform.machine()}, {len(os.sched_getaffinity(0))} processors"
    return [f"Measured on: {processor}, Python {platform.python_version()}, {', '.join(versions)}."]


def page(results: dict) -> str:
    lines = [
        "# Benchmarks of the topic model",
        "",
        "Made by `make benchmark` (`benchmarks/topics.py`); do not edit. Seconds depend on the machine and on what else it does; "
        "compare them within a table, whose rows were measured in turn. What is measured is explained in "
        "[collapsed-lda.md](collapsed-lda.md).",
        "",
        *results["machine"],
    ]
    for name, (_, write) in PARTS.items():
        if results.get(name):
            lines += ["", *write(results[name])]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("ENGAGEMENT_BENCHMARKS"), type=Path)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=len(SEEDS))
    parser.add_argument("--documents", type=int, default=1_000_000, help="largest corpus of the part `scale`")
    parser.add_argument("--hash", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stream", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder is None or not options.folder.is_dir():
        print("No folder with benchmark data: name it or set ENGAGEMENT_BENCHMARKS; nothing measured.", file=sys.stderr)
        return
    if options.hash:
        print_hash(options.folder, options.hash)
        return
    if options.stream:
        print_stream(options.stream)
        return
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    PAGE.parent.mkdir(exist_ok=True)
    for name in options.only:
        found = PARTS[name][0](options.folder, options)
        if found:
            results |= {name: found, "machine": machine()}
            RESULTS.write_text(json.dumps(results, indent=1))
            PAGE.write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
