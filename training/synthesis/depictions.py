"""Pictures of faces that are nobody's: photos made drawings, cartoons and prints, and faces all drawn.

With a mask or without, nothing is to be said of them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from training.synthesis.cartoon import cartoon_face, smiley
from training.synthesis.synthetic import one_of

SHARES = {
    "cartoon_of_photo": 0.26,
    "pencil": 0.2,
    "halftone": 0.14,
    "painting": 0.12,
    "cartoon_face": 0.2,
    "smiley": 0.08,
}


def add_depictions(crops: np.ndarray, seed: int, count: int) -> tuple[np.ndarray, list[str]]:
    """(count, S, S, 3) pictures and their kinds, made of `crops` (N, S, S, 3) uint8 RGB drawn by lot.

    The same for the same seed.
    """
    if not len(crops):
        return crops[:0], []

    def draw(i: int) -> tuple[np.ndarray, str]:
        rng = np.random.default_rng((seed, 2, i))
        which, kind = int(rng.integers(len(crops))), one_of(SHARES, rng)
        if kind in _DRAWN:
            return _DRAWN[kind](crops.shape[1], rng), kind
        return _MADE_OF[kind](crops[which], rng), kind

    with ThreadPoolExecutor() as pool:
        made = list(pool.map(draw, range(count)))
    pictures = np.array([picture for picture, _ in made], np.uint8).reshape(-1, *crops.shape[1:])
    return pictures, [kind for _, kind in made]


def cartoon_of_photo(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Flat areas of few colours, mostly with dark outlines; (S, S, 3) uint8 as `rgb`."""
    flat = _smooth(rgb, rng)
    levels = int(rng.integers(3, 7))
    hls = cv2.cvtColor(flat, cv2.COLOR_RGB2HLS).astype(np.float32)
    step = 256 / levels
    hls[..., 1] = (np.floor(hls[..., 1] / step) + 0.5) * step
    hls[..., 2] = np.clip(hls[..., 2] * rng.uniform(0.9, 1.9) + rng.uniform(0, 25), 0, 255)
    hls[..., 0] = np.round(hls[..., 0] / 12) * 12
    out = cv2.cvtColor(np.clip(hls, [0, 0, 0], [179, 255, 255]).astype(np.uint8), cv2.COLOR_HLS2RGB)
    if rng.random() < 0.8:
        lines = _lines(rgb, rng)[..., None]
        ink = rng.uniform(0, 50, 3)
        out = (out * (1 - lines) + ink * lines).astype(np.uint8)
    return np.asarray(out)


def pencil(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pencil, charcoal or ink on paper, now and then coloured in; (S, S, 3) uint8 as `rgb`."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    spread = len(rgb) * rng.uniform(0.012, 0.035)
    # Colour dodge: what is lighter than its surroundings becomes paper
    around = cv2.GaussianBlur(255 - grey, (0, 0), spread)
    drawn = np.clip(grey / np.maximum(255 - around, 1), 0, 1) ** rng.uniform(2.5, 6)
    # Hatching in the dark parts
    rows, columns = np.mgrid[: len(rgb), : len(rgb)].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    hatch = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * rng.uniform(1.2, 2.4)) * 0.5 + 0.5
    dark = np.clip(rng.uniform(0.4, 0.6) - grey / 255, 0, 1) * rng.uniform(0.4, 1.6)
    drawn = np.clip(drawn - dark * (0.4 + hatch), 0, 1)
    drawn += rng.normal(0, 0.03, drawn.shape)
    paper = np.array([250, 247, 238]) * rng.uniform(0.75, 1.0) * rng.uniform(0.95, 1.02, 3)
    ink = rng.uniform(10, 70) * rng.uniform(0.7, 1.2, 3)
    out = ink + (paper - ink) * drawn[..., None]
    if rng.random() < 0.35:
        colour = cv2.GaussianBlur(rgb, (0, 0), 0.03 * len(rgb)).astype(np.float32)
        out *= 1 - rng.uniform(0.3, 0.7) * (1 - colour / 255)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def halftone(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Printed in dots, in colours or one ink; (S, S, 3) uint8 as `rgb`."""
    side, pitch = len(rgb), rng.uniform(3.2, 6)
    soft = cv2.GaussianBlur(rgb, (0, 0), pitch * 0.35).astype(np.float32) / 255
    one_ink = rng.random() < 0.45
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    channels = [soft.mean(axis=2)] if one_ink else [soft[..., c] for c in range(3)]
    printed = []
    for i, value in enumerate(channels):
        angle = np.radians(rng.uniform(0, 90) if one_ink else (15, 45, 75)[i])
        x = (columns * np.cos(angle) + rows * np.sin(angle)) * np.pi / pitch
        y = (rows * np.cos(angle) - columns * np.sin(angle)) * np.pi / pitch
        screen = (np.cos(x) * np.cos(y) + 1) / 2
        printed.append(np.clip((value - screen) * 4 + 0.5, 0, 1))
    paper = np.array([252, 248, 236]) * rng.uniform(0.85, 1.0)
    ink = rng.uniform(0, 90, 3) if one_ink else np.full(3, 15.0)
    return np.asarray(ink + (paper - ink) * np.stack(printed, axis=-1).reshape(side, side, -1), np.uint8)


def painting(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brush strokes on canvas; (S, S, 3) uint8 as `rgb`."""
    side = len(rgb)
    # Each pixel shows the colour at another place a stroke away
    coarse = rng.standard_normal((side // 4, side // 4, 2)).astype(np.float32)
    cells = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_NEAREST)
    shift = cv2.blur(cells * np.float32(0.009 * side), (3, 3))
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    flat = cv2.medianBlur(_smooth(rgb, rng), 3)
    moved = cv2.remap(
        flat, columns + shift[..., 0], rows + shift[..., 1], cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT
    )
    paint = (np.round(cv2.medianBlur(moved, 3) / 20.0) * 20).astype(np.float32)
    bristles = (5, 1) if rng.random() < 0.5 else (1, 5)
    relief = cv2.blur(rng.standard_normal((side, side)).astype(np.float32), bristles)
    weave = np.sin(rows * 2.1) * np.sin(columns * 2.1)
    bright = 1 + rng.uniform(0.03, 0.12) * relief + rng.uniform(0, 0.05) * weave
    middle, contrast = float(paint.mean()), rng.uniform(1.0, 1.4)
    out = (paint * bright[..., None] - middle) * contrast + middle
    return np.asarray(np.clip(out * rng.uniform(0.9, 1.1, 3), 0, 255), np.uint8)


def _smooth(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    for _ in range(int(rng.integers(2, 4))):
        rgb = cv2.bilateralFilter(rgb, 7, 50, 5)
    return rgb


def _lines(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(S, S) 0 to 1: outlines, from a difference of Gaussians (Winnemöller 2011)."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = len(rgb) * rng.uniform(0.005, 0.011)
    edge = cv2.GaussianBlur(grey, (0, 0), 1.6 * fine) - cv2.GaussianBlur(grey, (0, 0), fine)
    return np.asarray(np.clip((edge - 1.5) * rng.uniform(0.25, 0.6), 0, 1))


_MADE_OF: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "cartoon_of_photo": cartoon_of_photo,
    "pencil": pencil,
    "halftone": halftone,
    "painting": painting,
}
_DRAWN: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "cartoon_face": cartoon_face,
    "smiley": smiley,
}
