"""Finding faces: one protocol, several detectors, and the word why one is not offered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import DetectorError
from core.haar import HaarDetector
from core.results import Detection, Frame
from core.yunet import YuNetDetector, find_yunet


class FaceDetector(Protocol):
    """Finds the faces of a frame. Safe to share between threads.

    `operating_point` is the score from which a detection counts as a face, measured for this detector.
    """

    name: str
    operating_point: float

    def detect(
        self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None
    ) -> tuple[Detection, ...]:
        """Faces with at least `min_score` (default: the operating point), best first, inside the frame.

        `longest_side` is for video, where the next frame comes soon: one look at the picture, shrunk to at
        most so many pixels. At 640 it takes a fifth of the time and is blind to tiny faces.
        """
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A detector by name, and why it cannot be had here (None when it can)."""

    name: str
    summary: str
    unavailable: str | None


def _load_yunet(path: Path | None) -> FaceDetector:
    return YuNetDetector(find_yunet(path))


def _load_haar(path: Path | None) -> FaceDetector:
    return HaarDetector()


# In order of preference: the first that is available is the default.
_LOADERS: dict[str, tuple[str, Callable[[Path | None], FaceDetector]]] = {
    "yunet": ("finds small and masked faces, and their points", _load_yunet),
    "haar": ("always at hand; misses most masked and small faces", _load_haar),
}
DETECTOR_NAMES = tuple(_LOADERS)


def load_detector(name: str | None = None, *, yunet_path: Path | None = None) -> FaceDetector:
    """A detector by name, or the best one that is available. Raises `DetectorError` with the reason."""
    if name is not None and name not in _LOADERS:
        raise DetectorError(f"Unknown detector {name!r}. Choose one of: {', '.join(_LOADERS)}.")
    problems = []
    for candidate in [name] if name else _LOADERS:
        try:
            return _LOADERS[candidate][1](yunet_path)
        except DetectorError as problem:
            problems.append(str(problem))
    raise DetectorError(" ".join(problems))


def offers(*, yunet_path: Path | None = None) -> tuple[Offer, ...]:
    """Every detector with the reason it is unavailable, if it is. Loads each once to know."""
    found = []
    for name, (summary, load) in _LOADERS.items():
        try:
            load(yunet_path)
            found.append(Offer(name, summary, None))
        except DetectorError as problem:
            found.append(Offer(name, summary, str(problem)))
    return tuple(found)
