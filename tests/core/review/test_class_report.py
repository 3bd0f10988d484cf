"""The report by class against scikit-learn, and its intervals against a bootstrap."""

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from core.metrics.classification import confusion, f1_scores
from core.metrics.intervals import wilson
from core.review.class_report import from_counts, from_evaluation, rated
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation

LABELS = ("a", "b", "c")
RNG = np.random.default_rng(0)
TRUE = RNG.integers(3, size=400)
PREDICTED = np.where(RNG.random(400) < 0.7, TRUE, RNG.integers(3, size=400))
COUNTS = confusion(TRUE, PREDICTED, 3)


def test_figures_and_means_are_those_of_scikit_learn():
    found = from_counts(COUNTS, LABELS)
    precision, recall, f1, n = sk.precision_recall_fscore_support(TRUE, PREDICTED)
    for unit, row in enumerate(found.labels):
        figures = (row.precision.value, row.recall.value, row.f1.value)
        assert figures == pytest.approx((precision[unit], recall[unit], f1[unit]))
        assert row.n == row.recall.n == n[unit] and row.precision.n == (unit == PREDICTED).sum()
    for name in ("macro", "weighted"):
        expected = sk.precision_recall_fscore_support(TRUE, PREDICTED, average=name)[:3]
        mean = getattr(found, name)
        assert (mean.precision, mean.recall, mean.f1) == pytest.approx(expected)
    assert found.accuracy.value == pytest.approx(sk.accuracy_score(TRUE, PREDICTED))
    assert found.baseline.accuracy == pytest.approx(np.bincount(TRUE).max() / 400)


def test_the_interval_of_f1_agrees_with_a_bootstrap_over_faces():
    drawn = np.random.default_rng(1).multinomial(400, (COUNTS / 400).ravel(), 4000).reshape(-1, 3, 3)
    expected = np.percentile(f1_scores(drawn), (2.5, 97.5), axis=0).T
    found = [row.f1.interval for row in from_counts(COUNTS, LABELS).labels]
    np.testing.assert_allclose(found, expected, atol=0.012)


def test_a_class_without_hits_has_an_interval_and_one_without_faces_has_nothing():
    found = from_counts(np.array([[9, 1, 0], [20, 0, 0], [0, 0, 0]]), LABELS)
    none_hit, absent = found.labels[1:]
    assert none_hit.f1.value == 0 and 0.1 < none_hit.f1.interval[1] < 0.3
    assert absent.n == 0 and all(
        math.isnan(figure.value + sum(figure.interval))
        for figure in (absent.recall, absent.precision, absent.f1)
    )
    assert found.macro.recall == pytest.approx(0.45)  # of the two that occur


def test_draws_of_groups_are_used_where_they_vary():
    assert rated(80, 100, (0.7, 0.88)) == rated(80, 100, (0.7, 0.88))
    assert rated(80, 100, (0.7, 0.88)).interval == (0.7, 0.88) and rated(80, 100, (0.7, 0.88)).by_group
    for stored in ((0.0, 0.0), (math.nan, math.nan)):
        found = rated(0, 100, stored)
        assert found.interval == wilson(0, 100) and not found.by_group


def test_what_is_stored_is_shown_as_it_is():
    evaluation = read_evaluation(SHIPPED_RUNS / "mask3-v1")
    found = from_evaluation(evaluation)
    assert [row.recall.value for row in found.labels] == [row.recall for row in evaluation.report.labels]
    assert [row.recall.interval for row in found.labels] == list(evaluation.bootstrap.recall.values())
    assert found.accuracy.value == pytest.approx(evaluation.accuracy)
    assert found.accuracy.interval == evaluation.bootstrap.accuracy
    assert found.macro == evaluation.report.macro and found.baseline == evaluation.majority
    assert found.labels[0].precision.interval == wilson(*_hits_of_named(evaluation.report.labels[0]))


def _hits_of_named(row):
    return row.hits, row.predicted


def test_a_record_older_than_reports_has_none():
    evaluation = read_evaluation(SHIPPED_RUNS / "mask3-v1")
    assert from_evaluation(evaluation.model_copy(update={"report": None})) is None
