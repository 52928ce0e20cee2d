"""Validation: how far can the coding and the intervals be trusted?"""

from engagement.validation.assessment import (
    Material,
    assess,
    coded_sentences,
    confusion,
    developed,
    errors,
    misclassification,
    rules,
)
from engagement.validation.telling import (
    alphas,
    answer,
    count_bias,
    headline,
    matrix,
    partner_table,
    summary,
    tell_coverage,
    tell_visits,
)

__all__ = [
    "Material",
    "alphas",
    "answer",
    "assess",
    "coded_sentences",
    "confusion",
    "count_bias",
    "developed",
    "errors",
    "headline",
    "matrix",
    "misclassification",
    "partner_table",
    "rules",
    "summary",
    "tell_coverage",
    "tell_visits",
]
