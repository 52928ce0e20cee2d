"""Write a sample as a spreadsheet (CSV) and as a form for the browser (HTML that needs no network)."""

import hashlib
from html import escape
from pathlib import Path

import jinja2
import pandas as pd
from nbconvert.filters import markdown2html

from engagement import figures
from engagement.coders.sample import COLUMNS
from engagement.validation import gold
from engagement.validation.figures import INSTRUMENT_NAMES

STANCE_NAMES = {1: "cooperative", 0: "neutral, mixed, factual", -1: "conflictual"}
_TEXT_COLUMNS = ["title", "before", "sentence", "after"]


def to_csv(sheet: pd.DataFrame) -> str:
    """Return the sheet as CSV for a spreadsheet.

    A text that a spreadsheet would take for a formula gets an apostrophe in front: texts come from strangers.
    """
    safe = sheet.assign(**{c: sheet[c].map(_no_formula) for c in _TEXT_COLUMNS})
    return safe[COLUMNS].to_csv(index=False, lineterminator="\n")


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def to_html(sheet: pd.DataFrame, codebook: str, partners: list[str]) -> str:
    """Return the sheet as one HTML page: the codebook (Markdown), a form per sentence, and a button that saves a CSV.

    Everything that comes from a text is escaped, and the page's own policy forbids it to load anything.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("engagement.coders", "."), autoescape=True, undefined=jinja2.StrictUndefined
    )
    rows = sheet[COLUMNS].astype(str).to_dict("records")
    return environment.get_template("form.html.j2").render(
        sheet_id=hashlib.sha256("\n".join(sheet["sentence_id"] + sheet["fingerprint"]).encode()).hexdigest()[:12],
        # Markup in the codebook is text as well.
        codebook=markdown2html(escape(codebook, quote=False)),
        items=rows,
        parties=[(code, figures.partner_name(code)) for code in partners]
        + [("OTHER", "another country or body"), ("NONE", "none")],
        instruments=[(code, INSTRUMENT_NAMES[code]) for code in gold.INSTRUMENTS],
        stances=list(STANCE_NAMES.items()),
    )


def write(sheet: pd.DataFrame, codebook: Path, partners: list[str], folder: Path) -> list[Path]:
    """Write `sheet.csv` and `form.html` into the folder and return their paths.

    Raises
    ------
    FileExistsError
        If one of them is there already: a sheet half filled in must not be overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        folder / "sheet.csv": to_csv(sheet),
        folder / "form.html": to_html(sheet, codebook.read_text(encoding="utf-8"), partners),
    }
    for path in contents:
        if path.exists():
            raise FileExistsError(path)
    for path, text in contents.items():
        path.write_text(text, encoding="utf-8")
    return list(contents)
