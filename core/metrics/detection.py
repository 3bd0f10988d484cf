"""How well faces are found: matching, average precision, recall by size. Plain numbers, no screen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.boxes import iou
from core.metrics.classification import area_under_precision_recall
from core.results import Box

SIZE_EDGES = (0.0, 16.0, 24.0, 32.0, 64.0, math.inf)  # face height, pixels of the picture


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Detections of a whole set against its true boxes. Arrays over detections, then over true boxes."""

    scores: np.ndarray
    hits: np.ndarray
    heights: np.ndarray
    found_with: np.ndarray  # score of the detection that found each true box, -inf when none did

    def recall(self, low: float = 0.0, high: float = math.inf, min_score: float = 0.0) -> tuple[int, int]:
        """(found, total) of true faces with low <= height < high, by detections of at least `min_score`."""
        of_size = (self.heights >= low) & (self.heights < high)
        return int((self.found_with[of_size] >= min_score).sum()), int(of_size.sum())

    def average_precision(self) -> float:
        """Area under the interpolated precision-recall curve. NaN without faces."""
        true = np.cumsum(self.hits[np.argsort(-self.scores, kind="stable")])
        return area_under_precision_recall(
            true, np.arange(1, len(true) + 1), len(self.heights), interpolated=True
        )


def match(
    pictures: Iterable[tuple[Sequence[Box], Sequence[float], Sequence[Box]]], min_iou: float = 0.5
) -> Matches:
    """Match detections to true boxes, picture by picture: (detected boxes, their scores, true boxes).

    Greedy by score; a true box is found once, a second detection of it is a false one (VOC's rule).
    """
    scores: list[float] = []
    hits: list[bool] = []
    heights: list[float] = []
    found_with: list[float] = []
    for boxes, picture_scores, true_boxes in pictures:
        true = np.array(true_boxes, float).reshape(-1, 4)
        overlaps = iou(np.array(boxes, float).reshape(-1, 4), true)
        found = np.full(len(true), -np.inf)
        for i in np.argsort(-np.array(picture_scores, float), kind="stable"):
            free = np.where(np.isinf(found), overlaps[i], -1)
            hit = bool(len(true)) and free.max() >= min_iou
            if hit:
                found[free.argmax()] = picture_scores[i]
            scores.append(picture_scores[i])
            hits.append(hit)
        heights.extend(true[:, 3] - true[:, 1])
        found_with.extend(found)
    return Matches(np.array(scores), np.array(hits, bool), np.array(heights), np.array(found_with))
