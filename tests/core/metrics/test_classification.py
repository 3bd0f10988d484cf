import math

import numpy as np
import pytest

from core.metrics.classification import (
    area_under_roc,
    average_precision,
    confusion,
    f1_scores,
    named_at_thresholds,
    precisions,
    recalls,
)


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
