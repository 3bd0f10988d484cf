"""What the quality gate does to the faces of a test: whom it turns away, and whether rightly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.classification import Quality, measure, quality_failure
from core.models import QualityThresholds
from core.results import Detection, Frame
from core.runs import Gated

FACE_PX = (0, 48)  # all faces, and those that a camera at a door sees


def gate_outcomes(
    face_px: Sequence[float],
    pixels: Sequence[Mapping[str, float]],
    margin: np.ndarray,
    correct: np.ndarray,
    thresholds: QualityThresholds,
) -> tuple[Gated, ...]:
    """Of N faces: their sides, what `measure_pixels` says of them, leads (N,) and rights (N,) bool.

    Without a picture around them nobody knows whether they are cut off, nor without landmarks how the head
    is turned.
    """
    bare = (
        Quality(face_px=side, roll=math.nan, yaw=math.nan, visible=1.0, **of_face)
        for side, of_face in zip(face_px, pixels, strict=True)
    )
    answered = _answered(bare, margin, thresholds)
    sides = np.nan_to_num(np.array(face_px, float), nan=0.0)
    return tuple(
        Gated(
            face_px=least,
            n=int(large.sum()),
            hits=int(correct[large].sum()),
            answered=int((large & answered).sum()),
            answered_hits=int(correct[large & answered].sum()),
        )
        for least in FACE_PX
        for large in (sides >= least,)
    )


def answers(
    crops: np.ndarray,
    faces: Mapping[int, Detection | None],
    face_px: Sequence[float],
    pixels: Sequence[Mapping[str, float]],
    margin: np.ndarray,
    thresholds: QualityThresholds,
) -> np.ndarray:
    """(N,) bool: whether faces, as `gate_outcomes` has them, get an answer. Those of `faces`, by index in
    `crops` (N, S, S, 3) uint8 RGB, may be turned away too.
    """
    side = float(crops.shape[1])
    nothing = Detection((0.0, 0.0, side, side), 0.0, "")
    seen = (
        replace(
            measure(Frame(crop), faces.get(number) or nothing),
            face_px=face_px[number],
            visible=1.0,
            **pixels[number],
        )
        for number, crop in enumerate(crops)
    )
    return _answered(seen, margin, thresholds)


def _answered(qualities: Iterable[Quality], margin: np.ndarray, thresholds: QualityThresholds) -> np.ndarray:
    return np.array(
        [
            quality_failure(quality, thresholds) is None and lead >= thresholds.min_margin.value
            for quality, lead in zip(qualities, margin, strict=True)
        ],
        bool,
    )
