"""The context model: a small transformer that reads a sentence with what stands before it, as to one partner.

Lexicons and single words miss what a sentence says as a whole ("said it would look at the request"). The network (four layers of
MiniLM, Wang et al. 2020, trained further by `context_training`) gives every instrument and stance a number, which `coding` adds
to what its readable models say, and tells `carrying` whether the sentence engages the partner. It is not told which country acts:
names of the partner, of Cambodia and of others are replaced by three marks and what the bearer is, so that it brings no prejudice
about a country into the comparison.

The numbers are the same bits on every machine. Products of matrices are sums of whole numbers below 2²⁴, exact in single
precision whatever the order of adding; all else is element by element or added in written order in compiled loops.
"""

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from engagement import project
from engagement.compiling import compiled
from engagement.errors import ConfigurationError

FILE = "context_model.npz"
# Marks for the partner engaged, for Cambodia and for every other party; private-use characters.
MARKS = PARTNER_MARK, HOME_MARK, OTHER_MARK = "\ue000", "\ue001", "\ue002"
_NO_MARKS = dict.fromkeys(map(ord, MARKS))
MARK_PIECES = ("[unused0]", "[unused1]", "[unused2]")
# Most pieces read of the sentence, of the two before it (their end) and of title and lead (their beginning).
SENTENCE, BEFORE, OPENING = 96, 40, 40
LONGEST = SENTENCE + BEFORE + OPENING + 4
HEADS = 12
OUTPUTS = 15  # `coding.CODES`
CHUNK = 384  # columns multiplied at once: 384 · 127 · 255 < 2²⁴
_LEVELS = 255.0  # whole numbers on either side of zero that stand for an activation
_BATCH = 4096  # pieces worked on at once
_EPSILON = 1e-12
_TOKEN = re.compile(rf"[{''.join(MARKS)}]|[^\W_]+|[^\w\s]|_")
_ROLE = re.compile(r"[a-z]{3,}")
_CAPITALISED = re.compile(r"\b[A-Z][^\W\d_]+\b")
_CURRENCY = re.compile(r"\b(?:yen|yuan|renminbi|RMB)\b")
# What of an actor's role is kept: words that no country has for itself.
ROLES = frozenset(
    _ROLE.findall(
        "president prime minister premier king foreign defence defense commerce finance trade labour health culture agriculture "
        "education ambassador envoy spokesperson secretary deputy vice director chief chairman commander general senator "
        "lawmaker adviser governor mayor official company bank business chamber ngo foundation university party agency aid "
        "development ministry embassy council legislature military army navy naval police broadcaster newspaper credit fund "
        "export industry customs security demining humanitarian exercise programme province city office"
    )
)
LETTERS = 40 * SENTENCE  # of a sentence, more than the network reads; it may have a hundred thousand


# ------------------------------------------------------------------------------------------------------------------- text
Actor = tuple[int, int, str, str, str, str]  # a mention in its sentence: start, end, country, level, kind, role


@dataclass(frozen=True)
class Passage:
    """What the network reads, names masked: the sentence, the two before it, and the title with the first sentence.

    A first sentence that stands among those before, or is the sentence itself, is not read twice.
    """

    sentence: str
    before: str
    opening: str


def passages(
    sentences: pd.DataFrame,
    pairs: pd.DataFrame,
    mentions: pd.DataFrame,
    documents: pd.DataFrame,
    titles: pd.DataFrame,
    home: str,
    countries: Mapping[str, str],
) -> list[Passage]:
    """Return what the network reads of each pair of a sentence and a partner, in the order of the table.

    Parameters
    ----------
    sentences : `sentence_id, document_id, ordinal, start, text`.
    pairs : `sentence_id, document_id, partner`.
    mentions, titles : `sentence_id, start, end, country, level, kind, role`, of sentences and of titles (by document_id).
    documents : `document_id, title`.
    home : code of the country engaged with.
    countries : names of countries, of one word, with their codes.
    """
    wanted = sentences[sentences["document_id"].isin(set(pairs["document_id"]))]
    wanted = wanted.sort_values(["document_id", "ordinal"], kind="stable")
    named = by_sentence(mentions, dict(zip(wanted["sentence_id"], wanted["start"], strict=True)))
    headed = by_sentence(titles, dict.fromkeys(documents["document_id"], 0))
    heads = dict(zip(documents["document_id"], documents["title"], strict=True))
    texts: dict[str, list[tuple[str, list[Actor]]]] = {}
    place: dict[str, int] = {}
    columns = (wanted[c] for c in ("sentence_id", "document_id", "text"))
    for sentence_id, document_id, text in zip(*columns, strict=True):
        held = texts.setdefault(document_id, [])
        place[sentence_id] = len(held)
        held.append((text, named.get(sentence_id, [])))

    @lru_cache(maxsize=64)  # neighbours, title and lead serve many pairs
    def part(document_id: str, at: int, partner: str, last: bool) -> str:
        text, actors = texts[document_id][at] if at >= 0 else (heads[document_id], headed.get(document_id, []))
        plain = masked(text, actors, partner, home, countries)
        return plain[-LETTERS:] if last else plain[:LETTERS]

    def passage(sentence_id: str, document_id: str, partner: str) -> Passage:
        at = place[sentence_id]
        first = max(at - 2, 0)
        before = " ".join(part(document_id, n, partner, True) for n in range(first, at))
        opening = part(document_id, -1, partner, False)
        if first > 0:
            opening += " " + part(document_id, 0, partner, False)
        return Passage(part(document_id, at, partner, False), before, opening)

    return [passage(*row) for row in zip(*(pairs[c] for c in ("sentence_id", "document_id", "partner")), strict=True)]


