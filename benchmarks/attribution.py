"""Sentences per second of matching and partners on one core, beside other ways of finding the same surfaces.

    .venv/bin/python benchmarks/attribution.py [--sentences 100000]

The text is the shipped corpus, repeated. spaCy's PhraseMatcher takes part where spaCy is installed; it is no dependency.
"""

import argparse
import json
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import cycle

from engagement import attribution, project
from engagement.attribution import dictionary
from engagement.attribution.dictionary import fold_letters
from engagement.cleaning.sentences import split

Document = tuple[str, str, str, list[tuple[int, int]]]


def corpus() -> list[Document]:
    """Return the chronicle: title, text, day, spans of the sentences."""
    lines = (project.root() / "data" / "raw" / "chronicle" / "chronicle.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    return [(d["title"], d["text"], d["date"] if len(d["date"]) == 10 else "", split(d["text"])) for d in read]


def supply(documents: list[Document], sentences: int) -> Iterator[Document]:
    """Yield documents, again and again, until so many sentences are out."""
    given = 0
    for document in cycle(documents):
        if given >= sentences:
            return
        given += len(document[3])
        yield document


def per_second(work: Callable[[Document], object], documents: list[Document], sentences: int) -> float:
    """Return sentences per second of processor time, the best of three rounds."""
    rates = []
    for _ in range(3):
        start, done = time.process_time(), 0
        for document in supply(documents, sentences):
            work(document)
            done += len(document[3])
        rates.append(done / (time.process_time() - start))
    return max(rates)


def surfaces() -> list[str]:
    """Return every name and alias of the dictionary."""
    actors = dictionary.actors(project.reference("actors.csv"))
    return sorted({s for a in actors for s in a.surfaces() if fold_letters(s)}, key=lambda s: (-len(s), s))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=100_000, help="sentences per round")
    wanted = parser.parse_args().sentences
    documents = corpus()
    read = attribution.reader()
    names = surfaces()
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")
    print(f"{len(names):,} names and aliases; one core; best of three rounds of {wanted:,} sentences")
    print(
        f"{'attribution: matching, naming, partners':45}{per_second(lambda d: read.read(d[1], d[3], d[2], d[0]), documents, wanted):>12,.0f} sentences/s"
    )
    print(
        f"{'attribution: matching alone':45}{per_second(lambda d: read.matcher.find(d[1]), documents, wanted):>12,.0f}"
    )
    few = max(len(documents[0][3]), wanted // 50)
    print(
        f"{'compiled regular expression, names alone':45}{per_second(lambda d: pattern.findall(d[1]), documents, few):>12,.0f}"
    )
    try:
        import spacy
        from spacy.matcher import PhraseMatcher
    except ImportError:
        print(f"{'spaCy PhraseMatcher, names alone':45}{'skipped':>12} (spaCy is not installed)")
    else:
        blank = spacy.blank("en")
        phrases = PhraseMatcher(blank.vocab)
        phrases.add("actor", list(blank.pipe(names)))
        print(
            f"{'spaCy PhraseMatcher, names alone':45}{per_second(lambda d: phrases(blank(d[1])), documents, few):>12,.0f}"
        )
    for sentences in (wanted // 10, wanted):
        tracemalloc.start()
        for document in supply(documents, sentences):
            read.read(document[1], document[3], document[2], document[0])
        print(
            f"{f'peak memory while reading {sentences:,} sentences':45}{tracemalloc.get_traced_memory()[1] / 1e6:>12,.2f} MB"
        )
        tracemalloc.stop()


if __name__ == "__main__":
    main()
