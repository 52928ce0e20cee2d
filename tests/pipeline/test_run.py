"""The runner: results appear only when all of a notebook succeeded, and they are the same bytes each time."""

import errno
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from engagement import run
from engagement.errors import ConfigurationError

FAILING = "raise ValueError('the reason')"


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_results_are_put_in_place(miniature):
    assert run.run("corpus") == miniature.results
    assert (miniature.results / "greetings.txt").read_text() == "hello\nhello\n"
    executed = nbformat.read(miniature.results / "01-corpus.ipynb", as_version=4)
    assert executed.cells[-1].outputs[0].data["text/markdown"] == "Said 2 times."
    assert executed.metadata.papermill == {"parameters": {"greeting": "hello", "repeats": 2}}


def test_parameters_reach_the_notebook(miniature):
    miniature.params(partners=["US"], corpus={"greeting": "bye", "repeats": 1})
    run.run("corpus")
    assert (miniature.results / "greetings.txt").read_text() == "bye\n"


def test_two_runs_give_the_same_bytes(miniature):
    miniature.notebook("for i in range(50):\n    print(i, flush=True)")
    run.run("corpus")
    first = contents(miniature.results)
    run.run("corpus")
    assert contents(miniature.results) == first
    assert str(miniature.folder).encode() not in b"".join(first.values())


def test_a_failing_cell_is_named_and_earlier_results_stand(miniature):
    run.run("corpus")
    before = contents(miniature.results)
    miniature.notebook("print('fine')", FAILING)
    with pytest.raises(ConfigurationError) as error:
        run.run("corpus")
    assert str(error.value) == (
        "corpus: cell “How is part 1?”: ValueError: the reason; the marked notebook is reports/failed/01-corpus.ipynb"
    )
    assert contents(miniature.results) == before
    kept = nbformat.read(miniature.folder / "reports/failed/01-corpus.ipynb", as_version=4)
    assert any(o.output_type == "error" for c in kept.cells for o in c.get("outputs", []))
    assert not list((miniature.folder / "data/processed").glob(".*staged"))


def test_the_failed_notebook_goes_when_the_stage_succeeds(miniature):
    miniature.notebook(FAILING)
    with pytest.raises(ConfigurationError):
        run.run("corpus")
    miniature.notebook("1")
    run.run("corpus")
    assert not (miniature.folder / "reports/failed/01-corpus.ipynb").exists()


def test_a_warning_is_an_error(miniature):
    miniature.notebook("import sys\nsys.stderr.write('DeprecationWarning: soon')")
    with pytest.raises(ConfigurationError, match="printed a warning: 'DeprecationWarning: soon'"):
        run.run("corpus")
    assert not miniature.results.exists()


def test_an_input_changed_during_the_run_is_an_error(miniature):
    miniature.notebook("from engagement import project\n(project.raw('words') / 'a.txt').write_text('another')")
    with pytest.raises(ConfigurationError, match="data/raw/words/a.txt changed during the run"):
        run.run("corpus")
    assert not miniature.results.exists()


def test_an_undeclared_input_is_an_error(miniature):
    (miniature.folder / "data/raw/others").mkdir()
    miniature.notebook("from engagement import project\nproject.raw('others')")
    with pytest.raises(ConfigurationError, match="data/raw/others is read but not declared"):
        run.run("corpus")


@pytest.mark.parametrize("name", ["../words", "/etc", ".", "a/b", ""])
def test_a_collection_outside_the_raw_folder_is_an_error(miniature, name):
    miniature.notebook(f"from engagement import project\nproject.raw({name!r})")
    with pytest.raises(ConfigurationError, match="is not a folder name in data/raw/"):
        run.run("corpus")


def test_a_missing_input_is_named(miniature):
    miniature.pipeline(["data/raw/gone"])
    with pytest.raises(ConfigurationError, match="data/raw/gone: is declared in dvc.yaml but not there"):
        run.run("corpus")


def test_the_notebook_runs_in_an_empty_folder(miniature):
    miniature.notebook("import os\nassert os.listdir() == []")
    run.run("corpus")


def test_a_full_disk_leaves_earlier_results(miniature, monkeypatch):
    run.run("corpus")
    before = contents(miniature.results)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    monkeypatch.setattr(run, "replace_file", full)
    with pytest.raises(ConfigurationError, match="No space left on device .*; earlier results stand"):
        run.run("corpus")
    assert contents(miniature.results) == before


def test_a_killed_run_leaves_earlier_results_and_the_next_completes(miniature):
    run.run("corpus")
    before = contents(miniature.results)
    started = miniature.folder / "started"
    miniature.write("requirements.lock", "changed")
    miniature.notebook(f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(60)")
    program = "from engagement import run; run.run('corpus')"
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, stderr=subprocess.DEVNULL)
    while not started.exists() and process.poll() is None:
        time.sleep(0.05)
    assert process.poll() is None, "the run ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert contents(miniature.results) == before
    miniature.notebook("1")
    run.run("corpus")
    assert set(contents(miniature.results)) == {"01-corpus.ipynb"}


def test_the_command_line_prints_one_line_and_fails(miniature):
    miniature.params(partners=["US"], corpus={"greeting": 1, "repeats": 2})
    program = "from engagement.cli import main; import sys; sys.argv = ['engagement', 'run', 'corpus']; main()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr == "engagement: params.yaml: corpus.greeting must be str, is 1 (int)\n"
    assert ended.stdout == ""
