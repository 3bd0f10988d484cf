"""What a reviewer asks of a run's records: errors, subgroups, thresholds, curves, comparison."""

from core.review import class_report, confusion, curve_diagnosis, slices, thresholds
from core.review.calibration import (
    ReliabilityBin,
    before_temperature,
    filled,
    furthest_off,
    means,
    of_probabilities,
)
from core.review.class_report import ClassReport, LabelFigures, Rate
from core.review.coarser_labels import confusion_as, readings
from core.review.comparison import (
    CommonLabels,
    MatchedFaces,
    common_labels,
    macro_recalls,
    match,
    why_not_comparable,
)
from core.review.confusion import Cell, commonest_mistake, faces_of, table
from core.review.cross_source import Pair, label_names, mean_of, pairs
from core.review.curve_diagnosis import read_accuracy, read_learning_rate, read_loss
from core.review.curves import EpochSeries, accuracy_interval, curves_of, smoothed, validation_faces
from core.review.detection import (
    MatchedDetections,
    at_score,
    average_precision,
    by_height,
    detection_scores,
    misses,
    precision_recall,
)
from core.review.detection_intervals import average_precision_interval
from core.review.slices import LEAST, SliceAccuracy, worst, worst_first
from core.review.thresholds import THRESHOLDS, AlarmCounts, ThresholdSweep, stored_counts, stored_curve

__all__ = [
    "AlarmCounts",
    "Cell",
    "ClassReport",
    "CommonLabels",
    "EpochSeries",
    "LEAST",
    "LabelFigures",
    "MatchedDetections",
    "MatchedFaces",
    "Pair",
    "Rate",
    "ReliabilityBin",
    "SliceAccuracy",
    "THRESHOLDS",
    "ThresholdSweep",
    "accuracy_interval",
    "at_score",
    "average_precision",
    "average_precision_interval",
    "before_temperature",
    "by_height",
    "class_report",
    "common_labels",
    "commonest_mistake",
    "confusion",
    "confusion_as",
    "curve_diagnosis",
    "curves_of",
    "detection_scores",
    "faces_of",
    "filled",
    "furthest_off",
    "label_names",
    "macro_recalls",
    "match",
    "mean_of",
    "means",
    "misses",
    "of_probabilities",
    "pairs",
    "precision_recall",
    "read_accuracy",
    "read_learning_rate",
    "read_loss",
    "readings",
    "slices",
    "smoothed",
    "stored_counts",
    "stored_curve",
    "table",
    "thresholds",
    "validation_faces",
    "why_not_comparable",
    "worst",
    "worst_first",
]
