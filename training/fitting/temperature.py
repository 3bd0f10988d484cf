"""Temperature scaling (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from core.classification import face_probabilities
from core.labels import ClassSet
from core.metrics import expected_calibration_error
from core.runs import Calibration


def cross_entropy(probabilities: np.ndarray, true: np.ndarray) -> float:
    """Mean negative log likelihood of the true class_indices (N,) under (N, C) probabilities."""
    return float(-np.log(np.clip(probabilities[np.arange(len(true)), true], 1e-7, 1)).mean())


def fit_temperature(probabilities: np.ndarray, true: np.ndarray, classes: ClassSet) -> Calibration:
    """The temperature of all classes (N, C) with the least cross-entropy of the labels (N,), 1/4 to 4."""

    def labels(temperature: float) -> np.ndarray:
        return face_probabilities(probabilities, classes, temperature).labels

    best = minimize_scalar(
        lambda log_t: cross_entropy(labels(float(np.exp(log_t))), true),
        bounds=(-np.log(4), np.log(4)),
        method="bounded",
    )
    temperature = float(np.exp(best.x))
    return Calibration(
        schema=1,
        temperature=round(temperature, 4),
        n=len(true),
        ece_before=_ece(labels(1.0), true),
        ece_after=_ece(labels(temperature), true),
    )


def _ece(probabilities: np.ndarray, true: np.ndarray) -> float:
    return expected_calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == true)
