"""Greedy non-maximum suppression on arrays: of boxes that show one face, the best scored stays."""

from __future__ import annotations

import numpy as np

from core.boxes import areas, intersections

SAME_FACE_IOU = 0.35
SAME_FACE_INSIDE = 0.8  # a part of a face found beside the whole has a small IoU, yet lies almost within it
MAX_CANDIDATES = 3000  # the best ones: a picture of pure noise must not take minutes
_BLOCK = 128  # candidates compared with each other at once: bounds memory, and few comparisons are wasted


def nms_indices(boxes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Indices of the (N, 4) boxes that stay, best scored first; at most `MAX_CANDIDATES` are compared.

    A box falls to a better one that stays, when both show one face by `SAME_FACE_IOU` or `SAME_FACE_INSIDE`.
    """
    order = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    boxes = boxes.astype(np.float32)
    kept = order[:0]
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        if len(kept):
            block = block[~_same_face(boxes[block], boxes[kept]).any(axis=1)]
        same = np.triu(_same_face(boxes[block], boxes[block]), 1)
        stays = np.ones(len(block), bool)
        for better in np.flatnonzero(same.any(axis=1)):
            if stays[better]:
                stays &= ~same[better]
        kept = np.concatenate([kept, block[stays]])
    return kept


def _same_face(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(len(a), len(b)) whether boxes show one face; a coordinate that is not a number is of no face."""
    shared, area_a, area_b = intersections(a, b), areas(a)[:, None], areas(b)
    by_iou = shared >= SAME_FACE_IOU * (area_a + area_b - shared)
    return np.asarray(by_iou | (shared >= SAME_FACE_INSIDE * np.minimum(area_a, area_b)))
