"""What a photo does to whatever is in it: light, tint, blur and noise. To draw so that it belongs there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.mask_rendering.head import Head

_EDGE = 16.0  # Sobel response to a step of four grey levels; less is no edge to measure by
_SOBEL_VARIANCE = 0.55  # pixels squared: the blur that the gradient filter adds itself
_MOST_BLUR = 0.10  # of the eye distance: in a face more blurred, cloth must not creep over nose or mouth
_COARSE_PX = 48  # longest side that still holds all that a blur of half an eye distance leaves


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """`brightness` (h, w) float32 of something white, 1 is full; `tint` (3,) of the lamp, about 1;
    `colourfulness` 0 in a black-and-white photo, else 1."""

    brightness: np.ndarray
    tint: np.ndarray
    colourfulness: float


def light(photo: np.ndarray, centre: tuple[float, float], eye_px: float) -> Light:
    """The light on a face with its `centre` and eye distance in pixels of `photo` (h, w, 3) uint8 RGB."""
    height, width = photo.shape[:2]
    step = min(1.0, _COARSE_PX / max(height, width))
    size = (max(2, round(width * step)), max(2, round(height * step)))
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    rows, columns = np.ogrid[: size[1], : size[0]]
    spread = 0.8 * eye_px * step
    distance = (columns - centre[0] * step) ** 2 + (rows - centre[1] * step) ** 2
    weight = np.exp(-distance / (2 * spread**2)) + 1e-6
    level = float((grey * weight).sum() / weight.sum())
    soft = cv2.GaussianBlur(grey, (0, 0), max(0.5, 0.45 * eye_px * step))
    relative = np.clip(soft / max(level, 0.02), 0.6, 1.4) ** 0.7
    # Skin returns a quarter to two thirds of the light, so a dark face is only partly a dark place
    brightness = relative * np.float32(np.clip(0.55 + 0.75 * level, 0.5, 1.05))
    # Highlights have the lamp's colour, and on a face some of the skin's: so it counts by half
    bright = small[grey >= np.percentile(grey, 90)].mean(axis=0) + 0.02
    tint = (bright / bright.mean()) ** 0.5
    chroma = float((small.max(axis=2) - small.min(axis=2)).mean())
    brightness = cv2.resize(brightness, (width, height), interpolation=cv2.INTER_LINEAR)
    return Light(brightness, tint, min(1.0, chroma / 0.06))  # .06: the palest colour photos


def eye_light(photo: np.ndarray, head: Head) -> float:
    """Mean of a photo's values around the eyes of a head, which no mask covers; 8 at least."""
    values = _values(photo, head, np.linspace(-0.6, 0.6, 24), np.linspace(-0.25, 0.12, 12))
    return max(float(values.mean()), 8.0)


def skin_tone(photo: np.ndarray, head: Head) -> np.ndarray:
    """(3,) RGB, median of the skin between and under the eyes of a head; 4 more, so that black can divide."""
    values = _values(photo, head, np.linspace(-0.28, 0.28, 14), np.linspace(-0.15, 0.12, 10))
    return np.asarray(np.median(values.astype(float), axis=0) + 4)


def skin_paint(photo: np.ndarray, head: Head) -> np.ndarray:
    """(3,) RGB of the skin of the cheeks as drawn before `light` falls on it."""
    middle = head.to_pixels(np.array([0.0]), np.array([0.6]))[0]
    lit = light(photo, (float(middle[0]), float(middle[1])), head.eye_px)
    x, y = np.clip(middle, 0, np.array(photo.shape[1::-1]) - 1).astype(int)
    cheeks = _values(photo, head, np.linspace(-0.7, 0.7, 12), np.linspace(0.25, 0.65, 8)).astype(float)
    bright = cheeks[np.argsort(cheeks.sum(axis=1))[-len(cheeks) // 2 :]]
    return np.asarray((np.median(bright, axis=0) + 4) / (lit.brightness[y, x] * lit.tint))


def _values(photo: np.ndarray, head: Head, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(N, 3) of the photo at each of `theta` with each of `v` on a head."""
    across, down = np.meshgrid(theta, v)
    pixels = head.project(across.ravel(), down.ravel())[0]
    x, y = np.clip(pixels, 0, np.array(photo.shape[1::-1]) - 1).astype(int).T
    return np.asarray(photo[y, x])


def blur_sigma(photo: np.ndarray) -> float:
    """Standard deviation in pixels of the photo's blur, 0 to 6, from what its edges lose by one more blur.

    0 for a photo without edges.
    Zhuo and Sim, "Defocus map estimation from a single image", Pattern Recognition, 2011.
    """
    grey = cv2.cvtColor(_middle(photo), cv2.COLOR_RGB2GRAY).astype(np.float32)
    if min(grey.shape) < 8:
        return 0.0
    again = cv2.GaussianBlur(grey, (0, 0), 1.0)
    before, after = (_gradient(g) for g in (grey, again))
    strong = before >= max(float(np.percentile(before, 95)), _EDGE)
    if not strong.any():
        return 0.0
    # Among strong gradients the sharpest are edges, the rest is shading
    ratio = float(np.percentile(before[strong] / np.maximum(after[strong], 1e-3), 75))
    variance = 1 / max(ratio**2 - 1, 1e-3) - _SOBEL_VARIANCE
    return min(math.sqrt(max(variance, 0.0)), 6.0)


def drawing_blur(blur: float, eye_px: float) -> float:
    """A photo's `blur_sigma` for what is drawn on a face with that eye distance: it must keep its place."""
    return min(blur, _MOST_BLUR * eye_px)


def _middle(photo: np.ndarray) -> np.ndarray:
    """At most the middle 256 x 256 pixels: enough to judge by, and bounded in cost."""
    top, left = (max(0, (side - 256) // 2) for side in photo.shape[:2])
    return photo[top : top + 256, left : left + 256]


def _gradient(grey: np.ndarray) -> np.ndarray:
    return cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))


def noise_sigma(photo: np.ndarray) -> float:
    """Standard deviation of the photo's noise, 0 to 10 of 255.

    Immerkaer, "Fast noise variance estimation", 1996, with a quartile for its mean, so that edges and, in a
    small face, features do not count.
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = cv2.filter2D(_middle(photo)[..., 1], cv2.CV_32F, kernel)
    # .3186 is the lower quartile of |N(0, 1)|; 6 the norm of the kernel
    return float(min(np.percentile(np.abs(response), 25) / 0.3186 / 6, 10.0))
