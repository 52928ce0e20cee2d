"""The reader's copy: rendered reports, figures with their numbers, the sentences behind them, and a front page."""

from pathlib import Path

from engagement import project, tables
from engagement.errors import ConfigurationError
from engagement.figures.style import partners as configured
from engagement.publish import check, evidence, front, notebook, page, provenance, results

__all__ = ["build", "publish"]


def _reports(partners: tuple[str, ...]) -> list[front.Report]:
    found = []
    for stage in project.NOTEBOOK_STAGES:
        for partner in partners if stage == "partner" else [None]:
            folder = project.processed(stage, partner) if partner else project.processed(stage)
            found.append(front.Report(stage, partner, notebook.read(folder / project.notebook(stage).name)))
    return found


def _report_page(report: front.Report, partners: tuple[str, ...]) -> bytes:
    inside = notebook.render(report.executed)
    contents = page.contents(partners)["Reports"]
    place = [entry.file for entry in contents].index(report.file)
    return page.render(
        "report.html.j2",
        report.file,
        title=report.title,
        partners=partners,
        body=inside.titled(report.title).html,
        sections=[h for h in inside.headings if h.level == 2],
        previous=contents[place - 1] if place else page.Entry("index.html", "Overview"),
        following=contents[place + 1] if place + 1 < len(contents) else None,
        command=f"engagement run {report.stage}" + (f" --partner {report.partner}" if report.partner else ""),
        source=project.notebook(report.stage).name,
        notebook=f"{report.stem}.ipynb",
        parameters=sorted(notebook.parameters(report.executed).items()),
        inputs=provenance.inputs(report.stage),
    )


def build() -> dict[str, bytes]:
    """Return every file of the reader's copy by its path in `reports/`; the same results always give the same bytes.

    Raises
    ------
    ConfigurationError
        If a stage's results are missing, or a notebook printed an error or a warning.
    """
    partners = configured()
    reports = _reports(partners)
    documents = tables.read("corpus/documents.parquet")
    licences = dict(zip(documents["document_id"], documents["licence"], strict=True))
    found = evidence.sentences()
    told = front.summary(reports, partners)
    files = results.copies(partners, licences)
    for report in reports:
        files[f"{report.stem}.ipynb"] = project.processed(
            *report.folder.split("/"), project.notebook(report.stage).name
        ).read_bytes()
        files[report.file] = _report_page(report, partners)
    for partner in partners:
        files[page.evidence_file(partner)] = evidence.render(partner, found, partners)
    files["index.html"] = front.render(told, reports, found, documents, files[told["figure"]["file"]])
    files["summary.json"] = front.as_json(told)
    files[results.LISTING] = results.listing(files, partners)
    return files


def publish(target: Path | None = None) -> Path:
    """Write the reader's copy into `reports/`, or another folder, and return the folder.

    All of it is written and checked beside the target first; then each file takes its place whole. What an earlier run
    published and this one does not is taken away; `failed/` and what others put there stay.

    Raises
    ------
    ConfigurationError
        If results are missing, or a page breaks a rule every page keeps (`check`); the target is then as it was.
    """
    target = target or project.reports()
    staged = target.with_name(f".{target.name}.staged")
    results.clear(staged)
    try:
        files = build()
        results.write(staged, files)
        wrong = check.problems(staged)
        if wrong:
            more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
            raise ConfigurationError(f"reports/{wrong[0]}{more}; put it right in the notebook and run its stage again")
        results.replace(target, staged, files)
    finally:
        results.clear(staged)
    return target
