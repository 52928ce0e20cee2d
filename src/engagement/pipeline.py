"""Run the pipeline through DVC, with or without git, and tell what was run and what was taken from the cache."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from rich.table import Table

from engagement import parameters, project
from engagement.errors import ConfigurationError
from engagement.run import console


def stages() -> list[str]:
    """Return the names of the DVC stages in the order of the pipeline, `partner@US` and so on for each partner."""
    names = yaml.safe_load((project.root() / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    partners = parameters.load()["partners"]
    return [label for name in names for label in ([f"partner@{p}" for p in partners] if name == "partner" else [name])]


def settle_scm() -> None:
    """Tell DVC whether there is a git repository: it refuses to run in an unpacked archive otherwise.

    The setting goes into `.dvc/config.local`, which is this machine's own, because a committed one would disable DVC's
    experiments for everybody else.
    """
    local = project.root() / ".dvc" / "config.local"
    if (project.root() / ".git").exists():
        if local.exists() and local.read_text(encoding="utf-8") == _NO_SCM:
            local.unlink()
    elif not local.exists():
        local.write_text(_NO_SCM, encoding="utf-8")


_NO_SCM = "[core]\n    no_scm = true\n"


def dvc(*arguments: str, **environment: str) -> int:
    """Run DVC of this environment in the project's folder; return its exit status."""
    # `engagement` must be found by the stages' commands even when the environment is not activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, cwd=project.root(), env=os.environ | {"PATH": path} | environment).returncode


def reproduce(force: bool = False) -> None:
    """Bring every stage up to date, then print which ran (fresh) and which did not (cached).

    Raises
    ------
    ConfigurationError
        If a stage failed; its own message stands above.
    """
    settle_scm()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "stages.jsonl"
        status = dvc("repro", *(["--force"] if force else []), ENGAGEMENT_RUN_LOG=str(log))
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    seconds = {entry["stage"]: entry["seconds"] for entry in map(json.loads, lines)}
    if status != 0:
        raise ConfigurationError("the pipeline stopped; the message above names the stage. Put it right and run again")
    console.print(summary(seconds))
    console.print(f"{sum(seconds.values()):.0f} s in stages. Read {project.reports('index.html')}")


def summary(seconds: dict[str, float]) -> Table:
    """Return the table of stages: fresh with its seconds, or cached."""
    table = Table("stage", "state", "seconds", title="Pipeline")
    table.columns[2].justify = "right"
    for stage in stages():
        ran = stage in seconds
        table.add_row(stage, "fresh" if ran else "cached", f"{seconds[stage]:.1f}" if ran else "–")
    return table
