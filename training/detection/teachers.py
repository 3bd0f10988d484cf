"""Other people's face detectors, read from their ONNX files: what they find teaches ours.

They are asked for training only and never ship.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from core.detection import Plan, YuNetDetector, find_yunet, nms_faces, tiled_inference
from core.errors import DetectorError
from core.models import session
from core.results import Detection, Frame
from training.detection.ultraface import UltraFace

_SCRFD_SIDE, _SCRFD_ANCHORS = 640, 2
_STRIDES = (8, 16, 32)
# SCRFD's file takes pictures of 640 pixels: four tiles of a picture enlarged, and a look at all of it
_SCRFD_PLAN = Plan(detail_side=1120, tile_side=_SCRFD_SIDE, coarse_sides=(_SCRFD_SIDE,))


class Teacher(Protocol):
    """Faces of one picture in its pixels, of at least `min_score`, best first. For one thread at a time."""

    def __call__(self, frame: Frame, min_score: float) -> tuple[Detection, ...]: ...


class Scrfd:
    """SCRFD with five points (Guo et al., "Sample and Computation Redistribution", 2021)."""

    name = "scrfd"

    def __init__(self, path: Path) -> None:
        self._session = _session(path, self.name)
        self._input = self._session.get_inputs()[0].name

    def detect_once(self, rgb: np.ndarray, min_score: float) -> list[Detection]:
        """Faces of (H, W, 3) uint8 RGB, seen at most 640 pixels large; boxes in pixels of the picture."""
        scale = min(1.0, _SCRFD_SIDE / max(rgb.shape[:2]))
        small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
        height, width = small.shape[:2]
        canvas = np.zeros((_SCRFD_SIDE, _SCRFD_SIDE, 3), np.float32)
        canvas[:height, :width] = small
        answers = self._session.run(None, {self._input: _planes((canvas - 127.5) / 128)})
        found: list[Detection] = []
        for level, stride in enumerate(_STRIDES):
            score, box, points = (answers[level + 3 * part][0] for part in range(3))
            kept = np.flatnonzero(score[:, 0] >= min_score)
            side = _SCRFD_SIDE // stride
            cell = kept // _SCRFD_ANCHORS
            centre = np.stack([cell % side, cell // side], axis=1) * stride
            boxes = np.concatenate([centre - box[kept, :2] * stride, centre + box[kept, 2:] * stride], axis=1)
            five = centre[:, None] + points[kept].reshape(-1, 5, 2) * stride
            found += _detections(boxes / scale, score[kept, 0], five / scale, self.name)
        return list(nms_faces(found))

    def __call__(self, frame: Frame, min_score: float) -> tuple[Detection, ...]:
        return tiled_inference(frame, lambda rgb: self.detect_once(rgb, min_score), _SCRFD_PLAN)


class CenterFace:
    """CenterFace with five points (Xu et al. 2019): the middle of a face is a peak of a heat map."""

    name = "centerface"

    def __init__(self, path: Path) -> None:
        try:
            self._size = (-1, -1)
            self._onnx = np.frombuffer(path.read_bytes(), np.uint8)
            self._network(0, 0)
        except (OSError, cv2.error) as problem:
            raise _unreadable(path, self.name, problem) from None

    def detect_once(self, rgb: np.ndarray, min_score: float) -> list[Detection]:
        """Faces of (H, W, 3) uint8 RGB; boxes in its pixels."""
        below, right = -rgb.shape[0] % 32, -rgb.shape[1] % 32
        picture = cv2.copyMakeBorder(rgb, 0, below, 0, right, cv2.BORDER_CONSTANT)
        network = self._network(*picture.shape[:2])
        network.setInput(_planes(picture.astype(np.float32)))
        answers = network.forward(network.getUnconnectedOutLayersNames())
        heat, log_size, offset, points = (answer[0] for answer in answers)
        y, x = np.nonzero(heat[0] >= min_score)
        size = 4 * np.exp(log_size[:, y, x])  # height, width
        middle = 4 * np.stack([x + offset[1, y, x] + 0.5, y + offset[0, y, x] + 0.5], axis=1)
        corner = middle - size[::-1].T / 2
        boxes = np.concatenate([corner, corner + size[::-1].T], axis=1)
        # y before x, in sides of the face
        five = points[:, y, x].reshape(5, 2, -1).transpose(2, 0, 1)[..., ::-1] * size[::-1].T[:, None]
        found = _detections(boxes, heat[0, y, x], corner[:, None] + five, self.name)
        return list(nms_faces(found))

    def _network(self, height: int, width: int) -> cv2.dnn.Net:
        """One for each size: OpenCV's answers otherwise once it has seen a picture of another one."""
        if (height, width) != self._size:
            self._size = height, width
            self._read = cv2.dnn.readNetFromONNX(self._onnx)
        return self._read

    def __call__(self, frame: Frame, min_score: float) -> tuple[Detection, ...]:
        return tiled_inference(frame, lambda rgb: self.detect_once(rgb, min_score))


@dataclass(frozen=True, slots=True)
class _OfApp:
    """YuNet as the app asks it."""

    detector: YuNetDetector

    def __call__(self, frame: Frame, min_score: float) -> tuple[Detection, ...]:
        return self.detector.detect(frame, min_score)


@dataclass(frozen=True, slots=True)
class _Stretched:
    """UltraFace, which takes pictures of one shape."""

    detector: UltraFace

    def __call__(self, frame: Frame, min_score: float) -> tuple[Detection, ...]:
        return tiled_inference(frame, lambda rgb: self.detector.detect_once(rgb, min_score))


TEACHERS: Mapping[str, Callable[[Path], Teacher]] = {
    "scrfd": Scrfd,
    "centerface": CenterFace,
    "yunet": lambda path: _OfApp(YuNetDetector(find_yunet(path))),
    "ultraface": lambda path: _Stretched(UltraFace(path)),
}
"""By the name that `training.detection.teach` knows them by; each raises `DetectorError` for a bad file."""


def _planes(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None])


def _detections(boxes: np.ndarray, scores: np.ndarray, points: np.ndarray, name: str) -> list[Detection]:
    return [
        Detection((x1, y1, x2, y2), score, name, tuple((x, y) for x, y in five))
        for (x1, y1, x2, y2), score, five in zip(
            boxes.tolist(), scores.tolist(), points.tolist(), strict=True
        )
    ]


def _session(path: Path, name: str):  # type: ignore[no-untyped-def]  # ONNX Runtime has no types
    try:
        return session(path.read_bytes())
    except Exception as problem:  # ONNX Runtime has an exception class for each kind of bad file
        raise _unreadable(path, name, problem) from None


def _unreadable(path: Path, name: str, problem: Exception) -> DetectorError:
    return DetectorError(f"{path}: cannot be read as {name}: {problem}.")
