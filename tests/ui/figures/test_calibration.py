import numpy as np

from core.metrics.intervals import wilson
from core.review.calibration import ReliabilityBin
from core.review.class_report import rated
from ui.figures import calibration as figures

BINS = (
    ReliabilityBin(0.6, 0.8, 0.7, rated(12, 20)),
    ReliabilityBin(0.8, 1.0, 0.95, rated(78, 80)),
)
BEFORE = (ReliabilityBin(0.4, 0.6, 0.5, rated(50, 100)),)


def test_reliability_is_accuracy_against_confidence_with_its_interval():
    figure = figures.reliability({figures.BEFORE: BEFORE, figures.AFTER: BINS})
    diagonal, before, after = figure.data
    assert diagonal.x == diagonal.y == (0.4, 1)
    assert (before.name, after.name) == ("Before temperature", "After temperature")
    assert after.x == (0.7, 0.95) and after.y == (0.6, 0.975)
    np.testing.assert_allclose(after.y[0] + after.error_y.array[0], wilson(12, 20)[1])
    np.testing.assert_allclose(after.y[0] - after.error_y.arrayminus[0], wilson(12, 20)[0])
    assert after.customdata[0][2] == 20 and "faces" in after.hovertemplate
    assert before.marker.symbol != after.marker.symbol and before.line.dash != after.line.dash


def test_confidences_of_right_and_wrong_answers_each_add_up_to_all():
    right, wrong = figures.confidences(BINS).data
    np.testing.assert_allclose(right.y, [12 / 90, 78 / 90])
    np.testing.assert_allclose(wrong.y, [8 / 10, 2 / 10])
    assert (right.name, wrong.name) == ("Right answers (90)", "Wrong answers (10)")
    assert wrong.marker.pattern.shape and not right.marker.pattern.shape


def test_without_wrong_answers_there_is_no_division_by_them():
    _, wrong = figures.confidences([ReliabilityBin(0.8, 1, 0.9, rated(5, 5))]).data
    assert wrong.y == (0,)


def test_data_is_what_is_drawn():
    data = figures.reliability_data({figures.BEFORE: BEFORE, figures.AFTER: BINS})
    assert data.Accuracy.tolist() == [0.5, 0.6, 0.975] and data.Faces.tolist() == [100, 20, 80]
    counts = figures.confidence_data(BINS)
    assert counts["Right answers"].tolist() == [12, 78] and counts["Wrong answers"].tolist() == [8, 2]
