"""The steps of the cleaning in their order, and what each one costs."""

import re
from dataclasses import dataclass

import pandas as pd

from engagement.cleaning import phrases, vocabulary
from engagement.cleaning.duplicates import exact
from engagement.cleaning.sentences import split
from engagement.cleaning.tokens import Lexicon, normalise, tokenise
from engagement.errors import ConfigurationError

# What may stand between the two words of a phrase.
_GAP = re.compile(r"[\s\-\u2010\u2011]*")


@dataclass(frozen=True)
class Cleaned:
    """What `clean` returns: the tables of the stage, and the counted terms with their document."""

    sentences: pd.DataFrame
    tokens: pd.DataFrame
    vocabulary: pd.DataFrame
    phrases: pd.DataFrame
    duplicates: pd.DataFrame
    flow: pd.DataFrame
    terms: pd.DataFrame


def clean(
    documents: pd.DataFrame, min_documents: int, max_share: float, phrase_min_count: int, phrase_npmi: float
) -> Cleaned:
    """Return sentences, tokens, terms and the account of the losses for a table of documents.

    Raises
    ------
    ConfigurationError
        If a parameter is out of its range, or no term is left.
    """
    _check(min_documents, max_share, phrase_min_count, phrase_npmi)
    duplicates = exact(documents)
    every_sentence, every_token = _spans(documents.sort_values("document_id", kind="stable"), Lexicon())
    repeated = duplicates["document_id"]
    sentences = every_sentence[~every_sentence["document_id"].isin(repeated)].reset_index(drop=True)
    tokens = every_token[~every_token["document_id"].isin(repeated)].reset_index(drop=True)
    tokens["kept"] = tokens["dropped"] == ""
    found, tokens = _with_terms(tokens, phrase_min_count, phrase_npmi)
    terms = tokens.loc[tokens["term"] != "", ["document_id", "sentence_id", "term"]].reset_index(drop=True)
    table = vocabulary.count(terms, min_documents, max_share)
    if not table["kept"].any():
        raise ConfigurationError(
            f"params.yaml: cleaning.min_documents: {min_documents} and max_share {max_share} leave none of "
            f"{len(table)} terms; lower the first, raise the second, or add documents"
        )
    final = terms[terms["term"].isin(table.loc[table["kept"], "term"])]
    flow = _flow(
        {
            "accepted": every_token,
            "exact duplicates left out": tokens,
            "numbers left out": tokens[tokens["dropped"] != "number"],
            "stop words left out": tokens[tokens["kept"] | (tokens["dropped"] == "short")],
            "short words left out": tokens[tokens["kept"]],
            "phrases joined": terms,
            "rare and ubiquitous terms left out": final,
        }
    )
    columns = ["sentence_id", "position", "start", "end", "token", "lemma", "kept", "term", "term_end"]
    return Cleaned(sentences, tokens[columns], table, found, duplicates, flow, terms)


def _check(min_documents: int, max_share: float, phrase_min_count: int, phrase_npmi: float) -> None:
    wrong = {
        "min_documents": (min_documents, min_documents >= 1, "1 or more"),
        "max_share": (max_share, 0 < max_share <= 1, "above 0 and at most 1"),
        "phrase_min_count": (phrase_min_count, phrase_min_count >= 2, "2 or more"),
        "phrase_npmi": (phrase_npmi, -1 <= phrase_npmi <= 1, "from -1 to 1"),
    }
    for name, (value, holds, span) in wrong.items():
        if not holds:
            raise ConfigurationError(f"params.yaml: cleaning.{name}: {value} is out of range; use a number {span}")


def _spans(documents: pd.DataFrame, lexicon: Lexicon) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sentences of the documents and their tokens, with why a token is dropped and what it follows on."""
    sentences, tokens = [], []
    for document in documents.itertuples():
        text = document.text
        for ordinal, (start, end) in enumerate(split(text)):
            name = f"{document.document_id}#{ordinal:03d}"
            sentences.append((name, document.document_id, ordinal, start, end, text[start:end]))
            before = None
            for position, (first, last) in enumerate(tokenise(text[start:end])):
                first, last = first + start, last + start
                token = normalise(text[first:last])
                lemma = lexicon.lemma(token)
                joined = before is not None and _GAP.fullmatch(text, before, first) is not None
                dropped = lexicon.why_dropped(token)
                tokens.append((name, document.document_id, position, first, last, token, lemma, dropped, joined))
                before = last
    return (
        pd.DataFrame(sentences, columns=["sentence_id", "document_id", "ordinal", "start", "end", "text"]),
        pd.DataFrame(
            tokens,
            columns=[
                "sentence_id",
                "document_id",
                "position",
                "start",
                "end",
                "token",
                "lemma",
                "dropped",
                "joined",
            ],
        ),
    )


def _with_terms(tokens: pd.DataFrame, min_count: int, min_npmi: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the phrases found, and the tokens with `term` and `term_end`."""
    # A run is a stretch of kept tokens with nothing but space or a hyphen between them.
    opens = tokens["kept"] & ~(tokens["joined"] & tokens["kept"].shift(fill_value=False))
    kept = tokens[tokens["kept"]]
    runs = [list(run) for _, run in kept["lemma"].groupby(opens.cumsum()[tokens["kept"]], sort=True)]
    found = phrases.find(runs, min_count, min_npmi)
    scores = found.set_index(["first", "second"])["npmi"].to_dict()
    tokens = tokens.assign(term="")
    tokens.loc[kept.index, "term"] = [term for run in runs for term in phrases.join(run, scores)]
    opens_phrase = (tokens["kept"] & (tokens["term"] == "")).shift(-1, fill_value=False)
    tokens["term_end"] = tokens["end"].where(~opens_phrase, tokens["end"].shift(-1, fill_value=0))
    return found, tokens


def _flow(steps: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return documents, sentences and tokens after each step, from one row per token."""
    return pd.DataFrame(
        [
            (f"{number} {name}", left["document_id"].nunique(), left["sentence_id"].nunique(), len(left))
            for number, (name, left) in enumerate(steps.items(), start=1)
        ],
        columns=["step", "documents", "sentences", "tokens"],
    )
