"""Models on disk without pickle: arrays in npz, the rest in JSON, both under a checksum."""

import hashlib
import json
import os
from io import BytesIO
from pathlib import Path

import numpy as np

from engagement.errors import ConfigurationError

FORMAT = 1
ARRAYS = "state.npz"
SETTINGS = "model.json"
CHECKSUMS = "checksums.sha256"
_REMEDY = "fit the model again"
# Arguments of `CollapsedLda` that the folder keeps. `workers` belongs to the machine, not to the model.
_KEPT = (
    "passes",
    "tolerance",
    "iterations",
    "gamma_threshold",
    "memory",
    "chunksize",
    "minimum_probability",
    "minimum_phi_value",
    "per_word_topics",
)
_DTYPES = {"float32": np.float32, "float64": np.float64}


def write(model, folder: Path) -> None:
    """Write the model's arrays, settings and checksums into the folder; the same model gives the same bytes.

    `state.npz`: `sstats` (topics x words, expected tokens), `alpha`, `eta`, `document_counts` (documents x topics,
    expected tokens, float32). `model.json`: words by id, document ids, settings, trace.
    """
    settings = {
        "format": FORMAT,
        "class": "CollapsedLda",
        "num_topics": model.num_topics,
        "words": {str(i): str(model.id2word[i]) for i in sorted(model.id2word.keys())},
        "document_ids": model.document_ids,
        "documents": int(model.state.numdocs),
        "seed": model.seed,
        "dtype": str(model.dtype),
        "alpha_learned": bool(model.optimize_alpha),
        "trace": model.trace,
        "converged": bool(model.converged),
    }
    settings |= {name: getattr(model, name) for name in _KEPT}
    arrays = BytesIO()
    np.savez(  # numpy dates every member 1980-01-01, so equal arrays give equal bytes
        arrays,
        sstats=model.state.sstats,
        alpha=model.alpha,
        eta=model.eta,
        document_counts=model.document_counts,
    )
    contents = {
        ARRAYS: arrays.getvalue(),
        SETTINGS: (json.dumps(settings, ensure_ascii=False, indent=1) + "\n").encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (contents | {CHECKSUMS: b"".join(_sums(contents))}).items():
        _replace(folder / name, data)


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, never half of them."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


def read(kind: type, folder: Path):
    """Return the model in the folder; `kind` is `CollapsedLda`.

    Raises
    ------
    ConfigurationError
        If a file is missing, has another checksum than at writing, or is of another format.
    """
    contents = {name: _bytes(folder, name) for name in (CHECKSUMS, SETTINGS, ARRAYS)}
    settings = _settings(contents[SETTINGS], folder)
    _check(contents, folder)
    model = kind(
        id2word={int(i): word for i, word in settings["words"].items()},
        num_topics=settings["num_topics"],
        random_state=settings["seed"],
        dtype=_DTYPES[settings["dtype"]],
        **{name: settings[name] for name in _KEPT},
    )
    with np.load(BytesIO(contents[ARRAYS]), allow_pickle=False) as file:
        model.alpha, model.eta = file["alpha"], file["eta"]
        model.state.eta, model.state.sstats = model.eta, file["sstats"]
        model.document_counts = file["document_counts"]
    model.optimize_alpha = settings["alpha_learned"]
    model.state.numdocs = model.num_updates = settings["documents"]
    model.document_ids, model.trace = settings["document_ids"], settings["trace"]
    model.converged = settings["converged"]
    model.sync_state()
    return model


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ConfigurationError(f"{folder.name}/{name}: no model here ({reason}); {_REMEDY}") from None


def _settings(data: bytes, folder: Path) -> dict:
    """Return the settings, refusing another format first: its other files may follow other rules."""
    try:
        settings = json.loads(data)
        version = settings["format"]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{folder.name}/{SETTINGS}: not the settings of a model; {_REMEDY}") from None
    if version != FORMAT:
        raise ConfigurationError(f"{folder.name}/{SETTINGS}: format {version}, this version reads {FORMAT}; {_REMEDY}")
    return settings


def _sums(contents: dict[str, bytes]) -> list[bytes]:
    """Return the lines of the checksum file, as `sha256sum` writes them."""
    return [f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n".encode() for name in (ARRAYS, SETTINGS)]


def _check(contents: dict[str, bytes], folder: Path) -> None:
    expected, written = _sums(contents), contents[CHECKSUMS]
    if written == b"".join(expected):
        return
    row, name = (1, ARRAYS) if not written.startswith(expected[0]) else (2, SETTINGS)
    raise ConfigurationError(
        f"{folder.name}/{CHECKSUMS}, row {row}: {name} is not the file that was written; {_REMEDY}"
    )
