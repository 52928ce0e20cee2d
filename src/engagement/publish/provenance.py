"""What a report was made from: the data its stage reads, each with its hash."""

import hashlib

import yaml

from engagement import project
from engagement.errors import ConfigurationError


def _digest(name: str) -> str:
    path = project.root() / name
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    if not path.is_dir():
        raise ConfigurationError(f"dvc.yaml: {name} is declared but not there; restore it or run `dvc repro`")
    files = [p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith(".")]
    listed = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(path).as_posix()}\n" for p in files]
    return hashlib.sha256("".join(listed).encode()).hexdigest()


def inputs(stage: str) -> list[tuple[str, str]]:
    """Return the data `dvc.yaml` declares for a stage, each with its SHA-256; for a folder, of its list of hashes.

    What publishing itself does not declare, as the coding by hand, is not opened: its hash is in `dvc.lock`.

    Raises
    ------
    ConfigurationError
        If a declared input does not exist.
    """
    stages = yaml.safe_load((project.root() / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    own = stages["publish"]["deps"]
    declared = [name for name in stages[stage]["deps"] if name.startswith("data/")]
    return [
        (name, _digest(name) if any(name == d or name.startswith(f"{d}/") for d in own) else "see dvc.lock")
        for name in declared
    ]
