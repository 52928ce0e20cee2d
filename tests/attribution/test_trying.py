"""`engagement code`: one text or one file, its codes and the rule behind each."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engagement.cli import app
from engagement.errors import ConfigurationError


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["code", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_sentence() -> None:
    out = run("Ambassador William Heidt gave $2 million to deminers. He smiled.", "--date", "2017-05-02")
    assert "US William Heidt, Ambassador to Cambodia · full name (1.00)" in out
    assert "→ United States" in out and re.search(r"pronoun \(0\.\d\d\)", out)
    assert "$ $2 million" in out and "USD" in out


def test_a_file_with_a_headline(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Lanterns lit the quay. The embassy paid.\n", encoding="utf-8")
    out = run("--file", str(tmp_path / "text.txt"), "--title", "Japan gives lamps")
    assert "→ Japan" in out and "office spoken of (0." in out


def test_nobody() -> None:
    assert "→ no partner" in run("Rain fell in Takeo.")


@pytest.mark.parametrize("words", [[], ["a text", "--file", "and-a-file.txt"]])
def test_neither_or_both(words: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="give a text or a file"):
        run(*words)
