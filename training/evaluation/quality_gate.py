"""What the quality gate does to the faces of a test: whom it turns away, and whether rightly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.classification import Quality, quality_failure
from core.models import QualityThresholds
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
    answered = np.array(
        [
            quality_failure(
                Quality(face_px=side, roll=math.nan, yaw=math.nan, visible=1.0, **of_face), thresholds
            )
            is None
            and lead >= thresholds.min_margin.value
            for side, of_face, lead in zip(face_px, pixels, margin, strict=True)
        ],
        bool,
    )
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
