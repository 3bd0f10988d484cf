"""A mask beside the face: hanging from an ear by one of its loops, or held in a hand."""

from __future__ import annotations

import math

import numpy as np

from core.mask_rendering.cloth import Canvas, opaque, over, painted, printed, shade
from core.mask_rendering.hand import Limb, hand, paint_limbs, pixels_of
from core.mask_rendering.head import Head, Surface
from core.mask_rendering.styles import CUTS, MaskStyle

_EAR_V = (0.02, 0.55)  # where the root of the ear begins and ends
_ROUND = 0.25  # of the width: corners
_HAND_SEEN = 0.7  # share of held masks of which the hand is in the picture
_MOUTH_LINE = 1.45  # eye distances below the eyes; what lies under it leaves the mouth free


class Loose:
    """A flat piece of cloth. Its short sides are `_width` pixels, the first `_start` below `_hold`, and
    `_length` apart along `_axes` (rows: across and down), `_aside` to the side of it. It is bent by `_bend`
    of its width, and narrower at one end by `_taper` of it.
    """

    def __init__(self, head: Head, style: MaskStyle, rng: np.random.Generator) -> None:
        self._head, self._style = head, style
        self._bend, self._taper = rng.uniform(-0.3, 0.3), rng.uniform(-0.3, 0.3)

    def _place(self, hold: np.ndarray, down: np.ndarray, size: tuple[float, float], start: float) -> None:
        self._hold, self._start, self._aside = hold, start, 0.0
        self._axes = np.stack([[down[1], -down[0]], down])
        self._width, self._length = size

    def corners(self) -> np.ndarray:
        """(4, 2) pixels around all that is drawn."""
        half, low = 1.1 * self._width, self._start + 1.4 * self._length
        high = -self._start if self._start > 0 else -0.45 * self._length
        left, right = self._aside - half, self._aside + half
        ends = np.array([(left, high), (right, high), (left, low), (right, low)])
        return np.asarray(self._hold + ends @ self._axes)

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """See `Canvas`."""
        x, y = np.meshgrid(*canvas.pixels())
        across, down = self._axes @ np.stack([x.ravel() - self._hold[0], y.ravel() - self._hold[1]])
        b = ((down - self._start) / self._length).reshape(x.shape).astype(np.float32)  # 0 to 1
        along = np.clip(b, -0.5, 1.5) - np.float32(0.5)
        bent = (across - self._aside).reshape(x.shape).astype(np.float32)
        bent -= np.float32(self._bend * self._width) * (along**2 * 2 - np.float32(0.25))
        a = bent / np.float32(self._width) / (1 + np.float32(self._taper) * along)  # -0.5 to 0.5
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
        """(N, 2) pixels of its loops."""
        return [self._loop(rng, upper=True), self._loop(rng, upper=False)]

    def _loop(self, rng: np.random.Generator, *, upper: bool) -> np.ndarray:
        """One that dangles from an end."""
        t = np.linspace(-1, 1, 12)
        sag = rng.uniform(0.1, 0.3) * self._length * (1 - t**2)
        from_start = self._start - sag if upper else self._start + self._length + sag
        # As wide as the end is, and where the bend has it
        half = 0.4 * self._width * (1 + self._taper * (-0.5 if upper else 0.5))
        line = np.stack([self._aside + 0.25 * self._bend * self._width + half * t, from_start], axis=1)
        return np.asarray(self._hold + line @ self._axes)


