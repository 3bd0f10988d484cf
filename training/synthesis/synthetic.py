"""Synthetic masks on the bare faces of the training data, worn correctly and incorrectly.

Real pictures of masks worn incorrectly are rare. There are synthetic ones worn correctly as well, so that
being synthetic is no clue.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from core.detection import FaceDetector
from core.mask_rendering import TAKEN_OFF, WEARINGS, draw_mask, random_style
from core.results import Frame, Landmarks
from training.synthesis.real_cloth import RealCloth

COVERED, NOSE_OUT, BELOW_MOUTH = WEARINGS
Wearing = str | tuple[str, ...]
"""One, or some to draw one of by lot."""
_LOWER = (*[BELOW_MOUTH] * 18, *TAKEN_OFF)  # more taken off, and bare chins in scarves are named as such
VARIANTS: tuple[Wearing, ...] = (COVERED, NOSE_OUT, NOSE_OUT, _LOWER)
_PADDING = 0.25  # of the side: a detector wants to see what is around a face
_REAL_CLOTH = 0.35  # share of masks of which the cloth is from a photo, where there is some
_LEAST_CHANGE = 0.02  # of the pixels; a mask that lies below the picture's edge shows nothing to learn


def find_landmarks(crops: np.ndarray, detector: FaceDetector) -> list[Landmarks | None]:
    """Five points of the largest face in each crop (S, S, 3), in its pixels; None where no face is sure."""
    pad = round(crops.shape[1] * _PADDING)
    found: list[Landmarks | None] = []
    for crop in crops:
        around = cv2.copyMakeBorder(crop, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
        faces = [d for d in detector.detect(Frame(around)) if d.landmarks and d.side > crop.shape[0] / 3]
        best = max(faces, key=lambda d: d.side * d.score, default=None)
        found.append(
            tuple((x - pad, y - pad) for x, y in best.landmarks) if best and best.landmarks else None
        )
    return found


def add_masks(
    crops: np.ndarray,
    landmarks: Sequence[Landmarks | None],
    seed: int,
    wearings: Sequence[Wearing] = VARIANTS,
    cloths: Sequence[RealCloth] = (),
) -> tuple[np.ndarray, list[str], list[int]]:
    """(M, S, S, 3) pictures, the wearing and the face of each; the same for the same seed.

    Every face with landmarks gets a mask once for each of `wearings`, as far as a mask shows on it; with
    `cloths`, some of these are laid on it.
    """
    jobs = [
        (i, points, wearing, variant)
        for i, points in enumerate(landmarks)
        if points is not None
        for variant, wearing in enumerate(wearings)
    ]

    def draw(job: tuple[int, Landmarks, Wearing, int]) -> tuple[np.ndarray, str] | None:
        i, points, wearings, variant = job
        rng = np.random.default_rng((seed, i, variant))
        style = random_style(rng)
        wearing = wearings if isinstance(wearings, str) else wearings[rng.integers(len(wearings))]
        cloth = cloths[int(rng.integers(len(cloths)))] if cloths and rng.random() < _REAL_CLOTH else None
        try:
            drawn = draw_mask(crops[i], points, wearing, style, rng, cloth)
        except ValueError:  # points that describe no face
            return None
        changed = (np.abs(drawn.astype(np.int16) - crops[i]).max(axis=2) > 8).mean()
        return (drawn, wearing) if changed >= _LEAST_CHANGE else None

    with ThreadPoolExecutor() as pool:
        drawn = list(pool.map(draw, jobs))
    kept = [(*one, face) for one, (face, *_) in zip(drawn, jobs, strict=True) if one is not None]
    pictures = np.array([picture for picture, *_ in kept], np.uint8).reshape(-1, *crops.shape[1:])
    return pictures, [wearing for _, wearing, _ in kept], [face for *_, face in kept]
