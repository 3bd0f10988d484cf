"""What a model is worth: measures, leakage, quality gate."""

from training.evaluation import measures, out_of_fold
from training.evaluation.classifier import evaluate_classifier, open_classifier, record_classifier
from training.evaluation.face_folder import claim, write_faces, write_suspects
from training.evaluation.leakage import leakage_fields, prints_of

__all__ = [
    "claim",
    "evaluate_classifier",
    "leakage_fields",
    "measures",
    "open_classifier",
    "out_of_fold",
    "prints_of",
    "record_classifier",
    "write_faces",
    "write_suspects",
]