class Hanging(Loose):
    """On the ear that is seen best, as `rng` lets it hang: a short side up, turned a little."""

    def __init__(self, head: Head, style: MaskStyle, rng: np.random.Generator) -> None:
        super().__init__(head, style, rng)
        seen = [side for side in (-1, 1) if head.project(np.array([side * 1.2]), np.array([0.3]))[1][0]]
        side = seen[int(rng.integers(len(seen)))] if seen else 1
        # The nearest to the ear that is seen: hair and cheek may hide its root
        ear = head.to_pixels(
            *(np.array([v]) for v in (side * rng.uniform(0.95, 1.15), float(np.mean(_EAR_V))))
        )[0]
        angle = -side * rng.uniform(-0.15, 0.3)  # the lower end swings out rather than in
        down = head.basis[:, 1] / head.v_px
        down = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ down
        width, length = rng.uniform((0.45, 1.5), (1.2, 2.4)) * head.eye_px  # 3 to 8 by 9 to 15 cm
        self._place(ear, down, (width, length), rng.uniform(0.15, 0.5) * head.eye_px)
        # The cheek holds it off: its inner edge is beside the mouth
        self._aside = side * max(0.0, 0.6 * self._width - 0.3 * head.eye_px)

    def _loops(self, rng: np.random.Generator) -> list[np.ndarray]:
        """The one that holds it, and one that dangles."""
        half, x = 0.4 * self._width, self._aside + 0.25 * self._bend * self._width
        held = np.array([(x - half, self._start), (0.0, 0.0), (x + half, self._start)])
        return [np.asarray(self._hold + held @ self._axes), self._loop(rng, upper=False)]


class InHand(Loose):
    """Held beside the face or below it, mostly with the hand that holds it; `skin` (3,) RGB of that hand.

    It leaves nose and mouth free, but for a corner of the mouth.
    """

    def __init__(
        self, head: Head, style: MaskStyle, skin: np.ndarray, height: int, rng: np.random.Generator
    ) -> None:
        super().__init__(head, style, rng)
        self._skin = skin
        width, length = rng.uniform((0.8, 1.5), (1.5, 2.6))
        angle = rng.uniform(0, math.pi)  # of its long side against the upright
        sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
        half = np.array([cosine * width + sine * length, sine * width + cosine * length]) / 2
        side = -1 if rng.random() < 0.5 else 1
        if rng.random() < 0.6 or head.lowest_v(height) < 2.2:
            centre = np.array([side * (half[0] + rng.uniform(0.1, 0.4)), rng.uniform(0.9, 1.7)])
        else:
            centre = np.array([rng.uniform(-0.6, 0.6), half[1] + _MOUTH_LINE + rng.uniform(0, 0.2)])
        down = np.array([-math.sin(angle), math.cos(angle)])
        first, middle = pixels_of(head, np.stack([centre - down * length / 2, centre]))
        to_end = middle - first
        size = (width * head.eye_px, length * head.eye_px)
        self._place(first, to_end / np.linalg.norm(to_end), size, 0.0)
        self._hand: tuple[list[Limb], Limb] | None = None
        if rng.random() < _HAND_SEEN:
            # From the lower side of the picture, fingers behind the cloth, the thumb on it
            grip = centre + np.array([side * half[0], half[1]]) * rng.uniform(0.45, 0.75)
            pointing = math.pi * 1.5 - side * rng.uniform(0.2, 0.9)
            away = np.array([math.cos(pointing), math.sin(pointing)])
            self._hand = hand(grip - away * 0.35, pointing, -side if away[0] * side < 0 else side, rng)

    def corners(self) -> np.ndarray:
        if not self._hand:
            return super().corners()
        limbs, thumb = self._hand
        ends = [end + reach for limb in (*limbs, thumb) for end in (limb.start, limb.end) for reach in _REACH]
        return np.concatenate([super().corners(), pixels_of(self._head, np.stack(ends))])

    def layers(self, canvas: Canvas, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        paint, shadow = super().layers(canvas, rng)
        if self._hand:
            limbs, thumb = self._hand
            paint = over(paint, paint_limbs(canvas, self._head, limbs, self._skin, rng))
            paint = over(paint_limbs(canvas, self._head, [thumb], self._skin, rng), paint)
        return paint, shadow


_REACH = np.array([(-0.6, -0.6), (0.6, 0.6)])  # beyond the middle of any limb
