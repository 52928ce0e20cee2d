"""An executed notebook as a reader sees it: its title, its answer, its limits and its HTML."""

import base64
import re
import struct
from dataclasses import dataclass, replace
from functools import cache
from html import escape, unescape
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode

from engagement.errors import ConfigurationError

# Pictures are drawn with 150 points to the inch (figures.show) and shown with 100.
_POINTS_PER_PIXEL = 1.5

_TAGS = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
]
_ATTRIBUTES = {
    "*": ["class", "id", "title", "lang"],
    "a": ["href", "rel"],
    "div": ["role", "tabindex", "aria-label"],
    "th": ["scope", "colspan", "rowspan"],
    "td": ["colspan", "rowspan"],
    "ol": ["start"],
}
_STYLES = ["color", "background-color", "border-bottom", "font-weight", "text-decoration"]


def _loads_nothing(tag: str, name: str, value: str) -> bool:
    """Say whether an attribute is plain, or a style without functions, of which url() would load something."""
    return name in _ATTRIBUTES["*"] or (name == "style" and not set(value) & set("(\\"))


_ATTRIBUTES |= dict.fromkeys(("mark", "span", "sub"), _loads_nothing)


@dataclass(frozen=True)
class Heading:
    """A section's heading: its level, the anchor to link to, its text."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """A notebook's inside of a page and the headings in it."""

    html: str
    headings: tuple[Heading, ...]

    def titled(self, title: str) -> "Rendered":
        """Return the same under another title."""
        return replace(
            self, html=re.sub(r"(?<=<h1)([^>]*>).*?(?=</h1>)", lambda h: h[1] + escape(title), self.html, count=1)
        )


@cache
def _sanitiser() -> SanitizeHTML:
    return SanitizeHTML(tags=_TAGS, attributes=_ATTRIBUTES, styles=_STYLES)


def safe_html(html: str) -> str:
    """Return HTML in which nothing runs and nothing loads: what is not plain structure is shown as text."""
    return _sanitiser().sanitize_html_tags(html)


def prose(markdown: str) -> str:
    """Return Markdown as HTML that is safe."""
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return safe_html(MarkdownWithMath(renderer=renderer).render(markdown)).strip()


def inline(markdown: str) -> str:
    """Return one paragraph of Markdown as safe HTML without the paragraph around it."""
    return re.sub(r"^<p>(.*)</p>$", r"\1", prose(markdown), flags=re.DOTALL)


def picture_size(png: str) -> tuple[int, int]:
    """Return the width and the height, in pixels of the page, at which a base64 PNG is shown."""
    width, height = struct.unpack(">II", base64.b64decode(png[:48])[16:24])
    return round(width / _POINTS_PER_PIXEL), round(height / _POINTS_PER_PIXEL)


def slug(text: str) -> str:
    """Return a heading's text as an anchor: lower case, words joined by hyphens."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"


def read(path: Path) -> NotebookNode:
    """Read an executed notebook.

    Raises
    ------
    ConfigurationError
        If it is missing, was not executed, or a cell failed or wrote to standard error.
    """
    if not path.is_file():
        raise ConfigurationError(f"{path.name}: not executed yet; run `dvc repro`")
    notebook = nbformat.read(path, as_version=4)
    title = "the beginning"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            title = (re.findall(r"^#+\s*(.+)$", cell.source, flags=re.MULTILINE) or [title])[-1]
        for output in cell.get("outputs", []):
            if output.output_type == "error" or output.get("name") == "stderr":
                told = output.get("evalue") or output.get("text") or ""
                raise ConfigurationError(
                    f"{path.name}: a cell under “{title}” printed an error or a warning: {' '.join(told.split())[:200]!r}; "
                    "put its cause right and run the stage again"
                )
    return notebook


def title(notebook: NotebookNode) -> str:
    """Return the notebook's title, or an empty text."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := re.search(r"^#\s+(.+)$", cell.source, flags=re.MULTILINE)):
            return re.sub(r"[`*_]", "", found[1]).strip()
    return ""


def answer(notebook: NotebookNode) -> str:
    """Return the first paragraph the notebook's code says, in Markdown: the answer with its numbers."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            said = output.get("data", {}).get("text/markdown", "").strip().split("\n\n")
            for paragraph in said:
                if paragraph and not paragraph.startswith("#"):
                    return paragraph
    return ""


def section(notebook: NotebookNode, heading: str) -> str:
    """Return the Markdown under a second-level heading, of the cell that opens with it; empty where there is none."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.match(rf"##\s+{re.escape(heading)}\s*\n(.*)", cell.source + "\n", flags=re.DOTALL)
            if found:
                return re.split(r"^##\s", found[1], flags=re.MULTILINE)[0].strip()
    return ""


def parameters(notebook: NotebookNode) -> dict[str, object]:
    """Return the parameters the notebook ran with."""
    return dict(notebook.metadata.get("papermill", {}).get("parameters", {}))


def _for_reading(notebook: NotebookNode) -> NotebookNode:
    """Return a copy in which each picture carries the caption displayed right after it, and code that shows nothing
    stands with the code after it."""
    notebook = nbformat.from_dict(notebook)
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        if cells and cell.cell_type == "code" == cells[-1].cell_type and not cells[-1].outputs:
            cell.source = f"{cells.pop().source}\n\n{cell.source}"
        cells.append(cell)
    notebook.cells = cells
    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if kept and html.startswith('<p class="caption">') and "image/png" in kept[-1].get("data", {}):
                kept[-1].metadata["caption"] = re.sub(r"^<p[^>]*>|</p>$", "", html)
            else:
                kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept
    return notebook


@cache
def _exporter() -> HTMLExporter:
    exporter = HTMLExporter(
        template_name="template",
        extra_template_basedirs=[str(Path(__file__).parent)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    for name, function in {"safe_html": safe_html, "prose": prose, "picture_size": picture_size}.items():
        exporter.register_filter(name, function)
    return exporter


def _anchored(html: str) -> Rendered:
    """Give every heading an anchor of its own and list the headings."""
    headings: list[Heading] = []

    def anchored(found: re.Match) -> str:
        text = unescape(re.sub(r"<[^>]+>", "", found[2])).strip()
        taken = {h.anchor for h in headings}
        anchor, n = slug(text), 1
        while anchor in taken:
            n += 1
            anchor = f"{slug(text)}-{n}"
        headings.append(Heading(int(found[1]), anchor, text))
        return f'<h{found[1]} id="{anchor}">{found[2]}</h{found[1]}>'

    html = re.sub(r"<h([1-6])[^>]*>(.*?)</h\1>", anchored, html, flags=re.DOTALL)
    return Rendered(html, tuple(headings))


def render(notebook: NotebookNode) -> Rendered:
    """Return the notebook as HTML: prose, tables and figures, its code folded away."""
    html, _ = _exporter().from_notebook_node(_for_reading(notebook))
    return _anchored(html)
