"""Reliability against scikit-learn, and a temperature undone against the logits it was made from."""

import math

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import calibration_curve

from core.errors import RecordError
from core.metrics.calibration import expected_calibration_error
from core.metrics.intervals import wilson
from core.review.calibration import (
    HALF_DIGIT,
    ReliabilityBin,
    before_temperature,
    filled,
    furthest_off,
    means,
    reliability_from_probabilities,
)
from core.review.class_report import rated
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.evaluation_parts import CalibrationBin
from core.runs.predictions import read_predictions


def of_bin(low: float, high: float, confidence: float, hits: int, n: int) -> ReliabilityBin:
    return ReliabilityBin(low, high, confidence, rated(hits, n))


def test_bins_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    probabilities = softmax(rng.normal(size=(900, 3)) * 2, axis=1)
    true = np.array([rng.choice(3, p=row) for row in probabilities])
    bins, ece = reliability_from_probabilities(probabilities, true)
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == true
    accuracy, mean = calibration_curve(correct, confidence, n_bins=15)
    np.testing.assert_allclose([b.accuracy.value for b in bins], accuracy)
    np.testing.assert_allclose([b.confidence for b in bins], mean)
    weights = np.array([b.accuracy.n for b in bins]) / 900
    assert ece == pytest.approx((weights * abs(accuracy - mean)).sum())
    assert means(bins) == pytest.approx((confidence.mean(), correct.mean(), 900))


@pytest.mark.parametrize("temperature", [0.5, 0.7101, 1.0, 1.8])
def test_a_temperature_undone_gives_back_what_was_before(temperature):
    logits = np.random.default_rng(1).normal(size=(200, 4)) * 2
    scaled = softmax(logits / temperature, axis=1)
    exact = np.maximum(scaled, HALF_DIGIT) == scaled
    found = before_temperature(scaled, temperature)
    whole = exact.all(axis=1)
    assert whole.sum() > 100
    np.testing.assert_allclose(found[whole], softmax(logits, axis=1)[whole])
    rounded = before_temperature(scaled.round(4), temperature)
    assert abs(rounded - softmax(logits, axis=1)).max() < 0.02  # what four digits leave
    np.testing.assert_allclose(rounded.sum(axis=1), 1)


def test_a_zero_is_half_of_the_last_digit_and_a_wild_temperature_is_refused():
    np.testing.assert_allclose(before_temperature(np.array([[1.0, 0.0]]), 1.0), [[1, HALF_DIGIT]], rtol=1e-4)
    for wild in (0.0, 1e-9, 1e9, math.nan):
        with pytest.raises(RecordError, match="cannot be undone"):
            before_temperature(np.array([[0.5, 0.5]]), wild)


def test_the_shipped_bins_are_those_of_the_shipped_predictions():
    evaluation = read_evaluation(SHIPPED_RUNS / "mask3-v1")
    faces = read_predictions(SHIPPED_RUNS / "mask3-v1", evaluation.labels.names)
    bins, ece = reliability_from_probabilities(faces.probabilities, faces.true)
    assert ece == pytest.approx(evaluation.ece, abs=1e-3)
    stored = filled(evaluation.calibration)
    assert [b.accuracy.n for b in bins] == [b.accuracy.n for b in stored]
    assert sum(b.hits for b in stored) == faces.correct.sum()
    # Undone and done again it is where it was
    raw = before_temperature(faces.probabilities, evaluation.temperature)
    again = raw ** (1 / evaluation.temperature)
    again /= again.sum(axis=1, keepdims=True)
    assert expected_calibration_error(again.max(axis=1), faces.correct) == pytest.approx(ece, abs=1e-3)


def test_empty_bins_are_left_out_and_filled_ones_without_figures_refused():
    empty = CalibrationBin(low=0, high=0.5, n=0, confidence=math.nan, accuracy=math.nan)
    full = CalibrationBin(low=0.5, high=1, n=8, confidence=0.9, accuracy=0.75)
    (found,) = filled([empty, full])
    assert (found.hits, found.gap) == (6, pytest.approx(0.15))
    assert found.accuracy.interval == wilson(6, 8)
    with pytest.raises(RecordError, match="Evaluate again"):
        filled([full.model_copy(update={"accuracy": math.nan})])


def test_off_is_what_chance_does_not_explain():
    chance = of_bin(0.6, 0.7, 0.65, 3, 6)
    sure, surer = of_bin(0.8, 0.9, 0.85, 60, 100), of_bin(0.9, 1, 0.95, 850, 1000)
    modest = of_bin(0.5, 0.6, 0.55, 90, 100)
    assert [b.is_off for b in (chance, sure, surer, modest)] == [False, True, True, True]
    bins = [modest, chance, sure, surer]
    assert furthest_off(bins, too_sure=True) == surer  # 100 faces too many, the other 25
    assert furthest_off(bins, too_sure=False) == modest
    assert furthest_off([chance], too_sure=True) is None
