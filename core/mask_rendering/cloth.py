"""How the cloth of a mask looks, wherever it lies: what it is drawn on, its shade, print and straps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from core.mask_rendering.head import Surface
from core.mask_rendering.styles import CUTS, Colour, MaskStyle

_EDGE_PX = 1.5  # softness of the outline on the canvas


class Cloth(Protocol):
    """Cloth from a photo, with the light on it; `eye_light` as `core.mask_rendering.photo` says of it."""

    eye_light: float

    def __call__(self, theta: np.ndarray, w: np.ndarray) -> np.ndarray:
        """(h, w, 3) float32 RGB, 0 to 255, at angles round the head and shares of the way down the cloth."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a mask is drawn on: a window of a photo (left, top, right, bottom), `scale` times as fine.

    A mask's layers on it are premultiplied RGBA (h, w, 4), RGB 0 to 255 and A 0 to 1, and the factor (h, w)
    of its shadow, both float32.
    """

    window: tuple[int, int, int, int]
    scale: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        left, top, right, bottom = self.window
        return max(1, round((right - left) * self.scale)), max(1, round((bottom - top) * self.scale))

    def pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """x (w,) and y (h,) of its columns and rows, in pixels of the photo."""
        (width, height), (left, top, right, bottom) = self.size, self.window
        return (
            (np.arange(width) + 0.5) * (right - left) / width + left,
            (np.arange(height) + 0.5) * (bottom - top) / height + top,
        )

    def lines(self, lines: Iterable[np.ndarray], thickness: float) -> np.ndarray:
        """Alpha (h, w) float32 of lines through (N, 2) points, all in pixels of the photo."""
        (width, height), (left, top, right, bottom) = self.size, self.window
        alpha = np.zeros((height, width), np.uint8)
        finer = np.array([width / (right - left), height / (bottom - top)])
        for line in lines:
            points = np.round((line - (left, top)) * finer * 16).astype(np.int32)
            if len(points) > 1:
                cv2.polylines(
                    alpha, [points], False, 255, max(1, round(thickness * finer[0])), cv2.LINE_AA, 4
                )
        return alpha.astype(np.float32) / 255


def opaque(style: MaskStyle, inside: np.ndarray) -> np.ndarray:
    """(h, w) 0 to 1, from how far inside the outline each place is, in pixels of the canvas."""
    return np.clip(inside / np.float32(_EDGE_PX) + np.float32(0.5), 0, 1) * np.float32(style.opacity)


def shade(
    style: MaskStyle,
    rng: np.random.Generator,
    on: Surface,
    w: np.ndarray,
    inside: np.ndarray,
    *,
    bunched: bool,
) -> np.ndarray:
    """Brightness of the cloth (h, w), about 1. `inside` is the distance to the outline in eye distances.

    Creases run across `w`; a cloth that is `bunched` has more of them and deeper folds.
    """
    cut = CUTS[style.shape]
    # Sides turn away from the light, the underside too
    bright = np.float32(1.04) - np.float32(0.28) * np.clip(on.sine, -1, 1) ** 2
    bright -= np.float32(rng.uniform(0.12, 0.3)) * w**3
    hem = np.linspace(-0.1, 0.3, 256)
    bright -= _lookup(0.07 * np.exp(-(((hem - 0.045) / 0.012) ** 2)), inside, -0.1, 0.3)
    creases = cut.pleats + (2 if bunched else 0)
    if creases:
        # A dark line and, under it, the lit back of the fold
        at = np.linspace(0, 1, 512)
        profile = np.zeros_like(at)
        for i in range(creases):
            d = (at - (i + 1) / (creases + 1) - rng.uniform(-0.05, 0.05)) * 30
            profile += rng.uniform(0.08, 0.2) * (0.5 * np.exp(-((d - 1.5) ** 2)) - np.exp(-(d**2)))
        bright += _lookup(profile, w + np.float32(rng.normal(0, 0.03)) * on.theta, 0, 1)
    if cut.seam:
        across = np.linspace(-0.25, 0.25, 512)
        seam = 0.05 * np.exp(-(((across - 0.05) / 0.04) ** 2)) - 0.15 * np.exp(-((across / 0.02) ** 2))
        bright += _lookup(seam, on.theta, -0.25, 0.25)
    # Few columns and many rows make folds that run across, as gathered cloth has
    size = (w.shape[1], w.shape[0])
    coarse = rng.standard_normal((9 if bunched else 6, 4), np.float32)
    depth = np.float32((0.10 if bunched else 0.06) * style.folds)
    bright += cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) * depth
    bright += rng.standard_normal(w.shape, np.float32) * np.float32(0.05 * style.roughness)
    return np.asarray(np.clip(bright, 0.15, 1.25))


def _lookup(table: np.ndarray, values: np.ndarray, low: float, high: float) -> np.ndarray:
    """`table` sampled evenly over low to high, at `values`: spares an exponential a pixel."""
    index = np.clip(
        (values - np.float32(low)) * np.float32((len(table) - 1) / (high - low)), 0, len(table) - 1
    )
    return np.asarray(table.astype(np.float32)[index.astype(np.intp)])


def printed(style: MaskStyle, rng: np.random.Generator, on: Surface, size: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) or (3,) float32, 0 to 255: the colour of the cloth with its print."""
    colour, trim = np.asarray(style.colour, np.float32), np.asarray(style.trim, np.float32)
    if style.pattern == "plain":
        return colour
    turn = np.float32(2 * math.pi / rng.uniform(0.08, 0.25))
    across, down = on.theta * turn, on.v * turn
    if style.pattern == "stripes":
        angle = float(rng.choice([0, 45, 90]))
        along = across * math.cos(math.radians(angle)) + down * math.sin(math.radians(angle))
        share: np.ndarray = 2 * np.sin(along) + 0.5
    elif style.pattern == "dots":
        share = 6 * (np.cos(across) + np.cos(down) - 1.2)
    elif style.pattern == "check":
        share = (np.sign(np.sin(across)) + np.sign(np.sin(down)) + 2) / 4
    else:
        coarse = rng.standard_normal((16, 16), np.float32)
        share = 3 * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(colour + np.clip(share, 0, 1).astype(np.float32)[..., None] * (trim - colour))


def painted(style: MaskStyle, colour: np.ndarray, alpha: np.ndarray, straps: np.ndarray) -> np.ndarray:
    """The layer RGBA of cloth (h, w, 3), as opaque as `alpha` (h, w), and of straps (h, w) behind it."""
    straps, strap_colour = straps * (1 - alpha), np.asarray(_strap_colour(style), np.float32)
    paint = np.empty((*alpha.shape, 4), np.float32)
    paint[..., :3] = colour * alpha[..., None] + straps[..., None] * strap_colour
    paint[..., 3] = alpha + straps
    return paint


def over(front: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """One layer RGBA of two."""
    return np.asarray(front + behind * (1 - front[..., 3:]))


def _strap_colour(style: MaskStyle) -> Colour:
    return style.colour if style.pattern != "plain" else style.trim
