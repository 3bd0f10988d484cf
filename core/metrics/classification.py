"""How far to trust a classifier: counts, rates with intervals, calibration. Undefined is NaN, never 0."""

from __future__ import annotations

import math

import numpy as np


def confusion(true: np.ndarray, predicted: np.ndarray, labels: int) -> np.ndarray:
    """(labels, labels) counts: row is the true label, column the predicted one. Inputs are (N,) indices."""
    counts = np.zeros((labels, labels), np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts


def recalls(counts: np.ndarray) -> np.ndarray:
    """(..., C) recall of each true label of confusion matrices (..., C, C); NaN where it has no examples."""
    hits, n = counts.diagonal(axis1=-2, axis2=-1), counts.sum(axis=-1)
    return np.asarray(np.divide(hits, n, out=np.full(n.shape, np.nan), where=n > 0))


def precisions(counts: np.ndarray) -> np.ndarray:
    """(..., C) precision of each label of confusion matrices; NaN where it was never predicted."""
    return recalls(counts.swapaxes(-2, -1))


def f1_scores(counts: np.ndarray) -> np.ndarray:
    """(..., C) harmonic mean of precision and recall; NaN where a label neither occurs nor is predicted."""
    hits, either = counts.diagonal(axis1=-2, axis2=-1), counts.sum(axis=-1) + counts.sum(axis=-2)
    return np.asarray(np.divide(2 * hits, either, out=np.full(either.shape, np.nan), where=either > 0))


def named_at_thresholds(score: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each distinct score (N,) as a threshold, falling, and the true and false positives at or above it."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=-np.inf))  # equal scores are named together
    true = positive[order].cumsum()[last]
    return score[order][last], true, last + 1 - true


def area_under_roc(score: np.ndarray, positive: np.ndarray) -> float:
    """Chance that a positive scores above a negative, ties by half; NaN without both."""
    if positive.all() or not positive.any():
        return math.nan
    _, true, false = named_at_thresholds(score, positive)
    area = np.trapezoid(np.concatenate(([0], true)), np.concatenate(([0], false)))
    return float(area / (true[-1] * false[-1]))


def average_precision(score: np.ndarray, positive: np.ndarray) -> float:
    """Mean of the precision at each positive found, not interpolated; NaN without positives or negatives."""
    if positive.all() or not positive.any():
        return math.nan
    _, true, false = named_at_thresholds(score, positive)
    return area_under_precision_recall(true, true + false, int(true[-1]), interpolated=False)


def area_under_precision_recall(
    true: np.ndarray, named: np.ndarray, positives: int, *, interpolated: bool
) -> float:
    """Of (T,) true positives among those `named`, both of falling thresholds; NaN without positives.

    Interpolated, the precision at a recall is the best at that recall or a higher one (all points, VOC 2010).
    """
    if not positives:
        return math.nan
    precision = np.divide(true, named, out=np.ones(len(true)), where=named > 0)
    if interpolated:
        precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(true, prepend=0) * precision).sum() / positives)
