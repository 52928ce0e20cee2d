"""The files of the reader's copy that are no pages, and how the copy is put in place."""

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from engagement import project
from engagement.errors import ConfigurationError
from engagement.reporting import display

# Larger tables are for programs: they stay in data/processed/, with their hash in outputs.csv.
_LARGEST_TABLE = 100_000
LISTING = "outputs.csv"


def folders(partners: tuple[str, ...]) -> list[str]:
    """Return the folders of results below `data/processed/`: a stage each, for `partner` one per partner."""
    return [
        name
        for stage in project.NOTEBOOK_STAGES
        for name in ([f"partner/{p}" for p in partners] if stage == "partner" else [stage])
    ]


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def metrics(folder: str) -> dict[str, object]:
    """Return the headline numbers of one folder of results.

    Raises
    ------
    ConfigurationError
        If the stage has not written them.
    """
    path = project.processed(*folder.split("/"), "metrics.json")
    if not path.is_file():
        raise ConfigurationError(f"data/processed/{folder}/metrics.json: not there yet; run `dvc repro`")
    return json.loads(path.read_text(encoding="utf-8"))


def within_licence(table: bytes, licences: dict[str, str]) -> bytes:
    """Return a CSV whose quotations of third-party texts are cut to what may be shown.

    `licences` is the licence of each document; the table's rows name their document or their sentence.
    """
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8"))))
    if not rows or "text" not in rows[0] or not {"document_id", "sentence_id"} & rows[0].keys():
        return table
    for row in rows:
        document = row.get("document_id") or row["sentence_id"].rpartition("#")[0]
        row["text"] = display.excerpt(row["text"], licences.get(document, "third-party"))
    kept = io.StringIO()
    writer = csv.DictWriter(kept, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return kept.getvalue().encode()


def copies(partners: tuple[str, ...], licences: dict[str, str]) -> dict[str, bytes]:
    """Return figures with their numbers, and the small tables, by their path in `reports/`."""
    found = {}
    for name in folders(partners):
        folder = project.processed(*name.split("/"))
        for path in sorted((folder / "figures").glob("*")):
            if path.suffix == ".png":
                found[f"figures/{name}/{path.name}"] = path.read_bytes()
            elif path.suffix == ".csv":
                found[f"figures/{name}/{path.name}"] = within_licence(path.read_bytes(), licences)
        for path in sorted(folder.glob("*.csv")):
            if path.stat().st_size <= _LARGEST_TABLE:
                found[f"tables/{name}/{path.name}"] = within_licence(path.read_bytes(), licences)
    return found


def listing(published: dict[str, bytes], partners: tuple[str, ...]) -> bytes:
    """Return `outputs.csv`: path, SHA-256 and size of every result and every published file."""
    contents = {f"reports/{name}": content for name, content in published.items() if name != LISTING}
    for folder in folders(partners):
        for path in _visible(project.processed(*folder.split("/"))):
            contents[path.relative_to(project.root()).as_posix()] = path.read_bytes()
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["path", "sha256", "bytes"])
    writer.writerows(
        [name, hashlib.sha256(content).hexdigest(), len(content)] for name, content in sorted(contents.items())
    )
    return table.getvalue().encode()


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files, by their path relative to it, into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _listed(target: Path) -> set[str]:
    """Return the files an earlier run published, as its listing names them."""
    try:
        rows = list(csv.DictReader((target / LISTING).read_text(encoding="utf-8").splitlines()))
    except OSError:
        return set()
    return {row["path"].removeprefix("reports/") for row in rows if (row.get("path") or "").startswith("reports/")}


def _put(target: Path, staged: Path, name: str) -> None:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    os.replace(staged / name, target / name)


def replace(target: Path, staged: Path, files: dict[str, bytes]) -> None:
    """Put the staged files in the target's place, one whole file after another, and take away what is published no more.

    Only what an earlier listing names is taken away: a file somebody else put there stays. Before the first change the
    listing names old and new files together, so that after a kill in between the next run still knows them all.
    """
    earlier = _listed(target)
    journal = staged / f"{LISTING}.both"
    both = sorted({f"reports/{name}" for name in earlier | files.keys()})
    journal.write_text("\n".join(["path,sha256,bytes", *(f"{name},," for name in both)]) + "\n", encoding="utf-8")
    target.mkdir(parents=True, exist_ok=True)
    os.replace(journal, target / LISTING)
    for name in sorted(files.keys() - {LISTING}):
        _put(target, staged, name)
    for name in sorted(earlier - files.keys()):
        former = (target / name).resolve()
        if former.is_relative_to(target.resolve()):
            former.unlink(missing_ok=True)
            _drop_empty(former.parent, target.resolve())
    _put(target, staged, LISTING)


def _drop_empty(folder: Path, target: Path) -> None:
    while folder != target and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def clear(staged: Path) -> None:
    """Remove a staging folder, of this run or of one that was killed."""
    shutil.rmtree(staged, ignore_errors=True)
