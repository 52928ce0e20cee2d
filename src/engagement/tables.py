"""The tables that pass between stages: one schema each, checked on write and on read.

`data/README.md` is generated from this module (`engagement tables`), so a column is described here or nowhere.
"""

import io
from dataclasses import dataclass

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import parquet

from engagement import project
from engagement.errors import ConfigurationError

SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True)
class Table:
    """One table's contract: what a row is, the key that sorts it, its columns, and a family of numbered columns."""

    row: str
    key: tuple[str, ...]
    columns: dict[str, pa.Column]
    pattern: str | None = None  # further columns by regular expression, such as topic_0 … topic_{K-1}

    def schema(self) -> pa.DataFrameSchema:
        """Return the pandera schema: these columns, no others, the key unique."""
        columns = dict(self.columns)
        if self.pattern:
            columns[self.pattern] = pa.Column(float, regex=True, description="one column per topic")
        return pa.DataFrameSchema(columns, strict=True, coerce=True, unique=list(self.key))


def text(description: str, **options) -> pa.Column:
    """Declare a text column; the empty text stands for unknown, so there are no missing values."""
    return pa.Column(str, description=description, **options)


def count(description: str) -> pa.Column:
    """Declare a whole number, 0 or more."""
    return pa.Column("int64", pa.Check.ge(0), description=description)


def integer(description: str, *checks: pa.Check) -> pa.Column:
    """Declare a whole number of either sign."""
    return pa.Column("int64", list(checks), description=description)


def number(description: str, nullable: bool = False) -> pa.Column:
    """Declare a decimal number, written with six significant digits."""
    return pa.Column(float, description=description, nullable=nullable)


def share(description: str, nullable: bool = False) -> pa.Column:
    """Declare a number from 0 to 1."""
    return pa.Column(float, pa.Check.in_range(0, 1), description=description, nullable=nullable)


def flag(description: str) -> pa.Column:
    """Declare a yes or no."""
    return pa.Column(bool, description=description)


def day(description: str) -> pa.Column:
    """Declare a date."""
    return pa.Column("datetime64[us]", description=description)


def _shares(column: str, declared: pa.Column, unit: str) -> Table:
    """Declare a table of shares by partner and category."""
    return Table(
        f"one {column} with one partner",
        ("partner", column),
        {
            "partner": text("code of the partner"),
            column: declared,
            "label": text("its name"),
            "amount": number(f"{unit} on the partner in this {column}"),
            "documents": count("documents they stand in"),
            "share": share(f"amount / total; empty where no {unit}", nullable=True),
            "low": share("lower end of the interval; empty where too few documents", nullable=True),
            "high": share("upper end", nullable=True),
            "total": number(f"{unit} on the partner in all"),
            "documents_total": count("documents they stand in"),
            "evidence": text("where the sentences stand in the reports"),
        },
    )


def _differences(column: str, declared: pa.Column) -> Table:
    """Declare a table of differences of shares between partners."""
    return Table(
        f"one {column} in one comparison of partners",
        ("first", "second", column),
        {
            "first": text("code of a partner"),
            "second": text("code of another partner, or `others`: the mean of the other partners"),
            column: declared,
            "label": text("its name"),
            "difference": number("share with the first minus share with the second"),
            "low": number("lower end of the interval", nullable=True),
            "high": number("upper end", nullable=True),
            "band_low": number("lower end of the differences under shuffled partner labels", nullable=True),
            "band_high": number("upper end", nullable=True),
            "p": share("permutation p-value"),
            "p_holm": share("corrected over all rows of pairs, or all against the others (Holm)"),
            "p_bh": share("the same after Benjamini and Hochberg"),
            "sure": flag("p_holm is below 1 - level"),
        },
    )


PRECISIONS = ["day", "month", "year"]

