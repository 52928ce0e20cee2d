"""Read the collections, accept documents, and write down what is refused and what is absent."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from engagement.corpus import dates, language, readers
from engagement.corpus.collection import Collection, load
from engagement.corpus.outlets import Directory
from engagement.corpus.readers import Record, Refusal
from engagement.errors import ConfigurationError

# Letters that are safe in a file name, an address and a web page's anchor; "#" separates the sentence's number.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")
_BREAKS_PARQUET = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Corpus:
    """What `build` returns: the tables `documents`, `rejected` and `absent` of `tables.py`."""

    documents: pd.DataFrame
    rejected: pd.DataFrame
    absent: pd.DataFrame


def build(collections: Sequence[str], language: str, start: str, end: str) -> Corpus:
    """Read collections in the given order and return documents, refusals and absent texts.

    Parameters
    ----------
    collections : folders below `data/raw/`; where two documents have one name, the first collection's is kept.
    language : code of the language documents must be in; only `en` is known.
    start, end : first and last day, `YYYY-MM-DD`. A document known by its month or year counts from its first day.

    Raises
    ------
    ConfigurationError
        If a parameter, a `collection.yaml`, a manifest or a table's header is wrong, or if no document is accepted.
    """
    span = _checked(collections, language, start, end)
    directory = Directory()
    accepted: dict[str, dict] = {}
    rejected, absent = [], []
    for collection in [load(name) for name in collections]:
        present = set()
        for path in collection.files:
            present.add(path.relative_to(collection.folder).as_posix())
            for record in readers.read(collection, path):
                refusal = record.refusal or _refusal(collection, record.fields, language, span, accepted)
                if refusal is None:
                    document = _document(collection, record.fields, language, directory)
                    accepted[document["document_id"]] = document
                else:
                    rejected.append(_rejected(collection, record, refusal))
        absent += [_absent(collection, row) for file, row in (collection.manifest or {}).items() if file not in present]
    if not accepted:
        first = f"; first of {len(rejected)} refused: {rejected[0]['reason']}" if rejected else ""
        raise ConfigurationError(
            f"data/raw: no document accepted from {', '.join(collections)}{first}; "
            "widen corpus.start and corpus.end in params.yaml, or add texts (docs/add-articles.md)"
        )
    return Corpus(
        pd.DataFrame([accepted[name] for name in sorted(accepted)]),
        pd.DataFrame(rejected, columns=["collection", "file", "record", "document_id", "reason", "remedy"]),
        pd.DataFrame(absent, columns=["collection", "document_id", "file", "title", "outlet", "dated", "url"]),
    )


def _checked(collections: Sequence[str], code: str, start: str, end: str) -> tuple[date, date]:
    """Return the span of days, the parameters checked."""
    if not collections:
        raise ConfigurationError("params.yaml: corpus.collections: empty; name at least one folder of data/raw/")
    repeated = sorted({name for name in collections if list(collections).count(name) > 1})
    if repeated:
        raise ConfigurationError(f"params.yaml: corpus.collections: {repeated[0]!r} is named twice; remove one")
    if code not in language.KNOWN:
        known = ", ".join(language.KNOWN)
        raise ConfigurationError(f"params.yaml: corpus.language: {code!r} has no word lists; use {known}")
    span = dates.bound(start, "start"), dates.bound(end, "end")
    if span[0] > span[1]:
        raise ConfigurationError(f"params.yaml: corpus.start: {start} is after corpus.end {end}; exchange them")
    return span


def _when(fields: dict) -> str:
    """Return the date of the event told, else the document's own date, else that of publication."""
    return _text(fields, "event_date") or _text(fields, "date") or _text(fields, "published")


def _document(collection: Collection, fields: dict, code: str, directory: Directory) -> dict:
    """Return an accepted record as a row of `documents`."""
    text = readers.plain_lines(fields["text"])
    sources = _sources(fields)
    day, known = dates.parse(_when(fields))
    outlet = _text(fields, "outlet") or sources[0]["outlet"]
    publisher = directory.find(outlet)
    return {
        "document_id": fields["document_id"],
        "collection": collection.name,
        "date": pd.Timestamp(day),
        "date_precision": known,
        "date_inferred": fields.get("date_inferred") in (True, "true", "True", "1"),
        "title": fields["title"].strip(),
        "text": text,
        "outlet": outlet,
        "publisher": publisher.name,
        "publisher_kind": publisher.kind,
        "outlet_country": _text(fields, "outlet_country") or publisher.country,
        "url": _text(fields, "url") or sources[0]["url"],
        "language": code,
        "licence": _text(fields, "licence") or collection.licence,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "sources": json.dumps(sources, ensure_ascii=False),
    }


