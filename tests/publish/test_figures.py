"""Figures: never without words and numbers, the same bytes every time, titles within the picture."""

import sys

import pandas as pd
import pytest

from engagement import figures, project

DATA = pd.DataFrame({"partner": ["US"], "share": [0.123456789]})


@pytest.fixture
def shown(finished, tmp_path, monkeypatch):
    """What `show` displays, its files going into a folder of their own."""
    displayed = []
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(finished))
    monkeypatch.setenv("ENGAGEMENT_OUTPUT", str(tmp_path))
    monkeypatch.setattr(sys.modules["engagement.figures.show"], "display", lambda o, metadata=None: displayed.append(o))
    return displayed


def drawn(title="A finding"):
    figure, axes = figures.new()
    axes.barh(["a label that takes some room"], [1])
    axes.set_title(title)
    return figure, axes


@pytest.mark.parametrize("missing", ["alt", "caption", "data"])
def test_a_figure_needs_words_and_numbers(shown, missing):
    given = {"alt": "One bar.", "caption": "A bar.", "data": DATA} | {missing: " " if missing != "data" else DATA[:0]}
    with pytest.raises(ValueError, match="corpus/x: needs"):
        figures.show(drawn()[0], "corpus/x", **given)
    assert shown == []


def test_the_same_figure_is_the_same_bytes(shown, tmp_path):
    kept = []
    for _ in range(2):
        figures.show(drawn()[0], "corpus/x", alt="One bar.", caption="A <bar>.", data=DATA)
        kept.append({p.name: p.read_bytes() for p in (tmp_path / "figures").iterdir()})
    assert kept[0] == kept[1]
    assert kept[0]["x.csv"] == b"partner,share\nUS,0.123457\n"
    assert "A &lt;bar&gt;." in shown[1].data and "evidence/US.html" in shown[1].data


def test_a_long_title_stays_within_the_picture(shown):
    figure, axes = drawn(
        "A finding that goes on and on, with 12% and 34% and 56%, until it leaves the picture at the right"
    )
    figures.show(figure, "corpus/x", alt="One bar.", caption="A bar.", data=DATA)
    figure.draw_without_rendering()
    (title,) = [t for t in axes.get_children() if getattr(t, "get_text", str)() == axes.get_title(loc="left")]
    assert title.get_window_extent().x1 <= figure.bbox.x1
    assert title.get_window_extent().height > 20


def test_partners_are_told_apart_without_colour(finished, monkeypatch):
    monkeypatch.setenv("ENGAGEMENT_ROOT", str(finished))
    assert len({figures.marker(p) for p in ("US", "JP", "CN")}) == 3
    assert len({figures.colour(p) for p in ("US", "JP", "CN", "nobody")}) == 4
    assert figures.partner_name("JP") == "Japan" and figures.partner_name("nobody") == "nobody"
    assert project.root() == finished
