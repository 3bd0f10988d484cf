"""Pictures with known faces: walls of the astronaut's portraits in made-up masks, and one's own data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.pipeline.programs import SeenFace
from core.boxes import iou
from core.images import resized, to_jpeg
from core.labels import appearance
from core.mask_rendering import ASTRONAUT_LANDMARKS, WEARINGS, MaskStyle, draw_mask, sample_frame
from core.results import Box
from core.text import plural
from training.data import read_manifest
from training.detection import read_boxed_images

HEAD = (122, 25, 322, 225)  # of the 512 x 512 sample, pixels: what a portrait shows
FACE = (182, 66, 264, 180)  # in it, from brow to chin
FOUND_IOU = 0.4
_WALL = (202, 198, 190)
_SHARE = 0.9  # of a cell that its portrait fills, at most


@dataclass(frozen=True, slots=True)
class LabelledScene:
    """An encoded picture; boxes in pixels, and whether each face wears its mask properly.

    `megapixels` is None for a picture of one's own, which nobody has decoded yet.
    """

    name: str
    content: bytes
    truth: tuple[SeenFace, ...]
    megapixels: float | None = None

    def score(self, seen: list[SeenFace]) -> tuple[int, int, int]:
        """How many faces are found, found and answered rightly, and boxes that are none."""
        free, found, right = list(range(len(seen))), 0, 0
        overlaps = iou(_boxes(self.truth), _boxes(seen))
        for row, true in zip(overlaps, self.truth, strict=True):
            best = max(free, key=lambda i: row[i], default=None)
            if best is not None and row[best] >= FOUND_IOU:
                free.remove(best)
                found += 1
                right += seen[best].properly is true.properly
        return found, right, len(free)


def _boxes(seen: tuple[SeenFace, ...] | list[SeenFace]) -> np.ndarray:
    return np.array([one.box for one in seen], float).reshape(-1, 4)


def wall(faces: int, size: tuple[int, int]) -> LabelledScene:
    """`faces` portraits in a picture of `size`, width and height in pixels; a quarter of them are bare.

    No two are alike in size and light.
    """
    width, height = size
    columns = math.ceil(math.sqrt(faces * width / height))
    rows = math.ceil(faces / columns)
    cell = min(width // columns, height // rows)
    rng = np.random.default_rng(faces)
    rgb = np.full((height, width, 3), _WALL, np.uint8)
    portraits = [_portrait(wearing) for wearing in (None, *WEARINGS)]
    truth = []
    for number in range(faces):
        portrait, properly = portraits[number % len(portraits)]
        side = max(16, round(cell * rng.uniform(0.7, 1) * _SHARE))
        left, top = (number % columns) * width // columns, (number // columns) * height // rows
        light = rng.uniform(0.75, 1.1)
        part = np.clip(resized(portrait, (side, side)) * light, 0, 255).astype(np.uint8)
        rgb[top : top + side, left : left + side] = part
        truth.append(SeenFace(_moved(FACE, left, top, side), properly))
    name = f"{plural(faces, 'face')}, {width} x {height}"
    return LabelledScene(name, to_jpeg(rgb), tuple(truth), width * height / 1e6)


def _portrait(wearing: str | None) -> tuple[np.ndarray, bool]:
    bare = sample_frame("no_mask").rgb
    worn = draw_mask(bare, ASTRONAUT_LANDMARKS, wearing, MaskStyle()) if wearing else bare
    x1, y1, x2, y2 = HEAD
    return worn[y1:y2, x1:x2], wearing == WEARINGS[0]


def _moved(box: Box | tuple[int, ...], left: int, top: int, side: int) -> Box:
    x1, y1, x2 = HEAD[:3]
    scale = side / (x2 - x1)
    return (
        left + (box[0] - x1) * scale,
        top + (box[1] - y1) * scale,
        left + (box[2] - x1) * scale,
        top + (box[3] - y1) * scale,
    )


def scenes_of(data: Path, split: str, limit: int) -> list[LabelledScene]:
    """At most `limit` labelled pictures of a manifest's part, evenly from all of it. Raises `RecordError`."""
    images = read_boxed_images(read_manifest(data), [split])
    step = max(1, len(images) // limit)
    return [
        LabelledScene(
            image.path.name,
            image.path.read_bytes(),
            tuple(
                SeenFace(box, appearance(label).worn == "properly")
                for box, label in zip(image.boxes, image.labels, strict=True)
            ),
        )
        for image in images[::step][:limit]
    ]
