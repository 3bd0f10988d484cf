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
