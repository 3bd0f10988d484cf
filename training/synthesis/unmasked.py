"""Faces that wear a mask in a photo, unmasked to below the nose or the mouth with skin of other photos.

So a real mask, with its loops, light and background, is seen worn incorrectly. The same is done above the tip
of the nose, where a mask stays worn correctly, and between bare faces, so that the seam is no clue.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from core.labels import WEAR_4
from core.mask_rendering import (
    OVER_NOSE,
    Head,
    blur_sigma,
    drawing_blur,
    head_from_landmarks,
    skin_tone,
)
from core.results import Landmarks

COVERED, NOSE_OUT, BELOW_MOUTH, NO_MASK = WEAR_4.labels
_OF_MASKED: tuple[tuple[str, ...], ...] = ((COVERED,), (NOSE_OUT,), (NOSE_OUT, BELOW_MOUTH))
_OF_BARE: tuple[tuple[str, ...], ...] = ((NO_MASK,),)

_MAX_YAW = 0.6  # radians: of a head turned more, the nose no longer fits another's
_ALIKE, _LOOKED_AT = 120, 12  # faces turned most alike; of so many of them, the one of the likest tone
_LOWEST_SEEN = 1.55  # v: a picture that ends above it shows nothing of a mask below the mouth
_GAIN, _TINT = (0.5, 1.7), (0.75, 1.33)  # of skin on its way into another photo: all channels, and each
_LEAST_CHANGE = 0.004  # of the picture unmasked


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face (S, S, 3) uint8 RGB and its head; `skin_tone` and `blur_sigma` of the photo."""

    rgb: np.ndarray
    head: Head
    tone: np.ndarray
    blur: float


def portraits(crops: np.ndarray, landmarks: Sequence[Landmarks | None]) -> list[Portrait]:
    """Of (N, S, S, 3) uint8, those of known landmarks that are not turned too far."""
    found = []
    for crop, points in zip(crops, landmarks, strict=True):
        try:
            head = head_from_landmarks(points) if points is not None else None
        except ValueError:  # points that describe no face
            continue
        if head and abs(head.yaw) <= _MAX_YAW:
            found.append(Portrait(crop, head, skin_tone(crop, head), blur_sigma(crop)))
    return found


def unmask_faces(
    masked: Sequence[Portrait], bare: Sequence[Portrait], seed: int
) -> tuple[np.ndarray, list[str]]:
    """(M, S, S, 3) uint8 pictures and the wearing of each, which `LABELS` has; the same for the same seed.

    Of each masked face there are three, of each bare one there is one, as far as there is skin for it.
    """
    if not masked or not bare:
        return np.empty((0, 0, 0, 3), np.uint8), []
    yaws = np.array([skin.head.yaw for skin in bare])
    tones = np.log([skin.tone for skin in bare])
    jobs = [
        (kind, i, face, variant, wearings)
        for kind, (some, variants) in enumerate(((masked, _OF_MASKED), (bare, _OF_BARE)))
        for i, face in enumerate(some)
        for variant, wearings in enumerate(variants)
    ]

    def draw(job: tuple[int, int, Portrait, int, tuple[str, ...]]) -> tuple[np.ndarray, str] | None:
        kind, i, face, variant, wearings = job
        rng = np.random.default_rng((seed, kind, i, variant))
        wearing = wearings[rng.integers(len(wearings))]
        near = np.argsort(np.abs(yaws - face.head.yaw), kind="stable")[:_ALIKE]
        some = rng.permutation(near)[:_LOOKED_AT]
        skin = bare[some[np.abs(tones[some] - np.log(face.tone)).sum(axis=1).argmin()]]
        picture = None if skin is face else unmask(face, skin, wearing, rng)
        return None if picture is None else (picture, wearing)

    with ThreadPoolExecutor() as pool:
        drawn = [one for one in pool.map(draw, jobs) if one is not None]
    pictures = np.array([picture for picture, _ in drawn], np.uint8).reshape(-1, *masked[0].rgb.shape)
    return pictures, [wearing for _, wearing in drawn]


