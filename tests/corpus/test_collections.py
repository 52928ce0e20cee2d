"""The collections that come with the project, and the articles where a researcher has them."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from engagement import corpus


@pytest.fixture(scope="module")
def chronicle() -> corpus.Corpus:
    return corpus.build(["chronicle"], "en", "2008-01-01", "2025-12-31")


def test_every_entry_of_the_chronicle_is_accepted(root, chronicle):
    lines = (root / "data/raw/chronicle/chronicle.jsonl").read_bytes().splitlines()
    assert len(chronicle.documents) == len(lines)
    assert len(chronicle.rejected) == 0
    assert set(chronicle.documents["licence"]) == {"CC BY 4.0"}


def test_every_collection_has_its_datasheet(root):
    for path in sorted((root / "data/raw").glob("*/collection.yaml")):
        about = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert (path.parent / about["datasheet"]).is_file(), path


@pytest.fixture(scope="module")
def articles() -> Path:
    root = Path(__file__).parents[2]
    folder = Path(os.environ.get("ENGAGEMENT_ARTICLES", root.parent / "shared" / "data" / "articles"))
    if not list(folder.glob("*.txt")):
        pytest.skip(f"no article texts in {folder}: name a folder that holds them with ENGAGEMENT_ARTICLES")
    return folder


def test_articles_are_the_listed_ones_and_accepted(scratch, root, articles):
    shipped = root / "data/raw/articles"
    for name in ("collection.yaml", "manifest.csv"):
        scratch.write(f"articles/{name}", (shipped / name).read_bytes())
    with (shipped / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        shutil.copyfile(articles / row["file"], scratch.folder / "data/raw/articles" / row["file"])
    built = scratch.build("articles")
    assert len(built.rejected) == 0 and len(built.absent) == 0
    documents = built.documents.set_index("document_id")
    assert len(documents) == len(rows) == 5
    for row in rows:
        document = documents.loc[row["document_id"]]
        assert document["sha256"] == row["sha256"]
        assert document["text"] == (articles / row["file"]).read_text(encoding="utf-8")
        assert document["licence"].startswith("third-party"), "so that reports quote it and do not reprint it"
        assert document["publisher_kind"] != "not listed"


def test_git_ignores_their_text(root):
    ignored = subprocess.run(["git", "check-ignore", "-q", "data/raw/articles/any.txt"], cwd=root, check=False)
    if ignored.returncode == 128:
        pytest.skip("no git repository here: an unpacked archive")
    assert ignored.returncode == 0


def test_without_the_texts_the_articles_are_absent(scratch, root, good):
    for name in ("collection.yaml", "manifest.csv"):
        scratch.write(f"articles/{name}", (root / "data/raw/articles" / name).read_bytes())
    scratch.lines(good("good"))
    built = scratch.build("lines", "articles")
    assert len(built.absent) == 5 and len(built.rejected) == 0
