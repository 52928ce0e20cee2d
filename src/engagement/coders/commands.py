"""`engagement coders`: the verbs around human coding."""

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engagement.errors import ConfigurationError

if TYPE_CHECKING:  # the command line starts faster without it
    import pandas as pd

app = typer.Typer(no_args_is_help=True, help="Sheets for human coders, and the agreement of what they send back.")


@app.command()
def sheet(
    n: Annotated[int, typer.Option("--n", help="Sentences to draw.")] = 200,
    seed: Annotated[int | None, typer.Option(help="Start of the draw; by default params.yaml's.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where to write; by default data/coding/.")] = None,
) -> None:
    """Draw a random sample of sentences as sheet.csv and form.html, for coders who do not see the automatic coding."""
    from engagement import parameters, project, tables
    from engagement.coders import sample
    from engagement.coders import sheet as sheets

    shared = parameters.load()
    drawn = sample.draw(
        tables.read("cleaning/sentences.parquet"),
        tables.read("corpus/documents.parquet"),
        n,
        shared["seed"] if seed is None else seed,
    )
    folder = folder or project.root() / "data" / "coding"
    try:
        written = sheets.write(drawn, project.root() / "docs" / "codebook.md", shared["partners"], folder)
    except FileExistsError as error:
        raise ConfigurationError(f"{error}: is there already; move it away or choose another --folder") from None
    for path in written:
        typer.echo(path)
    typer.echo("Give each coder a copy. They fill in the sheet, or open the form in a browser and press Save.")
    typer.echo("Then: engagement coders import FILE FILE …")


@app.command()
def export(
    documents: Annotated[int, typer.Option(help="Texts to ask about in the topic intrusion task.")] = 25,
    intruder: Annotated[str, typer.Option(help="Strange words: rare (as oolong) or other (as Chang et al.).")] = "rare",
    folder: Annotated[Path | None, typer.Option(help="Where to write; by default data/coding/topics/.")] = None,
) -> None:
    """Write tasks on the topics for coders: word, set and topic intrusion, and labels."""
    from engagement.coders import topic_tasks

    topic_tasks.export(documents, intruder, folder)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Filled-in sheets, one file per coder.")],
    into: Annotated[
        Path | None, typer.Option(help="Sample to add to; by default data/reference/coded_sample.csv.")
    ] = None,
) -> None:
    """Tell how far coders agree with each other and the automatic coding with them; keep the sample.

    Answers to the tasks on topics (`export`) are told by their columns and scored.
    """
    from engagement import parameters, project, tables
    from engagement.coders import returned, topic_tasks

    if topic_tasks.are_answers(files):
        topic_tasks.score(files)
        return

    shared = parameters.load()
    coded = returned.read_all(files, tables.read("cleaning/sentences.parquet"), shared["partners"])
    engagements = tables.read("attribution/engagements.parquet")
    measured = returned.scores(coded, engagements, shared["partners"], shared["validation"]["draws"], shared["seed"])
    into = into or project.root() / "data" / "reference" / "coded_sample.csv"
    kept = returned.keep(coded, into)
    coders = sorted(coded["coder"].unique())
    typer.echo(f"{coded['sentence_id'].nunique()} sentences by {len(coders)} coder(s): {', '.join(coders)}")
    for line in _lines(measured):
        typer.echo(line)
    typer.echo(f"{into}: {len(kept)} codings kept")


def _lines(measured: "pd.DataFrame") -> list[str]:
    """Return the scores as lines of a table."""
    lines = [f"{'target':<12}{'code':<6}{'measure':<16}{'of':<22}{'n':>5}  value  95 % interval"]
    for row in measured.itertuples():
        compared = "coders with each other" if row.method == "coders" else "rules with consensus"
        value = "undefined" if isnan(row.value) else f"{row.value:5.3f}"
        limits = "" if isnan(row.low) else f"  {row.low:.3f} to {row.high:.3f}"
        lines.append(f"{row.target:<12}{row.code:<6}{row.measure:<16}{compared:<22}{row.n:>5}  {value}{limits}")
    return lines
