"""The front page: the question, its answer with number and figure, and the way to the evidence."""

import base64
import json
import re
from dataclasses import dataclass
from html import escape

import pandas as pd
from nbformat import NotebookNode

from engagement import figures, project
from engagement.errors import ConfigurationError
from engagement.publish import notebook, page, results


@dataclass(frozen=True)
class Report:
    """One executed notebook and where its page is."""

    stage: str
    partner: str | None
    executed: NotebookNode

    @property
    def stem(self) -> str:
        return page.report_stem(self.stage, self.partner)

    @property
    def file(self) -> str:
        return f"{self.stem}.html"

    @property
    def folder(self) -> str:
        return f"{self.stage}/{self.partner}" if self.partner else self.stage

    @property
    def title(self) -> str:
        own = notebook.title(self.executed) or self.stem
        # The partners share one notebook; what tells their pages apart is the name.
        return f"{figures.partner_name(self.partner)}: {own[0].lower()}{own[1:]}" if self.partner else own

    @property
    def answer(self) -> str:
        return notebook.answer(self.executed)


def question(partners: tuple[str, ...]) -> str:
    """Return the project's question for the partners compared."""
    names = [page.in_text(p) for p in partners]
    several = len(names) > 1
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if several else names[0]
    then = "how does that differ between them and over time" if several else "how has that changed over time"
    return f"How {'do' if several else 'does'} {listed} engage with Cambodia, and {then}?"


def summary(reports: list[Report], partners: tuple[str, ...]) -> dict:
    """Return what the front page and the README say, with the headline numbers of every stage.

    Raises
    ------
    ConfigurationError
        If the comparison's headline numbers hold no answer, or name a figure it did not draw.
    """
    numbers = {folder: results.metrics(folder) for folder in results.folders(partners)}
    told = numbers["comparison"]
    if not told.get("answer") or not told.get("answer_figure"):
        raise ConfigurationError(
            "data/processed/comparison/metrics.json: needs `answer` and `answer_figure`; "
            "let 06-comparison write them with reporting.metrics"
        )
    name = str(told["answer_figure"]).rpartition("/")[2].removesuffix(".png")
    words = project.processed("comparison", "figures", f"{name}.json")
    if not words.is_file():
        raise ConfigurationError(
            f"data/processed/comparison/metrics.json: answer_figure {name!r} is no figure of 06-comparison"
        )
    return {
        "question": question(partners),
        "answer": str(told["answer"]),
        "number": str(told.get("answer_number", "")),
        "figure": {"file": f"figures/comparison/{name}.png", "data": f"figures/comparison/{name}.csv"}
        | json.loads(words.read_text(encoding="utf-8")),
        "reports": [
            {
                "file": r.file,
                "notebook": f"{r.stem}.ipynb",
                "stage": r.stage,
                "partner": r.partner or "",
                "title": r.title,
                "answer": r.answer,
            }
            for r in reports
        ],
        "metrics": numbers,
    }


def as_json(told: dict) -> bytes:
    """Return the summary as the published `summary.json`."""
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def asides(sentence: str) -> str:
    """Return a sentence as HTML in which what stands in brackets, its numbers, steps back behind the statement."""
    return re.sub(r"\(([^()]*)\)", r'<span class="aside">(\1)</span>', escape(sentence, quote=False))


def headline(number: str) -> list[dict[str, str]]:
    """Return the answer's numbers, each with what it counts: "Japan: loans 12% · China: investment 15%"."""
    parts = [re.fullmatch(r"(.*?)\s*([-−]?\d[\d.,]*\s?%?)", piece.strip()) for piece in number.split(" · ")]
    return [
        {"label": p[1].rstrip(":"), "value": p[2]} if p else {"label": "", "value": piece}
        for p, piece in zip(parts, number.split(" · "), strict=True)
        if piece
    ]


def collections(documents: pd.DataFrame) -> list[dict]:
    """Return one row per collection of texts: how many documents, from when to when, in which language and licence."""
    return [
        {
            "collection": name,
            "documents": len(own),
            "first": f"{own['date'].min():%Y-%m}",
            "last": f"{own['date'].max():%Y-%m}",
            "languages": ", ".join(sorted(set(own["language"]))),
            "licences": ", ".join(sorted(set(own["licence"]))),
        }
        for name, own in documents.groupby("collection", sort=True)
    ]


def _limits(reports: list[Report]) -> str:
    """Return, as HTML, what the notebooks say of the texts' limits and of the comparison's."""
    sections = [notebook.section(r.executed, "Limits") for r in reports if r.stage in ("corpus", "comparison")]
    return "\n".join(notebook.prose(section) for section in sections if section)


def render(told: dict, reports: list[Report], found: pd.DataFrame, documents: pd.DataFrame, picture: bytes) -> bytes:
    """Return the front page.

    Parameters
    ----------
    told : the `summary`.
    reports : all reports, in reading order.
    found : all engagements, for their number per partner.
    documents : the accepted documents.
    picture : the PNG of the answer's figure.
    """
    partners = tuple(r.partner for r in reports if r.partner)
    encoded = base64.b64encode(picture).decode()
    width, height = notebook.picture_size(encoded)
    by_stage = {r["stage"]: r for r in told["reports"]}
    counts = found["partner"].value_counts().to_dict()
    own = {r["partner"]: r for r in told["reports"] if r["partner"]}
    profiles = [
        {
            "name": figures.partner_name(p),
            "colour": figures.colour(p),
            "file": own[p]["file"],
            "evidence": page.evidence_file(p),
            "answer": notebook.inline(own[p]["answer"]),
            "sentences": f"{counts.get(p, 0):,}",
        }
        for p in partners
    ]
    links = ", ".join(f"[{p['name']}]({p['file']})" for p in profiles)
    steps = [
        {
            "number": n,
            "file": "#partners" if stage == "partner" else by_stage[stage]["file"],
            "question": "How does each partner engage?" if stage == "partner" else by_stage[stage]["title"],
            "answer": notebook.inline(f"The profiles: {links}." if stage == "partner" else by_stage[stage]["answer"]),
        }
        for n, stage in enumerate(project.NOTEBOOK_STAGES, start=1)
    ]
    return page.render(
        "front.html.j2",
        "index.html",
        title=page.SITE,
        partners=partners,
        profiles=profiles,
        kind="front",
        description=told["answer"],
        question=told["question"],
        answer=asides(told["answer"]),
        numbers=headline(told["number"]),
        figure=told["figure"] | {"width": width, "height": height, "picture": f"data:image/png;base64,{encoded}"},
        comparison=by_stage["comparison"],
        steps=steps,
        limits=_limits(reports),
        collections=collections(documents),
    )
