"""Documents invented for the tests of the cleaning."""

import pandas as pd
import pytest


@pytest.fixture
def documents():
    """A factory: texts by name to a table with the columns the cleaning reads; dates follow the order given."""

    def make(texts: dict[str, str]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "document_id": list(texts),
                "date": pd.date_range("2016-01-01", periods=len(texts)).astype("datetime64[us]"),
                "text": list(texts.values()),
                "licence": "CC0",
            }
        )

    return make