TABLES: dict[str, Table] = {
    # corpus ----------------------------------------------------------------------------------------------------------
    "corpus/documents.parquet": Table(
        "one accepted document",
        ("document_id",),
        {
            "document_id": text("stable, readable name of the document"),
            "collection": text("folder below data/raw/ it came from"),
            "date": day("date of the event told, else of publication; the first day where only month or year is known"),
            "date_precision": text("how much of the date is known", checks=pa.Check.isin(PRECISIONS)),
            "date_inferred": flag("the year or month was fixed from context, not printed on the page"),
            "title": text("headline as it came"),
            "text": text("body; every character offset in later tables refers to this text"),
            "outlet": text("outlet as it came, of the first source where there are several"),
            "publisher": text("the outlet with its spellings, reposts and mirrors brought together (outlets.csv)"),
            "publisher_kind": text("government, organisation, private media, publicly funded media, or not listed"),
            "outlet_country": text("country code of the publisher; empty where unknown"),
            "url": text("address of the first source"),
            "language": text("language code"),
            "licence": text("terms under which the text may be used"),
            "sha256": text("SHA-256 of the text in UTF-8"),
            "sources": text("JSON list of the pages it rests on: url, outlet, published"),
        },
    ),
    "corpus/rejected.csv": Table(
        "one refused file or record",
        ("collection", "file", "record"),
        {
            "collection": text("folder below data/raw/"),
            "file": text("file name in the collection"),
            "record": count("line or row in the file; 0 is the whole file"),
            "document_id": text("name of the document where one could be read"),
            "reason": text("what is wrong"),
            "remedy": text("what to do about it"),
        },
    ),
    "corpus/absent.csv": Table(
        "one manifest row whose text is not in the folder; the normal case where texts may not be redistributed",
        ("collection", "document_id"),
        {
            "collection": text("folder below data/raw/"),
            "document_id": text("name of the document"),
            "file": text("file name the text belongs under"),
            "title": text("headline"),
            "outlet": text("outlet as the manifest names it"),
            "dated": text("date of the event, else of publication, as the manifest gives it"),
            "url": text("where the text can be read"),
        },
    ),
    # cleaning --------------------------------------------------------------------------------------------------------
    "cleaning/sentences.parquet": Table(
        "one sentence of a document that is no duplicate",
        ("sentence_id",),
        {
            "sentence_id": text("document_id, #, ordinal with three digits or more"),
            "document_id": text("the document"),
            "ordinal": count("place in the document, from 0"),
            "start": count("offset of the first character in the document's text"),
            "end": count("offset after the last character"),
            "text": text("the sentence as it stands in the document's text"),
        },
    ),
    "cleaning/tokens.parquet": Table(
        "one word or number of a sentence; punctuation is left out",
        ("sentence_id", "position"),
        {
            "sentence_id": text("the sentence"),
            "position": count("place in the sentence, from 0"),
            "start": count("offset of the first character in the document's text"),
            "end": count("offset after the last character"),
            "token": text("the word in Unicode NFKC and lower case"),
            "lemma": text("dictionary form; the token itself where none is known"),
            "kept": flag("a word of content: false for stop words, numbers and words under three letters"),
            "term": text("what topics count: the lemma, or the phrase it opens; empty where nothing is counted"),
            "term_end": count("offset after the last character of the term; equals end except for phrases"),
        },
    ),
    "cleaning/vocabulary.csv": Table(
        "one term",
        ("term",),
        {
            "term": text("lemma, or words of a phrase joined by _"),
            "documents": count("documents it occurs in"),
            "tokens": count("times it occurs"),
            "kept": flag("in the vocabulary of the topics"),
            "reason": text("why it is left out; empty where kept"),
        },
    ),
    "cleaning/phrases.csv": Table(
        "one pair of neighbouring lemmas counted as one term",
        ("phrase",),
        {
            "phrase": text("the two lemmas joined by _"),
            "first": text("first lemma"),
            "second": text("second lemma"),
            "tokens": count("times the two lemmas stand side by side"),
            "npmi": number("normalised pointwise mutual information, -1 to 1"),
            "joined": count("times of these in which no stronger pair takes one of the words"),
        },
    ),
    "cleaning/duplicates.csv": Table(
        "one document left out because another says the same",
        ("document_id",),
        {
            "document_id": text("the document left out"),
            "duplicate_of": text("the document kept: the earlier one, then the first by name"),
            "kind": text("exact: same words once case, punctuation marks and spacing are made equal"),
        },
    ),
    "cleaning/flow.csv": Table(
        "one step of the cleaning, in order",
        ("step",),
        {
            "step": text("number and name of the step"),
            "documents": count("documents left with at least one token"),
            "sentences": count("sentences left with at least one token"),
            "tokens": count("tokens left"),
        },
    ),
    # attribution -----------------------------------------------------------------------------------------------------
    "attribution/mentions.parquet": Table(
        "one span that names an actor",
        ("document_id", "start", "end"),
        {
            "sentence_id": text("sentence it stands in"),
            "document_id": text("document it stands in"),
            "start": count("first character, in the document's text"),
            "end": count("character after the last, in the document's text"),
            "surface": text("the words as written"),
            "actor_id": text("row of data/reference/actors.csv; empty where no row was settled on"),
            "name": text("the actor's name in that row"),
            "kind": text("country, person, organisation, media, programme or place"),
            "country": text("code of the country or body spoken for; empty where unresolved"),
            "level": text(
                "L0 bare country, L1 head of state or government, L2 minister, L3 official, L4 not of the state"
            ),
            "role": text("office or function in that row, on the document's date"),
            "rule": text("rule that settled it (docs/attribution.md)"),
            "confidence": share("confidence of the rule; 0 is unresolved"),
        },
    ),
    "attribution/engagements.parquet": Table(
        "one sentence attributed to one partner",
        ("sentence_id", "partner"),
        {
            "sentence_id": text("sentence"),
            "document_id": text("document it stands in"),
            "partner": text("code of the partner, one of params.yaml's partners"),
            "rule": text("rule that attributed it (docs/attribution.md)"),
            "confidence": share("confidence of the rule, or the probability where the partner is not named"),
            "date": day("date of the document"),
            "instrument": text("how: DIP AGR GRA LOA TRA INV SEC EXC CUL PRE, or NONE (docs/codebook.md)"),
            "instrument_cue": text("the heaviest cue for the instrument in the sentence; empty where there is none"),
            "instrument_by": text("which of cues, words and context point to the instrument each by itself"),
            "field": text("about what: OECD CRS group (docs/codebook.md); empty where nothing tells"),
            "field_cue": text("words that decided the field"),
            "event": text("what happened: PLOVER type, or OTHER (docs/codebook.md)"),
            "event_cue": text("words that decided the event"),
            "score": number("PLOVER score of the event, -10 to 10"),
            "stance": integer(
                "relation shown: 1 cooperative, 0 neutral or mixed, -1 conflictual", pa.Check.isin([-1, 0, 1])
            ),
            "stance_cue": text("words that weighed most for the stance"),
            "stance_by": text("which of cues, words and context point to the stance each by itself"),
            "tone": number("brightness of the wording, -1 to 1; not the stance"),
            "direction": text("to_cambodia, from_cambodia, mutual or third_party"),
            "level": text("highest level among the partner's mentions, L1 to L4; L0 bare country or none"),
            "historical": flag("tells of a time long before the document"),
            "hypothetical": flag("conditional, possible or only wished"),
            "negated": flag("the deciding act is denied"),
        },
    ),
    "attribution/amounts.parquet": Table(
        "one sum of money and one giver",
        ("document_id", "start", "partner"),
        {
            "sentence_id": text("sentence it stands in"),
            "document_id": text("document it stands in"),
            "start": count("first character, in the document's text"),
            "end": count("character after the last, in the document's text"),
            "surface": text("the sum as written"),
            "value": number("units of the currency; of a range the midpoint"),
            "low": number("lower end of a range, else the value"),
            "high": number("upper end of a range, else the value"),
            "currency": text("ISO 4217 code"),
            "bound": text("exact, about, min or max", checks=pa.Check.isin(["exact", "about", "min", "max"])),
            "restated_value": number("the same sum as the text restates it in another currency; 0 without"),
            "restated_currency": text("ISO 4217 code of the restatement; empty without"),
            "value_usd": number("US dollars of the document's year, at the year's mean rate", nullable=True),
            "constant_usd": number(
                "US dollars of the deflator's base year (data/reference/deflators.csv)", nullable=True
            ),
            "kind": text("grant, aid, loan, debt, investment, trade, cost, loss; empty unknown"),
            "stage": text("pledge, sign, start, deliver, complete, undone; empty unknown"),
            "flow": text("single, flow (per year or period), stock (accumulated) or price (per unit)"),
            "recipient": text("Cambodia, region, or empty where the money goes elsewhere"),
            "partner": text("code of the giver; empty unknown"),
            "giver_start": integer("first character of the giver's name, in the document's text; -1 without"),
            "giver_end": integer("character after its last; -1 without"),
            "giver_rule": text("rule that found the giver (docs/codebook.md)"),
            "shared": flag("several givers: each has a row, and the sum must not be added up"),
        },
    ),
    # selection -------------------------------------------------------------------------------------------------------
    "selection/grid.csv": Table(
        "one model fitted to the corpus less the tokens hidden for document completion",
        ("num_topics", "seed"),
        {
            "num_topics": count("topics"),
            "seed": count("start of the fit's random draws"),
            "reference": flag("the fit of this number of topics most like the others (medoid)"),
            "heldout": number("log-likelihood of hidden tokens, mean per token, nats"),
            "heldout_documents": number("the same, mean over documents of each one's mean per token, nats"),
            "npmi": number("coherence: mean normalised pointwise mutual information of ten top words, window of 10"),
            "diversity": share("different words among all topics' ten top words"),
            "exclusivity": number("stm's exclusivity of ten top words, 0 to 10, mean over topics"),
            "dispersion": number("residual dispersion, 1 if the model is enough; empty where undefined", nullable=True),
            "iterations": count("passes over the corpus in training"),
            "sign_kept": share(
                "contrasts of partners with the reference's sign; empty for the reference", nullable=True
            ),
            "clear_kept": share("the same, of those whose interval in the reference is clear of zero", nullable=True),
            "within_interval": share("contrasts within the reference's 95% interval; empty for it", nullable=True),
        },
    ),
    "selection/stability.csv": Table(
        "one pair of fits with the same number of topics, their topics aligned",
        ("num_topics", "seed_a", "seed_b"),
        {
            "num_topics": count("topics"),
            "seed_a": count("one fit"),
            "seed_b": count("the other fit"),
            "overlap": share("ten top words in common, mean over topics"),
            "documents": share("ten top documents in common, mean over topics"),
            "mass": share("probability over words in common, mean over topics"),
        },
    ),
    "selection/contrasts.csv": Table(
        "one topic's contrast of one partner in one fit; topics numbered as in the reference",
        ("num_topics", "seed", "topic", "partner"),
        {
            "num_topics": count("topics"),
            "seed": count("the fit"),
            "topic": count("the reference's topic that this fit's topic is aligned with"),
            "partner": text("partner code"),
            "words": text("the topic's first three FREX words in the reference"),
            "contrast": number("mean share in the partner's segments less that in all others"),
            "low": number("lower end of the reference's 95% interval, bootstrap over documents"),
            "high": number("upper end"),
        },
    ),
    "selection/smoothing.csv": Table(
        "one model with the chosen number of topics",
        ("eta", "seed"),
        {
            "eta": number("prior weight of each term in each topic"),
            "seed": count("start of the fit's random draws"),
            "heldout": number("log-likelihood of hidden tokens, mean per token, nats"),
            "npmi": number("coherence"),
            "exclusivity": number("exclusivity, 0 to 10"),
            "overlap": share("ten top words in common with the other fits of this eta, mean"),
        },
    ),
    "selection/frontier.csv": Table(
        "one number of topics, its measures averaged over the fits",
        ("num_topics",),
        {
            "num_topics": count("topics"),
            "heldout": number("log-likelihood of hidden tokens, mean per token, nats"),
            "npmi": number("coherence"),
            "exclusivity": number("exclusivity, 0 to 10"),
            "diversity": share("different words among all topics' ten top words"),
            "dispersion": number("residual dispersion", nullable=True),
            "sign_kept": share("contrasts of partners that keep the reference's sign"),
            "clear_kept": share("the same, of contrasts clear of zero in the reference", nullable=True),
            "within_interval": share("contrasts within the reference's 95% interval"),
            "overlap": share("ten top words in common between two fits"),
            "documents": share("ten top documents in common between two fits"),
            "frontier": flag("no other number is clearly (two standard errors) more coherent and more exclusive"),
        },
    ),
    # topics ----------------------------------------------------------------------------------------------------------
    "topics/topics.csv": Table(
        "one topic of the published model, numbered by prevalence",
        ("topic",),
        {
            "topic": count("number, from 0"),
            "label": text("from data/reference/topic_labels.csv where one fits, else the first three FREX words"),
            "prevalence": share("share of all tokens"),
            "npmi": number("coherence of the ten top words, -1 to 1; window of 10, this corpus"),
            "exclusivity": number("stm's exclusivity of the ten top words, 0 to 10"),
            "stability": share("ten top words that come back with another seed, mean over seeds", nullable=True),
            "unstable": flag("stability is below 0.5: too few words come back to lean on the topic"),
            "alpha": number("prior weight; with tokens and shares it gives the posterior (engagement.topics.draws)"),
            "words": text("ten most probable words"),
            "frex_words": text("ten words most frequent and exclusive"),
            "lift_words": text("ten words with the largest lift"),
            "relevance_words": text("ten words of largest relevance, lambda 0.6"),
        },
    ),
    "topics/document_topics.parquet": Table(
        "one document",
        ("document_id",),
        {"document_id": text("the document"), "tokens": count("tokens of the topic vocabulary behind the shares")},
        pattern=r"^topic_\d+$",
    ),
    "topics/segment_topics.parquet": Table(
        "one segment: a document's sentences attributed to one partner",
        ("document_id", "partner"),
        {
            "document_id": text("the document"),
            "partner": text("partner code"),
            "tokens": count("tokens of the topic vocabulary behind the shares; 0 leaves the prior's shares"),
        },
        pattern=r"^topic_\d+$",
    ),
    "topics/sentence_topics.parquet": Table(
        "one sentence",
        ("sentence_id",),
        {
            "sentence_id": text("the sentence"),
            "tokens": count("tokens of the topic vocabulary behind the shares; 0 leaves the prior's shares"),
        },
        pattern=r"^topic_\d+$",
    ),
    "topics/overlap.csv": Table(
        "one topic compared with its counterpart from another seed",
        ("topic", "seed"),
        {
            "topic": count("topic of the published model"),
            "seed": count("the other seed"),
            "overlap": share("ten top words in common"),
        },
    ),
    "topics/correlation.csv": Table(
        "one pair of topics",
        ("topic_a", "topic_b"),
        {
            "topic_a": count("one topic"),
            "topic_b": count("the other topic"),
            "correlation": number("of their centred log shares over documents"),
        },
    ),
    "topics/fields.csv": Table(
        "one coded field and one topic",
        ("field", "topic"),
        {
            "field": text("policy field coded by attribution"),
            "topic": count("topic"),
            "share": share("of the tokens of the field's sentences"),
            "expected": share("of the tokens of all coded sentences"),
            "tokens": count("tokens of the field's sentences"),
        },
    ),
    "topics/typical.csv": Table(
        "one sentence chosen by rule for a topic and a partner",
        ("topic", "partner", "rule"),
        {
            "topic": count("topic"),
            "partner": text("partner code"),
            "rule": text("top, median (of the upper half) or random (of the upper half)"),
            "sentence_id": text("the sentence"),
            "share": share("of the sentence in the topic"),
        },
    ),
    "topics/masking.csv": Table(
        "one way of building the vocabulary, everything else equal",
        ("names",),
        {
            "names": text("masked or kept"),
            "terms": count("terms in the vocabulary"),
            "tokens": count("tokens modelled"),
            "npmi": number("coherence, mean over topics"),
            "diversity": share("different words among all topics' ten top words"),
            "stability": share("ten top words that come back with another seed"),
            "partner_bits": number("mutual information of topic and partner over the tokens of segments, bits"),
            "chance_bits": number("the same with partners exchanged at random between segments, mean of 200 draws"),
        },
    ),
    # comparison ------------------------------------------------------------------------------------------------------
    "comparison/years.csv": Table(
        "one partner in one year",
        ("partner", "year"),
        {
            "partner": text("code of the partner"),
            "year": count("calendar year"),
            "documents": count("documents with a sentence on the partner"),
            "sentences": count("sentences on the partner"),
            "documents_of_year": count("all documents of the year"),
            "share": share("documents / documents_of_year; empty in a year without documents", nullable=True),
            "low": share("lower end of the share's interval; empty where too few documents", nullable=True),
            "high": share("upper end", nullable=True),
            "evidence": text("where the sentences stand in the reports"),
        },
    ),
    "comparison/instruments.csv": _shares("instrument", text("instrument code"), "sentences"),
    "comparison/instrument_differences.csv": _differences("instrument", text("instrument code")),
    "comparison/fields.csv": _shares("field", text("policy field"), "sentences"),
    "comparison/field_differences.csv": _differences("field", text("policy field")),
    "comparison/topics.csv": _shares("topic", count("topic number, see topics/topics.csv"), "words"),
    "comparison/topic_differences.csv": _differences("topic", count("topic number, see topics/topics.csv")),
    "comparison/topics_over_time.csv": Table(
        "one topic with one partner in one period",
        ("partner", "start", "topic"),
        {
            "partner": text("code of the partner"),
            "start": count("first year of the period"),
            "end": count("last year of the period"),
            "topic": count("topic number"),
            "label": text("label of the topic"),
            "documents": count("documents on the partner in the period"),
            "tokens": number("words counted for topics in them"),
            "share": share("share of these words; empty where too few documents", nullable=True),
            "low": share("lower end of the interval", nullable=True),
            "high": share("upper end", nullable=True),
        },
    ),
    "comparison/changes.csv": Table(
        "one instrument or topic of one partner, with its likeliest year of change",
        ("kind", "partner", "category"),
        {
            "kind": text("instrument or topic", checks=pa.Check.isin(["instrument", "topic"])),
            "partner": text("code of the partner"),
            "category": text("instrument code or topic number"),
            "label": text("its name"),
            "year": count("year from which the share differs most from before"),
            "year_low": count("lower end of the interval of that year"),
            "year_high": count("upper end"),
            "before": share("share before"),
            "after": share("share from that year on"),
            "difference": number("after minus before, in shares; the largest over years, so overstated"),
            "low": number("lower end of its interval at that year", nullable=True),
            "high": number("upper end", nullable=True),
            "documents_before": count("documents on the partner before"),
            "documents_after": count("documents on the partner from that year on"),
            "p": share("permutation p-value, the search over years paid for"),
            "p_holm": share("corrected over all rows (Holm)"),
            "p_bh": share("corrected over all rows (Benjamini and Hochberg)"),
            "sure": flag("p_holm is below 1 - level"),
        },
    ),
    "comparison/stance.csv": _shares(
        "stance", integer("-1 conflictual, 0 neutral or mixed, 1 cooperative"), "sentences"
    ),
    "comparison/stance_differences.csv": _differences("stance", integer("-1, 0 or 1")),
    "comparison/scores.csv": Table(
        "one partner",
        ("partner",),
        {
            "partner": text("code of the partner"),
            "sentences": count("sentences with an event score"),
            "documents": count("documents they stand in"),
            "mean": number("mean event score, -10 conflict to 10 cooperation", nullable=True),
            "low": number("lower end of the interval", nullable=True),
            "high": number("upper end", nullable=True),
        },
    ),
    "comparison/robustness.csv": Table(
        "the lead of one partner in the instrument that marks it, computed in one way",
        ("partner", "order"),
        {
            "partner": text("code of the partner"),
            "category": text("instrument code"),
            "label": text("its name"),
            "order": count("number of the variant"),
            "variant": text("what is done otherwise"),
            "share": share("share of the partner's sentences", nullable=True),
            "difference": number("share minus the mean of the other partners'", nullable=True),
            "low": number("lower end of its interval", nullable=True),
            "high": number("upper end", nullable=True),
        },
    ),
    "comparison/keyness.csv": Table(
        "one term with one partner",
        ("partner", "term"),
        {
            "partner": text("code of the partner"),
            "term": text("lemma or phrase"),
            "log_odds": number("log-odds against the other partners, natural logarithm"),
            "low": number("lower end of the interval", nullable=True),
            "high": number("upper end", nullable=True),
            "z": number("log-odds over its standard deviation"),
            "p_bh": share("p-value of z, corrected over the partner's terms (Benjamini and Hochberg)"),
            "tokens": count("times used in sentences on the partner alone"),
            "rate": number("per 1,000 terms of these sentences"),
            "rate_others": number("per 1,000 terms of sentences on one other partner"),
            "documents": count("documents that use it for the partner"),
            "outlets": count("outlets that use it for the partner"),
            "key": flag("a key term: its interval is above 0 and it stands in enough documents of the partner"),
            "sure": flag("a key term whose p_bh is below 1 - level"),
        },
    ),
    "comparison/timeline.csv": Table(
        "one occasion of elite diplomacy",
        ("partner", "date", "document_id"),
        {
            "partner": text("code of the partner"),
            "date": day("date of the document"),
            "date_precision": text("how much of the date is known", checks=pa.Check.isin(PRECISIONS)),
            "document_id": text("document that tells most about it"),
            "sentence_id": text("its first sentence of elite diplomacy"),
            "level": text("L1 head of state or government, L2 minister"),
            "persons": text("the partner's leaders and ministers named, joined by ;"),
            "sentences": count("sentences on the partner in the document"),
            "documents": count("documents that tell the occasion"),
            "title": text("headline"),
            "outlet": text("outlet"),
            "url": text("address of the source"),
        },
    ),
    "comparison/amounts.csv": Table(
        "one sum named in a document with one partner as giver",
        ("partner", "phase", "document_id", "value_usd"),
        {
            "partner": text("giver"),
            "phase": text("pledged (or signed, started) or delivered (or completed)"),
            "year": count("year of the document"),
            "value_usd": number("US dollars"),
            "sentence_id": text("the sentence"),
            "document_id": text("its document"),
        },
    ),
    "comparison/amount_totals.csv": Table(
        "one partner and phase",
        ("partner", "phase"),
        {
            "partner": text("giver"),
            "phase": text("pledged or delivered"),
            "amounts": count("sums"),
            "documents": count("documents they stand in"),
            "median_usd": number("median sum, US dollars", nullable=True),
            "low": number("lower end of the median's interval", nullable=True),
            "high": number("upper end", nullable=True),
            "total_usd": number("total, each sum counted once a year"),
            "largest_share": share("share of the total that the largest sum makes up", nullable=True),
        },
    ),
    # partner ---------------------------------------------------------------------------------------------------------
    "partner/profile.csv": Table(
        "one instrument, field or topic of the partner beside the mean of the other partners",
        ("kind", "category"),
        {
            "kind": text("instrument, field or topic", checks=pa.Check.isin(["instrument", "field", "topic"])),
            "category": text("code or number"),
            "label": text("its name"),
            "amount": number("sentences or words"),
            "documents": count("documents they stand in"),
            "share": share("of the partner's sentences or words", nullable=True),
            "low": share("lower end of the interval", nullable=True),
            "high": share("upper end", nullable=True),
            "others": share("mean share of the other partners; empty where none can be compared", nullable=True),
            "difference": number("share minus others", nullable=True),
            "difference_low": number("lower end of its interval", nullable=True),
            "difference_high": number("upper end", nullable=True),
            "sure": flag("the difference survives Holm's correction"),
            "evidence": text("where the sentences stand in the reports"),
        },
    ),
    "partner/people.csv": Table(
        "one person of the partner's country",
        ("name",),
        {
            "name": text("name, as in data/reference/actors.csv"),
            "level": text("highest level held when named: L1 to L4"),
            "roles": text("offices held when named, in order of time, joined by ;"),
            "documents": count("documents on the partner that name the person"),
            "sentences": count("sentences on the partner that name the person"),
            "first": count("first year"),
            "last": count("last year"),
        },
    ),
    "partner/quotes.csv": Table(
        "one sentence shown as an example",
        ("instrument", "rule"),
        {
            "instrument": text("instrument it stands for"),
            "rule": text("top, median or random"),
            "sentence_id": text("the sentence"),
            "document_id": text("its document"),
            "date": day("date of the document"),
        },
    ),
    # validation ------------------------------------------------------------------------------------------------------
    "validation/agreement.csv": Table(
        "one score of the coding against people, or of people against each other",
        ("target", "unit", "split", "method", "reference", "code", "measure"),
        {
            "target": text("what is coded: partner, instrument, stance, amount, giver, person, visit"),
            "unit": text(
                "document, sentence, attributed sentence (the rules found a right partner), amount, person, visit"
            ),
            "split": text("documents: all, development (rules were tuned on them), test (they were not)"),
            "method": text("automatic, names only (the baseline: country names and demonyms), coders (people)"),
            "reference": text(
                "writers, consensus (of both coders; of a sample, or of the other test documents), coder a, coder b, each other, read by hand, outside list"
            ),
            "code": text("the code scored alone; all: every code together (micro)"),
            "measure": text(
                "precision, recall, f1, count_ratio (found / true), accuracy (exactly right), alpha_<metric> (Krippendorff)"
            ),
            "n": count("units that carry the code in the reference; for accuracy and alpha units compared"),
            "documents": count("documents resampled for the interval"),
            "value": number("the score; empty where undefined", nullable=True),
            "low": number("lower end of the 95 % interval from a bootstrap over documents", nullable=True),
            "high": number("upper end", nullable=True),
        },
    ),
    "validation/misclassification.csv": Table(
        "sentences with one true and one automatic set of partners",
        ("split", "method", "reference", "true", "coded"),
        {
            "split": text("all, development, test"),
            "method": text("automatic, names only"),
            "reference": text("consensus (of both coders, in the sample); consensus, other test documents"),
            "true": text("partners by the reference, joined by ;, or none"),
            "coded": text("partners by the method"),
            "sentences": count("how many coded sentences"),
            "documents": count("in how many documents"),
        },
    ),
    "validation/confusion.csv": Table(
        "sentences with one true and one automatic instrument",
        ("split", "true", "coded"),
        {
            "split": text("all, development, test"),
            "true": text("instrument by consensus of the coders"),
            "coded": text("automatic instrument; NONE too where no partner was found"),
            "sentences": count("how many coded sentences"),
        },
    ),
    "validation/errors.csv": Table(
        "one coded sentence of the development half whose partners the rules got wrong",
        ("document_id", "ordinal"),
        {
            "document_id": text("the document"),
            "ordinal": count("place of the coded sentence in the document, from 0"),
            "coders": text("partners by consensus, or none"),
            "automatic": text("partners by the rules, or none"),
            "rule": text("the rules that fired, by partner"),
            "text": text("the sentence"),
        },
    ),
    "validation/visits.csv": Table(
        "one known elite visit",
        ("start", "partner", "person"),
        {
            "partner": text("the partner visited or visiting"),
            "person": text("who travelled"),
            "direction": text("to Cambodia, from Cambodia"),
            "start": day("first day"),
            "end": day("last day"),
            "level": text("head, minister, official"),
            "outcome": text("found, missed, absent (no document tells of it), outside (the corpus's span)"),
            "documents": count("documents that tell of it"),
            "evidence": text("first sentence on the partner coded as elite diplomacy; empty where there is none"),
        },
    ),
    "validation/recovery.csv": Table(
        "one planted topic in one simulated corpus",
        ("num_topics", "length_factor", "simulation", "topic"),
        {
            "num_topics": count("topics planted, and fitted"),
            "length_factor": number("length of the documents, times that of the real ones"),
            "tokens": number("mean tokens of a document"),
            "simulation": count("number of the simulated corpus, from 0"),
            "topic": count("the planted topic"),
            "cosine": share("cosine of planted and found topic, matched one to one (Hungarian method)"),
            "share": share("share of all tokens, planted"),
            "share_found": share("share of all tokens, found"),
            "correlation": number("of documents' planted and found shares", nullable=True),
        },
    ),
    "validation/coverage.csv": Table(
        "one kind of interval in simulated corpora with known truth",
        ("quantity", "kind", "method", "documents"),
        {
            "quantity": text("instrument share, topic share"),
            "kind": text("level (a partner's share), difference (between two partners)"),
            "method": text(
                "what is resampled: by outlet, by document, by sentence; topics seen: if topic shares need not be inferred"
            ),
            "documents": count("documents in each simulated corpus"),
            "simulations": count("simulated corpora"),
            "cells": count("intervals in each"),
            "nominal": share("coverage promised"),
            "coverage": share("share of intervals that hold the truth"),
            "error": number("its Monte Carlo standard error, over corpora", nullable=True),
            "width": number("mean width of the intervals, in shares"),
            "slope": number(
                "regression of estimates on truths through their means; below 1 differences are understated"
            ),
            "slope_error": number("Monte Carlo standard error of the slope, over corpora", nullable=True),
        },
    ),
}


