"""Areas and overlaps of boxes, against the definition one pair at a time."""

import math

import numpy as np
import pytest

from core.boxes import areas, intersections, iou


def shared(a, b):
    across = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    return across * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))


def test_many_boxes_as_one_pair_at_a_time():
    a, b = (np.random.default_rng(n).uniform(0, 100, (20 + n, 4)) for n in (0, 1))
    for boxes in (a, b):
        boxes[:, 2:] += boxes[:, :2]
    assert areas(a)[3] == pytest.approx((a[3, 2] - a[3, 0]) * (a[3, 3] - a[3, 1]))
    assert intersections(a, b) == pytest.approx(np.array([[shared(one, other) for other in b] for one in a]))
    both = intersections(a, b)
    assert iou(a, b) == pytest.approx(both / (areas(a)[:, None] + areas(b)[None] - both))


def test_boxes_that_only_touch_share_nothing():
    box = np.array([(0.0, 0.0, 10.0, 10.0)])
    assert iou(box, np.array([(10.0, 0.0, 20.0, 10.0), (-5.0, -5.0, 0.0, 0.0)])).tolist() == [[0.0, 0.0]]
    assert iou(box, box).tolist() == [[1.0]]


def test_no_boxes_have_no_overlaps():
    assert iou(np.empty((0, 4)), np.ones((3, 4))).shape == (0, 3)


def test_a_coordinate_that_is_not_a_number_is_never_an_overlap():
    broken = np.array([(math.nan, 0.0, 10.0, 10.0)])
    assert not (iou(broken, np.array([(0.0, 0.0, 10.0, 10.0)])) >= 0).any()


def test_iou_by_hand():
    a = np.array([[0, 0, 10, 10.0]])
    b = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30.0]])
    assert iou(a, b)[0] == pytest.approx([1, 50 / 150, 0])
