"""Faces in the crops of an evaluation, their five points, and whether these tell how a head is turned."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np
from tqdm import tqdm

from core.classification import roll
from core.detection import (
    FaceDetector,
    LandmarkFinder,
    YuNetDetector,
    find_yunet,
    load_detector,
    load_landmarks,
)
from core.errors import DetectorError
from core.images import to_input
from core.results import Detection, Frame

log = logging.getLogger(__name__)

MOST_LOOKED_AT = 20_000  # faces: at some 10 ms each a few minutes
_SIDE = 224  # pixels: a larger crop is shrunk for the detector
_TRIED, _TURN = 40, 20.0  # crops turned in the picture by so many degrees: whether their points turn too


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """By index in the crops that were looked at, the face nearest to the middle, None where there is none.

    `detector` found them, "" where none is at hand. `tell_pose`: its points turn as the face does; those of a
    network that learned only where eyes and mouth usually are do not.
    """

    faces: Mapping[int, Detection | None] = field(default_factory=dict)
    detector: str = ""
    tell_pose: bool = False


def find_faces(crops: np.ndarray) -> FoundFaces:
    """Look at (N, S, S, 3) uint8 RGB crops: at all, or at `MOST_LOOKED_AT` of them, evenly spread.

    With the default detector, and the points of `core.detection.landmarks`; where these do not tell the pose,
    with YuNet, if that is at hand. What is missing is logged.
    """
    detector, follows = _choose(crops)
    if detector is None:
        log.warning("No detector is at hand: no slices by skin tone, view and roll.")
        return FoundFaces()
    if not follows:
        log.warning(
            "The points of %s do not turn with a face: no slices by view and roll. "
            "With MASKWISE_YUNET set, YuNet's are taken.",
            detector.name,
        )
    some = np.linspace(0, len(crops) - 1, min(len(crops), MOST_LOOKED_AT)).astype(int).tolist()
    bar = tqdm(some, "finding face points", unit=" faces", disable=None, delay=1)
    faces = {number: _in_the_middle(crops[number], detector) for number in bar}
    return FoundFaces(faces, detector.name, follows)


def _choose(crops: np.ndarray) -> tuple[_Finds | None, bool]:
    """The first detector whose points follow, else the first there is; and whether they do."""
    first: _Finds | None = None
    loads: tuple[Callable[[], _Finds], ...] = (_with_landmarks, _yunet_at_hand)
    for load in loads:
        try:
            detector = load()
        except DetectorError as problem:
            log.info("%s", problem)
            continue
        if points_follow(crops, detector):
            return detector, True
        first = first or detector
    return first, False


class _Finds(Protocol):
    """As much of a `FaceDetector` as is needed here."""

    name: str

    def detect(self, frame: Frame) -> Sequence[Detection]: ...


@dataclass(slots=True)
class _Locating:
    """A detector's faces, with the points that another network finds in them."""

    name: str
    detector: FaceDetector
    landmarks: LandmarkFinder

    def detect(self, frame: Frame) -> Sequence[Detection]:
        return self.landmarks.locate(frame, self.detector.detect(frame))


def _with_landmarks() -> _Finds:
    """The default detector. Raises `DetectorError`."""
    detector, landmarks = load_detector(), load_landmarks()
    return _Locating(detector.name, detector, landmarks) if landmarks else detector


def _yunet_at_hand() -> FaceDetector:
    """Raises `DetectorError` where it would have to be fetched."""
    return YuNetDetector(find_yunet(fetch=False))


def points_follow(crops: np.ndarray, detector: _Finds) -> bool:
    """Whether the roll that a detector's points say changes by at least half of what crops are turned by.

    True where it finds a face in none of the crops, both ways: nothing speaks against it.
    """
    side = crops.shape[1]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), -_TURN, 1)  # OpenCV's are anticlockwise
    changes = []
    for number in np.linspace(0, len(crops) - 1, min(len(crops), _TRIED)).astype(int):
        turned = cv2.warpAffine(crops[number], turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
        faces = [_in_the_middle(crop, detector) for crop in (crops[number], turned)]
        angles = [roll(face.landmarks) for face in faces if face and face.landmarks]
        if len(angles) == 2:
            changes.append((angles[1] - angles[0] + 180) % 360 - 180)
    return not changes or float(np.median(changes)) >= _TURN / 2


def _in_the_middle(crop: np.ndarray, detector: _Finds) -> Detection | None:
    """The face nearest to the middle of those that have points."""
    side = len(crop)
    looked_at = min(side, _SIDE)
    found = detector.detect(Frame(to_input(crop, looked_at)))

    def off(face: Detection) -> float:
        x1, y1, x2, y2 = face.box
        return math.hypot(x1 + x2 - looked_at, y1 + y2 - looked_at)

    nearest = min((face for face in found if face.landmarks), key=off, default=None)
    return nearest and nearest.moved(side / looked_at)
