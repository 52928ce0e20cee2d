"""Where things are: the only module that knows paths.

A notebook may run in an empty folder, in `reports/` or in JupyterLab, so nothing depends on the working directory. Two
environment variables, set by the runner and by the checks, move the project or a run's outputs elsewhere: `ENGAGEMENT_ROOT` (the
project) and `ENGAGEMENT_OUTPUT` (the folder the running stage writes to). A third, `ENGAGEMENT_INPUTS`, lists what
`dvc.yaml` declares for the running stage; asking for anything else is an error, because DVC would not notice its change.
"""

import os
from pathlib import Path

from engagement.errors import ConfigurationError

NOTEBOOK_STAGES = (
    "corpus",
    "cleaning",
    "attribution",
    "selection",
    "topics",
    "comparison",
    "partner",
    "validation",
)
STAGES = (*NOTEBOOK_STAGES, "publish")


def root() -> Path:
    """Return the project's folder.

    Raises
    ------
    ConfigurationError
        If the folder holds no `params.yaml`, as when the package was installed without its project.
    """
    folder = Path(os.environ.get("ENGAGEMENT_ROOT") or Path(__file__).parents[2]).resolve()
    if not (folder / "params.yaml").is_file():
        raise ConfigurationError(
            f"{folder}: no params.yaml here; set ENGAGEMENT_ROOT to the project's folder or run `make env` inside it"
        )
    return folder


def _declared(path: Path) -> Path:
    """Return the path if the running stage declares it in `dvc.yaml`, or if no runner watches."""
    declared = os.environ.get("ENGAGEMENT_INPUTS")
    if declared is not None:
        name = path.relative_to(root()).as_posix()
        if not any(name == d or name.startswith(f"{d}/") or d.startswith(f"{name}/") for d in declared.split("\n")):
            raise ConfigurationError(f"dvc.yaml: {name} is read but not declared; add `- {name}` to the stage's deps")
    return path


def raw(collection: str) -> Path:
    """Return the folder of one raw collection.

    Raises
    ------
    ConfigurationError
        If the name leads out of `data/raw/` or the running stage does not declare it.
    """
    if Path(collection).name != collection or collection in ("", ".", ".."):
        raise ConfigurationError(f"params.yaml: corpus.collections: {collection!r} is not a folder name in data/raw/")
    return _declared(root() / "data" / "raw" / collection)


def reference(name: str) -> Path:
    """Return the path of one table in `data/reference/`."""
    return _declared(root() / "data" / "reference" / name)


def processed(*parts: str) -> Path:
    """Return a path below `data/processed/`."""
    return root().joinpath("data", "processed", *parts)


def reports(*parts: str) -> Path:
    """Return a path below `reports/`."""
    return root().joinpath("reports", *parts)


def notebook(stage: str) -> Path:
    """Return the source notebook of a stage, for example `notebooks/01-corpus.ipynb`."""
    return root() / "notebooks" / f"{NOTEBOOK_STAGES.index(stage) + 1:02d}-{stage}.ipynb"


def results(name: str) -> Path:
    """Return where a finished result stands: `corpus/documents.parquet` is below `data/processed/`."""
    return _declared(processed(*name.split("/")))


def output(name: str) -> Path:
    """Return where the running notebook writes a result, its folder made if need be.

    `name` is `<stage>/<file>`, for the partner stage `partner/<code>/<file>`. Under the runner the file goes into a
    staging folder that replaces the stage's results only when the whole notebook has succeeded; in JupyterLab it goes
    where the results stand.
    """
    finished = processed(*name.split("/"))
    staged = os.environ.get("ENGAGEMENT_OUTPUT")
    if staged:
        depth = 2 if name.startswith("partner/") else 1
        finished = Path(staged).joinpath(*name.split("/")[depth:])
    finished.parent.mkdir(parents=True, exist_ok=True)
    return finished
