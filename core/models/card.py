"""The model card: everything weights need to be used rightly, and how far to trust them.

models/<name>/card.json      beside the weights it names
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import FailFast, Field, model_validator

from core.errors import RecordError
from core.labels import DEPICTION, NOT_A_FACE, ClassSet, LabelSet
from core.models.data_bill import DataBill, Use, require_use
from core.models.weights import Weights
from core.records import LabelName, Labels, NonNegativeInt, PlainName, Record, read_record, write_json

CARD_FILE = "card.json"
Prose = Annotated[str, Field(max_length=8_000)]  # characters: 64 labels of 100 fit into a sentence
MAX_NOTES, MAX_SCORES, MAX_CLASSES = 100, 10_000, 64
REFUSED_FROM = 0.5  # probability from which a face is refused, where the card does not say
Notes = Annotated[tuple[Prose, ...], Field(max_length=MAX_NOTES)]


class Threshold(Record):
    """A number that decides, and why it is that number."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    reason: Prose


class QualityThresholds(Record):
    """When a face cannot be judged. Quantities are those of `core.classification.quality.measure`.

    `max_yaw` and `max_roll` are degrees to either side; without one, no face is refused for it. Cards of
    before say `max_turn`: the nose's way from midway between the eyes, in eye distances.
    """

    min_face_px: Threshold
    min_sharpness: Threshold
    min_brightness: Threshold
    min_visible: Threshold
    min_margin: Threshold
    max_yaw: Threshold | None = None
    max_roll: Threshold | None = None
    max_turn: Threshold | None = None

    @model_validator(mode="after")
    def _one_of(self) -> QualityThresholds:
        if self.max_yaw and self.max_turn:
            raise ValueError("max_turn is what cards of before say for max_yaw: give one of them")
        return self

    @property
    def given(self) -> dict[str, Threshold]:
        """Those that there are, by field."""
        return {name: threshold for name, threshold in self if threshold is not None}


class LabelScore(Record):
    """How the test faces of one source and one true label were named."""

    source: Prose
    label: Prose
    n: NonNegativeInt
    predicted: Annotated[dict[Prose, NonNegativeInt], Field(max_length=MAX_NOTES)]
    recall: float
    interval: tuple[float, float]


class ModelCard(Record):
    """See the module. `input_range` is what the exported graph is fed; it rescales by itself.

    `classes` are the network's outputs in order, None where these are the labels (`core.labels.ClassSet`).
    A face that is `not_a_face` with its threshold's probability is left out, one that is a `depiction` is
    not judged. `warning` is shown where the model is chosen, empty for most. `data` is what it learned from
    and `use` what that allows; cards from before there were such bills have none, and are for research.
    """

    schema_version: Literal[1] = Field(alias="schema")
    name: PlainName
    summary: Prose
    architecture: Prose
    parameters: NonNegativeInt
    labels: Labels
    weights: dict[Literal["onnx", "keras"], Weights]
    input_size: Annotated[int, Field(ge=16, le=1024)]
    input_range: tuple[float, float]
    channel_order: Literal["rgb"]
    crop_scale: Annotated[float, Field(ge=1, le=4)]
    temperature: Annotated[float, Field(gt=0)]
    quality: QualityThresholds
    intended_use: Prose
    limits: Notes
    licence: Prose
    licence_notes: Notes
    trained_by: PlainName
    test: Annotated[tuple[LabelScore, ...], Field(max_length=MAX_SCORES), FailFast()]
    warning: Prose = ""
    use: Use = "research"
    data: DataBill = ()
    classes: Annotated[tuple[LabelName, ...], Field(max_length=MAX_CLASSES)] | None = None
    not_a_face_threshold: Threshold | None = None
    depiction_threshold: Threshold | None = None

    @model_validator(mode="after")
    def _consistent(self) -> ModelCard:
        if not 0 <= self.quality.min_margin.value <= 1:
            raise ValueError("quality.min_margin must be between 0 and 1, a margin between two probabilities")
        require_use(self.use, self.data)
        try:
            reserved = self.class_set.reserved
        except RecordError as problem:
            raise ValueError(str(problem)) from None
        for name, threshold in self._thresholds.items():
            if threshold and (name not in reserved or not 0 < threshold.value <= 1):
                raise ValueError(
                    f"{name}_threshold must be above 0, at most 1, and {name} one of the classes"
                )
        known = set(self.labels.as_label_set())
        for score in self.test:
            if score.label not in known or not set(score.predicted) <= known:
                raise ValueError(f"test score of {score.source}/{score.label} names labels outside the set")
            if sum(score.predicted.values()) != score.n:
                raise ValueError(f"test score of {score.source}/{score.label} does not add up to n={score.n}")
        return self

    @property
    def label_set(self) -> LabelSet:
        """The labels in their order: that of the network's outputs, where `classes` are not finer."""
        return self.labels.as_label_set()

    @property
    def class_set(self) -> ClassSet:
        """What the network tells apart, in the order of its outputs."""
        return ClassSet(self.label_set, self.labels.names if self.classes is None else self.classes)

    @property
    def refused_from(self) -> dict[str, float]:
        """The probability from which a face is refused, by each of `core.labels.RESERVED`."""
        return {name: t.value if t else REFUSED_FROM for name, t in self._thresholds.items()}

    @property
    def _thresholds(self) -> dict[str, Threshold | None]:
        return {NOT_A_FACE: self.not_a_face_threshold, DEPICTION: self.depiction_threshold}


def read_card(folder: Path) -> ModelCard:
    """The card in a model's folder. Raises `RecordError` when it is absent or broken."""
    return read_record(folder / CARD_FILE, ModelCard)


def write_card(folder: Path, card: ModelCard) -> None:
    """Write it into a model's folder, which is made where it is not there. Raises `OSError`."""
    write_json(folder / CARD_FILE, card)
