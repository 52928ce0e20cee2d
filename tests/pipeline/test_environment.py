"""One lock is what `make`, conda, Binder and CI install, and nothing is imported that it does not declare."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def locked(root: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (root / "requirements.lock").read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def declared(root: Path) -> set[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"engagement"}


def sources(root: Path) -> dict[str, str]:
    found = {str(p.relative_to(root)): p.read_text() for d in ("src", "tests") for p in (root / d).rglob("*.py")}
    for path in (root / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        found[str(path.relative_to(root))] = "\n".join(c.source for c in cells if c.cell_type == "code")
    return found


def test_conda_installs_the_same_lock_and_the_same_python(root):
    environment = yaml.safe_load((root / "environment.yml").read_text())
    plain = [d for d in environment["dependencies"] if isinstance(d, str)]
    (pip,) = [d["pip"] for d in environment["dependencies"] if isinstance(d, dict)]
    assert pip == ["-r requirements.lock"]
    (python,) = [d for d in plain if d.startswith("python=")]
    required = tomllib.loads((root / "pyproject.toml").read_text())["project"]["requires-python"]
    assert required == f"=={python.removeprefix('python=')}.*"


def test_every_declared_package_is_locked_and_every_locked_one_has_a_hash(root):
    assert declared(root) <= locked(root).keys()
    blocks = re.split(r"^(?=[A-Za-z0-9])", (root / "requirements.lock").read_text(), flags=re.MULTILINE)
    without = [b.split()[0] for b in blocks if "==" in b and "--hash=sha256:" not in b]
    assert without == []


def test_the_environment_is_the_lock(root):
    """The checks run on the locked versions, not on whatever was lying about."""
    versions = locked(root)
    installed = {name: importlib.metadata.version(name) for name in declared(root)}
    assert installed == {name: versions[name] for name in installed}


# Only training the context model anew needs it; its file says how to install it. The pipeline never imports it.
FOR_TRAINING = {"torch"}


def test_every_import_is_declared(root):
    distributions = importlib.metadata.packages_distributions()
    undeclared = {}
    for path, source in sources(root).items():
        for name in imported(source) - {"conftest", *FOR_TRAINING}:
            owners = {canonicalize_name(d) for d in distributions.get(name, [])}
            if not owners & declared(root):
                undeclared.setdefault(name, path)
    assert undeclared == {}


# Declared without being imported: they are commands, or are reached through another package.
COMMANDS = {"dvc", "jupyterlab", "nbval", "ruff", "ipykernel", "setuptools"}


def test_every_declared_package_is_used(root):
    distributions = importlib.metadata.packages_distributions()
    used = {
        canonicalize_name(d)
        for s in sources(root).values()
        for name in imported(s)
        for d in distributions.get(name, [])
    }
    assert declared(root) - used - COMMANDS == set()


@pytest.mark.parametrize("name", ["requests", "urllib3", "httpx", "aiohttp", "pickle", "shelve", "marshal"])
def test_no_network_and_no_pickle_in_the_code(root, name):
    users = [p for p, s in sources(root).items() if p.startswith(("src", "notebooks")) and name in _roots(s)]
    assert users == []


def _roots(source: str) -> set[str]:
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)]
    return {a.name.split(".")[0] for n in nodes if isinstance(n, ast.Import) for a in n.names} | {
        n.module.split(".")[0] for n in nodes if isinstance(n, ast.ImportFrom) and n.module
    }
