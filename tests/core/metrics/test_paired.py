import math

import numpy as np
import pytest
from scipy.stats import binomtest

from core.metrics.paired import PairedCounts


def test_interval_of_a_published_worked_example():
    # PSI CAMIS, "Confidence Intervals for Paired Proportions", Newcombe's method; there first less second
    low, high = PairedCounts(both=20, only_a=15, only_b=6, neither=5).interval
    assert (-high, -low) == pytest.approx((0.002602, 0.369943), abs=1e-6)


def test_interval_where_right_answers_go_together_worked_by_hand():
    # Data of Altman et al. (2000), Statistics with Confidence, table 6.2. By Wilson 19 of 41 gives .3206 to
    # .6125 and 14 of 41 gives .2156 to .4945; phi is less half of the 41, being above 0.
    phi = (14 * 22 - 20.5) / math.sqrt(19 * 22 * 14 * 27)
    p, q = 19 / 41, 14 / 41
    below = math.sqrt((p - 0.3206) ** 2 - 2 * phi * (p - 0.3206) * (0.4945 - q) + (0.4945 - q) ** 2)
    above = math.sqrt((0.6125 - p) ** 2 - 2 * phi * (0.6125 - p) * (q - 0.2156) + (q - 0.2156) ** 2)
    counts = PairedCounts(both=14, only_a=5, only_b=0, neither=22)
    assert counts.difference == pytest.approx(q - p)
    assert counts.interval == pytest.approx((q - p - above, q - p + below), abs=2e-4)
    assert counts.interval == pytest.approx((-0.2265, -0.0115), abs=1e-4)


def test_interval_where_right_answers_avoid_each_other_worked_by_hand():
    # Both 10 of 20, by Wilson .5 -+ .2007; phi = (1 - 81) / 100, which needs no correction
    half = 0.2007 * math.sqrt(2 + 2 * 0.8)
    assert PairedCounts(1, 9, 9, 1).interval == pytest.approx((-half, half), abs=2e-4)


def test_interval_holds_the_truth_about_95_times_in_100():
    proportions, rng = (0.8, 0.08, 0.05, 0.07), np.random.default_rng(3)
    tables = rng.multinomial(150, proportions, size=1500)
    limits = np.array([PairedCounts(*map(int, table)).interval for table in tables])
    inside = (limits[:, 0] <= -0.03) & (limits[:, 1] >= -0.03)
    assert 0.93 < inside.mean() < 0.98


@pytest.mark.parametrize("counts", [(5, 0, 0, 0), (0, 0, 0, 5), (5, 5, 0, 0), (0, 0, 7, 0)])
def test_interval_where_a_model_is_always_right_or_wrong_is_finite(counts):
    found = PairedCounts(*counts)
    low, high = found.interval
    assert -1 <= low <= found.difference <= high <= 1 and low < high


def test_swapping_the_models_turns_the_difference_round():
    one, other = PairedCounts(50, 12, 4, 9), PairedCounts(50, 4, 12, 9)
    assert one.difference == -other.difference and one.p_value == other.p_value
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))


def test_mcnemar_by_hand():
    # 6 faces on which one alone is right, 5 times A: 2 * (1 + 6) / 2 ** 6
    assert PairedCounts(30, 5, 1, 2).p_value == pytest.approx(14 / 64)


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 1), (3, 3), (10, 25), (41, 84), (768, 64), (0, 2000)])
def test_mcnemar_is_the_exact_binomial_test(only_a, only_b):
    expected = binomtest(only_a, only_a + only_b, 0.5).pvalue
    assert PairedCounts(7, only_a, only_b, 7).p_value == pytest.approx(expected, rel=1e-9)


def test_of_no_faces_nothing_is_known():
    nothing = PairedCounts(0, 0, 0, 0)
    assert math.isnan(nothing.difference) and all(map(math.isnan, nothing.interval))
    assert nothing.p_value == 1
