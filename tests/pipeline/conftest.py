"""A miniature project, in which a run takes a second or two."""

import textwrap
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = 'greeting: str = "hello"  # what to say\nrepeats: int = 2  # how often'
PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}
BODY = """
from engagement import project, reporting

project.output("corpus/greetings.txt").write_text(f"{greeting}\\n" * repeats)
reporting.say("Said {n} times.", n=repeats)
"""


class Miniature:
    """A project with one stage, `corpus`, whose notebook greets; everything in it can be changed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.results = folder / "data" / "processed" / "corpus"
        (folder / "data" / "raw" / "words").mkdir(parents=True)
        (folder / "notebooks").mkdir()
        self.write("data/raw/words/a.txt", "a word")
        self.write("requirements.lock", "")
        self.params(partners=["US", "JP"], corpus={"greeting": "hello", "repeats": 2})
        self.notebook(BODY)
        self.pipeline(["notebooks/01-corpus.ipynb", "data/raw/words"])

    def write(self, name: str, content: str) -> None:
        (self.folder / name).write_text(content, encoding="utf-8")

    def params(self, **sections) -> None:
        self.write("params.yaml", yaml.safe_dump(sections))

    def pipeline(self, deps: list[str]) -> None:
        stage = {
            "cmd": "engagement run corpus",
            "params": ["corpus"],
            "deps": deps,
            "outs": [{"data/processed/corpus": {"persist": True}}],
        }
        self.write("dvc.yaml", yaml.safe_dump({"stages": {"corpus": stage}}))

    def notebook(self, *bodies: str, parameters: str | None = PARAMETERS) -> None:
        cells = [new_markdown_cell("# Greetings", id="title")]
        if parameters is not None:
            cells.append(new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]}))
        for i, body in enumerate(bodies):
            cells.append(new_markdown_cell(f"## How is part {i}?", id=f"heading-{i}"))
            cells.append(new_code_cell(textwrap.dedent(body).strip(), id=f"body-{i}"))
        self.write(
            "notebooks/01-corpus.ipynb", nbformat.writes(new_notebook(cells=cells, metadata={"kernelspec": PYTHON}))
        )


@pytest.fixture
def miniature(tmp_path, monkeypatch) -> Miniature:
    """A miniature project that `engagement.project` takes for the project."""
    folder = tmp_path / "miniature"
    folder.mkdir()
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(folder))
    return Miniature(folder)
