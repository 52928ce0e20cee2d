"""The tasks on topics: written for coders, scored when they come back."""

from pathlib import Path

import pandas as pd
import typer

from engagement import parameters, project, tables
from engagement.errors import ConfigurationError

INTRUDERS = ("rare", "other")
KEY = "key.csv"


def export(documents: int, intruder: str, folder: Path | None) -> None:
    """Write `tasks.csv` and `tasks.html` for coders, and `key.csv`, which coders must not see."""
    from engagement import topics
    from engagement.topics import intrusion

    if intruder not in INTRUDERS:
        raise ConfigurationError(f"--intruder {intruder!r} is unknown; use {' or '.join(INTRUDERS)}")
    model = topics.read(project.results("topics/model"))
    shares = tables.read("topics/document_topics.parquet")
    texts = tables.read("corpus/documents.parquet").set_index("document_id")["text"]
    columns = [f"topic_{k}" for k in range(model.num_topics)]
    material = intrusion.Material(
        model.get_topics(),
        tuple(model.id2word[i] for i in range(model.num_terms)),
        tuple(tables.read("topics/topics.csv")["label"]),
        tuple(texts.loc[shares["document_id"]]),
        shares[columns].to_numpy(),
        parameters.load()["seed"],
    )
    sheet, key = intrusion.export(material, documents, intruder)
    folder = folder or project.root() / "data" / "coding" / "topics"
    contents = {
        "tasks.csv": _csv(sheet.assign(coder="", answer="", fingerprint=key["fingerprint"])),
        "tasks.html": intrusion.to_html(sheet, key),
        KEY: _csv(key),
    }
    for name in contents:
        if (folder / name).exists():
            raise ConfigurationError(f"{folder / name}: is there already; move it away or choose another --folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
        typer.echo(folder / name)
    typer.echo(
        f"Give coders tasks.html (or tasks.csv) alone; {KEY} holds the answers. Then: engagement coders import FILE FILE …"
    )


def _csv(frame: pd.DataFrame) -> str:
    """Return the frame as CSV in which no text can act as a spreadsheet's formula."""
    texts = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    safe = frame.assign(
        **{c: frame[c].map(lambda v: f"'{v}" if str(v).startswith(("=", "+", "-", "@")) else v) for c in texts}
    )
    return safe.to_csv(index=False, lineterminator="\n")


def are_answers(files: list[Path]) -> bool:
    """Return whether the files are answers to tasks on topics: they have a column `answer`."""
    heads = [path.read_text(encoding="utf-8-sig").partition("\n")[0] for path in files if path.is_file()]
    return bool(heads) and all("answer" in head.replace('"', "").split(",") for head in heads)


def score(files: list[Path], key: Path | None = None) -> None:
    """Print precision, topic log odds and agreement of the coders' answers.

    The key is looked for beside the first file, then in `data/coding/topics/`.
    """
    from engagement.topics import intrusion

    key = key or next(
        (p for p in (files[0].parent / KEY, project.root() / "data" / "coding" / "topics" / KEY) if p.is_file()), None
    )
    if key is None:
        raise ConfigurationError(
            f"{KEY}: not beside {files[0].name} nor in data/coding/topics/; put the exported key there"
        )
    answers = pd.read_csv(key, keep_default_na=False, dtype={"theta": str, "fingerprint": str})
    coders: dict[str, pd.DataFrame] = {}
    for path in files:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        named = sorted({n.strip() for n in frame.get("coder", pd.Series(dtype=str))} - {""}) or [path.stem]
        if len(named) > 1 or named[0] in coders:
            raise ConfigurationError(f"{path.name}: coder {', '.join(named)}: give each coder one file of their own")
        coders[named[0]] = intrusion.checked(frame, answers, path.name)
        if coders[named[0]].empty:
            raise ConfigurationError(f"{path.name}: no question is answered; fill in the column `answer`")
    for line in intrusion.scores(coders, parameters.load()["seed"]).round(3).to_string(index=False).splitlines():
        typer.echo(line)
    typer.echo("")
    for line in intrusion.by_topic(coders).round(3).to_string(index=False).splitlines():
        typer.echo(line)
