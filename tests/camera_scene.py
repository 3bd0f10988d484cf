"""A camera's scene that tests set, and a live session that sees it: fixtures for a `conftest.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

import numpy as np
import pytest

from core.classification.classifier import Classifier, FaceProbabilities, face_probabilities
from core.decision import OperatingPoint
from core.models import ModelCard
from core.models.installed import installed_models
from core.pipeline import Pipeline
from core.results import Box, Detection, Frame
from core.video.session import LiveSession
from core.video.session_settings import SessionSettings

MIDDLE: Box = (100.0, 60.0, 220.0, 180.0)


class Scene:
    """A detector and a classifier that see what the test says: `boxes`, and in each of them `label`."""

    name, operating_point, live_operating_point = "scene", 0.5, 0.5

    def __init__(self) -> None:
        card = installed_models()["mask3"]
        assert isinstance(card, ModelCard)
        plain = {"classes": None, "not_a_face_threshold": None, "depiction_threshold": None}
        self.card = card.model_copy(update=plain)
        self.boxes: list[Box] = [MIDDLE]
        self.label = "with_mask"
        self.on_detect: Callable[[], object] = lambda: None
        self.pipeline = Pipeline(self, cast(Classifier, self))

    def detect(
        self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None
    ) -> tuple[Detection, ...]:
        self.on_detect()
        return tuple(Detection(box, 0.9, self.name) for box in self.boxes)

    def predict(self, crops: Sequence[np.ndarray]) -> FaceProbabilities:
        sure = np.full(len(self.card.label_set), 0.01)
        sure[self.card.label_set.index(self.label)] = 0.98
        return face_probabilities(np.tile(sure, (len(crops), 1)), self.card.class_set)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def frame() -> Frame:
    """Noise, 320 x 240: neither dark nor blurred wherever a face is said to be."""
    return Frame(np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8))


@pytest.fixture
def viewer(scene: Scene) -> Iterator[LiveSession]:
    """A visitor whose camera is on and sees `scene`, without the mirror."""
    opened = LiveSession()
    opened.open("camera")
    opened.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), mirror=False))
    yield opened
    opened.close()
