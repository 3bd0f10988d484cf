"""Finding faces: one protocol, several detectors, and the word why one is not offered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.detection import face_fpn
from core.detection.haar import HaarDetector, find_cascade
from core.detection.yunet import NotFetchedError, YuNetDetector, find_yunet
from core.errors import DetectorError
from core.models import DETECTOR_CARD_FILE, default_detector, folders, require_default_detector
from core.results import Detection, Frame


class FaceDetector(Protocol):
    """Finds the faces of a frame. Safe to share between threads.

    `operating_point` is the score from which a detection counts as a face, measured for this detector;
    `live_operating_point` is that of video, see `detect`.
    """

    name: str
    operating_point: float
    live_operating_point: float

    def detect(
        self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None
    ) -> tuple[Detection, ...]:
        """Faces with at least `min_score` (default: the operating point), best first, inside the frame.

        `longest_side` is for video, where the next frame comes soon: a single pass over the picture, shrunk
        to at most so many pixels, and coarser ones where the detector needs them. Fast, blind to tiny faces.
        """
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A detector by name, what it is, and why it cannot be had here (None when it can)."""

    name: str
    summary: str
    unavailable: str | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """`check` raises `DetectorError` when it is not on this machine, and loads nothing."""

    summary: str
    check: Callable[[Path | None], object]
    load: Callable[[Path | None], FaceDetector]


def _own(name: str) -> _Kind:
    return _Kind(
        "Our detector. Best for masked and small faces",
        lambda _: face_fpn.installed_card(name),
        lambda _: face_fpn.load(name),
    )


# In order of preference: the first that is at hand or can be fetched is the default.
_KINDS = {name: _own(name) for name in face_fpn.NAMES} | {
    "yunet": _Kind(
        "OpenCV's: finds most faces",
        lambda path: find_yunet(path, fetch=False),
        lambda path: YuNetDetector(find_yunet(path)),
    ),
    "haar": _Kind(
        "OpenCV's cascade of 2001: misses most masked and small faces",
        lambda _: find_cascade(),
        lambda _: HaarDetector(),
    ),
}
DETECTOR_NAMES = tuple(_KINDS)


def _in_order() -> dict[str, _Kind]:
    """Those to choose among: first our own with the weights asked for; with others only if installed."""
    default, installed = default_detector(), folders(DETECTOR_CARD_FILE)
    some = {k: v for k, v in _KINDS.items() if k == default or k not in face_fpn.NAMES or k in installed}
    return dict(sorted(some.items(), key=lambda item: item[0] != default))


def load_detector(name: str | None = None, *, yunet_path: Path | None = None) -> FaceDetector:
    """A detector by name, or the first in order of preference that loads. Raises `DetectorError`.

    What must be fetched is fetched only when asked for by name, or where nothing better is at hand. Raises
    `SettingsError`, too, where `MASKWISE_WEIGHTS` asks for weights that are not installed.
    """
    if name is not None:
        if name not in _KINDS:
            raise DetectorError(f"Unknown detector {name!r}. Choose one of: {', '.join(_KINDS)}.")
        return _KINDS[name].load(yunet_path)
    require_default_detector()
    problems = []
    for kind in _in_order().values():
        try:
            return kind.load(yunet_path)
        except DetectorError as problem:
            problems.append(str(problem))
    raise DetectorError(" ".join(problems))


def offers(*, yunet_path: Path | None = None) -> tuple[Offer, ...]:
    """Every detector: those at hand first, the first being the default, and those not to be had last.

    Loads none, and fetches one only where nothing better is at hand.
    """
    at_hand: list[Offer] = []
    to_fetch: list[Offer] = []
    missing: list[Offer] = []
    for name, kind in _in_order().items():
        try:
            try:
                kind.check(yunet_path)
            except NotFetchedError as problem:
                if at_hand:
                    to_fetch.append(Offer(name, f"{kind.summary}. {problem}", None))
                    continue
                kind.load(yunet_path)
            at_hand.append(Offer(name, kind.summary, None))
        except DetectorError as problem:
            missing.append(Offer(name, kind.summary, str(problem)))
    return (*at_hand, *to_fetch, *missing)
