"""From probabilities to an answer, by hand and in hundreds: the threshold weighs alarms together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.decision import OperatingPoint, alarm_classes, decide, properly_or_not
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4

ALARMS = np.array([False, True, True])


OWN = ("helmet", "cap", "bare")


def decided(probabilities, threshold=None, labels=MASK_3):
    said = decide(np.array([probabilities]), labels, OperatingPoint(0.0, threshold))
    return int(said.class_index[0]), float(said.margin[0])


def between(probabilities, min_margin=0.4, labels=MASK_3, threshold=None):
    (ways,) = decide(np.array([probabilities]), labels, OperatingPoint(min_margin, threshold)).between
    return ways


def test_the_margin_is_that_of_worn_properly_against_not():
    assert decided((0.60, 0.30, 0.10)) == (0, pytest.approx(0.20))
    assert decided((0.45, 0.35, 0.20)) == (1, pytest.approx(0.10))  # 55% are not worn properly
    assert decided((0.01, 0.51, 0.49)) == (1, pytest.approx(0.99 / 1.01))
    assert decided((0.01, 0.48, 0.51)) == (2, pytest.approx(0.98))


def test_with_two_labels_it_is_that_of_one_over_the_other():
    assert decided((0.7, 0.3), labels=MASK_2) == (0, pytest.approx(0.4))
    assert decided((0.2, 0.8), labels=MASK_2) == (1, pytest.approx(0.6))
    assert between((0.45, 0.55), 0.9, MASK_2) == ()  # there is one way only of not wearing it properly


def test_of_eight_labels_neither_gender_nor_way_makes_a_face_unclear():
    female, male = (0.26, 0.0, 0.0, 0.0), (0.27, 0.28, 0.1, 0.09)
    assert decided((*female, *male), labels=GENDER_WEAR_8) == (4, pytest.approx(0.06))
    # Properly for sure, and the genders even
    assert decided((0.48, 0, 0, 0.01, 0.50, 0, 0, 0.01), labels=GENDER_WEAR_8) == (4, pytest.approx(0.96))
    # No mask has .5 over both genders, the most probable single label is another
    spread = (0.02, 0.32, 0.05, 0.24, 0.02, 0.05, 0.04, 0.26)
    assert decided(spread, labels=GENDER_WEAR_8) == (7, pytest.approx(0.92))


def test_gender_is_the_more_probable_within_the_wearing_named():
    # Male overall, yet of those without a mask more are female
    faces = (0.0, 0.0, 0.05, 0.40, 0.05, 0.10, 0.10, 0.30)
    assert GENDER_WEAR_8.labels[decided(faces, labels=GENDER_WEAR_8)[0]] == "female_no_mask"


def test_how_is_unclear_where_ways_are_even_within_what_is_not_worn_properly():
    assert between((0.01, 0.50, 0.49)) == ("incorrect_mask", "without_mask")
    assert between((0.01, 0.49, 0.50)) == ("without_mask", "incorrect_mask")
    assert between((0.01, 0.80, 0.19)) == ()
    # 26 points of the 60 that both have together: the rest does not count
    assert between((0.4, 0.43, 0.17), 0.45) == ("incorrect_mask", "without_mask")
    assert between((0.4, 0.43, 0.17), 0.42) == ()
    assert between((0.01, 0.50, 0.49), 0.0) == ()  # who asks for no lead gets a name


def test_worn_properly_is_clear_however_even_the_rest():
    assert between((0.9, 0.05, 0.05)) == () == between((0.6, 0.2, 0.2), threshold=0.5)
    assert between((0.6, 0.2, 0.2), threshold=0.3) == ("incorrect_mask", "without_mask")


def test_of_eight_labels_the_ways_are_named_without_gender_the_most_probable_first():
    faces = (0.0, 0.20, 0.30, 0.01, 0.02, 0.15, 0.30, 0.02)
    assert between(faces, labels=GENDER_WEAR_8) == ("below_mouth", "covers_mouth_only")
    assert between((0.0, 0.34, 0.33, 0.33), 0.4, WEAR_4) == ("covers_mouth_only", "below_mouth", "no_mask")


def test_labels_that_do_not_tell_are_answered_by_the_most_probable_over_the_next():
    assert decided((0.45, 0.35, 0.20), labels=OWN) == (0, pytest.approx(0.10))
    assert between((0.45, 0.35, 0.20), labels=OWN) == ()
    # All are worn wrongly, in two ways; genders are summed all the same
    wrong = ("female_no_mask", "female_below_mouth", "male_no_mask", "male_below_mouth")
    assert decided((0.3, 0.25, 0.4, 0.05), labels=wrong) == (2, pytest.approx(0.4))
    # One wearing, so that they differ by gender alone
    assert decided((0.3, 0.7), labels=("female_no_mask", "male_no_mask")) == (1, pytest.approx(0.4))


def test_labels_that_raise_an_alarm_are_weighed_together():
    # 55% for an alarm: even odds at a threshold of 50% leave a lead of 10 points.
    assert decided((0.45, 0.35, 0.20), 0.5) == (1, pytest.approx(0.10))


def test_above_its_share_no_alarm_label_answers_however_probable():
    assert decided((0.10, 0.20, 0.70), 0.95) == (0, pytest.approx((0.1 * 0.95 - 0.9 * 0.05) / 0.14))


def test_at_the_threshold_an_alarm_has_no_lead():
    assert decided((0.75, 0.25, 0.0), 0.25) == (1, pytest.approx(0))


def test_sure_faces_lead_by_all_at_any_threshold():
    assert decided((0.0, 0.0, 1.0), 0.99) == (2, pytest.approx(1))
    assert decided((1.0, 0.0, 0.0), 0.01) == (0, pytest.approx(1))


def test_a_half_is_as_without_a_threshold():
    share = np.random.default_rng(0).uniform(size=500)
    probabilities = np.stack([1 - share, share], axis=1)
    said = decide(probabilities, MASK_2, OperatingPoint())
    np.testing.assert_array_equal(said.class_index, share >= 0.5)
    np.testing.assert_allclose(said.margin, abs(2 * share - 1))
    alarm, margin = properly_or_not(probabilities, alarm_classes(MASK_2), OperatingPoint(0.0, 0.5))
    np.testing.assert_array_equal(said.class_index == 1, alarm)
    np.testing.assert_array_equal(said.margin, margin)


def test_a_lower_threshold_never_takes_an_alarm_away():
    probabilities = np.random.default_rng(1).dirichlet((1, 1, 1), 300)
    raised = [
        ALARMS[decide(probabilities, MASK_3, OperatingPoint(0.0, t)).class_index]
        for t in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]
    assert all((more | ~fewer).all() for more, fewer in itertools.pairwise(raised))
    assert raised[0].sum() > raised[-1].sum()


def test_where_nothing_raises_an_alarm_the_threshold_is_left_out():
    assert decided((0.2, 0.3, 0.5), 0.01, OWN) == (2, pytest.approx(0.2))


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_no_faces_are_no_answers(threshold):
    said = decide(np.empty((0, 3)), MASK_3, OperatingPoint(0.0, threshold))
    assert said.class_index.shape == said.margin.shape == (0,) and said.between == ()


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
