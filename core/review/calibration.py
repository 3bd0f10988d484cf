"""Whether a model is as often right as it says: reliability before and after its temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import RecordError
from core.metrics import calibration_bins, expected_calibration_error
from core.review.class_report import Rate, rated
from core.runs import CalibrationBin

HALF_DIGIT = 0.00005  # what a probability recorded as 0.0000 is taken for: half of the last digit kept
MAX_TEMPERATURE = 100.0  # beyond it, either way, nothing of the recorded digits is left


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of a confidence in (`low`, `high`], `confidence` on average: how many are right."""

    low: float
    high: float
    confidence: float
    accuracy: Rate

    @property
    def hits(self) -> int:
        return round(self.accuracy.value * self.accuracy.n)

    @property
    def gap(self) -> float:
        """Confidence less accuracy: above 0 it is too sure."""
        return self.confidence - self.accuracy.value

    @property
    def is_off(self) -> bool:
        """Whether the gap is more than chance: the confidence lies outside the accuracy's interval."""
        low, high = self.accuracy.interval
        return not low <= self.confidence <= high


def filled(bins: Sequence[CalibrationBin]) -> tuple[ReliabilityBin, ...]:
    """The bins that have faces, with intervals. Raises `RecordError` where a filled bin has no figures."""
    found = []
    for b in bins:
        if not b.n:
            continue
        if math.isnan(b.accuracy + b.confidence):
            raise RecordError(
                "The record's calibration has faces, but not how many are right. Evaluate again."
            )
        hits = min(b.n, round(b.accuracy * b.n))
        found.append(ReliabilityBin(b.low, b.high, b.confidence, rated(hits, b.n)))
    return tuple(found)


def reliability_from_probabilities(
    probabilities: np.ndarray, true: np.ndarray
) -> tuple[tuple[ReliabilityBin, ...], float]:
    """Filled bins and expected calibration error of (N, C) probabilities and (N,) true class indices."""
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == true
    bins = [CalibrationBin.model_validate(b) for b in calibration_bins(confidence, correct)]
    return filled(bins), expected_calibration_error(confidence, correct)


def before_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """(N, C) probabilities as they were before temperature scaling (Guo et al. 2017).

    softmax(z / T) ** T is proportional to softmax(z). Recorded to four digits, a probability of 0 may have
    been anything up to 0.00005, which it is taken for, so the result is about right, not exact. Raises
    `RecordError` for a temperature out of range.
    """
    if not 1 / MAX_TEMPERATURE <= temperature <= MAX_TEMPERATURE:
        raise RecordError(f"A temperature of {temperature:g} cannot be undone.")
    powers = np.maximum(probabilities, HALF_DIGIT) ** temperature
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def furthest_off(bins: Sequence[ReliabilityBin], *, too_sure: bool) -> ReliabilityBin | None:
    """Of the bins that are off in one direction, the one that adds most to the calibration error."""
    off = [b for b in bins if b.is_off and (b.gap > 0) == too_sure]
    return max(off, key=lambda b: b.accuracy.n * abs(b.gap), default=None)


def means(bins: Sequence[ReliabilityBin]) -> tuple[float, float, int]:
    """Mean confidence and accuracy over the faces of one or more filled bins, and the number of faces."""
    n = sum(b.accuracy.n for b in bins)
    confidence = sum(b.confidence * b.accuracy.n for b in bins) / n
    return confidence, sum(b.hits for b in bins) / n, n
