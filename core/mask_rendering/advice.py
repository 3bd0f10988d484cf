"""Pictures of what to do: a mask worn wrongly beside the same mask worn properly, drawn on the astronaut."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from core.labels import BLUE, ORANGE
from core.mask_rendering.samples import masked_portrait
from core.mask_rendering.ways import (
    BELOW_MOUTH,
    COVERED,
    HANGING,
    MOUTH_OUT,
    NOSE_OUT,
    SUBTYPE_OF,
    UNDER_CHIN,
)
from core.results import Frame

_SHOWN = (NOSE_OUT, MOUTH_OUT, BELOW_MOUTH, UNDER_CHIN, HANGING)
_SIDE, _GAP, _FRAME = 120, 28, 4  # pixels: of a portrait, between the two, around each
_SEED = 1  # with it the mask worn properly reaches under the chin
_FINER = 16  # of OpenCV's drawing: sixteenths of a pixel


@cache
def how_to_wear(subtype: str) -> Frame:
    """How it is, an arrow, how it should be: two portraits side by side; the same pixels every time.

    Raises `KeyError` for what is none of `core.labels.SUBTYPES`.
    """
    way = {SUBTYPE_OF[shown]: shown for shown in _SHOWN}[subtype]
    left, right = (
        masked_portrait(wearing, _SIDE, rng=np.random.default_rng(_SEED)) for wearing in (way, COVERED)
    )
    exclamation = np.array([[(0.5, 0.2), (0.5, 0.58)], [(0.5, 0.79), (0.5, 0.8)]])
    tick = np.array([[(0.15, 0.55), (0.4, 0.8)], [(0.4, 0.8), (0.85, 0.2)]])
    arrow = np.array([[(0.05, 0.5), (0.95, 0.5)], [(0.6, 0.2), (0.95, 0.5)], [(0.6, 0.8), (0.95, 0.5)]])
    between = np.full((_SIDE, _GAP, 3), 255, np.uint8)
    _draw(between, arrow, (_GAP * 0.1, _SIDE * 0.4), _GAP * 0.8, (80, 80, 80))
    _mark(left, exclamation, _rgb(ORANGE))
    _mark(right, tick, _rgb(BLUE))
    return Frame(np.ascontiguousarray(np.hstack([left, between, right])))


def _mark(picture: np.ndarray, lines: np.ndarray, colour: tuple[int, int, int]) -> None:
    """A frame of that colour, and in a corner the icon of the answer: never colour alone."""
    cv2.rectangle(picture, (1, 1), (_SIDE - 2, _SIDE - 2), colour, _FRAME)
    size = _SIDE // 5
    picture[:size, :size] = colour
    _draw(picture, lines, (0.0, 0.0), float(size), (255, 255, 255))


def _draw(
    picture: np.ndarray,
    lines: np.ndarray,
    corner: tuple[float, float],
    size: float,
    colour: tuple[int, int, int],
) -> None:
    """`lines` (N, 2, 2), from and to (x, y) as shares of a square of that size at `corner`."""
    ends = np.round((lines * size + corner) * _FINER).astype(np.int32)
    cv2.polylines(picture, list(ends), False, colour, 3, cv2.LINE_AA, 4)


def _rgb(colour: str) -> tuple[int, int, int]:
    r, g, b = bytes.fromhex(colour.removeprefix("#"))
    return r, g, b
