"""Faces whose five points a teacher knows, turned by any angle, as a detector would hand them over."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.images import read_image
from core.results import Box, Landmarks
from training.data import Manifest
from training.detection import (
    LEARNED,
    MIRRORED,
    BoxedImage,
    PseudoLabel,
    key,
    read_boxed_images,
    single_faces,
)
from training.fitting import augment_tile

LEAST_SIDE = 24  # pixels of a face's longer side: of smaller ones the teacher is not sure either
_STORED = 128  # pixels of a side
_AROUND = 2.2  # stored, in longer sides of the face: what turning and moving it may bring into view
_TEACHER = "facemesh"


@dataclass(frozen=True, slots=True, eq=False)
class TaughtFace:
    """A face and what is around it, (S, S, 3) uint8 RGB; its box's middle is that of the picture.

    `points` (5, 2) and `sides`, width and height of the box, are pixels of it.
    """

    rgb: np.ndarray
    points: np.ndarray
    sides: tuple[float, float]
    source: str
    group: str


def read_taught_faces(
    manifest: Manifest, known: Mapping[str, Sequence[PseudoLabel]], faces: Manifest | Path | None = None
) -> list[TaughtFace]:
    """The faces on whose points FaceMesh and another teacher agree, except in the test part.

    `known` is what `training.detection.teach` wrote. Raises `MaskwiseError`.
    """
    found: list[TaughtFace] = []
    for path, source, group in _pictures(manifest, faces):
        labels = [
            label
            for label in known.get(key(path), ())
            if label.landmarks and _TEACHER in label.teachers and _side(label.box) >= LEAST_SIDE
        ]
        if labels:
            rgb = read_image(path).rgb
            found += [taught_face(rgb, one.box, one.landmarks or (), source, group) for one in labels]
    return found


def _pictures(manifest: Manifest, faces: Manifest | Path | None) -> Iterator[tuple[Path, str, str]]:
    images: list[BoxedImage] = read_boxed_images(manifest, LEARNED)
    yield from ((image.path, image.source, image.group) for image in images)
    yield from ((face.path, face.source, face.group) for face in single_faces(faces, 100_000))


def taught_face(rgb: np.ndarray, box: Box, points: Landmarks, source: str, group: str) -> TaughtFace:
    """Of a picture (H, W, 3) uint8 RGB, box and points being pixels of it."""
    x1, y1, x2, y2 = box
    middle, scale = np.array([x1 + x2, y1 + y2]) / 2, _STORED / (_AROUND * _side(box))
    finer = max(1, int(1 / scale))  # so that a large face is averaged, not sampled
    turn = np.eye(2) * scale * finer
    around = _warped(rgb, turn, middle, _STORED * finer)
    return TaughtFace(
        cv2.resize(around, (_STORED, _STORED), interpolation=cv2.INTER_AREA),
        (np.array(points) - middle) * scale + _STORED / 2,
        ((x2 - x1) * scale, (y2 - y1) * scale),
        source,
        group,
    )


def sample(
    face: TaughtFace, degrees: float, size: int, crop_scale: float, rng: np.random.Generator | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(size, size, 3) uint8 crop of a face turned clockwise, and its points (5, 2): sides of the crop from
    its middle.

    With `rng` as a detector might place the crop, mirrored or not, and as another camera might take it.
    """
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, -sin], [sin, cos]])
    # A head is taken for the ellipse that fills its box: turned, it has the box of that ellipse
    side = float(np.sqrt((turn**2 @ np.square(face.sides)).max()))
    middle = np.full(2, _STORED / 2)
    if rng is not None:
        side *= math.exp(rng.normal(0, 0.1))
        middle = middle + rng.normal(0, 0.06, 2) * side
    scale = size / (side * crop_scale)
    crop = _warped(face.rgb, turn * scale, middle, size)
    points = (face.points - middle) @ (turn * scale).T / size
    if rng is None:
        return crop, points
    if rng.random() < 0.5:
        crop, points = np.ascontiguousarray(crop[:, ::-1]), points[list(MIRRORED)] * (-1, 1)
    return _taken_otherwise(crop, rng), points


def any_turn(rng: np.random.Generator) -> float:
    """Degrees: half at any angle, most others nearly upright, the rest as in pictures on their side."""
    if rng.random() < 0.5:
        return float(rng.uniform(-180, 180))
    return float(rng.normal(0, 15) if rng.random() < 0.7 else rng.choice([90, 180, 270]))


def _taken_otherwise(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    size = len(crop)
    if rng.random() < 0.4:  # a small face
        side = int(rng.integers(10, 48))
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        crop = cv2.resize(small, (size, size))
    crop = augment_tile(crop, rng)
    if rng.random() < 0.15:  # a hand, a phone, another head
        width, height = rng.integers(size // 8, size // 2, 2)
        x, y = rng.integers(0, size - size // 8, 2)
        crop[y : y + height, x : x + width] = rng.integers(0, 256, 3)
    return crop


def _warped(rgb: np.ndarray, turn: np.ndarray, middle: np.ndarray, side: int) -> np.ndarray:
    """(side, side, 3): `turn` (2, 2) of the picture around `middle`, which comes to its middle.

    Both are pixels' corners, as boxes are; OpenCV's coordinates are pixels' middles.
    """
    shift = side / 2 - turn @ (middle - 0.5) - 0.5
    return cv2.warpAffine(rgb, np.column_stack([turn, shift]), (side, side), borderMode=cv2.BORDER_REPLICATE)


def _side(box: Box) -> float:
    x1, y1, x2, y2 = box
    return max(x2 - x1, y2 - y1)
