"""A scratch project with tiny, invented collections."""

import csv
import hashlib
import io
import json
import shutil
from pathlib import Path

import pytest
import yaml

from engagement import corpus, tables
from engagement.corpus.collection import MANIFEST_REQUIRED

ENGLISH = (
    "The minister met the ambassador in the capital on Monday. They agreed that the bridge over the river will be "
    "finished by the end of the dry season, and that the loan for it is to be repaid within ten years."
)
ABOUT = {
    "title": "Invented texts",
    "creator": "The tests",
    "origin": "Written for the tests",
    "licence": "CC0",
    "rights": "none",
    "language": "en",
}


def record(document_id: str, **changes) -> dict:
    """Return a good record of a JSONL collection; a change to `...` leaves the field out."""
    fields = {"document_id": document_id, "date": "2016-01-26", "title": "A bridge", "text": ENGLISH, **changes}
    return {name: value for name, value in fields.items() if value is not ...}


class Scratch:
    """A project in which collections are written and read."""

    def __init__(self, folder: Path, outlets: Path):
        self.folder = folder
        (folder / "data" / "reference").mkdir(parents=True)
        shutil.copyfile(outlets, folder / "data" / "reference" / "outlets.csv")
        (folder / "params.yaml").write_text("{}\n")

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file below `data/raw/`."""
        path = self.folder / "data" / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def about(self, collection: str, documents: list[str], **changes) -> None:
        """Write `collection.yaml`; a change to `...` leaves the entry out."""
        about = {**ABOUT, "documents": documents, **changes}
        kept = {name: value for name, value in about.items() if value is not ...}
        self.write(f"{collection}/collection.yaml", yaml.safe_dump(kept, allow_unicode=True))

    def lines(self, *records: dict | str | bytes, collection: str = "lines") -> None:
        """Write a JSONL collection of records, or of raw lines."""
        raw = [
            r if isinstance(r, bytes) else r.encode() if isinstance(r, str) else json.dumps(r).encode() for r in records
        ]
        self.about(collection, ["texts.jsonl"])
        self.write(f"{collection}/texts.jsonl", b"\n".join(raw) + b"\n")

    def texts(self, texts: dict[str, str | bytes], collection: str = "texts", **changes) -> None:
        """Write a plain-text collection with a row in its manifest per text; `changes` go into every row."""
        rows = []
        for name, text in texts.items():
            content = text if isinstance(text, bytes) else text.encode()
            self.write(f"{collection}/{name}", content)
            row = dict.fromkeys(MANIFEST_REQUIRED, "") | {"document_id": name.removesuffix(".txt"), "file": name}
            row |= {"title": "A bridge", "published": "2016-01-26", "sha256": hashlib.sha256(content).hexdigest()}
            rows.append(row | changes)
        self.about(collection, ["*.txt"], manifest="manifest.csv")
        self.manifest(rows, collection)

    def manifest(self, rows: list[dict], collection: str = "texts") -> None:
        """Write a manifest with the rows' own columns."""
        file = io.StringIO()
        writer = csv.DictWriter(file, list(rows[0]) if rows else MANIFEST_REQUIRED, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.write(f"{collection}/manifest.csv", file.getvalue())

    def build(self, *collections: str, **changes) -> corpus.Corpus:
        """Build the corpus and check its tables against their schemas."""
        params = {"language": "en", "start": "2008-01-01", "end": "2025-12-31"} | changes
        built = corpus.build(list(collections), **params)
        return corpus.Corpus(
            tables.validated(built.documents, "corpus/documents.parquet"),
            tables.validated(built.rejected, "corpus/rejected.csv"),
            tables.validated(built.absent, "corpus/absent.csv"),
        )


@pytest.fixture
def scratch(tmp_path, monkeypatch, root) -> Scratch:
    """An empty scratch project that `engagement.project` takes for the project."""
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(tmp_path))
    return Scratch(tmp_path, root / "data" / "reference" / "outlets.csv")


@pytest.fixture
def good():
    """The factory of good records."""
    return record
