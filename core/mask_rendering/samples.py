"""Pictures that are always there: the astronaut Eileen Collins, as she is and with masks drawn on.

The photo is NASA's and in the public domain; it comes with scikit-image.
"""

from __future__ import annotations

import importlib.resources
import math

import numpy as np
from PIL import Image

from core.images import resized, to_input
from core.mask_rendering.render import draw_mask
from core.mask_rendering.styles import MaskStyle, random_style
from core.mask_rendering.ways import BELOW_MOUTH, COVERED, NOSE_OUT, WEARINGS
from core.results import Frame, Landmarks

ASTRONAUT_LANDMARKS: Landmarks = (
    (200.1, 101.8),
    (247.1, 102.6),
    (220.4, 124.5),
    (198.6, 142.8),
    (239.7, 143.6),
)
"""Pixels of the 512 x 512 picture, measured once with YuNet (2023mar, score .9)."""

SAMPLES = {
    "no_mask": "Astronaut, no mask",
    "worn_right": "Mask worn right (drawn)",
    "nose_out": "Nose uncovered (drawn)",
    "below_mouth": "Mask below the mouth (drawn)",
    "group": "Wall of 20 portraits (drawn)",
}
"""Name and title of each sample, in the order to show them."""

_DRAWN = {
    "worn_right": (COVERED, MaskStyle(shape="surgical", colour=(146, 190, 214))),
    "nose_out": (NOSE_OUT, MaskStyle(shape="cloth", colour=(40, 44, 56), trim=(52, 56, 68))),
    "below_mouth": (BELOW_MOUTH, MaskStyle(shape="surgical", colour=(236, 240, 242))),
}

_HEAD_CENTRE, _HEAD_SIDE = (222, 112), 150  # of the astronaut's head with its hair, pixels
_CHIN_ROOM = 25  # pixels more below it than above: a mask may hang there
_TILE_PX = 200  # side of a portrait in the group photo
_MAX_GROUP = 400  # keeps the group photo under 16 megapixels


def sample_frame(name: str) -> Frame:
    """The sample of that name; the same pixels every time. Raises `KeyError` for a name not in `SAMPLES`."""
    if name == "group":
        return group_photo()
    if name == "no_mask":
        return Frame(_astronaut())
    wearing, style = _DRAWN[name]
    return Frame(draw_mask(_astronaut(), ASTRONAUT_LANDMARKS, wearing, style))


def masked_portrait(
    wearing: str, side: int, style: MaskStyle | None = None, rng: np.random.Generator | None = None
) -> np.ndarray:
    """(side, side, 3) uint8 RGB: the astronaut's head with a mask worn in one of `WAYS`."""
    drawn = draw_mask(_astronaut(), ASTRONAUT_LANDMARKS, wearing, style or MaskStyle(), rng)
    (x, y), half = _HEAD_CENTRE, _HEAD_SIDE * 3 // 5
    crop = drawn[y - half + _CHIN_ROOM : y + half + _CHIN_ROOM, x - half : x + half]
    return to_input(crop, side)


def group_photo(faces: int = 20) -> Frame:
    """A wall of portraits of the astronaut, 1 to 400, a quarter of them bare, the others in synthetic masks.

    Heads differ in size, direction, light and mask, so that finding and judging many faces can be tried.
    """
    if not 1 <= faces <= _MAX_GROUP:
        raise ValueError(f"a group photo has 1 to {_MAX_GROUP} faces, got {faces}")
    rng = np.random.default_rng(20)
    bare = _astronaut()
    columns = math.ceil(math.sqrt(faces * 1.25))  # a 5 to 4 picture
    rows = math.ceil(faces / columns)
    wall = np.full((rows * _TILE_PX, columns * _TILE_PX, 3), (202, 198, 190), np.uint8)
    wearings = (None, *WEARINGS)
    for i in range(faces):
        wearing = wearings[i % len(wearings)]
        worn = draw_mask(bare, ASTRONAUT_LANDMARKS, wearing, random_style(rng), rng) if wearing else bare
        top, left = i // columns * _TILE_PX, i % columns * _TILE_PX
        frame = slice(top + 4, top + _TILE_PX - 4), slice(left + 4, left + _TILE_PX - 4)
        wall[frame] = _portrait(worn, _TILE_PX - 8, rng)
    return Frame(wall)


def _portrait(rgb: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """(size, size, 3) uint8: the head and some of what is around it, in some light, facing either way."""
    half = _HEAD_SIDE * rng.uniform(0.9, 1.4) / 2
    x, y = np.array(_HEAD_CENTRE) + rng.uniform(-8, 8, 2)
    left, right = round(x - half), round(x + half)
    top = max(0, round(y - half))
    crop = rgb[top : top + right - left, left:right]
    crop = crop[:, ::-1] if rng.random() < 0.5 else crop
    light = rng.uniform(0.7, 1.1) * rng.uniform(0.95, 1.05, 3)
    return np.clip(resized(crop, (size, size)) * light, 0, 255).astype(np.uint8)


def _astronaut() -> np.ndarray:
    """(512, 512, 3) uint8. Read as a file: `skimage.data.astronaut()` imports a third of a second of code."""
    file = importlib.resources.files("skimage") / "data" / "astronaut.png"
    with file.open("rb") as stream, Image.open(stream) as picture:
        return np.array(picture.convert("RGB"))