def contract(name: str) -> Table:
    """Return the contract of a table; the partner's code in `partner/US/years.csv` is left out of the look-up.

    Raises
    ------
    KeyError
        If no table of that name is declared in this module.
    """
    parts = name.split("/")
    return TABLES[f"{parts[0]}/{parts[-1]}"]


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with every float at six significant digits.

    The last bits of a float may differ between processors; what is published must not. The value is rounded through its
    decimal text, which is exactly specified everywhere, rather than by scaling, which is not.
    """
    frame = frame.copy()
    for name in frame.columns:
        if pd.api.types.is_float_dtype(frame[name]):
            # Adding 0.0 turns a negative zero, which prints as "-0", into zero.
            frame[name] = [float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0 for value in frame[name]]
    return frame


def validated(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame with its declared columns in their order, sorted by key, checked against its schema.

    Raises
    ------
    ConfigurationError
        If a column is missing, unknown or ill-typed, or the key is not unique; the message names the first failure.
    """
    table = contract(name)
    try:
        frame = table.schema().validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        first = error.failure_cases.iloc[0]
        raise ConfigurationError(
            f"{name}: column {first['column'] or first['failure_case']!r} fails {first['check']!s} "
            f"(value {str(first['failure_case'])[:60]!r}, row {first['index']}); "
            f"{len(error.failure_cases)} failure(s) in all. Rerun the stage that writes it: engagement run {name.split('/')[0]}"
        ) from None
    further = [c for c in frame.columns if c not in table.columns]
    return frame[[*table.columns, *further]].sort_values(list(table.key), kind="stable", ignore_index=True)


