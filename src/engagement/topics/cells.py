"""A bag-of-words corpus as cells, in an order that depends neither on the order of files nor on word ids."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

MOST = 2**31 - 1  # tokens of one word in one document
_PORTION = 65536  # documents read at a time, so that a stream is never held as Python objects


@dataclass(frozen=True)
class Cells:
    """The (document, word) pairs with their counts, document by document; within one, by the word's rank.

    `pointer` (int64, documents + 1) bounds each document's cells; `rank` (int32) is the word's place in the sorted
    vocabulary; `count` (float32) its tokens.
    """

    pointer: np.ndarray
    rank: np.ndarray
    count: np.ndarray

    @property
    def documents(self) -> int:
        """Number of documents, empty ones included."""
        return len(self.pointer) - 1

    def lengths(self) -> np.ndarray:
        """Tokens per document (float64; exact for whole numbers)."""
        before = np.concatenate([[0.0], np.cumsum(self.count, dtype=np.float64)])
        return before[self.pointer[1:]] - before[self.pointer[:-1]]

    def taken(self, documents: np.ndarray) -> "Cells":
        """Return the documents of these numbers, in this order."""
        sizes = np.diff(self.pointer)[documents]
        pointer = np.concatenate([[0], np.cumsum(sizes)])
        place = np.repeat(self.pointer[documents] - pointer[:-1], sizes) + np.arange(pointer[-1])
        return Cells(pointer, self.rank[place], self.count[place])

    def by_word(self, words: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Return each rank's cells in documents first to last, in their order: bounds (words + 1) and cell numbers."""
        begin, end = self.pointer[first], self.pointer[last]
        part = self.rank[begin:end]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(part, minlength=words))])
        return bounds, begin + np.argsort(part, kind="stable")


def ranks(words: Sequence[str]) -> np.ndarray:
    """Return each word id's place in the vocabulary sorted by spelling (int32), so that ids do not matter."""
    order = sorted(range(len(words)), key=lambda i: (words[i], i))
    places = np.empty(len(words), np.int32)
    places[order] = np.arange(len(words), dtype=np.int32)
    return places


def read(corpus: Iterable, rank: np.ndarray, whole: bool) -> Cells:
    """Return the cells of a gensim corpus (an iterable of lists of (word id, count)), read once.

    Pairs of the same word are added, counts of 0 are left out, a document without tokens keeps its place.

    Parameters
    ----------
    rank : place of each word id in the sorted vocabulary (`ranks`).
    whole : whether counts must be whole numbers (training counts tokens; fold-in takes weights too).

    Raises
    ------
    ValueError
        If a word id is not in the vocabulary, or a count is negative, not finite, 2³¹ or more, or not whole.
    """
    portions, start = [], 0
    documents = iter(corpus)
    while portion := list(islice(documents, _PORTION)):
        portions.append(_portion(portion, start, rank, whole))
        start += len(portion)
    sizes = [np.diff(portion.pointer) for portion in portions]
    pointer = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]) if portions else np.zeros(1)
    ranks_, counts = [p.rank for p in portions], [p.count for p in portions]
    return Cells(
        pointer.astype(np.int64),
        np.concatenate([np.zeros(0, np.int32), *ranks_]),
        np.concatenate([np.zeros(0, np.float32), *counts]),
    )


def _portion(documents: list, start: int, rank: np.ndarray, whole: bool) -> Cells:
    values, sizes = array("d"), array("q")
    for number, document in enumerate(documents, start):
        before = len(values)
        try:
            values.extend(chain.from_iterable(document))
        except TypeError as error:
            raise ValueError(f"document {number}: not a list of (word id, count) pairs: {error}") from None
        if (len(values) - before) % 2:
            raise ValueError(f"document {number}: not a list of (word id, count) pairs")
        sizes.append((len(values) - before) // 2)
    pointer = np.concatenate([[0], np.cumsum(np.frombuffer(sizes, np.int64))]).astype(np.int64)
    pairs = np.frombuffer(values, np.float64)
    _check(pointer, pairs[::2], pairs[1::2], start, len(rank), whole)
    return _ordered(pointer, pairs[::2].astype(np.int64), pairs[1::2], rank, start)


def _ordered(pointer: np.ndarray, ids: np.ndarray, counts: np.ndarray, rank: np.ndarray, start: int) -> Cells:
    kept = counts > 0
    pointer = np.concatenate([[0], np.cumsum(kept)])[pointer]
    place, counts = rank[ids[kept]], counts[kept]
    document = np.repeat(np.arange(len(pointer) - 1), np.diff(pointer))
    step = np.diff(document) * len(rank) + np.diff(place)
    if (step <= 0).any():
        order = np.lexsort((place, document))
        place, counts, document = place[order], counts[order], document[order]
        first = np.concatenate([[True], (np.diff(document) != 0) | (np.diff(place) != 0)])
        counts = np.add.reduceat(counts, np.flatnonzero(first))
        place, document = place[first], document[first]
        if (counts > MOST).any():
            raise ValueError(f"document {start + document[counts > MOST][0]}: a word occurs 2^31 times or more")
        pointer = np.searchsorted(document, np.arange(len(pointer)))
    return Cells(pointer.astype(np.int64), place.astype(np.int32), counts.astype(np.float32))


def _check(pointer: np.ndarray, ids: np.ndarray, counts: np.ndarray, start: int, words: int, whole: bool) -> None:
    checks = [
        (~np.isfinite(counts), "counts must be finite numbers"),
        (counts < 0, "counts must not be negative"),
        (counts > MOST, "counts must be below 2^31"),
        (
            ~((ids >= 0) & (ids < words) & (np.floor(ids) == ids)),
            f"word ids must be whole numbers from 0 to {words - 1}, the vocabulary's size less one",
        ),
    ]
    if whole:
        checks.append((np.floor(counts) != counts, "training needs whole counts (numbers of tokens)"))
    for wrong, rule in checks:
        if wrong.any():
            cell = int(np.argmax(wrong))
            document = start + int(np.searchsorted(pointer, cell, side="right")) - 1
            raise ValueError(f"document {document}: word id {ids[cell]:g}, count {counts[cell]:g}: {rule}")


def digests(cells: Cells, names: Sequence[str] | None, seed: int) -> list[bytes]:
    """Return one sha256 per document: of the seed with its name or, without names, with its content."""
    prefix = f"{seed}\n".encode()
    if names is not None:
        return [hashlib.sha256(prefix + name.encode("utf-8", "surrogatepass")).digest() for name in names]
    pairs = np.empty((len(cells.rank), 2), "<i4")
    pairs[:, 0] = cells.rank
    pairs[:, 1] = cells.count.astype(np.int64)
    content, bounds = memoryview(pairs.tobytes()), (cells.pointer * 8).tolist()
    return [hashlib.sha256(prefix + content[a:b]).digest() for a, b in zip(bounds[:-1], bounds[1:], strict=True)]


def keys(found: Sequence[bytes]) -> np.ndarray:
    """Return the first eight bytes of each digest as the number that seeds the document's random start (uint64)."""
    return np.frombuffer(b"".join(digest[:8] for digest in found), "<u8").astype(np.uint64)
