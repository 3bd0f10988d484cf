"""The best picture of each person, chosen while the film goes by: afterwards its pictures are gone."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.drawing import blur_faces
from core.images import crop_face, shrunk, to_jpeg
from core.results import Box, FaceResult, Frame

SIDE = 160  # pixels of a face picture
SCALE = 1.5  # of the box: hair and chin are seen
MOST_PEOPLE = 3000  # of whom a picture is kept: some 20 MB
_BETTER = 1.1  # times as good before a picture is made anew
_LARGE = 96  # pixels: larger faces look no better at SIDE


@dataclass(frozen=True, slots=True)
class BestFace:
    """`at` seconds of the film; `jpeg` shows the face with what is around it."""

    at: float
    face: FaceResult
    jpeg: bytes
    score: float

    def blurred(self) -> bytes:
        """The picture, nobody in it to be recognised."""
        with Image.open(io.BytesIO(self.jpeg)) as picture:
            rgb = np.array(picture)
        side = len(rgb)
        edge = side * (1 - 1 / SCALE) / 2
        box: Box = (edge, edge, side - edge, side - edge)
        return to_jpeg(blur_faces(rgb, [box]))


class BestFaces:
    """By person and by answer, since which of them is the person's is known at the end only."""

    def __init__(self) -> None:
        self._best: dict[int, dict[str, BestFace]] = {}

    def look(self, frame: Frame, at: float, face: FaceResult, sharpness: float) -> None:
        """Keep the face if it is better than those before of the same person and answer."""
        track_id = face.track_id or 0
        if track_id not in self._best and len(self._best) >= MOST_PEOPLE:
            return
        mine = self._best.setdefault(track_id, {})
        size = min(face.detection.side, _LARGE) / _LARGE
        score = size * min(math.sqrt(max(sharpness, 0.01)), 1.0) * face.detection.visible
        score *= 0.5 + face.prediction.margin / 2
        before = mine.get(face.answer)
        if before is None or score > before.score * _BETTER:
            crop = shrunk(crop_face(frame, face.detection.box, SCALE), SIDE)
            mine[face.answer] = BestFace(at, face, to_jpeg(crop), score)

    def of(self, track_id: int, answer: str) -> BestFace | None:
        """The best one that shows the person with that answer, else with any."""
        mine = self._best.get(track_id, {})
        return mine.get(answer) or max(mine.values(), key=lambda best: best.score, default=None)

    def settle(self, track_id: int, answer: str) -> None:
        """Keep one picture of a person who has gone."""
        if best := self.of(track_id, answer):
            self._best[track_id] = {best.face.answer: best}
