"""Squares that a detector learns from: parts of scenes at any scale, several together, and sheets of faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.face_fpn import GROUND
from training.detection.loss import FACE, IGNORED, ROW, UNKNOWN
from training.detection.recipe import DetectionRecipe

_LEAST_VISIBLE = 0.4  # of a face at an edge: less of it is neither face nor ground
_LEAST_COVERED = 0.7  # of one side of a window: a small picture in a large ground teaches little
_LARGEST_SCALE = 3.5  # what is enlarged more is blur without a face in it
_MIRRORED = (1, 0, 2, 4, 3)  # what right eye, left eye, nose, right and left corner of the mouth become


@dataclass(frozen=True, slots=True)
class Taught:
    """A picture in memory, (H, W, 3) uint8 RGB, and what is known of it: (faces, `ROW`) rows as the loss reads."""

    rgb: np.ndarray
    rows: np.ndarray
    source: str


def row(
    box: Sequence[float],
    kind: float = FACE,
    label: int = -1,
    landmarks: Sequence[Sequence[float]] | None = None,
) -> np.ndarray:
    values = np.full(ROW, UNKNOWN, np.float32)
    values[:6] = (*box, kind, label)
    if landmarks is not None:
        values[6:] = np.ravel(landmarks)
    return values


def square(
    scenes: Sequence[Taught],
    odds: np.ndarray,
    faces: Sequence[Taught],
    recipe: DetectionRecipe,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """One (size, size, 3) uint8 picture to learn from, and its rows.

    `odds` are those of each scene. `faces` are crops of single faces with one row each; they may be none.
    """
    size = recipe.size
    picture = np.full((size, size, 3), GROUND, np.uint8)
    rows: list[np.ndarray] = []
    tiles = _tiles(size, recipe.mosaic_share, rng)
    for x1, y1, x2, y2 in tiles:
        width, height = x2 - x1, y2 - y1
        if len(faces) and rng.random() < recipe.sheet_share:
            part, known = _sheet(faces, width, height, recipe, rng)
        else:
            part, known = _part(scenes[rng.choice(len(scenes), p=odds)], width, height, recipe, rng)
            known = _seen(known, width, height, clip=len(tiles) > 1)
            if len(faces) and rng.random() < 0.25:
                known = _paste(part, known, faces, recipe, rng)
        picture[y1:y2, x1:x2] = part
        rows.append(_moved(known, 1, 1, x1, y1))
    known = np.concatenate(rows)
    if rng.random() < 0.5:
        picture, known = picture[:, ::-1], _mirrored(known, size)
    return photometric(np.ascontiguousarray(picture), rng), known


def _tiles(size: int, mosaic_share: float, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    if rng.random() >= mosaic_share:
        return [(0, 0, size, size)]
    x, y = (int(v) for v in rng.uniform(0.3, 0.7, 2) * size)
    return [(0, 0, x, y), (x, 0, size, y), (0, y, x, size), (x, y, size, size)]


def _height(recipe: DetectionRecipe, rng: np.random.Generator, most: float) -> float:
    """A face's height in pixels: small ones oftener, as crowds have them."""
    share = rng.beta(1.1, 1.3)
    return float(recipe.least_px * (min(most, recipe.most_px) / recipe.least_px) ** share)


