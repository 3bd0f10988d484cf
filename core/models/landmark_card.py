"""The card of the network that finds five points in a face: what it is, how well they follow a head.

models/<name>/landmarks.json      beside the weights it names
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from core.models.data_bill import DataBill, Use, require_use
from core.models.weights import Weights
from core.records import (
    MAX_ROWS,
    LongText,
    NonNegativeInt,
    PlainName,
    Record,
    Text,
    read_record,
    write_json,
)

LANDMARK_CARD_FILE = "landmarks.json"  # not card.json, which makes a folder a classifier's
Degrees = Annotated[float, Field(ge=0, le=180)]


def _correlation_or_nan(value: float) -> float:
    if not (math.isnan(value) or -1 <= value <= 1):
        raise ValueError("give a correlation from -1 to 1, or NaN where all faces are turned alike")
    return value


Correlation = Annotated[float, AfterValidator(_correlation_or_nan)]


class LandmarkScore(Record):
    """How far points of `n` faces of one source were from a teacher's, each face seen at several turns.

    `roll_error` and `roll_error_of_nine_in_ten` are degrees: the median, and what nine in ten do not exceed.
    `yaw_correlation` is that of the yaw that follows from the points with the teacher's.
    """

    source: Text
    n: NonNegativeInt
    roll_error: Degrees
    roll_error_of_nine_in_ten: Degrees
    yaw_correlation: Correlation


class LandmarkCard(Record):
    """See the module. The network sees a square of `crop_scale` times a face's longer side, of `input_size`
    pixels. `use` and `data` as in `ModelCard`.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    name: PlainName
    summary: Text
    architecture: Text
    parameters: NonNegativeInt
    weights: Annotated[dict[Literal["onnx", "keras"], Weights], Field(min_length=1)]
    input_size: Annotated[int, Field(ge=16, le=512)]
    input_range: tuple[float, float] = (0, 255)
    channel_order: Literal["rgb"] = "rgb"
    crop_scale: Annotated[float, Field(ge=1, le=3)]
    intended_use: LongText
    limits: Annotated[tuple[LongText, ...], Field(max_length=MAX_ROWS)]
    licence: Text
    licence_notes: Annotated[tuple[LongText, ...], Field(max_length=MAX_ROWS)]
    test: Annotated[tuple[LandmarkScore, ...], Field(max_length=MAX_ROWS)]
    use: Use = "research"
    data: DataBill = ()

    @model_validator(mode="after")
    def _consistent(self) -> LandmarkCard:
        if self.input_range != (0, 255):
            raise ValueError("input_range must be 0 to 255: the graph rescales by itself")
        require_use(self.use, self.data)
        return self


def read_landmark_card(folder: Path) -> LandmarkCard:
    """The card in the network's folder. Raises `RecordError` when it is absent or broken."""
    return read_record(folder / LANDMARK_CARD_FILE, LandmarkCard)


def write_landmark_card(folder: Path, card: LandmarkCard) -> None:
    """Write it into the network's folder, which is made where it is not there. Raises `OSError`."""
    write_json(folder / LANDMARK_CARD_FILE, card)