def by_sentence(mentions: pd.DataFrame, begins: Mapping[str, int]) -> dict[str, list[Actor]]:
    """Return per sentence its mentions, in order; `begins` tells where each sentence begins in its document."""
    named: dict[str, list[Actor]] = {}
    columns = (mentions[c] for c in ("sentence_id", "start", "end", "country", "level", "kind", "role"))
    for sentence_id, start, end, country, *rest in zip(*columns, strict=True):
        offset = begins.get(sentence_id)
        if offset is not None:
            named.setdefault(sentence_id, []).append((start - offset, end - offset, country, *map(str, rest)))
    return {k: sorted(v) for k, v in named.items()}


def masked(text: str, actors: Iterable[Actor], partner: str, home: str, countries: Mapping[str, str]) -> str:
    """Return the text with names replaced by the mark of whose they are, an actor's followed by what it is.

    Besides the actors, words that are names of countries (see `passages`) and currencies of one country give way. An actor
    without a country keeps its name.
    """

    def mark(country: str) -> str:
        return PARTNER_MARK if country == partner else HOME_MARK if country == home else OTHER_MARK

    def plain(part: str) -> str:
        # A text that holds a mark's character must not pass for one.
        part = _CURRENCY.sub("dollars", part.translate(_NO_MARKS))
        return _CAPITALISED.sub(lambda m: mark(countries[m[0]]) if m[0] in countries else m[0], part)

    parts, at = [], 0
    for start, end, country, _, _, role in actors:
        if not country or start < at:
            continue
        what = [word for word in _ROLE.findall(role.lower()) if word in ROLES]
        parts += [plain(text[at:start]), " ".join([mark(country), *what[:3]])]
        at = end
    return "".join([*parts, plain(text[at:])])


