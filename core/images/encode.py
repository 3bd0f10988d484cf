"""Pictures as files in memory: what is shown and what is downloaded."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def to_jpeg(rgb: np.ndarray, *, quality: int = 90) -> bytes:
    """JPEG bytes of (H, W, 3) uint8 RGB, without metadata."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def shrunk(rgb: np.ndarray, longest_side: int) -> np.ndarray:
    """(H, W, 3) with at most `longest_side` pixels on its longer side; the same array when it fits."""
    height, width = rgb.shape[:2]
    scale = longest_side / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX, reducing_gap=2.0))
