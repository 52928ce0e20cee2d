"""A researcher's own project: another partner country and third-party articles, from raw text to reports.

One scratch run, with the rows and the line of docs/add-a-partner.md as typed, and with the article texts where they are
present: git does not hold them.
"""

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
def scratch(tmp_path_factory, request) -> Path:
    """A copy of the project with a fourth partner and the texts, run with a small grid of topics."""
    folder = tmp_path_factory.mktemp("own") / "project"
    verify.copy_project(folder)
    guide = (folder / "docs" / "add-a-partner.md").read_text(encoding="utf-8")
    (rows,) = re.findall(r"```csv\n(.*?)```", guide, re.DOTALL)
    with (folder / "data" / "reference" / "actors.csv").open("a", encoding="utf-8") as actors:
        actors.write(rows)
    (line,) = re.findall(r"^partners: .*$", guide, re.MULTILINE)
    params = (folder / "params.yaml").read_text(encoding="utf-8")
    params = yaml.safe_load(re.sub(r"^partners: .*$", line, params, flags=re.MULTILINE))
    params["selection"]["grid"] = params["selection"]["grid"][:2]
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    try:
        for text in sorted(request.getfixturevalue("articles").glob("*.txt")):
            shutil.copyfile(text, folder / "data" / "raw" / "articles" / text.name)
    except pytest.skip.Exception:
        pass  # without the texts, the run still shows the fourth partner
    assert verify.run_in(folder, "reproduce").returncode == 0
    return folder


def test_the_fourth_partner_is_in_every_comparison(scratch):
    engaged = pd.read_parquet(scratch / "data/processed/attribution/engagements.parquet")
    assert (engaged["partner"] == "KR").sum() >= 20
    for table in ("years", "instruments", "topics", "stance"):
        assert "KR" in set(pd.read_csv(scratch / f"data/processed/comparison/{table}.csv")["partner"]), table
    page = (scratch / "reports/07-partner-KR.html").read_text(encoding="utf-8")
    assert "South Korea" in page
    assert (scratch / "reports/evidence/KR.html").is_file()
    assert "South Korea" in (scratch / "reports/index.html").read_text(encoding="utf-8")


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
def test_they_are_in_every_table(scratch, articles, table):
    there = set(pd.read_parquet(scratch / f"data/processed/{table}.parquet")["document_id"])
    assert set(listed(scratch)["document_id"]) <= there


def test_they_appear_in_the_reports(scratch, articles):
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
    if not (root / ".git").exists():
        pytest.skip("no git repository")
    for row in listed(root).itertuples():
        assert not any(name.endswith(row.file) for name in verify.project_files())
