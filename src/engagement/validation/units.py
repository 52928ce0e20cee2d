"""Pair what people coded with what the rules coded: one row per document, sentence or sum of money."""

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from engagement.validation import align, consensus, gold

NOTHING: frozenset[str] = frozenset()

# The baseline knows nothing but the names of the countries and their demonyms.
BASELINE = {
    "US": re.compile(r"\b(?:United States|U\.S\.A?|USA?|America|Americans?)(?!\$)(?!\w)"),
    "JP": re.compile(r"\bJapan(?:ese)?\b"),
    "CN": re.compile(r"\b(?:China|Chinese)\b"),
}


def named(text: str) -> frozenset[str]:
    """Return the partners whose country name or demonym stands in the text: the baseline."""
    return frozenset(code for code, pattern in BASELINE.items() if pattern.search(text))


def documents(
    coded: pd.DataFrame, sentences: pd.DataFrame, attributed: pd.Series, codes: Collection[str], least: float
) -> pd.DataFrame:
    """Return documents with the parties the writers coded and those the attributed sentences show.

    Parameters
    ----------
    coded : `document_id, parties` by the writers.
    sentences : `document_id, sentence_id`; documents without a row here (duplicates, refused ones) are left out.
    attributed : the set of partners of each sentence, by `sentence_id`; sentences without partner may be left out.
    codes : the partners compared.
    least : a document is about a partner if at least this share of its attributed sentences is, and at least one.

    Returns
    -------
    `document_id, reference, coded, undecided`: sets of codes.
    """
    held = sentences.merge(attributed.rename("partners"), left_on="sentence_id", right_index=True)
    held = held[held["partners"].map(bool)]
    whole = held.groupby("document_id").size()
    counted = held.explode("partners").groupby(["document_id", "partners"]).size().rename("sentences").reset_index()
    enough = counted[counted["sentences"] >= least * counted["document_id"].map(whole)]
    found = enough.groupby("document_id")["partners"].agg(frozenset)
    units = coded[coded["document_id"].isin(sentences["document_id"])]
    return pd.DataFrame(
        {
            "document_id": units["document_id"].to_numpy(),
            "reference": [p & frozenset(codes) for p in units["parties"]],
            "coded": [found.get(name, NOTHING) & frozenset(codes) for name in units["document_id"]],
            "undecided": [NOTHING] * len(units),
        }
    )


def sentences(
    coded: pd.DataFrame, parts: pd.DataFrame, engagements: pd.DataFrame, codes: Collection[str]
) -> pd.DataFrame:
    """Return coded sentences beside what the rules made of them.

    Parameters
    ----------
    coded : `document_id, ordinal, sentence, start, end`, and parties, instrument and stance of coders a and b.
    parts : the pipeline's sentences: `document_id, sentence_id, start, end`.
    engagements : the pipeline's engagements: `sentence_id, partner, instrument, stance, confidence`.
    codes : the partners compared; other parties are set aside on both sides.

    Returns
    -------
    `document_id, ordinal, sentence`; `reference, undecided, coded, named, a, b` (sets of partners: consensus, cells the coders
    dispute, automatic, baseline, each coder); `instrument, instrument_reference, instrument_a, instrument_b` and the same
    for stance. Where a sentence engages several partners in different ways the automatic instrument is that of the
    most confident engagement, and the stance is 0, mixed, if they differ: the coders gave one of each.
    """
    among = frozenset(codes)
    shown = _shown(align.matched(coded, parts), engagements[engagements["partner"].isin(among)])
    auto = [shown.get(key, (NOTHING, "NONE", 0)) for key in zip(coded["document_id"], coded["ordinal"], strict=True)]
    agreed = [
        consensus.of_sets([a & among, b & among]) for a, b in zip(coded["parties_a"], coded["parties_b"], strict=True)
    ]
    frame = coded[["document_id", "ordinal", "sentence"]].reset_index(drop=True)
    frame["reference"], frame["undecided"] = [a for a, _ in agreed], [u for _, u in agreed]
    frame["coded"] = [partners for partners, _, _ in auto]
    frame["named"] = [named(text) & among for text in coded["sentence"]]
    for place, name in enumerate(["instrument", "stance"], start=1):
        frame[name] = [shown[place] for shown in auto]
        both = list(zip(coded[f"{name}_a"], coded[f"{name}_b"], strict=True))
        frame[f"{name}_reference"] = pd.Series([consensus.of_values(pair) for pair in both], dtype=object)
        frame[f"{name}_a"], frame[f"{name}_b"] = [a for a, _ in both], [b for _, b in both]
    frame["a"], frame["b"] = ([p & among for p in coded[f"parties_{coder}"]] for coder in "ab")
    return frame


def _shown(pairs: pd.DataFrame, engagements: pd.DataFrame) -> dict[tuple[str, int], tuple[frozenset[str], str, int]]:
    """Return the automatic partners, instrument and stance of each coded sentence that has any."""
    found = pairs.merge(engagements.drop(columns="document_id", errors="ignore"), on="sentence_id")
    found = found.sort_values(["confidence", "partner"], ascending=[False, True], kind="stable")
    return {
        key: (
            frozenset(g["partner"]),
            g["instrument"].iloc[0],
            int(g["stance"].iloc[0]) if g["stance"].nunique() == 1 else 0,
        )
        for key, g in found.groupby(["document_id", "ordinal"])
    }


