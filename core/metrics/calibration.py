"""How far confidences can be believed."""

from __future__ import annotations

import math

import numpy as np


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
