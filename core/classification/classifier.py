"""What the classifier says of faces: one batched call, calibrated."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from core.decision import OperatingPoint
from core.errors import ModelError, RecordError
from core.images import to_batch
from core.labels import DEPICTION, NOT_A_FACE, ClassSet, appearance
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


@dataclass(frozen=True, slots=True, eq=False)
class FaceProbabilities:
    """What the classifier says of N faces, calibrated.

    labels      (N, L) in label order, of a face that is one: they add up to 1
    not_a_face  (N,) that it only looked like a face; 0 where the network does not tell
    depiction   (N,) that it is a drawing, toy, doll, statue or printed picture; 0 the same way
    subtypes    (N, S) of how it is worn wrongly, given that it is; S is 0 where the network does not tell
    """

    labels: np.ndarray
    not_a_face: np.ndarray
    depiction: np.ndarray
    subtypes: np.ndarray

    def surer(self, twice: Sequence[int]) -> FaceProbabilities:
        """Without the last rows, which are of these faces in another crop, and stand for them where surer."""
        n = len(self) - len(twice)
        sure = sureness(self.labels, self.not_a_face)
        rows = np.arange(n)
        for again, face in enumerate(twice, n):
            if sure[again] > sure[face]:
                rows[face] = again
        return FaceProbabilities(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.labels)


def sureness(labels: np.ndarray, not_a_face: np.ndarray) -> np.ndarray:
    """(N,) natural logarithm, 0 and less, of how sure it is that it is a face, and of the best label.

    `labels` and `not_a_face` as in `FaceProbabilities`.
    """
    best = np.max(labels, axis=1, initial=0.0)
    return np.asarray(np.log(np.clip(best * (1 - not_a_face), 1e-6, 1.0)))


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

    def predict(self, crops: Sequence[np.ndarray]) -> FaceProbabilities:
        """What is said of N crops (H, W, 3) uint8 RGB.

        Raises `ModelError` when the network answers with what is not a number, or not one for each class.
        """
        classes = self.card.class_set
        parts = []
        for i in range(0, len(crops), MAX_BATCH):
            with LIVE_FIRST.step():
                parts.append(self.engine.run(to_batch(crops[i : i + MAX_BATCH], self.card.input_size)))
        if not parts:
            return face_probabilities(np.empty((0, len(classes)), np.float32), classes)
        answers = np.concatenate(parts)
        if answers.shape[1:] != (len(classes),):
            raise ModelError(
                f"Model {self.card.name!r} answers {answers.shape[1:]} numbers a face, its card speaks of "
                f"{len(classes)} classes. Export it again."
            )
        if not np.isfinite(answers).all():
            raise ModelError(
                f"Model {self.card.name!r} answers with what is not a number. Train or export it again."
            )
        return face_probabilities(answers, classes, self.card.temperature)


def face_probabilities(
    probabilities: np.ndarray, classes: ClassSet, temperature: float = 1.0
) -> FaceProbabilities:
    """Calibrate (N, C) softmax probabilities over all classes, then sum them up to labels."""
    groups, subtypes = classes.group_table(), classes.subtype_table()
    scaled = calibrated(probabilities, temperature)
    reserved = {
        name: scaled[:, groups[:, classes.groups.index(name)]].sum(axis=1) for name in classes.reserved
    }
    nothing = np.zeros(len(scaled), np.float32)
    of_label = groups[:, : len(classes.labels)]
    is_face = of_label.any(axis=1)
    # Anew for the classes that count, since their sum may be too small to divide by
    labels = calibrated(probabilities[:, is_face], temperature) @ of_label[is_face]
    wrongly = of_label[:, [appearance(label).worn == "wrongly" for label in classes.labels]].any(axis=1)
    given_wrongly = np.zeros((len(scaled), subtypes.shape[1]))
    if subtypes.any():
        given_wrongly = calibrated(probabilities[:, wrongly], temperature) @ subtypes[wrongly]
    return FaceProbabilities(
        labels=np.asarray(labels, np.float32),
        not_a_face=np.asarray(reserved.get(NOT_A_FACE, nothing), np.float32),
        depiction=np.asarray(reserved.get(DEPICTION, nothing), np.float32),
        subtypes=np.asarray(given_wrongly, np.float32),
    )


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Temperature scaling (Guo et al., 2017) of (N, C) softmax probabilities; order of classes is kept."""
    logits = np.log(np.clip(probabilities.astype(np.float64), 1e-12, 1)) / temperature
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


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
            f"No model named {name!r}. Installed: {known}. More of them: python -m core models."
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
