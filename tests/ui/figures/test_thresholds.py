"""The curves' points, against scikit-learn, and what is marked on them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from core.review.thresholds import THRESHOLDS, AlarmCounts, ThresholdSweep, threshold_sweep
from ui.figures import thresholds as figures

SCORE = np.array([0.9, 0.8, 0.8, 0.6, 0.4, 0.3, 0.1])
POSITIVE = np.array([True, True, False, True, False, True, False])
POINT = AlarmCounts(3, 1, 1, 2)


@pytest.fixture
def data():
    return figures.curve_data(threshold_sweep(SCORE, POSITIVE))


def lines(figure) -> dict[str, object]:
    return {trace.name: trace for trace in figure.data}


def test_roc_is_that_of_scikit_learn(data):
    found = lines(figures.roc(data, POINT, "alarm"))
    false, true, _ = sk.roc_curve(POSITIVE, SCORE, drop_intermediate=False)
    np.testing.assert_allclose(found["All thresholds"].x, false)
    np.testing.assert_allclose(found["All thresholds"].y, true)
    assert found["All thresholds"].text[:3] == ("above all", "90.0%", "80.0%")
    assert found["All thresholds"].customdata[:3].tolist() == [[0, 4, 0, 3], [1, 4, 0, 3], [2, 4, 1, 3]]
    assert (found["Guessing"].x, found["Guessing"].y) == ((0, 1), (0, 1))
    assert (found["Now"].x, found["Now"].y) == ((pytest.approx(1 / 3),), (0.75,))


def test_the_steps_of_precision_hold_the_area_of_average_precision(data):
    found = lines(figures.precision_recall(data, POINT, "alarm"))
    steps = found["All thresholds"]
    precision, recall, _ = sk.precision_recall_curve(POSITIVE, SCORE)
    np.testing.assert_allclose(steps.x[1:], recall[-2::-1])
    np.testing.assert_allclose(steps.y[1:], precision[-2::-1])
    area = (np.diff(steps.x) * np.array(steps.y)[1:]).sum()  # as "vh" draws them
    assert steps.line.shape == "vh"
    assert area == pytest.approx(sk.average_precision_score(POSITIVE, SCORE))
    assert found["Flagging everyone"].y == pytest.approx((4 / 7, 4 / 7))
    assert (found["Now"].x, found["Now"].y) == ((0.75,), (0.75,))


def test_data_for_the_csv_holds_counts_and_rates(data):
    assert data.iloc[1].to_dict() == pytest.approx(
        {
            "Threshold": 0.8,
            "True positives": 2,
            "Positives": 4,
            "False positives": 1,
            "Negatives": 3,
            "Recall": 0.5,
            "False positive rate": 1 / 3,
            "Precision": 2 / 3,
        }
    )


def test_a_point_that_leaves_faces_out_says_so(data):
    names = lines(figures.roc(data, AlarmCounts(1, 1, 0, 1, undecided_positives=3), "alarm"))
    assert "Now, of answered faces" in names


@pytest.mark.parametrize("positive", [np.zeros(3, bool), np.ones(3, bool)], ids=["none", "all"])
def test_without_both_kinds_of_faces_rates_are_unknown_not_zero(positive):
    data = figures.curve_data(threshold_sweep(np.array([0.9, 0.5, 0.1]), positive))
    assert data["Recall" if not positive.any() else "False positive rate"].isna().all()
    point = AlarmCounts(0, 0, int(positive.sum()), int((~positive).sum()))
    figures.roc(data, point, "alarm")
    (mark,) = [trace for trace in figures.precision_recall(data, point, "alarm").data if trace.name == "Now"]
    assert math.isnan(mark.y[0])


def test_no_points_are_no_line():
    none = np.empty(0)
    data = figures.curve_data(ThresholdSweep(none, none, none, 4, 3, math.nan, math.nan))
    assert len(lines(figures.precision_recall(data, POINT, "x"))["All thresholds"].x) == 0


def test_a_label_of_a_stranger_is_text(data):
    figure = figures.roc(data, POINT, '<a href="https://example.org">x</a>')
    assert "<a" not in figure.layout.title.text and "&lt;a" in figure.layout.title.text


def test_the_cost_of_now_and_of_the_cheapest_are_marked():
    costs = (THRESHOLDS - 0.3) ** 2 + 1
    found = lines(figures.cost(costs, (0.5, 1.04), 0.3))
    np.testing.assert_array_equal(found["All thresholds"].x, THRESHOLDS)
    np.testing.assert_array_equal(found["All thresholds"].y, costs)
    assert (found["Cheapest"].x, found["Cheapest"].y) == ((0.3,), (pytest.approx(1),))
    assert (found["Now"].x, found["Now"].y) == ((0.5,), (1.04,))
    assert found["Now"].marker.symbol != found["Cheapest"].marker.symbol


def test_the_most_probable_label_has_a_cost_but_no_threshold():
    found = lines(figures.cost(THRESHOLDS, (None, 7.0), 0.01))
    assert found["Now: more probable answer"].y == (7, 7)
