"""Draws a face mask on a bare face, worn right or wrong: for training pictures, samples and explanations.

A mask is cloth on the head's surface (`core.head_geometry`), lit, blurred and grained as the photo is
(`core.photo_traits`). `w` runs down the cloth, 0 at its upper and 1 at its lower edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.head_geometry import Head, Surface, head_from_landmarks
from core.labels import WEAR_4
from core.mask_styles import CUTS, Colour, Cut, MaskStyle, random_style
from core.photo_traits import blur_sigma, light, noise_sigma
from core.results import Frame, Landmarks

__all__ = ["WEARINGS", "MaskStyle", "draw_mask", "random_style"]

WEARINGS = WEAR_4.labels[:3]
_COVERED, _NOSE_OUT, _BELOW_MOUTH = WEARINGS

_MIN_EYE_PX, _MAX_EYE_PX = 48.0, 200.0  # eye distance on the canvas: fine enough, and bounded in cost
_MOST_BLUR = 0.10  # of the eye distance: in a face more blurred, cloth must not creep over nose or mouth
_EDGE_PX = 1.5  # softness of the outline on the canvas
_HAIR_OVER_EAR = 0.25  # share of ears whose hair hides the end of the strap
_EAR = math.radians(93)  # theta of the root of the ear


def draw_mask(
    rgb: np.ndarray,
    landmarks: Landmarks,
    wearing: str,
    style: MaskStyle,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """A copy of `rgb` (H, W, 3) uint8 with a mask on the face that five `landmarks` (pixels) describe.

    `wearing` is one of `WEARINGS`. `rng` varies fit, folds and light; without it the drawing is always the
    same. Raises `ValueError` for another wearing, another array, and landmarks that describe no face.
    """
    if wearing not in WEARINGS:
        raise ValueError(f"wearing must be one of {WEARINGS}, got {wearing!r}")
    out = Frame(rgb).rgb.copy()
    rng = rng or np.random.default_rng(0)
    head = head_from_landmarks(landmarks)
    fit = _fit(wearing, CUTS[style.shape], head, _lowest_v(head, rgb.shape[0]), rng)
    window = _window(head, fit, rgb.shape)
    if window is None:
        return out
    left, top, right, bottom = window
    photo = rgb[top:bottom, left:right]
    paint, shadow = _paint(head, style, fit, rng, window)
    blur = min(blur_sigma(photo), _MOST_BLUR * head.eye_px)
    if blur > 0.6:  # less is what resampling to the photo's pixels has done already
        paint, shadow = (cv2.GaussianBlur(layer, (0, 0), blur) for layer in (paint, shadow))
    alpha = paint[..., 3:]
    centre = head.to_pixels(np.array([0.0]), np.array([0.6]))[0] - (left, top)
    lit = light(photo, (float(centre[0]), float(centre[1])), head.eye_px)
    cloth = paint[..., :3]
    if lit.colourfulness < 1:
        cloth = cloth * lit.colourfulness + cloth.mean(axis=2, keepdims=True) * (1 - lit.colourfulness)
    exposure = np.float32(rng.uniform(0.88, 1.08))
    grain = rng.standard_normal((*photo.shape[:2], 1), np.float32) * np.float32(noise_sigma(photo))
    cloth = cloth * (lit.brightness * exposure)[..., None] * lit.tint.astype(np.float32) + grain * alpha
    skin = photo * (shadow[..., None] * (1 - alpha))
    out[top:bottom, left:right] = np.clip(cloth + skin + 0.5, 0, 255)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """How a mask sits: upper and lower edge (v) over `_THETA`, theta of its side edges, tilt (v a radian)."""

    upper: np.ndarray
    lower: np.ndarray
    reach: float
    tilt: float
    bunched: bool

    @property
    def corners(self) -> tuple[float, float]:
        """v just inside the upper and the lower corner."""
        high, low = (float(np.interp(self.reach, _THETA, edge)) for edge in (self.upper, self.lower))
        return high + 0.05, max(low - 0.05, high + 0.05)


_THETA = np.linspace(0, math.pi / 2, 256)


def _lowest_v(head: Head, height: int) -> float:
    """v where the mid-line leaves a picture of that height; infinite when it does not run downwards."""
    down = head.basis[1, 1]
    return float((height - head.origin[1]) / down) if down > 0 else math.inf


def _fit(wearing: str, cut: Cut, head: Head, lowest_v: float, rng: np.random.Generator) -> _Fit:
    slack = rng.uniform(-1, 1, 3)
    peak, side_drop, side_height = cut.peak, cut.side_drop, cut.side_height
    if wearing == _COVERED:
        top, chin = 0.34 + 0.08 * slack[0], cut.chin + 0.08 * slack[1]
    elif wearing == _NOSE_OUT:
        # From just under the nose tip to the upper lip; the cloth hangs lower too, and gathers a little
        top, chin, peak = rng.uniform(head.nose_v + 0.10, 0.90), cut.chin + rng.uniform(0.0, 0.35), 0.0
        side_drop, side_height = side_drop * rng.uniform(-0.6, 0.8), side_height * 0.85
    else:
        # From under the lower lip to under the chin, gathered, the corners drawn up along the jaw. Where the
        # picture ends at the chin, higher up: a mask that cannot be seen teaches nothing
        top, peak = rng.uniform(1.16, np.clip(lowest_v - 0.3, 1.18, 1.55)), 0.0
        chin = max(cut.chin + rng.uniform(0.0, 0.2), top + rng.uniform(0.35, 0.85))
        side_drop, side_height = rng.uniform(-0.55, -0.15), side_height * rng.uniform(0.5, 0.8)
    t = _THETA / cut.reach
    upper = top + (side_drop + 0.04 * slack[2]) * t**1.6 - peak * np.exp(-((t / 0.22) ** 2))
    corner = top + side_drop + side_height
    lower = chin + (corner - chin) * np.minimum(t, 1.3) ** cut.roundness
    reach = cut.reach * rng.uniform(0.94, 1.06)
    return _Fit(upper, np.maximum(lower, upper), reach, float(rng.normal(0, 0.03)), wearing != _COVERED)


def _window(head: Head, fit: _Fit, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of all that is drawn, inside the picture. None when that is nothing."""
    high = min(float(fit.upper.min()), -0.4) - 0.1
    low = float(fit.lower.max()) + 0.35  # with the shadow on the neck
    corners = head.to_pixels(np.array([-1.25, 1.25, -1.25, 1.25]), np.array([high, high, low, low]))
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)), [shape[1], shape[0]]).astype(int).tolist()
    return (left, top, right, bottom) if left < right and top < bottom else None