def _part(
    scene: Taught, width: int, height: int, recipe: DetectionRecipe, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A window of a scene, at a scale that gives one of its faces the height wanted."""
    full_height, full_width = scene.rgb.shape[:2]
    faces = scene.rows[scene.rows[:, 4] == FACE]
    if len(faces):
        x1, y1, x2, y2 = faces[rng.integers(len(faces)), :4]
        scale = _height(recipe, rng, 0.9 * min(width, height)) / max(y2 - y1, 1.0)
        centre = np.array([(x1 + x2) / 2, (y1 + y2) / 2])
    else:
        scale, centre = rng.uniform(0.5, 2), rng.uniform(0, 1, 2) * (full_width, full_height)
    least = _LEAST_COVERED * min(width / full_width, height / full_height)
    scale = float(np.clip(scale, least, max(_LARGEST_SCALE, least)))
    sx, sy = scale * rng.uniform(0.92, 1.08, 2)
    start = centre - rng.uniform(0.1, 0.9, 2) * (width / sx, height / sy)
    # A window that need not look beyond the picture does not.
    for axis, (whole, seen) in enumerate(((full_width, width / sx), (full_height, height / sy))):
        low, high = sorted((0.0, whole - seen))
        start[axis] = np.clip(start[axis], low, high) if whole >= seen else rng.uniform(low, high)
    left, top = (round(v) for v in start)
    seen_width, seen_height = max(1, round(width / sx)), max(1, round(height / sy))
    window = _window(scene.rgb, left, top, seen_width, seen_height)
    sx, sy = width / seen_width, height / seen_height
    how = cv2.INTER_AREA if sx < 1 else rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    picture = cv2.resize(window, (width, height), interpolation=int(how))
    return picture, _moved(scene.rows, sx, sy, -left * sx, -top * sy)


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


def _sheet(
    faces: Sequence[Taught], width: int, height: int, recipe: DetectionRecipe, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Single faces side by side, all of one size."""
    side = int(np.clip(1.5 * _height(recipe, rng, 0.5 * min(width, height)), 18, min(width, height)))
    picture = np.full((height, width, 3), rng.integers(0, 256), np.uint8)
    rows = []
    for y in range(0, height - side + 1, side):
        for x in range(0, width - side + 1, side):
            if len(rows) < 36:
                face = faces[rng.integers(len(faces))]
                picture[y : y + side, x : x + side] = cv2.resize(
                    face.rgb, (side, side), interpolation=cv2.INTER_AREA
                )
                rows.append(_moved(face.rows, side / face.rgb.shape[1], side / face.rgb.shape[0], x, y))
    return picture, np.concatenate(rows) if rows else np.empty((0, ROW), np.float32)


def _paste(
    picture: np.ndarray,
    rows: np.ndarray,
    faces: Sequence[Taught],
    recipe: DetectionRecipe,
    rng: np.random.Generator,
) -> np.ndarray:
    """Put faces where the scene has none, with soft edges. Changes `picture`; returns the rows of all."""
    height, width = picture.shape[:2]
    added = [rows]
    for _ in range(rng.integers(1, 5)):
        face = faces[rng.integers(len(faces))]
        side = int(1.5 * _height(recipe, rng, 0.3 * min(width, height)))
        if side < 12 or side >= min(width, height):
            continue
        x, y = rng.integers(0, width - side), rng.integers(0, height - side)
        taken = np.concatenate(added)[:, :4]
        if (
            (taken[:, 0] < x + side) & (taken[:, 2] > x) & (taken[:, 1] < y + side) & (taken[:, 3] > y)
        ).any():
            continue
        small = cv2.resize(face.rgb, (side, side), interpolation=cv2.INTER_AREA)
        opaque = np.zeros((side, side, 1), np.float32)
        centre = (side // 2, side // 2)
        cv2.ellipse(opaque, centre, (int(side * 0.42), int(side * 0.47)), 0, 0, 360, 1.0, -1)
        opaque = cv2.GaussianBlur(opaque, (0, 0), max(side * 0.03, 0.5))[..., None]
        there = picture[y : y + side, x : x + side]
        picture[y : y + side, x : x + side] = (small * opaque + there * (1 - opaque)).astype(np.uint8)
        added.append(_moved(face.rows, side / face.rgb.shape[1], side / face.rgb.shape[0], x, y))
    return np.concatenate(added)


def _moved(rows: np.ndarray, sx: float, sy: float, dx: float, dy: float) -> np.ndarray:
    moved = rows.copy()
    moved[:, [0, 2]] = rows[:, [0, 2]] * sx + dx
    moved[:, [1, 3]] = rows[:, [1, 3]] * sy + dy
    known = rows[:, 6] > UNKNOWN
    moved[known, 6::2] = rows[known, 6::2] * sx + dx
    moved[known, 7::2] = rows[known, 7::2] * sy + dy
    return moved


def _seen(rows: np.ndarray, width: int, height: int, *, clip: bool) -> np.ndarray:
    """Rows in a window: faces mostly outside or too small to know are ignored.

    At the edge of a picture a box goes on as far as the face does, so that it can be told how much of it is cut
    off; where another tile begins, `clip` ends it.
    """
    area = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    inside = rows.copy()
    inside[:, [0, 2]] = rows[:, [0, 2]].clip(0, width)
    inside[:, [1, 3]] = rows[:, [1, 3]].clip(0, height)
    left = (inside[:, 2] - inside[:, 0]) * (inside[:, 3] - inside[:, 1])
    doubtful = (left < _LEAST_VISIBLE * area) | (inside[:, 3] - inside[:, 1] < 5)
    kept = np.where((doubtful | clip)[:, None], inside, rows)
    kept[doubtful, 4] = IGNORED
    return kept[left > 1]


def _mirrored(rows: np.ndarray, width: int) -> np.ndarray:
    turned = rows.copy()
    turned[:, 0], turned[:, 2] = width - rows[:, 2], width - rows[:, 0]
    known = rows[:, 6] > UNKNOWN
    points = rows[known, 6:].reshape(-1, 5, 2)[:, _MIRRORED]
    turned[known, 6:] = (points * (-1, 1) + (width, 0)).reshape(-1, 10)
    return turned


def photometric(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light, colour, blur, noise and compression that cameras differ in."""
    if rng.random() < 0.8:
        gain, lift, gamma = rng.uniform(0.6, 1.4), rng.uniform(-35, 35), np.exp(rng.uniform(-0.35, 0.35))
        tint = rng.uniform(0.92, 1.08, 3)
        light = np.clip((np.arange(256)[:, None] - 110) * gain * tint + 110 + lift, 0, 255)
        picture = cv2.LUT(picture, (255 * (light / 255) ** gamma).astype(np.uint8)[:, None])
    if rng.random() < 0.5:
        grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        colour = 0.0 if rng.random() < 0.12 else rng.uniform(0.5, 1.4)
        picture = cv2.addWeighted(picture, colour, grey, 1 - colour, 0)
    if rng.random() < 0.25:
        side = picture.shape[0]
        small = round(side / rng.uniform(1.2, 2.5))
        picture = cv2.resize(cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA), (side, side))
    elif rng.random() < 0.1:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.5))
    if rng.random() < 0.15:
        noise = np.empty(picture.shape, np.int16)
        cv2.randn(noise, 0, rng.uniform(2, 10))
        picture = cv2.add(picture, noise, dtype=cv2.CV_8U)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR)
    return picture
