"""The model card: everything weights need to be used rightly, and how far to trust them.

models/<name>/card.json      beside the weights it names
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import FailFast, Field, model_validator

from core.errors import ModelError
from core.files.plain import open_plain, read_at_most
from core.labels import LabelSet
from core.records.store import Record, read_record, write_json

CARD_FILE = "card.json"
Count = Annotated[int, Field(ge=0, le=10**12)]  # a bound, so that sums and shares stay numbers
MAX_WEIGHTS_BYTES = 2**29  # the largest here, of a ResNet50, are a fifth
PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
Prose = Annotated[str, Field(max_length=8_000)]  # characters: 64 labels of 100 fit into a sentence
MAX_NOTES, MAX_SCORES = 100, 10_000
Notes = Annotated[tuple[Prose, ...], Field(max_length=MAX_NOTES)]
PlainName = Annotated[str, Field(pattern=PLAIN_NAME)]


# No control or direction character: labels go into screens, spoken words, XML and CSV
LabelName = Annotated[
    str,
    Field(
        max_length=100, pattern=r"^[^\x00-\x1F\x7F-\x9F\x{200E}\x{200F}\x{2028}-\x{202E}\x{2066}-\x{2069}]*$"
    ),
]


class Labels(Record):
    """Label set by name and order: index == output unit."""

    set: LabelName
    names: Annotated[tuple[LabelName, ...], Field(max_length=64)]

    def as_label_set(self) -> LabelSet:
        return LabelSet(self.set, self.names)


class Weights(Record):
    """A weights file beside the card. A plain name: it cannot point out of the card's folder."""

    file: PlainName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class WeightsCard(Protocol):
    """What any card says of its weights. `input_size`: pixels of the square input, None for any size."""

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> Mapping[Literal["onnx", "keras"], Weights]: ...

    @property
    def input_size(self) -> int | None: ...


class Threshold(Record):
    """A number that decides, and why it is that number."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    reason: Prose


class QualityThresholds(Record):
    """When a face cannot be judged. Quantities are those of `core.classification.quality.measure`."""

    min_face_px: Threshold
    min_sharpness: Threshold
    min_brightness: Threshold
    max_turn: Threshold
    min_visible: Threshold
    min_margin: Threshold


class LabelScore(Record):
    """How the test faces of one source and one true label were named."""

    source: Prose
    label: Prose
    n: Count
    predicted: Annotated[dict[Prose, Count], Field(max_length=MAX_NOTES)]
    recall: float
    interval: tuple[float, float]


class ModelCard(Record):
    """See the module. `input_range` is what the exported graph is fed; it rescales by itself.

    `warning` is shown where the model is chosen, empty for most.
    """

    schema_version: Literal[1] = Field(alias="schema")
    name: PlainName
    summary: Prose
    architecture: Prose
    parameters: Count
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

    @model_validator(mode="after")
    def _consistent(self) -> ModelCard:
        if not 0 <= self.quality.min_margin.value <= 1:
            raise ValueError("quality.min_margin must be between 0 and 1, a lead of one share over another")
        known = set(self.labels.as_label_set())
        for score in self.test:
            if score.label not in known or not set(score.predicted) <= known:
                raise ValueError(f"test score of {score.source}/{score.label} names labels outside the set")
            if sum(score.predicted.values()) != score.n:
                raise ValueError(f"test score of {score.source}/{score.label} does not add up to n={score.n}")
        return self

    @property
    def label_set(self) -> LabelSet:
        return self.labels.as_label_set()


def read_card(folder: Path) -> ModelCard:
    """The card in a model's folder. Raises `RecordError` when it is absent or broken."""
    return read_record(folder / CARD_FILE, ModelCard)


def write_card(folder: Path, card: ModelCard) -> None:
    write_json(folder / CARD_FILE, card)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_weights(folder: Path, card: WeightsCard, engine: Literal["onnx", "keras"]) -> bytes:
    """The weights for an engine, as their sha256 says they are. Raises `ModelError`."""
    if engine not in card.weights:
        raise ModelError(
            f"Model {card.name!r} has no weights for {engine}. Export it: python -m training.export."
        )
    weights = card.weights[engine]
    path = folder / weights.file
    try:
        with open_plain(path, inside=folder) as file:
            content = read_at_most(file, MAX_WEIGHTS_BYTES)
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing. Restore it from the repository: git checkout -- {folder.name}."
        ) from None
    except OSError as problem:
        raise ModelError(
            f"{path}: cannot be read ({problem.strerror}). Put the weights themselves there."
        ) from None
    if content is None:
        raise ModelError(f"{path} is more than the {MAX_WEIGHTS_BYTES:,} bytes allowed. It is not read.")
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        raise ModelError(
            f"{path} is not the file that its card names (sha256 differs), so it is not loaded. "
            "Restore it, or train the model again."
        )
    return content
