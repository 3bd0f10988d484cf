"""Maskwise's own detector: one stage, anchor-free, a feature pyramid. Trained by the recipe `face_fpn`.

Its network answers cells of three strides, row by row, stride 8 first. A cell answers a score, the middle of a box
as an offset from its own in cells, the logarithms of the box's sides in cells, and five points as such offsets.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.results import Detection
from core.search import one_per_face

NAME = "face_fpn"
STRIDES = (8, 16, 32)  # pixels a cell
SCORE, BOX, POINTS = slice(0, 1), slice(1, 5), slice(5, 15)  # of a cell's answers; labels follow
GROUND = 127  # beyond a picture: the middle of the range, which the network sees as nothing
_LARGEST_LOG = 6.0  # of a box's side in cells: a bound, so that no answer is infinite

Network = Callable[[np.ndarray], np.ndarray]
"""(N, H, W, 3) float32 RGB 0 to 255, H and W multiples of 32 -> (N, cells, 15 or more) float32, score as a logit."""


def cells(height: int, width: int) -> np.ndarray:
    """(cells, 3) float32: centre x, centre y and stride of every cell of a picture, in pixels."""
    parts = []
    for stride in STRIDES:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride].reshape(2, -1)
        parts.append(np.stack([(x + 0.5) * stride, (y + 0.5) * stride, np.full(x.size, stride)], axis=1))
    return np.concatenate(parts).astype(np.float32)


def padded(rgb: np.ndarray) -> np.ndarray:
    """(H, W, 3) with `GROUND` below and to the right, up to multiples of the largest stride."""
    height, width = rgb.shape[:2]
    below, right = -height % STRIDES[-1], -width % STRIDES[-1]
    return cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(GROUND,) * 3)


def decode(answers: np.ndarray, height: int, width: int, min_score: float) -> list[Detection]:
    """Faces of at least `min_score`, one detection a face, best first, from (cells, 15 or more) answers.

    `height` and `width` are those of the padded picture; boxes are in its pixels and may leave it.
    """
    least = np.log(max(min_score, 1e-6) / max(1 - min_score, 1e-6))
    kept = answers[:, 0] >= least
    grid, mine = cells(height, width)[kept], answers[kept].astype(np.float64)
    centre, stride = grid[:, :2], grid[:, 2:]
    scores = 1 / (1 + np.exp(-mine[:, 0]))
    middle = centre + mine[:, 1:3] * stride
    half = np.exp(np.clip(mine[:, 3:5], -_LARGEST_LOG, _LARGEST_LOG)) * stride / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    points = (np.tile(centre, 5) + mine[:, POINTS] * stride).reshape(-1, 5, 2)
    return list(
        one_per_face(
            [
                Detection(
                    box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                    score=float(score),
                    detector=NAME,
                    landmarks=tuple((float(x), float(y)) for x, y in five),
                )
                for box, score, five in zip(boxes, scores, points, strict=True)
            ]
        )
    )


def find(network: Network, rgb: np.ndarray, min_score: float) -> list[Detection]:
    """Faces of one (H, W, 3) uint8 RGB picture, seen as it is; boxes in its pixels."""
    picture = padded(rgb)
    answers = network(picture[None].astype(np.float32))[0]
    return decode(answers, picture.shape[0], picture.shape[1], min_score)
