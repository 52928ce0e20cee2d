"""Read the sheets coders send back, measure agreement, and keep the sample."""

from pathlib import Path

import pandas as pd

from engagement.coders.sample import fingerprint
from engagement.errors import ConfigurationError
from engagement.validation import agreement, consensus, gold
from engagement.validation.agreement import Comparison
from engagement.validation.units import NOTHING

NEEDED = ["sentence_id", "fingerprint", "probability", "partners", "instrument", "stance"]
SAMPLE_COLUMNS = ["sentence_id", "coder", *NEEDED[1:]]
NONE = "NONE"


def read(path: Path, sentences: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Return one coder's coded sentences (`SAMPLE_COLUMNS`, codes as text); rows without a code for `partners` are left out.

    The coder is named in the column `coder`, else by the name of the file. A sentence without partner has no instrument and
    stance 0.

    Parameters
    ----------
    sentences : the corpus's `sentence_id, text`.
    partners : codes allowed besides OTHER and NONE.

    Raises
    ------
    ConfigurationError
        With file and row, if a column is missing, a code is unknown or missing, a sentence is unknown, coded twice, or no
        longer reads as it did when the sheet was drawn.
    """
    frame = gold.read(path, NEEDED, optional=("coder",))
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    seen: set[str] = set()
    numbered = (row | {"number": i + 2} for i, row in enumerate(frame.to_dict("records")))
    rows = [_checked(row, path.name, texts, partners, seen) for row in numbered if row["partners"].strip()]
    names = sorted({row["coder"] for row in rows} - {""}) or [path.stem]
    if len(names) > 1:
        raise ConfigurationError(f"{path.name}: several coders ({', '.join(names)}); give each a file of their own")
    return pd.DataFrame([row | {"coder": names[0]} for row in rows], columns=SAMPLE_COLUMNS)


def _checked(row: dict, file: str, texts: dict[str, str], partners: list[str], seen: set[str]) -> dict:
    where = f"{file}, row {row['number']}"
    name = row["sentence_id"]
    if name not in texts:
        raise ConfigurationError(f"{where}: sentence {name!r} is not in the corpus; draw a new sheet or remove the row")
    if name in seen:
        raise ConfigurationError(f"{where}: sentence {name!r} is coded twice; remove one of the rows")
    seen.add(name)
    if row["fingerprint"] != fingerprint(texts[name]):
        raise ConfigurationError(
            f"{where}: sentence {name!r} reads differently now; draw a new sheet with `engagement coders sheet`"
        )
    codes = gold.parties(row["partners"].replace(" ", ""))
    unknown = sorted(codes - {*partners, "OTHER", NONE})
    if unknown:
        raise ConfigurationError(
            f"{where}: partner {unknown[0]!r} is unknown; use {', '.join([*partners, 'OTHER', NONE])} joined by semicolons"
        )
    if NONE in codes and len(codes) > 1:
        raise ConfigurationError(
            f"{where}: NONE stands beside {', '.join(sorted(codes - {NONE}))}; keep one or the other"
        )
    instrument, stance = (
        row["instrument"].strip() or (NONE if NONE in codes else ""),
        row["stance"].strip() or ("0" if NONE in codes else ""),
    )
    for column, value, allowed in (("instrument", instrument, gold.INSTRUMENTS), ("stance", stance, gold.STANCES)):
        if value not in map(str, allowed):
            raise ConfigurationError(f"{where}: {column} is {value!r}; use one of {', '.join(map(str, allowed))}")
    try:
        probability = float(row["probability"])
    except ValueError:
        probability = 0.0
    if not 0 < probability <= 1:
        raise ConfigurationError(
            f"{where}: probability is {row['probability']!r}; restore the value the sheet was drawn with"
        )
    return row | {"partners": ";".join(sorted(codes)), "instrument": instrument, "stance": stance}


def read_all(paths: list[Path], sentences: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Return the coded sentences of all files, one row per sentence and coder.

    Raises
    ------
    ConfigurationError
        As `read`; also if two files are of one coder, or nothing is coded.
    """
    parts = {}
    for path in paths:
        part = read(path, sentences, partners)
        if part.empty:
            raise ConfigurationError(
                f"{path.name}: no sentence is coded; fill in the column partners (NONE for no partner)"
            )
        coder = part["coder"].iloc[0]
        if coder in parts:
            raise ConfigurationError(
                f"{path.name}: coder {coder!r} has another file; name the coder in the column coder"
            )
        parts[coder] = part
    return pd.concat(parts.values(), ignore_index=True).sort_values(["sentence_id", "coder"], ignore_index=True)


def scores(coded: pd.DataFrame, engagements: pd.DataFrame, partners: list[str], draws: int, seed: int) -> pd.DataFrame:
    """Return the agreement of the coders with each other and of the automatic coding with their consensus.

    Parameters
    ----------
    coded : see `read_all`.
    engagements : `sentence_id, partner, instrument, stance, confidence`.
    draws, seed : bootstrap samples (over documents) and start of the draws.

    Returns
    -------
    The rows of `validation.agreement`, for the whole sample.
    """
    units = _units(coded, engagements, partners)

    def compared(target: str, method: str, reference: str) -> Comparison:
        return Comparison(target, "sentence", method, reference, draws, seed)

    whole = {"halves": ["all"]}
    rows = []
    if coded["coder"].nunique() > 1:
        between = {t: compared(t, "coders", "each other") for t in ("partner", "instrument", "stance")}
        documents = units["document_id"]
        sets = units["sets"].tolist()
        rows += agreement.of_ratings(between["partner"], documents, sets, ["masi", "jaccard"], **whole)
        for code in partners:
            told = [tuple(None if s is None else code in s for s in unit) for unit in sets]
            rows += agreement.of_ratings(between["partner"], documents, told, ["nominal"], code, **whole)
        rows += agreement.of_ratings(
            between["instrument"], documents, units["instruments"].tolist(), ["nominal"], **whole
        )
        rows += agreement.of_ratings(between["stance"], documents, units["stances"].tolist(), ["ordinal"], **whole)
    rows += agreement.of_sets(compared("partner", "automatic", "consensus"), units, partners, **whole)
    engaged = units[units["reference"].map(bool)]
    for target, metric in (("instrument", "nominal"), ("stance", "ordinal")):
        frame = engaged[["document_id"]].assign(coded=engaged[target], reference=engaged[f"{target}_reference"])
        rows += agreement.of_values(compared(target, "automatic", "consensus"), frame, [metric], **whole)
    return agreement.table(rows)


def _units(coded: pd.DataFrame, engagements: pd.DataFrame, partners: list[str]) -> pd.DataFrame:
    """Return one row per sentence: every coder's codes, their consensus, and the automatic coding."""
    among = frozenset(partners)
    coders = sorted(coded["coder"].unique())
    found = engagements[engagements["partner"].isin(among)].sort_values(
        ["confidence", "partner"], ascending=[False, True], kind="stable"
    )
    automatic = {
        name: (
            frozenset(g["partner"]),
            g["instrument"].iloc[0],
            int(g["stance"].iloc[0]) if g["stance"].nunique() == 1 else 0,
        )
        for name, g in found.groupby("sentence_id")
    }
    rows = []
    for name, group in coded.groupby("sentence_id", sort=True):
        by = group.set_index("coder")
        sets = [gold.parties(p) & among for p in by["partners"]]
        agreed, undecided = consensus.of_sets(sets)
        shown = automatic.get(name, (NOTHING, NONE, 0))
        given = {coder: i for i, coder in enumerate(by.index)}

        def per_coder(values: list, given: dict = given) -> tuple:
            return tuple(values[given[c]] if c in given else None for c in coders)

        stances = by["stance"].astype(int).tolist()
        rows.append(
            {
                "document_id": name.rpartition("#")[0],
                "sets": per_coder(sets),
                "instruments": per_coder(by["instrument"].tolist()),
                "stances": per_coder(stances),
                "reference": agreed,
                "undecided": undecided,
                "coded": shown[0],
                "instrument": shown[1],
                "stance": shown[2],
                "instrument_reference": consensus.of_values(by["instrument"].tolist()),
                "stance_reference": consensus.of_values(stances),
            }
        )
    frame = pd.DataFrame(rows)
    frame["stance_reference"] = pd.Series([row["stance_reference"] for row in rows], dtype=object)
    return frame


def keep(coded: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Add the coded sentences to the sample in `path` and return it; a coder's new code of a sentence replaces the old one.

    The sample holds no text, only identifiers, fingerprints and codes, so it may be published whatever the licence of the
    texts. It is written whole or not at all.
    """
    held = gold.read(path, SAMPLE_COLUMNS) if path.is_file() else pd.DataFrame(columns=SAMPLE_COLUMNS)
    sample = pd.concat([held, coded[SAMPLE_COLUMNS]]).drop_duplicates(["sentence_id", "coder"], keep="last")
    sample = sample.sort_values(["sentence_id", "coder"], ignore_index=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(sample.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
    partial.replace(path)
    return sample
