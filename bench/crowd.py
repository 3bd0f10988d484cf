"""A crowd of any size, made of the astronaut: what a detector's time is measured on."""

from __future__ import annotations

import numpy as np

from core.images import scaled
from core.mask_rendering import group_photo
from core.results import Frame

_NEAR, _FAR = 5.5, 22.0  # portraits that would fill the height: in the front row, in the last
_LEAST = 8  # pixels of a portrait
_GRAIN = 6.0  # of a phone's camera indoors


def crowd(width: int, height: int) -> tuple[Frame, int]:
    """Rows of portraits that grow towards the viewer, some 300 in 4 by 3, and how many of them are whole."""
    rng = np.random.default_rng(0)
    portraits = group_photo(20).rgb
    side = portraits.shape[1] // 5
    rgb = np.full((height, width, 3), 127, np.uint8)
    top = whole = 0
    while top < height:
        row = max(_LEAST, round(height / (_FAR + (_NEAR - _FAR) * top / height)))
        for left in range(0, width, row):
            line, column = divmod(int(rng.integers(20)), 5)
            one = portraits[line * side : (line + 1) * side, column * side : (column + 1) * side]
            part = scaled(one, row / side)[: height - top, : width - left]
            rgb[top : top + part.shape[0], left : left + part.shape[1]] = part
            whole += part.shape[:2] == (row, row)
        top += row
    grain = rng.normal(0, _GRAIN, rgb.shape).astype(np.float32)
    return Frame(np.clip(rgb + grain, 0, 255).astype(np.uint8)), whole
