"""A mask that is worn, correctly or not: cloth on the head's surface.

`w` runs down the cloth, 0 at its upper and 1 at its lower edge.
"""

from __future__ import annotations

import math

import numpy as np

from core.labels import WEAR_4
from core.mask_rendering.cloth import Canvas, Cloth, opaque, painted, printed, shade
from core.mask_rendering.head import Head
from core.mask_rendering.styles import CUTS, MaskStyle

COVERED, NOSE_OUT, BELOW_MOUTH = WEAR_4.labels[:3]
UNDER_CHIN = "under_chin"
OVER_NOSE = 0.08  # v from the tip of the nose up to the lowest edge of a mask that is worn correctly

_HAIR_OVER_EAR = 0.25  # share of ears whose hair hides the end of the strap
EAR = math.radians(93)  # theta of the root of the ear
_THETA = np.linspace(0, math.pi / 2, 256)


class Worn:
    """A mask on a head, in a picture so many pixels high, with the fit that `rng` gives it.

    `_upper` and `_lower` are its edges (v) over `_THETA`, `_reach` the theta of its side edges, `_tilt` v a
    radian.
    """

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
        self._head, self._style, self._bunched = head, style, wearing != COVERED
        cut, lowest_v = CUTS[style.shape], head.lowest_v(height)
        slack = rng.uniform(-1, 1, 3)
        peak, side_drop, side_height = cut.peak, cut.side_drop, cut.side_height
        if wearing == COVERED:
            # From the bridge of the nose to just above its tip, as low as masks sit that are worn correctly
            lowest = max(head.nose_v - OVER_NOSE, 0.36)
            top, chin = 0.26 + (lowest - 0.26) * (slack[0] + 1) / 2, cut.chin + 0.08 * slack[1]
        elif wearing == NOSE_OUT:
            # From just under the nose tip to the upper lip; the cloth hangs lower too, and gathers a little
            top, chin, peak = rng.uniform(head.nose_v + 0.10, 0.90), cut.chin + rng.uniform(0.0, 0.35), 0.0
            side_drop, side_height = side_drop * rng.uniform(-0.6, 0.8), side_height * 0.85
        elif wearing == UNDER_CHIN:
            # On the neck, all of the face free
            top, peak = rng.uniform(1.5, 1.75), 0.0
            chin = top + rng.uniform(0.3, 0.75)
            side_drop, side_height = rng.uniform(-0.7, -0.2), side_height * rng.uniform(0.4, 0.7)
        else:
            # From under the lower lip to under the chin, gathered, the corners drawn up along the jaw. Where
            # the picture ends at the chin, higher up: from a mask that cannot be seen nothing is learned
            top, peak = rng.uniform(1.16, np.clip(lowest_v - 0.3, 1.18, 1.55)), 0.0
            chin = max(cut.chin + rng.uniform(0.0, 0.2), top + rng.uniform(0.35, 0.85))
            side_drop, side_height = rng.uniform(-0.55, -0.15), side_height * rng.uniform(0.5, 0.8)
        t = _THETA / cut.reach
        self._upper = top + (side_drop + 0.04 * slack[2]) * t**1.6 - peak * np.exp(-((t / 0.22) ** 2))
        corner = top + side_drop + side_height
        lower = chin + (corner - chin) * np.minimum(t, 1.3) ** cut.roundness
        self._reach = cut.reach * rng.uniform(0.94, 1.06)
        self._lower = np.maximum(lower, self._upper)
        self._tilt = float(rng.normal(0, 0.03))

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn, with the shadow on the neck."""
        high, low = min(float(self._upper.min()), -0.4) - 0.1, float(self._lower.max()) + 0.35
        return self._head.to_pixels(np.array([-1.25, 1.25, -1.25, 1.25]), np.array([high, high, low, low]))

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        px, py = canvas.pixels()
        on = self._head.surface(px, py)
        eye_px, v_px = (np.float32(length * canvas.scale) for length in (self._head.eye_px, self._head.v_px))

        side = np.abs(on.theta)
        column = np.minimum(side * np.float32(255 / _THETA[-1]), 255).astype(np.intp)
        tilted = on.v - np.float32(self._tilt) * on.theta
        upper = self._upper.astype(np.float32)[column]
        lower = self._lower.astype(np.float32)[column]
        # Distances to the edges in canvas pixels; the smallest is the distance to the outline
        from_top, from_bottom = (tilted - upper) * v_px, (lower - tilted) * v_px
        facing = np.sqrt(np.maximum(1 - on.sine**2, np.float32(0.02)))
        from_side = (np.float32(self._reach) - side) * on.extent * facing * eye_px
        inside = np.minimum(np.minimum(from_top, from_bottom), from_side)
        inside = np.minimum(inside, (1 - np.abs(on.sine)) * on.extent * eye_px)
        alpha = opaque(self._style, inside)

        w = np.clip((tilted - upper) / np.maximum(lower - upper, np.float32(0.05)), 0, 1)
        if self._cloth:
            colour = self._cloth(on.theta, w)
        else:
            shaded = shade(self._style, rng, on, w, inside / eye_px, bunched=self._bunched)
            colour = printed(self._style, rng, on, canvas.size) * shaded[..., None]
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
        high, low = (float(np.interp(self._reach, _THETA, edge)) for edge in (self._upper, self._lower))
        return high + 0.05, max(low - 0.05, high + 0.05)

    def _straps(self, canvas: Canvas, rng: np.random.Generator) -> np.ndarray:
        """Alpha (h, w) of what holds the mask, from its corners to where it leaves the sight."""
        # Loops go to the root of the ear; head straps above and below it, round the back of the head
        ends = {"ear_loops": (0.02, 0.55), "head_straps": (-0.35, 0.75), "none": ()}[self._style.straps]
        lines = []
        for side in (-1, 1):
            s = np.linspace(0, rng.uniform(0.5, 0.9) if rng.random() < _HAIR_OVER_EAR else 1, 12)
            for start, end in zip(self._edge_ends(), ends, strict=False):
                theta = side * (self._reach + (EAR - self._reach) * s)
                sag = 0.10 * np.sin(math.pi * s)
                pixels, seen = self._head.project(theta, start + (end - start) * s + sag + self._tilt * theta)
                lines.append(pixels[seen])
        return canvas.lines(lines, CUTS[self._style.shape].strap_width * self._head.eye_px)
