"""Faces that are drawn altogether: smileys and cartoons, some with a mask."""

from __future__ import annotations

import cv2
import numpy as np

_FINER = 4  # drawn so much larger, then shrunk


class _Sheet:
    """A square to draw on; points are (x, y), -1 to 1 across and down."""

    def __init__(self, side: int, rng: np.random.Generator) -> None:
        self._side, self._size, self._rng = side, side * _FINER, rng
        first, second = rng.uniform(60, 255, (2, 3)) if rng.random() < 0.7 else np.full((2, 3), 250.0)
        ramp = np.linspace(0, 1, self._size)[:, None, None]
        self._rgb = np.broadcast_to(first + (second - first) * ramp, (self._size, self._size, 3))
        self._rgb = np.ascontiguousarray(self._rgb.astype(np.uint8))
        turn, zoom = np.radians(rng.normal(0, 8)), rng.uniform(0.9, 1.1)
        self._turn = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        self._line = rng.uniform(0.01, 0.035) if rng.random() < 0.75 else 0.0

    def shape(self, points: np.ndarray, fill: np.ndarray | None, *, outline: bool = True) -> None:
        """A closed shape through (N, 2) points; with no `fill`, an open line."""
        at = np.round((points @ self._turn.T + 1) * self._size / 2).astype(np.int32)
        if fill is not None:
            cv2.fillPoly(self._rgb, [at], [float(v) for v in fill], cv2.LINE_AA)
        width = round((self._line if fill is not None else max(self._line, 0.02)) * self._size)
        if outline and width:
            cv2.polylines(self._rgb, [at], fill is not None, (25, 20, 22), width, cv2.LINE_AA)

    def oval(
        self, x: float, y: float, rx: float, ry: float, fill: np.ndarray, *, outline: bool = True
    ) -> None:
        self.shape(_arc(x, y, rx, ry), fill, outline=outline)

    def picture(self) -> np.ndarray:
        """(S, S, 3) uint8, in the light of some photo of it or as it is."""
        small = cv2.resize(self._rgb, (self._side, self._side), interpolation=cv2.INTER_AREA).astype(
            np.float32
        )
        if self._rng.random() < 0.5:
            slope = self._rng.uniform(-0.2, 0.2, 2)
            at = np.linspace(-1, 1, self._side)
            small *= (self._rng.uniform(0.75, 1.05) + slope[0] * at + slope[1] * at[:, None])[..., None]
            small += self._rng.normal(0, self._rng.uniform(0, 6), small.shape)
        return np.asarray(np.clip(small, 0, 255), np.uint8)


def smiley(side: int, rng: np.random.Generator) -> np.ndarray:
    """(side, side, 3) uint8 RGB: a round face of one colour, as emoji are."""
    sheet = _Sheet(side, rng)
    yellow = np.array([252, 204, 50]) + rng.normal(0, 12, 3)
    skin = np.clip(yellow if rng.random() < 0.8 else rng.uniform(40, 255, 3), 0, 255)
    ink = np.array([60, 40, 20]) * rng.uniform(0.3, 1.2)
    sheet.oval(0, 0, 0.68, 0.68, skin)
    ry = rng.uniform(0.07, 0.2)
    for x in (-0.25, 0.25):
        sheet.oval(x, -0.14, rng.uniform(0.06, 0.09), ry, ink, outline=False)
    if rng.random() < 0.35:
        _mask(sheet, 0.6, 0.02, 0.5, rng)
    else:
        t = np.linspace(0.15, 0.85, 20) * np.pi
        bend = rng.uniform(-0.25, 0.36)
        smile = np.stack([0.42 * np.cos(t), max(0.1, 0.1 - bend) + bend * np.sin(t)], axis=1)
        sheet.shape(smile, ink if rng.random() < 0.3 else None)
    return sheet.picture()


