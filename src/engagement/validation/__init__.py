"""Validation: how far can the coding and the intervals be trusted?"""

from engagement.validation.agreement import OTHER
from engagement.validation.assessment import (
    Material,
    assess,
    checked_amounts,
    coded_sentences,
    confusion,
    developed,
    errors,
    misclassification,
    rules,
)
from engagement.validation.gold import FURTHER
from engagement.validation.telling import (
    alphas,
    answer,
    count_bias,
    halves,
    headline,
    matrix,
    models,
    partner_table,
    summary,
    tell_amounts,
    tell_coverage,
    tell_visits,
    wrong_givers,
)

__all__ = [
    "FURTHER",
    "OTHER",
    "Material",
    "alphas",
    "answer",
    "assess",
    "checked_amounts",
    "coded_sentences",
    "confusion",
    "count_bias",
    "developed",
    "errors",
    "halves",
    "headline",
    "matrix",
    "misclassification",
    "models",
    "partner_table",
    "rules",
    "summary",
    "tell_amounts",
    "tell_coverage",
    "tell_visits",
    "wrong_givers",
]
