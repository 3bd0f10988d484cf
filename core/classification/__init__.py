"""What a face wears: the classifier, and whether a face is good enough to be judged."""

from core.classification.classifier import (
    Classifier,
    FaceProbabilities,
    face_probabilities,
    load_classifier,
    sureness,
)
from core.classification.pose import roll, turn_back, yaw
from core.classification.quality import Quality, judge, measure, measure_pixels, quality_failure
from core.classification.turned import in_the_picture, quarter_turns, turned_picture

__all__ = [
    "Classifier",
    "FaceProbabilities",
    "Quality",
    "face_probabilities",
    "in_the_picture",
    "judge",
    "load_classifier",
    "measure",
    "measure_pixels",
    "quality_failure",
    "quarter_turns",
    "roll",
    "sureness",
    "turn_back",
    "turned_picture",
    "yaw",
]
