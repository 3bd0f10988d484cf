"""Who raises an alarm, counted by hand and against scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm
from sklearn import metrics as sk

from core.decision import OperatingPoint, alarm_classes, alarm_probability
from core.labels import MASK_3
from core.metrics.intervals import rate, wilson
from core.models.installed import SHIPPED
from core.review import thresholds as alarm_rates
from core.review.thresholds import (
    THRESHOLDS,
    AlarmCounts,
    cheapest,
    costs,
    count_alarms,
    count_alarms_by_group,
    per_thousand,
    threshold_sweep,
)
from core.runs.evaluation import read_evaluation
from core.runs.evaluation_parts import AtThreshold, OneVsRest
from core.runs.predictions import read_predictions

ALARMS = alarm_classes(MASK_3)
# Shares of an alarm: 0.9, 0.4, 0.55, 0.1, 0.6; the first three should raise one.
FACES = np.array([[0.1, 0.1, 0.8], [0.6, 0.2, 0.2], [0.45, 0.3, 0.25], [0.9, 0.1, 0.0], [0.4, 0.3, 0.3]])
POSITIVE = np.array([True, True, True, False, False])


@pytest.fixture(scope="module")
def noisy() -> tuple[np.ndarray, np.ndarray]:
    """(N,) scores with many ties, and who is positive."""
    rng = np.random.default_rng(4)
    positive = rng.uniform(size=3000) < 0.3
    return np.round(np.clip(rng.normal(0.35 + 0.3 * positive, 0.2), 0, 1), 3), positive


def test_faces_are_counted_at_a_threshold():
    assert count_alarms(FACES, POSITIVE, ALARMS, OperatingPoint(0, 0.5)) == AlarmCounts(2, 1, 1, 1)
    assert count_alarms(FACES, POSITIVE, ALARMS, OperatingPoint(0, 0.4)) == AlarmCounts(3, 1, 0, 1)


def test_without_a_threshold_a_half_raises_the_alarm():
    # The third face is 0.45 properly worn, more than either of the others, but less than both.
    assert count_alarms(FACES, POSITIVE, ALARMS, OperatingPoint()) == AlarmCounts(2, 1, 1, 1)


def test_faces_with_too_small_a_lead_count_neither_as_an_alarm_nor_as_none():
    # Leads at a half: 0.8, 0.2, 0.1, 0.8, 0.2.
    counts = count_alarms(FACES, POSITIVE, ALARMS, OperatingPoint(0.15, 0.5))
    assert counts == AlarmCounts(1, 1, 1, 1, undecided_positives=1)
    assert (counts.positives, counts.negatives) == (3, 2)
    assert (counts.precision, counts.recall) == ((1, 2), (1, 2))
    assert (counts.false_alarm_rate, counts.undecided) == ((1, 2), (1, 5))


@pytest.mark.parametrize("threshold", [0.07, 0.5, 0.93])
def test_rates_are_those_of_scikit_learn(threshold, noisy):
    score, positive = noisy
    probabilities, alarms = np.stack([1 - score, score], axis=1), np.array([False, True])
    counts = count_alarms(probabilities, positive, alarms, OperatingPoint(0, threshold))
    said = score >= threshold
    (tn, fp), (fn, tp) = sk.confusion_matrix(positive, said).tolist()
    assert counts == AlarmCounts(tp, fp, fn, tn)
    assert rate(*counts.precision) == pytest.approx(sk.precision_score(positive, said))
    assert rate(*counts.recall) == pytest.approx(sk.recall_score(positive, said))
    assert counts.balanced_accuracy == pytest.approx(sk.balanced_accuracy_score(positive, said))


def test_what_a_kind_of_faces_lacks_is_not_a_number():
    none = AlarmCounts(0, 0, 0, 3)
    assert math.isnan(rate(*none.precision)) and math.isnan(rate(*none.recall))
    assert none.balanced_accuracy == 1
    assert math.isnan(AlarmCounts(0, 0, 0, 0).balanced_accuracy)


def test_sources_are_counted_apart_worst_first():
    source = np.array(["fine", "poor", "poor", "fine", "poor"])
    found = count_alarms_by_group(source, FACES, POSITIVE, ALARMS, OperatingPoint(0, 0.5))
    assert list(found.items()) == [("poor", AlarmCounts(1, 1, 1, 0)), ("fine", AlarmCounts(1, 0, 0, 1))]
    unsure = count_alarms_by_group(source, FACES, POSITIVE, ALARMS, OperatingPoint(0.75, 0.5))
    assert list(unsure) == ["fine", "poor"]  # nothing is answered of "poor", so nothing is known


def test_a_thousand_people_of_another_mix():
    # Of positives 80% raise an alarm and 10% are missed, of others 5% raise one and 5% cannot be told.
    counts = AlarmCounts(80, 10, 10, 180, undecided_positives=10, undecided_negatives=10)
    people = per_thousand(counts, 0.1)
    assert people.right_alarms == pytest.approx(80) and people.false_alarms == pytest.approx(45)
    assert people.alarms == pytest.approx(125) and people.misses == pytest.approx(10)
    assert people.cannot_tell == pytest.approx(10 + 45)
    assert people.precision == pytest.approx(80 / 125)
    z = norm.ppf(1 - 0.05 / 4)
    (found_low, found_high), (false_low, false_high) = wilson(80, 100, z), wilson(10, 200, z)
    assert people.precision_interval == pytest.approx(
        (
            100 * found_low / (100 * found_low + 900 * false_high),
            100 * found_high / (100 * found_high + 900 * false_low),
        ),
        abs=1e-6,
    )


def test_the_mix_of_the_test_gives_the_precision_of_the_test():
    counts = AlarmCounts(70, 20, 30, 380)
    people = per_thousand(counts, 100 / 500)
    assert people.precision == pytest.approx(rate(*counts.precision))
    low, high = people.precision_interval
    assert low < wilson(*counts.precision)[0] and wilson(*counts.precision)[1] < high


def test_people_of_whom_the_test_had_none_are_unknown_and_nobody_is_nobody():
    counts = AlarmCounts(0, 1, 0, 3)
    assert math.isnan(per_thousand(counts, 0.1).misses)
    assert per_thousand(counts, 0).misses == 0
    assert per_thousand(counts, 0).false_alarms == 250
    assert math.isnan(per_thousand(AlarmCounts(0, 0, 1, 1), 0.5).precision)  # no alarm at all


def test_both_curves_are_those_of_scikit_learn(noisy):
    score, positive = noisy
    found = threshold_sweep(score, positive, points=10**6)
    false, true, thresholds = sk.roc_curve(positive, score, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positives / found.negatives, false[1:])
    np.testing.assert_allclose(found.true_positives / found.positives, true[1:])
    np.testing.assert_allclose(found.thresholds, thresholds[1:])
    precision, recall, _ = sk.precision_recall_curve(positive, score)
    named = found.true_positives + found.false_positives
    np.testing.assert_allclose((found.true_positives / named)[::-1], precision[:-1])
    np.testing.assert_allclose((found.true_positives / found.positives)[::-1], recall[:-1])


def test_a_thinned_curve_keeps_its_ends_and_its_areas(noisy):
    score, positive = noisy
    thin = threshold_sweep(score, positive, points=60)
    assert 20 < len(thin.thresholds) <= 60
    assert thin.auc == pytest.approx(sk.roc_auc_score(positive, score))
    assert thin.average_precision == pytest.approx(sk.average_precision_score(positive, score))
    assert (thin.true_positives[-1], thin.false_positives[-1]) == (positive.sum(), (~positive).sum())
    assert np.diff(thin.thresholds).max() < 0
    every = threshold_sweep(score, positive, points=10**6)
    area = np.trapezoid(thin.true_positives, thin.false_positives)
    assert area == pytest.approx(np.trapezoid(every.true_positives, every.false_positives), rel=0.01)


def test_a_cost_is_that_of_its_errors_at_each_threshold(noisy):
    score, positive = noisy
    found = costs(score, positive, 0.05, miss=7, false_alarm=2)
    for place in (0, 30, 98):
        said = score >= THRESHOLDS[place]
        (tn, fp), (fn, tp) = sk.confusion_matrix(positive, said)
        expected = 7 * 50 * fn / (fn + tp) + 2 * 950 * fp / (fp + tn)
        assert found[place] == pytest.approx(expected)
        counts = AlarmCounts(int(tp), int(fp), int(fn), int(tn))
        assert alarm_rates.cost(counts, 0.05, 7, 2) == pytest.approx(expected)


def test_the_threshold_at_each_whole_per_cent_agrees_with_the_rule():
    """Shares of an alarm that are exactly a threshold raise one, however the sums round."""
    proportion = np.repeat(THRESHOLDS, 2)
    faces = np.stack([1 - proportion, proportion / 3, proportion - proportion / 3], axis=1)
    positive = np.arange(len(proportion)) % 2 == 0
    missed = costs(alarm_probability(faces, ALARMS), positive, 1.0, 1, 1)
    for threshold, expected in zip(THRESHOLDS.tolist(), missed, strict=True):
        counts = count_alarms(faces, positive, ALARMS, OperatingPoint(0, threshold))
        assert 1000 * counts.false_negatives / counts.positives == pytest.approx(expected)


def test_dear_misses_lower_the_cheapest_threshold_and_dear_false_alarms_raise_it(noisy):
    score, positive = noisy
    even, dear_misses, dear_alarms = (
        cheapest(costs(score, positive, 0.3, *prices)) for prices in ((1, 1), (20, 1), (1, 20))
    )
    assert dear_misses < even < dear_alarms


def test_of_equally_cheap_thresholds_the_middle_is_taken():
    score, positive = np.array([0.05, 0.9]), np.array([False, True])
    assert cheapest(costs(score, positive, 0.5, 1, 1)) == 0.5
    assert cheapest(costs(np.array([0.7, 0.9]), positive, 0.5, 1, 1)) == 0.71


def test_a_cost_without_one_kind_of_faces_is_unknown_unless_there_is_nobody_of_it():
    score, positive = np.array([0.2, 0.8]), np.array([False, False])
    assert np.isnan(costs(score, positive, 0.1, 1, 1)).all()
    assert costs(score, positive, 0.0, 1, 1)[[0, 50, 98]].tolist() == [1000, 500, 0]


def recorded(**changes) -> OneVsRest:
    points = tuple(
        AtThreshold(threshold=t, true_positives=tp, false_positives=fp)
        for t, tp, fp in [(0.9, 1, 0), (0.4, 2, 1), (0.1, 2, 3)]
    )
    fields = {"label": "x", "n": 2, "others": 3, "auc": 0.9, "average_precision": 0.8}
    return OneVsRest(**(fields | {"curve": points, "thresholds": points[::-1]} | changes))


def test_a_recorded_curve_is_as_it_was_recorded():
    found = alarm_rates.stored_sweep(recorded())
    assert found.thresholds.tolist() == [0.9, 0.4, 0.1] and found.true_positives.tolist() == [1, 2, 2]
    assert (found.positives, found.negatives, found.auc, found.average_precision) == (2, 3, 0.9, 0.8)
    assert alarm_rates.stored_counts(recorded()) == {
        0.1: AlarmCounts(2, 3, 0, 0),
        0.4: AlarmCounts(2, 1, 0, 2),
        0.9: AlarmCounts(1, 0, 1, 3),
    }


def test_a_record_without_points_is_an_empty_curve():
    empty = recorded(curve=(), thresholds=())
    assert len(alarm_rates.stored_sweep(empty).thresholds) == 0 and alarm_rates.stored_counts(empty) == {}


def test_the_curve_of_the_faces_is_the_recorded_one():
    """A label that alone raises the alarm has the same curve twice: recorded, and from its faces."""
    folder = SHIPPED.parent / "runs" / "mobilenet_mask2-v1"
    evaluation = read_evaluation(folder)
    labels = evaluation.labels.names
    faces = read_predictions(folder, labels)
    alarms = alarm_classes(labels)
    found = threshold_sweep(alarm_probability(faces.probabilities, alarms), alarms[faces.true])
    record = next(curve for curve in evaluation.one_vs_rest if curve.label == "without_mask")
    assert (found.positives, found.negatives) == (record.n, record.others)
    assert found.auc == pytest.approx(record.auc, abs=1e-3)  # of probabilities rounded to four digits
    assert found.average_precision == pytest.approx(record.average_precision, abs=1e-3)
    at = alarm_rates.stored_counts(record)[0.5]
    assert count_alarms(faces.probabilities, alarms[faces.true], alarms, OperatingPoint(0, 0.5)) == at