def checked_amounts(checked: pd.DataFrame, parts: pd.DataFrame, automatic: pd.DataFrame) -> pd.DataFrame:
    """Return sums read by hand beside the automatic ones of the same sentences: a row per sum of either side.

    Parameters
    ----------
    checked : `document_id, ordinal, sentence, start, end, low, high, currency, givers` (see `gold.checked_amounts`).
    parts : the pipeline's sentences: `document_id, sentence_id, start, end`.
    automatic : `sentence_id, start, low, high, currency, partner` (one row per giver).

    Returns
    -------
    `document_id, ordinal, sentence, low, high, currency, givers, found_givers` and the flags `true` (it was read by hand),
    `found` (it was extracted) and `giver_right` (both, with the same givers).
    """
    places = checked.drop_duplicates(["document_id", "ordinal"])
    pairs = align.matched(places, parts).merge(automatic.drop(columns="document_id"), on="sentence_id")
    keys = ["document_id", "ordinal"]
    found: dict[tuple, dict[tuple, set]] = {}
    for row in pairs.itertuples():
        sums = found.setdefault((row.document_id, row.ordinal), {})
        givers = sums.setdefault((row.start, row.low, row.high, row.currency), set())
        givers |= {row.partner} - {"", gold.HOME}
    rows = []
    for key, group in checked.groupby(keys, sort=True):
        left = dict(found.get(key, {}))
        text = group["sentence"].iloc[0]
        for sum_ in group[group["low"].notna()].itertuples():
            wanted = (sum_.low, sum_.high, sum_.currency)
            match = next((k for k in sorted(left) if k[1:] == wanted), None)
            given = frozenset(left.pop(match)) if match else NOTHING
            rows.append((*key, text, *wanted, sum_.givers, given, True, match is not None))
        rows += [(*key, text, *k[1:], NOTHING, frozenset(left[k]), False, True) for k in sorted(left)]
    columns = [*keys, "sentence", "low", "high", "currency", "givers", "found_givers", "true", "found"]
    frame = pd.DataFrame(rows, columns=columns)
    same = np.array([a == b for a, b in zip(frame["givers"], frame["found_givers"], strict=True)], dtype=bool)
    return frame.assign(giver_right=frame["true"] & frame["found"] & same)


CLOSE = 0.02  # a rounded sum may differ by at most so much of its value


def amounts(coded: pd.DataFrame, automatic: pd.DataFrame, held: Collection[str]) -> pd.DataFrame:
    """Return per document and currency how many distinct sums were found, invented and missed.

    Only documents in `held` for which the writers named a sum take part: elsewhere they may not have looked for one. A sum
    named twice in a document counts once.

    Parameters
    ----------
    coded : `document_id, value, currency`.
    automatic : the same with `low, high`, the ends of a range.

    Returns
    -------
    `document_id, currency, hits, false_alarms, misses`.
    """
    keys = ["document_id", "currency"]
    known = coded[coded["document_id"].isin(list(held))]
    found = automatic[automatic["document_id"].isin(known["document_id"])]
    wanted = {key: sorted(set(group)) for key, group in known.groupby(keys)["value"]}
    given = {key: sorted(set(zip(g["value"], g["low"], g["high"], strict=True))) for key, g in found.groupby(keys)}
    rows = []
    for key in sorted({*wanted, *given}):
        values, sums = wanted.get(key, []), given.get(key, [])
        hits = sum(any(same_sum(value, s) for ends in sums for s in ends) for value in values)
        false = sum(not any(same_sum(value, s) for value in values for s in ends) for ends in sums)
        rows.append((*key, hits, false, len(values) - hits))
    return pd.DataFrame(rows, columns=[*keys, "hits", "false_alarms", "misses"])


def same_sum(coded: float, written: float) -> bool:
    """Return whether a text's sum is the coded one, rounded to the digits the text gives.

    The writers coded sums as their sources print them; the entries' texts often round: 3.305 billion yen to 3.3 billion. The
    difference must stay below 2 %, so that 1 million is not 1.4 million rounded to one digit.
    """
    if pd.isna(written) or written == 0:
        return False
    digits = len(f"{written:.6g}".partition("e")[0].replace(".", "").strip("0")) or 1
    return float(f"{coded:.{digits}g}") == float(f"{written:.{digits}g}") and abs(coded - written) <= CLOSE * abs(
        written
    )


def people(coded: pd.DataFrame, mentions: pd.DataFrame, held: Collection[str], codes: Collection[str]) -> pd.DataFrame:
    """Return the people of the compared partners whom the writers named, and whether a mention of them was found.

    A mention is theirs if it lies in the same document, has their country, and shares a word with their name.

    Returns
    -------
    `document_id, name, country, found` (bool).
    """
    named = coded[coded["document_id"].isin(list(held)) & coded["country"].isin(list(codes))].drop_duplicates(
        ["document_id", "name"]
    )
    words: dict[tuple[str, str], set[str]] = {}
    for row in mentions.itertuples():
        words.setdefault((row.document_id, row.country), set()).update(
            re.findall(r"[\w'-]+", f"{row.surface} {row.name}".lower())
        )
    found = [
        bool(set(re.findall(r"[\w'-]+", name.lower())) & words.get((document, country), set()))
        for document, name, country in zip(named["document_id"], named["name"], named["country"], strict=True)
    ]
    return named[["document_id", "name", "country"]].assign(found=found).reset_index(drop=True)