def pieces(text: str, vocabulary: Mapping[str, int]) -> list[int]:
    """Return the numbers of a text's word pieces (Wu et al. 2016: the longest known beginning, again and again)."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return [n for token in _TOKEN.findall(plain) for n in _pieces(token, vocabulary)]


def _pieces(token: str, vocabulary: Mapping[str, int]) -> list[int]:
    if token in MARKS:
        return [vocabulary[MARK_PIECES[MARKS.index(token)]]]
    if len(token) > 100:
        return [vocabulary["[UNK]"]]
    found, start = [], 0
    while start < len(token):
        head = "##" if start else ""
        end = next((e for e in range(len(token), start, -1) if head + token[start:e] in vocabulary), 0)
        if not end:
            return [vocabulary["[UNK]"]]
        found.append(vocabulary[head + token[start:end]])
        start = end
    return found


def encoded(passage: Passage, vocabulary: Mapping[str, int]) -> list[int]:
    """Return the numbers the network reads: `[CLS] sentence [SEP] before [SEP] opening [SEP]`, at most `LONGEST`."""
    end = vocabulary["[SEP]"]
    sentence = pieces(passage.sentence, vocabulary)[:SENTENCE]
    before = pieces(passage.before, vocabulary)[-BEFORE:]
    opening = pieces(passage.opening, vocabulary)[:OPENING]
    return [vocabulary["[CLS]"], *sentence, end, *before, end, *opening, end]


# ---------------------------------------------------------------------------------------------------------------- network
@dataclass(frozen=True)
class Matrix:
    """A linear map (outputs × inputs) in whole numbers of −127 to 127, with a scale per output, and its bias."""

    chunks: tuple[np.ndarray, ...]  # inputs × outputs each, `CHUNK` inputs at a time; whole numbers in single precision
    scale: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class Layer:
    """One layer of a post-norm transformer (Vaswani et al. 2017): attention and two dense maps, each added and normalised."""

    query: Matrix
    key: Matrix
    value: Matrix
    out: Matrix
    widen: Matrix
    narrow: Matrix
    norms: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Network:
    """The network as it is on disk: word pieces, embeddings, layers, and the weights of the codes."""

    vocabulary: dict[str, int]
    words: np.ndarray
    word_scale: np.ndarray
    places: np.ndarray
    norm: tuple[np.ndarray, np.ndarray]
    layers: tuple[Layer, ...]
    head: Matrix


@lru_cache(maxsize=1)
def load() -> Network:
    """Return the trained network.

    Raises
    ------
    ConfigurationError
        If the file is missing or is not one that `context_training` wrote.
    """
    path = project.reference(FILE)
    try:
        with np.load(path, allow_pickle=False) as held:
            return network({name: held[name] for name in held.files})
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise ConfigurationError(
            f"data/reference/{FILE}: not readable ({error}); take it from the repository again"
        ) from None


def network(held: Mapping[str, np.ndarray]) -> Network:
    """Return a network from its arrays, as `compact` gives them."""

    def matrix(name: str) -> Matrix:
        whole = held[f"{name}.weight"].T.astype(np.float32)
        chunks = [np.ascontiguousarray(whole[at : at + CHUNK]) for at in range(0, len(whole), CHUNK)]
        return Matrix(tuple(chunks), held[f"{name}.scale"], held[f"{name}.bias"])

    def layer(number: int) -> Layer:
        names = ("query", "key", "value", "out", "widen", "narrow")
        norms = tuple(held[f"{number}.{name}"] for name in ("gain_1", "shift_1", "gain_2", "shift_2"))
        return Layer(*(matrix(f"{number}.{name}") for name in names), norms)

    if len(held["places"]) < LONGEST or len(held["head.bias"]) != OUTPUTS:
        raise ValueError("its shape is another network's")
    vocabulary = {piece: n for n, piece in enumerate(held["pieces"].tobytes().decode("utf-8").split("\n"))}
    return Network(
        vocabulary,
        held["words"],
        held["words.scale"],
        held["places"],
        (held["gain"], held["shift"]),
        tuple(layer(n) for n in range(int(held["layers"]))),
        matrix("head"),
    )


def compact(held: Mapping[str, np.ndarray], pieces: Sequence[str], layers: int) -> dict[str, np.ndarray]:
    """Return the arrays of a network's file from those of a trained one: matrices in whole numbers of −127 to 127."""
    out = {"pieces": np.frombuffer("\n".join(pieces).encode("utf-8"), np.uint8), "layers": np.array(layers)}
    for name, value in held.items():
        if name == "words" or name.endswith(".weight"):
            scale = np.maximum(np.abs(value).max(axis=1), _EPSILON) / 127.0
            out[name] = np.rint(value / scale[:, None]).astype(np.int8)
            out[f"{name.removesuffix('.weight')}.scale"] = scale.astype(np.float32)
        else:
            out[name] = value.astype(np.float32)
    return out


def read(passages: Sequence[Passage], given: Network | None = None) -> np.ndarray:
    """Return what the network gives each instrument and stance for each passage (passages × `OUTPUTS`, to the fourth digit)."""
    given = given or load()
    texts = [encoded(passage, given.vocabulary) for passage in passages]
    out = np.zeros((len(texts), len(given.head.bias)))
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    for group in _groups(order, texts):
        out[group] = _run([texts[n] for n in group], given)
    return np.round(out, 4)


