"""Fixtures that every stage's tests may use."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    """Keep a developer's own settings, or those of a run around the tests, out of them."""
    for name in list(os.environ):
        if name.startswith("ENGAGEMENT_") and name != "ENGAGEMENT_ARTICLES":
            monkeypatch.delenv(name)
    monkeypatch.setenv("MPLBACKEND", "agg")


@pytest.fixture
def root() -> Path:
    """The project under test."""
    return ROOT