def _refusal(
    collection: Collection, fields: dict, code: str, span: tuple[date, date], accepted: dict[str, dict]
) -> Refusal | None:
    """Return why a record is refused, the first reason that holds; None where it is accepted."""
    return (
        _wrong_fields(fields)
        or _wrong_name(fields["document_id"], accepted)
        or _wrong_text(fields)
        or _wrong_date(_when(fields), span)
        or _wrong_language(fields, collection, code)
    )


def _text(fields: dict, name: str) -> str:
    """Return an optional field as text; numbers, such as a year, are written out, and what is missing is empty."""
    value = fields.get(name)
    return "" if value is None else str(value).strip()


def _wrong_fields(fields: dict) -> Refusal | None:
    for name in ("document_id", "title", "text"):
        value = fields.get(name)
        if value is None:
            return Refusal(f"no {name}", f"give the record a {name}")
        if not isinstance(value, str):
            return Refusal(f"{name} is not text but {type(value).__name__}", f"write {name} in quotation marks")
    for name in readers.FIELDS:
        if _BREAKS_PARQUET.search(json.dumps(fields.get(name), ensure_ascii=False, default=str)):
            return Refusal(f"{name} holds half a character (a lone surrogate)", "correct the damaged character")
    return None


def _wrong_name(name: str, accepted: dict[str, dict]) -> Refusal | None:
    if not _NAME.fullmatch(name):
        return Refusal(
            "document_id is empty, too long or holds other characters than letters, digits, dot, hyphen and _",
            "rename the document",
        )
    if name in accepted:
        first = accepted[name]["collection"]
        return Refusal(f"document_id is taken by an earlier document of collection {first}", "rename one of the two")
    return None


def _wrong_text(fields: dict) -> Refusal | None:
    text = fields["text"]
    if not text.strip():
        return Refusal("empty text", "give the document its text, or remove it")
    if len(text) > readers.LARGEST_TEXT:
        return Refusal(
            f"text of {len(text)} characters, more than {readers.LARGEST_TEXT}",
            "split it into documents; a lost quotation mark also runs texts together",
        )
    if "\0" in text or "\0" in fields["title"]:
        return Refusal("holds a null character: not a text", "export the document as plain text")
    stated = _text(fields, "sha256").lower()
    found = hashlib.sha256(readers.plain_lines(text).encode()).hexdigest()
    if stated and stated != found:
        return Refusal(f"checksum broken: the text has {found}", "fetch the text again, or correct the checksum")
    return None


def _wrong_date(when: str, span: tuple[date, date]) -> Refusal | None:
    if not when:
        return Refusal("no date", "give date as YYYY-MM-DD, YYYY-MM or YYYY")
    parsed = dates.parse(when)
    if parsed is None:
        return Refusal(f"date {when[:40]!r} cannot be read", "write it as YYYY-MM-DD, YYYY-MM or YYYY")
    if not span[0] <= parsed[0] <= span[1]:
        return Refusal(
            f"date {when} is outside {span[0]} to {span[1]}",
            "change corpus.start or corpus.end in params.yaml if it should take part",
        )
    return None


def _wrong_language(fields: dict, collection: Collection, code: str) -> Refusal | None:
    stated = _text(fields, "language") or collection.language
    if stated.lower().split("-")[0] != code:
        return Refusal(f"language {stated[:20]!r} is stated, not {code!r}", "translate it, or correct the language")
    if not language.is_english(fields["text"]):
        latin, words = language.latin_share(fields["text"]), language.function_share(fields["text"])
        return Refusal(
            f"does not read as English: {latin:.0%} Latin letters, {words:.0%} function words",
            "translate it, or remove what is not English",
        )
    return None


def _sources(fields: dict) -> list[dict[str, str]]:
    """Return the pages a document rests on: its own `sources`, else its outlet and address."""
    given = fields.get("sources")
    if isinstance(given, str) and given.strip().startswith("["):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    listed = [s for s in given if isinstance(s, dict)] if isinstance(given, list) else []
    if not listed:
        listed = [fields]
    return [{name: _text(source, name) for name in ("url", "outlet", "published")} for source in listed]


def _rejected(collection: Collection, record: Record, refusal: Refusal) -> dict:
    name = record.fields.get("document_id")
    # The name may itself be what is wrong: it is kept short and free of half characters.
    shown = _BREAKS_PARQUET.sub("?", name)[:150] if isinstance(name, str) else ""
    return {
        "collection": collection.name,
        "file": record.file,
        "record": record.place,
        "document_id": shown,
        "reason": _BREAKS_PARQUET.sub("?", refusal.reason),
        "remedy": refusal.remedy,
    }


def _absent(collection: Collection, row: dict) -> dict:
    shown = {name: row[name] for name in ("document_id", "file", "title", "outlet", "url")}
    return {"collection": collection.name, **shown, "dated": _when(row)}
