import math

import numpy as np
import pytest
from scipy import stats

from core.metrics.intervals import mean_recall_interval, rate, resampled, wilson


def test_of_one_label_it_is_wilsons():
    assert mean_recall_interval([(27, 30)]) == pytest.approx(wilson(27, 30))


def test_of_two_labels_it_is_newcombes_for_a_sum():
    """Newcombe 1998, method 10: the root of the squared distances from Wilson's limits, halved for a mean."""
    limits = [stats.binomtest(hits, n).proportion_ci(method="wilson") for hits, n in ((56, 70), (48, 80))]
    p, q = 56 / 70, 48 / 80
    below = math.sqrt((p - limits[0].low) ** 2 + (q - limits[1].low) ** 2) / 2
    above = math.sqrt((limits[0].high - p) ** 2 + (limits[1].high - q) ** 2) / 2
    assert mean_recall_interval([(56, 70), (48, 80)]) == pytest.approx(
        ((p + q) / 2 - below, (p + q) / 2 + above), abs=1e-6
    )


def test_without_a_miss_it_still_has_a_width_and_stays_a_share():
    low, high = mean_recall_interval([(20, 20), (5, 5)])
    assert 0.7 < low < 1 and high == 1


def test_labels_without_faces_are_left_out():
    assert mean_recall_interval([(9, 10), (0, 0)]) == mean_recall_interval([(9, 10)])
    assert all(map(math.isnan, mean_recall_interval([(0, 0)])))
    assert all(map(math.isnan, mean_recall_interval([])))


def test_it_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    proportions, n = np.array([0.98, 0.7, 0.9]), np.array([150, 20, 60])
    draws = rng.binomial(n, proportions, (2000, 3))
    held = 0
    for hits in draws:
        low, high = mean_recall_interval(zip(hits.tolist(), n.tolist(), strict=True))
        held += low <= proportions.mean() <= high
    assert 0.93 < held / len(draws) < 0.98


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


def test_resamples_draw_whole_groups_and_are_the_same_again():
    counts = np.array([[3, 0], [0, 5]])
    drawn = resampled(counts, 500, seed=2)
    assert drawn.shape == (500, 2)
    assert {tuple(row) for row in drawn} == {(6, 0), (3, 5), (0, 10)}
    assert (drawn == resampled(counts, 500, seed=2)).all()
    assert (drawn == [3, 5]).all(axis=1).mean() == pytest.approx(0.5, abs=0.08)
