"""`engagement verify`: what it compares, what it says, and that one altered byte turns it red."""

import shutil

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import verify
from engagement.errors import ConfigurationError

TABLE = "partner,share\nUS,0.25\nJP,0.5\n"


@pytest.fixture
def published(miniature):
    """A miniature project that has published one table and lists one result."""
    folder = miniature.folder
    (folder / "reports/tables").mkdir(parents=True)
    (folder / "data/processed/corpus").mkdir(parents=True)
    miniature.write("reports/tables/shares.csv", TABLE)
    miniature.write("data/processed/corpus/documents.csv", TABLE)
    listed = verify.hashes(folder)
    rows = pd.DataFrame({"path": list(listed), "sha256": list(listed.values())})
    miniature.write("reports/outputs.csv", rows.to_csv(index=False))
    miniature.write("dvc.lock", "schema: '2.0'\n")
    return miniature


@pytest.fixture
def rerun(published, monkeypatch):
    """Stand in for the fresh run: it gives the results the miniature project has when the fixture is called."""

    def results(folder, *_, **__):
        shutil.copytree(kept / "reports", folder / "reports", dirs_exist_ok=True)
        shutil.copytree(kept / "data/processed", folder / "data/processed")

        class Ended:
            returncode = 0

        return Ended()

    kept = published.folder.parent / "kept"
    shutil.copytree(published.folder, kept)
    monkeypatch.setattr(verify, "run_in", results)
    return kept


def test_the_same_results_are_identical(published, rerun, capsys):
    assert verify.verify()
    told = capsys.readouterr().out
    assert "4 outputs: 4 identical, 0 within tolerance, 0 different" in told


@pytest.mark.parametrize(
    ("altered", "verdict"),
    [
        (TABLE.replace("0.25", "0.26"), "different"),
        (TABLE.replace("US", "UK"), "different"),
        (TABLE.replace("0.5", "0.500001"), "within"),
        ("", "different"),
    ],
)
def test_an_altered_published_table_is_named(published, rerun, capsys, altered, verdict):
    published.write("reports/tables/shares.csv", altered)
    assert not verify.verify()
    told = capsys.readouterr().out
    assert f"reports/tables/shares.csv: {verdict}" in told
    assert verify.verify(tolerate=True) == (verdict == "within")


def test_one_altered_byte_anywhere_is_seen(published, rerun):
    content = bytearray((published.folder / "reports/tables/shares.csv").read_bytes())
    for position in range(len(content)):
        altered = bytes(content[:position]) + bytes([content[position] ^ 1]) + bytes(content[position + 1 :])
        (published.folder / "reports/tables/shares.csv").write_bytes(altered)
        assert not verify.verify(), f"byte {position}"


def test_a_result_that_changed_is_named_by_its_published_hash(published, rerun, capsys):
    (rerun / "data/processed/corpus/documents.csv").write_text(TABLE.replace("US", "CN"))
    assert not verify.verify()
    assert "data/processed/corpus/documents.csv: different" in capsys.readouterr().out


def test_an_output_that_is_gone_or_new_is_named(published, rerun):
    shutil.copyfile(rerun / "reports/tables/shares.csv", rerun / "reports/tables/new.csv")
    (rerun / "data/processed/corpus/documents.csv").unlink()
    found = {v.output: v.verdict for v in verdicts(published, rerun)}
    assert found["reports/tables/new.csv"] == "different: not published"
    assert found["data/processed/corpus/documents.csv"] == "different: not produced again"


def verdicts(published, rerun):
    return verify.compare(verify.published_hashes(published.folder), verify.hashes(rerun), published.folder, rerun)


def test_without_published_results_it_says_what_to_do(miniature):
    with pytest.raises(ConfigurationError, match="reports/outputs.csv: missing or unreadable; run `make reproduce`"):
        verify.verify()


@given(st.lists(st.floats(allow_infinity=False, allow_nan=False, width=32), min_size=1), st.data())
def test_a_difference_is_zero_only_for_equal_numbers(numbers, data):
    frame = pd.DataFrame({"x": pd.array(numbers, dtype=float)})
    other = frame.copy()
    place = data.draw(st.integers(0, len(numbers) - 1))
    other.loc[place, "x"] = data.draw(st.floats(allow_infinity=False, allow_nan=False, width=32))
    difference = verify.largest_difference(frame.to_csv().encode(), other.to_csv().encode(), ".csv")
    if frame["x"].equals(other["x"]):
        assert difference == 0
    elif difference is not None:  # None where the numbers were read as another type, such as 1 against 1.5
        assert difference > 0
