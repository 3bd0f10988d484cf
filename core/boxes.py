"""Boxes (x1, y1, x2, y2) in pixels."""

from __future__ import annotations

import numpy as np


def areas(boxes: np.ndarray) -> np.ndarray:
    """(N,) areas of boxes (N, 4), x1 y1 x2 y2."""
    left, top, right, bottom = boxes.T
    return np.asarray((right - left) * (bottom - top))


def intersections(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N, M) shared areas of boxes (N, 4) and (M, 4); not a number where a coordinate is none."""
    (left_a, top_a, right_a, bottom_a), (left_b, top_b, right_b, bottom_b) = a.T[:, :, None], b.T[:, None]
    across = np.minimum(right_a, right_b) - np.maximum(left_a, left_b)
    down = np.minimum(bottom_a, bottom_b) - np.maximum(top_a, top_b)
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0))


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N, M) intersection over union of boxes (N, 4) and (M, 4), x1 y1 x2 y2."""
    shared = intersections(a, b)
    return np.asarray(shared / (areas(a)[:, None] + areas(b) - shared))
