"""A mask that is worn, correctly or not: cloth on the head's surface.

`w` runs down the cloth, 0 at its upper and 1 at its lower edge.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.mask_rendering.cloth import Canvas, Cloth, opaque, painted, printed, shade
from core.mask_rendering.fit import THETA, fit
from core.mask_rendering.head import Head, Surface
from core.mask_rendering.styles import CUTS, MaskStyle
from core.mask_rendering.ways import COVERED, CUT_OPEN

_HAIR_OVER_EAR = 0.25  # share of ears whose hair hides the end of the strap
EAR = math.radians(93)  # theta of the root of the ear


class Worn:
    """A mask on a head, in a picture so many pixels high, with the fit that `rng` gives it."""

    def __init__(
        self,
        head: Head,
        style: MaskStyle,
        wearing: str,
        height: int,
        rng: np.random.Generator,
        cloth: Cloth | None = None,
    ) -> None:
        self._cloth = cloth
        self._head, self._style, self._bunched = head, style, wearing not in (COVERED, CUT_OPEN)
        self._fit = fit(wearing, CUTS[style.shape], head, head.lowest_v(height), rng)

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn, with the shadow on the neck."""
        high, low = min(float(self._fit.upper.min()), -0.4) - 0.1, float(self._fit.lower.max()) + 0.35
        return self._head.to_pixels(np.array([-1.25, 1.25, -1.25, 1.25]), np.array([high, high, low, low]))

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        px, py = canvas.pixels()
        on = self._head.surface(px, py)
        eye_px, v_px = (np.float32(length * canvas.scale) for length in (self._head.eye_px, self._head.v_px))

        side = np.abs(on.theta)
        column = np.minimum(side * np.float32(255 / THETA[-1]), 255).astype(np.intp)
        tilted = on.v - np.float32(self._fit.tilt) * on.theta
        upper = self._fit.upper.astype(np.float32)[column]
        lower = self._fit.lower.astype(np.float32)[column]
        # Distances to the edges in canvas pixels; the smallest is the distance to the outline
        from_top, from_bottom = (tilted - upper) * v_px, (lower - tilted) * v_px
        facing = np.sqrt(np.maximum(1 - on.sine**2, np.float32(0.02)))
        from_side = (np.float32(self._fit.reach) - side) * on.extent * facing * eye_px
        if self._fit.ragged:
            # Hair hangs over the edge in strands
            strands = rng.standard_normal((3, max(2, canvas.size[0] * 2 // 3)), np.float32)
            over = cv2.resize(strands, canvas.size, interpolation=cv2.INTER_LINEAR)
            from_top -= np.maximum(over, 0) * np.float32(self._fit.ragged) * eye_px
        inside = np.minimum(np.minimum(from_top, from_bottom), from_side)
        if self._fit.hole:
            from_bottom = np.minimum(from_bottom, _from_hole(on, *self._fit.hole, rng) * eye_px)
            inside = np.minimum(inside, from_bottom)
        inside = np.minimum(inside, (1 - np.abs(on.sine)) * on.extent * eye_px)
        alpha = opaque(self._style, inside)

        w = np.clip((tilted - upper) / np.maximum(lower - upper, np.float32(0.05)), 0, 1)
        if self._cloth:
            colour = self._cloth(on.theta, w)
        else:
            shaded = shade(self._style, rng, on, w, inside / eye_px, bunched=self._bunched)
            colour = printed(self._style, rng, on, canvas.size) * shaded[..., None]
        if self._fit.shade:  # of the chin
            dark = np.exp(-np.maximum(from_top, 0) / (np.float32(0.2) * eye_px))
            colour *= (1 - np.float32(self._fit.shade) * dark)[..., None]
        paint = painted(self._style, colour, alpha, self._straps(canvas, rng))

        # Cloth stands off the skin: a thin shadow over its upper edge, a wide one on the neck
        above = np.exp(np.minimum(from_top, 0) / (np.float32(0.03) * eye_px)) * np.float32(
            rng.uniform(0.1, 0.3)
        )
        below = np.exp(np.minimum(from_bottom, 0) / (np.float32(0.16) * eye_px)) * np.float32(
            rng.uniform(0.15, 0.4)
        )
        on_face = np.clip((1 - np.abs(on.sine)) * 8, 0, 1) * np.clip(
            from_side / (np.float32(0.1) * eye_px), 0, 1
        )
        shadow = 1 - np.where(from_top < 0, above, below) * on_face
        return paint, shadow

    def _edge_ends(self) -> tuple[float, float]:
        """v just inside the upper and the lower corner."""
        high, low = (
            float(np.interp(self._fit.reach, THETA, edge)) for edge in (self._fit.upper, self._fit.lower)
        )
        return high + 0.05, max(low - 0.05, high + 0.05)

    def _straps(self, canvas: Canvas, rng: np.random.Generator) -> np.ndarray:
        """Alpha (h, w) of what holds the mask, from its corners to where it leaves the sight."""
        # Loops go to the root of the ear; head straps above and below it, round the back of the head
        ends = {"ear_loops": (0.02, 0.55), "head_straps": (-0.35, 0.75), "none": ()}[self._style.straps]
        lines = []
        for side in (-1, 1):
            s = np.linspace(0, rng.uniform(0.5, 0.9) if rng.random() < _HAIR_OVER_EAR else 1, 12)
            for start, end in zip(self._edge_ends(), ends, strict=False):
                theta = side * (self._fit.reach + (EAR - self._fit.reach) * s)
                sag = 0.10 * np.sin(math.pi * s)
                pixels, seen = self._head.project(
                    theta, start + (end - start) * s + sag + self._fit.tilt * theta
                )
                lines.append(pixels[seen])
        return canvas.lines(lines, CUTS[self._style.shape].strap_width * self._head.eye_px)


def _from_hole(
    on: Surface, middle: float, half_width: float, half_height: float, rng: np.random.Generator
) -> np.ndarray:
    """(h, w) eye distances from the rim of an opening, negative in it; cut by hand, so not quite round."""
    x, y = on.theta / np.float32(half_width), (on.v - np.float32(middle)) / np.float32(half_height)
    around = np.arctan2(y, x)
    wave = sum(rng.uniform(0, 0.07) * np.sin(k * around + rng.uniform(0, 7)) for k in (2, 3, 5))
    return np.asarray((np.hypot(x, y) - 1 - wave) * np.float32(half_height), np.float32)
