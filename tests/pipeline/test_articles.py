"""Third-party articles, present on a researcher's machine only, flow through every stage of a scratch run."""

import hashlib
import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from engagement import verify

MANIFEST = "data/raw/articles/manifest.csv"


@pytest.fixture(scope="module")
def articles() -> Path:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("ENGAGEMENT_ARTICLES", root.parent / "shared" / "data" / "articles"))
    if not list(folder.glob("*.txt")):
        pytest.skip(f"no article texts in {folder}: name a folder that holds them with ENGAGEMENT_ARTICLES")
    return folder


@pytest.fixture(scope="module")
def scratch(articles, tmp_path_factory) -> Path:
    """A copy of the project with the five texts in place, run from raw text to reports with a small grid of topics."""
    folder = tmp_path_factory.mktemp("articles") / "project"
    verify.copy_project(folder)
    for text in sorted(articles.glob("*.txt")):
        shutil.copyfile(text, folder / "data" / "raw" / "articles" / text.name)
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["selection"]["grid"] = params["selection"]["grid"][:2]
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    assert verify.run_in(folder, "reproduce").returncode == 0
    return folder


def listed(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / MANIFEST, dtype=str, keep_default_na=False)


def test_the_texts_are_the_listed_ones(root, articles):
    for row in listed(root).itertuples():
        assert hashlib.sha256((articles / row.file).read_bytes()).hexdigest() == row.sha256


@pytest.mark.parametrize(
    "table",
    [
        "corpus/documents",
        "cleaning/sentences",
        "attribution/mentions",
        "attribution/engagements",
        "topics/document_topics",
        "topics/segment_topics",
    ],
)
def test_they_are_in_every_table(scratch, table):
    there = set(pd.read_parquet(scratch / f"data/processed/{table}.parquet")["document_id"])
    assert set(listed(scratch)["document_id"]) <= there


def test_they_appear_in_the_reports(scratch):
    pages = "".join(p.read_text(encoding="utf-8") for p in sorted((scratch / "reports/evidence").glob("*.html")))
    for name in listed(scratch)["document_id"]:
        assert f"{name}#" in pages, f"{name} has no sentence in the evidence pages"
    assert "738" in (scratch / "reports/01-corpus.html").read_text(encoding="utf-8")


def test_the_reports_quote_them_and_do_not_reprint_them(scratch, articles):
    """No published file holds more than 25 consecutive words of a text that is not openly licensed."""
    readable = [p for p in sorted((scratch / "reports").rglob("*")) if p.suffix in (".html", ".csv", ".json", ".ipynb")]
    runs = {}
    for text in sorted(articles.glob("*.txt")):
        words = re.findall(r"\w+", text.read_text(encoding="utf-8").lower())
        runs |= {" ".join(words[i : i + 26]): text.name for i in range(len(words) - 25)}
    for path in readable:
        words = re.findall(r"\w+", path.read_text(encoding="utf-8").lower())
        found = {runs[run] for i in range(len(words) - 25) if (run := " ".join(words[i : i + 26])) in runs}
        assert found == set(), f"{path.name} reprints {found}"


def test_git_never_holds_their_text(root):
    for row in listed(root).itertuples():
        assert not any(name.endswith(row.file) for name in verify.project_files())
