"""Are known visits found? An outside list of dated elite visits against the coded corpus (hypothesis validity).

`data/reference/visits.csv` was compiled apart from the corpus, so it asks whether the coding sees what is known to
have happened.
"""

import re

import pandas as pd

from engagement import figures, project
from engagement.errors import ConfigurationError
from engagement.validation import gold

FOUND, MISSED, ABSENT, OUTSIDE = "found", "missed", "absent", "outside"
COLUMNS = ["partner", "person", "direction", "start", "end", "level"]


def known(partners: list[str]) -> pd.DataFrame:
    """Return the known visits of the compared partners: `partner` (code)`, person, direction, start, end, level`.

    Raises
    ------
    ConfigurationError
        If a row's date is no ISO date or it ends before it starts.
    """
    frame = gold.read(project.reference("visits.csv"), COLUMNS)
    codes = {name: code for code in partners for name in (code, figures.partner_name(code))}
    for column in ("start", "end"):
        days = pd.to_datetime(frame[column], format="%Y-%m-%d", errors="coerce")
        if days.isna().any():
            row = int(days.isna().to_numpy().argmax())
            raise ConfigurationError(
                f"data/reference/visits.csv, row {row + 2}: {column} {frame[column][row]!r} is no date; write YYYY-MM-DD"
            )
        frame[column] = days
    late = (frame["end"] < frame["start"]).to_numpy()
    if late.any():
        raise ConfigurationError(
            f"data/reference/visits.csv, row {late.argmax() + 2}: ends before it starts; correct the dates"
        )
    return frame.assign(partner=frame["partner"].map(codes)).dropna(subset="partner").reset_index(drop=True)


def check(visits: pd.DataFrame, documents: pd.DataFrame, engagements: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return the visits with what became of each.

    A document tells of a visit if its day lies within so many days of it and it names the visitor and has a sentence on
    the partner. The visit is `found` if one such document has a sentence on the partner coded as elite
    diplomacy (DIP), `missed` if none has, `absent` if there is no such document, `outside` if it falls outside the
    corpus's span.

    Parameters
    ----------
    visits : see `known`.
    documents : `document_id, date, date_precision, title, text`; months and years without a day tell no day.
    engagements : `sentence_id, document_id, partner, instrument`.

    Returns
    -------
    The visits with `outcome`, `documents` (that tell of it) and `evidence` (the first sentence coded as elite diplomacy).
    """
    dated = documents[documents["date_precision"] == "day"]
    margin = pd.Timedelta(days=days)
    rows = []
    for visit in visits.itertuples():
        near = dated[dated["date"].between(visit.start - margin, visit.end + margin)]
        telling = [d.document_id for d in near.itertuples() if is_named(visit, f"{d.title}\n{d.text}")]
        about = engagements[engagements["document_id"].isin(telling) & (engagements["partner"] == visit.partner)]
        elite = about[about["instrument"] == "DIP"]
        if not documents["date"].min() <= visit.start <= documents["date"].max():
            outcome = OUTSIDE
        else:
            outcome = FOUND if len(elite) else MISSED if len(about) else ABSENT
        evidence = elite["sentence_id"].min() if len(elite) else ""
        rows.append((outcome, about["document_id"].nunique(), evidence))
    return visits.assign(**dict(zip(("outcome", "documents", "evidence"), zip(*rows, strict=True), strict=True)))


def is_named(visit, text: str) -> bool:
    """Return whether a text names the visitor: all words of the name, or a title with the surname."""
    words = visit.person.split()
    # The list writes names as English texts do: given name first, except for Chinese names.
    surname = words[0] if visit.partner == "CN" else words[-1]
    return all(re.search(rf"\b{re.escape(word)}\b", text) for word in words) or bool(
        re.search(rf"\b(?:President|Premier|Minister|Secretary|Mr|Mrs|Ms)\.? {re.escape(surname)}\b", text)
    )
