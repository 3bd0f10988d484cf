"""Draws a face mask on a bare face, worn right or wrong: for training pictures, samples and the how-to page.

The mask is a piece of cloth on an elliptic cylinder around the head's axis. Five landmarks give the head's
place, roll, size and yaw, so every pixel's place on the cylinder is a closed formula: no mesh, no warping.

Coordinates: `x` across the head in units of the distance between the eyes, 0 on the head's axis;
`v` down the face, 0 on the eye line, 1 on the mouth; `theta` the angle around the head, 0 on the mid-line,
positive towards the person's left; `w` down the cloth, 0 at its upper and 1 at its lower edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from core.labels import WEAR_4
from core.results import Landmarks

WEARINGS = WEAR_4.labels[:3]
COVERED, NOSE_OUT, BELOW_MOUTH = WEARINGS

Colour = tuple[int, int, int]
"""sRGB, 0 to 255."""

Shape = Literal["surgical", "cloth", "kn95", "cone", "sponge", "bandana"]
Pattern = Literal["plain", "stripes", "dots", "check", "blobs"]
Straps = Literal["ear_loops", "head_straps", "none"]


@dataclass(frozen=True, slots=True)
class MaskStyle:
    """A kind of mask. `folds`, `opacity` and `roughness` are shares, 0 to 1."""

    shape: Shape
    colour: Colour
    trim: Colour
    pattern: Pattern = "plain"
    straps: Straps = "ear_loops"
    folds: float = 0.4
    opacity: float = 1.0
    roughness: float = 0.3


@dataclass(frozen=True, slots=True)
class _Cut:
    """How a shape is cut. Lengths in `v`, angles in radians of `theta`."""

    reach: float  # theta of the side edges
    peak: float  # rise over the nose bridge
    side_top: float  # upper corner, below the middle of the upper edge
    side_height: float  # length of the side edge
    chin: float  # lower edge at the mid-line, when worn right
    roundness: float  # power of the lower edge: 1 pointed, 3 nearly straight
    pleats: int = 0
    seam: bool = False


_CUTS: dict[Shape, _Cut] = {
    "surgical": _Cut(1.15, 0.06, 0.14, 0.62, 1.66, 2.4, pleats=3),
    "cloth": _Cut(1.12, 0.10, 0.24, 0.42, 1.62, 1.8, seam=True),
    "kn95": _Cut(1.05, 0.16, 0.34, 0.34, 1.68, 1.4, seam=True),
    "cone": _Cut(0.86, 0.10, 0.36, 0.30, 1.62, 2.0),
    "sponge": _Cut(1.34, 0.10, 0.26, 0.24, 1.64, 1.7, seam=True),
    "bandana": _Cut(1.50, 0.04, 0.10, 1.60, 2.15, 2.0),
}

# Half width and depth of the head in eye distances, by v. Anthropometric means: the face is 2.2 eye
# distances wide at the cheekbones and 1.7 at the jaw; the cloth stands off the nose and falls to the neck.
_HEAD_V = (-0.6, 0.4, 1.0, 1.3, 1.6, 1.9, 2.6)
_HEAD_WIDTH = (1.12, 1.10, 1.00, 0.90, 0.74, 0.66, 0.66)
_HEAD_DEPTH = (1.05, 1.26, 1.20, 1.16, 1.10, 0.90, 0.70)
_EYE_DEPTH = 0.80  # eyes in front of the head's axis
_NOSE_LEAD = 0.42  # nose tip in front of the plane through eyes and mouth
_MAX_YAW = math.radians(52)  # beyond it five landmarks no longer tell the yaw

_MIN_EYE_PX, _MAX_EYE_PX = 60.0, 160.0  # eye distance on the canvas: fine enough, and bounded in cost


def random_style(rng: np.random.Generator) -> MaskStyle:
    """A style about as often as it is seen in the street: surgical and cloth lead."""
    shape: Shape = rng.choice(list(_CUTS), p=[0.42, 0.20, 0.13, 0.07, 0.12, 0.06])
    whites = [(240, 242, 243), (226, 232, 238)]
    blues = [(146, 190, 214), (110, 168, 205), (172, 206, 222), (130, 200, 200)]
    darks = [(26, 26, 29), (44, 46, 52), (30, 38, 66), (70, 72, 78)]
    vivid = [(46, 120, 80), (222, 150, 172), (170, 36, 44), (60, 80, 150), (206, 176, 70), (128, 104, 84)]
    medical = shape in ("surgical", "kn95", "cone")
    weights = [0.42, 0.36, 0.14, 0.08] if medical else [0.16, 0.10, 0.48, 0.26]
    palettes = [whites, blues + [(150, 208, 180), (214, 180, 200)], darks, vivid]
    palette = palettes[rng.choice(4, p=weights)]
    colour = _jitter(palette[rng.integers(len(palette))], 14, rng)
    patterned = shape in ("cloth", "bandana") and rng.random() < 0.45
    pattern: Pattern = rng.choice(["stripes", "dots", "check", "blobs"]) if patterned else "plain"
    light_trim = medical or rng.random() < 0.2
    trim = _jitter((236, 236, 236), 10, rng) if light_trim else _jitter(colour, 25, rng)
    if patterned:
        trim = tuple(int(c) for c in rng.integers(10, 245, 3))
    straps: Straps = {"cone": "head_straps", "bandana": "none"}.get(shape, "ear_loops")
    return MaskStyle(
        shape=shape,
        colour=colour,
        trim=trim,
        pattern=pattern,
        straps=straps,
        folds=float(rng.uniform(0.1, 0.9)),
        opacity=float(rng.uniform(0.94, 1.0)),
        roughness=float(rng.uniform(0.1, 0.7)),
    )


def draw_mask(
    rgb: np.ndarray,
    landmarks: Landmarks,
    wearing: str,
    style: MaskStyle,
    rng: np.random.Generator | None = None,
) -> np.ndarray:
    """A copy of `rgb` (H, W, 3) uint8 with a mask on the face that the five `landmarks` (pixels) describe.

    `wearing` is one of `WEARINGS`. `rng` varies fit, folds and light; without it the drawing is always the
    same. Raises `ValueError` for another wearing and for landmarks that describe no face.
    """
    if wearing not in WEARINGS:
        raise ValueError(f"wearing must be one of {WEARINGS}, got {wearing!r}")
    rng = rng or np.random.default_rng(0)
    face = _face_geometry(landmarks)
    out = rgb.copy()
    window = face.window(rgb.shape)
    if window is None:
        return out
    left, top, right, bottom = window
    photo = rgb[top:bottom, left:right]
    paint, shadow = _paint(face, wearing, style, rng, window)
    light = _light(photo, face, (left, top), rng)
    blur = _photo_blur(photo)
    if blur > 0.6:  # less is what resampling has done already
        paint, shadow = (cv2.GaussianBlur(layer, (0, 0), blur) for layer in (paint, shadow))
    grain = rng.standard_normal(photo.shape[:2], np.float32) * _photo_noise(photo)
    cloth = paint[..., :3] * light[..., None] + (grain * paint[..., 3])[..., None]
    skin = photo * (shadow * (1 - paint[..., 3]))[..., None]
    out[top:bottom, left:right] = np.clip(cloth + skin + 0.5, 0, 255).astype(np.uint8)
    return out


@dataclass(frozen=True, slots=True)
class _Face:
    """Where the head is: `basis` maps (u, v) to pixels, u in apparent eye distances from the mid-line."""

    origin: np.ndarray
    basis: np.ndarray
    yaw: float
    nose_v: float

    @property
    def eye_px(self) -> float:
        """Eye distance in pixels as it would be seen from the front."""
        return float(np.linalg.norm(self.basis[:, 0])) / math.cos(self.yaw)

    def to_pixels(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(N, 2) pixels of points (x, v) on the head."""
        u = x / math.cos(self.yaw) - _EYE_DEPTH * math.tan(self.yaw)
        return self.origin + np.stack([u, v], axis=-1) @ self.basis.T

    def window(self, shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
        """Left, top, right, bottom of all that a mask may touch, inside the picture. None when outside."""
        corners = self.to_pixels(np.array([-1.45, 1.45, -1.45, 1.45]), np.array([-0.6, -0.6, 2.7, 2.7]))
        left, top = np.clip(np.floor(corners.min(axis=0)), 0, None).astype(int)
        right, bottom = np.minimum(np.ceil(corners.max(axis=0)), [shape[1], shape[0]]).astype(int)
        return (int(left), int(top), int(right), int(bottom)) if left < right and top < bottom else None


def _face_geometry(landmarks: Landmarks) -> _Face:
    points = np.asarray(landmarks, float)
    if points.shape != (5, 2) or not np.isfinite(points).all():
        raise ValueError("landmarks must be five finite (x, y) points")
    right_eye, left_eye, nose = points[:3]
    origin = (right_eye + left_eye) / 2
    basis = np.stack([left_eye - right_eye, points[3:].mean(axis=0) - origin], axis=1)
    eyes, down = np.linalg.norm(basis, axis=0)
    if min(eyes, down) < 2 or abs(np.linalg.det(basis)) < 0.3 * eyes * down:
        raise ValueError("landmarks describe no face: eyes coincide, or eyes and mouth lie on one line")
    nose_u, nose_v = np.linalg.solve(basis, nose - origin)
    yaw = float(np.clip(math.atan(nose_u / _NOSE_LEAD), -_MAX_YAW, _MAX_YAW))
    return _Face(origin, basis, yaw, float(np.clip(nose_v, 0.4, 0.75)))


_THETA = np.linspace(0, math.pi / 2, 256)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """How a mask sits: upper and lower edge (v) over `_THETA`, and the theta of its side edges."""

    upper: np.ndarray
    lower: np.ndarray
    reach: float

    def corners(self) -> tuple[float, float]:
        """v just inside the upper and the lower corner."""
        high, low = (float(np.interp(self.reach, _THETA, edge)) for edge in (self.upper, self.lower))
        return high + 0.05, max(low - 0.05, high + 0.05)


def _fit(wearing: str, cut: _Cut, face: _Face, rng: np.random.Generator) -> _Fit:
    slack = rng.uniform(-1, 1, 4)
    if wearing == COVERED:
        top, chin, peak = 0.34 + 0.08 * slack[0], cut.chin + 0.08 * slack[1], cut.peak
        side_top, side_height = cut.side_top, cut.side_height
    elif wearing == NOSE_OUT:
        top, chin, peak = rng.uniform(face.nose_v + 0.10, 0.90), cut.chin + rng.uniform(0.0, 0.35), 0.0
        side_top, side_height = cut.side_top * rng.uniform(-0.6, 0.8), cut.side_height * 0.85
    else:
        top = rng.uniform(1.18, 1.55)
        chin, peak = max(cut.chin, top + rng.uniform(0.30, 0.75)), 0.0
        side_top, side_height = rng.uniform(-0.55, -0.15), cut.side_height * rng.uniform(0.5, 0.8)
    t = _THETA / cut.reach
    corner = top + side_top + 0.04 * slack[2]
    upper = top + (corner - top) * t**1.6 - peak * np.exp(-((t / 0.22) ** 2))
    lower = chin + (corner + side_height - chin) * np.minimum(t, 1.3) ** cut.roundness
    return _Fit(upper, np.maximum(lower, upper), cut.reach * (1 + 0.06 * slack[3]))


def _paint(
    face: _Face, wearing: str, style: MaskStyle, rng: np.random.Generator, window: tuple[int, int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Premultiplied RGBA (h, w, 4), RGB 0 to 255 and A 0 to 1, and the shadow's factor (h, w), float32."""
    left, top, right, bottom = window
    scale = float(np.clip(1.0, _MIN_EYE_PX / face.eye_px, _MAX_EYE_PX / face.eye_px))
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    to_canvas = np.array([width / (right - left), height / (bottom - top)])
    eye_px = face.eye_px * scale
    v_px = float(np.linalg.norm(face.basis[:, 1])) * scale

    # Where each canvas pixel lies on the head
    inverse = np.linalg.inv(face.basis)
    px = (np.arange(width, dtype=np.float32) + 0.5) / to_canvas[0] + left - face.origin[0]
    py = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / to_canvas[1] + top - face.origin[1]
    u = np.float32(inverse[0, 0]) * px + np.float32(inverse[0, 1]) * py
    v = np.float32(inverse[1, 0]) * px + np.float32(inverse[1, 1]) * py
    x = (u + np.float32(_EYE_DEPTH * math.tan(face.yaw))) * np.float32(math.cos(face.yaw))
    extent_table, turn_table = _silhouette(face.yaw)
    row = np.clip((v + 0.6) * 100, 0, len(extent_table) - 1).astype(np.intp)
    extent, turn = extent_table[row], turn_table[row]
    sine = x / extent
    normal = np.clip(sine, -1, 1)  # of the surface, sideways
    theta = np.arcsin(normal) - turn
    side = np.abs(theta)

    # The outline, as distances in canvas pixels
    cut = _CUTS[style.shape]
    fit = _fit(wearing, cut, face, rng)
    column = np.clip(side * (255 / (math.pi / 2)), 0, 255).astype(np.intp)
    tilt = np.float32(rng.normal(0, 0.03)) * theta
    upper = fit.upper.astype(np.float32)[column] + tilt
    lower = fit.lower.astype(np.float32)[column] + tilt
    from_top, from_bottom = (v - upper) * v_px, (lower - v) * v_px
    facing = np.sqrt(np.maximum(1 - normal**2, 0.02))
    from_side = (np.float32(fit.reach) - side) * extent * facing * eye_px
    inside = np.minimum(np.minimum(from_top, from_bottom), from_side)
    inside = np.minimum(inside, (1 - np.abs(sine)) * extent * eye_px)
    alpha = np.clip(inside / 1.5 + 0.5, 0, 1)
    w = np.clip((v - upper) / np.maximum(lower - upper, 0.05), 0, 1)

    shade = _shade(style, cut, wearing, rng, theta, w, normal, inside, eye_px)
    colour = _cloth_colour(style, rng, theta, v, w) * shade[..., None]
    alpha *= style.opacity
    paint = np.dstack([colour * alpha[..., None], alpha])
    strap_colour = (236, 236, 232) if style.straps == "ear_loops" and cut.pleats else style.colour
    paint = _over(paint, _straps(face, style, fit, window, alpha.shape), strap_colour)

    # Cloth stands off the skin: a thin shadow above its upper edge, a wide one on the neck
    contact = np.exp(np.minimum(from_top, 0) / (0.03 * eye_px)) * (from_side > 0) * rng.uniform(0.1, 0.3)
    below = np.exp(np.minimum(from_bottom, 0) / (0.16 * eye_px)) * (from_side > 0) * rng.uniform(0.15, 0.4)
    shadow = (1 - np.where(from_top < 0, contact, below)).astype(np.float32)
    size = (right - left, bottom - top)
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return cv2.resize(paint, size, interpolation=how), cv2.resize(shadow, size, interpolation=how)


def _silhouette(yaw: float) -> tuple[np.ndarray, np.ndarray]:
    """By v (100 rows a unit): half extent of the turned ellipse, and the angle that yaw adds to theta."""
    v = np.arange(-0.6, 2.7, 0.01)
    a = np.interp(v, _HEAD_V, _HEAD_WIDTH) * math.cos(yaw)
    b = np.interp(v, _HEAD_V, _HEAD_DEPTH) * math.sin(yaw)
    return np.hypot(a, b).astype(np.float32), np.arctan2(b, a).astype(np.float32)


def _shade(
    style: MaskStyle,
    cut: _Cut,
    wearing: str,
    rng: np.random.Generator,
    theta: np.ndarray,
    w: np.ndarray,
    normal: np.ndarray,
    inside: np.ndarray,
    eye_px: float,
) -> np.ndarray:
    """Brightness of the cloth (h, w), about 1: roundness, underside, pleats, seam, hem, folds, weave."""
    shade = 1.04 - 0.28 * normal**2 - np.float32(rng.uniform(0.12, 0.3)) * w**3
    hem = np.exp(-(((inside / eye_px - 0.045) / 0.012) ** 2))
    shade -= 0.07 * hem
    bunched = wearing != COVERED
    for i in range(cut.pleats + 2 * bunched):
        at = (i + 1) / (cut.pleats + 2 * bunched + 1) + rng.uniform(-0.05, 0.05)
        d = (w - at - rng.normal(0, 0.03) * theta) * 30
        shade += np.float32(rng.uniform(0.08, 0.2)) * (0.5 * np.exp(-((d - 1.5) ** 2)) - np.exp(-(d**2)))
    if cut.seam:
        shade -= 0.15 * np.exp(-((theta / 0.02) ** 2)) - 0.05 * np.exp(-(((theta - 0.05) / 0.04) ** 2))
    # Few columns and many rows make folds that run across, as gathered cloth does
    rows = 9 if bunched else 6
    size = (w.shape[1], w.shape[0])
    folds = cv2.resize(rng.standard_normal((rows, 4), np.float32), size, interpolation=cv2.INTER_CUBIC)
    shade += folds * np.float32((0.10 if bunched else 0.06) * style.folds)
    shade += rng.standard_normal(w.shape, np.float32) * np.float32(0.05 * style.roughness)
    return np.clip(shade, 0.15, 1.25)


def _cloth_colour(
    style: MaskStyle, rng: np.random.Generator, theta: np.ndarray, v: np.ndarray, w: np.ndarray
) -> np.ndarray:
    """(h, w, 3) float32, 0 to 255: the cloth's own colour and print."""
    period = np.float32(rng.uniform(0.08, 0.25))
    across, down = theta / period, v / period
    if style.pattern == "stripes":
        angle = rng.choice([0.0, math.pi / 2, math.pi / 4])
        along = across * math.cos(angle) + down * math.sin(angle)
        share = np.clip(2 * np.sin(2 * math.pi * along) + 0.5, 0, 1)
    elif style.pattern == "dots":
        share = np.clip(6 * (np.cos(2 * math.pi * across) + np.cos(2 * math.pi * down) - 1.2), 0, 1)
    elif style.pattern == "check":
        share = 0.5 * ((across % 1) < 0.5) + 0.5 * ((down % 1) < 0.5)
    elif style.pattern == "blobs":
        coarse = rng.standard_normal((16, 16), np.float32)
        share = np.clip(3 * cv2.resize(coarse, w.shape[::-1], interpolation=cv2.INTER_CUBIC), 0, 1)
    else:
        return np.broadcast_to(np.float32(style.colour), (*w.shape, 3))
    share = share.astype(np.float32)[..., None]
    return np.float32(style.colour) * (1 - share) + np.float32(style.trim) * share


def _straps(
    face: _Face, style: MaskStyle, fit: _Fit, window: tuple[int, int, int, int], shape: tuple[int, int]
) -> np.ndarray:
    """Alpha (h, w) of the loops or straps, from the corners of the cloth to the ears that can be seen."""
    canvas = np.zeros(shape, np.uint8)
    if style.straps == "none":
        return canvas.astype(np.float32)
    left, top, right, bottom = window
    to_canvas = np.array([shape[1] / (right - left), shape[0] / (bottom - top)])
    extent, turn = _silhouette(face.yaw)
    high, low = fit.corners()
    # Loops go to the root of the ear; straps above and below it, round the back of the head
    ends = (0.02, 0.55) if style.straps == "ear_loops" else (-0.35, 0.75)
    wide = 0.07 if style.shape == "sponge" else 0.035
    for sign in (-1, 1):
        for start, end in zip((high, low), ends, strict=True):
            s = np.linspace(0, 1, 12)
            theta = sign * (fit.reach + (1.62 - fit.reach) * s)
            v = start + (end - start) * s + 0.10 * np.sin(math.pi * s)
            row = np.clip((v + 0.6) * 100, 0, len(extent) - 1).astype(int)
            angle = theta + turn[row]
            seen = np.abs(angle) < 1.6
            x = extent[row] * np.sin(angle)
            pixels = (face.to_pixels(x, v) - (left, top)) * to_canvas
            if seen.sum() > 1:
                eye_px = face.eye_px * to_canvas[0]
                line = np.round(pixels[seen] * 16).astype(np.int32)
                cv2.polylines(canvas, [line], False, 255, max(1, round(wide * eye_px)), cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255


def _over(paint: np.ndarray, alpha: np.ndarray, colour: Colour) -> np.ndarray:
    """Premultiplied `paint` laid over a plain `colour` with its own alpha."""
    under = np.dstack([np.float32(colour) * alpha[..., None], alpha])
    return paint + under * (1 - paint[..., 3:])


def _light(photo: np.ndarray, face: _Face, corner: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What the photo's own light does to cloth: brightness (h, w) float32 of something white."""
    height, width = photo.shape[:2]
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    # 48 px hold all that a blur of half an eye distance leaves
    step = 48 / max(height, width)
    size = (max(2, round(width * step)), max(2, round(height * step)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    centre = (face.to_pixels(np.array([0.0]), np.array([0.6]))[0] - corner) * step
    yy, xx = np.ogrid[: small.shape[0], : small.shape[1]]
    spread = 0.8 * face.eye_px * step
    weight = np.exp(-((xx - centre[0]) ** 2 + (yy - centre[1]) ** 2) / (2 * spread**2)) + 1e-6
    level = float((small * weight).sum() / weight.sum())
    soft = cv2.GaussianBlur(small, (0, 0), max(0.5, 0.45 * face.eye_px * step))
    relative = np.clip(soft / max(level, 0.02), 0.6, 1.4) ** 0.7
    # Skin returns a quarter to two thirds of the light, so a dark face is only partly a dark place
    exposure = np.clip(0.55 + 0.75 * level, 0.5, 1.05) * rng.uniform(0.88, 1.08)
    return cv2.resize(relative * np.float32(exposure), (width, height), interpolation=cv2.INTER_LINEAR)


def _photo_blur(photo: np.ndarray) -> float:
    """Standard deviation in pixels of the photo's own blur, from how much its edges lose by one more blur.

    Zhuo and Sim, "Defocus map estimation from a single image", 2011.
    """
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if min(grey.shape) < 8:
        return 0.0
    again = cv2.GaussianBlur(grey, (0, 0), 1.0)
    before, after = (
        cv2.magnitude(cv2.Sobel(g, cv2.CV_32F, 1, 0), cv2.Sobel(g, cv2.CV_32F, 0, 1)) for g in (grey, again)
    )
    strong = before >= np.percentile(before, 95)
    ratio = float(np.median(before[strong] / np.maximum(after[strong], 1e-3)))
    return min(1 / math.sqrt(max(ratio**2 - 1, 1e-3)), 6.0)


def _photo_noise(photo: np.ndarray) -> float:
    """Standard deviation of the photo's noise, 0 to 255 (Immerkaer, 1996, with a median against edges)."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = cv2.filter2D(photo[..., 1], cv2.CV_32F, kernel)
    return float(min(np.median(np.abs(response)) / 0.6745 / 6, 10.0))


def _jitter(colour: Colour, spread: int, rng: np.random.Generator) -> Colour:
    r, g, b = np.clip(np.array(colour) + rng.integers(-spread, spread + 1, 3), 0, 255)
    return int(r), int(g), int(b)
