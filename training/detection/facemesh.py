"""FaceMesh through the TFLite interpreter: 468 points of a face, as a teacher of points and of pose.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019 (Apache-2.0).
Its weights are the user's to fetch; no page offers it.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import cv2
import numpy as np

from core.classification import roll
from core.errors import DetectorError
from core.results import Box, Landmarks

_SIDE = 192  # pixels: the crop that the network was made for
_POINTS = 468
_MARGIN = 1.4  # crop side over the longer side of the box, or of the points
_MARGIN_OF_START = 1.2  # the same where five points say where the middle is
_MOST = 1.4  # times by which the second look's crop may be larger or smaller than the first's
_EYES = ((33, 133), (362, 263))  # corners: the person's right eye, then the left
_NOSE_TIP = 1
_MOUTH_CORNERS = (61, 291)
# The person's right and left, at one height each: outer and inner eye corners, mouth, cheeks, jaw.
_PAIRS = np.array([(33, 263), (133, 362), (61, 291), (234, 454), (172, 397)])
_TOP, _CHIN = 10, 152


class FaceMesh:
    """Answers one face at a time. For one thread at a time.

    Its score of presence is low on masked faces although the points are good, so it is not offered.
    """

    def __init__(self, path: Path) -> None:
        from tensorflow import lite

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # says that the interpreter moves to a package
                self._interpreter = lite.Interpreter(model_content=path.read_bytes(), num_threads=1)
            self._interpreter.allocate_tensors()
            (self._input,) = (one["index"] for one in self._interpreter.get_input_details())
            (self._output,) = (
                one["index"]
                for one in self._interpreter.get_output_details()
                if np.prod(one["shape"]) == _POINTS * 3
            )
        except (OSError, RuntimeError, ValueError) as problem:
            raise DetectorError(f"{path}: cannot be read as FaceMesh: {problem}.") from None

    def points(
        self, rgb: np.ndarray, box: Box, roll_degrees: float = 0, start: Landmarks | None = None
    ) -> np.ndarray:
        """(468, 3) points of the face in `box` of (H, W, 3) uint8 RGB.

        x and y are pixels of the picture; z is in the same unit, smaller nearer to the camera. The network
        needs an upright face: `roll_degrees` says how far this one is turned in the picture (see `pose`), to
        some 30 degrees. It looks twice, the second time turned and centred by the points that it saw first.

        On profiles and half-seen faces it may be off by half a face. Given five points by another detector,
        `start`, which also tell the roll, it is so half as often; compare with these all the same. Yaw stays
        within some 60 degrees even in full profile.
        """
        x1, y1, x2, y2 = box
        side, centre = max(x2 - x1, y2 - y1) * _MARGIN, np.array([(x1 + x2) / 2, (y1 + y2) / 2])
        if start is not None:
            side *= _MARGIN_OF_START / _MARGIN
            centre = np.array(start)[[0, 1, 3, 4]].mean(axis=0)
            roll_degrees = roll(start)
        first = self._look(rgb, centre, side, roll_degrees)
        turned = pose(first)[2]
        upright = first[:, :2] @ _rotation(turned)
        low, high = upright.min(axis=0), upright.max(axis=0)
        second = float(np.clip(_MARGIN * (high - low).max(), side / _MOST, side * _MOST))
        return self._look(rgb, _rotation(turned) @ (low + high) / 2, second, turned)

    def _look(self, rgb: np.ndarray, centre: np.ndarray, side: float, degrees: float) -> np.ndarray:
        finer = int(np.clip(side / _SIDE, 1, 8))  # so that a large face is averaged, not sampled
        turn = _rotation(degrees) * side / _SIDE
        matrix = np.column_stack([turn / finer, centre - turn @ np.full(2, _SIDE / 2)])
        crop = cv2.warpAffine(
            rgb,
            matrix,
            (_SIDE * finer, _SIDE * finer),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        crop = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        self._interpreter.set_tensor(self._input, crop[None].astype(np.float32) / 255)
        self._interpreter.invoke()
        seen = self._interpreter.get_tensor(self._output).reshape(_POINTS, 3).astype(float)
        return np.column_stack([(seen[:, :2] - _SIDE / 2) @ turn.T + centre, seen[:, 2] * side / _SIDE])


def five_points(points: np.ndarray) -> Landmarks:
    """The five points of `core.results.Landmarks` of (468, 3); an eye is midway between its corners."""
    x_y = points[:, :2]
    five = [x_y[list(eye)].mean(axis=0) for eye in _EYES] + [x_y[_NOSE_TIP], *x_y[list(_MOUTH_CORNERS)]]
    return tuple((float(x), float(y)) for x, y in five)


def pose(points: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll of a head in degrees, of (468, 3) points.

    Yaw is positive when the face points to the picture's right, pitch when it points down, and roll, -180 to
    180, when the head is turned clockwise in the picture. The head's own axes are the mean direction from the
    person's right to left over pairs of points, and from forehead to chin; the rotation nearest to these
    (by singular values) is read as a turn about the picture's axis of sight, after one about the head's
    vertical, after one about its ears. In a full profile, only the sum of pitch and roll is known.
    """
    across = (points[_PAIRS[:, 1]] - points[_PAIRS[:, 0]]).sum(axis=0)
    down = points[_CHIN] - points[_TOP]
    across, down = across / np.linalg.norm(across), down / np.linalg.norm(down)
    u, _, vt = np.linalg.svd(np.column_stack([across, down, np.cross(across, down)]))
    across, down, back = (u @ vt).T
    yaw = math.atan2(across[2], math.hypot(across[0], across[1]))
    return (
        math.degrees(yaw),
        math.degrees(math.atan2(down[2], back[2])),
        math.degrees(math.atan2(across[1], across[0])),
    )


def _rotation(degrees: float) -> np.ndarray:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])
