"""A hand before a face or beside it, its back to the camera: fingers, thumb and palm as rounded limbs.

Lengths are in eye distances (6 cm), points (x, y) across and down from the middle of the eyes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.mask_rendering.cloth import Canvas
from core.mask_rendering.head import Head

_FINGER, _SPACING = 0.125, 0.255  # half the width of a finger, and between two
_LENGTHS = (0.98, 1.14, 1.10, 0.86)  # of the fingers, the little one last


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """From `start` to `end` (2,), its half width at either; `curve` 1 is round, less is flatter."""

    start: np.ndarray
    end: np.ndarray
    radii: tuple[float, float]
    curve: float = 1.0
    nail: bool = False


def hand(base: np.ndarray, angle: float, side: int, rng: np.random.Generator) -> tuple[list[Limb], Limb]:
    """Palm and fingers, and the thumb. `base` (2,) is the middle of the knuckles, the fingers point along
    `angle` (radians, 0 to the right, a quarter turn down), the thumb is on `side` of them (-1 or 1)."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    size, spread = rng.uniform(0.9, 1.1), rng.uniform(-0.02, 0.12)

    def at(along: float, across: float) -> np.ndarray:
        return np.asarray(base + turn @ np.array([along, side * across]) * size)

    bend = rng.uniform(0.6, 1.0)  # a finger bent away looks shorter
    limbs = [Limb(at(-1.7, 0), at(-0.12, 0), (0.42 * size, 0.55 * size), 0.5)]
    for i, length in enumerate(_LENGTHS):
        across = (1.5 - i) * _SPACING
        tip = at(length * bend * rng.uniform(0.92, 1.05), across + (1.5 - i) * spread)
        limbs.append(
            Limb(at(-0.1, across), tip, (_FINGER * 1.1 * size, _FINGER * 0.82 * size), nail=bend > 0.75)
        )
    thumb = Limb(
        at(-1.0, 0.45),
        at(rng.uniform(-0.4, 0), rng.uniform(0.75, 1.0)),
        (0.19 * size, 0.13 * size),
        nail=True,
    )
    return limbs, thumb


def pixels_of(head: Head, points: np.ndarray) -> np.ndarray:
    """(N, 2) pixels of points (N, 2) as this module has them."""
    return np.asarray(head.origin + points @ _axes(head).T)


def paint_limbs(
    canvas: Canvas, head: Head, limbs: list[Limb], skin: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Their layer (h, w, 4), see `Canvas`; `skin` (3,) is RGB, 0 to 255."""
    px, py = canvas.pixels()
    inverse = np.linalg.inv(_axes(head)).astype(np.float32)
    dx, dy = (px - head.origin[0]).astype(np.float32), (py - head.origin[1]).astype(np.float32)
    mottled = cv2.resize(rng.standard_normal((7, 7), np.float32), canvas.size, interpolation=cv2.INTER_CUBIC)
    paint = np.zeros((len(dy), len(dx), 4), np.float32)
    sun = rng.uniform(-0.12, 0.12)
    for limb in limbs:
        # Only where it is, with what it darkens
        ends = pixels_of(head, np.stack([limb.start, limb.end]))
        around = (max(limb.radii) + 0.12) * head.eye_px
        rows, columns = (
            slice(*np.searchsorted(at, (ends[:, i].min() - around, ends[:, i].max() + around)))
            for at, i in ((py, 1), (px, 0))
        )
        here = paint[rows, columns]
        if here.size:
            x = inverse[0, 0] * dx[columns] + inverse[0, 1] * dy[rows, None]
            y = inverse[1, 0] * dx[columns] + inverse[1, 1] * dy[rows, None]
            inside, light = _limb(limb, x, y, sun)
            light += np.float32(0.03) * mottled[rows, columns]
            eye_px = np.float32(head.eye_px * canvas.scale)
            alpha = np.clip(inside * eye_px / np.float32(1.5) + np.float32(0.5), 0, 1)[..., None]
            # Skin darkens where it meets other skin
            near = np.exp(np.minimum(inside, 0) / np.float32(0.04))[..., None]
            here[..., :3] *= 1 - np.float32(0.28) * near
            here *= 1 - alpha
            here[..., :3] += alpha * (skin.astype(np.float32) * light[..., None])
            here[..., 3:] += alpha
    return paint


def _limb(limb: Limb, x: np.ndarray, y: np.ndarray, sun: float) -> tuple[np.ndarray, np.ndarray]:
    """How far inside of it each point is, in eye distances, and its brightness there."""
    line = (limb.end - limb.start).astype(np.float32)
    length = np.float32(np.hypot(*line))
    x, y = x - np.float32(limb.start[0]), y - np.float32(limb.start[1])
    t = np.clip((x * line[0] + y * line[1]) / length**2, 0, 1)
    radius = np.float32(limb.radii[0]) + np.float32(limb.radii[1] - limb.radii[0]) * t
    away = np.hypot(x - t * line[0], y - t * line[1])
    aside = np.clip(away / radius, 0, 1)
    light = np.float32(1.02) - np.float32(0.3 * limb.curve) * aside**3
    light += np.float32(sun) * (x * line[1] - y * line[0]) / length / radius
    if limb.nail:
        for joint in (0.42, 0.78):
            light -= np.float32(0.05) * np.exp(-(((t - np.float32(joint)) / np.float32(0.03)) ** 2))
        nail = np.hypot((t - np.float32(0.97)) * length / np.float32(0.11), aside / np.float32(0.6)) < 1
        light += np.float32(0.09) * nail
    return np.asarray(radius - away), np.asarray(light)


def _axes(head: Head) -> np.ndarray:
    """(2, 2) columns: pixels of an eye distance across and down."""
    across, down = head.basis.T
    return np.stack([across / np.linalg.norm(across), down / np.linalg.norm(down)], axis=1) * head.eye_px
