"""What a model is worth: measures, reports, quality gate."""

from training.evaluation import measures
from training.evaluation.classifier import evaluate_classifier, open_classifier, record_classifier
from training.evaluation.face_folder import claim, write_faces
from training.evaluation.leakage import leakage_fields, prints_of
from training.evaluation.report import as_text, leakage_lines
from training.evaluation.text_table import table

__all__ = [
    "as_text",
    "claim",
    "evaluate_classifier",
    "leakage_fields",
    "leakage_lines",
    "measures",
    "open_classifier",
    "prints_of",
    "record_classifier",
    "table",
    "write_faces",
]
