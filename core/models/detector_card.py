"""The card of a detector's weights: what they are, from which score a detection counts, what they find.

models/<name>/detector.json      beside the weights it names
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.models.card import Threshold
from core.models.network_card import NetworkCard
from core.records import (
    MAX_ROWS,
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


class DetectorCard(NetworkCard):
    """See the module. `min_score` holds two operating points of one set of weights, with their reasons."""

    min_score: dict[Way, Threshold]
    trained_by: PlainName
    test: Annotated[tuple[DetectionScore, ...], Field(max_length=MAX_ROWS)]

    @model_validator(mode="after")
    def _consistent(self) -> DetectorCard:
        for way in WAYS:
            if way not in self.min_score:
                raise ValueError(f"min_score.{way} is missing")
            if not 0 < self.min_score[way].value < 1:
                raise ValueError(f"min_score.{way} must be a score between 0 and 1")
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
