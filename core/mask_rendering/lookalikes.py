"""Faces without a mask that look as if there were one: collars, scarves, necklaces, beards, hands."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from core.mask_rendering.cloth import Canvas
from core.mask_rendering.garments import SCARF, SCARF_OVER_NOSE, TURTLENECK, Garment, Necklace
from core.mask_rendering.hand import hand, paint_limbs, pixels_of
from core.mask_rendering.head import Head, head_from_landmarks
from core.mask_rendering.photo import skin_paint
from core.mask_rendering.render import Piece, lay
from core.mask_rendering.styles import garment_style
from core.results import Frame, Landmarks

_HAIR = ((22, 18, 16), (44, 32, 25), (78, 54, 38), (118, 78, 46), (120, 116, 112), (196, 192, 188))
_HAIR_SHARES = (0.3, 0.26, 0.16, 0.12, 0.12, 0.04)


class Beard:
    """Stubble to a full beard with a moustache; the lips stay free."""

    def __init__(self, head: Head, rng: np.random.Generator) -> None:
        self._head = head
        self._colour = np.asarray(_HAIR[rng.choice(len(_HAIR), p=_HAIR_SHARES)], np.float32) * np.float32(
            rng.uniform(0.8, 1.1)
        )
        self._density, self._length = rng.uniform(0.35, 1.1), rng.uniform(0.0, 0.5)

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn."""
        low = 1.75 + self._length
        return self._head.to_pixels(np.array([-1.3, 1.3, -1.3, 1.3]), np.array([0.2, 0.2, low, low]))

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        on = self._head.surface(*canvas.pixels())
        side = np.abs(on.theta)
        # Along the cheek up to the ear, over the upper lip, down to the chin and as long as it is
        cheek = np.float32(rng.uniform(0.98, 1.15)) - np.float32(0.8) * (
            side / np.float32(1.35)
        ) ** np.float32(1.6)
        lip = np.maximum(np.float32(0.8), cheek - 10 * np.maximum(np.float32(0.42) - side, 0))
        chin = np.float32(1.62 + self._length) - np.float32(0.35) * side
        inside = np.minimum(
            np.minimum(on.v - np.minimum(cheek, lip), chin - on.v) * 6, (1 - np.abs(on.sine)) * 8
        )
        lips = np.hypot(on.theta / np.float32(0.36), (on.v - np.float32(1.02)) / np.float32(0.11)) - 1
        region = np.clip(np.minimum(inside, lips * 3), 0, 1)
        width, height = canvas.size
        # Hair runs down: noise with few rows
        strands = rng.standard_normal((max(2, height // 3), width), np.float32)
        hair = cv2.resize(strands, canvas.size, interpolation=cv2.INTER_LINEAR)
        thick = cv2.resize(
            rng.standard_normal((5, 6), np.float32), canvas.size, interpolation=cv2.INTER_CUBIC
        )
        density = np.float32(self._density) * (1 + np.float32(0.2) * thick) + np.float32(0.2) * hair
        alpha = np.clip(region * density, 0, 0.97)
        paint = np.empty((*alpha.shape, 4), np.float32)
        paint[..., :3] = self._colour * (np.clip(1 + np.float32(0.12) * hair, 0.3, 2) * alpha)[..., None]
        paint[..., 3] = alpha
        return paint, np.ones_like(alpha)


class CoveringHand:
    """A hand before the mouth, or over nose and mouth; `skin` (3,) RGB of it."""

    def __init__(self, head: Head, skin: np.ndarray, rng: np.random.Generator, *, nose: bool) -> None:
        self._head, self._skin = head, skin
        side = -1 if rng.random() < 0.5 else 1
        mouth = head.v_px / head.eye_px * (rng.uniform(0.65, 0.8) if nose else rng.uniform(0.95, 1.2))
        if rng.random() < 0.65:  # from the side: fingers across the mouth
            pointing = (math.pi if side > 0 else 0.0) + side * rng.uniform(-0.05, 0.6)
            middle = np.array([side * rng.uniform(0.35, 0.6), mouth + rng.uniform(0.0, 0.3)])
        else:  # from below
            pointing = -math.pi / 2 + side * rng.uniform(-0.35, 0.35)
            middle = np.array([side * rng.uniform(0, 0.2), mouth + rng.uniform(0.55, 0.8)])
        limbs, thumb = hand(middle, pointing, side, rng)
        self._limbs = [*limbs, thumb] if rng.random() < 0.5 else limbs

    def corners(self) -> np.ndarray:
        """(N, 2) pixels around all that is drawn."""
        ends = [
            end + reach for limb in self._limbs for end in (limb.start, limb.end) for reach in (-0.6, 0.6)
        ]
        return pixels_of(self._head, np.stack(ends))

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        paint = paint_limbs(canvas, self._head, self._limbs, self._skin, rng)
        near = cv2.GaussianBlur(paint[..., 3], (0, 0), 0.08 * self._head.eye_px * canvas.scale)
        return paint, np.asarray(1 - np.float32(rng.uniform(0.2, 0.45)) * near)


def _garment(kind: str) -> Callable[[np.ndarray, Head, np.random.Generator], Piece]:
    def piece(rgb: np.ndarray, head: Head, rng: np.random.Generator) -> Piece:
        return Garment(head, garment_style(rng, plain=kind == TURTLENECK), kind, rgb.shape[0], rng)

    return piece


def _hand(*, nose: bool) -> Callable[[np.ndarray, Head, np.random.Generator], Piece]:
    def piece(rgb: np.ndarray, head: Head, rng: np.random.Generator) -> Piece:
        return CoveringHand(head, skin_paint(rgb, head), rng, nose=nose)

    return piece


_PIECES: dict[str, Callable[[np.ndarray, Head, np.random.Generator], Piece]] = {
    TURTLENECK: _garment(TURTLENECK),
    SCARF: _garment(SCARF),
    "necklace": lambda rgb, head, rng: Necklace(head, rgb.shape[0], rng),
    "beard": lambda _, head, rng: Beard(head, rng),
    "hand_at_mouth": _hand(nose=False),
    SCARF_OVER_NOSE: _garment(SCARF_OVER_NOSE),
    "hand_over_nose": _hand(nose=True),
}
LOOKALIKES = tuple(_PIECES)


def draw_lookalike(
    rgb: np.ndarray, landmarks: Landmarks, kind: str, rng: np.random.Generator | None = None
) -> np.ndarray:
    """A copy of `rgb` (H, W, 3) uint8 in which something that is no mask is at the face; else as `draw_mask`.

    `kind` is one of `LOOKALIKES`.
    """
    if kind not in _PIECES:
        raise ValueError(f"kind must be one of {LOOKALIKES}, got {kind!r}")
    rgb, rng = Frame(rgb).rgb, rng or np.random.default_rng(0)
    head = head_from_landmarks(landmarks)
    return lay(rgb, head, _PIECES[kind](rgb, head, rng), rng)
