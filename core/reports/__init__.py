"""A run's review written out: model card, its text in templates, and commands to train again."""

from core.reports import model_card
from core.reports.evaluation import each, report_of

__all__ = [
    "each",
    "model_card",
    "report_of",
]
