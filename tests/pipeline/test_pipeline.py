"""The whole chain through DVC, in a miniature project without git: fresh, cached, failed, killed."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

PROGRAM = "import sys; from engagement.cli import main; sys.argv = ['engagement', 'reproduce']; main()"


@pytest.fixture
def chain(miniature):
    (miniature.folder / ".dvc").mkdir()
    miniature.write(".dvc/config", "[core]\n    analytics = false\n    check_update = false\n")
    return miniature


def reproduce() -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=os.environ | {"COLUMNS": "120"}
    )


def state(ended: subprocess.CompletedProcess) -> str:
    (found,) = re.findall(r"corpus\s+│\s+(fresh|cached)", ended.stderr)
    return found


def bytes_of(miniature) -> dict[str, bytes]:
    files = [p for p in miniature.results.rglob("*") if p.is_file()] + [miniature.folder / "dvc.lock"]
    return {p.name: p.read_bytes() for p in files}


def test_a_second_run_is_cached_and_a_changed_parameter_is_not(chain):
    first = reproduce()
    assert first.returncode == 0, first.stderr
    assert state(first) == "fresh"
    assert "reports/index.html" in first.stderr
    assert state(reproduce()) == "cached"
    chain.params(partners=["US"], corpus={"greeting": "bye", "repeats": 1})
    assert state(reproduce()) == "fresh"


def test_a_forced_run_leaves_the_lock_and_the_results(chain):
    reproduce()
    before = bytes_of(chain)
    program = PROGRAM.replace("'reproduce'", "'reproduce', '--force'")
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert state(ended) == "fresh"
    assert bytes_of(chain) == before


def test_a_failed_stage_stops_the_chain_with_its_reason(chain):
    reproduce()
    before = bytes_of(chain)
    chain.notebook("1 / 0")
    ended = reproduce()
    assert ended.returncode == 1
    assert "ZeroDivisionError: division by zero; the marked notebook is reports/failed/01-corpus.ipynb" in ended.stderr
    assert bytes_of(chain) == before


@pytest.mark.parametrize("moment", ["at once", "in the notebook"])
def test_a_killed_run_is_taken_up_again_with_the_same_bytes(chain, moment):
    slow = "from pathlib import Path\nimport time\nfrom engagement import project\n" + (
        "project.output('corpus/half.txt').write_text('half')\n"
        "flag = project.root() / 'slow'\n"
        "(project.root() / 'started').touch()\n"
        "time.sleep(60 if flag.exists() else 0)\n"
        "project.output('corpus/half.txt').write_text('whole')"
    )
    chain.notebook(slow)
    assert reproduce().returncode == 0
    whole = bytes_of(chain)
    for name in ("started", "dvc.lock"):
        (chain.folder / name).unlink()
    chain.write("slow", "")
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], start_new_session=True, stderr=subprocess.DEVNULL)
    while moment == "in the notebook" and not (chain.folder / "started").exists() and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (chain.folder / "slow").unlink()
    again = reproduce()
    assert again.returncode == 0, again.stderr
    assert bytes_of(chain) == whole
