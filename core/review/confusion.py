"""Which faces a model takes for what: the confusion matrix, and the faces behind a cell of it."""

from __future__ import annotations

import numpy as np

from core.runs import Evaluation, Predictions

Cell = tuple[int, int]
"""Units of the true label and of the one it was named."""


def table(evaluation: Evaluation, source: str | None = None) -> np.ndarray:
    """(C, C) counts of one source, or of all: row is the true label, column the named one."""
    size = len(evaluation.labels.names)
    tables = evaluation.confusion.values() if source is None else [evaluation.confusion[source]]
    counts = np.zeros((size, size), np.int64)
    for one in tables:
        counts += np.array(one, np.int64)
    return counts


def most_frequent_error(counts: np.ndarray) -> Cell | None:
    """The cell (C, C) off the diagonal that holds most; None when every face is right."""
    errors = counts * ~np.eye(len(counts), dtype=bool)
    if not errors.any():
        return None
    true, named = np.unravel_index(int(errors.argmax()), errors.shape)
    return int(true), int(named)


def faces_of(predictions: Predictions, cell: Cell, source: str | None = None) -> np.ndarray:
    """Rows of the faces in a cell: errors the surest first, right answers the least sure first."""
    true, named = cell
    inside = (predictions.true == true) & (predictions.predicted == named)
    if source is not None:
        inside &= predictions.source == source
    rows = np.flatnonzero(inside)
    sure = predictions.confidence[rows]
    return np.asarray(rows[np.argsort(sure if true == named else -sure, kind="stable")])
