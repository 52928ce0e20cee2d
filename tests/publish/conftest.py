"""A small finished pipeline, its notebooks made through the project's own display helpers."""

import base64
import shutil
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml
from IPython.display import HTML, Image, Markdown
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from engagement import figures, project, reporting, tables

INJECTION = "<script>alert(1)</script>"
PARTNERS = ["US", "JP"]


def filled(name: str, rows: list[dict]) -> pd.DataFrame:
    """Return rows of a declared table, the columns they leave out filled with something of the right type."""
    empty = {"s": "", "i": 0, "f": 0.0, "b": False, "d": pd.Timestamp("2016-01-01")}  # by the type's first letter
    defaults = {c: empty[str(column.dtype)[0]] for c, column in tables.contract(name).columns.items()}
    return pd.DataFrame([defaults | row for row in rows])


class Session:
    """Collects what the display helpers show, as a kernel would, into the outputs of a cell."""

    def __init__(self) -> None:
        self.outputs: list = []

    def display(self, shown: object, metadata: dict | None = None) -> None:
        kinds = {Markdown: "text/markdown", HTML: "text/html", Image: "image/png"}
        kind = kinds[type(shown)]
        data = base64.b64encode(shown.data).decode() if kind == "image/png" else shown.data
        bundle = {kind: data, "text/plain": "<an object>"}
        self.outputs.append(new_output("display_data", data=bundle, metadata=metadata or {}))

    def cell(self, source: str, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
        outputs, self.outputs = self.outputs, []
        return new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)} if tags else {}, execution_count=1)


def _notebook(session: Session, stage: str, partner: str | None) -> nbformat.NotebookNode:
    folder = f"{stage}/{partner}" if partner else stage
    cells = [
        new_markdown_cell(f"# Title of {stage}\n\nA question? An answer. A doubt."),
        session.cell("from engagement import reporting"),
        session.cell("seed: int = 1  # start", tags=("parameters",)),
    ]
    reporting.say("In **{n}** of {total} documents, {title}.", n=2, total=3, title=INJECTION)
    cells.append(session.cell("corpus.answer(documents)"))
    cells.append(new_markdown_cell("## Which documents are there?\n\nSome prose."))
    figure, axes = figures.new()
    axes.plot([2016, 2017], [1, 2])
    numbers = pd.DataFrame({"partner": [partner or "US"] * 2, "year": [2016, 2017], "documents": [1, 2]})
    figures.show(figure, f"{folder}/years", alt="Two points: 1 and 2.", caption="Documents a year.", data=numbers)
    cells.append(session.cell("figures.show(years)"))
    reporting.table(pd.DataFrame({"title": [INJECTION], "url": ["javascript:alert(1)"]}), caption="Titles")
    cells.append(session.cell("reporting.table(titles)"))
    cells.append(new_markdown_cell("## Limits\n\n- Few texts.\n\n## Sources\n\n- None."))
    meta = {"papermill": {"parameters": {"seed": 1}}, "language_info": {"name": "python"}}
    made = new_notebook(cells=cells, metadata=meta)
    for number, cell in enumerate(made.cells):
        cell.id = f"cell-{number}"
    return made


def _tables() -> None:
    document = {
        "collection": "chronicle",
        "date_precision": "day",
        "language": "en",
        "date": pd.Timestamp("2016-10-13"),
    }
    source = '[{"url": "https://example.org/a?b=1&c=2", "outlet": "The <b>Post</b>", "published": "2016-10-13"}]'
    long = " ".join(f"word{i}" for i in range(40))
    texts = {
        "open": ("CC BY 4.0", f"The United States gave books {INJECTION}. {long}."),
        "closed": ("third-party, all rights reserved", f"Japan lent money. {long}."),
    }
    tables.write(
        filled(
            "corpus/documents.parquet",
            [document | {"document_id": i, "text": t, "licence": c, "sources": source} for i, (c, t) in texts.items()],
        ),
        "corpus/documents.parquet",
    )
    sentences, engagements = [], []
    for number, (i, (_, text)) in enumerate(texts.items()):
        for ordinal, part in enumerate(text.split(". ")):
            name = f"{i}#{ordinal:03d}"
            sentences.append({"sentence_id": name, "document_id": i, "ordinal": ordinal, "text": part})
            partner, instrument = [("US", "GRA"), ("JP", "LOA")][number]
            engagements.append(
                {"sentence_id": name, "document_id": i, "partner": partner, "instrument": instrument}
                | {"rule": "name", "confidence": 0.9, "stance": 1, "field": "education", "event": "AID"}
            )
    tables.write(filled("cleaning/sentences.parquet", sentences), "cleaning/sentences.parquet")
    made = filled("attribution/engagements.parquet", engagements)
    tables.write(
        made[list(tables.contract("attribution/engagements.parquet").columns)], "attribution/engagements.parquet"
    )


def make_project(folder: Path, root: Path, session: Session) -> None:
    """Write a finished pipeline of two partners into a folder; `ENGAGEMENT_ROOT` names it already."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "data" / "reference").mkdir(parents=True)
    shutil.copy(root / "data" / "reference" / "actors.csv", folder / "data" / "reference")
    (folder / "params.yaml").write_text(yaml.safe_dump({"partners": PARTNERS, "seed": 1}), encoding="utf-8")
    deps = ["data/reference/actors.csv", "data/processed/corpus"]
    stages = {stage: {"desc": f"What of {stage}?", "deps": deps} for stage in project.STAGES}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    _tables()
    for stage in project.NOTEBOOK_STAGES:
        for partner in PARTNERS if stage == "partner" else [None]:
            made = _notebook(session, stage, partner)
            place = f"{stage}/{partner}" if partner else stage
            executed = project.output(f"{place}/{project.notebook(stage).name}")
            executed.write_text(nbformat.writes(made) + "\n", encoding="utf-8")
            reporting.metrics(place, {"documents": 2})
    told = {"answer": f"They differ {INJECTION}.", "answer_number": "2 of 3", "answer_figure": "comparison/years"}
    reporting.metrics("comparison", told)
    row = {"target": "partner", "unit": "document", "method": "automatic", "measure": "f1", "code": "all"}
    row |= {"split": "test", "value": 0.98, "low": 0.9, "high": 1.0, "n": 10}
    tables.write(filled("validation/agreement.csv", [row]), "validation/agreement.csv")


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A small finished pipeline, made once; tests work on copies."""
    folder, session = tmp_path_factory.mktemp("pipeline"), Session()
    (folder / "params.yaml").write_text(f"partners: {PARTNERS}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("ENGAGEMENT_ROOT", str(folder))
        for module in ("engagement.figures.show", "engagement.reporting.display"):
            patched.setattr(sys.modules[module], "display", session.display)
        make_project(folder, Path(__file__).parents[2], session)
    return folder


@pytest.fixture
def pipeline(finished, tmp_path, monkeypatch) -> Path:
    """The folder of a finished small pipeline."""
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(tmp_path / "project"))
    return shutil.copytree(finished, tmp_path / "project")
