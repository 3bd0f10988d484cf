"""One home for a picture in another size."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image


def scaled(rgb: np.ndarray, scale: float) -> np.ndarray:
    """(H, W, 3) enlarged or shrunk; the same array when the scale is 1."""
    if scale == 1:
        return rgb
    height, width = rgb.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def shrunk(rgb: np.ndarray, longest_side: int) -> np.ndarray:
    """(H, W, 3) with at most `longest_side` pixels on its longer side; the same array when it fits."""
    height, width = rgb.shape[:2]
    scale = longest_side / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX, reducing_gap=2.0))
