"""When leaders and ministers engaged: dated elite diplomacy, one lane per partner."""

import pandas as pd

from engagement.comparison.codes import ELITE
from engagement.comparison.segments import Segments

SAME_EVENT_DAYS = 3


def elite_days(segments: Segments, mentions: pd.DataFrame) -> pd.DataFrame:
    """Return the dated occasions on which a leader or minister of a partner appears in elite diplomacy.

    A document counts if it holds a sentence coded DIP at level L1 or L2. The persons are those of the partner's country
    and of these levels named in the segment. Documents on one partner that share their first person and lie at most
    three days apart tell one occasion; the document with the most sentences on the partner stands for it.

    Columns: partner, date, document_id, sentence_id (the first such sentence), level, persons (joined by "; ", the
    highest level and the most often named first), sentences (on the partner in the document), documents (that tell the
    occasion), title, outlet, url.
    """
    elite = segments.sentences[
        (segments.sentences["instrument"] == "DIP") & segments.sentences["level"].isin(ELITE)
    ].sort_values(["document_id", "partner", "sentence_id"], kind="stable")
    keys = ["document_id", "partner"]
    size = segments.sentences.groupby(keys).size().rename("sentences")
    days = elite.groupby(keys, as_index=False).agg(
        sentence_id=("sentence_id", "first"),
        level=("level", "min"),
        date=("document_date", "first"),
        date_precision=("date_precision", "first"),
        title=("title", "first"),
        outlet=("outlet", "first"),
        url=("url", "first"),
    )
    days = days.merge(size, on=keys, how="left").merge(persons(segments, mentions), on=keys, how="left")
    days["persons"] = days["persons"].fillna("")
    days["first"] = days["persons"].str.split("; ").str[0]
    days = days.sort_values(["partner", "first", "date", "document_id"], kind="stable", ignore_index=True)
    same = days[["partner", "first"]].eq(days[["partner", "first"]].shift()).all(axis=1) & (days["first"] != "")
    near = days["date"].diff().abs() <= pd.Timedelta(days=SAME_EVENT_DAYS)
    days["occasion"] = (~(same & near)).cumsum()
    days["documents"] = days.groupby("occasion")["document_id"].transform("size")
    order = days.assign(rank=-days["sentences"]).sort_values(["occasion", "rank", "document_id"], kind="stable")
    kept = order.drop_duplicates("occasion")
    names = ["partner", "date", "date_precision", "document_id", "sentence_id", "level", "persons", "sentences"]
    names += ["documents", "title", "outlet", "url"]
    return kept[names].sort_values(["partner", "date", "document_id"], kind="stable", ignore_index=True)


def persons(segments: Segments, mentions: pd.DataFrame, levels: tuple[str, ...] = ELITE) -> pd.DataFrame:
    """Return the persons of the partner's own country named in each segment: document_id, partner, persons."""
    named = mentions[(mentions["kind"] == "person") & mentions["level"].isin(levels) & (mentions["name"] != "")]
    found = segments.sentences[["sentence_id", "document_id", "partner"]].merge(
        named[["sentence_id", "country", "name", "level"]], on="sentence_id"
    )
    found = found[found["country"] == found["partner"]]
    keys = ["document_id", "partner"]
    counted = found.groupby([*keys, "name"], as_index=False).agg(level=("level", "min"), times=("level", "size"))
    counted["rank"] = -counted["times"]
    counted = counted.sort_values([*keys, "level", "rank", "name"], kind="stable")
    return counted.groupby(keys, as_index=False)["name"].agg("; ".join).rename(columns={"name": "persons"})
