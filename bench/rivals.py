"""The detectors to measure against each other, each in every way that it can be asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.detection import FaceDetector, face_fpn, fit_inside, load_detector
from core.errors import MaskwiseError
from core.images import scaled
from core.results import Detection, Frame
from training.detection import UltraFace

WHOLE_CURVE = 0.05  # scores below this add false faces to the curve and time to it, but no area
PHOTO = "photo"  # the way of the photo page: all of its passes
NAMES = ("yunet", "ultraface", "haar", face_fpn.NAME)
LIVE_SIDES = (640, 320)  # pixels: what the live page asks for first, and where a machine cannot follow
ULTRAFACE_SCORE = 0.7  # its authors' own
MOST_PIXELS = 4e6  # of one pass: YuNet needs some 60 bytes for each pixel that it sees

Find = Callable[[Frame, float], tuple[Detection, ...]]


@dataclass(frozen=True, slots=True)
class Rival:
    """A detector asked in one way. `find` takes a frame and the least score; boxes are inside the frame."""

    detector: str
    way: str
    operating_point: float
    find: Find
    most_pixels: float = math.inf

    def __str__(self) -> str:
        return f"{self.detector}, {self.way}"


def rivals(names: Iterable[str] | None = None, *, ultraface: Path | None = None) -> list[Rival]:
    """Those of `NAMES` that are at hand; of each other one it is printed why it is left out.

    `ultraface` is the ONNX file of UltraFace.
    """
    found: list[Rival] = []
    for name in names or NAMES:
        try:
            found += _asked(name, ultraface)
        except (MaskwiseError, OSError) as problem:
            print(f"{name} is left out: {problem}")
    return found


def _asked(name: str, ultraface: Path | None) -> Iterator[Rival]:
    if name == "ultraface":
        if ultraface is None:
            raise FileNotFoundError("its weights are given by --ultraface ONNX.")
        yield Rival(name, "single pass, 640 x 480", ULTRAFACE_SCORE, stretched(UltraFace(ultraface)))
        return
    detector = load_detector(name)
    if name == "yunet":
        yield Rival(name, "single pass", detector.operating_point, enlarged(detector, 1), MOST_PIXELS)
        yield Rival(name, "single pass, x2", detector.operating_point, enlarged(detector, 2), MOST_PIXELS / 4)
    yield Rival(name, PHOTO, detector.operating_point, detector.detect)
    if name in face_fpn.NAMES:
        for side in LIVE_SIDES:
            yield Rival(name, f"live, {side}", detector.live_operating_point, shrunk(detector, side))


def enlarged(detector: FaceDetector, times: float) -> Find:
    """One pass over the whole picture, `times` as large: the detector alone, without tiled inference."""

    def find(frame: Frame, min_score: float) -> tuple[Detection, ...]:
        larger = Frame(scaled(frame.rgb, times))
        found = detector.detect(larger, min_score, longest_side=max(larger.width, larger.height))
        return _inside(found, frame, 1 / times)

    return find


def shrunk(detector: FaceDetector, longest_side: int) -> Find:
    """As video is analysed."""
    return lambda frame, min_score: detector.detect(frame, min_score, longest_side=longest_side)


def stretched(ultraface: UltraFace) -> Find:
    """One pass of a network that has one input size."""
    return lambda frame, min_score: _inside(ultraface.detect_once(frame.rgb, min_score), frame, 1)


def _inside(found: Iterable[Detection], frame: Frame, scale: float) -> tuple[Detection, ...]:
    return tuple(kept for seen in found if (kept := fit_inside(seen, frame, scale)))
