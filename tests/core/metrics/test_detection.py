import math

import pytest

from core.metrics.detection import match


def test_average_precision_by_hand():
    """Hits at ranks 1 and 3 of three detections, two faces: precision 1 up to recall .5, then 2/3."""
    true = [(0, 0, 10, 10), (50, 0, 60, 30)]
    m = match([([(0, 0, 10, 10), (100, 0, 110, 10), (50, 0, 60, 30)], [0.9, 0.8, 0.7], true)])
    assert m.average_precision() == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert m.recall() == (2, 2)
    assert m.recall(min_score=0.8) == (1, 2)
    assert m.recall(high=16) == (1, 1)


def test_a_face_found_twice_counts_once():
    m = match([([(0, 0, 10, 10), (0, 0, 10, 9)], [0.9, 0.8], [(0, 0, 10, 10)])])
    assert list(m.hits) == [True, False]


def test_nothing_to_find_is_undefined_not_zero():
    assert math.isnan(match([([(0, 0, 5, 5)], [0.9], [])]).average_precision())
    assert match([([], [], [(0, 0, 5, 5)])]).average_precision() == 0
