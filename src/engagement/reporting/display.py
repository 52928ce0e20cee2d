"""Prose, tables and quotations in a notebook; whatever comes from a text is escaped."""

import json
import re
from html import escape

import pandas as pd
from IPython.display import HTML, Markdown, display

from engagement import project, tables

MOST_ROWS = 60


def _plain(value: object) -> object:
    """Return a value that cannot act as Markdown or HTML; numbers stay numbers, so that they can be formatted."""
    if not isinstance(value, str):
        return value
    return re.sub(r"([\\`*_{}\[\]#+!|~$])", r"\\\1", escape(value))


def say(sentence: str, **values: object) -> None:
    """Display a Markdown sentence with values from the data: `say("{n} of {share:.0%}", n=3, share=0.5)`.

    Text values are escaped, because titles and names come from strangers.
    """
    display(Markdown(sentence.format(**{name: _plain(value) for name, value in values.items()})))


def _cell(value: object, column: str) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    shown = escape(str(value))
    # Only addresses of the web become links; javascript: and file: stay text.
    if column == "url" and re.match(r"https?://", str(value)):
        return f'<a href="{shown}" rel="noreferrer">source</a>'
    return shown


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
    head = "".join(f'<th scope="col">{escape(str(c))}</th>' for c in shown.columns)
    numeric = {c for c in shown.columns if pd.api.types.is_numeric_dtype(shown[c])}
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=number' if c in numeric else ''}>{_cell(v, c)}</td>"
            for c, v in zip(shown.columns, row, strict=True)
        )
        + "</tr>\n"
        for row in shown.itertuples(index=False)
    )
    left_out = f" The first {MOST_ROWS} of {len(frame)} rows." if len(frame) > MOST_ROWS else ""
    display(
        HTML(
            f"<table><caption>{escape(caption + left_out)}</caption>\n<thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{rows}</tbody></table>"
        )
    )


def quotes(sentences: pd.DataFrame) -> None:
    """Display sentences with their date, identifier and source.

    `sentences` has the columns `text`, `date`, `sentence_id`, `outlet`, `url`.
    """
    display(
        HTML(
            "".join(
                f"<blockquote>{escape(s.text)}<br><cite>{s.date:%Y-%m-%d} · {escape(s.outlet)} · "
                f"{_cell(s.url, 'url')} · <code>{escape(s.sentence_id)}</code></cite></blockquote>\n"
                for s in sentences.itertuples()
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
    project.output(f"{stage}/metrics.json").write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")
