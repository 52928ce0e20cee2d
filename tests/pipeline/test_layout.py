"""One word, five places; and each DVC stage declares what its code reads, no less and no more."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import yaml

from engagement import parameters, project


def pipeline(root: Path) -> dict:
    return yaml.safe_load((root / "dvc.yaml").read_text())


def module_file(root: Path, module: str) -> Path | None:
    base = root / "src" / Path(*module.split("."))
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


def modules_of(source: str) -> set[str]:
    """Return the project's modules that a source imports, a package's names taken as possible modules."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return {m for m in found if m.split(".")[0] == "engagement"}


def reached(root: Path, source: str) -> set[str]:
    """Return the files of the project that running a source imports, directly or through others."""
    files, queue = set(), [source]
    while queue:
        for module in modules_of(queue.pop()):
            file = module_file(root, module)
            if file and file not in files:
                files.add(file)
                queue.append(file.read_text())
    return {f.relative_to(root).as_posix() for f in files} - {"src/engagement/__init__.py"}


def code_of(root: Path, stage: str) -> str:
    if stage == "publish":
        return "from engagement import publish"
    cells = nbformat.read(project.notebook(stage), as_version=4).cells
    return "\n".join(c.source for c in cells if c.cell_type == "code")


@pytest.mark.parametrize("stage", project.STAGES)
def test_a_stage_is_one_word_in_five_places(root, stage):
    assert stage in pipeline(root)["stages"]
    assert (root / "src" / "engagement" / stage / "__init__.py").is_file()
    assert list((root / "tests" / stage).glob("test_*.py"))
    if stage != "publish":
        assert project.notebook(stage).is_file()
        assert stage in parameters.load()


def test_there_are_no_stages_besides(root):
    assert tuple(pipeline(root)["stages"]) == project.STAGES
    names = sorted(p.name for p in (root / "notebooks").glob("*.ipynb"))
    assert names == [project.notebook(s).name for s in project.NOTEBOOK_STAGES]


@pytest.mark.parametrize("stage", project.STAGES)
def test_the_code_a_stage_runs_is_declared(root, stage):
    deps = pipeline(root)["stages"][stage]["deps"]
    code = {d for d in deps if d.startswith("src/")}
    files = reached(root, code_of(root, stage))
    undeclared = {f for f in files if not any(f == d or f.startswith(f"{d}/") for d in code)}
    idle = {d for d in code if not any(f == d or f.startswith(f"{d}/") for f in files)}
    assert undeclared == set()
    assert idle == set()
    assert "requirements.lock" in deps


@pytest.mark.parametrize("stage", project.NOTEBOOK_STAGES)
def test_the_parameters_a_stage_reads_are_declared(root, stage):
    declared = set(pipeline(root)["stages"][stage]["params"])
    wanted = parameters.declared(project.notebook(stage))
    assert {stage} | (wanted.keys() & set(parameters.SHARED)) <= declared


def test_only_validation_reads_the_hand_coding(root):
    """The coding by hand is what the automatic coding is measured by: no other stage may see it."""
    coded = (
        "data/raw/chronicle/coding.csv",
        "data/raw/chronicle/sentences_coded.csv",
        "data/raw/chronicle/amounts_coded.csv",
    )
    for stage, entry in pipeline(root)["stages"].items():
        reading = [c for c in coded if any(c == d or c.startswith(f"{d}/") for d in entry["deps"])]
        assert reading == [] or stage == "validation"


@pytest.mark.parametrize("stage", project.NOTEBOOK_STAGES)
def test_the_notebook_keeps_the_house_style(root, stage):
    """DESIGN: prose for a colleague; at most 30 cells, 15 lines a cell, no function over five lines, no paths."""
    notebook = nbformat.read(project.notebook(stage), as_version=4)
    code = [c for c in notebook.cells if c.cell_type == "code"]
    prose = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    assert len(notebook.cells) <= 30
    assert all(not c.outputs and c.execution_count is None for c in code), "a source notebook stores no outputs"
    assert prose[0].startswith("# ") and sum(p.count("\n# ") + p.startswith("# ") for p in prose) == 1
    headings = re.findall(r"^## (.*)$", "\n".join(prose), re.MULTILINE)
    assert headings[-2:] == ["Limits", "Sources"]
    assert all(h.endswith("?") for h in headings[:-2]), headings
    assert max(len(c.source.splitlines()) for c in code) <= 15
    for cell in code:
        tree = ast.parse(cell.source)
        pieces = {id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 5, node.name
            if id(node) in pieces:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.match(r"(\.{0,2}/|data/|reports/|src/)", node.value), node.value
    assert sum("parameters" in c.metadata.get("tags", []) for c in code) == 1
    assert notebook.metadata.kernelspec.name == "python3"


def test_nothing_in_the_project_is_left_undone(root):
    """No stub called done: marks of unfinished work stop the check."""
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    files = [p for d in ("src", "notebooks") for p in (root / d).rglob("*") if p.suffix in (".py", ".ipynb", ".j2")]
    assert [p.name for p in files if marks.search(p.read_text(encoding="utf-8"))] == []
