"""What must hold of every published page, looked up in its source: a browser is not needed for this."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

# Attributes whose address the browser fetches by itself; a link that a reader follows is not among them.
_LOADING = {"src", "srcset", "poster", "data", "background", "xlink:href", "manifest", "action", "formaction", "ping"}


@dataclass
class Source:
    """What one page's source holds, as far as the checks look at it."""

    language: str = ""
    title: str = ""
    anchors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    pictures: list[str | None] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    mains: int = 0
    tables: int = 0
    captions: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.source = Source()
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found, s = dict(attrs), self.source
        self.inside = tag
        if "id" in found:
            s.anchors.append(found["id"] or "")
        if tag == "html":
            s.language = found.get("lang") or ""
        elif tag == "a" and found.get("href"):
            s.links.append(found["href"] or "")
        elif tag == "img":
            s.pictures.append(found.get("alt"))
        elif re.fullmatch(r"h[1-6]", tag):
            s.headings.append(int(tag[1]))
        elif tag == "meta" and (found.get("http-equiv") or "").lower() == "refresh":
            s.loads.append(f"refresh {found.get('content')}")
        s.mains += tag == "main"
        s.tables += tag == "table"
        s.captions += tag == "caption"
        s.loads += [found[name] or "" for name in found if name in _LOADING]
        if tag in ("link", "base") and found.get("href"):
            s.loads.append(found["href"] or "")
        s.loads += re.findall(r"url\(\s*['\"]?([^'\")]+)", found.get("style") or "")

    def handle_data(self, data: str) -> None:
        if self.inside == "title":
            self.source.title += data
        elif self.inside == "style":
            self.source.loads += re.findall(r"url\(\s*['\"]?([^'\")]+)", data)
            self.source.loads += re.findall(r"@import\s+['\"]?([^'\";]+)", data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def read(page: Path) -> Source:
    """Return what a page's source holds."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    return reader.source


def of_page(source: Source) -> list[str]:
    """Return what is wrong with a page taken by itself."""
    wrong = []
    if not source.language:
        wrong.append("has no language")
    if not source.title.strip():
        wrong.append("has no title")
    if source.mains != 1:
        wrong.append(f"has {source.mains} <main>, not one")
    if source.headings.count(1) != 1:
        wrong.append(f"has {source.headings.count(1)} first-level headings, not one")
    for before, after in pairwise([0, *source.headings]):
        if after > before + 1:
            wrong.append(f"jumps from a heading of level {before or 'none'} to one of level {after}")
    wrong += ["has a picture without alternative text"] * sum(not (alt or "").strip() for alt in source.pictures)
    if source.captions < source.tables:
        wrong.append(f"has {source.tables - source.captions} table(s) without a caption")
    wrong += [f"loads {load[:80]}" for load in source.loads if not load.startswith("data:")]
    wrong += [f"has the anchor {a!r} {n} times" for a, n in sorted(Counter(source.anchors).items()) if n > 1]
    return wrong


def of_table(table: Path, folder: Path, sources: dict[Path, Source]) -> list[str]:
    """Return the links of a table's column `evidence`, which hold from the reports' folder, that lead nowhere.

    In some tables a column of that name holds sentences' identifiers instead.
    """
    with table.open(encoding="utf-8", newline="") as file:
        links = {row.get("evidence") or "" for row in csv.DictReader(file)}
    return of_links(folder / "index.html", [link for link in links if ".html" in link], sources)


def of_links(page: Path, links: Iterable[str], sources: dict[Path, Source]) -> list[str]:
    """Return which of a page's links within the reports lead nowhere; `sources` holds every page read."""
    wrong = []
    for link in sorted(set(links)):
        if re.match(r"(https?|mailto):", link):
            continue
        address, _, anchor = link.partition("#")
        target = (page.parent / unquote(address)).resolve() if address else page
        if not target.is_file():
            wrong.append(f"links to {link}, which is not there")
        elif anchor and target in sources and not {anchor, unquote(anchor)} & set(sources[target].anchors):
            wrong.append(f"links to {link}, but the page has no such anchor")
    return wrong


def problems(folder: Path) -> list[str]:
    """Return everything wrong with the reports in a folder, one line each; an empty list where all is well."""
    folder = folder.resolve()
    pages = sorted(p for p in folder.rglob("*.html") if p.relative_to(folder).parts[0] != "failed")
    sources = {page: read(page) for page in pages}
    wrong = []
    for page in pages:
        name = page.relative_to(folder).as_posix()
        wrong += [f"{name}: {what}" for what in of_page(sources[page])]
        wrong += [f"{name}: {what}" for what in of_links(page, sources[page].links, sources)]
    for table in sorted(folder.glob("figures/**/*.csv")) + sorted(folder.glob("tables/**/*.csv")):
        wrong += [f"{table.relative_to(folder).as_posix()}: {what}" for what in of_table(table, folder, sources)]
    for picture in sorted(folder.glob("figures/**/*.png")):
        if not picture.with_suffix(".csv").is_file():
            wrong.append(f"{picture.relative_to(folder).as_posix()}: has no numbers beside it")
    return wrong
