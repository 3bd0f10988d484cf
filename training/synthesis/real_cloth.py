"""Cloth of masks that people wear in photos, laid on other faces: what no drawing has, and other wearings."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from core.mask_rendering import eye_light, head_from_landmarks
from core.results import Landmarks

# Where a mask that is worn correctly has cloth for sure: v of its upper and lower edge, share of theta
_TOP, _BOTTOM, _REACH = 0.45, 1.42, 0.8
_MAX_YAW = 0.4  # radians: of a head turned more, half of the mask is out of sight


class RealCloth:
    """The cloth of a mask worn correctly in `rgb` (H, W, 3) uint8: see `core.mask_rendering.cloth.Cloth`.

    Raises `ValueError` for landmarks that describe no face, or one turned too far.
    """

    def __init__(self, rgb: np.ndarray, landmarks: Landmarks) -> None:
        self._rgb, self._head = rgb, head_from_landmarks(landmarks)
        if abs(self._head.yaw) > _MAX_YAW:
            raise ValueError("the face is turned too far to show the whole mask")
        self.eye_light = eye_light(rgb, self._head)

    def __call__(self, theta: np.ndarray, w: np.ndarray) -> np.ndarray:
        """As `Cloth` says. What the head hides is taken from its other side."""
        v = _TOP + w.astype(float) * (_BOTTOM - _TOP)
        x, y = np.moveaxis(self._head.project_seen(theta.astype(float) * _REACH, v), -1, 0).astype(np.float32)
        cloth = cv2.remap(self._rgb, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cloth, np.float32)


def cloths(crops: np.ndarray, landmarks: Sequence[Landmarks | None]) -> list[RealCloth]:
    """Of faces that wear a mask right, (N, S, S, 3) uint8, the cloth of those that show it whole."""
    found = []
    for crop, points in zip(crops, landmarks, strict=True):
        if points is not None:
            try:
                found.append(RealCloth(crop, points))
            except ValueError:
                continue
    return found
