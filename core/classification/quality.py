"""When a face cannot be judged: what is measured, and what a person can do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.classification.pose import roll, yaw, yaw_of_turn
from core.labels import DEPICTION
from core.models import QualityThresholds
from core.reasons import ADVICE, LOW_MARGIN
from core.results import CannotTell, Detection, Frame, Prediction

_MEASURE_SIDE = 64  # pixels: all faces are measured at one size, near the one at which the network sees them


@dataclass(frozen=True, slots=True)
class Quality:
    """What a face offers to judge by.

    face_px     longer side of its box, pixels of the picture
    brightness  mean luma, 0 to 255
    sharpness   variance of the Laplacian over variance of the luma, at 64 pixels: contrast cancels out
    roll, yaw   how the head is turned, degrees, as in `core.classification.pose`; NaN when the face has no
                landmarks
    visible     share of the face's box inside the picture
    """

    face_px: float
    brightness: float
    sharpness: float
    roll: float
    yaw: float
    visible: float


def measure(frame: Frame, detection: Detection) -> Quality:
    """Quality of one face. Costs some 0.1 ms."""
    x1, y1, x2, y2 = (round(v) for v in detection.box)
    face = frame.rgb[y1 : max(y2, y1 + 1), x1 : max(x2, x1 + 1)]
    return Quality(
        face_px=detection.side,
        roll=roll(detection.landmarks) if detection.landmarks else math.nan,
        yaw=yaw(detection.landmarks) if detection.landmarks else math.nan,
        visible=detection.visible,
        **measure_pixels(face),
    )


def measure_pixels(face: np.ndarray) -> dict[str, float]:
    """Brightness and sharpness of a face's own pixels, (H, W, 3) uint8 RGB."""
    small = cv2.resize(face, (_MEASURE_SIDE, _MEASURE_SIDE), interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = cv2.Laplacian(luma, cv2.CV_32F)
    # One grey level of variance keeps a flat, featureless face at sharpness 0 instead of noise over noise.
    return {"brightness": float(luma.mean()), "sharpness": float(edges.var() / (luma.var() + 1))}


def quality_failure(quality: Quality, thresholds: QualityThresholds) -> str | None:
    """The quality gate: why nothing can be told from a face of this quality, the first of several reasons, or
    None. What is unknown (NaN) never counts.
    """
    failed = {
        "cut_off": quality.visible < thresholds.min_visible.value,
        "too_small": quality.face_px < thresholds.min_face_px.value,
        "dark": quality.brightness < thresholds.min_brightness.value,
        "blurred": quality.sharpness < thresholds.min_sharpness.value,
        "turned_away": abs(quality.yaw) > _max_yaw(thresholds),
        "tilted": thresholds.max_roll is not None and abs(quality.roll) > thresholds.max_roll.value,
    }
    return next((reason for reason, fails in failed.items() if fails), None)


def _max_yaw(thresholds: QualityThresholds) -> float:
    if thresholds.max_yaw:
        return thresholds.max_yaw.value
    return yaw_of_turn(thresholds.max_turn.value) if thresholds.max_turn else math.inf


def judge(
    quality: Quality, prediction: Prediction, thresholds: QualityThresholds, *, depiction: bool = False
) -> CannotTell | None:
    """Why this face cannot be told, or None when it can.

    The least margin is that of the prediction's operating point. `depiction`: nobody is there to be judged.
    """
    reason = DEPICTION if depiction else quality_failure(quality, thresholds)
    if reason is None and prediction.margin < prediction.operating_point.min_margin:
        reason = LOW_MARGIN
    return CannotTell(reason, ADVICE[reason]) if reason else None
