"""A run's review written out by templates: model card, text for a terminal, commands to train again."""

from core.reports import model_card
from core.reports.evaluation import each, report_of
from core.reports.film_report import film_report
from core.reports.plain_text import columns, detection_text, evaluation_text

__all__ = [
    "columns",
    "detection_text",
    "each",
    "evaluation_text",
    "film_report",
    "model_card",
    "report_of",
]
