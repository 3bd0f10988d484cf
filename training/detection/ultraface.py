"""UltraFace through ONNX Runtime (Linzaer, "Ultra-Light-Fast-Generic-Face-Detector-1MB", 2019; MIT licence).

For pseudo-labels and as a rival to measure against. Its weights are the user's to fetch; no page offers it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from core.detection import nms_faces
from core.errors import DetectorError
from core.models import session
from core.results import Detection


class UltraFace:
    """Answers one picture at one size: the one that its file was made for. For one thread at a time."""

    name = "ultraface"

    def __init__(self, path: Path) -> None:
        try:
            self._session = session(path.read_bytes())
        except Exception as problem:  # ONNX Runtime has an exception class for each kind of bad file
            raise DetectorError(f"{path}: cannot be read as UltraFace: {problem}.") from None
        self._input = self._session.get_inputs()[0].name
        self._height, self._width = self._session.get_inputs()[0].shape[2:]

    def detect_once(self, rgb: np.ndarray, min_score: float) -> list[Detection]:
        """Faces of (H, W, 3) uint8 RGB, stretched to the network's input; boxes in pixels of the picture."""
        height, width = rgb.shape[:2]
        picture = cv2.resize(rgb, (self._width, self._height)).astype(np.float32)
        scores, boxes = self._session.run(
            None, {self._input: ((picture - 127) / 128).transpose(2, 0, 1)[None]}
        )
        score = scores[0, :, 1:].max(axis=1)
        kept = score >= min_score
        found = [
            Detection((x1, y1, x2, y2), s, self.name)
            for (x1, y1, x2, y2), s in zip(
                (boxes[0][kept] * (width, height, width, height)).tolist(), score[kept].tolist(), strict=True
            )
        ]
        return list(nms_faces(found))
