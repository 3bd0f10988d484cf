"""From probabilities to an answer, by hand and in hundreds: the threshold weighs alarms together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.decision import OperatingPoint, alarm_classes, decide
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4

ALARMS = np.array([False, True, True])


def decided(probabilities, threshold=None, alarms=ALARMS):
    units, leads = decide(np.array([probabilities]), alarms, OperatingPoint(0.0, threshold))
    return int(units[0]), float(leads[0])


def test_without_a_threshold_the_most_probable_label_answers():
    assert decided((0.45, 0.35, 0.20)) == (0, pytest.approx(0.10))


def test_labels_that_raise_an_alarm_are_weighed_together():
    # 55 % for an alarm: even odds at a threshold of 50 % leave a lead of 10 points.
    assert decided((0.45, 0.35, 0.20), 0.5) == (1, pytest.approx(0.10))


def test_above_its_share_no_alarm_label_answers_however_probable():
    assert decided((0.10, 0.20, 0.70), 0.95) == (0, pytest.approx((0.1 * 0.95 - 0.9 * 0.05) / 0.14))


def test_at_the_threshold_an_alarm_has_no_lead():
    assert decided((0.75, 0.25, 0.0), 0.25) == (1, pytest.approx(0))


def test_sure_faces_lead_by_all_at_any_threshold():
    assert decided((0.0, 0.0, 1.0), 0.99) == (2, pytest.approx(1))
    assert decided((1.0, 0.0, 0.0), 0.01) == (0, pytest.approx(1))


def test_two_labels_at_a_half_are_as_without_a_threshold():
    share = np.random.default_rng(0).uniform(size=500)
    probabilities, alarms = np.stack([1 - share, share], axis=1), np.array([False, True])
    plain = decide(probabilities, alarms, OperatingPoint())
    halved = decide(probabilities, alarms, OperatingPoint(0.0, 0.5))
    np.testing.assert_array_equal(plain[0], halved[0])
    np.testing.assert_allclose(plain[1], halved[1])


def test_a_lower_threshold_never_takes_an_alarm_away():
    probabilities = np.random.default_rng(1).dirichlet((1, 1, 1), 300)
    raised = [
        ALARMS[decide(probabilities, ALARMS, OperatingPoint(0.0, t))[0]] for t in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]
    assert all((more | ~fewer).all() for more, fewer in itertools.pairwise(raised))
    assert raised[0].sum() > raised[-1].sum()


def test_where_nothing_raises_an_alarm_the_threshold_is_left_out():
    assert decided((0.2, 0.3, 0.5), 0.01, np.zeros(3, bool)) == (2, pytest.approx(0.2))


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_no_faces_are_no_answers(threshold):
    units, leads = decide(np.empty((0, 3)), ALARMS, OperatingPoint(0.0, threshold))
    assert units.shape == leads.shape == (0,)


@pytest.mark.parametrize(
    ("labels", "raise_one"),
    [
        (MASK_2, [False, True]),
        (MASK_3, [False, True, True]),
        (WEAR_4, [False, True, True, True]),
        (GENDER_WEAR_8, [False, True, True, True] * 2),
        (("without_mask", "with_mask"), [True, False]),
        (("helmet", "no_helmet"), [False, False]),
        (("with_mask", "without_mask", "scarf"), [False] * 3),
        (("incorrect_mask", "without_mask"), [False, False]),
        (("with_mask", "covers_nose_and_mouth"), [False, False]),
    ],
)
def test_which_labels_raise_an_alarm(labels, raise_one):
    assert alarm_classes(labels).tolist() == raise_one
