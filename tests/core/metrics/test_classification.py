import math

import numpy as np
import pytest

from core.metrics.calibration import calibration_bins, expected_calibration_error
from core.metrics.classification import (
    area_under_roc,
    average_precision,
    confusion,
    f1_scores,
    named_at_thresholds,
    precisions,
    recalls,
)
from core.metrics.intervals import rate, resampled, wilson


def test_confusion_has_true_labels_in_rows_and_predicted_ones_in_columns():
    counts = confusion(np.array([0, 0, 0, 1, 2]), np.array([0, 1, 1, 1, 0]), 3)
    assert counts.tolist() == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]


def test_confusion_of_nothing_is_all_zero():
    assert confusion(np.array([], int), np.array([], int), 2).tolist() == [[0, 0], [0, 0]]


def test_recall_and_precision_of_a_worked_table():
    counts = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
    assert recalls(counts)[:2] == pytest.approx([8 / 10, 3 / 4])
    assert precisions(counts)[:2] == pytest.approx([8 / 9, 3 / 5])


def test_a_label_without_examples_has_no_recall_and_one_never_predicted_no_precision():
    counts = np.array([[4, 0], [0, 0]])
    assert math.isnan(recalls(counts)[1])
    assert math.isnan(precisions(counts)[1])


def test_rate_of_nothing_is_nan_and_an_impossible_one_an_error():
    assert rate(3, 4) == 0.75
    assert math.isnan(rate(0, 0))
    for hits, n in ((5, 4), (-1, 4)):
        with pytest.raises(ValueError, match="hits"):
            rate(hits, n)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Worked by hand: z = 1.96, (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (39, 147, 0.2006, 0.3419),
    ],
)
def test_wilson_interval(hits, n, low, high):
    assert wilson(hits, n) == pytest.approx((low, high), abs=2e-4)


def test_wilson_interval_without_examples_is_nan():
    assert all(map(math.isnan, wilson(0, 0)))


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


def test_f1_by_hand_and_where_a_label_neither_occurs_nor_is_said():
    counts = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
    assert f1_scores(counts)[:2] == pytest.approx([16 / 19, 6 / 9])
    assert math.isnan(f1_scores(counts)[2])


def test_rates_of_many_tables_at_once_are_those_of_each():
    tables = np.random.default_rng(0).integers(0, 9, (5, 3, 3))
    for rates in (recalls, precisions, f1_scores):
        np.testing.assert_array_equal(rates(tables), [rates(table) for table in tables])


SCORES = np.array([0.9, 0.8, 0.8, 0.4, 0.2])
POSITIVE = np.array([True, True, False, True, False])


def test_equal_scores_are_named_together():
    thresholds, true, false = named_at_thresholds(SCORES, POSITIVE)
    assert thresholds.tolist() == [0.9, 0.8, 0.4, 0.2]
    assert true.tolist() == [1, 2, 3, 3]
    assert false.tolist() == [0, 1, 1, 2]


def test_areas_by_hand():
    # Of the 6 pairs of a positive and a negative 4 are in order and one is a tie
    assert area_under_roc(SCORES, POSITIVE) == pytest.approx(4.5 / 6)
    # Steps of a third of the recall at precisions 1, 2/3 and 3/4
    assert average_precision(SCORES, POSITIVE) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_area_under_roc_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(1)
    score, positive = rng.integers(0, 20, 300) / 20, rng.random(300) < 0.3
    pairs = score[positive][:, None] - score[~positive][None]
    assert area_under_roc(score, positive) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())


@pytest.mark.parametrize("positive", [np.zeros(3, bool), np.ones(3, bool), np.zeros(0, bool)])
def test_areas_without_both_sides_are_nan(positive):
    score = np.linspace(0, 1, len(positive))
    assert math.isnan(area_under_roc(score, positive))
    assert math.isnan(average_precision(score, positive))


def test_resamples_draw_whole_groups_and_are_the_same_again():
    counts = np.array([[3, 0], [0, 5]])
    drawn = resampled(counts, 500, seed=2)
    assert drawn.shape == (500, 2)
    assert {tuple(row) for row in drawn} == {(6, 0), (3, 5), (0, 10)}
    assert (drawn == resampled(counts, 500, seed=2)).all()
    assert (drawn == [3, 5]).all(axis=1).mean() == pytest.approx(0.5, abs=0.08)
