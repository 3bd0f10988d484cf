"""What a detector's answers cost: which cells answer for which face, and how well they do."""

from __future__ import annotations

import math
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from core.detection import BOX, POINTS, SCORE, cells
from training.detection import rows
from training.detection.rows import FACE, IGNORED, KIND, LABEL, TARGET, UNKNOWN

_TOP_CELLS = 9  # at most so many cells answer for a face
_NEAR = 1.5  # cells: so far from a face's centre a cell may answer for it, inside its box or not
_SURE, _UNSURE = 0.5, 0.1  # how well a cell fits a face, compared with the best, to answer for it; or not
_EPSILON = 1e-9
# Sides of a face: a point nearer than this costs by the square. With .1, points stayed where an average head
# has them, and said nothing of how it is turned.
_NEAR_POINT = 0.02
_POINT_WEIGHT = 10.0
Sides = Mapping[int, tuple[float, float]]
# Pixels of a face's side (the root of its area) that cells of a stride may answer for, as in FCOS. By
# alignment alone the finest strides took every face, and no cell of stride 32 ever learned one.
SIDES: Sides = {8: (0.0, 56.0), 16: (28.0, 128.0), 32: (80.0, math.inf)}


class DetectionLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Task-aligned assignment (Feng et al., "TOOD", 2021) with GIoU (Rezatofighi et al. 2019) for boxes.

    For square pictures of `size` pixels. Truth: (N, faces, `ROW`) of `training.detection.rows`; answers: as
    `build_detector` says.
    """

    def __init__(self, size: int, sides: Sides = SIDES) -> None:
        super().__init__(name="detection", reduction="sum_over_batch_size")
        grid = cells(size, size)
        self._centres, self._strides = grid[:, :2], grid[:, 2:]
        limits = np.array([sides[stride] for stride in grid[:, 2]], np.float32)
        self._least_side, self._most_side = limits[:, 0], limits[:, 1]

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        truth = ops.cast(y_true, "float32")
        score = y_pred[..., SCORE][..., 0]  # (N, C)
        boxes = decoded_boxes(y_pred[..., BOX], self._centres, self._strides)  # (N, C, 4)
        kind = truth[..., KIND]
        fixed_boxes, fixed_score = ops.stop_gradient(boxes), ops.stop_gradient(ops.sigmoid(score))
        target, owner, ignored = self.assign(truth, fixed_boxes, fixed_score)
        mine = ops.take_along_axis(truth, owner[..., None], axis=1)  # (N, C, ROW)
        total = ops.maximum(ops.sum(target), 1.0) / ops.cast(ops.shape(kind)[0], "float32")

        # Which of a face's cells fits best changes from step to step: were they to score by that, as in TOOD,
        # even a plain face would score .5. So the better half is to be sure, and some may be as they like.
        # Of a face that teachers found, so sure as they are together.
        sure = ops.where(target >= _SURE, mine[..., TARGET], 0.0)
        free = ops.logical_or(ignored, ops.logical_and(target >= _UNSURE, target < _SURE))
        cost = ops.binary_crossentropy(sure, score, from_logits=True)
        wrong = ops.square(ops.sigmoid(score) - sure)  # focal loss (Lin et al. 2017)
        found = ops.sum(ops.where(free, 0.0, cost * wrong * 4.0), axis=1)
        placed = ops.sum(target * (1.0 - giou(boxes, mine[..., :4])), axis=1)
        points = self._points(y_pred[..., POINTS], mine)
        named = self._labels(y_pred[..., POINTS.stop :], mine)
        return (found + 2.0 * placed + ops.sum(target * (0.5 * points + 0.5 * named), axis=1)) / total

    def assign(
        self, truth: keras.KerasTensor, boxes: keras.KerasTensor, score: keras.KerasTensor
    ) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
        """(N, C) how well each cell fits its face, 1 for the best; the row of that; whether it is ignored.

        `boxes` (N, C, 4) and `score` (N, C) are what the cells answer now: the best are to do better.
        """
        true, kind = truth[..., :4], truth[..., KIND]
        x, y = self._centres[:, 0], self._centres[:, 1]
        left, top, right, bottom = (true[..., i : i + 1] for i in range(4))
        # (N, M, C) pixels from the nearest edge, negative outside
        inside = ops.minimum(ops.minimum(x - left, right - x), ops.minimum(y - top, bottom - y))
        far = ops.maximum(ops.abs(x - (left + right) / 2), ops.abs(y - (top + bottom) / 2))
        near = far < _NEAR * self._strides[:, 0]
        face = ops.equal(kind, FACE)[..., None]
        side = ops.sqrt(_area(true))[..., None]
        in_charge = ops.logical_and(side >= self._least_side, side < self._most_side)
        candidate = ops.logical_and(ops.logical_and(face, in_charge), ops.logical_or(inside > 0, near))
        overlap = iou(true[:, :, None], boxes[:, None])  # (N, M, C)
        aligned = ops.where(candidate, ops.sqrt(score)[:, None] * ops.power(overlap, 4.0) + _EPSILON, 0.0)
        least = ops.top_k(aligned, _TOP_CELLS)[0][..., -1:]
        chosen = ops.logical_and(candidate, aligned >= least)
        # A cell answers for one face: the one that it fits best.
        fit = ops.where(chosen, overlap + _EPSILON, 0.0)
        owner = ops.argmax(fit, axis=1)
        positive = ops.max(fit, axis=1) > 0
        owns = ops.logical_and(
            chosen, ops.equal(ops.arange(ops.shape(true)[1])[None, :, None], owner[:, None])
        )
        aligned = ops.where(owns, aligned, 0.0)
        target = ops.max(aligned / (ops.max(aligned, axis=2, keepdims=True) + 1e-12), axis=1)
        skipped = ops.any(ops.logical_and(ops.equal(kind, IGNORED)[..., None], inside > 0), axis=1)
        return (
            ops.where(positive, target, 0.0),
            owner,
            ops.logical_and(skipped, ops.logical_not(positive)),
        )

    def _points(self, answers: keras.KerasTensor, mine: keras.KerasTensor) -> keras.KerasTensor:
        """(N, C) mean distance of the five points, in sides of the face; 0 where they are not known."""
        true = mine[..., rows.POINTS]
        scale = ops.sqrt(ops.maximum(_area(mine[..., :4]), 1.0))[..., None]
        centre = ops.tile(ops.convert_to_tensor(self._centres), (1, 5))
        distance = ops.abs(centre + answers * self._strides - true) / scale
        smooth = ops.where(
            distance < _NEAR_POINT, ops.square(distance) / (2 * _NEAR_POINT), distance - _NEAR_POINT / 2
        )
        known = ops.cast(ops.min(true, axis=-1) > UNKNOWN, "float32")
        return known * ops.mean(ops.minimum(smooth, 2.0), axis=-1) * _POINT_WEIGHT

    def _labels(self, answers: keras.KerasTensor, mine: keras.KerasTensor) -> keras.KerasTensor:
        label = ops.cast(mine[..., LABEL], "int32")
        known = ops.cast(label >= 0, "float32")
        cost = ops.sparse_categorical_crossentropy(ops.maximum(label, 0), answers, from_logits=True)
        return known * cost


def decoded_boxes(answers: keras.KerasTensor, centres: object, strides: object) -> keras.KerasTensor:
    """(..., C, 4) boxes in pixels from (..., C, 4) answers, see `core.detection.face_fpn.decode`."""
    middle = centres + answers[..., :2] * strides
    half = ops.exp(ops.clip(answers[..., 2:], -6.0, 6.0)) * strides / 2
    return ops.concatenate([middle - half, middle + half], axis=-1)


def _area(boxes: keras.KerasTensor) -> keras.KerasTensor:
    return ops.maximum(boxes[..., 2] - boxes[..., 0], 0.0) * ops.maximum(boxes[..., 3] - boxes[..., 1], 0.0)


def _overlap(a: keras.KerasTensor, b: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Intersection and union, coordinate by coordinate: sums over an axis of four numbers are slow."""
    width = ops.minimum(a[..., 2], b[..., 2]) - ops.maximum(a[..., 0], b[..., 0])
    height = ops.minimum(a[..., 3], b[..., 3]) - ops.maximum(a[..., 1], b[..., 1])
    shared = ops.maximum(width, 0.0) * ops.maximum(height, 0.0)
    return shared, _area(a) + _area(b) - shared


def iou(a: keras.KerasTensor, b: keras.KerasTensor) -> keras.KerasTensor:
    """(...) intersection over union of boxes (..., 4), one by one. 0 of empty boxes."""
    shared, union = _overlap(a, b)
    return shared / (union + _EPSILON)


def giou(a: keras.KerasTensor, b: keras.KerasTensor) -> keras.KerasTensor:
    """(...) from -1, far apart, to 1, the same: IoU less the share of the boxes' hull that neither fills."""
    shared, union = _overlap(a, b)
    width = ops.maximum(a[..., 2], b[..., 2]) - ops.minimum(a[..., 0], b[..., 0])
    height = ops.maximum(a[..., 3], b[..., 3]) - ops.minimum(a[..., 1], b[..., 1])
    hull = width * height
    return shared / (union + _EPSILON) - (hull - union) / (hull + _EPSILON)
