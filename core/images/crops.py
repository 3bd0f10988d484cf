"""From a frame and a box to what the network is fed. Training and answering both come through here."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from core.images.resize import resized
from core.results import Box, Frame

MAX_CROP_SIDE = 4096  # 50 MB; a face that fills 50 megapixels would take ten times that


def crop_face(frame: Frame, box: Box, scale: float, roll: float = 0) -> np.ndarray:
    """Square (S, S, 3) uint8 RGB around a face: `scale` times the longer side of its box, same centre.

    A face that is turned clockwise by `roll` degrees is turned back, which makes it upright. Where the square
    leaves the frame, the frame's edge pixels are repeated. What is larger than `MAX_CROP_SIDE` is shrunk to
    it, or to less if it is turned. Always a copy.
    """
    side = max(1, round(scale * max(box[2] - box[0], box[3] - box[1])))
    if not roll:
        return _cut(frame, box, side)
    around = _cut(frame, box, side + 2 * math.ceil(side * (math.sqrt(2) - 1) / 2))  # as far as its corners
    if len(around) == MAX_CROP_SIDE:
        side = round(min(side, MAX_CROP_SIDE / math.sqrt(2)))
    middle = (len(around) - 1) / 2
    matrix = np.array(cv2.getRotationMatrix2D((middle, middle), roll, 1), float)
    matrix[:, 2] -= middle - (side - 1) / 2
    return cv2.warpAffine(around, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)


def _cut(frame: Frame, box: Box, side: int) -> np.ndarray:
    x1, y1, x2, y2 = box
    left, top = round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2)
    right, bottom = left + side, top + side
    inside = frame.rgb[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if 0 in inside.shape:
        raise ValueError(f"box {box} lies outside the {frame.width} x {frame.height} frame")
    above, beside = max(-top, 0), max(-left, 0)
    if side > MAX_CROP_SIDE:  # before the edge is repeated, which is what takes memory
        shrink = MAX_CROP_SIDE / side
        width, height = (max(1, int(length * shrink)) for length in inside.shape[1::-1])
        inside = resized(inside, (width, height))
        above, beside, side = int(above * shrink), int(beside * shrink), MAX_CROP_SIDE
    below, behind = side - above - inside.shape[0], side - beside - inside.shape[1]
    return cv2.copyMakeBorder(inside, above, below, beside, behind, cv2.BORDER_REPLICATE)


def to_input(crop: np.ndarray, size: int) -> np.ndarray:
    """(size, size, 3) uint8 RGB from a crop (H, W, 3) of any shape.

    A crop that is not square is padded by its own edge, not squeezed.
    """
    height, width = crop.shape[:2]
    side = max(height, width)
    if height != width:
        top, left = (side - height) // 2, (side - width) // 2
        crop = cv2.copyMakeBorder(
            crop, top, side - height - top, left, side - width - left, cv2.BORDER_REPLICATE
        )
    return resized(crop, (size, size))


def to_batch(crops: Sequence[np.ndarray], size: int) -> np.ndarray:
    """(N, size, size, 3) float32, values 0 to 255, RGB: what an exported graph is fed."""
    batch = np.empty((len(crops), size, size, 3), np.float32)
    for row, crop in zip(batch, crops, strict=True):
        row[:] = to_input(crop, size)
    return batch
