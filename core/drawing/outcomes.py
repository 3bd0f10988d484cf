"""Found, missed and false boxes drawn on a crop of their picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

from core.errors import ImageError
from core.images import crop_face, shrunk, to_input
from core.labels import BLUE, ORANGE, VERMILION
from core.results import Box, Frame

Outcome = Literal["found", "missed", "false"]
COLOURS: dict[Outcome, str] = {"found": BLUE, "missed": VERMILION, "false": ORANGE}
CONTEXT = 3.0  # the picture around a face, in longer sides of its box: enough to see why it was missed
_LEAST_SIDE = 64  # pixels of the picture: fewer are a few squares of colour
_LARGEST = 4  # times the side of the crop asked for: more pixels are not seen
_LINE_PX, _DASH_PX, _CORNER = 3, 9, 0.28  # on the crop; a corner is a share of the box's side


@dataclass(frozen=True, slots=True)
class Marked:
    """A box in pixels of the picture, and what became of it."""

    box: Box
    outcome: Outcome


def marked_crop(frame: Frame, box: Box, marked: Iterable[Marked], side: int = 240) -> np.ndarray:
    """Square (side, side, 3) uint8 RGB around `box`, with every box of `marked` in it drawn.

    Found: a whole line. Missed: dashes. False: corners alone. Raises `ImageError` for a `box` outside.
    """
    longest = max(box[2] - box[0], box[3] - box[1])
    scale = max(CONTEXT, _LEAST_SIDE / longest)
    # First shrunk where the crop is large, so that an untrusted box cannot ask for gigabytes
    shrink = min(1.0, _LARGEST * side / (scale * longest))
    seen = Frame(shrunk(frame.rgb, max(1, round(shrink * max(frame.width, frame.height)))))
    x1, y1, x2, y2 = (shrink * corner for corner in box)
    try:
        picture = Image.fromarray(to_input(crop_face(seen, (x1, y1, x2, y2), scale), side))
    except ValueError:
        raise ImageError(
            f"The box lies outside the picture of {frame.width} x {frame.height} pixels: is it another one?"
        ) from None
    across = max(1, round(scale * shrink * longest))
    corner = np.array([round((x1 + x2 - across) / 2), round((y1 + y2 - across) / 2)] * 2)
    draw = ImageDraw.Draw(picture)
    for one in marked:
        there = (shrink * np.array(one.box) - corner) * side / across
        if (there[:2] < side).all() and (there[2:] > 0).all():
            _draw(draw, tuple(np.clip(there, -side, 2 * side)), one.outcome)
    return np.array(picture)


def _draw(draw: ImageDraw.ImageDraw, box: tuple[float, ...], outcome: Outcome) -> None:
    """Between light lines, to be seen on any ground."""
    lines = list(_lines(box, outcome))
    for colour, width in (("#FFFFFF", _LINE_PX + 2), (COLOURS[outcome], _LINE_PX)):
        for line in lines:
            draw.line(line, colour, width)


def _lines(box: tuple[float, ...], outcome: Outcome) -> Iterable[tuple[float, float, float, float]]:
    x1, y1, x2, y2 = box
    for a, b in (((x1, y1), (x2, y1)), ((x2, y1), (x2, y2)), ((x2, y2), (x1, y2)), ((x1, y2), (x1, y1))):
        start, end = np.array(a), np.array(b)
        for low, high in _shares(float(np.abs(end - start).max()), outcome):
            yield (*(start + low * (end - start)), *(start + high * (end - start)))


def _shares(length: float, outcome: Outcome) -> list[tuple[float, float]]:
    """Which parts of an edge are drawn, as shares of it."""
    if outcome == "found":
        return [(0, 1)]
    if outcome == "false":
        return [(0, _CORNER), (1 - _CORNER, 1)]
    dashes = max(2, round(length / (2 * _DASH_PX)))  # and a gap after each but the last
    edges = np.linspace(0, 1, 2 * dashes)
    return [(float(low), float(high)) for low, high in edges.reshape(-1, 2)]
