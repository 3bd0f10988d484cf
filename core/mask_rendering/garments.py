"""What people wear round the neck and a mask is not: collars, scarves, necklaces.

A garment is a tube of its own width round the axis of the head, and falls on the shoulders.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.mask_rendering.cloth import Canvas, painted, printed
from core.mask_rendering.head import Head, Surface
from core.mask_rendering.styles import MaskStyle

TURTLENECK, SCARF, SCARF_OVER_NOSE = "turtleneck", "scarf", "scarf_over_nose"
_BELOW = 2.0  # v from the upper edge down to where all is drawn, if the picture is so high


class Garment:
    """A collar, or a scarf round the neck or over nose and mouth; `rng` says how high, wide and ribbed."""

    def __init__(
        self, head: Head, style: MaskStyle, kind: str, height: int, rng: np.random.Generator
    ) -> None:
        self._head, self._style, self._collar = head, style, kind == TURTLENECK
        lowest_v = head.lowest_v(height)
        if kind == SCARF_OVER_NOSE:
            self._top, self._width = rng.uniform(0.3, head.nose_v - 0.04), rng.uniform(1.12, 1.4)
        elif kind == SCARF:
            self._top = rng.uniform(1.3, np.clip(lowest_v - 0.2, 1.35, 1.8))
            self._width = rng.uniform(1.0, 1.5)
        else:
            self._top = rng.uniform(1.45, np.clip(lowest_v - 0.2, 1.5, 1.9))
            self._width = rng.uniform(0.78, 1.0)
        self._chin = rng.uniform(1.5, 1.64)  # v
        self._tall = rng.uniform(0.4, 0.8)  # of the tube, before it widens to the shoulders

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn."""
        high, low = self._top - 0.8, self._top + _BELOW
        return self._head.to_pixels(np.array([-3.0, 3.0, -3.0, 3.0]), np.array([high, high, low, low]))

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        on = self._head.surface(*canvas.pixels())
        eye_px, v_px = (np.float32(length * canvas.scale) for length in (self._head.eye_px, self._head.v_px))
        x = on.sine * on.extent
        down = on.v - np.float32(self._top)
        width = np.float32(self._width) + np.float32(0.9) * np.maximum(down - np.float32(self._tall), 0)
        sine = np.clip(x / width, -1, 1)
        # From above a little: the rim hangs in front; a scarf's is not straight
        rim = np.float32(0.12) * (1 - sine**2)
        if not self._collar:
            wave = np.sin(x * np.float32(rng.uniform(2, 4)) + np.float32(rng.uniform(0, 7)))
            rim = rim + np.float32(rng.uniform(0, 0.07)) * wave
        from_rim = (down - rim) * v_px
        inside = np.minimum(from_rim, (width - np.abs(x)) * eye_px)
        if self._collar:  # behind the jaw
            from_jaw = (on.v - _jaw(x, self._chin)) * v_px
            inside = np.minimum(inside, from_jaw)
        alpha = np.clip(inside / np.float32(1.5) + np.float32(0.5), 0, 1)
        tube = Surface(np.arcsin(sine), on.v, sine, on.extent)
        bright = np.float32(1.02) - np.float32(0.35) * sine**2
        bright += self._folds(tube, down, canvas, rng)
        if self._collar:
            dark = np.exp(-np.maximum(from_jaw, 0) / (np.float32(0.2) * eye_px))
            bright *= 1 - np.float32(rng.uniform(0.1, 0.5)) * dark
        bright = np.clip(bright, 0.1, 1.3)
        colour = printed(self._style, rng, tube, canvas.size) * bright[..., None]
        paint = painted(self._style, colour, alpha, np.zeros_like(alpha))
        shadow = np.exp(np.minimum(inside, 0) / (np.float32(0.07) * eye_px))
        return paint, np.asarray(1 - np.float32(rng.uniform(0.1, 0.35)) * shadow, np.float32)

    def _folds(self, tube: Surface, down: np.ndarray, canvas: Canvas, rng: np.random.Generator) -> np.ndarray:
        """(h, w) what ribs, folds and knit add to the brightness."""
        coarse = rng.standard_normal((9, 5) if not self._collar else (4, 6), np.float32)
        soft = cv2.resize(coarse, canvas.size, interpolation=cv2.INTER_CUBIC)
        if self._collar:
            bright = np.float32(0.06) * soft
            if rng.random() < 0.6:
                ribs = np.sin(tube.theta * np.float32(rng.uniform(20, 45)))
                bright += np.float32(rng.uniform(0.03, 0.1)) * ribs
            # Folded over once
            fold = (down - np.float32(self._tall * rng.uniform(0.7, 1.1))) / np.float32(0.04)
            bright -= np.float32(rng.uniform(0.1, 0.3)) * np.exp(-(fold**2))
        else:
            # Folds run round the neck, not quite level, and bend under their own weight
            slope = np.float32(rng.uniform(-0.5, 0.5))
            along = down + slope * tube.theta - np.float32(rng.uniform(0.05, 0.3)) * (1 - tube.sine**2)
            turns = np.float32(rng.uniform(9, 20))
            wave = np.sin(along * turns + np.float32(1.3) * soft + np.float32(rng.uniform(0, 7)))
            bright = np.float32(rng.uniform(0.1, 0.24)) * wave + np.float32(0.1) * soft
            if rng.random() < 0.5:  # knit
                knit = np.sin(down * np.float32(60)) * np.sin(tube.theta * np.float32(40))
                bright += np.float32(rng.uniform(0.03, 0.1)) * knit
        return bright + rng.standard_normal(bright.shape, np.float32) * np.float32(
            0.05 * self._style.roughness
        )


