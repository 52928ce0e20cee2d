"""The answer in a sentence, made from the numbers."""

import pandas as pd

from engagement import figures
from engagement.comparison.codes import INSTRUMENTS


def named(partner: str) -> str:
    """Return a partner's name as it stands inside a sentence: "the United States", "Japan"."""
    name = figures.partner_name(partner)
    return f"the {name}" if name.startswith("United ") or name.endswith(" Union") else name


def span(low: float, high: float) -> str:
    """Return an interval of shares in words: "11% to 17%"; empty if there is none."""
    return "" if low != low or high != high else f"{low:.0%} to {high:.0%}"


def joined(parts: list[str]) -> str:
    """Return parts as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def instrument_answer(levels: pd.DataFrame, marking: pd.DataFrame, differences: pd.DataFrame, level: float) -> dict:
    """Return the answer as plain text: which instrument marks each partner, by how much, and how sure that is.

    Keys: `answer` (one sentence with numbers), `answer_number` (its shortest form), `answer_figure` (where it is drawn).
    """
    result = {"answer_figure": "comparison/instruments"}
    if differences.empty:
        usable = [p for p in levels["partner"].unique() if (levels.partner == p).any()]
        named_ones = joined([named(p) for p in usable]) or "no partner"
        text = (
            f"Fewer than two partners have enough documents ({named_ones} in the corpus), so nothing can be compared."
        )
        return result | {"answer": text, "answer_number": "no comparison"}
    if marking.empty:
        text = "No instrument is surely more common with one partner than with the others in this corpus."
        return result | {"answer": text, "answer_number": "no sure difference"}
    shares = levels.set_index(["partner", "instrument"])
    order = {p: i for i, p in enumerate(levels["partner"].unique())}
    long, short = [], []
    for row in marking.sort_values("first", key=lambda s: s.map(order)).itertuples():
        own = shares.loc[(row.first, row.instrument)]
        code = INSTRUMENTS.get(row.instrument, row.instrument)
        long.append(
            f"{code} marks {named(row.first)} ({own.share:.0%} of its sentences that name an instrument, "
            f"{level:.0%} interval {span(own.low, own.high)}, against {own.share - row.difference:.0%} "
            f"for the others on average)"
        )
        short.append(f"{figures.partner_name(row.first)}: {code} {own.share:.0%}")
    sentence = joined(long)
    missing = [named(p) for p in order if p not in set(marking["first"])]
    also = f"; no instrument surely marks {joined(missing)}" if missing else ""
    answer = sentence[0].upper() + sentence[1:] + also + "."
    return result | {"answer": answer, "answer_number": " · ".join(short)}
