"""Pictures as files in memory: what is shown and what is downloaded."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def to_jpeg(rgb: np.ndarray, *, quality: int = 90, full_colour: bool = False) -> bytes:
    """JPEG bytes of (H, W, 3) uint8 RGB, without metadata.

    `full_colour` keeps the colour of every pixel, else of every other one each way, as pictures mostly do.
    """
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality, subsampling=0 if full_colour else 2)
    return buffer.getvalue()
