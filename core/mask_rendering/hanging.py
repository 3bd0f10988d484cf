"""A mask that hangs from an ear by one of its loops: a flat piece of cloth beside the face."""

from __future__ import annotations

import numpy as np

from core.mask_rendering.cloth import Canvas, opaque, painted, printed, shade
from core.mask_rendering.head import Head, Surface
from core.mask_rendering.styles import CUTS, MaskStyle

_EAR_V = (0.02, 0.55)  # where the root of the ear begins and ends
_ROUND = 0.25  # of the width: corners


class Hanging:
    """A mask on the ear that is seen best, as `rng` lets it hang: its short side up, turned a little."""

    def __init__(self, head: Head, style: MaskStyle, rng: np.random.Generator) -> None:
        self._head, self._style = head, style
        seen = [side for side in (-1, 1) if head.project(np.array([side * 1.2]), np.array([0.3]))[1][0]]
        side = seen[int(rng.integers(len(seen)))] if seen else 1
        # The nearest to the ear that is seen: hair and cheek may hide its root
        self._ear = head.to_pixels(
            *(np.array([v]) for v in (side * rng.uniform(0.95, 1.15), float(np.mean(_EAR_V))))
        )[0]
        angle = -side * rng.uniform(-0.05, 0.25)  # the lower end swings out rather than in
        down = head.basis[:, 1] / head.v_px
        down = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ down
        self._axes = np.stack([[down[1], -down[0]], down])  # across and down, in pixels
        self._width, self._length = rng.uniform((0.5, 1.5), (1.2, 2.4)) * head.eye_px  # 3 to 8 by 9 to 15 cm
        self._start = rng.uniform(0.15, 0.5) * head.eye_px  # below the ear
        # The cheek holds it off: its inner edge is beside the mouth
        self._aside = side * max(0.0, self._width / 2 - 0.3 * head.eye_px)

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn."""
        half, low = 0.7 * self._width, self._start + 1.4 * self._length
        left, right = self._aside - half, self._aside + half
        ends = np.array([(left, -self._start), (right, -self._start), (left, low), (right, low)])
        return np.asarray(self._ear + ends @ self._axes)

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        x, y = np.meshgrid(*canvas.pixels())
        across, down = self._axes @ np.stack([x.ravel() - self._ear[0], y.ravel() - self._ear[1]])
        across -= self._aside
        a = (across / self._width).reshape(x.shape).astype(np.float32)  # -0.5 to 0.5
        b = ((down - self._start) / self._length).reshape(x.shape).astype(np.float32)  # 0 to 1
        # How far inside a rectangle with round corners, as signed distances have it (Quilez)
        corner = _ROUND * self._width
        beyond = np.stack([np.abs(a) * self._width, np.abs(b - 0.5) * self._length]) - (
            np.array([self._width, self._length])[:, None, None] / 2 - corner
        )
        outside = np.hypot(*np.maximum(beyond, 0)) + np.minimum(beyond.max(axis=0), 0) - corner
        inside = np.float32(-canvas.scale) * outside.astype(np.float32)
        alpha = opaque(self._style, inside)

        # Worn, its pleats would lie across the face; so they run down here
        cloth = Surface(theta=b - np.float32(0.5), v=a, sine=a, extent=np.ones_like(a))
        eye_px = np.float32(self._head.eye_px * canvas.scale)
        w = np.clip(a + np.float32(0.5), 0, 1)
        shaded = shade(self._style, rng, cloth, w, inside / eye_px, bunched=True)
        colour = printed(self._style, rng, cloth, canvas.size) * shaded[..., None]
        strap_px = CUTS[self._style.shape].strap_width * self._head.eye_px
        paint = painted(self._style, colour, alpha, canvas.lines(self._loops(rng), strap_px))
        shadow = 1 - np.float32(rng.uniform(0.1, 0.3)) * np.exp(np.minimum(inside, 0) / (0.06 * eye_px))
        return paint, np.asarray(shadow, np.float32)

    def _loops(self, rng: np.random.Generator) -> list[np.ndarray]:
        """(N, 2) pixels of the loop that holds it, and of the one that dangles from its lower end."""
        half, x = 0.4 * self._width, self._aside
        held = np.array([(x - half, self._start), (0.0, 0.0), (x + half, self._start)])
        t = np.linspace(-1, 1, 12)
        sag = rng.uniform(0.1, 0.3) * self._length * (1 - t**2)
        dangling = np.stack([x + half * t, self._start + self._length + sag], axis=1)
        return [np.asarray(self._ear + line @ self._axes) for line in (held, dangling)]
