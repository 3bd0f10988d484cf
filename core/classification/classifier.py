"""What the classifier says of faces: one batched call, calibrated."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from core.decision import OperatingPoint
from core.errors import ModelError, RecordError
from core.images import to_batch
from core.models import (
    Engine,
    ModelCard,
    default_model,
    folders,
    load_engine,
    operating_point_from_card,
    read_card,
    read_operating_point,
    require_default_model,
    why_not_offered,
)
from core.scheduling import LIVE_FIRST

log = logging.getLogger(__name__)

MAX_BATCH = 64  # faces a call: bounds memory in a crowd; one call for nearly every picture


class Classifier:
    """A network with its card and operating point, by default the card's. Safe to share between threads."""

    def __init__(
        self, card: ModelCard, engine: Engine, operating_point: OperatingPoint | None = None
    ) -> None:
        self.card = card
        self.engine = engine
        self.operating_point = operating_point or operating_point_from_card(card)

    def warm_up(self) -> None:
        """Pay for the first call before somebody waits for it."""
        size = self.card.input_size
        self.predict([np.zeros((size, size, 3), np.uint8)])

    def predict(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """(N, C) calibrated probabilities in label order, from N crops (H, W, 3) uint8 RGB.

        Raises `ModelError` when the network answers with what is not a number.
        """
        parts = []
        for i in range(0, len(crops), MAX_BATCH):
            with LIVE_FIRST.step():
                parts.append(self.engine.run(to_batch(crops[i : i + MAX_BATCH], self.card.input_size)))
        if not parts:
            return np.empty((0, len(self.card.label_set)), np.float32)
        answers = np.concatenate(parts)
        if not np.isfinite(answers).all():
            raise ModelError(
                f"Model {self.card.name!r} answers with what is not a number. Train or export it again."
            )
        return calibrated(answers, self.card.temperature)


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Temperature scaling (Guo et al., 2017) of (N, C) softmax probabilities; order of labels is kept."""
    logits = np.log(np.clip(probabilities.astype(np.float64), 1e-12, 1)) / temperature
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), np.float32)


def load_classifier(name: str | None = None, *, engine: str | None = None) -> Classifier:
    """A model by name, by default that of `MASKWISE_WEIGHTS`, at the user's operating point or its card's.

    It is warmed up. A user's operating point that cannot be used is logged. Raises `ModelError`,
    `RecordError` or `SettingsError`.
    """
    if name is None:
        require_default_model()
        name = default_model()
    try:
        folder = folders()[name]
    except KeyError:
        known = ", ".join(folders()) or "none"
        raise ModelError(
            f"No model named {name!r}. Installed: {known}. Train one: python -m training.train."
        ) from None
    card = read_card(folder)
    if problem := why_not_offered(name, card):
        raise ModelError(problem)
    try:
        point = read_operating_point(folder, card)
    except RecordError as problem:
        log.warning("%s The card's own is used.", problem)
        point = operating_point_from_card(card)
    classifier = Classifier(card, load_engine(folder, card, engine), point)
    classifier.warm_up()
    return classifier
