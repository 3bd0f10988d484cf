"""Patterns without a face.

A drawing takes height, width and a generator, which varies it, and answers (H, W, 3) of numbers 0 to 255.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np

Rng = np.random.Generator
Colour = tuple[int, int, int]
Drawing = Callable[[int, int, Rng], np.ndarray]


def grid(h: int, w: int) -> tuple[np.ndarray, np.ndarray]:
    """x, y of each pixel, the shorter side being 1 long."""
    y, x = np.mgrid[:h, :w] / min(h, w)
    return x, y


def fractal(h: int, w: int, rng: Rng, slope: float = 1.7) -> np.ndarray:
    """(h, w) noise of spectrum 1 / f^slope, 0 to 1, as clouds and soils have it."""
    fy, fx = np.fft.fftfreq(h)[:, None], np.fft.rfftfreq(w)[None]
    f = np.hypot(fy, fx) + 1 / max(h, w)
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((h, w))) / f**slope, (h, w))
    return np.asarray((field - field.min()) / np.ptp(field))


def random_colour(rng: Rng, low: int = 20, high: int = 235) -> tuple[int, int, int]:
    r, g, b = map(int, rng.integers(low, high, 3))
    return r, g, b


def mix(share: np.ndarray, a: tuple[int, int, int], b: tuple[int, int, int]) -> np.ndarray:
    """From colour a at 0 to b at 1."""
    return np.array(a) + share[..., None] * (np.array(b) - np.array(a))


def plain(h: int, w: int, colour: tuple[int, int, int]) -> np.ndarray:
    return np.full((h, w, 3), colour, np.uint8)


def places(h: int, w: int, size: int, rng: Rng, jitter: float = 0.2) -> Iterator[tuple[int, int]]:
    """Middles of a loose grid of squares of that size."""
    for y in range(size // 2, h, size):
        for x in range(size // 2, w, size):
            dx, dy = rng.uniform(-jitter, jitter, 2) * size
            yield round(x + dx), round(y + dy)


def noise(h: int, w: int, rng: Rng) -> np.ndarray:
    return rng.integers(0, 256, (h, w, 3))


def night(h: int, w: int, rng: Rng) -> np.ndarray:
    return rng.normal(18, 9, (h, w, 3)) + 40 * fractal(h, w, rng)[..., None]


def clouds(h: int, w: int, rng: Rng) -> np.ndarray:
    return mix(fractal(h, w, rng) ** 1.5, (70, 130, 205), (250, 250, 250))


def marble(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    return mix(
        np.abs(np.sin(5 * x + 3 * y + 9 * fractal(h, w, rng))), random_colour(rng, 20, 90), (240, 236, 228)
    )


def wood(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    knot = np.hypot(x - rng.random(), (y - rng.random()) * 0.3)
    return mix((18 * knot + 2 * fractal(h, w, rng)) % 1, (168, 116, 66), (112, 70, 36))


def gradient(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    turn = rng.uniform(0, math.pi / 2)
    along = x * math.cos(turn) + y * math.sin(turn)
    return mix(along / along.max(), random_colour(rng), random_colour(rng))


def lamp(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    far = np.hypot(x - rng.uniform(0.3, 0.9), y - rng.uniform(0.2, 0.7))
    return mix(np.exp(-((far / rng.uniform(0.1, 0.3)) ** 2)), random_colour(rng, 10, 60), (255, 244, 210))


def checkerboard(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    depth = 0.4 + 1.2 * y
    return mix(
        (np.floor(6 * (x - 0.6) / depth) + np.floor(5 / depth)) % 2, random_colour(rng), random_colour(rng)
    )


def stripes(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    wave = np.sin(rng.uniform(20, 70) * (x + rng.uniform(-1, 1) * y))
    return mix(wave > rng.uniform(-0.5, 0.5), random_colour(rng), random_colour(rng))


def moire(h: int, w: int, rng: Rng) -> np.ndarray:
    x, y = grid(h, w)
    rings = [np.sin(60 * np.hypot(x - a, y - b)) for a, b in rng.random((2, 2))]
    return mix((rings[0] + rings[1] + 2) / 4, random_colour(rng), random_colour(rng))


def glass(h: int, w: int, rng: Rng) -> np.ndarray:
    seeds = np.full((h, w), 255, np.uint8)
    seeds[rng.integers(0, h, 90), rng.integers(0, w, 90)] = 0
    _, pane = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    lead = cv2.morphologyEx(pane.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((4, 4))) > 0
    picture = rng.integers(30, 250, (pane.max() + 1, 3))[pane]
    picture[lead] = 15
    return picture


def bricks(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, (196, 190, 180))
    for row, y in enumerate(range(0, h, 30)):
        for x in range(-35 * (row % 2), w, 70):
            colour = np.array((158, 76, 58)) + rng.integers(-25, 25)
            cv2.rectangle(picture, (x + 2, y + 2), (x + 66, y + 26), colour.tolist(), cv2.FILLED)
    return picture + 30 * fractal(h, w, rng, 1)[..., None]


def targets(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = plain(h, w, random_colour(rng, 120))
    for x, y in places(h, w, 210, rng):
        colours = random_colour(rng), (245, 245, 245)
        for n, radius in enumerate(range(90, 0, -int(rng.integers(10, 24)))):
            cv2.circle(picture, (x, y), radius, colours[n % 2], cv2.FILLED, cv2.LINE_AA)
    return picture


def bokeh(h: int, w: int, rng: Rng) -> np.ndarray:
    picture = np.zeros((h, w, 3), np.float32) + 12
    for _ in range(60):
        spot = np.zeros((h, w), np.float32)
        middle = int(rng.integers(w)), int(rng.integers(h))
        cv2.circle(spot, middle, int(rng.integers(8, 44)), 1, cv2.FILLED, cv2.LINE_AA)
        picture += cv2.blur(spot, (5, 5))[..., None] * rng.uniform(10, 110, 3).astype(np.float32)
    return picture


def dots(h: int, w: int, rng: Rng) -> np.ndarray:
    picture, colour = plain(h, w, random_colour(rng)), random_colour(rng)
    size = int(rng.integers(22, 60))
    for x, y in places(h, w, size, rng, 0):
        cv2.circle(picture, (x, y), size // 4, colour, cv2.FILLED, cv2.LINE_AA)
    return picture


PATTERNS: tuple[Drawing, ...] = (
    noise,
    night,
    clouds,
    marble,
    wood,
    gradient,
    lamp,
    checkerboard,
    stripes,
    moire,
    glass,
    bricks,
    targets,
    bokeh,
    dots,
)
