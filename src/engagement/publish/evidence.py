"""The sentences behind every figure: one page per partner, by year, each with its coding and its sources."""

import json

import pandas as pd

from engagement import figures, tables
from engagement.publish import page
from engagement.reporting import display, names

INSTRUMENTS = names.INSTRUMENTS | {"NONE": "no instrument"}


def sentences() -> pd.DataFrame:
    """Return all engagements with their sentence and document, by partner, date and place in the document."""
    coded = tables.read("attribution/engagements.parquet").drop(columns="date", errors="ignore")
    spoken = tables.read("cleaning/sentences.parquet")[["sentence_id", "ordinal", "text"]]
    written = tables.read("corpus/documents.parquet")
    written = written[["document_id", "date", "date_precision", "licence", "outlet", "url", "sources"]]
    found = coded.merge(spoken, on="sentence_id", validate="many_to_one")
    found = found.merge(written, on="document_id", validate="many_to_one")
    return found.sort_values(["partner", "date", "document_id", "ordinal"], kind="stable", ignore_index=True)


def links(sources: str, outlet: str, url: str) -> list[str]:
    """Return a document's sources as HTML: a link for each address of the web, text for anything else."""
    listed = json.loads(sources or "[]") or [{"url": url, "outlet": outlet}]
    return [display.web_link(s.get("url", ""), s.get("outlet") or "source") for s in listed]


def coding(row: pd.Series) -> str:
    """Return an engagement's codes in words."""
    said = [INSTRUMENTS.get(row.instrument, row.instrument), names.STANCES.get(row.stance, "")]
    said += [flag for flag in ("historical", "hypothetical", "negated") if getattr(row, flag, False)]
    return " · ".join(filter(None, said))


def _entry(row: pd.Series) -> dict:
    return {
        "sentence_id": row.sentence_id,
        "instrument": row.instrument,
        "field": row.field,
        "stance": row.stance,
        "text": display.excerpt(row.text, row.licence),
        "date": display.dated(row.date, row.date_precision),
        "coding": coding(row),
        "rule": f"attributed by {row.rule} (confidence {row.confidence:.2g})",
        "links": links(row.sources, row.outlet, row.url),
    }


def _span(found: pd.DataFrame) -> range:
    """Return every year from the first engagement of any partner to the last, so that each has its anchor."""
    years = found["date"].dt.year
    return range(int(years.min()), int(years.max()) + 1) if len(found) else range(0)


def _filters(own: pd.DataFrame, found: pd.DataFrame) -> dict[str, list[tuple]]:
    """Return what the sentences can be filtered by: value, label and number of this partner's, for all that occur."""
    labels = {
        "instrument": INSTRUMENTS,
        "field": {field: field for field in sorted(set(found["field"]) - {""})},
        "stance": names.STANCES,
    }
    counts = {kind: own[kind].value_counts().to_dict() for kind in labels}
    return {
        kind: [(value, label, counts[kind].get(value, 0)) for value, label in values.items()]
        for kind, values in labels.items()
    }


def render(partner: str, found: pd.DataFrame, partners: tuple[str, ...]) -> bytes:
    """Return a partner's page.

    Parameters
    ----------
    partner : its code.
    found : all partners' engagements, as `sentences` returns them.
    partners : all partners' codes.
    """
    own = found[found["partner"] == partner]
    entries: dict[int, list[dict]] = {year: [] for year in _span(found)}
    for row in own.itertuples():
        entries[row.date.year].append(_entry(row))
    name = figures.partner_name(partner)
    return page.render(
        "evidence.html.j2",
        page.evidence_file(partner),
        title=f"{name}: the sentences behind the figures",
        partners=partners,
        script="filter.js",
        partner=partner,
        name=name,
        in_text=page.in_text(partner),
        years=[{"year": year, "sentences": inside} for year, inside in entries.items()],
        total=len(own),
        documents=own["document_id"].nunique(),
        recalled=int(own["historical"].sum()),
        filters=_filters(own, found),
        validation=f"{page.report_stem('validation')}.html",
    )
