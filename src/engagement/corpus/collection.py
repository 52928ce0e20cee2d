"""A collection: a folder of texts, and `collection.yaml`, which says whose they are and which files hold documents."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from engagement import project
from engagement.errors import ConfigurationError

ENDINGS = (".csv", ".jsonl", ".parquet", ".txt")
REQUIRED = ("title", "creator", "origin", "licence", "rights", "language", "documents")
OPTIONAL = ("manifest", "datasheet")
MANIFEST_REQUIRED = ("document_id", "file", "title", "outlet", "published", "url", "licence", "sha256")
MANIFEST_OPTIONAL = ("outlet_country", "event_date", "language")


@dataclass(frozen=True)
class Collection:
    """What `collection.yaml` says, and the files it names.

    `files` holds the files with documents, sorted by name; `manifest` a row per plain text, by file name.
    """

    name: str
    folder: Path
    licence: str
    language: str
    files: tuple[Path, ...]
    manifest: dict[str, dict[str, str]] | None


def load(name: str) -> Collection:
    """Read `collection.yaml` of the collection `name` in `data/raw/`.

    Raises
    ------
    ConfigurationError
        If the folder or its `collection.yaml` is missing or wrong, a file leads out of the folder, or the manifest
        lacks a column, repeats a name or points out of the folder.
    """
    folder = project.raw(name)
    if not folder.is_dir():
        known = sorted(p.parent.name for p in folder.parent.glob("*/collection.yaml"))
        raise ConfigurationError(
            f"params.yaml: corpus.collections: no folder data/raw/{name}; there are: {', '.join(known) or 'none'}"
        )
    about = _about(folder / "collection.yaml", f"data/raw/{name}/collection.yaml")
    patterns = about["documents"]
    manifest = None
    if any(pattern.endswith(".txt") for pattern in patterns):
        manifest = _manifest(folder / about["manifest"], f"data/raw/{name}/{about['manifest']}", patterns)
    files = _files(folder, patterns, f"data/raw/{name}", optional=manifest is not None)
    return Collection(name, folder, about["licence"], about["language"], files, manifest)


def _about(path: Path, shown: str) -> dict:
    """Return what `collection.yaml` says, checked."""
    if not path.is_file():
        raise ConfigurationError(f"{shown}: not there; copy the one of data/raw/articles and describe your texts in it")
    try:
        about = yaml.safe_load(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{shown}{where}: cannot be read as YAML in UTF-8; correct the line") from None
    if not isinstance(about, dict):
        raise ConfigurationError(f"{shown}: must hold `name: value` lines; needed are {', '.join(REQUIRED)}")
    for key in about:
        if key not in REQUIRED + OPTIONAL:
            raise ConfigurationError(f"{shown}: unknown entry {key!r}; use {', '.join(REQUIRED + OPTIONAL)}")
    for key in REQUIRED:
        if not about.get(key):
            raise ConfigurationError(f"{shown}: no entry {key!r}; add `{key}: ...`")
    for key in set(about) - {"documents"}:
        if not isinstance(about[key], str):
            raise ConfigurationError(f"{shown}: {key} must be text; put the value in quotation marks")
    patterns = about["documents"]
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
        raise ConfigurationError(f'{shown}: documents must be a list of file names; write them as ["*.txt"]')
    for pattern in patterns:
        _inside(pattern, f"{shown}: documents")
        if "**" in pattern:
            raise ConfigurationError(
                f"{shown}: documents: {pattern!r} is too wide; name each folder, as in texts/*.txt"
            )
        if PurePosixPath(pattern).suffix not in ENDINGS:
            raise ConfigurationError(f"{shown}: documents: no reader for {pattern!r}; use {', '.join(ENDINGS)}")
    texts = any(pattern.endswith(".txt") for pattern in patterns)
    if texts != ("manifest" in about):
        remedy = "add `manifest: manifest.csv`" if texts else "remove it: the other formats carry their own columns"
        raise ConfigurationError(f"{shown}: manifest goes with plain text (.txt) and only with it; {remedy}")
    if texts:
        _inside(about["manifest"], f"{shown}: manifest")
    return about


def _inside(name: str, shown: str) -> None:
    """Refuse a file name that leads out of the collection's folder, on any system."""
    if name.startswith(("/", "~")) or "\\" in name or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        raise ConfigurationError(f"{shown}: {name!r} leads out of the folder; give a name inside it")


def _matches(name: str, pattern: str) -> bool:
    return name.count("/") == pattern.count("/") and PurePosixPath(name).match(pattern)


def _files(folder: Path, patterns: list[str], shown: str, optional: bool) -> tuple[Path, ...]:
    """Return the files that match the patterns, sorted by name, all of them inside the folder."""
    found = {}
    for pattern in patterns:
        matches = [p for p in folder.glob(pattern) if p.is_file() or p.is_symlink()]
        if not matches and not optional:
            raise ConfigurationError(f"{shown}/collection.yaml: documents: no file {pattern!r}; correct the name")
        found.update({path.relative_to(folder).as_posix(): path for path in matches})
    for name, path in sorted(found.items()):
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ConfigurationError(f"{shown}/{name}: is a link out of the folder; put the file itself there")
        if not path.is_file():
            raise ConfigurationError(f"{shown}/{name}: is a link to nothing; put the file itself there")
    return tuple(found[name] for name in sorted(found))


def _manifest(path: Path, shown: str, patterns: list[str]) -> dict[str, dict[str, str]]:
    """Return the manifest's rows by file name; each row also carries its `row` number as a spreadsheet shows it."""
    if not path.is_file():
        raise ConfigurationError(f"{shown}: not there; make it with the columns {', '.join(MANIFEST_REQUIRED)}")
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise ConfigurationError(f"{shown}: is a link out of the folder; put the file itself there")
    try:
        content = path.read_bytes().decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(content.replace("\r\n", "\n").replace("\r", "\n"), newline=""))
        columns, listed = reader.fieldnames or [], list(reader)
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{shown}: byte {error.start} is not UTF-8; save the file as CSV UTF-8") from None
    except csv.Error as error:
        raise ConfigurationError(f"{shown}: not readable as CSV ({error}); save the file as CSV UTF-8 again") from None
    missing = [c for c in MANIFEST_REQUIRED if c not in columns]
    if missing:
        raise ConfigurationError(f"{shown}, row 1: no column {', '.join(missing)}; add it (separated by commas)")
    rows: dict[str, dict[str, str]] = {}
    ids: dict[str, int] = {}
    for number, row in enumerate(listed, start=2):
        where = f"{shown}, row {number}"
        if None in row or None in row.values():
            raise ConfigurationError(f"{where}: not {len(columns)} cells; put texts with commas in quotation marks")
        name = row["file"]
        if not name or not row["document_id"]:
            raise ConfigurationError(f"{where}: empty document_id or file; fill it in")
        _inside(name, where)
        if not any(_matches(name, pattern) for pattern in patterns if pattern.endswith(".txt")):
            raise ConfigurationError(f"{where}: {name!r} is none of the documents {patterns}; correct one of the two")
        if name in rows or row["document_id"] in ids:
            earlier = rows[name]["row"] if name in rows else ids[row["document_id"]]
            raise ConfigurationError(f"{where}: repeats the document_id or file of row {earlier}; remove one")
        ids[row["document_id"]] = number
        rows[name] = {c: row.get(c, "") for c in MANIFEST_REQUIRED + MANIFEST_OPTIONAL} | {"row": number}
    return rows
