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
    """Recall of each true label of a confusion matrix; NaN where it has no examples."""
    n = counts.sum(axis=1)
    return np.asarray(np.divide(np.diag(counts), n, out=np.full(len(counts), np.nan), where=n > 0))


def precisions(counts: np.ndarray) -> np.ndarray:
    """Precision of each label of a confusion matrix; NaN where it was never predicted."""
    return recalls(counts.T)


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
