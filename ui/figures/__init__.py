"""Charts by Plotly: a module for each, which returns a figure and draws nothing itself."""

from ui.figures import (
    calibration,
    compare,
    confusion,
    curves,
    detection,
    detection_heights,
    detection_scores,
    detection_training,
    explain,
    film_timeline,
    label_slices,
    learning_curve,
    report,
    thresholds,
)
from ui.figures.compare import points, told
from ui.figures.curves import ACCURACY, LEARNING_RATE, LOSS, MAX_CURVES, Quantity, by_epoch
from ui.figures.detection import ALL_SOURCES, MAX_MEASURED, Measured, together
from ui.figures.detection_heights import AP50, RECALL, OfHeight, height_words
from ui.figures.detection_scores import SCORES
from ui.figures.sources import MAX_ROWS, MAX_SOURCES, by_source, matrix

__all__ = [
    "ACCURACY",
    "ALL_SOURCES",
    "AP50",
    "LEARNING_RATE",
    "LOSS",
    "MAX_CURVES",
    "MAX_MEASURED",
    "MAX_ROWS",
    "MAX_SOURCES",
    "RECALL",
    "SCORES",
    "Measured",
    "OfHeight",
    "Quantity",
    "by_epoch",
    "by_source",
    "calibration",
    "compare",
    "confusion",
    "curves",
    "detection",
    "detection_heights",
    "detection_scores",
    "detection_training",
    "explain",
    "film_timeline",
    "height_words",
    "label_slices",
    "learning_curve",
    "matrix",
    "points",
    "report",
    "thresholds",
    "together",
    "told",
]
