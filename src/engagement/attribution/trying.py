"""Try the attribution on any text: `engagement code "…"` prints it with its codes and the rule behind each, in colour."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from engagement import figures
from engagement.attribution.engagements import build
from engagement.attribution.partners import Reader
from engagement.cleaning.sentences import split
from engagement.errors import ConfigurationError

NO_DAY = pd.Timestamp("NaT")


@dataclass(frozen=True)
class Coded:
    """A text that is in no corpus, with the stage's tables."""

    sentences: pd.DataFrame
    mentions: pd.DataFrame
    engagements: pd.DataFrame
    amounts: pd.DataFrame


def code(text: str, day: str = "", title: str = "", read: Reader | None = None) -> Coded:
    """Attribute and code a text by the same rules as the pipeline.

    Parameters
    ----------
    text : any text; of any length and script.
    day : date of the event (ISO); without one, offices are not dated.
    title : headline, where there is one.
    read : a reader made before, to code many texts.

    Raises
    ------
    ConfigurationError
        If the day is no ISO date.
    """
    try:
        when = pd.Timestamp(date.fromisoformat(day)) if day else NO_DAY
    except ValueError:
        raise ConfigurationError(f"--date: {day!r} is no day; write it as 2016-01-26") from None
    documents = pd.DataFrame(
        {"document_id": ["text"], "date": [when], "date_precision": ["day"], "title": [title], "text": [text]}
    )
    documents["date"] = documents["date"].astype("datetime64[us]")
    spans = split(text)
    sentences = pd.DataFrame(
        [(f"text#{n:03d}", "text", n, start, end, text[start:end]) for n, (start, end) in enumerate(spans)],
        columns=["sentence_id", "document_id", "ordinal", "start", "end", "text"],
    )
    return Coded(sentences, *build(documents, sentences, list(figures.style.partners()), read))


def load(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    ConfigurationError
        If the file is missing or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{path}: not readable ({error.strerror}); give the path of a text file") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: not UTF-8; save it as UTF-8 text") from None


def show(coded: Coded, console: Console | None = None) -> None:
    """Print each sentence with its spans in the partners' colours, then what it was coded as and why."""
    console = console or Console(highlight=False, soft_wrap=True)
    for sentence in coded.sentences.itertuples():
        mentions = coded.mentions[coded.mentions["sentence_id"] == sentence.sentence_id]
        console.print(_marked(sentence.text, sentence.start, mentions))
        for m in mentions.itertuples():
            settled = f"{m.country} {m.name}" + (f", {m.role}" if m.role else "") if m.country else "nobody settled"
            console.print(_line(f"  {m.surface}", f"{settled} · {m.rule} ({m.confidence:.2f})", m.country))
        for e in coded.engagements[coded.engagements["sentence_id"] == sentence.sentence_id].itertuples():
            console.print(_line(f"  → {figures.partner_name(e.partner)}", _because(e), e.partner))
        for a in coded.amounts[coded.amounts["sentence_id"] == sentence.sentence_id].itertuples():
            giver = a.partner or "giver unknown"
            told = " · ".join(filter(None, (f"{a.value:,.0f} {a.currency}", a.bound, a.stage, a.flow, giver)))
            console.print(_line(f"  $ {a.surface}", told, a.partner))
        if not (coded.engagements["sentence_id"] == sentence.sentence_id).any():
            console.print(Text("  → no partner", style="dim"))


def _because(e) -> str:
    cue = {
        name: f' "{value}"' if value else ""
        for name, value in zip(
            ("instrument", "field", "event", "stance"),
            (e.instrument_cue, e.field_cue, e.event_cue, e.stance_cue),
            strict=True,
        )
    }
    flags = ", ".join(name for name in ("historical", "hypothetical", "negated") if getattr(e, name))
    parts = [
        f"{e.rule} ({e.confidence:.2f})",
        f"instrument {e.instrument}{cue['instrument']}{_by(e.instrument_by)}",
        f"field {e.field or 'none'}{cue['field']}",
        f"event {e.event}{cue['event']}",
        f"stance {e.stance:+d}{cue['stance']}{_by(e.stance_by)}",
        e.direction,
        e.level,
        flags,
    ]
    return " · ".join(filter(None, parts))


def _by(voices: str) -> str:
    return f" by {voices}" if voices else ""


def _plain(text: str) -> str:
    """Return a text without characters that could steer the terminal."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) != "Cc" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _marked(text: str, offset: int, mentions: pd.DataFrame) -> Text:
    shown = Text(_plain(text))
    for m in mentions.itertuples():
        shown.stylize(f"bold underline {figures.colour(m.country)}", m.start - offset, m.end - offset)
    return shown


def _line(head: str, rest: str, country: str) -> Text:
    return Text(_plain(head), style=f"bold {figures.colour(country)}").append(
        _plain(f"  {rest}"), style="not bold default"
    )
