"""OpenCV's own frontal-face cascade (Viola and Jones, 2001), shipped with OpenCV 4: nothing to fetch.

It finds bare frontal faces, so it misses most masked ones. It answers where nothing better is at hand.
"""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np

from core.detection.tiling import fit_inside
from core.errors import DetectorError
from core.images import scaled
from core.results import Detection, Frame

CASCADE = "haarcascade_frontalface_alt2.xml"
_LONGEST_SIDE = 1600  # a cascade slides over every scale already; beyond this it only costs time
_SMALLEST_FACE = 20  # the window it was trained on, pixels


def find_cascade() -> Path:
    """Path of the cascade's file. Raises `DetectorError` where this OpenCV has none."""
    if not hasattr(cv2, "CascadeClassifier"):
        raise DetectorError(
            "Haar is not offered: OpenCV 5 has no cascades. Install opencv-python-headless<5."
        )
    path = Path(cv2.__file__).parent / "data" / CASCADE
    if not path.is_file():
        raise DetectorError(f"Haar is not offered: this OpenCV does not ship {CASCADE}.")
    return path


class HaarDetector:
    """See `core.detection.registry.FaceDetector`. A cascade is not safe in two threads, hence the lock."""

    name = "haar"
    operating_point = 0.45  # 10 votes of neighbours make .5; below, textures without a face pass too

    live_operating_point = operating_point

    def __init__(self) -> None:
        self._cascade = cv2.CascadeClassifier(str(find_cascade()))
        if self._cascade.empty():
            raise DetectorError(f"Haar is not offered: this OpenCV cannot read its own {CASCADE}.")
        self._lock = threading.Lock()

    def detect(
        self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None
    ) -> tuple[Detection, ...]:
        least = self.operating_point if min_score is None else min_score
        longest = max(frame.width, frame.height)
        if longest_side is None:
            scale, step = min(2.0, _LONGEST_SIDE / longest), 1.1
        else:
            scale, step = min(1.0, longest_side / longest), 1.2
        grey = cv2.equalizeHist(cv2.cvtColor(scaled(frame.rgb, scale), cv2.COLOR_RGB2GRAY))
        if min(grey.shape) < _SMALLEST_FACE:
            return ()
        with self._lock:
            boxes, neighbours = self._cascade.detectMultiScale2(
                grey,
                scaleFactor=step,
                minNeighbors=1,
                minSize=(_SMALLEST_FACE, _SMALLEST_FACE),
            )
        found = [
            fit_inside(
                Detection((x, y, x + w, y + h), float(votes / (votes + 10)), self.name), frame, 1 / scale
            )
            for (x, y, w, h), votes in zip(np.array(boxes, float).reshape(-1, 4), neighbours, strict=True)
        ]
        return tuple(sorted((d for d in found if d is not None and d.score >= least), key=lambda d: -d.score))
