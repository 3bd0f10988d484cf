"""The card of a detector's weights: what they are, from which score a detection counts, what they find.

models/<name>/detector.json      beside the weights it names
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.models.card import Threshold
from core.models.data_bill import DataBill, Use, require_use
from core.models.weights import Weights
from core.records import (
    MAX_ROWS,
    LongText,
    NonNegativeInt,
    PlainName,
    Proportion,
    Record,
    Text,
    read_record,
    require_at_most,
    write_json,
)

DETECTOR_CARD_FILE = "detector.json"  # not card.json, which makes a folder a classifier's
Way = Literal["photo", "live"]
"""How a picture is searched: in tiles, for all its detail, or in coarse passes since the next comes soon."""
WAYS: tuple[Way, ...] = ("photo", "live")


class DetectionScore(Record):
    """What was found in one source's pictures one way: of `n` labelled faces `found`, and `false` detections.

    These are counted at the operating point of that way; `ap50` is over all scores.
    """

    way: Way
    source: Text
    pictures: NonNegativeInt
    n: NonNegativeInt
    found: NonNegativeInt
    false: NonNegativeInt
    ap50: Proportion

    @model_validator(mode="after")
    def _consistent(self) -> DetectionScore:
        require_at_most("found", self.found, self.n)
        return self


class DetectorCard(Record):
    """See the module. `min_score` holds two operating points of one set of weights, with their reasons.

    `use` and `data` as in `ModelCard`.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    name: PlainName
    summary: Text
    architecture: Text
    parameters: NonNegativeInt
    weights: Annotated[dict[Literal["onnx", "keras"], Weights], Field(min_length=1)]
    input_range: tuple[float, float] = (0, 255)
    channel_order: Literal["rgb"] = "rgb"
    min_score: dict[Way, Threshold]
    intended_use: LongText
    limits: Annotated[tuple[LongText, ...], Field(max_length=MAX_ROWS)]
    licence: Text
    licence_notes: Annotated[tuple[LongText, ...], Field(max_length=MAX_ROWS)]
    trained_by: PlainName
    test: Annotated[tuple[DetectionScore, ...], Field(max_length=MAX_ROWS)]
    use: Use = "research"
    data: DataBill = ()

    @model_validator(mode="after")
    def _consistent(self) -> DetectorCard:
        if self.input_range != (0, 255):
            raise ValueError("input_range must be 0 to 255: the graph rescales by itself")
        for way in WAYS:
            if way not in self.min_score:
                raise ValueError(f"min_score.{way} is missing")
            if not 0 < self.min_score[way].value < 1:
                raise ValueError(f"min_score.{way} must be a score between 0 and 1")
        require_use(self.use, self.data)
        if len({(score.way, score.source) for score in self.test}) < len(self.test):
            raise ValueError("test names a way and source twice")
        return self

    @property
    def input_size(self) -> None:
        """Pictures of any size, see `face_fpn.Network` and `WeightsCard`."""
        return None


def read_detector_card(folder: Path) -> DetectorCard:
    """The card in a detector's folder. Raises `RecordError` when it is absent or broken."""
    return read_record(folder / DETECTOR_CARD_FILE, DetectorCard)


def write_detector_card(folder: Path, card: DetectorCard) -> None:
    """Write it into a detector's folder, which is made where it is not there. Raises `OSError`."""
    write_json(folder / DETECTOR_CARD_FILE, card)
