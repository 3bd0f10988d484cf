"""How far to trust a classifier: counts, rates with intervals, calibration. Undefined is NaN, never 0."""

from __future__ import annotations

import math

import numpy as np


def confusion(true: np.ndarray, predicted: np.ndarray, labels: int) -> np.ndarray:
    """(labels, labels) counts: row is the true label, column the predicted one. Inputs are (N,) indices."""
    counts = np.zeros((labels, labels), np.int64)
    np.add.at(counts, (true, predicted), 1)
    return counts


def rate(hits: int, n: int) -> float:
    """Share of `n` that are hits; NaN when there are no examples."""
    if not 0 <= hits <= n:
        raise ValueError(f"hits={hits} of n={n}")
    return hits / n if n else math.nan


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of a rate (Wilson 1927), 95 % by default; (NaN, NaN) without examples."""
    p = rate(hits, n)
    if not n:
        return math.nan, math.nan
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((centre + sign * spread) / (1 + z * z / n) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


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


def resampled(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """(resamples, ...) sums of counts (G, ...) over G groups drawn with replacement (Efron 1979)."""
    rng, groups = np.random.default_rng(seed), len(counts)
    flat = counts.reshape(groups, -1).astype(float)  # BLAS multiplies floats only
    sums = np.empty((resamples, flat.shape[1]))
    for row in sums:
        row[:] = np.bincount(rng.integers(groups, size=groups), minlength=groups) @ flat
    return sums.reshape(resamples, *counts.shape[1:])


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
    return float((np.diff(true, prepend=0) * true / (true + false)).sum() / true[-1])


def calibration_bins(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> list[dict[str, float]]:
    """Equal bins of confidence (N,): low, high, n, mean confidence and accuracy (NaN in an empty bin)."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for i in range(bins):
        inside = place == i
        n = int(inside.sum())
        found.append(
            {
                "low": i / bins,
                "high": (i + 1) / bins,
                "n": n,
                "confidence": float(confidence[inside].mean()) if n else math.nan,
                "accuracy": float(correct[inside].mean()) if n else math.nan,
            }
        )
    return found


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """ECE (Naeini et al. 2015): mean gap of confidence and accuracy over bins, weighted by n, or NaN."""
    if not len(confidence):
        return math.nan
    filled = [b for b in calibration_bins(confidence, correct, bins) if b["n"]]
    return sum(b["n"] * abs(b["confidence"] - b["accuracy"]) for b in filled) / len(confidence)
