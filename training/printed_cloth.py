"""Cloth printed with a part of a photo, for people wear mouths, flags and flowers: it may show anything."""

from __future__ import annotations

import math

import cv2
import numpy as np

_ACROSS = 1.2  # theta of a mask's side edges, about


class PrintedCloth:
    """The cloth of a mask that shows a part of `rgb` (S, S, 3) uint8, turned: see `core.mask_cloth.Cloth`."""

    def __init__(self, rgb: np.ndarray, rng: np.random.Generator) -> None:
        self._rgb = rgb[..., rng.permutation(3)] if rng.random() < 0.5 else rgb
        self.eye_light = float(rng.uniform(90, 200))  # a print has no light of its own: that of any photo
        self._centre = rng.uniform(0.15, 0.85, 2) * len(rgb)
        angle, length = rng.uniform(0, 2 * math.pi), rng.uniform(0.1, 0.5) * len(rgb)
        self._right = length * np.array([math.cos(angle), math.sin(angle)])
        self._bright = np.float32(np.exp(rng.normal(0, 0.3)))

    def __call__(self, theta: np.ndarray, w: np.ndarray) -> np.ndarray:
        """As `Cloth` says, darker where the cheeks turn away."""
        across, down = theta / _ACROSS, w - 0.5
        (x, y), (right_x, right_y) = self._centre, self._right
        part = cv2.remap(
            self._rgb,
            (x + across * right_x - down * right_y).astype(np.float32),
            (y + across * right_y + down * right_x).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        shade = self._bright * (1 - np.float32(0.25) * across.astype(np.float32) ** 2)
        return np.asarray(part * shade[..., None], np.float32)


def prints(crops: np.ndarray, count: int, seed: int) -> list[PrintedCloth]:
    """`count` cloths with parts of (N, S, S, 3) uint8 photos; the same for the same seed."""
    rng = np.random.default_rng(seed)
    return [PrintedCloth(crops[rng.integers(len(crops))], rng) for _ in range(count)]
