"""Run one stage: its notebook, executed by papermill, and its results put in place only when all of it succeeded."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import papermill
import yaml
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from rich.console import Console

from engagement import parameters, project
from engagement.errors import ConfigurationError

console = Console(stderr=True, highlight=False, soft_wrap=True)


def declared_inputs(stage: str) -> list[str]:
    """Return the paths, relative to the project, that `dvc.yaml` declares as a stage's dependencies."""
    pipeline = yaml.safe_load((project.root() / "dvc.yaml").read_text(encoding="utf-8"))
    return list(pipeline["stages"][stage]["deps"])


def fingerprints(paths: list[str]) -> dict[str, str]:
    """Return the SHA-256 of every file at or below the given paths; caches of compiled code are left out.

    Raises
    ------
    ConfigurationError
        If a declared path does not exist.
    """
    found = {}
    for name in paths:
        path = project.root() / name
        if not path.exists():
            raise ConfigurationError(f"{name}: is declared in dvc.yaml but not there; run `dvc repro` or restore it")
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            if "__pycache__" not in file.parts:
                found[file.relative_to(project.root()).as_posix()] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return an executed notebook without what differs from run to run or from machine to machine.

    Removed are run times, host paths, the random name of the injected cell and patch versions; the parameters papermill
    injected stay.
    """
    injected = notebook.metadata.get("papermill", {}).get("parameters", {})
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
        papermill={"parameters": injected},
    )
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = NotebookNode(tags=tags) if tags else NotebookNode()
        if "injected-parameters" in tags:
            cell.id = "injected-parameters"
    nbformat.validate(notebook)
    return notebook


def heading_of(notebook: NotebookNode, index: int) -> str:
    """Return the last heading at or above a cell, for people to find it by."""
    for cell in reversed(notebook.cells[: index + 1]):
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            if headings:
                return headings[-1].lstrip("# ")
    return "the beginning"


class Progress:
    """Say on the terminal which stage and which cell is running, how long it usually takes, and how long it took."""

    def __init__(self, stage: str, label: str, notebook: NotebookNode | None = None):
        self.label, self.notebook = label, notebook
        self.title = f"stage {project.STAGES.index(stage) + 1}/{len(project.STAGES)} {label}"
        usual = usual_seconds(label)
        self.usual = f" · usually {usual:.0f} s" if usual else ""
        self.status = console.status(self.title) if console.is_terminal else None
        self.started = time.monotonic()

    def __enter__(self) -> "Progress":
        console.print(f"{self.title}{self.usual}")
        if self.status:
            self.status.start()
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if self.status:
            self.status.stop()
        if not failed:
            seconds = time.monotonic() - self.started
            note_seconds(self.label, seconds)
            console.print(f"  {self.label}: {seconds:.1f} s")

    def cell_started(self, cell: NotebookNode, cell_index: int) -> None:
        """Papermill's hook before each cell."""
        if self.status:
            of = f"cell {cell_index + 1}/{len(self.notebook.cells)}"
            self.status.update(f"{self.title} · {of} “{heading_of(self.notebook, cell_index)}”{self.usual}")


def _timings() -> Path:
    return project.processed(".timings.json")


def usual_seconds(label: str) -> float | None:
    """Return how long a stage took last time on this machine, if it is known."""
    try:
        return json.loads(_timings().read_text(encoding="utf-8")).get(label)
    except (OSError, ValueError):
        return None


