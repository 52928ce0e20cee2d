"""Verify: rerun everything in a scratch copy and compare each output with the published one.

What is published is `reports/` and, for the results git does not hold, their hashes in `reports/outputs.csv`.
"""

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engagement import project
from engagement.errors import ConfigurationError

# Published numbers carry six significant digits; a difference of this size is the last of them.
RELATIVE_TOLERANCE = 1e-5

# What a copy of the project leaves out: results, caches, environments.
_LEFT_OUT = (".git", ".venv", ".dvc/cache", ".dvc/tmp", ".dvc/config.local", "data/processed", "reports/failed")


@dataclass(frozen=True)
class Verdict:
    """One output compared: its stage, its path, the two hashes (empty where absent) and the verdict in words."""

    stage: str
    output: str
    published: str
    fresh: str
    verdict: str


def project_files() -> list[str]:
    """Return the project's own files, relative to its folder: git's list where there is one, else all but results."""
    if (project.root() / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = (
            subprocess.run(command, cwd=project.root(), capture_output=True, check=True).stdout.decode().split("\0")
        )
        return sorted(name for name in set(listed) if name and (project.root() / name).is_file())
    files = (p.relative_to(project.root()).as_posix() for p in project.root().rglob("*") if p.is_file())
    return sorted(f for f in files if "__pycache__" not in f and not any(_within(f, part) for part in _LEFT_OUT))


def _within(file: str, part: str) -> bool:
    return file == part or file.startswith(f"{part}/")


def copy_project(target: Path) -> None:
    """Copy the project without its results into a new folder, so that a run there starts from raw text."""
    for name in project_files():
        copied = target / name
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.root() / name, copied)
    # Texts a researcher has added are not in git, but they are part of what was published.
    for text in sorted((project.root() / "data" / "raw").rglob("*")):
        copied = target / text.relative_to(project.root())
        if text.is_file() and not copied.exists():
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(text, copied)


