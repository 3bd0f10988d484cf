"""Where a head is and how it is turned, from five landmarks, so that something can be drawn on it.

The head is an elliptic cylinder around an upright axis, so each pixel's place on it is a closed formula.

Coordinates: `x` across the head as seen, in eye distances of a frontal face, 0 on the axis; `v` down the
face, 0 on the eye line, 1 on the mouth; `theta` round the head in radians, 0 on the mid-line, positive
towards the left of the person (the right of a picture).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.results import Landmarks

# Half width and depth of the head in eye distances, by v: a face is 2.2 eye distances wide at the cheekbones,
# 1.8 at the jaw. Depth is that of cloth, which stands off the nose and falls back to the neck.
_V = (-1.7, -1.2, -0.6, 0.4, 1.0, 1.3, 1.6, 1.9, 2.6)
_HALF_WIDTH = (0.80, 1.06, 1.12, 1.10, 1.00, 0.90, 0.74, 0.66, 0.66)
_DEPTH = (0.80, 1.00, 1.05, 1.26, 1.20, 1.16, 1.10, 0.90, 0.70)
_ROWS_PER_V = 100  # of the tables below; finer than a pixel on any canvas used here

_EYE_DEPTH = 0.80  # eyes in front of the axis, eye distances
_NOSE_LEAD = 0.42  # nose tip in front of the plane through eyes and mouth, eye distances
_MAX_YAW = math.radians(52)  # beyond it five landmarks no longer tell the yaw
_MIN_EYE_PX, _MAX_EYE_PX = 2.0, 1e5  # less is no face, more is no picture
_MIN_SINE = 0.3  # of the angle between eye line and mid-line; 90 degrees on a frontal face


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The head under a grid of pixels: float32 arrays (h, w)."""

    theta: np.ndarray
    v: np.ndarray
    sine: np.ndarray  # sideways slope of the surface; beyond -1 and 1 lies the background
    extent: np.ndarray  # half width of the head as seen, eye distances


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """`origin` is the middle of the eyes; `basis` (2, 2) holds the eye line and the mid-line, in pixels."""

    origin: np.ndarray
    basis: np.ndarray
    yaw: float
    nose_v: float

    @property
    def eye_px(self) -> float:
        """Eye distance in pixels as it would be from the front."""
        return float(np.linalg.norm(self.basis[:, 0])) / math.cos(self.yaw)

    @property
    def v_px(self) -> float:
        """Pixels between eye line and mouth."""
        return float(np.linalg.norm(self.basis[:, 1]))

    def to_pixels(self, x: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(N, 2) pixels of N points."""
        u = x / math.cos(self.yaw) - _EYE_DEPTH * math.tan(self.yaw)
        return np.asarray(self.origin + np.stack([u, v], axis=-1) @ self.basis.T)

    def lowest_v(self, height: int) -> float:
        """v where the mid-line leaves a picture of that height; infinite when it does not run downwards."""
        down = self.basis[1, 1]
        return float((height - self.origin[1]) / down) if down > 0 else math.inf

    def project(self, theta: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N, 2) pixels of N points on the surface, and which of them are on the side that is seen."""
        extent, turn = self._silhouette(v)
        angle = theta + turn
        return self.to_pixels(extent * np.sin(angle), v), np.abs(angle) < math.pi / 2

    def project_seen(self, theta: np.ndarray, v: np.ndarray) -> np.ndarray:
        """(N, 2) pixels of N points; of those that the head hides, of their like on its other side."""
        pixels, seen = self.project(theta, v)
        other, other_seen = self.project(-theta, v)
        return np.where((seen | ~other_seen)[..., None], pixels, other)

    def surface(self, px: np.ndarray, py: np.ndarray) -> Surface:
        """The surface under the grid of pixel columns `px` (w,) and rows `py` (h,)."""
        inverse = np.linalg.inv(self.basis).astype(np.float32)
        dx = (px - self.origin[0]).astype(np.float32)
        dy = (py - self.origin[1]).astype(np.float32)[:, None]
        u = inverse[0, 0] * dx + inverse[0, 1] * dy
        v = inverse[1, 0] * dx + inverse[1, 1] * dy
        x = u * np.float32(math.cos(self.yaw)) + np.float32(_EYE_DEPTH * math.sin(self.yaw))
        extents, turns = self._silhouette(np.arange(_V[0], _V[-1], 1 / _ROWS_PER_V))
        row = np.clip((v - np.float32(_V[0])) * _ROWS_PER_V, 0, len(extents) - 1).astype(np.intp)
        extent = extents.astype(np.float32)[row]
        sine = x / extent
        return Surface(np.arcsin(np.clip(sine, -1, 1)) - turns.astype(np.float32)[row], v, sine, extent)

    def _silhouette(self, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Half width of the turned ellipse as seen, and the angle that yaw adds to theta, at each v."""
        across = np.interp(v, _V, _HALF_WIDTH) * math.cos(self.yaw)
        ahead = np.interp(v, _V, _DEPTH) * math.sin(self.yaw)
        return np.hypot(across, ahead), np.arctan2(ahead, across)


def head_from_landmarks(landmarks: Landmarks) -> Head:
    """Raises `ValueError` for landmarks that describe no face."""
    points = np.asarray(landmarks, float)
    if points.shape != (5, 2) or not (np.abs(points) < _MAX_EYE_PX).all():
        raise ValueError("landmarks must be five finite (x, y) points in pixels")
    right_eye, left_eye, nose = points[:3]
    origin = (right_eye + left_eye) / 2
    basis = np.stack([left_eye - right_eye, points[3:].mean(axis=0) - origin], axis=1)
    eyes, down = np.linalg.norm(basis, axis=0)
    if min(eyes, down) < _MIN_EYE_PX or abs(np.linalg.det(basis)) < _MIN_SINE * eyes * down:
        raise ValueError("landmarks describe no face: eyes coincide, or eyes and mouth lie on one line")
    nose_u, nose_v = np.linalg.solve(basis, nose - origin)
    yaw = float(np.clip(math.atan(nose_u / _NOSE_LEAD), -_MAX_YAW, _MAX_YAW))
    return Head(origin, basis, yaw, float(np.clip(nose_v, 0.4, 0.75)))  # where noses are, looking up or down