def unmask(face: Portrait, skin: Portrait, wearing: str, rng: np.random.Generator) -> np.ndarray | None:
    """The picture of `face` with `skin` above the edge that a mask worn so has; None where little would show.

    `NO_MASK` is for a bare face: the edge is then only where one skin meets the other.
    """
    head = face.head
    height, width = face.rgb.shape[:2]
    if wearing == BELOW_MOUTH and head.lowest_v(height) < _LOWEST_SEEN:
        return None
    on = head.surface(np.arange(width) + 0.5, np.arange(height) + 0.5)
    edge = _edge(on.theta, head, wearing, rng)
    above = np.clip((edge - on.v) * np.float32(head.v_px / 1.2) + np.float32(0.5), 0, 1)
    # Skin runs into skin below the eyes, at the temples and where the cheek turns away
    on_face = _ramp((on.v - 0.06) / 0.16) * _ramp((1 - np.abs(on.sine)) / 0.12)
    on_face *= _ramp((1.25 - np.abs(on.theta)) / 0.25)
    alpha = (above * on_face)[..., None]
    if alpha.mean() < _LEAST_CHANGE:
        return None
    eyes = np.float32(head.v_px / head.eye_px)
    to_edge = (edge - on.v) * eyes  # eye distances
    laid = _in_place(face, skin, on.theta, on.v)
    base = face.rgb.astype(np.float32)
    if wearing != NO_MASK:  # cloth throws a shadow on skin, and its hem is darker or lighter than the rest
        shadow = np.exp(-np.maximum(to_edge, 0) / np.float32(rng.uniform(0.02, 0.06)))
        laid *= (1 - np.float32(rng.uniform(0.05, 0.4)) * shadow)[..., None]
        hem = np.exp(-((to_edge / np.float32(0.03)) ** 2)) * (to_edge < 0) * on_face
        base *= (1 + np.float32(rng.uniform(-0.25, 0.1)) * hem)[..., None]
    return np.asarray(np.clip(base * (1 - alpha) + laid * alpha + 0.5, 0, 255), np.uint8)


def _edge(theta: np.ndarray, head: Head, wearing: str, rng: np.random.Generator) -> np.ndarray:
    """v of the upper edge of a mask worn so, (h, w) float32."""
    if wearing == COVERED:
        top, drop = rng.uniform(0.2, max(head.nose_v - OVER_NOSE, 0.3)), rng.uniform(-0.05, 0.25)
    elif wearing == NOSE_OUT or (wearing == NO_MASK and rng.random() < 0.5):
        top, drop = rng.uniform(head.nose_v + 0.08, 0.95), rng.uniform(-0.35, 0.25)
    else:
        top, drop = rng.uniform(1.16, 1.4), rng.uniform(-0.6, -0.1)
    aside = np.minimum(np.abs(theta) / np.float32(1.2), np.float32(1.2))
    bend = aside ** np.float32(rng.uniform(1.2, 2.2))
    return np.asarray(top + np.float32(drop) * bend - np.float32(rng.normal(0, 0.03)) * theta, np.float32)


def _in_place(face: Portrait, skin: Portrait, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32: `skin` as it lies on the head of `face`, in the light and blur of its photo."""
    pixels = skin.head.project_seen(theta.astype(float), v.astype(float)) - 0.5
    x, y = np.moveaxis(pixels, -1, 0).astype(np.float32)
    scale = face.head.eye_px / skin.head.eye_px
    # Remapping samples points: without this, shrinking would alias
    source = cv2.GaussianBlur(skin.rgb, (0, 0), 0.4 / scale) if scale < 0.9 else skin.rgb
    laid: np.ndarray = cv2.remap(source, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(
        np.float32
    )
    wanted, there = drawing_blur(face.blur, face.head.eye_px), skin.blur * scale
    if wanted > there + 0.4:
        laid = cv2.GaussianBlur(laid, (0, 0), math.sqrt(wanted**2 - there**2))
    gain = np.clip(face.tone / skin.tone, *_GAIN)
    return np.asarray(laid * np.clip(gain, *np.array(_TINT) * gain.mean()).astype(np.float32))


def _ramp(x: np.ndarray) -> np.ndarray:
    """0 to 1, smoothly."""
    at = np.clip(x, 0, 1)
    return np.asarray(at * at * (3 - 2 * at), np.float32)