class Necklace:
    """A chain or beads round the neck."""

    def __init__(self, head: Head, height: int, rng: np.random.Generator) -> None:
        self._head = head
        self._low = rng.uniform(1.8, np.clip(head.lowest_v(height), 1.85, 2.5))
        self._half, self._rise = rng.uniform(0.5, 0.75), rng.uniform(0.15, 0.45)
        self._beads = rng.random() < 0.6
        gold, pearl = (206, 168, 84), (232, 224, 212)
        any_colour = rng.uniform(30, 230, 3)
        self._colour = np.asarray([gold, pearl, any_colour][rng.integers(3)], np.float32)

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn."""
        high, low = self._low - self._rise - 0.2, self._low + 0.3
        return self._head.to_pixels(np.array([-1.0, 1.0, -1.0, 1.0]), np.array([high, high, low, low]))

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        radius = rng.uniform(0.03, 0.075) if self._beads else rng.uniform(0.012, 0.03)
        t = np.linspace(-1, 1, round(self._half / radius) if self._beads else 40)
        line = self._head.to_pixels(self._half * t, self._low - self._rise * t**2)
        step = np.array([0.5, 0.0])  # a bead is a line too short to be seen as one
        lines = [np.stack([at - step, at + step]) for at in line] if self._beads else [line]
        alpha = canvas.lines(lines, 1.8 * radius * self._head.eye_px)
        on = self._head.surface(*canvas.pixels())
        alpha *= np.clip((on.v - _jaw(on.sine * on.extent, 1.6)) * 10, 0, 1)
        bright = np.float32(0.75) + np.float32(0.3) * rng.random(alpha.shape, np.float32)
        paint = np.empty((*alpha.shape, 4), np.float32)
        paint[..., :3] = self._colour * (bright * alpha)[..., None]
        paint[..., 3] = alpha
        soft = cv2.GaussianBlur(alpha, (0, 0), max(0.8, 0.03 * self._head.eye_px * canvas.scale))
        return paint, np.asarray(1 - np.float32(0.35) * soft)


def _jaw(x: np.ndarray, chin: float) -> np.ndarray:
    """v of the outline of the jaw at x, with the chin at `chin`."""
    return np.asarray(
        np.float32(chin) - np.float32(0.62) * np.abs(x / np.float32(0.92)) ** np.float32(2.4), np.float32
    )