def _groups(order: Sequence[int], texts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    group: list[int] = []
    size = 0
    for n in order:
        if group and size + len(texts[n]) > _BATCH:
            yield group
            group, size = [], 0
        group.append(n)
        size += len(texts[n])
    if group:
        yield group


def _run(texts: Sequence[Sequence[int]], given: Network) -> np.ndarray:
    """Return the network's numbers for some texts, whose pieces are laid end to end."""
    ids = np.concatenate([np.array(t) for t in texts])
    ends = np.cumsum([len(t) for t in texts])
    places = np.concatenate([np.arange(len(t)) for t in texts])
    x = given.words[ids].astype(np.float32) * given.word_scale[ids][:, None] + given.places[places]
    _normalise(x, *given.norm)
    for layer in given.layers:
        held = _whole(x)
        attended = np.zeros_like(x)
        _attend(_times(held, layer.query), _times(held, layer.key), _times(held, layer.value), ends, HEADS, attended)
        x = x + _times(_whole(attended), layer.out)
        _normalise(x, layer.norms[0], layer.norms[1])
        wide = _times(_whole(x), layer.widen)
        _bend(wide)
        x = x + _times(_whole(wide), layer.narrow)
        _normalise(x, layer.norms[2], layer.norms[3])
    return _times(_whole(_means(x, ends)), given.head)


Whole = list[tuple[np.ndarray, np.ndarray]]  # per chunk of columns: whole numbers, and the scale of each row


def _whole(x: np.ndarray) -> Whole:
    """Return the rows as whole numbers times a scale, chunk by chunk."""
    parts = []
    for at in range(0, x.shape[1], CHUNK):
        part = x[:, at : at + CHUNK]
        scale = np.maximum(np.abs(part).max(axis=1), np.float32(_EPSILON)) / np.float32(_LEVELS)
        parts.append((np.rint(part / scale[:, None]), scale))
    return parts


def _times(x: Whole, matrix: Matrix) -> np.ndarray:
    """Return the linear map of the rows; each product is a sum of whole numbers and exact."""
    total = np.zeros((len(x[0][0]), len(matrix.bias)), np.float32)
    for (part, scale), chunk in zip(x, matrix.chunks, strict=True):
        total += (part @ chunk) * scale[:, None]
    return total * matrix.scale + matrix.bias


@compiled
def _exp(x):
    """Return e to the x, for x held within −80 and 80, to six digits and by the same steps on every machine."""
    x = min(max(x, np.float32(-80.0)), np.float32(80.0))
    twos = np.float32(np.rint(x * np.float32(1.44269504)))
    rest = (x - twos * np.float32(0.693359375)) + twos * np.float32(2.12194440e-4)
    value = np.float32(1.0 / 720.0)
    for divisor in (120.0, 24.0, 6.0, 2.0, 1.0, 1.0):
        value = value * rest + np.float32(1.0 / divisor)
    power = np.int32((np.int32(twos) + np.int32(127)) << np.int32(23)).view(np.float32)  # 2 to the power of `twos`
    return value * power


@compiled
def _normalise(x, gain, shift):
    """Give every row mean zero and variance one, then scale and shift it, in place (Ba, Kiros and Hinton 2016)."""
    rows, columns = x.shape
    for r in range(rows):
        mean = 0.0
        for c in range(columns):
            mean += np.float64(x[r, c])
        mean /= columns
        spread = 0.0
        for c in range(columns):
            off = np.float64(x[r, c]) - mean
            spread += off * off
        spread = 1.0 / np.sqrt(spread / columns + 1e-12)
        for c in range(columns):
            x[r, c] = np.float32((np.float64(x[r, c]) - mean) * spread) * gain[c] + shift[c]


@compiled
def _bend(x):
    """Apply the Gaussian error linear unit to every number, in place (Hendrycks and Gimpel 2016, by their approximation)."""
    rows, columns = x.shape
    for r in range(rows):
        for c in range(columns):
            v = x[r, c]
            x[r, c] = v / (np.float32(1.0) + _exp(np.float32(-1.59576912) * (v + np.float32(0.044715) * v * v * v)))


@compiled
def _attend(query, key, value, ends, heads, out):
    """Fill `out` with the attention of each text's pieces to one another, head by head."""
    width = query.shape[1] // heads
    root = np.float32(1.0 / np.sqrt(width))
    longest = 0
    for t in range(len(ends)):
        longest = max(longest, ends[t] - (ends[t - 1] if t else 0))
    across = np.empty((width, longest), np.float32)
    share = np.empty(longest, np.float32)
    for t in range(len(ends)):
        first = ends[t - 1] if t else 0
        length = ends[t] - first
        for h in range(heads):
            left = h * width
            for j in range(length):
                for d in range(width):
                    across[d, j] = key[first + j, left + d]
            for i in range(first, first + length):
                for j in range(length):
                    share[j] = np.float32(0.0)
                for d in range(width):
                    q = query[i, left + d] * root
                    for j in range(length):
                        share[j] += q * across[d, j]
                most = share[0]
                for j in range(1, length):
                    most = max(most, share[j])
                for j in range(length):
                    share[j] = _exp(share[j] - most)
                total = np.float32(0.0)
                for j in range(length):
                    total += share[j]
                for j in range(length):
                    weight = share[j] / total
                    for d in range(width):
                        out[i, left + d] += weight * value[first + j, left + d]


@compiled
def _means_of(x, ends, out):
    """Fill `out` with the mean row of each text."""
    for t in range(len(ends)):
        first = ends[t - 1] if t else 0
        for i in range(first, ends[t]):
            for c in range(x.shape[1]):
                out[t, c] += x[i, c]
        for c in range(x.shape[1]):
            out[t, c] /= np.float32(ends[t] - first)


def _means(x: np.ndarray, ends: np.ndarray) -> np.ndarray:
    out = np.zeros((len(ends), x.shape[1]), np.float32)
    _means_of(x, ends, out)
    return out