def run_in(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run `engagement` with the source code of a copy of the project, and in that copy."""
    settings = os.environ | {"ENGAGEMENT_ROOT": str(folder), "PYTHONPATH": str(folder / "src")} | environment
    program = "import sys; from engagement.cli import main; sys.argv[0] = 'engagement'; main()"
    return subprocess.run([sys.executable, "-c", program, *arguments], cwd=folder, env=settings)


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every published file, every result and the lock of a project, by path relative to it."""
    lock = folder / "dvc.lock"
    found = {"dvc.lock": hashlib.sha256(lock.read_bytes()).hexdigest()} if lock.is_file() else {}
    for part in ("data/processed", "reports"):
        for path in sorted((folder / part).rglob("*")):
            name = path.relative_to(folder).as_posix()
            hidden = any(piece.startswith(".") for piece in Path(name).parts)
            if path.is_file() and not hidden and not name.startswith("reports/failed/"):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def published_hashes(folder: Path) -> dict[str, str]:
    """Return what a project publishes: the files of `reports/` as they are, the results as `outputs.csv` lists them.

    Raises
    ------
    ConfigurationError
        If nothing has been published yet, or the list of outputs cannot be read.
    """
    listing = folder / "reports" / "outputs.csv"
    try:
        listed = pd.read_csv(listing, dtype=str, keep_default_na=False)
        known = dict(zip(listed["path"], listed["sha256"], strict=True))
    except (OSError, KeyError, ValueError):
        raise ConfigurationError("reports/outputs.csv: missing or unreadable; run `make reproduce` first") from None
    results = {name: digest for name, digest in known.items() if name.startswith("data/processed/")}
    reports = {name: digest for name, digest in hashes(folder).items() if not name.startswith("data/processed/")}
    missing = {name: "" for name in known if name not in results and name not in reports}
    return results | reports | missing


def stage_of(output: str) -> str:
    """Return the stage that wrote an output: the folder below data/processed/, `publish` for the reports."""
    parts = output.split("/")
    if output == "dvc.lock":
        return "pipeline"
    if parts[0] == "reports":
        return "publish"
    return f"partner@{parts[3]}" if parts[2] == "partner" else parts[2]


def largest_difference(published: bytes, fresh: bytes, suffix: str) -> float | None:
    """Return the largest relative difference between two tables of numbers, None where more than numbers differ."""
    try:
        read = pd.read_csv if suffix == ".csv" else pd.read_parquet
        one, two = read(io.BytesIO(published)), read(io.BytesIO(fresh))
    except Exception:  # a table so broken that no reader takes it differs, whatever the reader says
        return None
    if list(one.columns) != list(two.columns) or len(one) != len(two):
        return None
    largest = 0.0
    for name in one.columns:
        if pd.api.types.is_float_dtype(one[name]) and pd.api.types.is_float_dtype(two[name]):
            a, b = one[name].to_numpy(), two[name].to_numpy()
            if (np.isnan(a) != np.isnan(b)).any():
                return None
            scale = np.maximum(np.maximum(abs(a), abs(b)), np.finfo(float).tiny)
            largest = max(largest, float(np.nanmax(abs(a - b) / scale, initial=0.0)))
        elif not one[name].equals(two[name]):
            return None
    return largest


def compare(published: dict[str, str], fresh: dict[str, str], here: Path, there: Path) -> Iterable[Verdict]:
    """Compare two sets of outputs; `here` and `there` are their projects, for a closer look at tables that differ."""
    for output in sorted(published.keys() | fresh.keys()):
        one, two = published.get(output, ""), fresh.get(output, "")
        if one == two:
            verdict = "identical"
        elif not one or not two:
            verdict = "different: " + ("not produced again" if one else "not published")
        else:
            verdict = _closer(one, output, here, there)
        yield Verdict(stage_of(output), output, one, two, verdict)


def _closer(published: str, output: str, here: Path, there: Path) -> str:
    suffix = Path(output).suffix
    if suffix not in (".csv", ".parquet") or not (here / output).is_file():
        return "different"
    content = (here / output).read_bytes()
    if hashlib.sha256(content).hexdigest() != published:
        return "different"
    largest = largest_difference(content, (there / output).read_bytes(), suffix)
    if largest is None or largest > RELATIVE_TOLERANCE:
        return "different"
    return f"within tolerance (at most {largest:.0e})"


def show(verdicts: list[Verdict], seconds: float) -> None:
    """Print the table of outputs, the outputs that differ a line each, and the line that sums it up."""
    console = Console(highlight=False)
    table = Table("stage", "output", "published", "fresh", "verdict", title="Verified")
    for v in verdicts:
        style = "green" if v.verdict == "identical" else "yellow" if v.verdict.startswith("within") else "bold red"
        table.add_row(v.stage, Text(v.output, overflow="fold"), v.published[:8], v.fresh[:8], Text(v.verdict, style))
    console.print(table)
    for v in verdicts:
        if v.verdict != "identical":
            console.print(f"{v.output}: {v.verdict}", soft_wrap=True, markup=False)
    identical = sum(v.verdict == "identical" for v in verdicts)
    within = sum(v.verdict.startswith("within") for v in verdicts)
    lock = hashlib.sha256((project.root() / "requirements.lock").read_bytes()).hexdigest()[:8]
    console.print(
        f"{len(verdicts)} outputs: {identical} identical, {within} within tolerance, "
        f"{len(verdicts) - identical - within} different · {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, lock {lock}, {seconds:.0f} s",
        soft_wrap=True,
    )


def verify(keep: Path | None = None, tolerate: bool = False) -> bool:
    """Rerun the project in a scratch copy, print `stage | output | published | fresh | verdict`, and say whether all hold.

    Parameters
    ----------
    keep : folder in which to keep the fresh run; it must not exist yet.
    tolerate : accept numbers that differ in the last published digit.

    Raises
    ------
    ConfigurationError
        If nothing is published yet, the folder exists, or the fresh run fails.
    """
    published = published_hashes(project.root())
    if keep and keep.exists():
        raise ConfigurationError(f"{keep}: exists already; name a new folder for the fresh run")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep.resolve() if keep else Path(scratch) / "project"
        copy_project(folder)
        if run_in(folder, "reproduce", "--force").returncode:
            raise ConfigurationError("the fresh run failed; the message above names the stage")
        verdicts = list(compare(published, hashes(folder), project.root(), folder))
    show(verdicts, time.monotonic() - started)
    accepted = ("identical", "within") if tolerate else ("identical",)
    return all(v.verdict.startswith(accepted) for v in verdicts)
