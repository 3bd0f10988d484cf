"""The label beside a face: what it says, where it has room, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.drawing.contrast import ink_on
from core.labels import CANNOT_TELL, SUBTYPES, appearance
from core.reasons import HINTS
from core.results import Box, FaceResult

_MIN_FONT_PX = 9  # the smallest letters that can be read
_MAX_WORDS = 24  # characters of a label; an untrusted model may bring any
Size = tuple[int, int]  # width and height of a picture, pixels


@dataclass(frozen=True, slots=True)
class Plate:
    """A label before it has a place. Lengths in pixels."""

    number: str
    icon: str
    words: str
    colour: str
    font_px: int

    @property
    def pad(self) -> int:
        return max(1, round(0.25 * self.font_px))

    @property
    def height(self) -> int:
        return self.font_px + 2 * self.pad

    @property
    def width(self) -> int:
        texts = sum(_text_width(text, self.font_px) + self.pad for text in (self.number, self.words) if text)
        return texts + self.font_px + 2 * self.pad


def placed(
    faces: Sequence[FaceResult], size: Size, *, numbers: bool, live: bool
) -> Iterator[tuple[Plate, int, int]]:
    """The label of each face for which there is room, and where its left upper corner goes.

    It lies beside the face, over no other face and label if it can; where room is short it says less.
    """
    taken = np.array([face.detection.box for face in faces], float).reshape(-1, 4)
    for i, face in enumerate(faces):
        if found := _place(face, i + 1 if numbers else None, size, taken, live):
            plate, place = found
            yield plate, int(place[0]), int(place[1])
            taken = np.vstack([taken, place])


@lru_cache(maxsize=64)
def _font(font_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(font_px)  # Aileron, in Pillow itself


@lru_cache(maxsize=1024)
def _text_width(text: str, font_px: int) -> int:
    return int(np.ceil(_font(font_px).getlength(text)))


def _font_px(face: FaceResult, size: Size) -> int:
    """A picture is shown about 900 px wide whatever its size, so letters grow with it, and with the face."""
    longest, shortest = max(size), min(size)
    wanted = np.clip(0.16 * face.detection.side, longest / 70, longest / 30)
    # In even steps, so that in a video the plates of the last frame are met again
    return int(max(_MIN_FONT_PX, min(wanted, shortest / 5) // 2 * 2))


def _plates(face: FaceResult, number: int | None, size: Size, live: bool) -> list[Plate]:
    """The label, from the fullest to the shortest."""
    look = appearance(face.answer)
    words = " ".join(look.short.split())
    words = words if len(words) <= _MAX_WORDS else words[: _MAX_WORDS - 1] + "…"
    if live and face.cannot_tell:
        words = HINTS[face.cannot_tell.reason]
    elif live and face.prediction.subtype:  # "The nose is out"; what to do about it is said below the video
        words = SUBTYPES[face.prediction.subtype].partition(".")[0]
    shown = "" if number is None else str(number if face.track_id is None else face.track_id)
    variants = [words, ""]
    if face.answer != CANNOT_TELL and not live:
        # Never "100%": no model is that sure
        percent = round(100 * face.prediction.confidence)
        variants.insert(0, f"{words} >99%" if percent > 99 else f"{words} {percent}%")
    return [Plate(shown, look.icon, text, look.colour, _font_px(face, size)) for text in variants]


def _place(
    face: FaceResult, number: int | None, size: Size, taken: np.ndarray, live: bool
) -> tuple[Plate, Box] | None:
    """The fullest label that hides no face and no label, and its place; else the place that hides least.

    None when the picture has no room for any label.
    """
    best: tuple[float, Plate, Box] | None = None
    for plate in _plates(face, number, size, live):
        if plate.width > size[0] or plate.height > size[1]:
            continue
        for box in _candidates(face.detection.box, plate, size):
            low = np.maximum(taken[:, :2], box[:2])
            high = np.minimum(taken[:, 2:], box[2:])
            hidden = float(np.clip(high - low, 0, None).prod(axis=1).sum())
            if hidden == 0:
                return plate, box
            if best is None or hidden < best[0]:
                best = hidden, plate, box
    return best and (best[1], best[2])


def _candidates(face: Box, plate: Plate, size: Size) -> list[Box]:
    """Places around a face, the usual first, all pushed into the frame, which has room for the plate."""
    x1, y1, x2, y2 = face
    width, height, gap = plate.width, plate.height, max(1, plate.pad // 2)
    middle, above, below = (x1 + x2 - width) / 2, y1 - gap - height, y2 + gap
    corners = [(x, y) for y in (above, below) for x in (x1, x2 - width, middle)]
    corners += [(x, y) for x in (x2 + gap, x1 - gap - width) for y in (y1, y2 - height)]
    boxes = []
    for x, y in corners:
        left = round(min(max(x, 0), size[0] - width))
        top = round(min(max(y, 0), size[1] - height))
        boxes.append((float(left), float(top), float(left + width), float(top + height)))
    return boxes


@lru_cache(maxsize=256)
def picture_of(plate: Plate) -> Image.Image:
    """The label as a picture with alpha. Kept: in a video the same few are drawn thirty times a second."""
    picture = Image.new("RGBA", (plate.width, plate.height))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), radius=plate.pad, fill=plate.colour)
    font, middle, x = _font(plate.font_px), plate.height / 2, float(plate.pad)
    if plate.number:
        draw.text((x, middle), plate.number, ink_on(plate.colour), font, anchor="lm")
        x += _text_width(plate.number, plate.font_px) + plate.pad
    _draw_icon(draw, plate, x, middle - plate.font_px / 2)
    x += plate.font_px + plate.pad
    if plate.words:
        draw.text((x, middle), plate.words, ink_on(plate.colour), font, anchor="lm")
    return picture


# The font has no tick and no cross: strokes in a unit square, y down
_STROKES = {
    "✓": (((0.12, 0.55), (0.40, 0.82), (0.90, 0.20)),),
    "✗": (((0.18, 0.18), (0.82, 0.82)), ((0.82, 0.18), (0.18, 0.82))),
    "•": (((0.45, 0.5), (0.55, 0.5)),),
}


def _draw_icon(draw: ImageDraw.ImageDraw, plate: Plate, left: float, top: float) -> None:
    size = plate.font_px
    if plate.icon not in _STROKES:
        draw.text(
            (left + size / 2, top + size / 2),
            plate.icon,
            ink_on(plate.colour),
            _font(size),
            "mm",
            stroke_width=size // 20,
        )
        return
    for stroke in _STROKES[plate.icon]:
        points = [(left + x * size, top + y * size) for x, y in stroke]
        draw.line(points, ink_on(plate.colour), width=max(2, round(0.16 * size)), joint="curve")
