"""The parameters of a stage: its section of `params.yaml`, checked against its notebook's `parameters` cell."""

import ast
from pathlib import Path
from typing import Any

import nbformat
import yaml

from engagement import project
from engagement.errors import ConfigurationError

# Top-level names of params.yaml that a notebook may declare besides its own section.
SHARED = ("partners", "seed")


def load(path: Path | None = None) -> dict[str, Any]:
    """Return `params.yaml` as a dictionary.

    Raises
    ------
    ConfigurationError
        If the file is no YAML or holds a name that is neither shared nor a stage.
    """
    path = path or project.root() / "params.yaml"
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"params.yaml: not readable as YAML: {' '.join(str(error).split())}") from None
    known = {*SHARED, *project.STAGES}
    for name in values:
        if name not in known:
            raise ConfigurationError(f"params.yaml: unknown name {name!r}; known are {', '.join(sorted(known))}")
    return values


def declared(notebook: Path) -> dict[str, tuple[str, Any]]:
    """Return the type and the default of each name in a notebook's `parameters` cell.

    The cell holds lines of the form `name: type = literal  # why`, the form papermill reads types and help from.

    Raises
    ------
    ConfigurationError
        If the notebook has no such cell, or a line of it has another form.
    """
    cells = [c for c in nbformat.read(notebook, as_version=4).cells if "parameters" in c.metadata.get("tags", [])]
    if len(cells) != 1:
        raise ConfigurationError(f"{notebook.name}: has {len(cells)} cells tagged `parameters`; it needs exactly one")
    found = {}
    for line in ast.parse(cells[0].source).body:
        try:
            found[line.target.id] = (ast.unparse(line.annotation), ast.literal_eval(line.value))
        except (AttributeError, ValueError):
            raise ConfigurationError(
                f"{notebook.name}: parameters cell: {ast.unparse(line)!r} must read `name: type = literal`"
            ) from None
    return found


def fits(value: Any, annotation: str) -> bool:
    """Say whether a value has the annotated type; True is no int, an int is a float."""
    outer, _, inner = annotation.partition("[")
    if outer == "list":
        return isinstance(value, list) and (not inner or all(fits(v, inner.removesuffix("]")) for v in value))
    if outer == "float":
        return isinstance(value, int | float) and not isinstance(value, bool)
    types = {"int": int, "str": str, "bool": bool, "dict": dict}
    return type(value) is types.get(outer)


def for_stage(stage: str, partner: str | None = None) -> dict[str, Any]:
    """Return the parameters to run a stage's notebook with.

    Raises
    ------
    ConfigurationError
        If `params.yaml` lacks a parameter the notebook declares, holds one it does not, or one of another type; or if
        the partner is missing, unknown or not wanted.
    """
    values = load()
    wanted = declared(project.notebook(stage))
    given = {name: values[name] for name in SHARED if name in wanted and name in values}
    given |= values.get(stage) or {}
    if "partner" in wanted:
        if partner not in values["partners"]:
            raise ConfigurationError(
                f"partner {partner!r} is not in params.yaml's partners ({', '.join(values['partners'])}); add it there"
            )
        given["partner"] = partner
    elif partner is not None:
        raise ConfigurationError(f"stage {stage} takes no --partner; leave it out")
    for name in given:
        if name not in wanted:
            near = f"{project.notebook(stage).name} declares {', '.join(sorted(wanted))}"
            raise ConfigurationError(f"params.yaml: {stage}.{name} is unknown; {near}")
    for name, (annotation, _) in wanted.items():
        if name not in given:
            raise ConfigurationError(
                f"params.yaml: {stage}.{name} ({annotation}) is missing; add it to section {stage}"
            )
        if not fits(given[name], annotation):
            raise ConfigurationError(
                f"params.yaml: {stage}.{name} must be {annotation}, is {given[name]!r} ({type(given[name]).__name__})"
            )
    return given
