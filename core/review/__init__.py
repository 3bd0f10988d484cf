"""What a reviewer asks of a run's records: errors, subgroups, thresholds, curves, comparison."""

from core.review import class_report, confusion, curve_diagnosis, slices, thresholds
from core.review.calibration import (
    ReliabilityBin,
    before_temperature,
    filled,
    furthest_off,
    means,
    reliability_from_probabilities,
)
from core.review.class_report import ClassReport, LabelFigures, Rate
from core.review.coarser_labels import coarser_label_sets, confusion_as
from core.review.comparison import (
    CommonLabels,
    MatchedFaces,
    common_labels,
    macro_recalls,
    match,
    why_not_comparable,
)
from core.review.confusion import Cell, faces_of, most_frequent_error, table
from core.review.cross_source import Pair, label_names, mean_of, pairs
from core.review.curve_diagnosis import diagnose_accuracy, diagnose_learning_rate, diagnose_loss
from core.review.curves import EpochSeries, accuracy_interval, curves_of, smoothed, validation_faces
from core.review.detection import (
    MatchedDetections,
    at_score,
    by_height,
    detection_scores,
    misses,
    precision_recall,
)
from core.review.detection_intervals import average_precision_interval
from core.review.slices import LEAST, SliceAccuracy, worst, worst_first
from core.review.thresholds import THRESHOLDS, AlarmCounts, ThresholdSweep, stored_counts, stored_sweep

__all__ = [
    "LEAST",
    "THRESHOLDS",
    "AlarmCounts",
    "Cell",
    "ClassReport",
    "CommonLabels",
    "EpochSeries",
    "LabelFigures",
    "MatchedDetections",
    "MatchedFaces",
    "Pair",
    "Rate",
    "ReliabilityBin",
    "SliceAccuracy",
    "ThresholdSweep",
    "accuracy_interval",
    "at_score",
    "average_precision_interval",
    "before_temperature",
    "by_height",
    "class_report",
    "coarser_label_sets",
    "common_labels",
    "confusion",
    "confusion_as",
    "curve_diagnosis",
    "curves_of",
    "detection_scores",
    "diagnose_accuracy",
    "diagnose_learning_rate",
    "diagnose_loss",
    "faces_of",
    "filled",
    "furthest_off",
    "label_names",
    "macro_recalls",
    "match",
    "mean_of",
    "means",
    "misses",
    "most_frequent_error",
    "pairs",
    "precision_recall",
    "reliability_from_probabilities",
    "slices",
    "smoothed",
    "stored_counts",
    "stored_sweep",
    "table",
    "thresholds",
    "validation_faces",
    "why_not_comparable",
    "worst",
    "worst_first",
]
