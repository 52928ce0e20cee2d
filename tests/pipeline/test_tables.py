"""The tables between stages: checked on write and on read, the same bytes for the same rows, numbers of six digits."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import project, tables
from engagement.errors import ConfigurationError

REFUSED = {"collection": "a", "file": "b.txt", "record": 0, "document_id": "", "reason": "empty", "remedy": "write"}


def refused(**changes) -> pd.DataFrame:
    return pd.DataFrame([REFUSED | changes])


@pytest.fixture
def written(miniature):
    """Write a table as a stage does and return what a later stage reads."""

    def write_and_read(frame: pd.DataFrame, name: str) -> pd.DataFrame:
        returned = tables.write(frame, name)
        pd.testing.assert_frame_equal(returned, tables.read(name))
        return returned

    return write_and_read


def test_the_dictionary_is_what_the_contracts_say(root):
    assert (root / "data" / "README.md").read_text(encoding="utf-8") == tables.dictionary(), "run `engagement tables`"


def test_every_column_is_described():
    silent = [
        f"{n}: {c}" for n, table in tables.TABLES.items() for c, col in table.columns.items() if not col.description
    ]
    assert silent == []
    assert all(set(table.key) <= set(table.columns) for table in tables.TABLES.values())


@pytest.mark.parametrize("text", ["NA", "null", "", "1e5", "a,b", 'say "x"', "=1+1", "ភ្នំពេញ", "line\nbreak"])
def test_a_text_comes_back_as_it_was(written, text):
    assert written(refused(reason=text), "corpus/rejected.csv")["reason"][0] == text


def test_rows_come_back_sorted_by_key(written):
    frame = pd.concat([refused(record=2), refused(record=1), refused(file="a.txt", record=9)])
    assert list(written(frame, "corpus/rejected.csv")["record"]) == [9, 1, 2]


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (refused().drop(columns="reason"), "reason"),
        (refused(surprise=1), "surprise"),
        (refused(record=-1), "record"),
        (refused(record="many"), "record"),
        (pd.concat([refused(), refused()]), "uniqueness"),
    ],
)
def test_a_broken_contract_is_named(miniature, frame, told):
    with pytest.raises(ConfigurationError) as error:
        tables.write(frame, "corpus/rejected.csv")
    assert told in str(error.value) and "engagement run corpus" in str(error.value)
    assert "\n" not in str(error.value)
    assert not project.results("corpus/rejected.csv").exists()


def test_a_missing_table_names_the_stage_to_run(miniature):
    with pytest.raises(ConfigurationError, match="not there yet; run `engagement run corpus`"):
        tables.read("corpus/rejected.csv")


@given(st.lists(st.floats(allow_infinity=False)))
def test_rounding_keeps_six_digits_and_is_final(numbers):
    frame = pd.DataFrame({"x": pd.array(numbers, dtype="float64")})
    once = tables.rounded(frame)
    pd.testing.assert_frame_equal(tables.rounded(once), once, check_exact=True)
    for before, after in zip(frame["x"], once["x"], strict=True):
        assert math.isnan(before) == math.isnan(after)
        if abs(before) > 1e-300:
            assert after == pytest.approx(before, rel=5.1e-6)
    assert "-0.0" not in tables.to_bytes(once, ".csv").decode().split()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_same_rows_are_the_same_bytes(suffix):
    frame = pd.DataFrame({"name": ["a", "b"], "x": [0.1, 1 / 3]})
    assert tables.to_bytes(frame, suffix) == tables.to_bytes(frame.copy(), suffix)
