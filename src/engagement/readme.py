"""The parts of README.md that hold numbers: written from the published results, never typed."""

import json
from pathlib import Path

import pandas as pd

from engagement import figures, project
from engagement.errors import ConfigurationError
from engagement.reporting.display import plain
from engagement.validation import summary


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
    number = f"**{plain(told['number'])}**" if told["number"] else ""
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
            lines.append(f"| [{plain(report['title'])}](reports/{report['notebook']}) | {cell} |")
    return "\n".join([*lines, "", f"Profiles: {profiles}. All pages: open `reports/index.html` in a browser."])


def validation(agreement: pd.DataFrame) -> str:
    """Return the section on how far the coding can be trusted, in Markdown, from `validation/agreement.csv`."""
    lines = [
        "| on documents no rule was tuned on, unless it says both halves | reached | 95 % interval | asked | n |",
        "|---|---|---|---|---|",
    ]
    for row in summary(agreement).itertuples():
        asked = "" if pd.isna(row.reach) else f"{row.reach:.2f}" + (" (not reached)" if row.met == "no" else "")
        between = "" if pd.isna(row.low) else f"{row.low:.3f} to {row.high:.3f}"
        lines.append(f"| {plain(row.target)} | {row.reached:.3f} | {between} | {asked} | {row.n} |")
    return "\n".join(lines)


def readme(text: str) -> str:
    """Return README.md with its generated sections as the published results have them.

    Raises
    ------
    ConfigurationError
        If nothing is published yet or a section's markers are missing.
    """
    told, agreement = project.reports("summary.json"), project.reports("tables", "validation", "agreement.csv")
    for path in (told, agreement):
        if not path.is_file():
            raise ConfigurationError(f"{path.relative_to(project.root())}: not there yet; run `make reproduce` first")
    text = _between(text, "found", found(json.loads(told.read_text(encoding="utf-8"))))
    scores = pd.read_csv(agreement, keep_default_na=False, na_values={c: [""] for c in ("value", "low", "high")})
    return _between(text, "validation", validation(scores))
