"""How much is written about each partner, year by year."""

import numpy as np
import pandas as pd

from engagement.comparison.contrasts import evidence
from engagement.comparison.inference import bounded, cluster_weights, generator, interval
from engagement.comparison.segments import Segments


def years(segments: Segments, documents: pd.DataFrame) -> pd.DataFrame:
    """Return each partner's documents and sentences by year, and its share of the year's documents.

    The share is of all accepted documents of the year, whether or not they engage a partner, so that years of which more
    was collected do not look like years of more engagement. A document counts for every partner it engages.

    Columns: partner, year, documents, sentences, documents_of_year, share, low, high, evidence; a year without documents has
    neither share nor interval, a year with fewer than `min_documents` documents no interval.
    """
    settings = segments.settings
    year = documents["date"].dt.year
    span = np.arange(year.min(), year.max() + 1) if len(documents) else np.array([], dtype=int)
    outlet = documents["outlet"].where(documents["outlet"] != "", documents["document_id"])
    cluster = pd.factorize(outlet if segments.level == "outlet" else documents["document_id"], sort=True)[0]
    weights = cluster_weights(
        int(cluster.max(initial=-1)) + 1, settings.draws, generator(settings.seed, "years bootstrap")
    )[:, cluster]

    parts = []
    for partner in segments.partners:
        sentences = segments.sentences[segments.sentences["partner"] == partner]
        engaged = documents["document_id"].isin(sentences["document_id"]).to_numpy()
        rows = []
        for y in span:
            inside = (year == y).to_numpy()
            drawn = weights[:, inside]
            whole = drawn.sum(axis=1)
            share = np.divide(
                drawn[:, engaged[inside]].sum(axis=1), whole, out=np.full(len(drawn), np.nan), where=whole > 0
            )
            n = int(inside.sum())
            value = engaged[inside].mean() if n else np.nan
            low, high = interval(share[:, None], settings.level)
            low, high = bounded(np.array([value]), low, high, np.array([n]), settings.level)
            if n < settings.min_documents:
                low[0] = high[0] = np.nan
            told = int((sentences["year"] == y).sum())
            rows.append((partner, int(y), int(engaged[inside].sum()), told, n, value, low[0], high[0]))
        parts += rows
    names = ["partner", "year", "documents", "sentences", "documents_of_year", "share", "low", "high"]
    table = pd.DataFrame(parts, columns=names)
    return table.assign(evidence=[evidence(p, y) for p, y in zip(table["partner"], table["year"], strict=True)])
