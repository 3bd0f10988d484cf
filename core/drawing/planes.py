"""Answers drawn on, and faces hidden in, pictures as films hold them: without a way through RGB and back.

A picture is I420, (H * 3 / 2, W) uint8: the plane Y (H, W), then U and V, each (H / 2, W / 2). H and W are
even.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import ImageColor

from core.drawing.annotations import Outline, outlines
from core.drawing.anonymise import blur_in_place
from core.drawing.plates import Plate, picture_of, placed
from core.results import Box, FaceResult

_BT601 = (0.299, 0.114)  # shares of red and blue in what is bright
_SHARES = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}  # by colour space, as ITU-T H.273 numbers them


def annotate_planes(planes: np.ndarray, faces: Sequence[FaceResult], colour_space: int = 2) -> None:
    """Draw on `planes` what `annotate` draws in live video. `colour_space`: as ITU-T H.273 numbers them."""
    y, u, v = _split(planes)
    size = (y.shape[1], y.shape[0])
    for outline in outlines(faces, size):
        colour = _colour(outline.colour, colour_space)
        _draw_outline(y, outline, 1, colour[0])
        for plane, value in ((u, colour[1]), (v, colour[2])):
            _draw_outline(plane, outline, 2, value)
    for plate, left, top in placed(faces, size, numbers=True, live=True):
        left, top = left // 2 * 2, top // 2 * 2
        for plane, (drawn, kept), by in zip((y, u, v), _stamp(plate, colour_space), (1, 2, 2), strict=True):
            x, down = left // by, top // by
            under = plane[down : down + len(kept), x : x + kept.shape[1]]
            under[:] = (drawn + under * kept + 127) // 255


def blur_planes(planes: np.ndarray, boxes: Sequence[Box]) -> None:
    """Hide in `planes` what `blur_faces` hides."""
    y, u, v = _split(planes)
    blur_in_place(y, boxes)
    half: list[Box] = [(x1 / 2, y1 / 2, x2 / 2, y2 / 2) for x1, y1, x2, y2 in boxes]
    for plane in (u, v):
        blur_in_place(plane, half)


def _split(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Views of Y, U and V."""
    height, width = planes.shape[0] * 2 // 3, planes.shape[1]
    y, u, v = np.split(planes.reshape(-1), [height * width, height * width * 5 // 4])
    half = (height // 2, width // 2)
    return y.reshape(height, width), u.reshape(half), v.reshape(half)


def _draw_outline(plane: np.ndarray, outline: Outline, by: int, value: int) -> None:
    """`by`: pixels of the picture for one of the plane."""
    x1, y1, x2, y2 = outline.box
    line = outline.line
    for left, top, right, bottom in (
        (x1, y1, x2 + 1, y1 + line),
        (x1, y2 + 1 - line, x2 + 1, y2 + 1),
        (x1, y1, x1 + line, y2 + 1),
        (x2 + 1 - line, y1, x2 + 1, y2 + 1),
    ):
        rows = slice(max(top, y1, 0) // by, -(-max(min(bottom, y2 + 1), 0) // by))
        columns = slice(max(left, x1, 0) // by, -(-max(min(right, x2 + 1), 0) // by))
        plane[rows, columns] = value


@lru_cache(maxsize=64)
def _colour(name: str, colour_space: int) -> tuple[int, int, int]:
    y, u, v = _yuv(np.array(ImageColor.getrgb(name)[:3], float), colour_space)
    return round(float(y)), round(float(u)), round(float(v))


def _yuv(rgb: np.ndarray, colour_space: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of (..., 3) red, green and blue up to 255, in the range that films use."""
    r, g, b = np.moveaxis(rgb, -1, 0)
    red, blue = _SHARES.get(colour_space, _BT601)
    bright = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - bright) / (2 - 2 * blue), (r - bright) / (2 - 2 * red)
    return 16 + bright * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255


@lru_cache(maxsize=256)
def _stamp(plate: Plate, colour_space: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each plane, uint16: the label times its alpha, and what is left of 255 for what lies under it."""
    rgba = np.array(picture_of(plate), float)
    rgba = np.pad(rgba, ((0, len(rgba) % 2), (0, rgba.shape[1] % 2), (0, 0)))
    alpha = rgba[..., 3]
    found = []
    for plane, by in zip(_yuv(rgba[..., :3], colour_space), (1, 2, 2), strict=True):
        drawn, opaque = (_means(values, by).round().astype(np.uint16) for values in (plane * alpha, alpha))
        found.append((drawn, 255 - opaque))
    return found


def _means(values: np.ndarray, by: int) -> np.ndarray:
    """Of squares of `by` pixels a side."""
    height, width = values.shape
    return np.asarray(values.reshape(height // by, by, width // by, by).mean(axis=(1, 3)))
