"""NMS in blocks against the textbook's loop, one pair at a time."""

import numpy as np
import pytest

from core.boxes import iou
from core.detection import nms
from core.detection.nms import nms_indices


def one_pair_at_a_time(boxes, scores):
    overlaps, areas = iou(boxes, boxes), (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    shared = overlaps * (areas[:, None] + areas) / (1 + overlaps)
    inside = shared / np.minimum(areas[:, None], areas)
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        if all(overlaps[i, k] < 0.35 and inside[i, k] < 0.8 for k in kept):
            kept.append(int(i))
    return kept


def crowd(n, faces, seed=0):
    """Boxes and scores of `n` candidates for `faces` faces."""
    rng = np.random.default_rng(seed)
    whose = rng.integers(0, faces, n)
    centre = rng.uniform(0, 640, (faces, 2))[whose] + rng.normal(0, 3, (n, 2))
    half = rng.uniform(5, 30, (faces, 1))[whose] * rng.uniform(0.6, 1.2, (n, 1))
    return np.concatenate([centre - half, centre + half], axis=1), rng.random(n)


@pytest.mark.parametrize(("n", "faces"), [(1, 1), (40, 1), (128, 128), (129, 20), (600, 40), (600, 600)])
def test_in_blocks_as_one_pair_at_a_time(n, faces):
    boxes, scores = crowd(n, faces)
    assert nms_indices(boxes, scores).tolist() == one_pair_at_a_time(boxes, scores)


def test_a_box_that_fell_lets_no_other_fall():
    chain = np.array([(0, 0, 10, 10), (4, 0, 14, 10), (8, 0, 18, 10)], float)  # each overlaps the next by .43
    assert nms_indices(chain, np.array([0.9, 0.8, 0.7])).tolist() == [0, 2]
    assert nms_indices(chain, np.array([0.8, 0.9, 0.7])).tolist() == [1]


def test_nothing_is_left_of_nothing():
    assert nms_indices(np.empty((0, 4)), np.empty(0)).tolist() == []


def test_only_the_best_candidates_are_compared(monkeypatch):
    monkeypatch.setattr(nms, "MAX_CANDIDATES", 3)
    apart = np.arange(5)[:, None] * 100.0 + (0, 0, 10, 10)
    assert nms_indices(apart, np.array([0.1, 0.5, 0.2, 0.4, 0.3])).tolist() == [1, 3, 4]
