"""Draws the answer on the picture: a box, an icon and words for each face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from core.drawing.plates import Size, picture_of, placed
from core.labels import appearance
from core.results import FaceResult, Frame

_HALO = "#FFFFFF"


def annotate(
    frame: Frame,
    faces: Sequence[FaceResult],
    *,
    boxes: bool = True,
    labels: bool = True,
    numbers: bool = True,
    live: bool = False,
) -> np.ndarray:
    """A copy (H, W, 3) uint8 RGB with a box and a label on each face.

    The label holds the face's number (its track, else its place in `faces` from 1), the icon, the words and
    the confidence; where room is short it says less. It lies beside the face, over no other face if it can.
    `live` is for video: no confidence, whose digits would flicker, and in place of "cannot tell" what to do.
    """
    picture = Image.fromarray(frame.rgb)  # a copy
    draw, size = ImageDraw.Draw(picture), (frame.width, frame.height)
    if boxes:
        for outline in outlines(faces, size):
            draw.rectangle(outline.box, outline=outline.colour, width=outline.line)
    if labels:
        for plate, left, top in placed(faces, size, numbers=numbers, live=live):
            label = picture_of(plate)
            picture.paste(label, (left, top), label)
    return np.array(picture)


@dataclass(frozen=True, slots=True)
class Outline:
    """A rectangle's edge, `line` pixels wide to the inside. `box`: left, top, last column, last row."""

    box: tuple[int, int, int, int]
    colour: str
    line: int


def outlines(faces: Sequence[FaceResult], size: Size) -> Iterator[Outline]:
    """Of each face its frame in the answer's colour between two thin light lines, to be seen on any ground.

    May reach out of the picture by the light line.
    """
    for face in faces:
        x1, y1, x2, y2 = face.detection.box
        left, top = max(0, round(x1)), max(0, round(y1))
        right, bottom = min(size[0], round(x2)) - 1, min(size[1], round(y2)) - 1
        if left > right or top > bottom:
            continue
        line = int(max(1, min(max(size) / 250, face.detection.side / 10)))
        halo = max(1, line // 3)
        around = (left - halo, top - halo, right + halo, bottom + halo)
        yield Outline(around, _HALO, line + 2 * halo)
        yield Outline((left, top, right, bottom), appearance(face.answer).colour, line)
