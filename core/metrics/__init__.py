"""Numbers: rates with their intervals, calibration, average precision, paired comparison."""

from core.metrics.calibration import calibration_bins, expected_calibration_error
from core.metrics.classification import (
    area_under_precision_recall,
    area_under_roc,
    average_precision,
    confusion,
    f1_scores,
    named_at_thresholds,
    precisions,
    recalls,
)
from core.metrics.detection import SIZE_EDGES, Matches, match
from core.metrics.formatting import format_interval, percent
from core.metrics.intervals import mean_recall_interval, rate, resampled, wilson
from core.metrics.paired import PairedCounts

__all__ = [
    "SIZE_EDGES",
    "Matches",
    "PairedCounts",
    "area_under_precision_recall",
    "area_under_roc",
    "average_precision",
    "calibration_bins",
    "confusion",
    "expected_calibration_error",
    "f1_scores",
    "format_interval",
    "match",
    "mean_recall_interval",
    "named_at_thresholds",
    "percent",
    "precisions",
    "rate",
    "recalls",
    "resampled",
    "wilson",
]
