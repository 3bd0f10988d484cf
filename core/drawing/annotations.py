"""Draws the answer on the picture: a box, an icon and words for each face. Also hides faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.drawing.contrast import ink_on
from core.labels import CANNOT_TELL, appearance
from core.reasons import HINTS
from core.results import Box, FaceResult, Frame

_MIN_FONT_PX = 9  # the smallest letters that can be read
_MAX_WORDS = 24  # characters of a label; an untrusted model may bring any


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
    draw = ImageDraw.Draw(picture)
    if boxes:
        for face in faces:
            _draw_box(draw, face, frame)
    if labels:
        taken = np.array([face.detection.box for face in faces], float).reshape(-1, 4)
        for i, face in enumerate(faces):
            if placed := _place(face, i + 1 if numbers else None, frame, taken, live):
                label, place = _plate_picture(placed[0]), placed[1]
                picture.paste(label, (int(place[0]), int(place[1])), label)
                taken = np.vstack([taken, place])
    return np.array(picture)


@dataclass(frozen=True, slots=True)
class _Plate:
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


@lru_cache(maxsize=64)
def _font(font_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(font_px)  # Aileron, in Pillow itself


@lru_cache(maxsize=1024)
def _text_width(text: str, font_px: int) -> int:
    return int(np.ceil(_font(font_px).getlength(text)))


def _font_px(face: FaceResult, frame: Frame) -> int:
    """A picture is shown about 900 px wide whatever its size, so letters grow with it, and with the face."""
    longest, shortest = max(frame.width, frame.height), min(frame.width, frame.height)
    wanted = np.clip(0.16 * face.detection.side, longest / 70, longest / 30)
    # In even steps, so that in a video the plates of the last frame are met again
    return int(max(_MIN_FONT_PX, min(wanted, shortest / 5) // 2 * 2))


def _line_px(face: FaceResult, frame: Frame) -> int:
    longest, side = max(frame.width, frame.height), face.detection.side
    return int(max(1, min(longest / 250, side / 10)))


def _plates(face: FaceResult, number: int | None, frame: Frame, live: bool) -> list[_Plate]:
    """The label, from the fullest to the shortest."""
    look = appearance(face.answer)
    words = HINTS[face.cannot_tell.reason] if live and face.cannot_tell else " ".join(look.short.split())
    words = words if len(words) <= _MAX_WORDS else words[: _MAX_WORDS - 1] + "…"
    shown = "" if number is None else str(number if face.track_id is None else face.track_id)
    variants = [words, ""]
    if face.answer != CANNOT_TELL and not live:
        # Never "100%": no model is that sure
        percent = round(100 * face.prediction.confidence)
        variants.insert(0, f"{words} >99%" if percent > 99 else f"{words} {percent}%")
    return [_Plate(shown, look.icon, text, look.colour, _font_px(face, frame)) for text in variants]


def _place(
    face: FaceResult, number: int | None, frame: Frame, taken: np.ndarray, live: bool
) -> tuple[_Plate, Box] | None:
    """The fullest label that hides no face and no label, and its place; else the place that hides least.

    None when the picture has no room for any label.
    """
    best: tuple[float, _Plate, Box] | None = None
    for plate in _plates(face, number, frame, live):
        if plate.width > frame.width or plate.height > frame.height:
            continue
        for box in _candidates(face.detection.box, plate, frame):
            low = np.maximum(taken[:, :2], box[:2])
            high = np.minimum(taken[:, 2:], box[2:])
            hidden = float(np.clip(high - low, 0, None).prod(axis=1).sum())
            if hidden == 0:
                return plate, box
            if best is None or hidden < best[0]:
                best = hidden, plate, box
    return best and (best[1], best[2])


def _candidates(face: Box, plate: _Plate, frame: Frame) -> list[Box]:
    """Places around a face, the usual first, all pushed into the frame, which has room for the plate."""
    x1, y1, x2, y2 = face
    width, height, gap = plate.width, plate.height, max(1, plate.pad // 2)
    middle, above, below = (x1 + x2 - width) / 2, y1 - gap - height, y2 + gap
    corners = [(x, y) for y in (above, below) for x in (x1, x2 - width, middle)]
    corners += [(x, y) for x in (x2 + gap, x1 - gap - width) for y in (y1, y2 - height)]
    boxes = []
    for x, y in corners:
        left = round(min(max(x, 0), frame.width - width))
        top = round(min(max(y, 0), frame.height - height))
        boxes.append((float(left), float(top), float(left + width), float(top + height)))
    return boxes


def _draw_box(draw: ImageDraw.ImageDraw, face: FaceResult, frame: Frame) -> None:
    """A frame in the answer's colour between two thin light lines, to be seen on any ground."""
    x1, y1, x2, y2 = face.detection.box
    line = _line_px(face, frame)
    halo = max(1, line // 3)
    left, top = max(0, round(x1)), max(0, round(y1))
    right, bottom = min(frame.width, round(x2)) - 1, min(frame.height, round(y2)) - 1
    if left > right or top > bottom:
        return
    draw.rectangle(
        (left - halo, top - halo, right + halo, bottom + halo), outline="#FFFFFF", width=line + 2 * halo
    )
    draw.rectangle((left, top, right, bottom), outline=appearance(face.answer).colour, width=line)


@lru_cache(maxsize=256)
def _plate_picture(plate: _Plate) -> Image.Image:
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


def _draw_icon(draw: ImageDraw.ImageDraw, plate: _Plate, left: float, top: float) -> None:
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
