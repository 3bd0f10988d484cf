"""Five points of each face by a small network of its own, which follow a head however it is turned.

Our detectors' own points stay where eyes, nose and mouth usually are in a box: of heads turned by any angle
they say a roll of a few degrees. Trained by `training.landmarks.train`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.errors import DetectorError, ModelError, RecordError
from core.images import crop_face, to_batch
from core.models import (
    LANDMARK_CARD_FILE,
    Engine,
    LandmarkCard,
    folders,
    load_engine,
    read_landmark_card,
    why_not_offered,
)
from core.results import Detection, Frame

log = logging.getLogger(__name__)

LANDMARKS = "face_landmarks"  # the folder that its weights are installed in
_FACES_AT_ONCE = 64  # bounds what the network holds in one call


class LandmarkFinder:
    """Keeps nothing between calls, so needs no lock."""

    def __init__(self, card: LandmarkCard, engine: Engine) -> None:
        self.card = card
        self.engine = engine

    def locate(self, frame: Frame, detections: Sequence[Detection]) -> tuple[Detection, ...]:
        """The same faces with the five points that the network sees in them, whatever they had before.

        Raises `ModelError` when its answer is none.
        """
        parts = [
            self._points(frame, detections[i : i + _FACES_AT_ONCE])
            for i in range(0, len(detections), _FACES_AT_ONCE)
        ]
        five = np.concatenate(parts) if parts else np.empty((0, 5, 2))
        return tuple(
            replace(face, landmarks=tuple((x, y) for x, y in points.tolist()))
            for face, points in zip(detections, five, strict=True)
        )

    def _points(self, frame: Frame, detections: Sequence[Detection]) -> np.ndarray:
        """(N, 5, 2) pixels of the frame."""
        scale = self.card.crop_scale
        crops = [crop_face(frame, face.box, scale) for face in detections]
        answers = self.engine.run(to_batch(crops, self.card.input_size))
        if answers.shape != (len(crops), 10) or not np.isfinite(answers).all():
            raise ModelError(
                f"{self.card.name} answers {answers.shape} to {len(crops)} faces, not five points each. "
                "Train it again."
            )
        boxes = np.array([face.box for face in detections], float)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        side = scale * (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
        return np.asarray(middle[:, None] + answers.reshape(-1, 5, 2) * side[:, None, None])


def load_landmarks() -> LandmarkFinder | None:
    """The network that is installed, warmed up; None where none is, or none that `MASKWISE_WEIGHTS` allows.

    Raises `DetectorError` where it is broken, and `SettingsError`.
    """
    folder = folders(LANDMARK_CARD_FILE).get(LANDMARKS)
    if folder is None:
        log.info("%s is not installed: how heads are turned is what the detector says.", LANDMARKS)
        return None
    try:
        card = read_landmark_card(folder)
        if said := why_not_offered(LANDMARKS, card):
            log.info("%s", said)
            return None
        finder, side = LandmarkFinder(card, load_engine(folder, card)), card.input_size
        black = Frame(np.zeros((side, side, 3), np.uint8))
        finder.locate(black, [Detection((0, 0, side, side), 1.0, LANDMARKS)])
    except (ModelError, RecordError) as problem:
        raise DetectorError(f"{LANDMARKS} cannot be used: {problem}") from None
    return finder
