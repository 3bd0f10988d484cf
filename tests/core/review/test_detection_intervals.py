"""Bootstrap intervals of average precision, against hand-worked cases and the value they surround."""

import math

import numpy as np
import pytest

from core.metrics import area_under_precision_recall
from core.review.detection_intervals import average_precision_interval
from core.runs.detections import DetectionRow, Detections

BOX = (0.0, 0.0, 20.0, 20.0)


def rows(*of: tuple[str, str, float]) -> Detections:
    """(picture, label, score)."""
    return Detections.from_rows([DetectionRow("photo", "a", *one[:2], BOX, one[2]) for one in of])


def many(seed: int, pictures: int) -> Detections:
    rng = np.random.default_rng(seed)
    found = []
    for i in range(pictures):
        scores = [*rng.beta(4, 2, rng.integers(1, 5)), math.nan][: rng.integers(1, 6)]
        found += [(f"p{i}", "face", float(score)) for score in scores]
        found += [(f"p{i}", "", float(score)) for score in rng.beta(2, 5, rng.integers(0, 3))]
    return rows(*found)


def test_a_detection_of_weight_two_counts_as_two():
    rng = np.random.default_rng(0)
    hit, weight = rng.random(40) < 0.7, rng.integers(0, 4, 40)
    scores = np.sort(rng.random(40))[::-1]
    repeated = [
        (f"{i}", "face" if hit[i] else "", float(scores[i])) for i in range(40) for _ in range(weight[i])
    ]
    n = int(weight @ hit)
    # Of equal detections all are hits or none, so that their order does not matter
    found = area_under_precision_recall(np.cumsum(weight * hit), np.cumsum(weight), n, interpolated=True)
    assert found == pytest.approx(rows(*repeated).average_precision())


def test_the_interval_surrounds_the_value_and_narrows_with_more_pictures():
    few, lots = many(1, 30), many(1, 480)
    widths = []
    for one in (few, lots):
        low, high = average_precision_interval(one)
        assert low < one.average_precision() < high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.4)  # by the root of 16


def test_pictures_are_drawn_whole():
    """One picture with all faces found, one with none: half the resamples hold both, the others one twice."""
    both = rows(*[("a", "face", 0.9)] * 10, *[("b", "face", math.nan)] * 10)
    assert average_precision_interval(both) == (0.0, 1.0)


def test_resamples_without_faces_are_left_out_and_without_any_there_is_no_interval():
    assert average_precision_interval(rows(("a", "face", 0.9), ("b", "", 0.3))) == (1.0, 1.0)
    assert all(map(math.isnan, average_precision_interval(rows(("a", "", 0.9)))))
    assert all(map(math.isnan, average_precision_interval(rows())))
    assert average_precision_interval(rows(("a", "face", math.nan))) == (0.0, 0.0)