def to_bytes(frame: pd.DataFrame, suffix: str) -> bytes:
    """Return the frame as CSV or Parquet; the same frame always gives the same bytes."""
    if suffix == ".csv":
        return frame.to_csv(index=False, lineterminator="\n", float_format=f"%.{SIGNIFICANT_DIGITS}g").encode()
    sink = io.BytesIO()
    parquet.write_table(arrow.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
    return sink.getvalue()


def write(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Validate, sort and round a frame, write it as the table `name`, and return it as a later stage will read it."""
    frame = rounded(validated(frame, name))
    path = project.output(name)
    path.write_bytes(to_bytes(frame, path.suffix))
    return frame


def read(name: str) -> pd.DataFrame:
    """Read the finished table `name` and check it against its schema.

    Raises
    ------
    ConfigurationError
        If the table is missing, unreadable or breaks its contract.
    """
    path = project.results(name)
    if not path.is_file():
        raise ConfigurationError(f"data/processed/{name}: not there yet; run `engagement run {name.split('/')[0]}`")
    table = contract(name)
    if path.suffix == ".parquet":
        return validated(parquet.read_table(path).to_pandas(), name)
    # Text columns stay text: "NA" may be a code and an empty cell is the empty text, not a missing value.
    texts = [c for c, column in table.columns.items() if str(column.dtype).startswith("str")]
    empty = {c: [""] for c in table.columns if c not in texts}
    frame = pd.read_csv(path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=empty)
    return validated(frame, name)


def dictionary() -> str:
    """Return `data/README.md`: every table with its columns, types and meaning, in Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `src/engagement/tables.py` by `engagement tables`; edit there. Paths are below `data/processed/`.",
        "In `partner/` each table stands in a folder per partner. Numbers carry six significant digits; rows are sorted by key.",
    ]
    for name, table in TABLES.items():
        lines += ["", f"## `{name}`", "", f"A row is {table.row}. Key: {', '.join(f'`{k}`' for k in table.key)}.", ""]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        lines += [f"| `{c}` | {column.dtype} | {column.description} |" for c, column in table.columns.items()]
        if table.pattern:
            lines += [f"| `{table.pattern}` | float64 | share of each topic; a row sums to 1 |"]
    return "\n".join(lines) + "\n"
