"""Draws a face mask on a bare face, worn correctly or not: for training pictures, samples and explanations.

A mask is cloth on the head's surface (`worn.py`) or beside it (`loose.py`), lit, blurred and grained as
the photo is (`photo.py`).
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from core.images import resized
from core.mask_rendering.cloth import Canvas, Cloth
from core.mask_rendering.head import Head, head_from_landmarks
from core.mask_rendering.loose import Hanging, InHand
from core.mask_rendering.photo import blur_sigma, drawing_blur, eye_light, light, noise_sigma, skin_paint
from core.mask_rendering.styles import MaskStyle
from core.mask_rendering.ways import HANGING, IN_HAND, WAYS
from core.mask_rendering.worn import Worn
from core.results import Frame, Landmarks

_MIN_EYE_PX, _MAX_EYE_PX = 48.0, 200.0  # eye distance on the canvas: fine enough, and bounded in cost
_GAIN = (0.5, 1.6)  # of a photo's cloth on its way into the light of another


class Piece(Protocol):
    """Something to lay on a picture of a face."""

    def corners(self) -> np.ndarray:
        """(N, 2) pixels around all that is drawn."""

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""


def draw_mask(
    rgb: np.ndarray,
    landmarks: Landmarks,
    wearing: str,
    style: MaskStyle,
    rng: np.random.Generator | None = None,
    cloth: Cloth | None = None,
) -> np.ndarray:
    """A copy of `rgb` (H, W, 3) uint8 with a mask on the face that five `landmarks` (pixels) describe.

    `wearing` is one of `WAYS`. `rng` varies fit, folds and light; without it the drawing is always the same.
    `cloth` of a photo takes the place of a synthetic one on a mask that is worn. Raises `ValueError` for
    another wearing, another array, and landmarks that describe no face.
    """
    if wearing not in WAYS:
        raise ValueError(f"wearing must be one of {WAYS}, got {wearing!r}")
    rgb, rng = Frame(rgb).rgb, rng or np.random.default_rng(0)
    head = head_from_landmarks(landmarks)
    if wearing == HANGING:
        return lay(rgb, head, Hanging(head, style, rng), rng)
    if wearing == IN_HAND:
        return lay(rgb, head, InHand(head, style, skin_paint(rgb, head), rgb.shape[0], rng), rng)
    gain = np.clip(eye_light(rgb, head) / cloth.eye_light, *_GAIN) if cloth else None
    return lay(rgb, head, Worn(head, style, wearing, rgb.shape[0], rng, cloth), rng, gain)


def lay(
    rgb: np.ndarray, head: Head, piece: Piece, rng: np.random.Generator, gain: float | None = None
) -> np.ndarray:
    """A copy of `rgb` with `piece` on it, in the light, blur and grain of the photo.

    With a `gain` it is of a photo already, and only made so much brighter.
    """
    out = rgb.copy()
    window = _inside(piece.corners(), rgb.shape)
    if window is None:
        return out
    left, top, right, bottom = window
    photo = rgb[top:bottom, left:right]
    scale = float(np.clip(1.0, _MIN_EYE_PX / head.eye_px, _MAX_EYE_PX / head.eye_px))
    paint, shadow = piece.layers(Canvas(window, scale), rng)
    paint, shadow = (resized(layer, (right - left, bottom - top)) for layer in (paint, shadow))
    blur = drawing_blur(blur_sigma(photo), head.eye_px)
    if blur > 0.6:  # less is what resampling to the photo's pixels has done already
        paint, shadow = (cv2.GaussianBlur(layer, (0, 0), blur) for layer in (paint, shadow))
    alpha = paint[..., 3:]
    skin = photo * (shadow[..., None] * (1 - alpha))
    if gain is not None:
        out[top:bottom, left:right] = np.clip(paint[..., :3] * np.float32(gain) + skin + 0.5, 0, 255)
        return out
    centre = head.to_pixels(np.array([0.0]), np.array([0.6]))[0] - (left, top)
    lit = light(photo, (float(centre[0]), float(centre[1])), head.eye_px)
    drawn = paint[..., :3]
    if lit.colourfulness < 1:
        drawn = drawn * lit.colourfulness + drawn.mean(axis=2, keepdims=True) * (1 - lit.colourfulness)
    exposure = np.float32(rng.uniform(0.88, 1.08))
    grain = rng.standard_normal((*photo.shape[:2], 1), np.float32) * np.float32(noise_sigma(photo))
    drawn = drawn * (lit.brightness * exposure)[..., None] * lit.tint.astype(np.float32) + grain * alpha
    out[top:bottom, left:right] = np.clip(drawn + skin + 0.5, 0, 255)
    return out


def _inside(corners: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of a window around (N, 2) pixels, inside the picture. None if it is empty."""
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)), [shape[1], shape[0]]).astype(int).tolist()
    return (left, top, right, bottom) if left < right and top < bottom else None