def note_seconds(label: str, seconds: float) -> None:
    """Keep a stage's duration beside the results: it is for people, and no result depends on it."""
    try:
        known = json.loads(_timings().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    replace_file(_timings(), json.dumps(known | {label: round(seconds, 1)}, indent=1, sort_keys=True).encode())
    log = os.environ.get("ENGAGEMENT_RUN_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"stage": label, "seconds": round(seconds, 1)}) + "\n")


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


def replace_folder(staged: Path, finished: Path) -> None:
    """Put a finished staging folder where the results stand; a kill in between leaves no half-written result."""
    former = finished.with_name(f".{finished.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    finished.parent.mkdir(parents=True, exist_ok=True)
    if finished.exists():
        os.rename(finished, former)
    os.rename(staged, finished)
    shutil.rmtree(former, ignore_errors=True)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables, which the notebook's kernel inherits, and set them back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def kernel_environment(staged: Path, inputs: list[str]) -> dict[str, str]:
    """Return what a stage's kernel is told; time zone, locale, hash seed and threads stay the user's: results do not
    depend on them."""
    return {
        "ENGAGEMENT_ROOT": str(project.root()),
        "ENGAGEMENT_OUTPUT": str(staged),
        "ENGAGEMENT_INPUTS": "\n".join(inputs),
        "SOURCE_DATE_EPOCH": "0",
        # The interpreter that runs the stage runs its kernel too, whatever kernels the user has installed elsewhere.
        "JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter"),
        # The arrays are small: several BLAS threads cost more than they bring.
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
    }


def execute(source: Path, target: Path, values: dict, progress: Progress) -> NotebookNode:
    """Execute a notebook in an empty folder, so that nothing can lean on the working directory."""
    with tempfile.TemporaryDirectory() as empty:
        return papermill.execute_notebook(
            str(source),
            str(target),
            values,
            cwd=empty,
            kernel_name="python3",
            progress_bar=False,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--log-level=CRITICAL"],  # the kernel's own notices are not the stage's
            on_cell_start=progress.cell_started,
        )


def printed_warnings(notebook: NotebookNode) -> list[str]:
    """Return what cells wrote to standard error: warnings that would differ between machines."""
    return [
        output.text.strip()
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]


def failure(error: PapermillExecutionError, notebook: NotebookNode) -> str:
    """Return the one line that tells a failed cell's heading and error."""
    heading = heading_of(notebook, error.cell_index)
    return f"cell “{heading}”: {error.ename}: {' '.join(error.evalue.split())}"


def run(stage: str, partner: str | None = None) -> Path:
    """Run a stage's notebook and put its results in place; return their folder.

    The notebook runs in an empty folder and writes into a staging folder. Only when it has succeeded, and its inputs
    are the ones it started with, does the staging folder replace the results. A failed notebook is kept in
    `reports/failed/`.

    Raises
    ------
    ConfigurationError
        If parameters or inputs are wrong, a cell fails, a cell prints a warning, or an input changes during the run.
    """
    label = f"{stage}@{partner}" if partner else stage
    values = parameters.for_stage(stage, partner)
    inputs = declared_inputs(stage)
    before = fingerprints(inputs)
    source = project.notebook(stage)
    finished = project.processed(stage, partner) if partner else project.processed(stage)
    staged = project.processed(f".{label}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    target = staged / source.name
    kept = project.reports("failed", f"{source.stem}-{partner}.ipynb" if partner else source.name)
    try:
        told = Progress(stage, label, nbformat.read(source, as_version=4))
        with told, environment(**kernel_environment(staged, inputs)):
            notebook = execute(source, target, values, told)
        warnings = printed_warnings(notebook)
        if warnings:
            keep_failed(target, kept)
            raise ConfigurationError(f"{label}: a cell printed a warning: {warnings[0]!r}; see {_shown(kept)}")
        after = fingerprints(inputs)
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        if changed:
            raise ConfigurationError(f"{label}: {changed[0]} changed during the run; run the stage again")
        replace_file(target, (nbformat.writes(normalise(notebook)) + "\n").encode())
        replace_folder(staged, finished)
        kept.unlink(missing_ok=True)
    except PapermillExecutionError as error:
        keep_failed(target, kept)
        reason = failure(error, nbformat.read(target, as_version=4))
        raise ConfigurationError(f"{label}: {reason}; the marked notebook is {_shown(kept)}") from None
    except OSError as error:
        raise ConfigurationError(
            f"{label}: {error.strerror or error} ({error.filename}); earlier results stand"
        ) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return finished


def keep_failed(notebook: Path, kept: Path) -> None:
    """Keep a failed notebook, marked by papermill, where a person finds it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(notebook, kept)


def _shown(path: Path) -> str:
    return path.relative_to(project.root()).as_posix()
