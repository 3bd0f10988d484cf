"""Training tiles of a detector: parts of images at any scale, mosaics of them, mosaics of single faces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.detection import GROUND
from training.detection.empty import without_faces
from training.detection.rows import FACE, AnnotatedImage, mirrored, moved, no_rows, seen, turned
from training.fitting import augment_tile
from training.recipes import DetectionRecipe

_LEAST_COVERED = 0.9  # of one side of a window: a small picture in a large ground gives little to learn
_LARGEST_SCALE = 3.5  # what is enlarged more is blur without a face in it
_CROP = 1.27  # sides of a picture of a single face, in heights of the box that YuNet draws around it
_LEAST_CROP, _LEAST_PASTED = 12, 12  # pixels of a side: the faces in them are just to be seen
_MOST_IN_MOSAIC = 36  # as many as a crowd has; four times as many are more than `TrainingTiles` has rows for
_PASTE_SHARE = 0.25  # of the parts of images
_PHOTO_SHARE = 0.6  # of the parts without a face, where there are such photos


def training_tile(
    images: Sequence[AnnotatedImage],
    odds: np.ndarray,
    faces: Sequence[AnnotatedImage],
    recipe: DetectionRecipe,
    rng: np.random.Generator,
    face_free: Sequence[AnnotatedImage] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """One (size, size, 3) uint8 picture to learn from, and its rows.

    `odds` are those of each image. `faces` are crops of single faces with one row each, `face_free` pictures
    without any; both may be none.
    """
    size = recipe.size
    picture = np.empty((size, size, 3), np.uint8)
    rows: list[np.ndarray] = []
    cells = _mosaic_cells(size, recipe.mosaic_share, rng)
    for x1, y1, x2, y2 in cells:
        width, height = x2 - x1, y2 - y1
        if rng.random() < recipe.empty_share:
            known = no_rows()
            if len(face_free) and rng.random() < _PHOTO_SHARE:
                part, _ = _part(face_free[int(rng.integers(len(face_free)))], width, height, recipe, rng)
            else:
                torn = faces if len(faces) and rng.random() < 0.5 else images
                part = without_faces(torn[int(rng.integers(len(torn)))], width, height, rng)
        elif len(faces) and rng.random() < recipe.face_mosaic_share:
            part, known = _face_mosaic(faces, width, height, recipe, rng)
        else:
            part, known = _part(images[rng.choice(len(images), p=odds)], width, height, recipe, rng)
            known = seen(known, width, height, clip=len(cells) > 1)
            if len(faces) and rng.random() < _PASTE_SHARE:
                known = _paste(part, known, faces, recipe, rng)
        picture[y1:y2, x1:x2] = part
        rows.append(moved(known, 1, 1, x1, y1))
    known = np.concatenate(rows)
    if rng.random() < recipe.turned_share:
        picture, known = _turned(picture, known, rng)
    if rng.random() < 0.5:
        picture, known = picture[:, ::-1], mirrored(known, size)
    return augment_tile(np.ascontiguousarray(picture), rng), known


def _turned(picture: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A square tile as a phone held otherwise, or somebody lying down, would give it."""
    size = len(picture)
    if rng.random() < 0.35:
        degrees = float(rng.choice([90, 180, 270]))
    else:
        degrees = float(rng.normal(0, 20) if rng.random() < 0.7 else rng.uniform(-180, 180))
    matrix = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), degrees, 1.0)
    ground = tuple(float(v) for v in rng.integers(0, 256, 3)) if rng.random() < 0.5 else (float(GROUND),) * 3
    there = cv2.warpAffine(picture, matrix, (size, size), borderValue=ground)
    matrix[:, 2] += 0.5 - matrix[:, :2] @ np.full(2, 0.5)  # of pixels' corners, as boxes are, not middles
    return there, seen(turned(rows, matrix, degrees), size, size, clip=False)


def _mosaic_cells(
    size: int, mosaic_share: float, rng: np.random.Generator
) -> list[tuple[int, int, int, int]]:
    """x1, y1, x2, y2 of the one part or, in a mosaic (Bochkovskiy et al., "YOLOv4", 2020), the four."""
    if rng.random() >= mosaic_share:
        return [(0, 0, size, size)]
    x, y = (int(v) for v in rng.uniform(0.3, 0.7, 2) * size)
    return [(0, 0, x, y), (x, 0, size, y), (0, y, x, size), (x, y, size, size)]


def _height(recipe: DetectionRecipe, rng: np.random.Generator, most: float) -> float:
    """A face's height in pixels: small ones oftener, as crowds have them."""
    share = rng.beta(1.1, 1.3)
    return float(recipe.least_px * (min(most, recipe.most_px) / recipe.least_px) ** share)


