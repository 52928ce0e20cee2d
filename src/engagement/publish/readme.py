"""The parts of README.md that hold numbers: written from the published results, never typed."""

import csv
import json
from pathlib import Path

from engagement import figures, project
from engagement.errors import ConfigurationError
from engagement.reporting.display import plain


def _between(text: str, name: str, inside: str) -> str:
    """Return the text with what stands between a section's two markers replaced."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
        raise ConfigurationError(f"README.md: needs the line {start} and, after it, the line {end}, once each")
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n{inside.strip()}\n{end}{after}"


def found(told: dict) -> str:
    """Return the section on what was found, in Markdown, from the published summary."""
    comparison = next(r for r in told["reports"] if r["stage"] == "comparison")
    partners = [r for r in told["reports"] if r["partner"]]
    alt = plain(told["figure"]["alt"]).replace('"', "")
    number = " — ".join(
        filter(None, [f"**{plain(told['number'])}**" if told["number"] else "", plain(told["number_label"])])
    )
    profiles = ", ".join(f"[{plain(figures.partner_name(r['partner']))}](reports/{r['notebook']})" for r in partners)
    lines = [
        f"**{told['question']}**",
        "",
        plain(told["answer"]),
        "",
        *([number, ""] if number else []),
        f"![{alt}](reports/{told['figure']['file']})",
        "",
        f"{plain(told['figure']['caption'])} Numbers: [`{Path(told['figure']['data']).name}`](reports/{told['figure']['data']}); "
        f"how it was measured: [{plain(comparison['title'])}](reports/{comparison['notebook']}).",
        "",
        "| question | answer |",
        "|---|---|",
    ]
    for report in told["reports"]:
        if not report["partner"]:
            cell = " ".join(report["answer"].split())
            lines.append(f"| [{report['question']}](reports/{report['notebook']}) | {cell} |")
    return "\n".join([*lines, "", f"Profiles: {profiles}. All pages: open `reports/index.html` in a browser."])


def _shown(value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return plain(value)
    return value if number.is_integer() and "." not in value else f"{number:.3f}"


def validation(table: str) -> str:
    """Return the section on how far the coding can be trusted: the published table of agreement, in Markdown."""
    rows = list(csv.reader(table.splitlines()))
    head, body = rows[0], rows[1:]
    lines = [f"| {' | '.join(name.replace('_', ' ') for name in head)} |", "|" + "---|" * len(head)]
    return "\n".join(lines + [f"| {' | '.join(_shown(v) for v in row)} |" for row in body])


def readme(text: str) -> str:
    """Return README.md with its generated sections as the published results have them.

    Raises
    ------
    ConfigurationError
        If nothing is published yet or a section's markers are missing.
    """
    summary, agreement = project.reports("summary.json"), project.reports("tables", "validation", "agreement.csv")
    for path in (summary, agreement):
        if not path.is_file():
            raise ConfigurationError(f"{path.relative_to(project.root())}: not there yet; run `make reproduce` first")
    text = _between(text, "found", found(json.loads(summary.read_text(encoding="utf-8"))))
    return _between(text, "validation", validation(agreement.read_text(encoding="utf-8")))
