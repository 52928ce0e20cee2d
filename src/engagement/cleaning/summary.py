"""The numbers the cleaning stage tells."""

import pandas as pd

from engagement.cleaning.tokens import Lexicon
from engagement.reporting.display import excerpt


def numbers(
    sentences: pd.DataFrame,
    tokens: pd.DataFrame,
    vocabulary: pd.DataFrame,
    phrases: pd.DataFrame,
    duplicates: pd.DataFrame,
    flow: pd.DataFrame,
) -> dict[str, float]:
    """Return the headline numbers of the stage."""
    kept = vocabulary[vocabulary["kept"]]
    return {
        "sentences": len(sentences),
        "tokens": len(tokens),
        "tokens_used": int(flow["tokens"].iloc[-1]),
        "share_used": float(flow["tokens"].iloc[-1] / flow["tokens"].iloc[0]),
        "terms": len(kept),
        "phrases": int(kept["term"].isin(phrases["phrase"]).sum()),
        "duplicates": len(duplicates),
    }


def dropped(tokens: pd.DataFrame, most: int = 8) -> pd.DataFrame:
    """Return why tokens are left out, how many, and the commonest words of each group."""
    lexicon = Lexicon()
    counts = tokens[~tokens["kept"]].groupby("token").size().rename("tokens").reset_index()
    counts["reason"] = [lexicon.why_dropped(token) for token in counts["token"]]
    counts = counts.sort_values(["tokens", "token"], ascending=[False, True])
    rows = [
        (
            reason,
            len(group),
            group["tokens"].sum(),
            group["tokens"].sum() / len(tokens),
            ", ".join(group["token"][:most]),
        )
        for reason, group in counts.groupby("reason")
    ]
    table = pd.DataFrame(rows, columns=["why", "words", "tokens", "share of all tokens", "commonest"])
    return table.sort_values(["tokens", "why"], ascending=[False, True], ignore_index=True)


def extremes(
    documents: pd.DataFrame, sentences: pd.DataFrame, tokens: pd.DataFrame, most: int = 5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the longest and the shortest sentences: sentence_id, tokens, text (third-party ones cut short)."""
    counts = tokens.groupby("sentence_id").size().reindex(sentences["sentence_id"], fill_value=0)
    licences = sentences["document_id"].map(documents.set_index("document_id")["licence"])
    table = sentences[["sentence_id"]].assign(
        tokens=counts.to_numpy(),
        text=[excerpt(t, licence) for t, licence in zip(sentences["text"], licences, strict=True)],
    )
    ordered = table.sort_values(["tokens", "sentence_id"], ignore_index=True)
    return ordered.tail(most)[::-1], ordered.head(most)


def reasons(vocabulary: pd.DataFrame, most: int = 8) -> pd.DataFrame:
    """Return terms and tokens kept and left out, by reason, with the commonest terms of each."""
    shown = vocabulary.assign(reason=vocabulary["reason"].where(~vocabulary["kept"], "kept"))
    shown = shown.sort_values(["tokens", "term"], ascending=[False, True])
    rows = [
        (reason, len(group), group["tokens"].sum(), ", ".join(group["term"][:most]))
        for reason, group in shown.groupby("reason")
    ]
    table = pd.DataFrame(rows, columns=["", "terms", "tokens", "commonest"])
    return table.sort_values("tokens", ascending=False, ignore_index=True)
