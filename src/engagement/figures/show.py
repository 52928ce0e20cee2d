"""Draw and keep a figure: the picture, the numbers behind it, its alternative text and its caption."""

import hashlib
import io
import json
from html import escape

import matplotlib
import pandas as pd
from IPython.display import HTML, Image, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image as Pillow

from engagement import project, tables
from engagement.figures.style import partner_name, partners

# Figures are drawn on Matplotlib's own Agg canvas with the font it ships, so that no window system, installed font or
# user's matplotlibrc changes a pixel.
_LOOK = {
    "axes.grid": True,
    "axes.grid.axis": "both",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.labelsize": 11,
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 6,
    "savefig.dpi": 150,
    "text.parse_math": False,  # a $ in a text is a dollar sign
}


def new(width: float = 7.5, height: float = 4.2, rows: int = 1, columns: int = 1, **options) -> tuple[Figure, Axes]:
    """Return a figure and its axes in the project's look; `width` and `height` in inches, options as for `subplots`."""
    matplotlib.rcdefaults()
    matplotlib.rcParams.update(_LOOK)
    # Not made through pyplot: the notebook would show such a figure a second time when the cell ends.
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **options)


def show(figure: Figure, name: str, *, alt: str, caption: str, data: pd.DataFrame) -> None:
    """Save a figure with the data behind it, and display it with its alternative text and caption.

    Parameters
    ----------
    figure : the drawn figure.
    name : `<stage>/<figure>`, for the partner stage `partner/<code>/<figure>`; files of that name with the endings
        `.png`, `.csv` and `.json` (alternative text and caption) go into the output's `figures/` folder.
    alt : what a reader who cannot see the figure needs: what is drawn, and the numbers that carry the finding.
    caption : one or two sentences under the figure: units, n, what the intervals are.
    data : the numbers drawn, one row per mark.

    Raises
    ------
    ValueError
        If the alternative text, the caption or the data is empty.
    """
    if not alt.strip() or not caption.strip() or data.empty:
        raise ValueError(f"figure {name}: needs alternative text, a caption and the data behind it")
    folder, _, stem = name.rpartition("/")
    kept = project.output(f"{folder}/figures/{stem}.png")
    _wrap_titles(figure)
    picture = _png(figure)
    numbers = tables.to_bytes(tables.rounded(data), ".csv")
    words = json.dumps({"alt": alt, "caption": caption}, ensure_ascii=False, indent=1) + "\n"
    kept.write_bytes(picture)
    kept.with_suffix(".csv").write_bytes(numbers)
    kept.with_suffix(".json").write_text(words, encoding="utf-8")
    # Pictures are not compared when a notebook is checked, text is: the hash stands for the numbers drawn.
    digest = hashlib.sha256(numbers).hexdigest()[:12]
    display(Image(picture, alt=alt), metadata={"image/png": {"alt": alt}})
    display(
        HTML(
            f'<p class="caption">{escape(caption)} <span class="data">Numbers: '
            f'<a href="figures/{escape(name)}.csv">{escape(stem)}.csv</a>, {len(data)} rows, sha256 {digest}.'
            f"{_evidence(name, data)}</span></p>"
        )
    )


def _png(figure: Figure) -> bytes:
    """Return the figure as PNG with a palette of 256 colours: a third of the size, and no difference to be seen."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    palette = Pillow.open(drawn).convert("RGB").quantize(256, Pillow.Quantize.MAXCOVERAGE, dither=Pillow.Dither.NONE)
    picture = io.BytesIO()
    palette.save(picture, "PNG", optimize=True, dpi=(_LOOK["savefig.dpi"], _LOOK["savefig.dpi"]))
    return picture.getvalue()


def _wrap_titles(figure: Figure) -> None:
    """Break the titles that would run over the figure's edge: they state findings, and numbers make them longer."""
    titles = {figure.get_suptitle()}
    titles |= {axes.get_title(loc=place) for axes in figure.axes for place in ("left", "center", "right")}
    for text in figure.findobj(Text):
        if text.get_text() in titles - {""}:
            text.set_wrap(True)


def _evidence(name: str, data: pd.DataFrame) -> str:
    """Return links to the sentences behind a figure: those of the partners it draws. They hold from `reports/`.

    A figure draws the partners that are columns of its data, or the values of a column that holds nothing but partners.
    """
    codes = partners()
    drawn = {name.split("/")[1]} if name.startswith("partner/") else set(data.columns)
    for column in data:
        values = set(data[column].dropna().astype(str)) - {""}
        drawn |= values if values <= set(codes) else set()
    links = [f'<a href="evidence/{code}.html">{escape(partner_name(code))}</a>' for code in codes if code in drawn]
    return f" The sentences behind it: {', '.join(links)}." if links else ""
