"""How a head is turned, from five points in a picture."""

from __future__ import annotations

import math

import numpy as np

from core.results import Landmarks


def roll(landmarks: Landmarks) -> float:
    """How far the head is turned clockwise in the picture, degrees above -180 to 180; 180 is upside down.

    The direction of two vectors added: across the face (from right to left eye, and mouth corner), and from
    eyes to mouth, turned back by a right angle. Seen from the front the first is longer and surer, in
    profile the second. NaN where all points are one.
    """
    right_eye, left_eye, _, right_corner, left_corner = np.array(landmarks, float)
    across = left_eye - right_eye + left_corner - right_corner
    down = (right_corner + left_corner - right_eye - left_eye) / 2
    x, y = across[0] + down[1], across[1] - down[0]
    if x == y == 0:
        return math.nan
    degrees = math.degrees(math.atan2(y, x))
    return 180.0 if degrees == -180 else degrees
