"""Faces made unrecognisable."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.results import Box, Frame

_BLUR_CELLS = 5  # across a face: fewer than the 7 or so at which people still recognise faces they know


def blur_faces(rgb: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """A copy of `rgb` (H, W, 3) uint8 in which nobody can be recognised.

    The ellipse around each box is replaced by at most 5 x 5 mean colours, smoothed: what is drawn is made
    of these alone, so sharpening brings nothing back.
    """
    out = Frame(rgb).rgb.copy()
    blur_in_place(out, boxes)
    return out


def blur_in_place(out: np.ndarray, boxes: Sequence[Box]) -> None:
    """Hide `boxes` in (H, W, 3) uint8, or in one plane of it, (H, W)."""
    height, width = out.shape[:2]
    for x1, y1, x2, y2 in boxes:
        # The ellipse through the corners of the box, so that the whole box is hidden
        centre = ((x1 + x2) / 2, (y1 + y2) / 2)
        half = (max(1.0, (x2 - x1) / 2**0.5), max(1.0, (y2 - y1) / 2**0.5))
        left, top = (max(0, int(np.floor(c - h))) for c, h in zip(centre, half, strict=True))
        right = min(width, int(np.ceil(centre[0] + half[0])))
        bottom = min(height, int(np.ceil(centre[1] + half[1])))
        if left >= right or top >= bottom:
            continue
        region = out[top:bottom, left:right]
        cells = [max(1, min(_BLUR_CELLS, side // 3)) for side in (right - left, bottom - top)]
        means = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
        smooth = cv2.resize(means, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
        across = ((np.arange(left, right) + 0.5 - centre[0]) / half[0]) ** 2
        down = ((np.arange(top, bottom) + 0.5 - centre[1]) / half[1]) ** 2
        inside = (across + down[:, None] <= 1).astype(np.uint8)
        out[top:bottom, left:right] = cv2.copyTo(smooth, inside, region.copy())
