"""One reader per file ending: each yields a file's records, or says why a record cannot be read.

Reading changes a text in two ways only, both before any offset is counted: a byte order mark at the start of a file is
dropped, and the line ends of Windows and old Macs become a line feed.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pyarrow as arrow
from pyarrow import parquet

from engagement.corpus.collection import Collection
from engagement.errors import ConfigurationError

LARGEST_FILE = 512 * 2**20  # bytes; larger tables are to be split
LARGEST_TEXT = 1_000_000  # characters, a thick book: more is a reading error, such as a lost quotation mark

FIELDS_REQUIRED = ("document_id", "date", "title", "text")
FIELDS = (
    *FIELDS_REQUIRED,
    "date_inferred",
    "event_date",
    "published",
    "outlet",
    "outlet_country",
    "url",
    "language",
    "licence",
    "sha256",
    "sources",
)


@dataclass(frozen=True)
class Refusal:
    """Why something is refused, and what to do about it."""

    reason: str
    remedy: str


@dataclass(frozen=True)
class Record:
    """One record of a file: its place in it (0 is the whole file), and its fields or why it is refused."""

    file: str
    place: int
    fields: dict[str, object] = field(default_factory=dict)
    refusal: Refusal | None = None


def read(collection: Collection, path: Path) -> Iterator[Record]:
    """Yield the records of one file, by the reader its ending asks for.

    Raises
    ------
    ConfigurationError
        If a table lacks a required column.
    """
    name = path.relative_to(collection.folder).as_posix()
    if path.stat().st_size > LARGEST_FILE:
        yield Record(
            name, 0, refusal=Refusal(f"file larger than {LARGEST_FILE // 2**20} MiB", "split it into several files")
        )
        return
    yield from READERS[path.suffix](collection, name, path.read_bytes())


def _decoded(content: bytes) -> str | Refusal:
    """Return UTF-8 bytes as text with plain line ends, or which byte is not UTF-8."""
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Refusal(
            f"byte {error.start} (0x{content[error.start]:02x}) is not UTF-8",
            "save the file as UTF-8, or correct the damaged character",
        )
    return plain_lines(decoded)


def plain_lines(text: str) -> str:
    """Return the text with a line feed for each line end of Windows (CR LF) or of an old Mac (CR)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain_text(collection: Collection, name: str, content: bytes) -> Iterator[Record]:
    row = collection.manifest.get(name)
    if row is None:
        remedy = "add a row for it to the manifest, or take the file out of the folder"
        yield Record(name, 0, refusal=Refusal("text without a row in the manifest", remedy))
        return
    text = _decoded(content)
    if isinstance(text, Refusal):
        yield Record(name, 0, {"document_id": row["document_id"]}, text)
        return
    found = hashlib.sha256(text.encode()).hexdigest()
    refusal = None
    if not text.strip():
        refusal = Refusal("empty text", "paste the article's text into the file")
    elif not row["sha256"]:
        refusal = Refusal("no checksum in the manifest", f"write {found} in row {row['row']}, column sha256")
    elif row["sha256"].strip().lower() != found:
        refusal = Refusal(
            f"checksum broken: the text has {found}",
            f"fetch the text again, or write this checksum in row {row['row']} of the manifest if the change is wanted",
        )
    yield Record(name, 0, {**row, "date": row["event_date"] or row["published"], "text": text}, refusal)


def _json_lines(collection: Collection, name: str, content: bytes) -> Iterator[Record]:
    for place, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        decoded = _decoded(line)
        if isinstance(decoded, Refusal):
            yield Record(name, place, refusal=decoded)
            continue
        try:
            fields = json.loads(decoded)
        except (ValueError, RecursionError) as error:
            at = f" at character {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            remedy = "write one JSON object per line, or remove the line"
            yield Record(name, place, refusal=Refusal(f"line is not JSON{at}", remedy))
            continue
        if not isinstance(fields, dict):
            remedy = 'write one JSON object per line, such as {"document_id": ...}'
            yield Record(name, place, refusal=Refusal("line is not a JSON object", remedy))
            continue
        yield Record(name, place, fields)


def _comma_separated(collection: Collection, name: str, content: bytes) -> Iterator[Record]:
    text = _decoded(content)
    if isinstance(text, Refusal):
        yield Record(name, 0, refusal=text)
        return
    csv.field_size_limit(LARGEST_FILE)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or []
    _require(columns, f"data/raw/{collection.name}/{name}, row 1")
    for place, row in enumerate(reader, start=2):
        if None in row or None in row.values():
            remedy = "put texts with commas or line breaks in quotation marks"
            refusal = Refusal(f"row does not have {len(columns)} cells", remedy)
            yield Record(name, place, {"document_id": row["document_id"]}, refusal)
            continue
        yield Record(name, place, row)


def _parquet(collection: Collection, name: str, content: bytes) -> Iterator[Record]:
    try:
        table = parquet.read_table(io.BytesIO(content))
    except (arrow.ArrowException, OSError):
        yield Record(name, 0, refusal=Refusal("cannot be read as Parquet", "write the file again"))
        return
    _require(table.column_names, f"data/raw/{collection.name}/{name}")
    for place, row in enumerate(table.to_pylist(), start=1):
        yield Record(name, place, {c: _iso(v) for c, v in row.items()})


def _iso(value: object) -> object:
    """Return a date or time as text; other values as they are."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _require(columns: list[str], where: str) -> None:
    missing = [c for c in FIELDS_REQUIRED if c not in columns]
    if missing:
        raise ConfigurationError(f"{where}: no column {', '.join(missing)}; add it (columns: {', '.join(FIELDS)})")


READERS: dict[str, Callable[[Collection, str, bytes], Iterator[Record]]] = {
    ".csv": _comma_separated,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
    ".txt": _plain_text,
}
