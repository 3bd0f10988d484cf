"""Pictures in another size: every module that resizes for its own sake comes through here."""

from __future__ import annotations

import cv2
import numpy as np


def scaled_size(width: int, height: int, scale: float) -> tuple[int, int]:
    """Width and height `scale` times as large, whole pixels, 1 at least."""
    return max(1, round(width * scale)), max(1, round(height * scale))


def resized(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H, W, ...) in `size`, width and height in pixels; the same array when it has that size.

    The mean over each new pixel's area when shrinking, which keeps small faces free of aliasing; linear when
    enlarging.
    """
    width, height = size
    if rgb.shape[:2] == (height, width):
        return rgb
    smaller = width * height < rgb.shape[0] * rgb.shape[1]
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def scaled(rgb: np.ndarray, scale: float) -> np.ndarray:
    """(H, W, 3) enlarged or shrunk; the same array when it keeps its size."""
    height, width = rgb.shape[:2]
    return resized(rgb, scaled_size(width, height, scale))


def shrunk(rgb: np.ndarray, longest_side: int) -> np.ndarray:
    """(H, W, 3) with at most `longest_side` pixels on its longer side; the same array when it fits."""
    return scaled(rgb, min(1.0, longest_side / max(rgb.shape[:2])))
