"""From documents and sentences to the stage's tables: mentions of actors and engagements of partners."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from engagement import project
from engagement.attribution import carrying, coding, context, dictionary, money, referring
from engagement.attribution.naming import Mention
from engagement.attribution.partners import Reader
from engagement.attribution.reference import Sentence
from engagement.errors import ConfigurationError

MENTION_COLUMNS = (
    "sentence_id",
    "document_id",
    "start",
    "end",
    "surface",
    "actor_id",
    "name",
    "kind",
    "country",
    "level",
    "role",
    "rule",
    "confidence",
)
ENGAGEMENT_COLUMNS = ("sentence_id", "document_id", "partner", "rule", "confidence", "date")


def reader(folder: Path | None = None, weights: bool = True, others: Iterable[dictionary.Actor] = ()) -> Reader:
    """Return a reader of documents made from `actors.csv`, `traps.csv` and `referring.csv`.

    `folder` holds the three files; by default the project's `data/reference/`. Without `weights` the rules alone decide
    what a sentence refers to. `others` are further actors to find.

    Raises
    ------
    ConfigurationError
        If a row of them is not usable.
    """

    def path(name: str) -> Path:
        return folder / name if folder else project.reference(name)

    known = [*dictionary.actors(path("actors.csv")), *others]
    surfaces = dictionary.surfaces(known, dictionary.traps(path("traps.csv")))
    tables = project.reference("carrying_weights.csv"), project.reference("carrying_words.csv")
    return Reader(surfaces, referring.read(path("referring.csv")), carrying.read(*tables) if weights else None)


def event_day(when: pd.Timestamp, precision: str) -> str:
    """Return the ISO day that offices are dated by; the middle of a month or year known no better."""
    if pd.isna(when):
        return ""
    return {"month": f"{when:%Y-%m}-15", "year": f"{when:%Y}-07-01"}.get(precision, f"{when:%Y-%m-%d}")


def stream(
    read: Reader, documents: Iterable[tuple[str, str, str, str, Sequence[tuple[str, int, int]]]], doubtful: bool = False
) -> Iterator[tuple[str, str, str, Sentence]]:
    """Yield (sentence_id, document_id, day, sentence) of document after document, holding one at a time.

    Before a document's sentences comes its title, whose sentence_id is the document's. `documents` gives document_id, title, text, day (ISO or empty) and the sentences as (sentence_id, start, end).
    """
    for document_id, title, text, day, spans in documents:
        found, heading = read.with_heading(text, [(start, end) for _, start, end in spans], day, title, doubtful)
        yield document_id, document_id, day, heading
        for (sentence_id, _, _), sentence in zip(spans, found, strict=True):
            yield sentence_id, document_id, day, sentence


def attribute(
    documents: pd.DataFrame,
    sentences: pd.DataFrame,
    partners: Sequence[str],
    read: Reader | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the mentions of actors in sentences and the engagements of partners; see `attribute_titles`."""
    mentions, engagements, _ = attribute_titles(documents, sentences, partners, read)
    return mentions, engagements


def attribute_titles(
    documents: pd.DataFrame,
    sentences: pd.DataFrame,
    partners: Sequence[str],
    read: Reader | None = None,
    doubtful: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the mentions of actors in sentences, the engagements of partners, and the mentions in titles.

    Parameters
    ----------
    documents : `document_id, date, date_precision, title, text`.
    sentences : `sentence_id, document_id, ordinal, start, end`; offsets in the document's text.
    partners : codes of the outside parties compared.
    read : the reader; by default the project's dictionary.
    doubtful : whether to keep what the context model has yet to judge (`carrying.weigh`).

    Returns
    -------
    mentions with `MENTION_COLUMNS`, one row per span, and engagements with `ENGAGEMENT_COLUMNS`, one row per sentence
    and partner; `date` is the document's.

    Raises
    ------
    ConfigurationError
        If a partner has no row of kind `country` in the dictionary.
    """
    read = read or reader()
    for partner in partners:
        if partner not in read.countries or partner == read.home:
            raise ConfigurationError(
                f"params.yaml: partners: {partner!r} has no row of kind country in data/reference/actors.csv, or is the country "
                "engaged with; add the row (docs/add-a-partner.md) or remove the code"
            )
    spans = {
        document_id: list(zip(group["sentence_id"], group["start"], group["end"], strict=True))
        for document_id, group in sentences.sort_values(["document_id", "ordinal"]).groupby("document_id", sort=True)
    }
    kept = documents[documents["document_id"].isin(spans)].sort_values("document_id")
    dates = dict(zip(kept["document_id"], kept["date"], strict=True))
    rows = zip(kept["document_id"], kept["title"], kept["text"], kept["date"], kept["date_precision"], strict=True)
    given = ((i, title, text, event_day(when, precision), spans[i]) for i, title, text, when, precision in rows)
    mentions, engagements, titles = [], [], []
    for sentence_id, document_id, _, sentence in stream(read, given, doubtful):
        if sentence_id == document_id:
            titles += [_mention_row(sentence_id, document_id, m) for m in sentence.mentions]
            continue
        mentions += [_mention_row(sentence_id, document_id, m) for m in sentence.mentions]
        engagements += [
            (sentence_id, document_id, country, rule, confidence, dates[document_id])
            for country, (rule, confidence) in sorted(sentence.engaged.items())
            if country in partners
        ]
    return (
        pd.DataFrame(mentions, columns=MENTION_COLUMNS),
        pd.DataFrame(engagements, columns=ENGAGEMENT_COLUMNS),
        pd.DataFrame(titles, columns=MENTION_COLUMNS),
    )


def build(
    documents: pd.DataFrame, sentences: pd.DataFrame, partners: Sequence[str], read: Reader | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the stage's three tables: mentions, engagements with their codes, and amounts of money.

    Raises
    ------
    ConfigurationError
        As `attribute`, and if a lexicon or the context model's file is not usable.
    """
    read = read or reader()
    mentions, proposed, titles = attribute_titles(documents, sentences, partners, read, doubtful=True)
    passages = context.passages(sentences, proposed, mentions, documents, titles, read.home, read.country_names)
    said = context.read(passages)
    engaged = said[:, coding.CODES.index("engaged")] - said[:, coding.CODES.index("aside")]
    confidence = carrying.confirmed(proposed["rule"], proposed["confidence"], engaged, read.weights)
    kept = confidence > 0
    engagements = proposed.assign(confidence=confidence)[kept].reset_index(drop=True)
    engagements = coding.code(sentences, engagements, mentions, documents, said[kept])
    return mentions, engagements, money.amounts(sentences, mentions, engagements, documents)


def _mention_row(sentence_id: str, document_id: str, m: Mention) -> tuple:
    return (
        sentence_id,
        document_id,
        m.start,
        m.end,
        m.surface,
        m.actor_id,
        m.name,
        m.kind,
        m.country,
        m.level,
        m.role,
        m.rule,
        m.confidence,
    )
