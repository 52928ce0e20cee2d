"""The reader's copy of a small pipeline: complete, the same every time, and replaced as a whole."""

import csv
import hashlib
import json
import os
import shutil

import nbformat
import pytest
from nbformat.v4 import new_output

from engagement import publish
from engagement.errors import ConfigurationError
from engagement.publish import check, results
from engagement.readme import readme


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_everything_a_reader_needs_is_there(pipeline):
    reports = publish.publish()
    files = set(contents(reports))
    assert reports == pipeline / "reports"
    expected = {"index.html", "summary.json", "outputs.csv", "01-corpus.html", "01-corpus.ipynb", "evidence/US.html"}
    expected |= {"07-partner-JP.html", "07-partner-JP.ipynb", "figures/corpus/years.png", "figures/corpus/years.csv"}
    expected |= {"figures/partner/JP/years.png", "tables/validation/agreement.csv", "evidence/JP.html"}
    assert expected <= files
    assert check.problems(reports) == []


def test_publishing_twice_gives_the_same_bytes(pipeline, tmp_path):
    assert contents(publish.publish()) == contents(publish.publish(tmp_path / "elsewhere"))


def test_every_output_is_listed_with_its_hash(pipeline):
    reports = publish.publish()
    with (reports / "outputs.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["path"]: (row["sha256"], int(row["bytes"])) for row in csv.DictReader(file)}
    assert list(listed) == sorted(listed)
    there = {p for p in contents(pipeline) if p.startswith(("reports/", "data/processed/"))} - {"reports/outputs.csv"}
    assert set(listed) == there
    for path, (digest, size) in listed.items():
        content = (pipeline / path).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (digest, size)


def test_what_is_published_no_more_disappears_and_strangers_stay(pipeline):
    former = pipeline / "data/processed/selection/grid.csv"
    former.write_text("num_topics\n8\n", encoding="utf-8")
    reports = publish.publish()
    assert (reports / "tables/selection/grid.csv").is_file()
    (reports / "failed").mkdir()
    (reports / "failed" / "01-corpus.ipynb").write_text("kept")
    (reports / "my-notes.md").write_text("kept")
    former.unlink()
    publish.publish()
    assert not (reports / "tables/selection").exists()
    assert (reports / "failed" / "01-corpus.ipynb").read_text() == "kept"
    assert (reports / "my-notes.md").read_text() == "kept"


def test_a_failure_leaves_the_former_copy_untouched(pipeline):
    before = contents(publish.publish())
    (pipeline / "data/processed/topics/05-topics.ipynb").unlink()
    with pytest.raises(ConfigurationError, match="05-topics.ipynb: not executed yet"):
        publish.publish()
    assert contents(pipeline / "reports") == before
    assert not list(pipeline.glob(".reports*"))


@pytest.mark.parametrize("moment", [0, 1, 17, 40, 63])
def test_killed_at_any_moment_the_next_run_completes(pipeline, monkeypatch, moment):
    complete = contents(publish.publish())
    reports = pipeline / "reports"
    shutil.rmtree(reports / "evidence")
    (reports / "figures" / "old.png").write_text("of an earlier run")
    with (reports / "outputs.csv").open("a", encoding="utf-8") as listing:
        listing.write("reports/figures/old.png,0,0\n")
    replace, done = os.replace, []

    def killed(source, target):
        if len(done) == moment:
            raise KeyboardInterrupt
        done.append(target)
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(results.os, "replace", killed)
        try:
            publish.publish()
        except KeyboardInterrupt:
            # Every file is the old one or the new one, whole.
            for name, content in contents(reports).items():
                assert name in ("outputs.csv", "figures/old.png") or content == complete[name]
    publish.publish()
    assert contents(reports) == complete


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stderr", text="DeprecationWarning: soon gone\n"),
        new_output("error", ename="ValueError", evalue="soon gone", traceback=[]),
    ],
)
def test_a_warning_or_an_error_in_a_notebook_stops_it(pipeline, output):
    path = pipeline / "data/processed/cleaning/02-cleaning.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[5].outputs.append(output)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"02-cleaning.ipynb: a cell under “Which documents.*soon gone"):
        publish.publish()


def test_a_picture_without_words_stops_it(pipeline):
    path = pipeline / "data/processed/cleaning/02-cleaning.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.data:
                output.metadata.clear()
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="02-cleaning.html: has a picture without alternative text"):
        publish.publish()


def test_an_answer_is_asked_for(pipeline):
    path = pipeline / "data/processed/comparison/metrics.json"
    path.write_text(json.dumps({"answer": "x", "answer_figure": "nowhere"}), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="answer_figure 'nowhere' is no figure"):
        publish.publish()
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="needs `answer`"):
        publish.publish()


def test_readme_takes_its_numbers_from_what_is_published(pipeline):
    text = "# T\n<!-- found:start -->\nold\n<!-- found:end -->\nmid\n<!-- validation:start --><!-- validation:end -->\nend\n"
    with pytest.raises(ConfigurationError, match="summary.json: not there yet"):
        readme(text)
    publish.publish()
    made = readme(text)
    assert "old" not in made and "2 of 3" in made and "| 0.980 | 0.900 to 1.000 |" in made
    assert made.startswith("# T\n") and "\nmid\n" in made and made.endswith("\nend\n")
    assert "<script>" not in made
    assert readme(made) == made
    with pytest.raises(ConfigurationError, match="<!-- validation:start -->"):
        readme("# T\n<!-- found:start --><!-- found:end -->")
