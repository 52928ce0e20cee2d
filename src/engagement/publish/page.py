"""The page around every report: its head, the way through the reports, its foot."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engagement import figures, project

SITE = "How outside powers engage with Cambodia"
_TEMPLATES = Path(__file__).parent / "template"


@dataclass(frozen=True)
class Entry:
    """A line of the contents: the page and what it is called there."""

    file: str
    label: str


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )


@cache
def _stylesheet() -> str:
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _script(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def evidence_file(partner: str) -> str:
    """Return where a partner's sentences are, relative to `reports/`."""
    return f"evidence/{partner}.html"


def report_stem(stage: str, partner: str | None = None) -> str:
    """Return a report's file name without its ending: `06-comparison`, `07-partner-US`."""
    return project.notebook(stage).stem + (f"-{partner}" if partner else "")


def in_text(partner: str) -> str:
    """Return a partner's name as it stands within a sentence."""
    name = figures.partner_name(partner)
    return f"the {name}" if name.startswith(("United ", "European ", "Netherlands", "Philippines")) else name


def contents(partners: tuple[str, ...]) -> dict[str, list[Entry]]:
    """Return the reports, in reading order, and the partners' sentences."""
    entries = []
    for number, stage in enumerate(project.NOTEBOOK_STAGES, start=1):
        if stage == "partner":
            entries += [Entry(f"{report_stem(stage, p)}.html", f"{number} {figures.partner_name(p)}") for p in partners]
        else:
            entries.append(Entry(f"{report_stem(stage)}.html", f"{number} {stage.capitalize()}"))
    sentences = [Entry(evidence_file(p), figures.partner_name(p)) for p in partners]
    return {"Reports": entries, "Sentences": sentences}


def citation() -> str:
    """Return how to cite the project, from `CITATION.cff`; empty in a project without one."""
    path = project.root() / "CITATION.cff"
    if not path.is_file():
        return ""
    cff = yaml.safe_load(path.read_text(encoding="utf-8"))
    people = [
        a.get("name") or ", ".join(filter(None, [a.get("family-names"), a.get("given-names")]))
        for a in cff.get("authors", [])
    ]
    year = f" ({str(cff['date-released'])[:4]})" if cff.get("date-released") else ""
    version = f", version {cff['version']}" if cff.get("version") else ""
    address = f", {cff['repository-code']}" if cff.get("repository-code") else ""
    return f"Cite as: {'; '.join(people)}{year}. {cff['title']}{version}{address}."


def render(template: str, file: str, *, title: str, partners: tuple[str, ...], script: str = "", **values) -> bytes:
    """Return a page in UTF-8.

    Parameters
    ----------
    template : the page's own template, which extends `page.html.j2`.
    file : where the page will be, relative to `reports/`.
    title : of the browser's window.
    partners : codes, for the contents.
    script : file name of the one script the page may run, if any.
    values : what the template needs besides.
    """
    code = _script(script) if script else ""
    # The browser runs this very script and no other, whatever a text may have smuggled in.
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    shared = {
        "site": SITE,
        "css": _stylesheet(),
        "script": code,
        "script_source": f"'sha256-{digest}'" if code else "'none'",
        "up": "../" * file.count("/"),
        "file": file,
        "title": title,
        "contents": contents(partners),
        "sections": [],
        "kind": "",
        "description": title,
        "cite": citation(),
    }
    return (_environment().get_template(template).render(shared | values).rstrip() + "\n").encode()
