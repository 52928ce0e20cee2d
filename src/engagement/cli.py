"""The one command, `engagement`: each verb is a thin call of the module that does the work."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from engagement import coders
from engagement.errors import ConfigurationError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="How do outside powers engage with Cambodia? From raw text to rendered, verified reports. "
    "`engagement reproduce` does everything; the other verbs do a part of it.",
)
app.add_typer(coders.app, name="coders")


@app.command()
def reproduce(
    force: Annotated[bool, typer.Option("--force", "-f", help="Run every stage, changed or not.")] = False,
) -> None:
    """Run the whole pipeline: what is unchanged is taken from the cache."""
    from engagement import pipeline

    pipeline.reproduce(force=force)


@app.command()
def run(
    stage: Annotated[str, typer.Argument(help="corpus, cleaning, attribution, selection, topics, comparison, …")],
    partner: Annotated[str | None, typer.Option(help="The partner's code; for stage `partner` only.")] = None,
) -> None:
    """Run one stage's notebook with its section of params.yaml; each DVC stage calls this."""
    from engagement import project
    from engagement import run as runner

    if stage not in project.NOTEBOOK_STAGES:
        raise ConfigurationError(f"unknown stage {stage!r}; the stages are {', '.join(project.NOTEBOOK_STAGES)}")
    runner.run(stage, partner)


@app.command()
def publish() -> None:
    """Write the reader's copy of all results into reports/."""
    from engagement import publish as publishing
    from engagement.run import Progress

    with Progress("publish", "publish"):
        publishing.publish()


@app.command()
def verify(
    keep: Annotated[Path | None, typer.Option(help="Keep the fresh run in this new folder.")] = None,
    tolerate: Annotated[
        bool, typer.Option("--tolerate", help="Accept numbers within 1 in 100,000 of the published ones.")
    ] = False,
) -> None:
    """Rerun everything in a scratch copy and compare each output with the published one."""
    from engagement import verify as verifying

    raise typer.Exit(0 if verifying.verify(keep=keep, tolerate=tolerate) else 1)


@app.command()
def readme() -> None:
    """Rewrite the parts of README.md that hold numbers from what is published."""
    from engagement import project
    from engagement import readme as front

    page = project.root() / "README.md"
    page.write_text(front.readme(page.read_text(encoding="utf-8")), encoding="utf-8")


@app.command()
def code(
    sentence: Annotated[str | None, typer.Argument(help="The text to code.")] = None,
    day: Annotated[str, typer.Option("--date", help="Date of the event, 2016-01-26; offices are dated by it.")] = "",
    file: Annotated[Path | None, typer.Option(help="Code a text file instead.")] = None,
    title: Annotated[str, typer.Option(help="Its headline.")] = "",
) -> None:
    """Print a text with whom it engages, how, and the rule behind each code."""
    from engagement.attribution import trying

    if (sentence is None) == (file is None):
        raise ConfigurationError('give a text or a file: engagement code "…" --date 2016-01-26, or --file text.txt')
    trying.show(trying.code(trying.load(file) if file else sentence, day, title))


@app.command()
def tables() -> None:
    """Rewrite data/README.md, the data dictionary, from the table contracts."""
    from engagement import project
    from engagement import tables as contracts

    (project.root() / "data" / "README.md").write_text(contracts.dictionary(), encoding="utf-8")


def main() -> None:
    """Run the command; what the user can put right is one line on standard error, with exit status 1."""
    try:
        app(standalone_mode=True)
    except ConfigurationError as error:
        sys.stderr.write(f"engagement: {error}\n")
        sys.exit(1)