def _part(
    image: AnnotatedImage, width: int, height: int, recipe: DetectionRecipe, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A (height, width, 3) window of an image, at a scale that gives one of its faces the height wanted."""
    full_height, full_width = image.rgb.shape[:2]
    faces = image.of_kind(FACE)
    if len(faces):
        x1, y1, x2, y2 = faces[rng.integers(len(faces)), :4]
        scale = _height(recipe, rng, 1.1 * min(width, height)) / max(y2 - y1, 1.0)
        centre = np.array([(x1 + x2) / 2, (y1 + y2) / 2])
    else:
        scale, centre = (
            np.exp(rng.uniform(np.log(0.3), np.log(2.5))),
            rng.uniform(0, 1, 2) * (full_width, full_height),
        )
    least = _LEAST_COVERED * min(width / full_width, height / full_height)
    scale = float(np.clip(scale, least, max(_LARGEST_SCALE, least)))
    sx, sy = scale * rng.uniform(0.92, 1.08, 2)
    start = centre - rng.uniform(0.1, 0.9, 2) * (width / sx, height / sy)
    # A window that need not look beyond the picture does not.
    for axis, (whole, shown) in enumerate(((full_width, width / sx), (full_height, height / sy))):
        low, high = sorted((0.0, whole - shown))
        start[axis] = np.clip(start[axis], low, high) if whole >= shown else rng.uniform(low, high)
    left, top = (round(v) for v in start)
    shown_width, shown_height = max(1, round(width / sx)), max(1, round(height / sy))
    window = _window(image.rgb, left, top, shown_width, shown_height)
    sx, sy = width / shown_width, height / shown_height
    how = cv2.INTER_AREA if sx < 1 else rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    picture = cv2.resize(window, (width, height), interpolation=int(how))
    return picture, moved(image.rows, sx, sy, -left * sx, -top * sy)


def _window(rgb: np.ndarray, left: int, top: int, width: int, height: int) -> np.ndarray:
    """(height, width, 3) of a picture; `GROUND` where the window looks beyond it."""
    full_height, full_width = rgb.shape[:2]
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + width, full_width), min(top + height, full_height)
    if x1 == left and y1 == top and x2 == left + width and y2 == top + height:
        return rgb[y1:y2, x1:x2]
    window = np.full((height, width, 3), GROUND, np.uint8)
    if x2 > x1 and y2 > y1:
        window[y1 - top : y2 - top, x1 - left : x2 - left] = rgb[y1:y2, x1:x2]
    return window


def _face_mosaic(
    faces: Sequence[AnnotatedImage],
    width: int,
    height: int,
    recipe: DetectionRecipe,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Single faces side by side, all of one size."""
    shorter = min(width, height)
    side = int(np.clip(_CROP * _height(recipe, rng, shorter / _CROP), _LEAST_CROP, shorter))
    picture = np.full((height, width, 3), rng.integers(0, 256), np.uint8)
    rows: list[np.ndarray] = []
    for y in range(0, height - side + 1, side):
        for x in range(0, width - side + 1, side):
            if len(rows) < _MOST_IN_MOSAIC:
                face = faces[int(rng.integers(len(faces)))]
                picture[y : y + side, x : x + side], known = _put(face, side, x, y)
                rows.append(known)
    return picture, np.concatenate(rows) if rows else no_rows()


def _put(face: AnnotatedImage, side: int, x: int, y: int) -> tuple[np.ndarray, np.ndarray]:
    """A single face's picture as (side, side, 3), and its row where the picture lies at (x, y)."""
    height, width = face.rgb.shape[:2]
    small = cv2.resize(face.rgb, (side, side), interpolation=cv2.INTER_AREA)
    return small, moved(face.rows, side / width, side / height, x, y)


def _paste(
    picture: np.ndarray,
    rows: np.ndarray,
    faces: Sequence[AnnotatedImage],
    recipe: DetectionRecipe,
    rng: np.random.Generator,
) -> np.ndarray:
    """Put faces where the image has none, with soft edges. Changes `picture`; returns the rows of all."""
    height, width = picture.shape[:2]
    added = [rows]
    for _ in range(rng.integers(1, 5)):
        face = faces[int(rng.integers(len(faces)))]
        side = int(_CROP * _height(recipe, rng, 0.3 * min(width, height)))
        if side < _LEAST_PASTED or side >= min(width, height):
            continue
        x, y = rng.integers(0, width - side), rng.integers(0, height - side)
        x1, y1, x2, y2 = np.concatenate(added)[:, :4].T
        if ((x1 < x + side) & (x2 > x) & (y1 < y + side) & (y2 > y)).any():
            continue
        small, known = _put(face, side, x, y)
        opaque = _oval(side)
        there = picture[y : y + side, x : x + side]
        picture[y : y + side, x : x + side] = (small * opaque + there * (1 - opaque)).astype(np.uint8)
        added.append(known)
    return np.concatenate(added)


def _oval(side: int) -> np.ndarray:
    """(side, side, 1) float32: 1 over a face in the middle, 0 in the corners."""
    opaque = np.zeros((side, side), np.float32)
    cv2.ellipse(opaque, (side // 2, side // 2), (int(side * 0.42), int(side * 0.47)), 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(opaque, (0, 0), max(side * 0.03, 0.5))[..., None]
