"""The human coding. No other module of the pipeline reads these files, so that nothing is fitted to its own test."""

from pathlib import Path

import pandas as pd

from engagement import project
from engagement.errors import ConfigurationError

COLLECTION = "chronicle"
SENTENCES, FURTHER, DEVELOPMENT = "sentences_coded.csv", "sentences_test.csv", "sentences_development.csv"
CODED_PARTNERS = ("US", "JP", "CN")  # the codebook's parties; every other one is OTHER
PARTY_CODES = (*CODED_PARTNERS, "OTHER")
INSTRUMENTS = ("DIP", "AGR", "GRA", "LOA", "TRA", "INV", "SEC", "EXC", "CUL", "PRE", "NONE")
STANCES = (-1, 0, 1)
HOME = "KH"


def parties(cell: str) -> frozenset[str]:
    """Return the set of party codes in a cell such as `CN;US`; the empty cell is the empty set."""
    return frozenset(code for code in cell.split(";") if code)


def read(path: Path, columns: list[str], optional: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return a coded table as text, empty cells as the empty text; an `optional` column not there is empty.

    Raises
    ------
    ConfigurationError
        If the file is missing, is no CSV in UTF-8, or lacks a column.
    """
    if not path.is_file():
        raise ConfigurationError(f"{path.name}: not there; restore {_shown(path)}")
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ConfigurationError(
            f"{_shown(path)}: not a CSV in UTF-8 ({str(error).strip()[:80]}); save it as such"
        ) from None
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        raise ConfigurationError(f"{_shown(path)}, row 1: no column {', '.join(missing)}; add it to the heading")
    return frame.reindex(columns=[*columns, *optional], fill_value="")


def check(frame: pd.DataFrame, column: str, allowed: tuple, where: str, several: bool = False) -> None:
    """Raise a ConfigurationError naming file and row of the first cell that holds an unknown code."""
    known = {str(code) for code in allowed}
    for i, cell in enumerate(frame[column]):
        unknown = sorted((parties(cell) if several else {cell}) - known)
        if unknown:
            raise ConfigurationError(
                f"{where}, row {i + 2}: {column} holds {unknown[0]!r}; use {', '.join(sorted(known))}"
                + (" joined by semicolons" if several else "")
            )


def _shown(path: Path) -> str:
    return path.relative_to(project.root()).as_posix() if path.is_relative_to(project.root()) else path.name


def documents() -> pd.DataFrame:
    """Return the writers' coding per document: `document_id, parties (frozenset), stance, event_types`."""
    path = project.raw(COLLECTION) / "coding.csv"
    frame = read(path, ["document_id", "partners", "event_types", "stance"])
    check(frame, "partners", PARTY_CODES, _shown(path), several=True)
    return frame.assign(parties=frame["partners"].map(parties)).drop(columns="partners")


def sentences(name: str = SENTENCES) -> pd.DataFrame:
    """Return two coders' sentences of the chronicle (see `coded_twice`).

    `name` is the file: `SENTENCES`, a sample of both halves, `FURTHER`, all other sentences of the test half, or
    `DEVELOPMENT`, all others of the development half.
    """
    return coded_twice(project.raw(COLLECTION) / name)


def coded_twice(path: Path, more: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the sentences of a file: `document_id, ordinal, sentence`, and per coder a and b parties, instrument, stance.

    `more` names further columns, kept as text.
    """
    both = [f"{c}_{coder}" for c in ("partners", "instrument", "stance") for coder in "ab"]
    frame = read(path, ["document_id", "ordinal", "sentence", *both, *more])
    for coder in "ab":
        check(frame, f"partners_{coder}", PARTY_CODES, _shown(path), several=True)
        check(frame, f"instrument_{coder}", INSTRUMENTS, _shown(path))
        check(frame, f"stance_{coder}", STANCES, _shown(path))
        frame[f"parties_{coder}"] = frame.pop(f"partners_{coder}").map(parties)
        frame[f"stance_{coder}"] = frame[f"stance_{coder}"].astype(int)
    return frame.assign(ordinal=frame["ordinal"].astype(int))


def amounts() -> pd.DataFrame:
    """Return the sums of money the writers named: `document_id, value, currency`."""
    path = project.raw(COLLECTION) / "amounts_coded.csv"
    frame = read(path, ["document_id", "value", "currency"])
    value = pd.to_numeric(frame["value"], errors="coerce")
    if value.isna().any():
        row = int(value.isna().to_numpy().argmax())
        raise ConfigurationError(
            f"{_shown(path)}, row {row + 2}: value {frame['value'][row]!r} is no number; write it out"
        )
    return frame.assign(value=value)


def checked_amounts() -> pd.DataFrame:
    """Return the sums of money in a random sample of sentences, read by hand with their givers.

    Returns
    -------
    `document_id, ordinal, sentence, low, high` (the ends of a range, else equal; NaN: the sentence names no sum)`, currency`,
    `givers` (frozenset of codes of those whose money it is, Cambodia left out).
    """
    path = project.raw(COLLECTION) / "amounts_checked.csv"
    frame = read(path, ["document_id", "ordinal", "sentence", "low", "high", "currency", "giver"])
    for column in ("low", "high"):
        value = pd.to_numeric(frame[column], errors="coerce")
        wrong = (value.isna() & frame[column].ne("")).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise ConfigurationError(
                f"{_shown(path)}, row {row + 2}: {column} {frame[column][row]!r} is no number; write it out"
            )
        frame[column] = value
    givers = [parties(cell) - {HOME} for cell in frame["giver"]]
    return frame.assign(ordinal=frame["ordinal"].astype(int), givers=givers).drop(columns="giver")


def people() -> pd.DataFrame:
    """Return the people the writers named: `document_id, name, country`."""
    return read(project.raw(COLLECTION) / "actors_coded.csv", ["document_id", "name", "country"])


def same_event() -> pd.DataFrame:
    """Return pairs of documents and whether they tell the same event: `document_id_a, document_id_b, same_event` (0 or 1)."""
    frame = read(project.raw(COLLECTION) / "same_event.csv", ["document_id_a", "document_id_b", "same_event"])
    return frame.assign(same_event=frame["same_event"].astype(int))