def cartoon_face(side: int, rng: np.random.Generator) -> np.ndarray:
    """(side, side, 3) uint8 RGB: flat skin, large eyes, hair in one piece."""
    sheet = _Sheet(side, rng)
    tones = np.array([(255, 224, 196), (241, 194, 145), (198, 134, 92), (121, 76, 50), (250, 214, 90)])
    skin = np.clip(tones[rng.choice(5, p=(0.3, 0.25, 0.2, 0.15, 0.1))] + rng.normal(0, 8, 3), 0, 255)
    hair = rng.uniform(0, 90, 3) if rng.random() < 0.6 else rng.uniform(0, 255, 3)
    width, height = rng.uniform(0.5, 0.62), rng.uniform(0.6, 0.72)
    long = rng.random() < 0.5
    sheet.oval(0, 0.15 if long else -0.1, width * 1.25, height * (1.25 if long else 1.05), hair)
    sheet.shape(np.array([(-0.18, 0.4), (0.18, 0.4), (0.24, 1.2), (-0.24, 1.2)]), skin * 0.92)
    shirt = rng.uniform(0, 255, 3)
    sheet.shape(
        np.array([(-0.3, 0.85), (0.3, 0.85), (1.0, 1.0), (1.0, 1.5), (-1.0, 1.5), (-1.0, 1.0)]), shirt
    )
    for x in (-width, width):
        sheet.oval(x, 0.05, 0.09, 0.14, skin)
    sheet.oval(0, 0.05, width, height, skin)
    fringe = _arc(0, 0.05, width * 1.03, height * 1.03, 1.0, 2.0)
    dip = np.stack([np.linspace(width, -width, 9), rng.uniform(-0.42, -0.2, 9)], axis=1)
    sheet.shape(np.concatenate([fringe, dip]), hair)
    _eyes(sheet, hair, rng)
    if rng.random() < 0.4:
        _mask(sheet, width, rng.choice([0.12, 0.12, 0.3]), height - 0.02, rng)
        return sheet.picture()
    sheet.shape(np.array([(0, 0.12), (0.05, 0.24), (-0.02, 0.25)]), None)
    t = np.linspace(0.1, 0.9, 16) * np.pi
    mouth = np.stack([rng.uniform(0.12, 0.26) * np.cos(t), 0.4 + rng.uniform(-0.08, 0.2) * np.sin(t)], axis=1)
    sheet.shape(mouth, np.array([190, 60, 60]) if rng.random() < 0.5 else None)
    return sheet.picture()


def _eyes(sheet: _Sheet, hair: np.ndarray, rng: np.random.Generator) -> None:
    size, iris, squint = rng.uniform(0.09, 0.19), rng.uniform(0, 160, 3), rng.uniform(0.8, 1.4)
    aside = rng.uniform(-0.03, 0.03)
    for x in (-0.24, 0.24):
        sheet.oval(x, 0, size, size * squint, np.array([250, 250, 250]))
        sheet.oval(x + aside, 0, size * 0.66, size * 0.72 * squint, iris, outline=False)
        sheet.oval(x + aside, 0, size * 0.36, size * 0.4 * squint, np.zeros(3), outline=False)
        sheet.oval(x + aside - 0.03, -0.05, size * 0.2, size * 0.2, np.full(3, 255.0), outline=False)
        brow = np.array([(x - 0.15, -0.27), (x, -0.32), (x + 0.15, -0.27)])
        sheet.shape(np.concatenate([brow, brow[::-1] + np.array([0, 0.045])]), hair, outline=False)


def _mask(sheet: _Sheet, width: float, top: float, low: float, rng: np.random.Generator) -> None:
    colours = np.array([(160, 205, 230), (245, 246, 248), (40, 42, 50), rng.uniform(0, 255, 3)])
    colour = colours[rng.integers(4)]
    sheet.shape(np.array([(-width, -0.02), (-width * 0.8, top + 0.08)]), None)
    sheet.shape(np.array([(width, -0.02), (width * 0.8, top + 0.08)]), None)
    across = np.linspace(-0.85 * width, 0.85 * width, 15)
    bend = 1 - (across / width / 0.9) ** 2
    upper = np.stack([across, top + 0.06 - 0.08 * bend], axis=1)
    lower = np.stack([across, top + 0.22 + (low - top - 0.2) * bend], axis=1)
    sheet.shape(np.concatenate([upper, lower[::-1]]), colour)
    for share in (0.35, 0.65) if rng.random() < 0.6 else ():
        fold = (upper + (lower - upper) * share)[2:-2]
        sheet.shape(np.concatenate([fold, fold[::-1] + np.array([0, 0.012])]), colour * 0.8, outline=False)


def _arc(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 2.0) -> np.ndarray:
    """(N, 2) points of an oval, from `start` to `end` half turns."""
    t = np.linspace(start, end, 48) * np.pi
    return np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], axis=1)
