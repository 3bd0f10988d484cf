"""Synthetic masks on the bare faces of the training data, worn correctly and incorrectly.

Real pictures of masks worn incorrectly are rare. There are synthetic ones worn correctly as well, so that
being synthetic is no clue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from core.detection import FaceDetector
from core.mask_rendering import (
    COVERED,
    CUT_OPEN,
    HANGING,
    IN_HAND,
    MOUTH_OUT,
    ON_FOREHEAD,
    OVER_EYES,
    SUBTYPE_OF,
    UNDER_CHIN,
    MaskStyle,
    dark_style,
    draw_mask,
    head_from_landmarks,
    random_style,
    skin_tone,
)
from core.results import Frame, Landmarks
from training.synthesis.real_cloth import RealCloth

Wearing = str | Mapping[str, float]
"""One, or some with the share of each, to draw one of by lot."""
SUBTYPE_SHARE = {"nose_out": 0.3, "below_mouth": 0.2, "under_chin": 0.25, "mouth_out": 0.1, "elsewhere": 0.15}
"""How often masks worn incorrectly are drawn in each way, where a recipe does not say."""
_SHARE_WITHIN = {
    MOUTH_OUT: 0.65,
    CUT_OPEN: 0.35,
    HANGING: 0.3,
    OVER_EYES: 0.3,
    ON_FOREHEAD: 0.2,
    IN_HAND: 0.2,
}  # of a way in its subtype, if it is not the only one
_PADDING = 0.25  # of the side: a detector wants to see what is around a face
_REAL_CLOTH = 0.35  # share of masks of which the cloth is from a photo, where there is some
_DARK, _LIKE_SKIN = (
    0.45,
    0.35,
)  # under the chin: share of dark cloth, and of that in a shade of the skin
_LEAST_CHANGE = 0.02  # of the pixels; a mask that lies below the picture's edge shows nothing to learn
_TRIES = 3  # until a mask shows, so that the shares stay as they are


def variants(subtype_share: Mapping[str, float]) -> tuple[Wearing, ...]:
    """What is drawn on each face: once worn correctly, and thrice worn incorrectly with these shares."""
    wrong = {
        way: subtype_share[subtype] * _SHARE_WITHIN.get(way, 1.0)
        for way, subtype in SUBTYPE_OF.items()
        if subtype_share.get(subtype)
    }
    return (COVERED, wrong, wrong, wrong)


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
    wearings: Sequence[Wearing] | None = None,
    cloths: Sequence[RealCloth] = (),
) -> tuple[np.ndarray, list[str], list[int]]:
    """(M, S, S, 3) pictures, the wearing and the face of each; the same for the same seed.

    Every face with landmarks gets a mask once for each of `wearings`, by default those of `variants`, as far
    as a mask shows on it; with `cloths`, some of these are laid on it.
    """
    jobs = [
        (i, points, wearing, variant)
        for i, points in enumerate(landmarks)
        if points is not None
        for variant, wearing in enumerate(variants(SUBTYPE_SHARE) if wearings is None else wearings)
    ]

    def draw(job: tuple[int, Landmarks, Wearing, int]) -> tuple[np.ndarray, str] | None:
        i, points, wearings, variant = job
        rng = np.random.default_rng((seed, i, variant))
        wearing = wearings if isinstance(wearings, str) else one_of(wearings, rng)
        try:
            for _ in range(_TRIES):
                drawn = _masked(crops[i], points, wearing, cloths, rng)
                if shows(drawn, crops[i]):
                    return drawn, wearing
        except ValueError:  # points that describe no face
            pass
        return None

    with ThreadPoolExecutor() as pool:
        drawn = list(pool.map(draw, jobs))
    kept = [(*one, face) for one, (face, *_) in zip(drawn, jobs, strict=True) if one is not None]
    pictures = np.array([picture for picture, *_ in kept], np.uint8).reshape(-1, *crops.shape[1:])
    return pictures, [wearing for _, wearing, _ in kept], [face for *_, face in kept]


def _masked(
    crop: np.ndarray,
    points: Landmarks,
    wearing: str,
    cloths: Sequence[RealCloth],
    rng: np.random.Generator,
) -> np.ndarray:
    style = _style(crop, points, wearing, rng)
    real = cloths and rng.random() < _REAL_CLOTH
    cloth = cloths[int(rng.integers(len(cloths)))] if real else None
    return draw_mask(crop, points, wearing, style, rng, cloth)


def _style(crop: np.ndarray, points: Landmarks, wearing: str, rng: np.random.Generator) -> MaskStyle:
    if wearing != UNDER_CHIN or rng.random() >= _DARK:
        return random_style(rng)
    skin = skin_tone(crop, head_from_landmarks(points)) if rng.random() < _LIKE_SKIN else None
    return dark_style(rng, skin)


def one_of(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    """A key of `shares`, drawn with the share that it has."""
    odds = np.array(list(shares.values()), float)
    return list(shares)[rng.choice(len(odds), p=odds / odds.sum())]


def shows(drawn: np.ndarray, before: np.ndarray) -> bool:
    """Whether enough of a picture has changed for something to be learned from it."""
    changed = np.abs(drawn.astype(np.int16) - before).max(axis=2) > 8
    return bool(changed.mean() >= _LEAST_CHANGE)
