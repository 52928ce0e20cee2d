"""Prose, tables and quotations in a notebook; whatever comes from a text is escaped."""

import json
import math
import re
from html import escape
from numbers import Integral, Real
from urllib.parse import quote

import pandas as pd
from IPython.display import HTML, Markdown, display

from engagement import project, tables
from engagement.figures.style import partners

MOST_ROWS = 60
QUOTED_WORDS = 25  # of a text whose licence does not allow more
# How the names of open licences begin; what is not known to be open is treated as closed.
_OPEN = ("cc ", "cc-", "cc0", "creative commons", "public domain", "odc", "odbl", "open government")
_UNBROKEN = 14  # characters: a date or a code stays in one line
_UNKNOWN = {"licence": "third-party", "date_precision": "day", "partner": ""}


def plain(value: object) -> object:
    """Return a value that cannot act as Markdown or HTML; numbers stay numbers, so that they can be formatted."""
    if not isinstance(value, str):
        return value
    one_line = " ".join(value.split())  # a line break could begin a heading, a list or a block of code
    return re.sub(r"([\\`*_{}\[\]#+!|~$])", r"\\\1", escape(one_line, quote=False))


def say(sentence: str, **values: object) -> None:
    """Display a Markdown sentence with values from the data: `say("{n} of {share:.0%}", n=3, share=0.5)`.

    Text values are escaped, because titles and names come from strangers.
    """
    display(Markdown(sentence.format(**{name: plain(value) for name, value in values.items()})))


def excerpt(text: str, licence: str) -> str:
    """Return the text as far as it may be shown: whole if its licence is an open one, else its first 25 words."""
    words = list(re.finditer(r"\w+", text))  # "US-Cambodia" is two
    if licence.lower().startswith(_OPEN) or len(words) <= QUOTED_WORDS:
        return text
    return text[: words[QUOTED_WORDS - 1].end()] + " …"


def dated(date: pd.Timestamp, precision: str = "day") -> str:
    """Return a date as far as it is known: 2016-10-13, 2016-10 or 2016."""
    return f"{date:%Y-%m-%d}"[: {"year": 4, "month": 7}.get(precision, 10)]


def web_link(url: object, label: str = "source") -> str:
    """Return an HTML link if the address is one of the web, else the address as text: `javascript:` never runs."""
    shown = escape(str(url))
    if re.fullmatch(r"https?://[^\s\"'<>]+", str(url)):
        return f'<a href="{shown}" rel="noreferrer">{escape(label)}</a>'
    return shown


def _decimals(column: pd.Series) -> int:
    """Return how many decimals a column of numbers is shown with, all its cells alike, by its largest number."""
    largest = column.abs().max()
    if pd.isna(largest) or largest == 0 or math.isinf(largest):
        return 0
    if largest >= 0.01:
        return next((d for least, d in ((1000, 0), (100, 1), (10, 2)) if largest >= least), 3)
    return 2 - math.floor(math.log10(largest))


def _number(value: float, decimals: int) -> str:
    """Return a decimal number for reading; what is too small to be seen is said to be so."""
    if pd.isna(value):
        return ""
    shown = f"{value:,.{decimals}f}"
    if value and not float(shown.replace(",", "")):
        return f"{'&lt;' if value > 0 else '&gt;-'}{10**-decimals:.{decimals}f}"
    return shown


def _cell(value: object, column: str, decimals: int = 3) -> str:
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Real) and not isinstance(value, Integral):
        return _number(float(value), decimals)
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return web_link(value) if column == "url" else escape(str(value))


def table(frame: pd.DataFrame, caption: str) -> None:
    """Display a frame as an escaped HTML table, at most 60 rows; a column named `url` becomes a link.

    Raises
    ------
    ValueError
        If the caption is empty.
    """
    if not caption.strip():
        raise ValueError("a table needs a caption")
    shown = frame.head(MOST_ROWS)
    numeric = {
        c for c in shown.columns if pd.api.types.is_numeric_dtype(shown[c]) and not pd.api.types.is_bool_dtype(shown[c])
    }
    short = {c for c in shown.columns if shown[c].astype(str).str.len().max() <= _UNBROKEN}
    mark = {c: ' class="number"' if c in numeric else ' class="short"' if c in short else "" for c in shown.columns}
    decimals = {c: _decimals(shown[c]) if pd.api.types.is_float_dtype(shown[c]) else 3 for c in shown.columns}
    head = "".join(f'<th scope="col"{mark[c]}>{escape(str(c).replace("_", " "))}</th>' for c in shown.columns)
    rows = "".join(
        "<tr>"
        + "".join(f"<td{mark[c]}>{_cell(v, c, decimals[c])}</td>" for c, v in zip(shown.columns, row, strict=True))
        + "</tr>\n"
        for row in shown.itertuples(index=False, name=None)
    )
    rows = rows or f'<tr><td colspan="{len(shown.columns)}">none</td></tr>\n'
    left_out = f" The first {MOST_ROWS} of {len(frame)} rows." if len(frame) > MOST_ROWS else ""
    # A wide table scrolls within its own frame, which the keyboard can reach.
    display(
        HTML(
            f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
            f"<table><caption>{escape(caption + left_out)}</caption>\n<thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{rows}</tbody></table></div>"
        )
    )


def _sentence_link(sentence_id: str, partner: str) -> str:
    """Return a sentence's identifier, as a link to it among its partner's sentences; the link holds from `reports/`."""
    shown = f"<code>{escape(sentence_id)}</code>"
    if partner not in partners():
        return shown
    return f'<a href="evidence/{partner}.html#{quote(sentence_id)}">{shown}</a>'


def quotes(sentences: pd.DataFrame) -> None:
    """Display sentences with their date, identifier and source.

    `sentences` has the columns `text`, `date`, `sentence_id`, `outlet`, `url`; where known `date_precision`, `partner`,
    whose page of sentences the identifier then leads to, and `licence`: a text without one is treated as a third
    party's and shown with at most 25 words.
    """
    shown = sentences.assign(**{c: v for c, v in _UNKNOWN.items() if c not in sentences})
    display(
        HTML(
            "".join(
                f"<blockquote><p>{escape(excerpt(s.text, s.licence))}</p><p><cite>{dated(s.date, s.date_precision)} · "
                f"{escape(s.outlet)} · {web_link(s.url)} · {_sentence_link(s.sentence_id, s.partner)}</cite></p></blockquote>\n"
                for s in shown.itertuples()
            )
        )
    )


def metrics(stage: str, numbers: dict[str, float]) -> None:
    """Write a stage's headline numbers to its `metrics.json`, read by `dvc metrics show` and by the front page.

    `stage` is the stage's name, for the partner stage `partner/<code>`.
    """
    shown = {
        name: float(f"{value:.{tables.SIGNIFICANT_DIGITS}g}") if isinstance(value, float) else value
        for name, value in sorted(numbers.items())
    }
    project.output(f"{stage}/metrics.json").write_text(
        json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
