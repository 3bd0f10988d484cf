"""The calibration error by hand, and bins that lose no face."""

import math

import numpy as np
import pytest

from core.metrics.calibration import calibration_bins, expected_calibration_error


def test_calibration_error_is_the_mean_gap_weighted_by_n():
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55])
    correct = np.array([True, True, True, False, True])
    # Bins of a tenth: four faces at .95 of which .75 are right, one at .55 that is right.
    expected = (4 * abs(0.95 - 0.75) + 1 * abs(0.55 - 1)) / 5
    assert expected_calibration_error(confidence, correct, bins=10) == pytest.approx(expected)


def test_calibration_error_is_zero_where_confidence_keeps_its_word_and_nan_without_faces():
    assert expected_calibration_error(np.full(4, 0.75), np.array([1, 1, 1, 0], bool)) == 0
    assert math.isnan(expected_calibration_error(np.array([]), np.array([], bool)))


def test_bins_cover_zero_to_one_and_lose_no_face():
    confidence = np.array([0.0, 0.1, 0.100001, 1.0])
    bins = calibration_bins(confidence, np.ones(4, bool), bins=10)
    assert [b["n"] for b in bins] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert (bins[0]["low"], bins[-1]["high"]) == (0, 1)
    assert math.isnan(bins[2]["accuracy"]) and math.isnan(bins[2]["confidence"])