def _paint(
    head: Head, style: MaskStyle, fit: _Fit, rng: np.random.Generator, window: tuple[int, int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Premultiplied RGBA (h, w, 4), RGB 0 to 255 and A 0 to 1, and the shadow's factor (h, w), float32."""
    left, top, right, bottom = window
    size = (right - left, bottom - top)
    scale = float(np.clip(1.0, _MIN_EYE_PX / head.eye_px, _MAX_EYE_PX / head.eye_px))
    width, height = (max(1, round(side * scale)) for side in size)
    px = (np.arange(width) + 0.5) * size[0] / width + left
    py = (np.arange(height) + 0.5) * size[1] / height + top
    on = head.surface(px, py)
    eye_px, v_px = np.float32(head.eye_px * scale), np.float32(head.v_px * scale)

    side = np.abs(on.theta)
    column = np.minimum(side * np.float32(255 / _THETA[-1]), 255).astype(np.intp)
    tilted = on.v - np.float32(fit.tilt) * on.theta
    upper = fit.upper.astype(np.float32)[column]
    lower = fit.lower.astype(np.float32)[column]
    # Distances to the edges in canvas pixels; the smallest is the distance to the outline
    from_top, from_bottom = (tilted - upper) * v_px, (lower - tilted) * v_px
    facing = np.sqrt(np.maximum(1 - on.sine**2, np.float32(0.02)))
    from_side = (np.float32(fit.reach) - side) * on.extent * facing * eye_px
    inside = np.minimum(np.minimum(from_top, from_bottom), from_side)
    inside = np.minimum(inside, (1 - np.abs(on.sine)) * on.extent * eye_px)
    alpha = np.clip(inside / np.float32(_EDGE_PX) + np.float32(0.5), 0, 1) * np.float32(style.opacity)

    w = np.clip((tilted - upper) / np.maximum(lower - upper, np.float32(0.05)), 0, 1)
    paint = np.empty((height, width, 4), np.float32)
    shade = _shade(style, fit, rng, on, w, inside / eye_px)
    np.multiply(_print(style, rng, on, (width, height)), (shade * alpha)[..., None], out=paint[..., :3])
    paint[..., 3] = alpha
    straps = _straps(head, style, fit, rng, window, (height, width)) * (1 - alpha)
    paint[..., :3] += straps[..., None] * np.asarray(_strap_colour(style), np.float32)
    paint[..., 3] += straps

    # Cloth stands off the skin: a thin shadow over its upper edge, a wide one on the neck
    above = np.exp(np.minimum(from_top, 0) / (np.float32(0.03) * eye_px)) * np.float32(rng.uniform(0.1, 0.3))
    below = np.exp(np.minimum(from_bottom, 0) / (np.float32(0.16) * eye_px)) * np.float32(
        rng.uniform(0.15, 0.4)
    )
    on_face = np.clip((1 - np.abs(on.sine)) * 8, 0, 1) * np.clip(from_side / (np.float32(0.1) * eye_px), 0, 1)
    shadow = 1 - np.where(from_top < 0, above, below) * on_face
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return cv2.resize(paint, size, interpolation=how), cv2.resize(shadow, size, interpolation=how)


def _shade(
    style: MaskStyle, fit: _Fit, rng: np.random.Generator, on: Surface, w: np.ndarray, inside: np.ndarray
) -> np.ndarray:
    """Brightness of the cloth (h, w), about 1. `inside` is the distance to the outline in eye distances."""
    cut = CUTS[style.shape]
    # Sides turn away from the light, the underside too
    shade = np.float32(1.04) - np.float32(0.28) * np.clip(on.sine, -1, 1) ** 2
    shade -= np.float32(rng.uniform(0.12, 0.3)) * w**3
    hem = np.linspace(-0.1, 0.3, 256)
    shade -= _lookup(0.07 * np.exp(-(((hem - 0.045) / 0.012) ** 2)), inside, -0.1, 0.3)
    creases = cut.pleats + (2 if fit.bunched else 0)
    if creases:
        # A dark line and, under it, the lit back of the fold
        at = np.linspace(0, 1, 512)
        profile = np.zeros_like(at)
        for i in range(creases):
            d = (at - (i + 1) / (creases + 1) - rng.uniform(-0.05, 0.05)) * 30
            profile += rng.uniform(0.08, 0.2) * (0.5 * np.exp(-((d - 1.5) ** 2)) - np.exp(-(d**2)))
        shade += _lookup(profile, w + np.float32(rng.normal(0, 0.03)) * on.theta, 0, 1)
    if cut.seam:
        across = np.linspace(-0.25, 0.25, 512)
        seam = 0.05 * np.exp(-(((across - 0.05) / 0.04) ** 2)) - 0.15 * np.exp(-((across / 0.02) ** 2))
        shade += _lookup(seam, on.theta, -0.25, 0.25)
    # Few columns and many rows make folds that run across, as gathered cloth has
    size = (w.shape[1], w.shape[0])
    coarse = rng.standard_normal((9 if fit.bunched else 6, 4), np.float32)
    depth = np.float32((0.10 if fit.bunched else 0.06) * style.folds)
    shade += cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) * depth
    shade += rng.standard_normal(w.shape, np.float32) * np.float32(0.05 * style.roughness)
    return np.asarray(np.clip(shade, 0.15, 1.25))


def _lookup(table: np.ndarray, values: np.ndarray, low: float, high: float) -> np.ndarray:
    """`table` sampled evenly over low to high, at `values`: spares an exponential a pixel."""
    index = np.clip(
        (values - np.float32(low)) * np.float32((len(table) - 1) / (high - low)), 0, len(table) - 1
    )
    return np.asarray(table.astype(np.float32)[index.astype(np.intp)])


def _print(style: MaskStyle, rng: np.random.Generator, on: Surface, size: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) or (3,) float32, 0 to 255: the colour of the cloth with its print."""
    colour, trim = np.asarray(style.colour, np.float32), np.asarray(style.trim, np.float32)
    if style.pattern == "plain":
        return colour
    turn = np.float32(2 * math.pi / rng.uniform(0.08, 0.25))
    across, down = on.theta * turn, on.v * turn
    if style.pattern == "stripes":
        angle = float(rng.choice([0, 45, 90]))
        along = across * math.cos(math.radians(angle)) + down * math.sin(math.radians(angle))
        share: np.ndarray = 2 * np.sin(along) + 0.5
    elif style.pattern == "dots":
        share = 6 * (np.cos(across) + np.cos(down) - 1.2)
    elif style.pattern == "check":
        share = (np.sign(np.sin(across)) + np.sign(np.sin(down)) + 2) / 4
    else:
        coarse = rng.standard_normal((16, 16), np.float32)
        share = 3 * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(colour + np.clip(share, 0, 1).astype(np.float32)[..., None] * (trim - colour))


def _strap_colour(style: MaskStyle) -> Colour:
    return style.colour if style.pattern != "plain" else style.trim


def _straps(
    head: Head,
    style: MaskStyle,
    fit: _Fit,
    rng: np.random.Generator,
    window: tuple[int, int, int, int],
    shape: tuple[int, int],
) -> np.ndarray:
    """Alpha (h, w) of what holds the mask, from its corners to where it leaves the sight."""
    canvas = np.zeros(shape, np.uint8)
    left, top, right, bottom = window
    to_canvas = np.array([shape[1] / (right - left), shape[0] / (bottom - top)])
    # Loops go to the root of the ear; head straps above and below it, round the back of the head
    ends = {"ear_loops": (0.02, 0.55), "head_straps": (-0.35, 0.75), "none": ()}[style.straps]
    thickness = max(1, round(CUTS[style.shape].strap_width * head.eye_px * to_canvas[0]))
    for side in (-1, 1):
        s = np.linspace(0, rng.uniform(0.5, 0.9) if rng.random() < _HAIR_OVER_EAR else 1, 12)
        for start, end in zip(fit.corners, ends, strict=False):
            theta = side * (fit.reach + (_EAR - fit.reach) * s)
            sag = 0.10 * np.sin(math.pi * s)
            pixels, seen = head.project(theta, start + (end - start) * s + sag + fit.tilt * theta)
            points = np.round((pixels[seen] - (left, top)) * to_canvas * 16).astype(np.int32)
            if len(points) > 1:
                cv2.polylines(canvas, [points], False, 255, thickness, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255
