"""nbval: every published notebook is run again and its stored outputs are compared with the fresh ones.

There is no sanitize file: nothing in the notebooks needs one.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engagement import verify


def nbval(root: Path, output: Path, *notebooks: Path) -> subprocess.CompletedProcess:
    """Run nbval on notebooks whose results go into a scratch folder; return the ended process."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval",
        "--nbval-current-env",
        "-q",
        "-o",
        "addopts=",
        "--rootdir",
        root,
    ]
    settings = os.environ | {"ENGAGEMENT_OUTPUT": str(output), "ENGAGEMENT_ROOT": str(root)}
    options = ["-p", "no:cacheprovider", *notebooks]
    return subprocess.run(
        [*map(str, command), *map(str, options)], cwd=root, env=settings, capture_output=True, text=True
    )


def test_stored_outputs_are_what_a_fresh_run_gives(root, tmp_path):
    notebooks = sorted((root / "reports").glob("*.ipynb"))
    assert len(notebooks) >= 8
    before = verify.hashes(root)
    ended = nbval(root, tmp_path, *notebooks)
    assert ended.returncode == 0, ended.stdout[-6000:]
    compared = re.search(r"(\d+) passed", ended.stdout)
    assert compared and int(compared[1]) >= 50
    assert verify.hashes(root) == before, "the check must leave the working tree as it is"


def numbered_outputs(notebook: dict) -> list[tuple[int, int, str, int]]:
    """Return where a stored text output holds a digit: cell, output, type, line."""
    return [
        (i, j, kind, k)
        for i, cell in enumerate(notebook["cells"])
        for j, output in enumerate(cell.get("outputs", []))
        for kind, lines in output.get("data", {}).items()
        if kind in ("text/html", "text/markdown")
        for k, line in enumerate(lines)
        if re.search(r"\d", line)
    ]


@pytest.mark.parametrize("kind", ["text/html", "text/markdown"])
def test_one_altered_number_turns_it_red(root, tmp_path, kind):
    notebook = json.loads((root / "reports" / "01-corpus.ipynb").read_text(encoding="utf-8"))
    i, j, _, k = next(place for place in numbered_outputs(notebook) if place[2] == kind)
    lines = notebook["cells"][i]["outputs"][j]["data"][kind]
    lines[k] = re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 10), lines[k], count=1)
    altered = tmp_path / "01-corpus.ipynb"
    altered.write_text(json.dumps(notebook), encoding="utf-8")
    ended = nbval(root, tmp_path / "output", altered)
    assert ended.returncode == 1
    assert re.search(r"\b1 failed", ended.stdout), ended.stdout[-3000:]
